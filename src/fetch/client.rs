//! The real client: reqwest over rustls on ring.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::{Fetch, FetchError, Fetched, Limits};

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
    inner: reqwest::Client,
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
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(limits.connect)
            .read_timeout(limits.idle)
            // A list is fetched a few times a day; an idle connection would only be found dead.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { inner, has_roots })
    }

    async fn get_limited(&self, url: &str, limits: Limits) -> Result<Vec<u8>, FetchError> {
        let scheme = || FetchError::Scheme(url.to_owned());
        let parsed = reqwest::Url::parse(url).map_err(|_| scheme())?;
        match parsed.scheme() {
            "http" => {}
            "https" if self.has_roots => {}
            "https" => return Err(FetchError::NoRoots),
            _ => return Err(scheme()),
        }
        let mut response = self.inner.get(parsed).send().await.map_err(|error| explain(&error))?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let too_large = FetchError::TooLarge { limit: limits.body };
        if response.content_length().is_some_and(|length| length > limits.body as u64) {
            return Err(too_large);
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| explain(&error))? {
            if piece.len() > limits.body.saturating_sub(body.len()) {
                return Err(too_large);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

impl Fetch for Client {
    fn get<'a>(&'a self, url: &'a str, limits: Limits) -> Fetched<'a> {
        Box::pin(async move {
            match tokio::time::timeout(limits.total, self.get_limited(url, limits)).await {
                Ok(result) => result,
                Err(_) => Err(FetchError::Timeout),
            }
        })
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

/// The innermost cause says what happened; reqwest's own text repeats the address.
fn explain(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    FetchError::Connection(cause.to_string())
}
