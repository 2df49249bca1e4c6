//! Errors as `application/problem+json` (RFC 9457) with a stable `code`.

use std::num::NonZeroU32;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::fairness::Taken;
use crate::service::signing::SigningFault;
use crate::service::{FieldError, RequestError};
use crate::verdict::Refusal;

/// An error answer (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:rastau:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The stable name of the problem.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// What the code means, in English.
    #[schema(value_type = String)]
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The fields that cannot be used, with the remedy for each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Why the certificate of an official was not good, in the words of a report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Box<Refusal>>,
    /// Never zero, which lets it take no more room than a number.
    #[serde(skip)]
    retry_after_seconds: Option<NonZeroU32>,
    /// What `www-authenticate` asks for.
    #[serde(skip)]
    challenge: Option<Challenge>,
}

/// What a caller is asked for who was not let in (RFC 6750 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Credentials.
    Credentials,
    /// Better ones.
    InvalidToken,
    /// Those of a client that may do this.
    InsufficientScope,
}

impl Challenge {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "Bearer realm=\"rastau\"",
            Self::InvalidToken => "Bearer realm=\"rastau\", error=\"invalid_token\"",
            Self::InsufficientScope => "Bearer realm=\"rastau\", error=\"insufficient_scope\"",
        }
    }
}

/// The code of the problem for the access log, in the extensions of the answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProblemCode(pub(super) &'static str);

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            kind: format!("urn:rastau:problem:{code}"),
            code,
            title,
            status: status.as_u16(),
            detail: None,
            errors: Vec::new(),
            refusal: None,
            retry_after_seconds: None,
            challenge: None,
        }
    }

    /// The same, about a field below `place`.
    pub(super) fn within(mut self, place: &str) -> Self {
        for error in &mut self.errors {
            error.field = if error.field == "(body)" { place.to_owned() } else { format!("{place}.{}", error.field) };
        }
        self.detail = self.detail.map(|detail| format!("{place}: {detail}"));
        self
    }

    /// The body of the answer.
    pub(super) fn to_json(&self) -> Vec<u8> {
        // Texts and numbers only: serialising cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What `retry-after` says.
    pub(super) fn retry_after(&self) -> Option<NonZeroU32> {
        self.retry_after_seconds
    }

    fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// 400: the body is not JSON.
    pub(super) fn malformed_json(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed-json", "The body is not JSON").with_detail(detail)
    }

    /// 400: the body is not the form that its media type says.
    pub(super) fn malformed_form(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed-form", "The body is not multipart/form-data").with_detail(detail)
    }

    /// 400: the body is not there.
    pub(super) fn missing_body() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "missing-body", "The request has no body")
            .with_detail("send a JSON object, as /docs shows")
    }

    /// 400: the body broke off or was sent against the protocol.
    pub(super) fn broken_body() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "broken-body", "The body could not be received")
    }

    /// 401: it is not known who asks, or what was said of it is no good.
    pub(super) fn unauthenticated(code: &'static str, title: &'static str, challenge: Challenge, detail: &str) -> Self {
        let problem = Self::new(StatusCode::UNAUTHORIZED, code, title);
        Self { challenge: Some(challenge), ..problem.with_detail(detail) }
    }

    /// 403: the client is known and may not do this.
    pub(super) fn forbidden() -> Self {
        let problem = Self::new(StatusCode::FORBIDDEN, "forbidden", "The client may not call this");
        let detail = "none of its roles allows the call; ask the operator";
        Self { challenge: Some(Challenge::InsufficientScope), ..problem.with_detail(detail) }
    }

    /// 429: the client asked too often.
    pub(super) fn too_often(seconds: u32) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate-limited", "The client asks too often");
        Self {
            retry_after_seconds: NonZeroU32::new(seconds),
            ..problem.with_detail("try again after the seconds in retry-after")
        }
    }

    /// 404.
    pub(super) fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing at this address")
            .with_detail("the calls are listed at /docs")
    }

    /// 404: no such challenge.
    pub(super) fn no_such_challenge(detail: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "challenge-unknown", "There is no such challenge").with_detail(detail)
    }

    /// 404: no such entry of the journal.
    pub(super) fn no_such_entry() -> Self {
        Self::new(StatusCode::NOT_FOUND, "entry-unknown", "There is no such entry")
            .with_detail("entries are numbered from 1 to the one at /v1/journal/head")
    }

    /// 422: a parameter of the address.
    pub(super) fn bad_query(detail: String) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-request", "A parameter cannot be used").with_detail(detail)
    }

    /// 410: a challenge that was answered, or not in time.
    pub(super) fn challenge_gone(code: &'static str, detail: String) -> Self {
        Self::new(StatusCode::GONE, code, "The challenge cannot be answered any more").with_detail(detail)
    }

    /// 405; the header `allow` is set by the router.
    pub(super) fn method_not_allowed() -> Self {
        let title = "The call exists, with another method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", title)
            .with_detail("use one of the methods in the header allow")
    }

    /// 400: what arrived is not HTTP.
    pub(super) fn malformed_request() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed-request", "What was sent is not a request of HTTP/1.1 or HTTP/2")
    }

    /// 414.
    pub(super) fn address_too_long() -> Self {
        Self::new(StatusCode::URI_TOO_LONG, "address-too-long", "The address is longer than allowed")
    }

    /// 431.
    pub(super) fn head_too_large() -> Self {
        let title = "The header fields are more, or larger, than allowed";
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", title)
    }

    /// 421: the name is not one of this service.
    pub(super) fn another_host() -> Self {
        Self::new(StatusCode::MISDIRECTED_REQUEST, "host-not-served", "The service is not called by this name")
            .with_detail("call it by its address or as localhost, or add the name to http.hosts")
    }

    /// 403: a browser asks for a page of another site.
    pub(super) fn another_site() -> Self {
        Self::new(StatusCode::FORBIDDEN, "cross-site", "Pages of other sites may not call the service")
    }

    /// 429: the client has too much under way.
    pub(super) fn too_much_at_once() -> Self {
        let problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-at-once", "The client has too many requests under way");
        Self { retry_after_seconds: NonZeroU32::new(1), ..problem.with_detail("wait for answers before sending more") }
    }

    /// 503: there is no room for another connection of this address.
    pub(super) fn too_many_connections() -> Self {
        let title = "This address has too many connections";
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-connections", title);
        Self { retry_after_seconds: NonZeroU32::new(1), ..problem.with_detail("use those that are open") }
    }

    /// 413.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is larger than allowed")
            .with_detail(format!("at most {limit} bytes are taken"))
    }

    /// 415.
    pub(super) fn media_type(detail: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is of another media type")
            .with_detail(detail)
    }

    /// 422, or 400 when a field could not even be decoded.
    pub(super) fn fields(error: RequestError) -> Self {
        let problem = if error.malformed {
            Self::new(StatusCode::BAD_REQUEST, "malformed-field", "A field could not be decoded")
        } else {
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-request", "A field cannot be used")
        };
        Self { errors: error.errors, ..problem }
    }

    /// 500: ours, and nothing about it leaves the house.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "The service failed")
            .with_detail("the fault is ours; report it with the request id of this answer")
    }

    /// 503: too many requests at once.
    pub(super) fn overloaded() -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "The service is overloaded");
        Self {
            retry_after_seconds: NonZeroU32::new(1),
            ..problem.with_detail("try again after the seconds in retry-after")
        }
    }

    /// 429: asked for again too soon.
    pub(super) fn too_soon(seconds: u32) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-soon", "This was done a moment ago");
        Self {
            retry_after_seconds: NonZeroU32::new(seconds),
            ..problem.with_detail("try again after the seconds in retry-after")
        }
    }

    /// 503: the request took too long.
    pub(super) fn timed_out() -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "The request took too long");
        Self {
            retry_after_seconds: NonZeroU32::new(2),
            ..problem.with_detail("try again after the seconds in retry-after")
        }
    }
}

