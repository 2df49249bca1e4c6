//! Version 1 of the interface, one file a resource.

pub(super) mod approvals;
pub(super) mod certificates;
pub(super) mod challenges;
pub(super) mod documents;
pub(super) mod identity_numbers;
pub(super) mod journal;
pub(super) mod licences;
pub(super) mod officials;
pub(super) mod revocation;
pub(super) mod services;
pub(super) mod submissions;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::Problem;
use crate::der::armour;
use crate::service::{FieldError, RequestError};
use crate::verdict::{CheckName, CheckStatus, Report};

/// Bytes reserved for an answer: a usual report is smaller.
const USUAL_ANSWER_BYTES: usize = 12 * 1024;

/// An answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut body = Vec::with_capacity(USUAL_ANSWER_BYTES);
    if serde_json::to_writer(&mut body, value).is_err() {
        return Problem::internal().into_response();
    }
    // What an answer counts for is its length, and it may be kept for as long as somebody does not take it.
    body.shrink_to_fit();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What the check found out about revocation, as metrics name it.
fn looked_up(report: &Report) -> Option<&'static str> {
    let check = report.checks().iter().find(|check| check.name == CheckName::Revocation)?;
    match check.status {
        CheckStatus::Passed => Some("good"),
        CheckStatus::Failed => Some("revoked"),
        CheckStatus::Undetermined => Some("unknown"),
        CheckStatus::Skipped => None,
    }
}

/// Octets of base64 that are decoded on the threads that serve connections: a fraction of a millisecond.
const AT_ONCE: usize = 256 * 1024;

/// A document out of a field: base64, or PEM as it is.
fn decode_document(field: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<Vec<u8>> {
    let trimmed = text.trim_ascii();
    if trimmed.is_empty() {
        errors.push(FieldError::new(
            field,
            "missing-field",
            "the field is missing or empty",
            "Add the document in base64",
        ));
        return None;
    }
    if trimmed.starts_with("-----BEGIN ") {
        return Some(trimmed.as_bytes().to_vec());
    }
    decode(field, text, errors)
}

/// The content of a detached signature out of a field: base64, which may be of nothing.
fn decode_content(field: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<Vec<u8>> {
    if text.trim_ascii().is_empty() { Some(Vec::new()) } else { decode(field, text, errors) }
}

fn decode(field: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<Vec<u8>> {
    armour::decode_base64(text.as_bytes())
        .map_err(|error| {
            errors.push(FieldError::new(field, "malformed-encoding", error.to_string(), "Send the bytes in base64"))
        })
        .ok()
}

/// Complains about fields, if there is anything to complain about.
fn check_fields(errors: Vec<FieldError>) -> Result<(), Problem> {
    if errors.is_empty() {
        return Ok(());
    }
    let malformed = errors.iter().any(|error| error.code == "malformed-encoding");
    Err(Problem::fields(RequestError { errors, malformed }))
}
