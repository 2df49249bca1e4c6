//! The service under abuse, over real sockets of the loopback address: peers that are slow, silent, greedy or out of their
//! minds. After each, somebody else is served as if nothing had happened.
//!
//! Nothing here measures time; `benches/abuse` does, with figures.

mod answers;
mod bodies;
mod connections;
mod fairness;
mod frames;
mod heads;
mod http2;
mod names;

use std::net::SocketAddr;
use std::sync::Arc;

use rastau::clock::{Clock, SystemClock};
use rastau::config::{Config, Sources};
use rastau::http::{Behind, Server};
use rastau::observe::Metrics;
use rastau::service::demo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A running service.
struct Site {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    /// Ends it.
    stop: tokio::sync::oneshot::Sender<()>,
    running: tokio::task::JoinHandle<()>,
    /// Where it puts documents.
    _data: tempfile::TempDir,
}

impl Site {
    async fn start(settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().to_str().unwrap().to_owned();
        let mut all = vec![("RASTAU_HTTP__LISTEN", "127.0.0.1:0"), ("RASTAU_DATA__DIRECTORY", folder.as_str())];
        all.extend_from_slice(settings);
        let environment = all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let config = Config::load(&Sources { environment, ..Sources::default() }).unwrap();
        let now = SystemClock.now();
        let service = Arc::new(crate::demo::service(demo::grounds(now).unwrap(), now));
        let metrics = Arc::new(Metrics::new());
        let server = Server::bind(&config, Behind::of(service, Arc::clone(&metrics))).await.unwrap();
        let address = server.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let running = tokio::spawn(server.run(async {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        }));
        Self { address, metrics, stop, running, _data: data }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Somebody else, who is served.
    async fn serves(&self) {
        let answer = self.ask(HEALTH.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }

    /// The answer to one request over a connection of its own.
    async fn ask(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        answer(&mut stream).await
    }

    /// Waits until a metric has a value.
    async fn wait_for(&self, line: &str) {
        let line = format!("{line}\n");
        until(|| self.metrics.text().contains(&line)).await;
    }
}

/// Waits until something is so.
async fn until(is_so: impl Fn() -> bool) {
    in_time(async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// What does not come at all fails, instead of being waited for without an end. No time-out of the service is as long.
async fn in_time<T>(waiting: impl Future<Output = T>) -> T {
    tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await.expect("it comes")
}

/// Reads one answer: its head and as much of a body as it says.
async fn answer(stream: &mut TcpStream) -> String {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let read = in_time(stream.read(&mut piece)).await.unwrap_or(0);
        all.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&all);
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            length.is_some_and(|length| body.len() >= length.parse::<usize>().unwrap())
        });
        if read == 0 || whole {
            return text.into_owned();
        }
    }
}

/// Everything up to the end of the connection.
async fn to_the_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    // A reset ends it as well.
    let _ended = in_time(stream.read_to_end(&mut all)).await;
    all
}

/// A call with a JSON body.
fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}
