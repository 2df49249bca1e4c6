//! The real client: reqwest over rustls on ring.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use reqwest::header::{self, HeaderMap, HeaderName};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::guard::{self, NotPublic};
use super::{Asked, Fetch, FetchError, Get, Got, Limits, Reach, Validators, shown};

/// `rastau/<version>`; some servers of the National CA turn away clients that do not name themselves.
const USER_AGENT: &str = concat!("rastau/", env!("CARGO_PKG_VERSION"));

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The client itself.
    #[error("HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    /// A file of trust anchors that cannot be read.
    #[error("{path}: {problem}")]
    Roots {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// TLS itself.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// An HTTP client with limits; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    /// Asks wherever the operator says.
    open: reqwest::Client,
    /// Connects to the public internet only.
    guarded: reqwest::Client,
    has_roots: bool,
}

impl Client {
    /// Makes a client that trusts, for https, the anchors in these PEM files and no others; with no file, https is
    /// refused with [`FetchError::NoRoots`].
    ///
    /// # Errors
    ///
    /// [`ClientError`].
    pub fn new<P: AsRef<Path>>(roots: &[P], limits: Limits) -> Result<Self, ClientError> {
        let mut anchors = rustls::RootCertStore::empty();
        for file in roots {
            add_roots(&mut anchors, file.as_ref())?;
        }
        let has_roots = !anchors.is_empty();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(anchors)
            .with_no_client_auth();
        let open = builder(tls.clone(), limits).build()?;
        let guarded = builder(tls, limits).dns_resolver(guard::public_only()).build()?;
        Ok(Self { open, guarded, has_roots })
    }

    /// The client for a question, and its address read.
    fn admit(&self, question: &Get<'_>) -> Result<(&reqwest::Client, reqwest::Url), FetchError> {
        let scheme = || FetchError::Scheme(shown(question.url));
        let url = reqwest::Url::parse(question.url).map_err(|_| scheme())?;
        match url.scheme() {
            "http" => {}
            "https" if self.has_roots => {}
            "https" => return Err(FetchError::NoRoots),
            _ => return Err(scheme()),
        }
        match question.reach {
            Reach::Anywhere => Ok((&self.open, url)),
            // A numeric address is not resolved, so the resolver does not see it.
            Reach::Public if numeric(&url).is_some_and(|address| !guard::is_public(address)) => {
                Err(FetchError::NotPublic(shown(question.url)))
            }
            Reach::Public => Ok((&self.guarded, url)),
        }
    }

    async fn ask_once(&self, question: &Get<'_>) -> Result<Got, FetchError> {
        let (client, url) = self.admit(question)?;
        let limits = question.limits;
        let known = question.known.filter(|known| !known.is_empty());
        let mut request = client.get(url);
        for (name, value) in known.into_iter().flat_map(conditions) {
            request = request.header(name, value);
        }
        let head = tokio::time::timeout(limits.connect.saturating_add(limits.first_byte), request.send());
        let response = head.await.map_err(|_| FetchError::Timeout)?.map_err(|error| explain(&error, question))?;
        match response.status().as_u16() {
            200 => {}
            304 if known.is_some() => return Ok(Got::Unchanged),
            status => return Err(FetchError::Status(status)),
        }
        if is_encoded(response.headers()) {
            return Err(FetchError::Encoded);
        }
        let validators = validators(response.headers());
        let body = read_body(response, question).await?;
        Ok(Got::Body { body, validators })
    }
}

impl Fetch for Client {
    fn ask<'a>(&'a self, question: Get<'a>) -> Asked<'a> {
        Box::pin(async move {
            match tokio::time::timeout(question.limits.total, self.ask_once(&question)).await {
                Ok(result) => result,
                Err(_) => Err(FetchError::Timeout),
            }
        })
    }
}

fn builder(tls: rustls::ClientConfig, limits: Limits) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(limits.connect)
        .read_timeout(limits.idle)
        // A list is fetched a few times a day; an idle connection would only be found dead. And a question that may go
        // to the public internet only must not find one that leads elsewhere.
        .pool_max_idle_per_host(0)
}

/// The address when it is written in numbers, in whatever way: the reader of addresses has normalised it.
fn numeric(url: &reqwest::Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

/// RFC 9110 13.1: the server takes the entity tag where both are sent and it knows it.
fn conditions(known: &Validators) -> impl Iterator<Item = (HeaderName, &str)> {
    let etag = known.etag().map(|etag| (header::IF_NONE_MATCH, etag));
    etag.into_iter().chain(known.last_modified().map(|date| (header::IF_MODIFIED_SINCE, date)))
}

fn validators(headers: &HeaderMap) -> Validators {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    Validators::new(text(header::ETAG), text(header::LAST_MODIFIED))
}

/// We send no Accept-Encoding, so an answer in another coding than its own is not for us.
fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// The body, cut off at the limit. A declared length is believed only where it is too long.
async fn read_body(mut response: reqwest::Response, question: &Get<'_>) -> Result<Vec<u8>, FetchError> {
    let limit = question.limits.body;
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(FetchError::TooLarge { limit });
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| explain(&error, question))? {
        if piece.len() > limit.saturating_sub(body.len()) {
            return Err(FetchError::TooLarge { limit });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn add_roots(anchors: &mut rustls::RootCertStore, file: &Path) -> Result<(), ClientError> {
    let wrong = |problem: String| ClientError::Roots { path: file.display().to_string(), problem };
    let before = anchors.len();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))? {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        anchors.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if anchors.len() == before { Err(wrong("holds no PEM certificate".to_owned())) } else { Ok(()) }
}

/// The innermost cause says what happened; reqwest's own text repeats the address.
fn explain(error: &reqwest::Error, question: &Get<'_>) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    let mut cause: &dyn std::error::Error = error;
    loop {
        if cause.is::<NotPublic>() {
            return FetchError::NotPublic(shown(question.url));
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => return FetchError::Connection(cause.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
