//! The listener, over real sockets of the loopback address.

use std::net::SocketAddr;

use rastau::http::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn start(settings: &[(&str, &str)]) -> Running {
    let mut all = vec![("RASTAU_HTTP__LISTEN", "127.0.0.1:0")];
    all.extend_from_slice(settings);
    let config = config(&all);
    let server = Server::bind(&config, behind()).await.unwrap();
    let address = server.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(server.run(async move {
        let _stopped = stopped.await;
    }));
    Running { address, stop, task }
}

async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(running.address).await.unwrap()
}

/// Reads until the bytes so far contain `end`, or the peer closes.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).await.unwrap_or(0);
        all.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&all).into_owned();
        if read == 0 || text.contains(end) {
            return text;
        }
    }
}

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let running = start(&[]).await;
    let mut stream = connect(&running).await;
    for _ in 0..3 {
        stream.write_all(HEALTH).await.unwrap();
        let answer = read_until(&mut stream, "}").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn http_2_is_spoken_without_encryption() {
    let running = start(&[]).await;
    let mut stream = connect(&running).await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "the first frame is SETTINGS: {head:?}");
}

#[tokio::test]
async fn peers_that_send_nothing_or_too_slowly_are_let_go() {
    let running = start(&[("RASTAU_HTTP__HEADER_READ_TIMEOUT_MS", "60")]).await;
    for sent in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"GET /healthz HTTP/1.1\r\nho"] {
        let mut stream = connect(&running).await;
        stream.write_all(sent).await.unwrap();
        // Ends only because the server closes.
        let answer = read_until(&mut stream, "never comes").await;
        assert!(!answer.contains("200"), "{answer}");
    }
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let running = start(&[]).await;
    let mut stream = connect(&running).await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    for number in 0..100_000 {
        if stream.write_all(format!("x-{number}: {}\r\n", "a".repeat(100)).as_bytes()).await.is_err() {
            break;
        }
    }
    let answer = read_until(&mut stream, "never comes").await;
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn a_shutdown_lets_running_requests_end_and_takes_no_new_ones() {
    let running = start(&[]).await;
    let mut idle = connect(&running).await;
    idle.write_all(HEALTH).await.unwrap();
    read_until(&mut idle, "}").await;
    let mut stream = connect(&running).await;
    let head = b"POST /v1/identity-numbers/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                 content-length: 23\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head).await.unwrap();
    // The handler asks for the body: the request is being worked on.
    assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 100"));
    running.stop.send(()).unwrap();
    // The idle connection is closed: the shutdown has begun.
    assert_eq!(read_until(&mut idle, "never comes").await, "");
    assert!(TcpStream::connect(running.address).await.is_err());
    stream.write_all(b"{\"bin\": \"600440000019\"}").await.unwrap();
    let answer = read_until(&mut stream, "}").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_shutdown_ends_although_a_peer_stays_silent() {
    let running = start(&[("RASTAU_HTTP__SHUTDOWN_GRACE_MS", "50")]).await;
    let mut stream = connect(&running).await;
    stream
        .write_all(b"POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n")
        .await
        .unwrap();
    read_until(&mut stream, "\r\n\r\n").await;
    running.stop.send(()).unwrap();
    running.task.await.unwrap();
}
