//! Every route.

use axum::Router;
use axum::http::Method;
use axum::routing::{get, post};

use super::app::AppState;
use super::problem::Problem;
use super::{docs, examples, operations, page, v1};

pub(super) fn router(state: AppState) -> Router {
    Router::new()
        // Version 1 of the interface.
        .route("/v1/certificates/check", post(v1::certificates::check_certificate))
        .route("/v1/approvals", get(v1::approvals::list_approvals))
        .route("/v1/approvals/{id}/document", get(v1::approvals::approval_document))
        .route("/v1/approvals/{id}", post(v1::approvals::settle_approval))
        .route("/v1/challenges", post(v1::challenges::create_challenge))
        .route("/v1/challenges/{id}/response", post(v1::challenges::answer_challenge))
        .route("/v1/documents/verify", post(v1::documents::verify_document))
        .route("/v1/identity-numbers/check", post(v1::identity_numbers::check_identity_number))
        .route("/v1/journal", get(v1::journal::list_entries))
        .route("/v1/journal/head", get(v1::journal::journal_head))
        .route("/v1/journal/{sequence}", get(v1::journal::get_entry))
        .route("/v1/licences/sign", post(v1::licences::sign_licence))
        .route("/v1/officials", get(v1::officials::list_officials))
        .route("/v1/revocation", get(v1::revocation::list_revocation))
        .route("/v1/revocation/refresh", post(v1::revocation::refresh_revocation))
        .route("/v1/services", get(v1::services::list_services))
        .route("/v1/submissions/verify", post(v1::submissions::verify_submission))
        // For operators.
        .route("/healthz", get(operations::health))
        .route("/metrics", get(operations::metrics))
        .route("/readyz", get(operations::readiness))
        // For people.
        .route("/", get(page::index))
        .route("/assets/{file}", get(page::asset))
        .route("/demo/{file}", get(examples::example))
        .route("/docs", get(docs::index))
        .route("/docs/{file}", get(docs::asset))
        .route("/openapi.json", get(docs::openapi))
        .fallback(async || Problem::no_such_route())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .with_state(state)
}

/// A route as metrics and log name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// The template, of which there are few; never the path, of which there are many.
    pub(super) template: &'static str,
    /// Whether the limit of concurrent requests applies.
    pub(super) limited: bool,
    /// Whether it takes forms, which may be large and take their time.
    pub(super) takes_forms: bool,
}

impl Route {
    /// Whether it says if the service is well, which is answered whatever there is no room for.
    pub(super) fn is_health(&self) -> bool {
        matches!(self.template, "/healthz" | "/readyz")
    }

    /// Whether a request changes something, so that it must not be asked for again because of its answer.
    pub(super) fn changes(&self, method: &Method) -> bool {
        !method.is_safe() && !matches!(self.template, "/v1/certificates/check" | "/v1/documents/verify")
    }

    /// The route of a path.
    pub(super) fn of(path: &str) -> Self {
        const EXACT: [(&str, bool); 19] = [
            ("/v1/approvals", true),
            ("/v1/certificates/check", true),
            ("/v1/challenges", true),
            ("/v1/documents/verify", true),
            ("/v1/identity-numbers/check", true),
            ("/v1/journal", true),
            ("/v1/journal/head", true),
            ("/v1/licences/sign", true),
            ("/v1/officials", true),
            ("/v1/revocation", true),
            ("/v1/revocation/refresh", true),
            ("/v1/services", true),
            ("/v1/submissions/verify", true),
            ("/healthz", false),
            ("/metrics", false),
            ("/readyz", false),
            ("/", true),
            ("/docs", true),
            ("/openapi.json", true),
        ];
        if let Some((template, limited)) = EXACT.into_iter().find(|(template, _)| *template == path) {
            return Self {
                template,
                limited,
                takes_forms: matches!(template, "/v1/documents/verify" | "/v1/licences/sign"),
            };
        }
        let template = match path.split('/').nth(1) {
            Some("assets") => "/assets/{file}",
            Some("demo") => "/demo/{file}",
            Some("docs") => "/docs/{file}",
            Some("v1") if path.starts_with("/v1/approvals/") && path.ends_with("/document") => {
                "/v1/approvals/{id}/document"
            }
            Some("v1") if path.starts_with("/v1/approvals/") => "/v1/approvals/{id}",
            Some("v1") if path.starts_with("/v1/journal/") => "/v1/journal/{sequence}",
            Some("v1") if path.starts_with("/v1/challenges/") => "/v1/challenges/{id}/response",
            _ => "(none)",
        };
        Self { template, limited: true, takes_forms: false }
    }
}
