//! What handlers take out of a request: the body as JSON, the language.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::app::AppState;
use super::json_path;
use super::problem::Problem;
use super::received::Held;
use crate::access::Caller;
use crate::service::{FieldError, RequestError};
use crate::verdict::Language;

/// Bytes reserved for a body before any of it has come: the usual body. A declared length reserves nothing.
const USUAL_BODY_BYTES: usize = 16 * 1024;

/// A JSON body, checked for media type and size before it is kept.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_headers(&parts.headers, state.limits.max_body_bytes)?;
        let bytes = collect(body, state.limits.max_body_bytes, None).await?;
        if bytes.is_empty() {
            return Err(Problem::missing_body());
        }
        check_media_type(&parts.headers)?;
        from_json(&bytes).map(Self)
    }
}

/// A JSON body with documents in it: larger, and held in the room for documents.
#[derive(Debug)]
pub(super) struct JsonDocuments<T>(pub(super) T, pub(super) Held);

impl<T: DeserializeOwned + Send + 'static> FromRequest<AppState> for JsonDocuments<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_headers(&parts.headers, state.limits.max_json_document_bytes)?;
        let mut held = state.room.hold();
        let bytes = collect(body, state.limits.max_json_document_bytes, Some(&mut held)).await?;
        if bytes.is_empty() {
            return Err(Problem::missing_body());
        }
        check_media_type(&parts.headers)?;
        let value = if bytes.len() > PARSED_AT_ONCE {
            state.compute(move || from_json(&bytes)).await??
        } else {
            from_json(&bytes)?
        };
        Ok(Self(value, held))
    }
}

/// Bytes of JSON that are parsed on the threads that serve connections: a fraction of a millisecond.
const PARSED_AT_ONCE: usize = 256 * 1024;

/// How many octets of memory an octet of a JSON body with documents comes to: the body, the text in it, the bytes.
const COPIES: usize = 3;

/// The octets of memory that a JSON body with documents takes.
pub(super) const fn memory_of(body: usize) -> usize {
    body.saturating_mul(COPIES)
}

/// Parses a JSON object.
pub(super) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // The deserialiser would take a list for an object, its elements for the fields in order.
    if bytes.trim_ascii_start().first() != Some(&b'{') && serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        return Err(not_an_object());
    }
    serde_json::from_slice(bytes).map_err(|error| json_problem(bytes, &error))
}

/// The media type of a body, without its parameters.
fn essence(headers: &HeaderMap) -> &[u8] {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}

/// Whether the body says that it is a form with files.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    essence(headers).eq_ignore_ascii_case(b"multipart/form-data")
}

/// Refuses a declared length beyond the limit, and what is compressed.
pub(super) fn check_headers(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
        return Err(Problem::too_large(limit));
    }
    // Every field: what is called plain first may be called compressed next.
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    if encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        Ok(())
    } else {
        Err(Problem::media_type("send the body without content-encoding"))
    }
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    if essence(headers).eq_ignore_ascii_case(b"application/json") {
        Ok(())
    } else {
        Err(Problem::media_type("send content-type: application/json"))
    }
}

/// Receives the body, at most `limit` bytes of it. A body in one piece is not copied.
async fn collect(mut body: Body, limit: usize, mut held: Option<&mut Held>) -> Result<Bytes, Problem> {
    let mut first = Bytes::new();
    let mut all: Option<Vec<u8>> = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Problem::broken_body())?.into_data() else {
            continue;
        };
        let so_far = all.as_ref().map_or(first.len(), Vec::len);
        if data.len() > limit.saturating_sub(so_far) {
            return Err(Problem::too_large(limit));
        }
        if let Some(held) = &mut held {
            held.grow(memory_of(data.len()))?;
        }
        match &mut all {
            Some(all) => all.extend_from_slice(&data),
            None if first.is_empty() => first = data,
            None => {
                let mut vec = Vec::with_capacity(USUAL_BODY_BYTES.max(first.len() + data.len()));
                vec.extend_from_slice(&first);
                vec.extend_from_slice(&data);
                all = Some(vec);
            }
        }
    }
    Ok(all.map_or(first, Bytes::from))
}

