//! `/v1/approvals`: what waits for a second person.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json;
use super::licences::{SignedLicence, issued_answer};
use crate::http::app::AppState;
use crate::http::asking::Asking;
use crate::http::extract::{AcceptLanguage, FileName, Json};
use crate::http::problem::Problem;
use crate::service::signing::{Approval, SecondOpinion};

/// What waits.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Approvals {
    /// Oldest first.
    approvals: Vec<Approval>,
}

/// What the second person says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Opinion {
    /// `approve` or `withhold`.
    decision: Said,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Said {
    Approve,
    Withhold,
}

/// That a request will not be signed.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Withheld {
    /// Always true.
    withheld: bool,
}

/// Every request that waits for a second person.
#[utoipa::path(get, path = "/v1/approvals", tag = "signing",
    responses(
        (status = 200, body = Approvals),
        (status = 503, description = "The journal is not there", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn list_approvals(State(state): State<AppState>) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, &Approvals { approvals: state.desk.approvals().await? }))
}

/// The document that waits, as it was handed in.
#[utoipa::path(get, path = "/v1/approvals/{id}/document", tag = "signing",
    params(("id" = String, Path, description = "The `id` of the approval")),
    responses(
        (status = 200, description = "The document", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "Nothing of that id waits", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The journal is not there", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn approval_document(
    State(state): State<AppState>,
    FileName(id): FileName,
) -> Result<Response, Problem> {
    let (_, bytes) = state.desk.waiting_document(&id).await?;
    // Never shown by a browser as part of this site: it is somebody else's document.
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CONTENT_DISPOSITION, "attachment")];
    Ok((headers, bytes).into_response())
}

/// Approves a request, which is signed then, or withholds it. By another client than the one that asked.
#[utoipa::path(post, path = "/v1/approvals/{id}", tag = "signing",
    params(("id" = String, Path, description = "The `id` of the approval")),
    request_body(content = Opinion),
    responses(
        (status = 200, description = "Signed, or withheld", body = SignedLicence),
        (status = 403, description = "Who asked cannot approve", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nothing of that id waits", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The certificate of the official is not good", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Key, journal, timestamp or evidence are not there now: try again", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn settle_approval(
    State(state): State<AppState>,
    FileName(id): FileName,
    accept: AcceptLanguage,
    Asking(asker): Asking,
    Json(opinion): Json<Opinion>,
) -> Result<Response, Problem> {
    let opinion = match opinion.decision {
        Said::Approve => SecondOpinion::Approve,
        Said::Withhold => SecondOpinion::Withhold,
    };
    let (desk, language) = (Arc::clone(&state.desk), accept.choose(state.default_language));
    // In a task of its own, as a request to sign.
    let act = state.acts.begin().ok_or_else(Problem::overloaded)?;
    let settling = tokio::spawn(async move {
        let _until_it_is_done = act;
        desk.settle(&id, opinion, asker, language).await
    });
    match settling.await.map_err(|_panicked| Problem::internal())?? {
        Some(issued) => issued_answer(issued).await,
        None => Ok(json(StatusCode::OK, &Withheld { withheld: true })),
    }
}
