//! The service table: which licensing services there are and who may apply for each.
//!
//! It is data that an operator edits. [`ServiceTable::builtin`] is the default; [`ServiceTable::from_toml`] reads
//! another one of the same shape and says for every mistake which key, which value and what to do.

mod error;
mod kinds;

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::verdict::{Messages, Shared};

pub use error::ServiceTableError;
pub use kinds::{ApplicantKind, Applicants, Channel, DocumentKind};

/// Services in one table. The licensing regulations know a few hundred kinds of licence; a file with more is not one.
const MAX_SERVICES: usize = 10_000;

/// One service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Service {
    slug: String,
    #[schema(value_type = Messages)]
    names: Shared<Messages>,
    acts: Vec<String>,
    #[schema(value_type = Vec<ApplicantKind>)]
    applicants: Applicants,
    channels: Vec<Channel>,
    #[serde(rename = "override", skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<AuthorityOverride>,
}

/// Other applicants for the service of one authority.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityOverride {
    authority: String,
    #[schema(value_type = Vec<ApplicantKind>)]
    applicants: Applicants,
}

/// All services.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceTable {
    services: Vec<Service>,
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    #[serde(default)]
    service: Vec<RawService>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawService {
    slug: String,
    names: Messages,
    #[serde(default)]
    acts: Vec<String>,
    applicants: Applicants,
    channels: Vec<Channel>,
    #[serde(default, rename = "override")]
    overrides: Vec<AuthorityOverride>,
}

static BUILTIN: LazyLock<ServiceTable> = LazyLock::new(|| {
    // A test reads the embedded file, so the empty table is never used.
    ServiceTable::from_toml(include_str!("services.toml")).unwrap_or(ServiceTable { services: Vec::new() })
});

impl ServiceTable {
    /// The table that is part of the program.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads a table.
    ///
    /// # Errors
    /// The first mistake found; unknown keys are mistakes.
    pub fn from_toml(text: &str) -> Result<Self, ServiceTableError> {
        let raw: RawTable = toml::from_str(text).map_err(|error| ServiceTableError::Syntax(error.to_string()))?;
        if raw.service.is_empty() {
            return Err(ServiceTableError::NoServices);
        }
        if raw.service.len() > MAX_SERVICES {
            return Err(ServiceTableError::TooMany { found: raw.service.len() });
        }
        let mut slugs = HashSet::new();
        let mut services = Vec::with_capacity(raw.service.len());
        for raw in raw.service {
            if !slugs.insert(raw.slug.clone()) {
                return Err(ServiceTableError::DuplicateSlug { slug: raw.slug });
            }
            services.push(Service::resolve(raw)?);
        }
        Ok(Self { services })
    }

    /// The service of that slug.
    pub fn get(&self, slug: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.slug == slug)
    }

    /// Every service, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Service> {
        self.services.iter()
    }

    /// Who may apply for a service, of that authority if one is given; `None` when there is no such service. An
    /// authority without a rule of its own follows the general one.
    pub fn who_may_apply(&self, slug: &str, authority: Option<&str>) -> Option<Applicants> {
        self.get(slug).map(|service| service.applicants(authority))
    }
}

impl Service {
    fn resolve(raw: RawService) -> Result<Self, ServiceTableError> {
        let RawService { slug, names, acts, applicants, channels, overrides } = raw;
        name("slug", &slug)?;
        let empty = |key, remedy| Err(ServiceTableError::Empty { slug: slug.clone(), key, remedy });
        for (key, text) in [("names.kk", &names.kk), ("names.ru", &names.ru), ("names.en", &names.en)] {
            if text.trim().is_empty() {
                return empty(key, "write the name that people are to be shown in this language");
            }
        }
        if applicants.is_none() {
            return empty("applicants", "write [\"iin\"], [\"bin\"] or both");
        }
        if channels.is_empty() {
            return empty("channels", "write at least one of \"portal\", \"centre\", \"provider\"");
        }
        let mut authorities = HashSet::new();
        for one in &overrides {
            name("override.authority", &one.authority)?;
            if one.applicants.is_none() {
                return empty("override.applicants", "write [\"iin\"], [\"bin\"] or both");
            }
            if !authorities.insert(one.authority.as_str()) {
                let authority = one.authority.clone();
                return Err(ServiceTableError::DuplicateAuthority { slug, authority });
            }
        }
        Ok(Self { slug, names: Shared::new(names), acts, applicants, channels, overrides })
    }

    /// The name in requests.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// What people are shown.
    pub fn names(&self) -> &Shared<Messages> {
        &self.names
    }

    /// The regulations that it comes from.
    pub fn acts(&self) -> &[String] {
        &self.acts
    }

    /// The ways an application comes in.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Who may apply, to that authority if one is given.
    pub fn applicants(&self, authority: Option<&str>) -> Applicants {
        let own = authority.and_then(|wanted| self.overrides.iter().find(|one| one.authority == wanted));
        own.map_or(self.applicants, |one| one.applicants)
    }
}

fn name(key: &'static str, value: &str) -> Result<(), ServiceTableError> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&value.len()) && value.bytes().all(good) {
        Ok(())
    } else {
        Err(ServiceTableError::Name { key, value: value.chars().take(64).collect() })
    }
}

#[cfg(test)]
mod tests;
