//! `/v1/challenges`: log-in by certificate.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::documents::unreadable;
use super::{check_fields, decode_document, json};
use crate::http::app::AppState;
use crate::http::asking::Asking;
use crate::http::extract::{AcceptLanguage, FileName, Json};
use crate::http::problem::Problem;
use crate::journal::Event;
use crate::service::signing::SigningFault;
use crate::service::{Challenge, ChallengeError, ChallengeRequest, ChallengeResponse, Decided};
use crate::verdict::LogInReport;

/// Makes a challenge: a text (or an XML document) that a person signs to log in at the site of that origin.
///
/// It can be answered once, within five minutes, at the process that made it.
#[utoipa::path(post, path = "/v1/challenges", tag = "log-in",
    request_body(content = ChallengeRequest, example = json!({"origin": "https://elicense.example.kz"})),
    responses(
        (status = 201, description = "What to sign", body = Challenge),
        (status = 400, description = "Malformed JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn create_challenge(
    State(state): State<AppState>,
    Json(request): Json<ChallengeRequest>,
) -> Result<Response, Problem> {
    let share = state.challenge_shares.take(1).or_else(|| {
        state.service.forget_past_challenges();
        state.challenge_shares.take(1)
    });
    let share = share.ok_or_else(Problem::too_much_at_once)?;
    let challenge = state.service.challenge(&request, Some(Box::new(share)))?.map_err(problem)?;
    Ok(json(StatusCode::CREATED, &challenge))
}

/// Takes the signature over a challenge, and tells who signed.
///
/// The challenge is used up, whatever the answer is. A signature over something else, or by a certificate that is not good,
/// is a refusal.
#[utoipa::path(post, path = "/v1/challenges/{id}/response", tag = "log-in",
    params(
        ("id" = String, Path, description = "The `id` of the challenge"),
        ("accept-language" = Option<String>, Header, description = "Language of the message, unless the body names one"),
    ),
    request_body(content = ChallengeResponse),
    responses(
        (status = 200, description = "The holder of the certificate, or a refusal", body = LogInReport),
        (status = 400, description = "Malformed JSON or base64", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such challenge", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "Answered before, or not in time", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn answer_challenge(
    State(state): State<AppState>,
    FileName(id): FileName,
    accept: AcceptLanguage,
    Asking(asker): Asking,
    Json(mut response): Json<ChallengeResponse>,
) -> Result<Response, Problem> {
    accept.complete(&mut response.language, &state);
    let question = state.service.prepare_response(&response)?;
    let mut errors = Vec::new();
    let signature = match response.signature.trim_ascii() {
        xml if xml.starts_with('<') => Some(xml.as_bytes().to_vec()),
        text => decode_document("signature", text, &mut errors),
    };
    check_fields(errors)?;
    let Some(signature) = signature else { return Err(Problem::internal()) };
    // From here on it is used up.
    let challenge = state.service.take_challenge(&id).map_err(problem)?;
    let prepared = state.service.prepare_log_in(&response, question, challenge);
    let service = Arc::clone(&state.service);
    let open = move || {
        let opened = service.open_response(&prepared, &signature)?;
        Ok((prepared, signature, opened))
    };
    let opened: std::io::Result<_> = state.compute(open).await?;
    let (prepared, signature, mut opened) = opened.map_err(|error| unreadable(&error))?;
    if state.service.asks_responders() {
        opened = state.service.ask_about_document(prepared.question(), opened, state.service.grounds()).await;
    }
    let service = Arc::clone(&state.service);
    let report = state.compute(move || service.judge_response(&prepared, &signature, opened)).await?;
    let code = report.refusal().map(|refusal| refusal.code.as_str());
    state.metrics.document_concluded("log-in", report.decision().as_str(), code);
    let document = report.report();
    let decided = Decided {
        event: Event::LogIn,
        at: document.report().checked_at(),
        decision: report.decision().as_str(),
        code,
        documents: vec![document],
        identities: Vec::new(),
        details: Vec::new(),
    };
    state.recorder.document(decided, &asker).await.map_err(SigningFault::from)?;
    Ok(json(StatusCode::OK, &report))
}

fn problem(error: ChallengeError) -> Problem {
    let ask = format!("{error}; ask for a new one at /v1/challenges");
    match error {
        ChallengeError::Unknown => Problem::no_such_challenge(ask),
        ChallengeError::Used => Problem::challenge_gone("challenge-used", ask),
        ChallengeError::Expired => Problem::challenge_gone("challenge-expired", ask),
        ChallengeError::Full => Problem::overloaded(),
        _ => Problem::internal(),
    }
}
