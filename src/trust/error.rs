//! Why there is no path, and which of several reasons is worth telling.

use super::anchor::Purposes;
use super::budget::Resource;
use super::constraints::{Breach, NameForm};
use super::policy::PolicyError;
use crate::crypto::{AlgorithmNotAllowed, KeyError};
use crate::der::Oid;
use crate::x509::Certificate;

/// The certificate a refusal is about. Cheap to clone; its `Debug` form names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offender {
    /// The certificate.
    pub certificate: Certificate,
    /// Where it stands: 0 is the leaf, 1 its issuer, and so on.
    pub depth: usize,
}

impl Offender {
    /// Whether it is the certificate that was asked about.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.depth == 0
    }
}

/// Why no path leads from the certificate to an anchor.
///
/// Issuers are blamed only after their key verified the signature below them, so that a stranger of the same name
/// cannot be the reason given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// Signed with an algorithm that is not accepted.
    #[error("certificate at depth {} is signed with an algorithm that is not allowed: {reason}", offender.depth)]
    AlgorithmNotAllowed {
        /// The certificate so signed.
        offender: Offender,
        /// The algorithm.
        reason: AlgorithmNotAllowed,
    },
    /// The path ends at an anchor that is not meant for this purpose.
    #[error("the anchor is not configured for this purpose")]
    AnchorPurpose {
        /// The anchor.
        offender: Offender,
        /// What it is for.
        has: Purposes,
    },
    /// The search was given up; there may be a path.
    #[error("the search for a path was given up: {0:?} ran out")]
    BudgetExceeded(Resource),
    /// keyUsage of the issuer lacks keyCertSign (RFC 5280 6.1.4 (n)).
    #[error("the issuer at depth {} may not sign certificates: keyUsage lacks keyCertSign", offender.depth)]
    KeyUsage {
        /// The issuer.
        offender: Offender,
    },
    /// The key of the issuer is malformed or of a kind that is not accepted.
    #[error("the key of the issuer at depth {} cannot be used: {reason}", offender.depth)]
    KeyNotAllowed {
        /// The issuer.
        offender: Offender,
        /// What is wrong with the key.
        reason: KeyError,
    },
    /// Every issuer of this certificate stands below it already.
    #[error("the issuers of the certificate at depth {} lead back to itself", offender.depth)]
    Loop {
        /// The certificate without another issuer.
        offender: Offender,
    },
    /// The certificate asked about says what the profile of RFC 5280 4.2 rules out.
    #[error("the certificate cannot be used: {reason}")]
    Malformed {
        /// The certificate.
        offender: Offender,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A name breaks a constraint of an issuer (RFC 5280 6.1.3 (b) and (c)).
    #[error("a {form} of the certificate at depth {} breaks a name constraint of the issuer at depth {}: {breach}",
        offender.depth, issuer.depth)]
    NameConstraint {
        /// Whose name it is.
        offender: Offender,
        /// Whose constraint it is.
        issuer: Offender,
        /// What kind of name.
        form: NameForm,
        /// How it breaks the constraint.
        breach: Breach,
    },
    /// Nobody known bears the issuer's name.
    #[error("no certificate of the issuer of the certificate at depth {} is known", offender.depth)]
    NoIssuerFound {
        /// The certificate whose issuer is missing.
        offender: Offender,
    },
    /// The issuer is no certification authority (RFC 5280 6.1.4 (k)).
    #[error("the issuer at depth {} is not a certification authority", offender.depth)]
    NotCa {
        /// The issuer.
        offender: Offender,
    },
    /// More intermediates below an issuer than its pathLen allows (RFC 5280 6.1.4 (l), (m)).
    #[error("the issuer at depth {} allows {limit} intermediates below it and has {found}", offender.depth)]
    PathLen {
        /// The issuer.
        offender: Offender,
        /// Its pathLenConstraint.
        limit: u32,
        /// Intermediates below it that are not self-issued.
        found: usize,
    },
    /// The certificate policies do not allow the path, although nothing is asked of them (RFC 5280 6.1.3 (f), 6.1.4 (a)).
    #[error("{reason}")]
    Policy {
        /// The certificate that the reason names.
        offender: Offender,
        /// What is wrong.
        reason: PolicyError,
    },
    /// An issuer of the right name was found, but its key did not make this signature.
    #[error("the signature of the certificate at depth {} is wrong under the key of its issuer", offender.depth)]
    SignatureInvalid {
        /// The certificate with the signature.
        offender: Offender,
        /// Under whose key it was tried.
        issuer: Certificate,
    },
    /// More intermediates than [`Budget::intermediates`](super::Budget::intermediates).
    #[error("a path would need more than {limit} intermediates")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// A critical extension that this code does not process (RFC 5280 6.1.4 (o), 6.1.5 (f)).
    #[error("the certificate at depth {} has the critical extension {oid}, which is not processed", offender.depth)]
    UnhandledCritical {
        /// The certificate; [`Offender::is_leaf`] tells the leaf's own from an issuer's.
        offender: Offender,
        /// The extension.
        oid: Oid,
    },
    /// The path ends at a self-signed certificate that is not among the anchors.
    #[error("the certificate at depth {} is self-signed and not among the trust anchors", offender.depth)]
    UntrustedRoot {
        /// The self-signed certificate.
        offender: Offender,
    },
}

