//! TLS over real sockets of the loopback address: certificates of both ends, reloads while connections go on, peers that
//! do not play by the rules.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rastau::access::{Access, Role};
use rastau::config::{AccessClient, CertificatePin, ClientCertificates, Config, Tls};
use rastau::crypto::sha256;
use rastau::http::Server;
use rastau_mint::authority::Authority;
use rastau_mint::tls::{self, End};
use rustls::client::WantsClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::access::client;
use super::*;

/// A service with its files, and the authority of its clients.
struct Site {
    folder: tempfile::TempDir,
    root: Authority,
    address: SocketAddr,
    access: Arc<Access>,
    metrics: Arc<Metrics>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

const REVOCATION: &str = "GET /v1/revocation HTTP/1.1\r\nhost: localhost\r\n";

impl Site {
    async fn start(clients: Vec<AccessClient>, certificates: ClientCertificates) -> Self {
        Self::start_with(clients, certificates, Duration::from_secs(10)).await
    }

    async fn start_with(clients: Vec<AccessClient>, certificates: ClientCertificates, timeout: Duration) -> Self {
        let (folder, root) = (tempfile::tempdir().unwrap(), tls::authority("Test"));
        let path = |name: &str| -> PathBuf { folder.path().join(name) };
        let mut config: Config = config(&[("RASTAU_HTTP__LISTEN", "127.0.0.1:0")]);
        config.access.clients = clients;
        config.tls = Some(Tls {
            certificate: path("certificate.pem"),
            key: path("key.pem"),
            client_roots: vec![path("roots.pem")],
            client_certificates: certificates,
            handshake_timeout: timeout,
        });
        let first = tls::server(&root, "localhost", "first");
        std::fs::write(path("certificate.pem"), first.certificate_pem()).unwrap();
        std::fs::write(path("key.pem"), first.key_pem()).unwrap();
        std::fs::write(path("roots.pem"), rastau_mint::pem::certificate(&root.certificate)).unwrap();
        let access = Arc::new(Access::open(&config, SystemClock.now()).unwrap());
        let behind = Behind { access: Arc::clone(&access), ..behind() };
        let metrics = Arc::clone(&behind.metrics);
        let server = Server::bind(&config, behind).await.unwrap();
        let address = server.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async move {
            let _stopped = stopped.await;
        }));
        Self { folder, root, address, access, metrics, stop: Some(stop), task }
    }

    fn put(&self, name: &str, contents: &str) {
        std::fs::write(self.folder.path().join(name), contents).unwrap();
    }

    fn reload(&self) {
        self.access.reload(&self.metrics, SystemClock.now(), false);
    }

    /// A connection of a client that trusts the authority of the site and shows a certificate, if any.
    async fn connect(&self, end: Option<&End>) -> std::io::Result<TlsStream<TcpStream>> {
        self.connect_speaking(end, &[]).await
    }

    async fn connect_speaking(&self, end: Option<&End>, protocols: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
        let builder = trusting(&self.root);
        let mut config = match end {
            None => builder.with_no_client_auth(),
            Some(end) => {
                let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(end.key.clone()));
                builder.with_client_auth_cert(vec![CertificateDer::from(end.certificate.clone())], key).unwrap()
            }
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let stream = TcpStream::connect(self.address).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }

    /// Waits until a connection was counted as one without a handshake.
    async fn wait_for_failure(&self, cause: &str) {
        let line = format!("rastau_tls_handshake_failures_total{{cause=\"{cause}\"}} 1\n");
        while !self.metrics.text().contains(&line) {
            tokio::task::yield_now().await;
        }
    }
}

/// A client of TLS that trusts an authority.
fn trusting(root: &Authority) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.certificate.clone())).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    builder.with_root_certificates(roots)
}

/// Asks a service once; the first line of its answer.
pub async fn ask_once(address: SocketAddr, root: &Authority, head: &str) -> String {
    let connector = TlsConnector::from(Arc::new(trusting(root).with_no_client_auth()));
    let stream = TcpStream::connect(address).await.unwrap();
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    ask(&mut stream, head.strip_suffix("\r\n").unwrap_or(head)).await
}

/// A client that is known by its certificate.
fn known(end: &End, name: &str, roles: &[Role]) -> AccessClient {
    let (mut client, _) = client(name, roles);
    client.tokens.clear();
    client.certificates.push(CertificatePin::Certificate(sha256(&end.certificate)));
    client
}

