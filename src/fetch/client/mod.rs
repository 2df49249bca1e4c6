//! The real client: reqwest over rustls on ring.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use reqwest::header::{self, HeaderMap, HeaderName};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::guard::{self, NotPublic};
use super::{Asked, Fetch, FetchError, Fetched, Get, Got, Limits, Post, Progress, Reach, Validators, shown};

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
    /// How far at least every question is held back.
    least: Reach,
    has_roots: bool,
    progress: Option<Arc<dyn Progress>>,
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
        Ok(Self { open, guarded, least: Reach::Anywhere, has_roots, progress: None })
    }

    /// The same client, which tells how lists arrive.
    #[must_use]
    pub fn reporting(self, progress: Arc<dyn Progress>) -> Self {
        Self { progress: Some(progress), ..self }
    }

    /// The same for addresses that nobody configured: whatever is asked through it, the public internet only.
    #[must_use]
    pub fn public_only(&self) -> Self {
        Self { open: self.guarded.clone(), least: Reach::Public, ..self.clone() }
    }

    /// The client for an address, and the address read.
    fn admit(&self, address: &str, reach: Reach) -> Result<(&reqwest::Client, reqwest::Url), FetchError> {
        let scheme = || FetchError::Scheme(shown(address));
        let url = reqwest::Url::parse(address).map_err(|_| scheme())?;
        match url.scheme() {
            "http" => {}
            "https" if self.has_roots => {}
            "https" => return Err(FetchError::NoRoots),
            _ => return Err(scheme()),
        }
        if reach == Reach::Anywhere && self.least == Reach::Anywhere {
            return Ok((&self.open, url));
        }
        // A numeric address is not resolved, so the resolver does not see it.
        if numeric(&url).is_some_and(|number| !guard::is_public(number)) {
            return Err(FetchError::NotPublic(shown(address)));
        }
        Ok((&self.guarded, url))
    }

    async fn ask_once(&self, question: &Get<'_>) -> Result<Got, FetchError> {
        let (client, url) = self.admit(question.url, question.reach)?;
        let known = question.known.filter(|known| !known.is_empty());
        let mut request = client.get(url);
        for (name, value) in known.into_iter().flat_map(conditions) {
            request = request.header(name, value);
        }
        let exchange = Exchange { url: question.url, limits: question.limits, progress: self.progress.as_deref() };
        let response = exchange.head(request).await?;
        if response.status() == reqwest::StatusCode::NOT_MODIFIED && known.is_some() {
            return Ok(Got::Unchanged);
        }
        let validators = validators(response.headers());
        let body = exchange.body(response).await?;
        Ok(Got::Body { body, validators })
    }

    async fn post_once(&self, exchange: &Exchange<'_>, post: Post) -> Result<Vec<u8>, FetchError> {
        let (client, url) = self.admit(exchange.url, self.least)?;
        let request =
            client.post(url).header(header::CONTENT_TYPE, post.content_type).header(header::ACCEPT, post.accept);
        let response = exchange.head(request.body(post.body)).await?;
        if response.status() == reqwest::StatusCode::OK {
            refuse_pages(&response)?;
        }
        exchange.body(response).await
    }
}

impl Fetch for Client {
    fn ask<'a>(&'a self, question: Get<'a>) -> Asked<'a> {
        Box::pin(within(question.limits, async move { self.ask_once(&question).await }))
    }

    fn post<'a>(&'a self, url: &'a str, post: Post, limits: Limits) -> Fetched<'a> {
        Box::pin(within(limits, async move { self.post_once(&Exchange { url, limits, progress: None }, post).await }))
    }
}

async fn within<T>(limits: Limits, work: impl Future<Output = Result<T, FetchError>>) -> Result<T, FetchError> {
    tokio::time::timeout(limits.total, work).await.unwrap_or(Err(FetchError::Timeout))
}

/// One request and its answer.
struct Exchange<'a> {
    url: &'a str,
    limits: Limits,
    progress: Option<&'a dyn Progress>,
}

impl Exchange<'_> {
    /// Status and headers.
    async fn head(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, FetchError> {
        let limit = self.limits.connect.saturating_add(self.limits.first_byte);
        let head = tokio::time::timeout(limit, request.send()).await.map_err(|_| FetchError::Timeout)?;
        head.map_err(|error| self.explain(&error))
    }

    /// The body of a 200 answer, cut off at the limit. A declared length is believed only where it is too long.
    async fn body(&self, mut response: reqwest::Response) -> Result<Vec<u8>, FetchError> {
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        if is_encoded(response.headers()) {
            return Err(FetchError::Encoded);
        }
        let limit = self.limits.body;
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(FetchError::TooLarge { limit });
        }
        let announced = response.content_length();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| self.explain(&error))? {
            if piece.len() > limit.saturating_sub(body.len()) {
                return Err(FetchError::TooLarge { limit });
            }
            body.extend_from_slice(&piece);
            if let Some(progress) = self.progress {
                progress.received(self.url, body.len() as u64, announced);
            }
        }
        Ok(body)
    }

    /// The innermost cause says what happened; reqwest's own text repeats the address.
    fn explain(&self, error: &reqwest::Error) -> FetchError {
        if error.is_timeout() {
            return FetchError::Timeout;
        }
        let mut cause: &dyn std::error::Error = error;
        loop {
            if cause.is::<NotPublic>() {
                return FetchError::NotPublic(shown(self.url));
            }
            match cause.source() {
                Some(inner) => cause = inner,
                None => return FetchError::Connection(cause.to_string()),
            }
        }
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

/// Only text is turned away: responders of good standing send no type, or octet-stream, and what the body is worth its
/// signature says.
fn refuse_pages(response: &reqwest::Response) -> Result<(), FetchError> {
    let kind = response.headers().get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match kind.filter(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/")) {
        Some(page) => Err(FetchError::ContentType(page.chars().take(64).collect())),
        None => Ok(()),
    }
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

#[cfg(test)]
mod tests;
