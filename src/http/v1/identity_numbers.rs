//! `/v1/identity-numbers`: condition 1 of the portal.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::json;
use crate::http::app::AppState;
use crate::http::extract::Json;
use crate::http::problem::Problem;
use crate::service::{IdentityClaim, NumberReport};

/// Tells whether an IIN or a BIN is well-formed and what it encodes.
#[utoipa::path(post, path = "/v1/identity-numbers/check", tag = "checks",
    request_body(content = IdentityClaim, example = json!({"bin": "600440000019"})),
    responses(
        (status = 200, description = "What the number is", body = NumberReport),
        (status = 400, description = "Malformed JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Neither or both numbers", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn check_identity_number(
    State(state): State<AppState>,
    Json(claim): Json<IdentityClaim>,
) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, &state.service.check_identity_number(&claim)?))
}