impl PathError {
    /// How much the refusal tells: the higher is reported when candidates fail for different reasons.
    ///
    /// The order goes from what only says that the search found nothing, over what says that something forged or
    /// foreign lay in the way, to what says that the real issuers were found and forbid it.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::NoIssuerFound { .. } => 0,
            Self::Loop { .. } => 1,
            Self::UntrustedRoot { .. } => 2,
            Self::TooDeep { .. } => 3,
            Self::SignatureInvalid { .. } => 4,
            Self::NotCa { .. } => 5,
            Self::KeyUsage { .. } => 6,
            Self::AlgorithmNotAllowed { .. } => 7,
            Self::KeyNotAllowed { .. } => 8,
            Self::AnchorPurpose { .. } => 9,
            Self::UnhandledCritical { .. } => 10,
            Self::PathLen { .. } => 11,
            Self::NameConstraint { .. } => 12,
            Self::Policy { .. } => 13,
            Self::Malformed { .. } => 14,
            Self::BudgetExceeded(_) => 15,
        }
    }

    /// The more telling of two; the first when they tell as much.
    #[must_use]
    pub(super) fn most_telling(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    /// The certificate it is about, where there is one.
    #[must_use]
    pub fn offender(&self) -> Option<&Offender> {
        match self {
            Self::AlgorithmNotAllowed { offender, .. }
            | Self::AnchorPurpose { offender, .. }
            | Self::KeyUsage { offender }
            | Self::KeyNotAllowed { offender, .. }
            | Self::Loop { offender }
            | Self::Malformed { offender, .. }
            | Self::NameConstraint { offender, .. }
            | Self::NoIssuerFound { offender }
            | Self::NotCa { offender }
            | Self::PathLen { offender, .. }
            | Self::Policy { offender, .. }
            | Self::SignatureInvalid { offender, .. }
            | Self::UnhandledCritical { offender, .. }
            | Self::UntrustedRoot { offender } => Some(offender),
            Self::BudgetExceeded(_) | Self::TooDeep { .. } => None,
        }
    }

    /// Whether the signature of the asked certificate itself is wrong under every key of its issuer's name.
    #[must_use]
    pub fn is_leaf_signature(&self) -> bool {
        matches!(self, Self::SignatureInvalid { offender, .. } if offender.is_leaf())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_telling_of_two_reasons_is_kept_and_of_equals_the_first() {
        let (shallow, deep) = (PathError::TooDeep { limit: 1 }, PathError::TooDeep { limit: 2 });
        let given_up = PathError::BudgetExceeded(Resource::Signatures);
        assert_eq!(shallow.clone().most_telling(given_up.clone()), given_up);
        assert_eq!(given_up.clone().most_telling(shallow.clone()), given_up);
        assert_eq!(shallow.clone().most_telling(deep), shallow);
    }
}
