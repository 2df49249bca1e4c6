//! What the description of the interface says of members that stand among those of what they are part of, or are not there.
//!
//! The derive describes such an optional part as «the part, or null», which no object is.

use utoipa::Modify;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr, Schema};

/// Puts «the part, or anything» in its place.
pub(super) struct Flattened;

impl Modify for Flattened {
    fn modify(&self, api: &mut OpenApi) {
        let schemas = api.components.iter_mut().flat_map(|components| components.schemas.values_mut());
        for schema in schemas {
            let RefOr::T(Schema::AllOf(whole)) = schema else { continue };
            for part in &mut whole.items {
                let RefOr::T(Schema::OneOf(choice)) = part else { continue };
                let there = choice.items.iter().filter(|item| !is_null(item)).cloned().collect::<Vec<_>>();
                if there.len() < choice.items.len() {
                    let mut choice = AnyOfBuilder::new().description(choice.description.clone());
                    for item in there {
                        choice = choice.item(item);
                    }
                    *part = RefOr::T(Schema::AnyOf(choice.item(ObjectBuilder::new()).build()));
                }
            }
        }
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if matches!(object.schema_type, SchemaType::Type(Type::Null)))
}
