//! What an answer is judged by, as data: which profile, for which purpose, how strict.
//!
//! A policy holds no behaviour. `verify` reads it beside the facts; the rules that are tables of their own are in
//! [`algorithms`] (which algorithms, and until when), [`key_usage`] (what a certificate may be used for), [`services`]
//! (who may apply for what) and [`signatory`] (who must have signed).

pub mod algorithms;
pub mod key_usage;
pub mod services;
pub mod signatory;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::algorithms::AlgorithmTable;
use crate::der::Oid;
pub use crate::trust::policy::PolicyInputs;

/// Whose rules apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What the licensing portal asks for: RFC 5280, and the Kazakh rules for key usage and identity on top.
    #[default]
    Kz,
    /// Path validation and revocation as in RFC 5280, nothing else.
    Rfc5280,
}

/// What the certificate is to be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Signing or authentication, either will do.
    Any,
    /// Logging in.
    Authenticate,
    /// Signing documents.
    #[default]
    Sign,
}

impl Purpose {
    /// `sign`, `authenticate` or `any`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Authenticate => "authenticate",
            Self::Sign => "sign",
        }
    }

    /// The id of the purpose in the message files, for `Reason::key_usage_not_allowed`.
    pub const fn term(self) -> &'static str {
        match self {
            Self::Any => "purpose-any",
            Self::Authenticate => "purpose-authenticate",
            Self::Sign => "purpose-sign",
        }
    }
}

/// What is asked of the evidence about revocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationRule {
    /// Usable evidence is judged; where there is none the check is left open without changing the decision.
    IfAvailable,
    /// Not looked at.
    Off,
    /// Every certificate of the chain below the anchor needs usable evidence.
    #[default]
    Required,
}

/// Which kinds of evidence about revocation are asked, and in which order (500/НҚ p. 16(2): OCSP or CRL).
///
/// The order decides what is fetched and which of two good answers is named. It never hides a bad one that is at hand:
/// a revocation counts whichever kind reports it. Certificates of authorities are looked up in the lists of
/// their issuers under every order, because the responders of the National CA do not speak about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationOrder {
    /// Lists only.
    Crl,
    /// Lists; a responder where they do not tell.
    #[default]
    CrlThenOcsp,
    /// Responders only.
    Ocsp,
    /// Responders; a fresh list where none of them is available.
    OcspThenCrl,
}

impl RevocationOrder {
    /// Every order, for tables.
    pub const ALL: [Self; 4] = [Self::Crl, Self::CrlThenOcsp, Self::Ocsp, Self::OcspThenCrl];

    /// `crl`, `crl-then-ocsp`, `ocsp` or `ocsp-then-crl`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crl => "crl",
            Self::CrlThenOcsp => "crl-then-ocsp",
            Self::Ocsp => "ocsp",
            Self::OcspThenCrl => "ocsp-then-crl",
        }
    }

    /// The order of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == name)
    }

    /// Whether lists tell about the holder's certificate.
    #[must_use]
    pub const fn asks_lists(self) -> bool {
        !matches!(self, Self::Ocsp)
    }

    /// Whether responders tell about the holder's certificate.
    #[must_use]
    pub const fn asks_responders(self) -> bool {
        !matches!(self, Self::Crl)
    }

    /// Whether a responder is asked before the lists.
    #[must_use]
    pub const fn responders_first(self) -> bool {
        matches!(self, Self::Ocsp | Self::OcspThenCrl)
    }
}

/// How the letter of 500/НҚ is read where it collides with what the National CA does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// As the National CA works: its timestamps may be signed with another algorithm than the document (p. 17(2)), its
    /// own key signs OCSP responses (p. 19(5)), and a timestamp that cannot be judged leaves the moment of checking at
    /// «now».
    #[default]
    Operational,
    /// To the letter: `signingCertificateV2` is required (p. 8), the timestamp has the algorithm of the signature, OCSP
    /// responses come from delegated responders only, and a timestamp that cannot be judged leaves everything open.
    StrictLetter,
}

impl Reading {
    /// `operational` or `strict-letter`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::StrictLetter => "strict-letter",
        }
    }

    /// The reading of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Operational, Self::StrictLetter].into_iter().find(|reading| reading.as_str() == name)
    }
}

/// Whether the validity period of a trust anchor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnchorPeriod {
    /// An anchor outside its period does not anchor anything: 500/НҚ p. 16(1) says "up to the root".
    Counts,
    /// An anchor is a name and a key (RFC 5280 section 6.1.1 d).
    Ignored,
}

/// Whether an identity number with a wrong check digit, date or type digit is tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OddNumbers {
    /// It fails the identity check.
    Refuse,
    /// It is a warning: the identities of the official test keys and some numbers of the public registry are odd.
    Warn,
}

