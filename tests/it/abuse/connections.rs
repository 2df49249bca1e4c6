//! Connections: slow, silent, too many.

use rastau::access::{Access, Role};
use rastau::config::{ClientCertificates, Tls};
use rastau_mint::tls;

use super::*;

/// As many silent peers as there are places, and more, all from one address.
async fn crowd(site: &Site, size: usize) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for _ in 0..size {
        crowd.push(site.connect().await);
    }
    crowd
}

#[tokio::test]
async fn a_crowd_of_silent_peers_keeps_nobody_out() {
    let site = Site::start(&[("RASTAU_HTTP__CONNECTIONS", "16"), ("RASTAU_HTTP__CONNECTIONS_PER_ADDRESS", "16")]).await;
    let mut crowd = crowd(&site, 200).await;
    // Served at once: no time-out of anybody has passed.
    for _ in 0..20 {
        site.serves().await;
    }
    // Those who were first had to leave.
    assert_eq!(to_the_end(&mut crowd[0]).await, b"");
    site.wait_for("rastau_http_connections 16").await;
}

/// On Linux every address below 127 is this machine's.
#[cfg(target_os = "linux")]
async fn connect_from(address: [u8; 4], to: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((address, 0))).unwrap();
    socket.connect(to).await.unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_crowd_of_silent_peers_each_from_its_own_address_costs_nobody_the_connection_that_is_used() {
    let site = Site::start(&[("RASTAU_HTTP__CONNECTIONS", "16")]).await;
    let mut honest = site.connect().await;
    let mut crowd = Vec::new();
    for number in 0..200_u8 {
        honest.write_all(HEALTH.as_bytes()).await.unwrap();
        assert!(answer(&mut honest).await.starts_with("HTTP/1.1 200 "), "{number}");
        crowd.push(connect_from([127, 7, 0, number], site.address).await);
    }
    site.serves().await;
    honest.write_all(HEALTH.as_bytes()).await.unwrap();
    assert!(answer(&mut honest).await.starts_with("HTTP/1.1 200 "));
}

