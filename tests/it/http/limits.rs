//! Sizes, times, concurrency.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use http_body_util::BodyExt;
use hyper::body::Frame;

use super::*;

const CHECK: &str = "/v1/certificates/check";
const MEBIBYTE: usize = 1 << 20;

/// A body in pieces of 64 KiB that counts how much of it was asked for; after `size` bytes it ends or stays silent.
struct Pieces {
    size: usize,
    sent: Arc<AtomicUsize>,
    ends: bool,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let sent = self.sent.load(Ordering::SeqCst);
        if sent >= self.size {
            return if self.ends { Poll::Ready(None) } else { Poll::Pending };
        }
        let piece = Bytes::from_static(&[b' '; 64 * 1024]);
        self.sent.fetch_add(piece.len(), Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

#[tokio::test]
async fn a_hundred_megabytes_are_refused_after_the_limit() {
    let sent = Arc::new(AtomicUsize::new(0));
    let pieces = Pieces { size: 100 * MEBIBYTE, sent: Arc::clone(&sent), ends: true };
    let response = app().respond(post(CHECK, Body::new(pieces))).await;
    insta::assert_snapshot!("body_too_large", shown(response).await);
    assert!(sent.load(Ordering::SeqCst) <= MEBIBYTE + 64 * 1024);
}

#[tokio::test]
async fn a_declared_length_is_refused_before_anything_is_read() {
    for length in ["104857600", "1048577", "18446744073709551615"] {
        let sent = Arc::new(AtomicUsize::new(0));
        let pieces = Pieces { size: 100 * MEBIBYTE, sent: Arc::clone(&sent), ends: true };
        let headers = [("content-type", "application/json"), ("content-length", length)];
        let response = app().respond(request(Method::POST, CHECK, &headers, Body::new(pieces))).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE, "{length}");
        assert_eq!(sent.load(Ordering::SeqCst), 0, "{length}");
    }
}

#[tokio::test]
async fn the_limit_itself_is_allowed() {
    let app = app_with(&[("RASTAU_HTTP__MAX_BODY_BYTES", "2048")]);
    for (size, status) in [(2048, StatusCode::UNPROCESSABLE_ENTITY), (2049, StatusCode::PAYLOAD_TOO_LARGE)] {
        let body = format!("{{{}}}", " ".repeat(size - 2));
        assert_eq!(app.respond(post(CHECK, body)).await.status(), status, "{size}");
    }
}

#[tokio::test]
async fn a_request_that_never_ends_times_out() {
    let app = app_with(&[("RASTAU_HTTP__REQUEST_TIMEOUT_MS", "30")]);
    let silent = Pieces { size: 1, sent: Arc::default(), ends: false };
    let response = app.respond(post(CHECK, Body::new(silent))).await;
    insta::assert_snapshot!("timeout", shown(response).await);
}

#[tokio::test]
async fn too_many_requests_at_once_are_answered_503_but_health_is_not() {
    let app = app_with(&[("RASTAU_HTTP__CONCURRENCY", "1"), ("RASTAU_HTTP__REQUEST_TIMEOUT_MS", "60000")]);
    let waiting = {
        let app = app.clone();
        let silent = Pieces { size: 1, sent: Arc::default(), ends: false };
        tokio::spawn(async move { app.respond(post(CHECK, Body::new(silent))).await })
    };
    while !text(app.respond(get("/metrics")).await).await.contains("rastau_http_requests_in_flight 2\n") {
        tokio::task::yield_now().await;
    }
    insta::assert_snapshot!("overloaded", shown(app.respond(post(CHECK, "{}")).await).await);
    assert_eq!(app.respond(get("/healthz")).await.status(), StatusCode::OK);
    waiting.abort();
    let _aborted = waiting.await;
    assert_eq!(app.respond(post(CHECK, "{}")).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let metrics = text(app.respond(get("/metrics")).await).await;
    assert!(metrics.contains("rastau_http_overloads_total{cause=\"concurrency\"} 1\n"), "{metrics}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_problem() {
    let broken = Body::new(Body::from("{}").map_frame(|frame| frame)).map_err(|never| never);
    assert_eq!(app().respond(post(CHECK, Body::new(broken))).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
}
