//! What the description of the interface says of answers that no call gives by itself: what is refused before it, or around it.

use utoipa::Modify;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref};

use super::security::operations;

/// Adds to every call what it may be answered beside its own answers.
pub(super) struct CommonAnswers;

/// Of every call.
const ALWAYS: [(&str, &str); 6] = [
    ("403", "A page of another site asks"),
    ("414", "The address is too long"),
    ("421", "The service is not called by this name"),
    ("429", "Too much at once; retry-after says how long to wait"),
    ("431", "The header fields are too many or too large"),
    ("503", "Overloaded, or not in time"),
];

/// Of those that take a body.
const WITH_A_BODY: [(&str, &str); 4] = [
    ("400", "The body is not what its media type says, or did not arrive"),
    ("413", "The body is too large"),
    ("415", "The body is of another media type, or compressed"),
    ("422", "A field cannot be used"),
];

impl Modify for CommonAnswers {
    fn modify(&self, api: &mut OpenApi) {
        for item in api.paths.paths.values_mut() {
            for (_, operation) in operations(item) {
                answer_with(operation, &ALWAYS);
                if operation.request_body.is_some() {
                    answer_with(operation, &WITH_A_BODY);
                }
            }
        }
    }
}

/// Adds problems to the answers of a call that says nothing of them itself.
pub(super) fn answer_with(operation: &mut Operation, answers: &[(&str, &str)]) {
    for (status, description) in answers {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let answer = ResponseBuilder::new().description(*description).content("application/problem+json", problem);
        operation.responses.responses.entry((*status).to_owned()).or_insert_with(|| answer.build().into());
    }
}
