//! `/v1/revocation`: the lists.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;
use crate::http::app::AppState;
use crate::http::problem::Problem;
use crate::revocation::ListStatus;

/// The revocation lists.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Lists {
    /// Every list that is configured, usable or not.
    lists: Vec<ListStatus>,
}

/// That a refresh was begun.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct RefreshStarted {
    /// Lists that will be fetched; those from files are not among them.
    lists: usize,
}

/// Every revocation list with its state.
#[utoipa::path(get, path = "/v1/revocation", tag = "tables", responses((status = 200, body = Lists)))]
pub(in crate::http) async fn list_revocation(State(state): State<AppState>) -> Response {
    json(StatusCode::OK, &Lists { lists: state.service.revocation() })
}

/// Begins to fetch the lists that come from URLs; the outcome shows in `/v1/revocation`.
#[utoipa::path(post, path = "/v1/revocation/refresh", tag = "tables",
    responses(
        (status = 202, description = "Begun", body = RefreshStarted),
        (status = 429, description = "Begun less than 30 seconds ago", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn refresh_revocation(State(state): State<AppState>) -> Result<Response, Problem> {
    Ok(json(StatusCode::ACCEPTED, &RefreshStarted { lists: state.begin_refresh()? }))
}
