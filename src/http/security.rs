//! What the description of the interface says of who may call: out of the table that decides it.

use utoipa::Modify;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi, PathItem};

use super::common_answers::answer_with;
use crate::access::Roles;
use crate::access::rights::{Right, right};

/// Adds the ways to say who one is, and to every call the roles that may, and what those are told who may not.
pub(super) struct Security;

/// Beside what a call itself answers.
const ANSWERS: [(&str, &str); 3] = [
    ("401", "Clients are configured, and this is none of them; www-authenticate says what to send"),
    ("403", "The client has none of the roles of x-roles"),
    ("429", "The client asks too often or too much at once; retry-after says how long to wait"),
];

impl Modify for Security {
    fn modify(&self, api: &mut OpenApi) {
        let components = api.components.get_or_insert_default();
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "A token of `rastau token new`. Needed once clients are configured, as is one of the roles.",
            ))
            .build();
        components.security_schemes.insert("token".to_owned(), SecurityScheme::Http(token).into());
        let certificate = SecurityScheme::MutualTls {
            description: Some("A certificate that is configured for the client.".to_owned()),
            deprecated: None,
            extensions: None,
        };
        components.security_schemes.insert("certificate".to_owned(), certificate.into());
        for (path, item) in &mut api.paths.paths {
            for (method, operation) in operations(item) {
                let changes = !matches!(method, HttpMethod::Get | HttpMethod::Head);
                if let Right::Roles(roles) = right(path, changes) {
                    restrict(operation, roles);
                }
            }
        }
    }
}

pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Patch, &mut item.patch),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn restrict(operation: &mut Operation, roles: Roles) {
    let none: [&str; 0] = [];
    operation.security =
        Some(["token", "certificate"].map(|scheme| SecurityRequirement::new(scheme, none)).into_iter().collect());
    let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
    operation
        .extensions
        .get_or_insert_with(|| ExtensionsBuilder::new().build())
        .merge(ExtensionsBuilder::new().add("x-roles", names).build());
    answer_with(operation, &ANSWERS);
}