/// Sends a request and gives the first line of the answer; empty when the peer hung up.
async fn ask(stream: &mut TlsStream<TcpStream>, head: &str) -> String {
    let sent = stream.write_all(format!("{head}\r\n").as_bytes()).await;
    if sent.is_err() {
        return String::new();
    }
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut piece).await.unwrap_or(0);
        all.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&all);
        if read == 0 || (text.contains("\r\n\r\n") && text.ends_with('}')) {
            return text.lines().next().unwrap_or_default().to_owned();
        }
    }
}

#[tokio::test]
async fn a_token_goes_over_tls() {
    let (operator, token) = client("operator", &[Role::Operator]);
    let site = Site::start(vec![operator], ClientCertificates::Optional).await;
    let mut stream = site.connect(None).await.unwrap();
    assert_eq!(ask(&mut stream, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n").await, "HTTP/1.1 200 OK");
    assert_eq!(ask(&mut stream, REVOCATION).await, "HTTP/1.1 401 Unauthorized");
    let with_token = format!("{REVOCATION}authorization: {token}\r\n");
    assert_eq!(ask(&mut stream, &with_token).await, "HTTP/1.1 200 OK");
    // What one request showed is not remembered for the next.
    assert_eq!(ask(&mut stream, REVOCATION).await, "HTTP/1.1 401 Unauthorized");
}

#[tokio::test]
async fn a_certificate_names_the_client_of_every_request_of_its_connection() {
    let root = tls::authority("Test");
    let (auditor, portal) = (tls::client(&root, "auditor"), tls::client(&root, "portal"));
    let clients = vec![known(&auditor, "auditor", &[Role::Auditor]), known(&portal, "portal", &[Role::Portal])];
    let site = Site::start(clients, ClientCertificates::Required).await;
    let mut stream = site.connect(Some(&auditor)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(ask(&mut stream, REVOCATION).await, "HTTP/1.1 200 OK");
    }
    assert_eq!(ask(&mut stream, "GET /v1/services HTTP/1.1\r\nhost: localhost\r\n").await, "HTTP/1.1 403 Forbidden");
    let mut stream = site.connect(Some(&portal)).await.unwrap();
    assert_eq!(ask(&mut stream, REVOCATION).await, "HTTP/1.1 403 Forbidden");
    // Vouched for, and nobody's.
    let mut stream = site.connect(Some(&tls::client(&root, "stranger"))).await.unwrap();
    assert_eq!(ask(&mut stream, REVOCATION).await, "HTTP/1.1 401 Unauthorized");
}

#[tokio::test]
async fn certificates_that_nobody_vouches_for_do_not_get_in() {
    let root = tls::authority("Test");
    let end = tls::client(&root, "auditor");
    let forged = tls::client(&tls::authority("Test").with_key(rastau_mint::key::Key::ed25519("forger")), "auditor");
    let expired = tls::client_of(&root, "auditor", |c| c.valid("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"));
    let server = tls::server(&root, "auditor", "auditor");
    for (shown, cause) in [
        (Some(&forged), "client-certificate"),
        (Some(&expired), "client-certificate"),
        // Of a server: another purpose.
        (Some(&server), "client-certificate"),
        (None, "no-client-certificate"),
    ] {
        let clients = vec![known(&end, "auditor", &[Role::Auditor])];
        let site = Site::start(clients, ClientCertificates::Required).await;
        // In TLS 1.3 the client has finished before it hears of it.
        if let Ok(mut stream) = site.connect(shown).await {
            assert_eq!(ask(&mut stream, REVOCATION).await, "");
        }
        site.wait_for_failure(cause).await;
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_new_connections_while_old_ones_go_on() {
    let (operator, token) = client("operator", &[Role::Operator]);
    let site = Site::start(vec![operator], ClientCertificates::Optional).await;
    let with_token = format!("{REVOCATION}authorization: {token}\r\n");
    let shown = |stream: &TlsStream<TcpStream>| stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let mut old = site.connect(None).await.unwrap();
    assert_eq!(ask(&mut old, &with_token).await, "HTTP/1.1 200 OK");
    let second = tls::server(&site.root, "localhost", "second");
    site.put("certificate.pem", &second.certificate_pem());
    // Only half of it has arrived.
    site.reload();
    let between = site.connect(None).await.unwrap();
    assert_eq!(shown(&between), shown(&old));
    site.put("key.pem", &second.key_pem());
    site.reload();
    let mut new = site.connect(None).await.unwrap();
    assert_eq!(shown(&new), second.certificate);
    for stream in [&mut old, &mut new] {
        assert_eq!(ask(stream, &with_token).await, "HTTP/1.1 200 OK");
    }
}

#[tokio::test]
async fn reloads_under_load_lose_no_request() {
    let (operator, token) = client("operator", &[Role::Operator]);
    let site = Arc::new(Site::start(vec![operator], ClientCertificates::Optional).await);
    let with_token = format!("{REVOCATION}authorization: {token}\r\n");
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (site, head) = (Arc::clone(&site), with_token.clone());
            tokio::spawn(async move {
                for _ in 0..10 {
                    let mut stream = site.connect(None).await.unwrap();
                    for _ in 0..5 {
                        assert_eq!(ask(&mut stream, &head).await, "HTTP/1.1 200 OK");
                    }
                }
            })
        })
        .collect();
    for number in 0..20 {
        let next = tls::server(&site.root, "localhost", &format!("number {number}"));
        site.put("certificate.pem", &next.certificate_pem());
        site.put("key.pem", &next.key_pem());
        site.reload();
        tokio::task::yield_now().await;
    }
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(site.metrics.text().contains("rastau_access_readings_total{files=\"tls\",outcome=\"good\"} 20\n"));
}

#[tokio::test]
async fn an_authority_struck_out_ends_the_rights_of_connections_that_go_on() {
    let root = tls::authority("Test");
    let end = tls::client(&root, "auditor");
    let site = Site::start(vec![known(&end, "auditor", &[Role::Auditor])], ClientCertificates::Optional).await;
    let mut stream = site.connect(Some(&end)).await.unwrap();
    assert_eq!(ask(&mut stream, REVOCATION).await, "HTTP/1.1 200 OK");
    site.put("roots.pem", &rastau_mint::pem::certificate(&tls::authority("Others").certificate));
    site.reload();
    assert_eq!(ask(&mut stream, REVOCATION).await, "HTTP/1.1 401 Unauthorized");
}

#[tokio::test]
async fn both_versions_of_http_are_offered() {
    let (operator, _) = client("operator", &[Role::Operator]);
    let site = Site::start(vec![operator], ClientCertificates::Optional).await;
    for (offered, agreed) in [
        (&[b"h2".as_slice(), b"http/1.1"][..], Some(b"h2".as_slice())),
        (&[b"http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let stream = site.connect_speaking(None, offered).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), agreed);
    }
    let mut stream = site.connect_speaking(None, &[b"h2"]).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "the first frame is SETTINGS: {head:?}");
}

#[tokio::test]
async fn a_token_in_the_clear_is_never_answered() {
    let (operator, token) = client("operator", &[Role::Operator]);
    let site = Site::start(vec![operator], ClientCertificates::Optional).await;
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(format!("{REVOCATION}authorization: {token}\r\n\r\n").as_bytes()).await.unwrap();
    let mut all = Vec::new();
    let _closed = stream.read_to_end(&mut all).await;
    assert!(!String::from_utf8_lossy(&all).contains("HTTP/1.1"), "{all:?}");
    site.wait_for_failure("protocol").await;
}

#[tokio::test]
async fn who_begins_a_handshake_and_stops_is_let_go() {
    let (operator, _) = client("operator", &[Role::Operator]);
    let hello = b"\x16\x03\x01\x02\x00\x01";
    for sent in [&b""[..], hello] {
        let brief = Duration::from_millis(60);
        let site = Site::start_with(vec![operator.clone()], ClientCertificates::Optional, brief).await;
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut all = Vec::new();
        // Ends only because the server closes.
        let _closed = stream.read_to_end(&mut all).await;
        site.wait_for_failure("timeout").await;
        assert!(site.metrics.text().contains("rastau_http_connections 0\n"));
    }
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_handshakes_that_do_not_end() {
    let mut site = Site::start(Vec::new(), ClientCertificates::Optional).await;
    let mut idle = site.connect(None).await.unwrap();
    assert_eq!(ask(&mut idle, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n").await, "HTTP/1.1 200 OK");
    site.stop.take().unwrap().send(()).unwrap();
    assert_eq!(ask(&mut idle, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n").await, "");
    site.task.await.unwrap();
}
