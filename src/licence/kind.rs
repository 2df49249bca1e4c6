//! Kinds of documents that an authorised person signs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an authorised person signs (processes 10 and 11 of the regulations).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Annex to a licence (приложение).
    Annex,
    /// Duplicate of a licence (дубликат).
    Duplicate,
    /// Licence (лицензия).
    Licence,
    /// Motivated refusal (мотивированный ответ об отказе).
    Refusal,
    /// Reissued licence (переоформление).
    Reissue,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Annex, Self::Duplicate, Self::Licence, Self::Refusal, Self::Reissue];

    /// The name in requests and entries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Annex => "annex",
            Self::Duplicate => "duplicate",
            Self::Licence => "licence",
            Self::Refusal => "refusal",
            Self::Reissue => "reissue",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
