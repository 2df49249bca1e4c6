//! `/v1/documents`: signed documents of every format.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use utoipa::ToSchema;

use super::{AT_ONCE, json, looked_up};
use crate::http::app::AppState;
use crate::http::asking::Asking;
use crate::http::extract::{self, AcceptLanguage, JsonDocuments};
use crate::http::problem::Problem;
use crate::http::received::{DocumentForm, Held, Stored, UploadPlace};
use crate::journal::Event;
use crate::service::signing::SigningFault;
use crate::service::{Asker, Decided, DocumentRequest, IdentityClaim, PreparedDocument, named};
use crate::signed::Detached;
use crate::verdict::DocumentReport;

/// The form, for the description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a shape for the description; the form is read part by part")]
pub(in crate::http) struct DocumentFormShape {
    /// The signed document, its bytes as they are.
    #[schema(value_type = String, format = Binary)]
    document: Vec<u8>,
    /// The content of a detached signature, its bytes as they are.
    #[schema(value_type = Option<String>, format = Binary)]
    content: Option<Vec<u8>>,
    /// The other fields of the JSON call, as JSON.
    request: Option<DocumentRequest>,
}

/// Verifies a signed document: CMS attached or detached, XML, SOAP, PDF, ASiC, the Kazakh zip container.
///
/// A verdict is never an error: a document that cannot be read as a signed one is answered 200 with `document-malformed`.
/// Large documents are sent as `multipart/form-data` and written to the disk as they arrive. CMS and detached content of any
/// size can be verified, PDF and containers up to 64 MiB, XML up to 16 MiB.
#[utoipa::path(post, path = "/v1/documents/verify", tag = "documents",
    request_body(content(
        (DocumentRequest = "application/json", example = json!(crate::http::examples::document())),
        (DocumentFormShape = "multipart/form-data"),
    )),
    params(("accept-language" = Option<String>, Header, description = "Language of the message, unless the body names one")),
    responses(
        (status = 200, description = "The verdict, and one for each signature", body = DocumentReport),
        (status = 400, description = "Malformed JSON, form or base64", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON nor a form", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn verify_document(
    State(state): State<AppState>,
    accept: AcceptLanguage,
    request: Request,
) -> Result<Response, Problem> {
    let asker = Asking::of(request.extensions()).0;
    if !extract::is_form(request.headers()) {
        let JsonDocuments(question, held) = JsonDocuments::<DocumentRequest>::from_request(request, &state).await?;
        return verify_json(&state, &accept, question, (held, asker)).await;
    }
    let (parts, body) = request.into_parts();
    let form = DocumentForm::<DocumentRequest>::read(&state, &parts.headers, body).await?;
    let DocumentForm { document, content, request, place } = form;
    let mut question = request.unwrap_or_default();
    accept.complete(&mut question.language, &state);
    // The part is content like the field.
    question.content = content.is_some().then(String::new);
    let claim = question.identity.clone().unwrap_or_default();
    let prepared = state.service.prepare_document(&question)?;
    let octets = document.len() + content.as_ref().map_or(0, Stored::len);
    let limit = state.limits.request_timeout + Duration::from_secs(octets / SLOWEST);
    let verified = tokio::time::timeout(limit, verify(&state, prepared, document, content, place)).await;
    answer(&state, &verified.map_err(|_elapsed| Problem::timed_out())??, &claim, &asker).await
}

/// Octets of a large document in a second, at least: the slowest hash, of GOST 34.311-95, does twice that.
const SLOWEST: u64 = 8 << 20;

async fn verify_json(
    state: &AppState,
    accept: &AcceptLanguage,
    mut question: DocumentRequest,
    (held, asker): (Held, Asker),
) -> Result<Response, Problem> {
    accept.complete(&mut question.language, state);
    let prepared = state.service.prepare_document(&question)?;
    let claim = question.identity.clone().unwrap_or_default();
    let length = question.document.len() + question.content.as_ref().map_or(0, String::len);
    let (document, content) =
        if length > AT_ONCE { state.compute(move || decode(question)).await?? } else { decode(question)? };
    let content = content.map(|bytes| Stored::Memory { bytes, _held: state.room.hold() });
    let report = verify(state, prepared, Stored::Memory { bytes: document, _held: held }, content, None).await?;
    answer(state, &report, &claim, &asker).await
}

/// The bytes out of the fields, which are gone after that.
#[expect(clippy::needless_pass_by_value, reason = "what was counted with the document must not outlive it")]
fn decode(question: DocumentRequest) -> Result<(Vec<u8>, Option<Vec<u8>>), Problem> {
    let mut errors = Vec::new();
    let document = super::decode_document("document", &question.document, &mut errors);
    let content = question.content.as_deref().map(|text| super::decode_content("content", text, &mut errors));
    super::check_fields(errors)?;
    document.map(|document| (document, content.flatten())).ok_or_else(Problem::internal)
}

/// Verifies away from the threads that serve connections; asks responders in between where there are any.
async fn verify(
    state: &AppState,
    prepared: PreparedDocument,
    document: Stored,
    content: Option<Stored>,
    place: Option<UploadPlace>,
) -> Result<DocumentReport, Problem> {
    let streamed = document.is_file() || content.as_ref().is_some_and(Stored::is_file);
    // Somebody's gigabytes must not keep everybody else's kilobytes waiting.
    let turn = match streamed {
        true => Some(state.streams.take().await),
        false => None,
    };
    // With the work, not with the caller, who may give up.
    let places = (turn, place);
    let service = Arc::clone(&state.service);
    if !state.service.asks_responders() {
        let work = move || {
            let _places = places;
            let detached = content.as_ref().map_or(Detached::Absent, Stored::content);
            service.verify_document(&prepared, service.grounds(), document.document(), detached)
        };
        return state.compute(work).await?.map_err(|error| unreadable(&error));
    }
    let work = move || {
        let _places = places;
        let detached = content.as_ref().map_or(Detached::Absent, Stored::content);
        let opened = service.open_document(&prepared, service.grounds(), document.document(), detached);
        opened.map(|opened| (prepared, opened))
    };
    let (prepared, opened) = state.compute(work).await?.map_err(|error| unreadable(&error))?;
    let opened = state.service.ask_about_document(&prepared, opened, state.service.grounds()).await;
    let service = Arc::clone(&state.service);
    state.compute(move || service.judge_document(&prepared, service.grounds(), opened)).await
}

/// What was written a moment ago cannot be read: our disk's fault.
pub(super) fn unreadable(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "a document that was received cannot be read");
    Problem::internal()
}

async fn answer(
    state: &AppState,
    report: &DocumentReport,
    claim: &IdentityClaim,
    asker: &Asker,
) -> Result<Response, Problem> {
    let code = report.refusal().map(|refusal| refusal.code.as_str());
    state.metrics.document_concluded("document", report.decision().as_str(), code);
    for signature in report.signatures() {
        if let Some(outcome) = looked_up(&signature.report) {
            state.metrics.revocation_looked_up(outcome);
        }
    }
    let decided = Decided {
        event: Event::DocumentVerified,
        at: report.report().checked_at(),
        decision: report.decision().as_str(),
        code,
        documents: vec![report],
        identities: named("asked", claim.iin.as_deref(), claim.bin.as_deref()),
        details: report.format().map(|format| ("format", format.to_owned())).into_iter().collect(),
    };
    state.recorder.document(decided, asker).await.map_err(SigningFault::from)?;
    Ok(json(StatusCode::OK, report))
}