/// What is wrong with JSON: 400 when it is none, 422 naming the field when it is not what was asked for.
fn json_problem(json: &[u8], error: &serde_json::Error) -> Problem {
    use serde_json::error::Category;
    let text = error.to_string();
    let said = text.split(" at line ").next().unwrap_or_default();
    match error.classify() {
        Category::Data => {
            Problem::fields(RequestError { errors: vec![field_error(json, error, said)], malformed: false })
        }
        Category::Eof | Category::Io | Category::Syntax => {
            Problem::malformed_json(format!("{said} at line {} column {}", error.line(), error.column()))
        }
    }
}

fn not_an_object() -> Problem {
    let error = FieldError::new("(body)", "wrong-type", "a JSON object is needed", "Write the fields between { and }");
    Problem::fields(RequestError { errors: vec![error], malformed: false })
}

fn field_error(json: &[u8], error: &serde_json::Error, said: &str) -> FieldError {
    let path = json_path::path_at(json, json_path::offset(json, error.line(), error.column()));
    let whole = |path: String| if path.is_empty() { "(body)".to_owned() } else { path };
    // The values of the body are not repeated: they may be long, and they are the caller's.
    let expected = match said.split_once(", expected ") {
        Some((_, expected)) if expected.starts_with("struct ") => "an object",
        Some((_, expected)) => expected,
        None => "another value",
    };
    let quoted = said.split('`').nth(1).unwrap_or_default();
    if said.starts_with("missing field") {
        let field = if path.is_empty() { quoted.to_owned() } else { format!("{path}.{quoted}") };
        let remedy = "Add the field".to_owned();
        return FieldError { field, code: "missing-field", problem: "the field is missing".to_owned(), remedy };
    }
    if said.starts_with("unknown field") {
        let remedy = format!("Remove it; the fields here are {}", expected.trim_start_matches("one of "));
        return FieldError {
            field: whole(path),
            code: "unknown-field",
            problem: "there is no such field".into(),
            remedy,
        };
    }
    if said.starts_with("duplicate field") {
        let remedy = "Write the field once".to_owned();
        return FieldError {
            field: whole(path),
            code: "duplicate-field",
            problem: "the field is there twice".into(),
            remedy,
        };
    }
    let (code, problem) = if said.starts_with("invalid type") {
        ("wrong-type", "a value of another type is needed")
    } else {
        ("invalid-value", "the value cannot be used")
    };
    FieldError { field: whole(path), code, problem: problem.to_owned(), remedy: format!("Write {expected}") }
}

/// The name of a file, which ends the path; one that is no text names nothing that is there.
#[derive(Debug)]
pub(super) struct FileName(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for FileName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let name = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        name.map(|axum::extract::Path(name)| Self(name)).map_err(|_| Problem::no_such_route())
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    /// The client that was let in; [`Caller::anybody`] where nobody has to be.
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::anybody))
    }
}

/// The languages that the caller's browser prefers, if it said so.
#[derive(Debug)]
pub(super) struct AcceptLanguage(Option<HeaderValue>);

impl<S: Sync> FromRequestParts<S> for AcceptLanguage {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.get(header::ACCEPT_LANGUAGE).cloned()))
    }
}

impl AcceptLanguage {
    /// Fills in the language of a request that names none.
    pub(super) fn complete(&self, language: &mut Option<String>, state: &AppState) {
        if language.is_none() {
            *language = self.choose(state.default_language).map(|language| language.as_str().to_owned());
        }
    }

    /// The language to answer in, or `None` when the caller did not say.
    pub(super) fn choose(&self, default: Language) -> Option<Language> {
        let header = self.0.as_ref()?.to_str().ok()?;
        Some(Language::from_accept_language(header, default))
    }
}
