//! `/v1/submissions`: a form with its attachments.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::documents::unreadable;
use super::{AT_ONCE, check_fields, decode_content, decode_document, json, looked_up};
use crate::http::app::AppState;
use crate::http::asking::Asking;
use crate::http::extract::{AcceptLanguage, JsonDocuments};
use crate::http::problem::Problem;
use crate::http::received::Held;
use crate::journal::Event;
use crate::service::signing::SigningFault;
use crate::service::{Decided, OpenedSubmission, PreparedSubmission, SubmissionRequest, named};
use crate::signed::{Detached, Document};
use crate::verdict::SubmissionReport;

/// A document and its content.
type Bytes = (Vec<u8>, Option<Vec<u8>>);

/// Verifies a submission: every document of it, who had to sign, and what the service allows. One decision.
///
/// A verdict is never an error: a refusal names the document that it was found in, and says why in three languages.
#[utoipa::path(post, path = "/v1/submissions/verify", tag = "documents",
    request_body(content = SubmissionRequest, example = json!(crate::http::examples::submission())),
    params(("accept-language" = Option<String>, Header, description = "Language of the message, unless the body names one")),
    responses(
        (status = 200, description = "One decision, and a report for each document", body = SubmissionReport),
        (status = 400, description = "Malformed JSON or base64", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Body too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn verify_submission(
    State(state): State<AppState>,
    accept: AcceptLanguage,
    Asking(asker): Asking,
    JsonDocuments(mut request, held): JsonDocuments<SubmissionRequest>,
) -> Result<Response, Problem> {
    accept.complete(&mut request.language, &state);
    let mut identities = named("applicant", request.applicant.iin.as_deref(), request.applicant.bin.as_deref());
    let representative = request.representative.as_ref().map(|one| one.iin.as_str());
    identities.extend(named("representative", representative, None));
    let details = vec![("service", request.service.clone()), ("channel", request.channel.as_str().to_owned())];
    let prepared = state.service.prepare_submission(&request)?;
    let documents =
        if length(&request) > AT_ONCE { state.compute(move || decode(&request)).await?? } else { decode(&request)? };
    let report = verify(&state, prepared, documents, held).await?;
    let code = report.refusal().map(|refusal| refusal.refusal.code.as_str());
    state.metrics.document_concluded("submission", report.decision().as_str(), code);
    for signature in report.documents().iter().flat_map(|document| document.report.signatures()) {
        if let Some(outcome) = looked_up(&signature.report) {
            state.metrics.revocation_looked_up(outcome);
        }
    }
    let decided = Decided {
        event: Event::SubmissionVerified,
        at: state.service.now(),
        decision: report.decision().as_str(),
        code,
        documents: report.documents().iter().map(|document| &document.report).collect(),
        identities,
        details,
    };
    // What was decided is written down before it is told.
    state.recorder.submission(decided, &asker).await.map_err(SigningFault::from)?;
    Ok(json(StatusCode::OK, &report))
}

fn length(request: &SubmissionRequest) -> usize {
    let content = |content: &Option<String>| content.as_ref().map_or(0, String::len);
    let form = request.form.document.len() + content(&request.form.content);
    request.attachments.iter().fold(form, |sum, one| sum + one.document.len() + content(&one.content))
}

/// The bytes of the form and the attachments.
fn decode(request: &SubmissionRequest) -> Result<Vec<Bytes>, Problem> {
    let form = (String::from("form"), &request.form.document, &request.form.content);
    let attachments = request.attachments.iter().enumerate();
    let attachments = attachments.map(|(index, one)| (format!("attachments[{index}]"), &one.document, &one.content));
    let mut errors = Vec::new();
    let mut all = Vec::with_capacity(request.attachments.len() + 1);
    for (place, document, content) in std::iter::once(form).chain(attachments) {
        let document = decode_document(&format!("{place}.document"), document, &mut errors);
        let content = content.as_deref().map(|text| decode_content(&format!("{place}.content"), text, &mut errors));
        all.extend(document.map(|document| (document, content.flatten())));
    }
    check_fields(errors)?;
    Ok(all)
}

async fn verify(
    state: &AppState,
    prepared: PreparedSubmission,
    documents: Vec<Bytes>,
    held: Held,
) -> Result<SubmissionReport, Problem> {
    let service = Arc::clone(&state.service);
    let open = move || -> std::io::Result<(PreparedSubmission, OpenedSubmission)> {
        let _held = held;
        let borrowed: Vec<_> = documents
            .iter()
            .map(|(document, content)| {
                let detached = content.as_deref().map_or(Detached::Absent, Detached::Bytes);
                (Document::Bytes(document), detached)
            })
            .collect();
        let opened = service.open_submission(&prepared, service.grounds(), &borrowed)?;
        Ok((prepared, opened))
    };
    let (prepared, mut opened) = state.compute(open).await?.map_err(|error| unreadable(&error))?;
    if state.service.asks_responders() {
        opened = state.service.ask_about_submission(&prepared, opened, state.service.grounds()).await;
    }
    let service = Arc::clone(&state.service);
    let judged = state.compute(move || service.judge_submission(&prepared, service.grounds(), opened)).await?;
    judged.map_err(|error| unreadable(&error))
}
