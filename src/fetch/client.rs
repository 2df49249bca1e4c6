//! The real client: reqwest over rustls on ring.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::{Fetch, FetchError, Fetched, Limits, Progress};

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
        Ok(Self { inner, has_roots, progress: None })
    }

    /// The same client, which tells how bodies arrive.
    #[must_use]
    pub fn reporting(self, progress: Arc<dyn Progress>) -> Self {
        Self { progress: Some(progress), ..self }
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
        let announced = response.content_length();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| explain(&error))? {
            if piece.len() > limits.body.saturating_sub(body.len()) {
                return Err(too_large);
            }
            body.extend_from_slice(&piece);
            if let Some(progress) = &self.progress {
                progress.received(url, body.len() as u64, announced);
            }
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

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// A server on loopback that answers every connection with these pieces, a moment apart, and reports the requests.
    fn serve(pieces: Vec<Vec<u8>>, pause: Duration) -> (String, std::sync::mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/list.crl", listener.local_addr().unwrap());
        let (report, requests) = std::sync::mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut request = String::new();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while reader.read_line(&mut request).is_ok_and(|count| count > 2) {}
                if report.send(request).is_err() {
                    return;
                }
                for piece in &pieces {
                    // The client may have gone, which is what some tests are about.
                    if stream.write_all(piece).is_err() {
                        break;
                    }
                    thread::sleep(pause);
                }
            }
        });
        (address, requests)
    }

    fn limits() -> Limits {
        Limits { body: 1000, total: Duration::from_secs(20), ..Limits::LIST }
    }

    fn get(url: &str, limits: Limits) -> Result<Vec<u8>, FetchError> {
        let client = Client::new::<&Path>(&[], limits).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(client.get(url, limits))
    }

    fn answer(pieces: &[&str]) -> (Result<Vec<u8>, FetchError>, String) {
        let pieces = pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
        let (url, requests) = serve(pieces, Duration::ZERO);
        let result = get(&url, limits());
        (result, requests.recv().unwrap_or_default())
    }

    #[test]
    fn a_body_comes_whole_and_we_say_who_we_are() {
        let (body, request) = answer(&["HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab", "cd"]);
        assert_eq!(body, Ok(b"abcd".to_vec()));
        let agent = format!("user-agent: rastau/{}", env!("CARGO_PKG_VERSION"));
        assert!(request.to_lowercase().contains(&agent), "{request}");
        let (body, _) =
            answer(&["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", "1\r\nc\r\n0\r\n\r\n"]);
        assert_eq!(body, Ok(b"abc".to_vec()));
        // What an empty body is worth is for the reader of lists to say.
        assert_eq!(answer(&["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]).0, Ok(Vec::new()));
    }

    #[test]
    fn other_answers_than_200_are_errors_and_nothing_is_followed() {
        for (head, status) in [
            ("303 See Other\r\nlocation: http://127.0.0.1:1/portal", 303),
            ("302 Found\r\nlocation: /elsewhere", 302),
            ("404 Not Found", 404),
            ("503 Service Unavailable", 503),
            ("204 No Content", 204),
        ] {
            let (result, _) = answer(&[&format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n")]);
            assert_eq!(result, Err(FetchError::Status(status)));
        }
    }

    #[test]
    fn a_body_that_is_too_large_is_not_waited_for() {
        let too_large = Err(FetchError::TooLarge { limit: 1000 });
        assert_eq!(answer(&["HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"]).0, too_large);
        let endless = "400\r\n".to_owned() + &"x".repeat(0x400) + "\r\n";
        assert_eq!(answer(&["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", &endless, &endless]).0, too_large);
        let unframed = "x".repeat(1001);
        assert_eq!(answer(&["HTTP/1.1 200 OK\r\n\r\n", &unframed]).0, too_large);
    }

    #[test]
    fn a_connection_that_breaks_off_is_no_body() {
        assert!(matches!(
            answer(&["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"]).0,
            Err(FetchError::Connection(_))
        ));
        assert!(matches!(answer(&[]).0, Err(FetchError::Connection(_))));
        assert!(matches!(answer(&["220 smtp ready\r\n"]).0, Err(FetchError::Connection(_))));
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(matches!(get(&format!("http://{closed}/"), limits()), Err(FetchError::Connection(_))));
    }

    #[test]
    fn a_slow_drip_ends_at_the_limit() {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n".to_vec();
        let pieces = std::iter::once(head).chain(std::iter::repeat_n(b"x".to_vec(), 500)).collect();
        let (url, _requests) = serve(pieces, Duration::from_millis(20));
        let limits = Limits { total: Duration::from_millis(300), ..limits() };
        assert_eq!(get(&url, limits), Err(FetchError::Timeout));
    }

    #[test]
    fn https_needs_anchors_and_other_schemes_are_refused() {
        assert_eq!(get("https://127.0.0.1:1/x", limits()), Err(FetchError::NoRoots));
        for url in ["file:///etc/passwd", "ftp://127.0.0.1/x", "list.crl", ""] {
            assert_eq!(get(url, limits()), Err(FetchError::Scheme(url.to_owned())));
        }
    }

    #[test]
    fn a_file_of_anchors_has_to_hold_some() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roots.pem");
        assert!(matches!(Client::new(&[&file], limits()), Err(ClientError::Roots { .. })));
        std::fs::write(&file, "nothing").unwrap();
        assert!(matches!(Client::new(&[&file], limits()), Err(ClientError::Roots { .. })));
        let key = rastau_mint::key::Key::p256("server");
        let root = rastau_mint::authority::Authority::root("ROOT", key).certificate;
        std::fs::write(&file, rastau_mint::pem::certificate(&root)).unwrap();
        let client = Client::new(&[&file], limits()).unwrap();
        assert!(client.has_roots);
    }
}
