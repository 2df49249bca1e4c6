//! `/v1/licences`: issued documents are signed here.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{decode_document, json};
use crate::crypto::hexadecimal;
use crate::http::answer::Keeps;
use crate::http::app::AppState;
use crate::http::asking::Asking;
use crate::http::extract::{self, AcceptLanguage, JsonDocuments};
use crate::http::problem::Problem;
use crate::http::received::{DocumentForm, Stored};
use crate::journal::Receipt;
use crate::service::signing::{
    Approval, Desk, Issued, Made, Order, Original, PreparedSigning, SignRequest, SigningOutcome,
};
use crate::service::{FieldError, RequestError};
use crate::signed::Document;

/// The place of an entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Place {
    /// Number of the entry, from 1.
    sequence: u64,
    /// Its hash, in hexadecimal.
    hash: String,
}

impl From<Receipt> for Place {
    fn from(receipt: Receipt) -> Self {
        Self { sequence: receipt.sequence, hash: hexadecimal(&receipt.hash) }
    }
}

/// A signed document.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct SignedLicence {
    /// The signed document, or the signature beside it, base64.
    document: String,
    /// The certificate of the official, base64 of the DER.
    certificate: String,
    /// When it was signed: the time of the timestamp, else that of the service.
    signed_at: String,
    /// What our own verifier found proved: `B` or `T`; `bare` for WS-Security, which has no signed properties.
    level: String,
    /// Where it is in the journal.
    journal: Place,
    /// Whether this is the answer that was given before under the same idempotency key.
    replayed: bool,
    /// Present and true when the key is the demo's, which is public: the document is worth nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    demo: bool,
    /// Things to point out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// A request that waits for a second person.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct WaitingLicence {
    /// What waits; ask again with the same idempotency key to get the document.
    approval: Approval,
}

/// The form, for the description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a shape for the description; the form is read part by part")]
pub(in crate::http) struct LicenceFormShape {
    /// The document, its bytes as they are.
    #[schema(value_type = String, format = Binary)]
    document: Vec<u8>,
    /// The content of a detached signature that gets one more.
    #[schema(value_type = Option<String>, format = Binary)]
    content: Option<Vec<u8>>,
    /// The other fields of the JSON call, as JSON.
    request: SignRequest,
}

/// Octets of a large document in a second, at least: hashed, signed, written, verified and hashed again.
const SLOWEST: u64 = 2 << 20;

impl Original for Stored {
    fn document(&self) -> Document<'_> {
        Self::document(self)
    }

    fn octets(&self) -> u64 {
        self.len()
    }
}