/// Everything a certificate check is judged by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Whose rules apply.
    pub profile: Profile,
    /// What the certificate is to be used for; not looked at in [`Profile::Rfc5280`].
    pub purpose: Purpose,
    /// What is asked of the evidence about revocation.
    pub revocation: RevocationRule,
    /// Which kinds of that evidence, in which order.
    pub order: RevocationOrder,
    /// Whether the period of the anchor counts.
    pub anchor_period: AnchorPeriod,
    /// What an odd identity number does.
    pub odd_numbers: OddNumbers,
    /// How the rules are read where letter and practice differ.
    pub reading: Reading,
    /// What is asked of the certificate policies of the holder's path.
    pub policies: PolicyInputs,
    /// Extended key usages that the holder's certificate has to allow, each of them; under either profile.
    pub extended_key_usages: BTreeSet<Oid>,
    /// Most certificates between the one asked about and the anchor, self-issued ones aside.
    pub max_intermediates: usize,
    /// Which algorithms are accepted, and until when.
    pub algorithms: Arc<AlgorithmTable>,
}

impl Policy {
    /// The default of [`Self::max_intermediates`]: the chains of the National CA have one, those of the web up to four.
    pub const MAX_INTERMEDIATES: usize = 8;

    /// What the portal asks for: condition 3 of the licensing regulations.
    pub fn kz(purpose: Purpose) -> Self {
        Self {
            profile: Profile::Kz,
            purpose,
            revocation: RevocationRule::Required,
            order: RevocationOrder::default(),
            anchor_period: AnchorPeriod::Counts,
            odd_numbers: OddNumbers::Warn,
            reading: Reading::default(),
            policies: PolicyInputs::default(),
            extended_key_usages: BTreeSet::new(),
            max_intermediates: Self::MAX_INTERMEDIATES,
            algorithms: AlgorithmTable::builtin(),
        }
    }

    /// Path validation and revocation alone.
    pub fn rfc5280() -> Self {
        Self {
            profile: Profile::Rfc5280,
            purpose: Purpose::Any,
            revocation: RevocationRule::Required,
            order: RevocationOrder::default(),
            anchor_period: AnchorPeriod::Ignored,
            odd_numbers: OddNumbers::Warn,
            reading: Reading::default(),
            policies: PolicyInputs::default(),
            extended_key_usages: BTreeSet::new(),
            max_intermediates: Self::MAX_INTERMEDIATES,
            algorithms: AlgorithmTable::builtin(),
        }
    }

    /// What the present is for evidence about revocation of a certificate at the moment `at`, when the clock shows `now`:
    /// the silence of what is dated ahead of it proves nothing. What such evidence names as revoked counts all the same.
    ///
    /// A signature is older than what is known about it, so a list from after the moment tells about the moment too. RFC
    /// 5280 6.1.1 (b) knows no such moment but the current date.
    pub fn present(&self, at: crate::clock::Time, now: crate::clock::Time) -> crate::clock::Time {
        match self.profile {
            Profile::Kz => now,
            Profile::Rfc5280 => now.min(at),
        }
    }

    /// The named constructor of a profile.
    pub fn of(profile: Profile, purpose: Purpose) -> Self {
        match profile {
            Profile::Kz => Self::kz(purpose),
            Profile::Rfc5280 => Self { purpose, ..Self::rfc5280() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_path_validation_takes_the_moment_asked_about_for_the_present() {
        let time = |text: &str| text.parse::<crate::clock::Time>().unwrap();
        let (past, now, future) =
            (time("2026-01-01T00:00:00Z"), time("2026-08-20T12:00:00Z"), time("2030-01-01T00:00:00Z"));
        let present = |policy: Policy| [past, now, future].map(|at| policy.present(at, now));
        assert_eq!(present(Policy::kz(Purpose::Sign)), [now; 3]);
        assert_eq!(present(Policy::rfc5280()), [past, now, now]);
    }
    use crate::verdict::{Language, text};

    #[test]
    fn the_portal_is_strict_unless_told_otherwise() {
        let policy = Policy::of(Profile::default(), Purpose::default());
        assert_eq!(policy, Policy::kz(Purpose::Sign));
        assert_eq!(policy.revocation, RevocationRule::Required);
        assert_eq!(policy.anchor_period, AnchorPeriod::Counts);
        assert!(policy.policies.is_default());
        assert_eq!(Policy::rfc5280().anchor_period, AnchorPeriod::Ignored);
    }

    #[test]
    fn names_are_those_of_the_interface() {
        for (name, purpose) in [("sign", Purpose::Sign), ("authenticate", Purpose::Authenticate), ("any", Purpose::Any)]
        {
            assert_eq!(serde_json::to_value(purpose).unwrap(), name);
            assert_eq!(purpose.as_str(), name);
            for language in Language::ALL {
                assert_ne!(text::term(purpose.term(), language), purpose.term());
            }
        }
        assert_eq!(serde_json::to_value(RevocationRule::IfAvailable).unwrap(), "if-available");
        assert_eq!(serde_json::to_value(Profile::Rfc5280).unwrap(), "rfc5280");
        assert!(serde_json::from_str::<Purpose>("\"encrypt\"").is_err());
    }
}
