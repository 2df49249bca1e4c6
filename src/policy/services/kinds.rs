//! The words of the service table: kinds of applicants, channels and documents.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

impl ApplicantKind {
    /// `iin` or `bin`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bin => "bin",
            Self::Iin => "iin",
        }
    }

    /// The id of the kind of number in the message files, for `Reason::identity_missing` and `identity_mismatch`.
    pub const fn number_term(self) -> &'static str {
        match self {
            Self::Bin => "number-bin",
            Self::Iin => "number-iin",
        }
    }
}

impl Channel {
    /// `portal`, `centre` or `provider`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::Portal => "portal",
            Self::Provider => "provider",
        }
    }

    /// The id in the message files.
    pub const fn term(self) -> &'static str {
        match self {
            Self::Centre => "channel-centre",
            Self::Portal => "channel-portal",
            Self::Provider => "channel-provider",
        }
    }
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

impl Applicants {
    pub(super) const fn is_none(self) -> bool {
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