impl From<SigningFault> for Problem {
    fn from(fault: SigningFault) -> Self {
        let code = fault.code();
        let detail = fault.to_string();
        let (status, title, remedy) = match &fault {
            SigningFault::ApproverIsAsker | SigningFault::Forbidden(_) => {
                (StatusCode::FORBIDDEN, "This may not be done", "; the register is at /v1/officials")
            }
            SigningFault::ApprovalUnknown => (StatusCode::NOT_FOUND, "Nothing of that id waits", ""),
            SigningFault::Certificate(_) => {
                (StatusCode::CONFLICT, "The certificate of the official is not good", "; give the official another key")
            }
            SigningFault::CertificateUnknown(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The certificate of the official cannot be judged now",
                "; see /readyz and /v1/revocation, then try again with the same idempotency-key",
            ),
            SigningFault::Document(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "The document cannot be signed so", "; nothing was signed")
            }
            SigningFault::Internal | SigningFault::SelfCheck(_) => {
                return Self { kind: format!("urn:rastau:problem:{code}"), code, ..Self::internal() };
            }
            SigningFault::KeyReused => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "The idempotency key was used for another request",
                "; send a new key for a new document",
            ),
            SigningFault::NoTimestampAuthority => {
                (StatusCode::UNPROCESSABLE_ENTITY, "No timestamp can be had", "; configure [timestamp] urls")
            }
            SigningFault::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "The document is too large", ""),
            SigningFault::Busy
            | SigningFault::Journal(_)
            | SigningFault::Key(_)
            | SigningFault::Timestamp(_)
            | SigningFault::TooManyWaiting => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Nothing can be signed now",
                "; try again with the same idempotency-key",
            ),
        };
        let refusal = match fault {
            SigningFault::Certificate(report) | SigningFault::CertificateUnknown(report) => report.refusal().cloned(),
            _ => None,
        };
        let problem = Self::new(status, code, title).with_detail(format!("{detail}{remedy}"));
        let retry_after_seconds = NonZeroU32::new(if status == StatusCode::SERVICE_UNAVAILABLE { 5 } else { 0 });
        Self { refusal: refusal.map(Box::new), retry_after_seconds, ..problem }
    }
}

impl From<Taken> for Problem {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::All => Self::overloaded(),
            Taken::Share => Self::too_much_at_once(),
        }
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        Self::fields(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = self.to_json();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.get()));
        }
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge.as_str()));
        }
        response.extensions_mut().insert(ProblemCode(self.code));
        response
    }
}
