//! `/v1/services`: the table of services.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::json;
use crate::http::app::AppState;
use crate::service::ServiceTable;

/// The services and who may apply for them.
#[utoipa::path(get, path = "/v1/services", tag = "tables", responses((status = 200, body = ServiceTable)))]
pub(in crate::http) async fn list_services(State(state): State<AppState>) -> Response {
    json(StatusCode::OK, state.service.services())
}
