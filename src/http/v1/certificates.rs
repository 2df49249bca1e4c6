//! `/v1/certificates`: condition 3 of the portal.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{json, looked_up};
use crate::http::app::AppState;
use crate::http::asking::Asking;
use crate::http::extract::{AcceptLanguage, Json};
use crate::http::problem::Problem;
use crate::service::signing::SigningFault;
use crate::service::{CheckRequest, PreparedCheck, named};
use crate::verdict::Report;

/// More certificates than this are parsed away from the threads that serve connections: each may take the better part
/// of a millisecond (a key on a curve with a cofactor costs a multiplication), and a chain of the National CA has one.
const INTERMEDIATES_AT_ONCE: usize = 4;

/// Checks a certificate: chain, period, revocation, purpose, identity, the service's rule.
///
/// A verdict is never an error: a refused certificate is answered 200 with `"decision": "refused"`.
#[utoipa::path(post, path = "/v1/certificates/check", tag = "checks",
    request_body(content = CheckRequest, example = json!(crate::http::examples::accepted())),
    params(("accept-language" = Option<String>, Header, description = "Language of the message, unless the body names one")),
    responses(
        (status = 200, description = "The verdict", body = Report),
        (status = 400, description = "Malformed JSON or base64", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Body too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn check_certificate(
    State(state): State<AppState>,
    accept: AcceptLanguage,
    Asking(asker): Asking,
    Json(mut request): Json<CheckRequest>,
) -> Result<Response, Problem> {
    accept.complete(&mut request.language, &state);
    let claim = request.identity.clone().unwrap_or_default();
    let prepared = if request.intermediates.len() > INTERMEDIATES_AT_ONCE {
        let service = Arc::clone(&state.service);
        state.compute(move || service.prepare(request)).await??
    } else {
        state.service.prepare(request)?
    };
    let warm = prepared.is_warm();
    state.metrics.path_cache_lookup(warm);
    let report = if state.service.asks_responders() {
        let prepared = if warm { prepared } else { with_chains(&state, prepared).await? };
        let prepared = state.service.ask_responders(prepared, state.service.grounds()).await;
        // Answers were verified when they arrived.
        state.service.check(prepared)
    } else if warm {
        // Milliseconds of others wait for a core, and a flood of these must not take it from them.
        let _turn = state.cores.take_for_brief_work().await;
        state.service.check(prepared)
    } else {
        let service = Arc::clone(&state.service);
        state.compute(move || service.check(prepared)).await?
    };
    state.metrics.check_concluded(report.decision().as_str(), report.refusal().map(|refusal| refusal.code.as_str()));
    if let Some(outcome) = looked_up(&report) {
        state.metrics.revocation_looked_up(outcome);
    }
    let identities = named("asked", claim.iin.as_deref(), claim.bin.as_deref());
    state.recorder.certificate(&report, identities, &asker).await.map_err(SigningFault::from)?;
    Ok(json(StatusCode::OK, &report))
}

/// The same request with its paths found.
async fn with_chains(state: &AppState, mut prepared: PreparedCheck) -> Result<PreparedCheck, Problem> {
    let service = Arc::clone(&state.service);
    state
        .compute(move || {
            service.find_chains(&mut prepared, service.grounds());
            prepared
        })
        .await
}
