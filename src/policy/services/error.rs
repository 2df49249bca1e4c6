//! What can be wrong with a service table.

use super::MAX_SERVICES;

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
