//! The interface over HTTP without sockets, on the demo: bodies, forms, addresses.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt as _;
use rastau::clock::{FixedClock, Time};
use rastau::config::{Config, Sources};
use rastau::http::{App, Behind};
use rastau::observe::Metrics;
use rastau::service::{Parts, Service, demo};
use tokio::runtime::{Builder, Runtime};

/// Calls with a body.
const POSTS: &[&str] = &[
    "/v1/certificates/check",
    "/v1/challenges",
    "/v1/challenges/0123456789abcdef0123456789abcdef/response",
    "/v1/documents/verify",
    "/v1/identity-numbers/check",
    "/v1/licences/sign",
    "/v1/approvals/0123456789abcdef0123456789abcdef",
    "/v1/submissions/verify",
];

/// When all of it happens.
pub fn now() -> Time {
    "2026-08-20T00:00:00Z".parse().expect("a moment")
}

struct World {
    app: App,
    runtime: Runtime,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let config = Config::load(&Sources::default()).expect("the defaults");
        let grounds = demo::grounds(now()).expect("the demo");
        let service = Arc::new(Service::new(Parts::new(Arc::new(FixedClock(now())), grounds)));
        let app = App::new(&config, Behind::of(service, Arc::new(Metrics::new())));
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        World { app, runtime }
    })
}

/// Answers, and looks at the answer: a defect is a 500, a complaint is a problem document, anything else what it says it is.
fn answer(request: Request<Body>) -> (StatusCode, Bytes) {
    let World { app, runtime } = world();
    let is_head = request.method() == Method::HEAD;
    runtime.block_on(async {
        let response = app.respond(request).await;
        let status = response.status();
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR);
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap_or_default().to_owned());
        let body = response.into_body().collect().await.expect("a body in memory").to_bytes();
        let kind = kind.unwrap_or_default();
        if status.is_client_error() || status.is_server_error() {
            assert_eq!(kind, "application/problem+json", "{status}");
        }
        if kind.ends_with("json") && !is_head {
            let read = serde_json::from_slice::<serde_json::Value>(&body);
            assert!(read.is_ok(), "what says that it is JSON is JSON");
        }
        (status, body)
    })
}

fn request(method: Method, address: &str, kind: &str, body: Body) -> Option<Request<Body>> {
    let request = Request::builder().method(method).uri(address).header("content-type", kind);
    request.header("x-request-id", "fuzz").header("idempotency-key", "fuzz").body(body).ok()
}

/// An octet for the call, then its body in JSON: the same body has the same answer.
pub fn json(data: &[u8]) {
    let Some((&call, body)) = data.split_first() else { return };
    let call = POSTS[usize::from(call) % POSTS.len()];
    let ask = || {
        let request = request(Method::POST, call, "application/json", Body::from(body.to_vec()));
        answer(request.expect("a request")).0
    };
    // What is issued anew each time differs; whether it is does not.
    assert_eq!(ask(), ask());
}

/// A line with method and address, the rest a body.
pub fn address(data: &[u8]) {
    let end = data.iter().position(|&octet| octet == b'\n').unwrap_or(data.len());
    let (line, body) = data.split_at(end);
    let Some(line) = std::str::from_utf8(line).ok() else { return };
    let (method, address) = line.split_once(' ').unwrap_or(("GET", line));
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return };
    if let Some(request) = request(method, address, "application/json", Body::from(body.to_vec())) {
        answer(request);
    }
}

/// An octet for the size of pieces, a line with the media type, the rest a form: in pieces it says what it says in one.
pub fn form(data: &[u8]) {
    let Some((&size, rest)) = data.split_first() else { return };
    let end = rest.iter().position(|&octet| octet == b'\n').unwrap_or(rest.len());
    let (kind, body) = rest.split_at(end);
    let kind = String::from_utf8_lossy(kind);
    let body = body.get(1..).unwrap_or_default();
    let pieces = body.chunks(usize::from(size).max(1)).map(Bytes::copy_from_slice).collect();
    let ask = |body| request(Method::POST, "/v1/documents/verify", &kind, body).map(answer);
    let whole = ask(Body::from(body.to_vec()));
    assert_eq!(whole, ask(Body::new(Pieces(pieces))), "how it arrives does not matter");
}

/// A body that arrives in pieces.
struct Pieces(VecDeque<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}
