//! Requests that work on the demo, for the page, the description and a newcomer's shell.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::app::AppState;
use super::extract::FileName;
use super::problem::Problem;
use crate::service::demo::{
    DOCUMENTS, DocumentExample, EXAMPLES, Example, licence as licence_body, submission as submission_body,
};

/// `/demo/{name}.json`: the body of a request. Elsewhere than on the demo it would be refused, and only puzzle people.
pub(super) async fn example(State(state): State<AppState>, FileName(file): FileName) -> Response {
    let name = file.strip_suffix(".json").filter(|_| state.service.is_demo());
    match name.and_then(body) {
        Some(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        None => Problem::no_such_route().into_response(),
    }
}

fn body(name: &str) -> Option<String> {
    let certificate = EXAMPLES.iter().find(|example| example.name == name).map(Example::body);
    let document = || DOCUMENTS.iter().find(|example| example.name == name).map(DocumentExample::body);
    let whole = || match name {
        "licence" => Some(licence_body()),
        "submission" => Some(submission_body()),
        _ => None,
    };
    certificate.or_else(document).or_else(whole)
}

/// The example that is accepted, for the description.
pub(super) fn accepted() -> serde_json::Value {
    let body = EXAMPLES.iter().find(|example| example.name == "valid").map(|example| example.body());
    body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default()
}

/// A question about a signed document, for the description.
pub(super) fn document() -> serde_json::Value {
    body("document").and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default()
}

/// A submission, for the description.
pub(super) fn submission() -> serde_json::Value {
    body("submission").and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default()
}

/// A document to be signed, for the description.
pub(super) fn licence() -> serde_json::Value {
    body("licence").and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default()
}

/// A line for a shell that asks the demo at `address` about its own example and is answered `accepted`.
#[must_use]
pub fn curl_example(address: SocketAddr) -> String {
    let loopback: IpAddr = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    let ip = if address.ip().is_unspecified() { loopback } else { address.ip() };
    let base = format!("http://{}", SocketAddr::new(ip, address.port()));
    format!(
        "curl -s {base}/demo/valid.json | \
         curl -s {base}/v1/certificates/check -H 'content-type: application/json' --data-binary @-"
    )
}
