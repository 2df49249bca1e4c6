//! Two clients: one that asks for everything, and one that asks for little.

use super::*;
use crate::http::access_client;
use rastau::access::{Access, Role};

/// A service that knows two clients, and their tokens.
async fn two_clients(settings: &[(&str, &str)]) -> (SocketAddr, Arc<Metrics>, [String; 2]) {
    let mut all = vec![("RASTAU_HTTP__LISTEN", "127.0.0.1:0")];
    all.extend_from_slice(settings);
    let environment = all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut config = Config::load(&Sources { environment, ..Sources::default() }).unwrap();
    let (greedy, greedy_token) = access_client("greedy", &[Role::Portal]);
    let (modest, modest_token) = access_client("modest", &[Role::Portal]);
    config.access.clients = vec![greedy, modest];
    let now = SystemClock.now();
    let service = Arc::new(crate::demo::service(demo::grounds(now).unwrap(), now));
    let metrics = Arc::new(Metrics::new());
    let access = Arc::new(Access::open(&config, now).unwrap());
    let behind = Behind { access, ..Behind::of(service, Arc::clone(&metrics)) };
    let server = Server::bind(&config, behind).await.unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(server.run(std::future::pending()));
    (address, metrics, [greedy_token, modest_token])
}

fn with_token(request: &str, token: &str) -> String {
    request.replacen("\r\n", &format!("\r\nauthorization: {token}\r\n"), 1)
}

#[tokio::test]
async fn a_client_with_all_its_requests_under_way_is_told_so_and_another_is_served() {
    let settings = [("RASTAU_HTTP__CONCURRENCY_PER_CLIENT", "3"), ("RASTAU_HTTP__CONCURRENCY", "4")];
    let (address, metrics, [greedy, modest]) = two_clients(&settings).await;
    let begun = "POST /v1/challenges HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n";
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(with_token(begun, &greedy).as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        waiting.push(stream);
    }
    let body = post("/v1/identity-numbers/check", r#"{"iin": "650615100015"}"#);
    let ask = async |token: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(with_token(&body, token).as_bytes()).await.unwrap();
        answer(&mut stream).await
    };
    for _ in 0..10 {
        let refused = ask(&greedy).await;
        assert!(refused.starts_with("HTTP/1.1 429 "), "{refused}");
        assert!(refused.contains("retry-after: 1") && refused.contains("\"code\":\"too-many-at-once\""), "{refused}");
        assert!(ask(&modest).await.starts_with("HTTP/1.1 200 "));
    }
    drop(waiting);
    until(|| metrics.text().contains("rastau_http_requests_in_flight 0\n")).await;
    assert!(ask(&greedy).await.starts_with("HTTP/1.1 200 "));
    assert!(metrics.text().contains("rastau_http_overloads_total{cause=\"concurrency-per-client\"} 10\n"));
}
