//! `/v1/services`: the table of services.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;
use crate::http::app::AppState;
use crate::policy::services::Service;

/// The table of services.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Services<'a> {
    /// In the order of the table.
    services: Vec<&'a Service>,
}

/// The services and who may apply for them.
#[utoipa::path(get, path = "/v1/services", tag = "tables", responses((status = 200, body = Services)))]
pub(in crate::http) async fn list_services(State(state): State<AppState>) -> Response {
    json(StatusCode::OK, &Services { services: state.service.services().iter().collect() })
}
