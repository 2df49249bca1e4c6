//! The description of the interface, OpenAPI 3.1, generated from the types.

use std::sync::LazyLock;

use utoipa::OpenApi;

use super::common_answers::CommonAnswers;
use super::flattened::Flattened;
use super::security::Security;
use super::v1::{
    approvals, certificates, challenges, documents, identity_numbers, journal, licences, officials, revocation,
    services, submissions,
};
use super::{operations, problem};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "rastau",
        description = "Checks certificates and signed documents of the Kazakh e-government. A verdict is never an HTTP error: a refused \
                       certificate is answered 200 with `\"decision\": \"refused\"`. Errors are \
                       `application/problem+json` with a stable `code`; every answer carries `x-request-id`."
    ),
    paths(
        certificates::check_certificate,
        documents::verify_document,
        submissions::verify_submission,
        challenges::create_challenge,
        challenges::answer_challenge,
        licences::sign_licence,
        approvals::list_approvals,
        approvals::approval_document,
        approvals::settle_approval,
        officials::list_officials,
        journal::list_entries,
        journal::get_entry,
        journal::journal_head,
        identity_numbers::check_identity_number,
        services::list_services,
        revocation::list_revocation,
        revocation::refresh_revocation,
        operations::health,
        operations::readiness,
        operations::metrics,
    ),
    components(schemas(problem::Problem, crate::verdict::Evidence)),
    modifiers(&Security, &CommonAnswers, &Flattened),
    tags(
        (name = "checks", description = "Questions about certificates and numbers"),
        (name = "documents", description = "Questions about signed documents and whole submissions"),
        (name = "log-in", description = "Log-in by certificate"),
        (name = "signing", description = "Issued documents are signed by officials"),
        (name = "journal", description = "What was decided and signed"),
        (name = "tables", description = "What the answers rest on"),
        (name = "operation", description = "For operators"),
    )
)]
struct Description;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| Description::openapi().to_json().unwrap_or_default());

/// The OpenAPI document in JSON.
pub fn document() -> &'static str {
    &DOCUMENT
}
