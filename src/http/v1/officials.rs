//! `/v1/officials`: who signs, and until when.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;
use crate::http::app::AppState;
use crate::service::signing::OfficialReport;

/// The register.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Officials {
    /// In the order of the configuration.
    officials: Vec<OfficialReport>,
}

/// The officials: what they sign, with which keys, until when. Warns of keys that expire within 60, 30 and 7 days.
#[utoipa::path(get, path = "/v1/officials", tag = "signing", responses((status = 200, body = Officials)))]
pub(in crate::http) async fn list_officials(State(state): State<AppState>) -> Response {
    json(StatusCode::OK, &Officials { officials: state.desk.officials() })
}
