//! Version 1 of the interface, one file a resource.

pub(super) mod certificates;
pub(super) mod identity_numbers;
pub(super) mod revocation;
pub(super) mod services;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::Problem;

/// Bytes reserved for an answer: a usual report is smaller.
const USUAL_ANSWER_BYTES: usize = 12 * 1024;

/// An answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut body = Vec::with_capacity(USUAL_ANSWER_BYTES);
    if serde_json::to_writer(&mut body, value).is_err() {
        return Problem::internal().into_response();
    }
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
