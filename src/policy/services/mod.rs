//! The service table: which licensing services there are and who may apply for each.
//!
//! It is data that an operator edits. [`ServiceTable::builtin`] is the default; [`ServiceTable::from_toml`] reads
//! another one of the same shape and says for every mistake which key, which value and what to do.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::verdict::{Messages, Shared};

/// Services in one table. The licensing regulations know a few hundred kinds of licence; a file with more is not one.
const MAX_SERVICES: usize = 10_000;

/// Who may apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<ApplicantKind>", from = "Vec<ApplicantKind>")]
pub struct Applicants {
    /// An individual, with a certificate of a natural person or an entrepreneur.
    pub iin: bool,
    /// A legal entity.
    pub bin: bool,
}

/// The kind of number an applicant goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApplicantKind {
    /// A legal entity.
    Bin,
    /// An individual.
    Iin,
}

/// The way an application comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// At the counter of the State corporation; its operator signs.
    Centre,
    /// On the portal; the applicant signs.
    Portal,
    /// On paper at the provider; its employee enters it.
    Provider,
}

/// A document that the authorised person of the provider signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// Annex to a licence.
    Annex,
    /// Duplicate of a lost licence.
    Duplicate,
    /// Licence.
    Licence,
    /// Motivated refusal.
    Refusal,
    /// Licence issued anew with changed particulars.
    Reissue,
}

impl DocumentKind {
    /// Every kind, in the order of the regulations.
    pub const ALL: [Self; 5] = [Self::Licence, Self::Annex, Self::Reissue, Self::Duplicate, Self::Refusal];

    /// The name in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Annex => "annex",
            Self::Duplicate => "duplicate",
            Self::Licence => "licence",
            Self::Refusal => "refusal",
            Self::Reissue => "reissue",
        }
    }
}

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
#[derive(Clone, Debug)]
pub struct ServiceTable {
    services: Vec<Service>,
}

/// What is wrong with a service table, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceTableError {
    /// Two overrides of a service name the same authority.
    #[error("service `{slug}`: `override` names the authority `{authority}` twice; keep one of the two")]
    DuplicateAuthority {
        /// Which service.
        slug: String,
        /// Which authority.
        authority: String,
    },
    /// Two services have the same slug.
    #[error("`slug = \"{slug}\"` stands in two services; rename or remove one of them")]
    DuplicateSlug {
        /// The slug.
        slug: String,
    },
    /// A value is empty that may not be.
    #[error("service `{slug}`: `{key}` is empty; {remedy}")]
    Empty {
        /// Which service.
        slug: String,
        /// Which key.
        key: &'static str,
        /// What to write.
        remedy: &'static str,
    },
    /// A slug, or the name of an authority, has characters other than `a-z`, `0-9` and `-`.
    #[error("`{key} = {value:?}` cannot be used; write 1 to 64 lower-case letters a-z, digits or hyphens")]
    Name {
        /// Which key.
        key: &'static str,
        /// Its value, at most 64 characters of it.
        value: String,
    },
    /// The table has no service.
    #[error("the table has no `[[service]]`; add one, or leave the file out to use the built-in table")]
    NoServices,
    /// Not TOML, or keys or values that the table does not know.
    #[error("{0}the keys of a service are slug, names (kk, ru, en), acts, applicants, channels and override")]
    Syntax(String),
    /// More services than a table can have.
    #[error("the table has {found} services; at most {MAX_SERVICES} can be used, split or shorten it")]
    TooMany {
        /// How many it has.
        found: usize,
    },
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

impl Applicants {
    const fn is_none(self) -> bool {
        !self.iin && !self.bin
    }

    /// Whether an applicant of that kind may apply.
    pub const fn allows(self, kind: ApplicantKind) -> bool {
        match kind {
            ApplicantKind::Bin => self.bin,
            ApplicantKind::Iin => self.iin,
        }
    }

    /// The id in the message files, for `Reason::wrong_applicant`.
    pub const fn term(self) -> &'static str {
        match (self.iin, self.bin) {
            (true, false) => "applicants-iin",
            (false, true) => "applicants-bin",
            _ => "applicants-both",
        }
    }
}

impl From<Vec<ApplicantKind>> for Applicants {
    fn from(kinds: Vec<ApplicantKind>) -> Self {
        Self { iin: kinds.contains(&ApplicantKind::Iin), bin: kinds.contains(&ApplicantKind::Bin) }
    }
}

impl From<Applicants> for Vec<ApplicantKind> {
    fn from(applicants: Applicants) -> Self {
        let kinds = [ApplicantKind::Iin, ApplicantKind::Bin];
        kinds.into_iter().filter(|kind| applicants.allows(*kind)).collect()
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