/// Signs an issued document as an official.
///
/// The header `idempotency-key` names the request: the same key and the same request are answered with the same signature,
/// also after a crash; the same key with another request is refused. Large documents are sent as `multipart/form-data`.
/// When the official needs a second person, the answer is 202 until another client has approved.
#[utoipa::path(post, path = "/v1/licences/sign", tag = "signing",
    request_body(content(
        (SignRequest = "application/json", example = json!(crate::http::examples::licence())),
        (LicenceFormShape = "multipart/form-data"),
    )),
    params(
        ("idempotency-key" = String, Header, description = "1 to 255 printable ASCII characters, such as a UUID"),
        ("accept-language" = Option<String>, Header, description = "Language of a refusal, unless the body names one"),
    ),
    responses(
        (status = 200, description = "Signed, now or before", body = SignedLicence),
        (status = 202, description = "Waits for a second person", body = WaitingLicence),
        (status = 400, description = "Malformed JSON, form or base64", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The official does not sign this", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The certificate of the official is not good", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor a form", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used, the document cannot be signed so, or the idempotency key was used", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Key, journal, timestamp or evidence are not there now: try again with the same key", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn sign_licence(
    State(state): State<AppState>,
    accept: AcceptLanguage,
    request: Request,
) -> Result<Response, Problem> {
    let idempotency_key = idempotency_key(request.headers())?;
    let asker = Asking::of(request.extensions()).0;
    let desk = Arc::clone(&state.desk);
    let (prepared, original, content, place) = if extract::is_form(request.headers()) {
        let (parts, body) = request.into_parts();
        let form = DocumentForm::<SignRequest>::read(&state, &parts.headers, body).await?;
        let Some(mut question) = form.request else {
            let error = FieldError::new("request", "missing-field", "the part is missing", "Send the fields as JSON");
            return Err(Problem::fields(RequestError { errors: vec![error], malformed: false }));
        };
        accept.complete(&mut question.language, &state);
        // The part is content like the field.
        question.content = form.content.is_some().then(String::new);
        (desk.prepare(&question)?, form.document, form.content, form.place)
    } else {
        let JsonDocuments(mut question, held) = JsonDocuments::<SignRequest>::from_request(request, &state).await?;
        accept.complete(&mut question.language, &state);
        let prepared = desk.prepare(&question)?;
        let (document, content) = state.compute(move || decode(&question)).await??;
        let content = content.map(|bytes| Stored::Memory { bytes, _held: state.room.hold() });
        (prepared, Stored::Memory { bytes: document, _held: held }, content, None)
    };
    let octets = original.len() + content.as_ref().map_or(0, Stored::len);
    let order = order(prepared, original, content, (idempotency_key, asker));
    let limit = state.limits.request_timeout + Duration::from_secs(octets / SLOWEST);
    // In a task of its own: a caller who hangs up must not leave a signature half-made.
    let act = state.acts.begin().ok_or_else(Problem::overloaded)?;
    let signing = tokio::spawn(async move {
        let _until_it_is_done = (place, act);
        desk.sign(order).await
    });
    let outcome = match tokio::time::timeout(limit, signing).await {
        Err(_elapsed) => return Err(Problem::timed_out()),
        Ok(Err(_panicked)) => return Err(Problem::internal()),
        Ok(Ok(outcome)) => outcome,
    };
    state.metrics.signing_concluded(match &outcome {
        Ok(SigningOutcome::Issued(issued)) if issued.replayed => "replayed",
        Ok(SigningOutcome::Issued(_)) => "signed",
        Ok(SigningOutcome::Waiting(_)) => "waiting",
        Err(fault) => fault.code(),
    });
    match outcome? {
        SigningOutcome::Issued(issued) => issued_answer(*issued).await,
        SigningOutcome::Waiting(approval) => Ok(json(StatusCode::ACCEPTED, &WaitingLicence { approval: *approval })),
    }
}

fn order(
    prepared: PreparedSigning,
    original: Stored,
    content: Option<Stored>,
    (idempotency_key, asker): (String, crate::service::Asker),
) -> Order {
    let content = content.map(|content| Arc::new(content) as Arc<dyn Original>);
    Order { prepared, original: Arc::new(original), content, idempotency_key, asker }
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let first = values.next().map(|value| value.to_str().unwrap_or_default());
    if values.next().is_some() {
        let error = FieldError::new("idempotency-key", "duplicate-field", "the header is there twice", "Send it once");
        return Err(Problem::fields(RequestError { errors: vec![error], malformed: false }));
    }
    Ok(Desk::check_idempotency_key(first)?)
}

fn decode(question: &SignRequest) -> Result<(Vec<u8>, Option<Vec<u8>>), Problem> {
    let mut errors = Vec::new();
    let document = decode_document("document", &question.document, &mut errors);
    let content = question.content.as_deref().map(|text| super::decode_content("content", text, &mut errors));
    super::check_fields(errors)?;
    document.map(|document| (document, content.flatten())).ok_or_else(Problem::internal)
}

/// Octets of a document that are put into an answer at once.
const AT_ONCE: u64 = 8 << 20;

/// The answer with the document in it; a large one is written as it is read.
pub(super) async fn issued_answer(issued: Issued) -> Result<Response, Problem> {
    let Issued { document, facts, receipt, replayed } = issued;
    let told = SignedLicence {
        document: String::new(),
        certificate: facts.certificate,
        signed_at: facts.signed_at.to_string(),
        level: facts.level,
        journal: receipt.into(),
        replayed,
        demo: facts.demo,
        warnings: facts.warnings,
    };
    match document {
        Made::Memory(bytes) if bytes.len() as u64 <= AT_ONCE => {
            use base64::Engine as _;
            let document = base64::engine::general_purpose::STANDARD.encode(bytes);
            Ok(json(StatusCode::OK, &SignedLicence { document, ..told }))
        }
        made => stream(made, &told),
    }
}

/// How an answer begins: its first field is the document.
const HEAD: &str = "{\"document\":\"";

/// [`HEAD`] and pieces of base64, then the other fields, which are serialised with an empty document in front.
fn stream(made: Made, told: &SignedLicence) -> Result<Response, Problem> {
    let json = serde_json::to_string(told).map_err(|_| Problem::internal())?;
    let tail = json.strip_prefix(HEAD).map(str::to_owned).ok_or_else(Problem::internal)?;
    let length = HEAD.len() as u64 + made.octets().div_ceil(3) * 4 + tail.len() as u64;
    let keeps = match &made {
        Made::Memory(bytes) => bytes.len(),
        // The pieces that wait for the reader, and the one that is made.
        Made::File(_) => 4 * usize::try_from(Made::PIECE).unwrap_or(usize::MAX),
    };
    let (pieces, body) = tokio::sync::mpsc::channel::<std::io::Result<Bytes>>(2);
    // A caller who hung up has closed the channel; there is nobody to tell then.
    tokio::spawn(async move { send(Arc::new(made), tail, pieces).await });
    let body = futures_util::stream::unfold(body, async |mut body| body.recv().await.map(|piece| (piece, body)));
    let mut response = Body::from_stream(body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response.extensions_mut().insert(Keeps(keeps));
    Ok(response)
}

type Pieces = tokio::sync::mpsc::Sender<std::io::Result<Bytes>>;

/// Sends the pieces one after the other. No thread waits for a slow reader, whose connection ends when it is too slow.
async fn send(made: Arc<Made>, tail: String, pieces: Pieces) -> Option<()> {
    let give = async |piece: std::io::Result<Bytes>| pieces.send(piece).await.ok();
    give(Ok(Bytes::from_static(HEAD.as_bytes()))).await?;
    let mut offset = 0;
    loop {
        let reading = Arc::clone(&made);
        let read = tokio::task::spawn_blocking(move || reading.base64_piece(offset)).await.ok()?;
        match read.transpose() {
            None => break,
            Some(Ok(piece)) => give(Ok(Bytes::from(piece))).await?,
            Some(Err(error)) => {
                tracing::error!(%error, "a signed document cannot be read while it is answered");
                return give(Err(error)).await;
            }
        }
        offset += Made::PIECE;
    }
    give(Ok(Bytes::from(tail))).await
}