/// More of them than go on in a round of the runtime, and than there are turns of accepting.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_newcomers_that_come_all_at_once_from_everywhere_each_is_answered_and_so_is_who_was_there() {
    let site = Site::start(&[]).await;
    let mut honest = site.connect().await;
    let address = site.address;
    let storm: Vec<_> = (0..=255)
        .map(|number| {
            tokio::spawn(async move {
                let mut stream = connect_from([127, 8, 0, number], address).await;
                stream.write_all(HEALTH.as_bytes()).await.unwrap();
                answer(&mut stream).await
            })
        })
        .collect();
    for _ in 0..20 {
        honest.write_all(HEALTH.as_bytes()).await.unwrap();
        assert!(answer(&mut honest).await.starts_with("HTTP/1.1 200 "));
    }
    for newcomer in storm {
        assert!(newcomer.await.unwrap().starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn a_newcomer_takes_the_place_of_a_connection_that_is_between_requests() {
    let site = Site::start(&[("RASTAU_HTTP__CONNECTIONS", "2"), ("RASTAU_HTTP__CONNECTIONS_PER_ADDRESS", "2")]).await;
    let mut idle = site.connect().await;
    idle.write_all(HEALTH.as_bytes()).await.unwrap();
    answer(&mut idle).await;
    let mut working = site.connect().await;
    working
        .write_all(b"POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
        .await
        .unwrap();
    // The handler asks for the body: the request is under way, and no place is taken from it.
    let mut go_on = [0; 25];
    working.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"));
    for _ in 0..10 {
        site.serves().await;
    }
    assert_eq!(to_the_end(&mut idle).await, b"");
    working.write_all(b"{}").await.unwrap();
    assert!(answer(&mut working).await.starts_with("HTTP/1.1 422"));
}

#[tokio::test]
async fn an_address_whose_connections_are_all_at_work_is_told_so() {
    let site = Site::start(&[("RASTAU_HTTP__CONNECTIONS_PER_ADDRESS", "3")]).await;
    let mut working = Vec::new();
    for _ in 0..3 {
        let mut stream = site.connect().await;
        stream
            .write_all(b"POST /v1/challenges HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
            .await
            .unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        working.push(stream);
    }
    // Nothing is sent, so that nothing unread can make the system drop the answer.
    let mut refused = site.connect().await;
    let told = answer(&mut refused).await;
    assert!(told.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{told}");
    assert!(told.contains("retry-after: 1\r\n") && told.contains("\"code\":\"too-many-connections\""), "{told}");
    drop(working);
    site.wait_for("rastau_http_connections 0").await;
    site.serves().await;
}

#[tokio::test]
async fn heads_that_come_byte_by_byte_end_with_their_time() {
    let site = Site::start(&[("RASTAU_HTTP__HEADER_READ_TIMEOUT_MS", "80")]).await;
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = site.connect().await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-a: b\r\n").await.unwrap();
        slow.push(stream);
    }
    // A letter now and then buys no time.
    let mut open = slow;
    while !open.is_empty() {
        let mut still = Vec::new();
        for mut stream in open {
            if stream.write_all(b"x").await.is_ok() {
                still.push(stream);
            }
        }
        open = still;
        tokio::task::yield_now().await;
    }
    site.serves().await;
}

#[tokio::test]
async fn a_connection_between_requests_ends_with_its_time() {
    for (key, value) in [("RASTAU_HTTP__KEEP_ALIVE_TIMEOUT_MS", "50"), ("RASTAU_HTTP__HEADER_READ_TIMEOUT_MS", "50")] {
        let site = Site::start(&[(key, value)]).await;
        let mut stream = site.connect().await;
        stream.write_all(HEALTH.as_bytes()).await.unwrap();
        assert!(answer(&mut stream).await.contains(" 200 "));
        assert_eq!(to_the_end(&mut stream).await, b"");
    }
}

#[tokio::test]
async fn bodies_that_come_byte_by_byte_end_with_their_time() {
    let site = Site::start(&[("RASTAU_HTTP__REQUEST_TIMEOUT_MS", "80")]).await;
    let head = "POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n";
    let mut stream = site.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    while stream.write_all(b" ").await.is_ok() {
        let mut first = [0; 1];
        if matches!(stream.try_read(&mut first), Ok(1)) {
            assert_eq!(first, *b"H");
            break;
        }
        tokio::task::yield_now().await;
    }
    let rest = answer(&mut stream).await;
    assert!(rest.contains("503") && rest.contains("\"code\":\"timeout\""), "{rest}");
    site.serves().await;
}

#[tokio::test]
async fn handshakes_that_never_end_keep_nobody_out() {
    let (folder, root) = (tempfile::tempdir().unwrap(), tls::authority("Test"));
    let end = tls::server(&root, "localhost", "first");
    let put = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let settings = [("RASTAU_HTTP__LISTEN", "127.0.0.1:0"), ("RASTAU_HTTP__CONNECTIONS", "8")];
    let environment = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut config = Config::load(&Sources { environment, ..Sources::default() }).unwrap();
    config.access.clients = vec![crate::http::access_client("portal", &[Role::Portal]).0];
    config.tls = Some(Tls {
        certificate: put("certificate.pem", end.certificate_pem()),
        key: put("key.pem", end.key_pem()),
        client_roots: Vec::new(),
        client_certificates: ClientCertificates::Optional,
        // Nobody's handshake times out while this test runs.
        handshake_timeout: std::time::Duration::from_secs(3600),
    });
    let now = SystemClock.now();
    let service = Arc::new(crate::demo::service(demo::grounds(now).unwrap(), now));
    let metrics = Arc::new(Metrics::new());
    let behind =
        Behind { access: Arc::new(Access::open(&config, now).unwrap()), ..Behind::of(service, Arc::clone(&metrics)) };
    let server = Server::bind(&config, behind).await.unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(server.run(std::future::pending()));
    let mut half_open = Vec::new();
    for number in 0..64 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The beginning of a record, or nothing.
        let begun: &[u8] = if number % 2 == 0 { b"\x16\x03\x01\x02\x00\x01" } else { b"" };
        stream.write_all(begun).await.unwrap();
        half_open.push(stream);
    }
    let answer = crate::http::ask_over_tls(address, &root, HEALTH).await;
    assert_eq!(answer, "HTTP/1.1 200 OK");
    drop(half_open);
}
