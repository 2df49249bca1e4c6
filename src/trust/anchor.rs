//! Trust anchors: whom we believe without asking further, and for what.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::x509::Certificate;

/// What the holders of certificates under an anchor do with their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AnchorPurpose {
    /// Log in.
    Authenticate,
    /// Sign documents.
    Sign,
    /// Issue timestamps (RFC 3161).
    Timestamp,
}

impl AnchorPurpose {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Authenticate, Self::Sign, Self::Timestamp];

    /// Its name in configuration and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::Sign => "sign",
            Self::Timestamp => "timestamp",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::Authenticate => 1,
            Self::Sign => 2,
            Self::Timestamp => 4,
        }
    }
}

impl fmt::Display for AnchorPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purposes(u8);

impl Purposes {
    /// Every purpose.
    pub const ALL: Self = Self(7);
    /// No purpose: such an anchor ends no path.
    pub const NONE: Self = Self(0);

    /// Whether `purpose` is in the set.
    #[must_use]
    pub fn contains(self, purpose: AnchorPurpose) -> bool {
        self.0 & purpose.bit() != 0
    }

    /// Whether the sets have a purpose in common.
    #[must_use]
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The purposes of both sets.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The purposes in the set.
    pub fn iter(self) -> impl Iterator<Item = AnchorPurpose> {
        AnchorPurpose::ALL.into_iter().filter(move |purpose| self.contains(*purpose))
    }
}

impl From<AnchorPurpose> for Purposes {
    fn from(purpose: AnchorPurpose) -> Self {
        Self(purpose.bit())
    }
}

impl FromIterator<AnchorPurpose> for Purposes {
    fn from_iter<I: IntoIterator<Item = AnchorPurpose>>(purposes: I) -> Self {
        purposes.into_iter().fold(Self::NONE, |set, purpose| set.union(purpose.into()))
    }
}

/// How much of an anchor's certificate counts.
///
/// Name constraints and pathLen of the certificate count in both cases: whoever configures an anchor with limits
/// written into it means those limits (RFC 5937 section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AnchorRule {
    /// The certificate must be fit to issue certificates, as any other issuer's on the path; a version 1
    /// certificate cannot say so and passes. What it demands of certificate policies (policyConstraints,
    /// inhibitAnyPolicy) holds for every path below it.
    #[default]
    Checked,
    /// A name and a key, as RFC 5280 6.1.1 (d) has it: basicConstraints, keyUsage, demands on policies and
    /// unknown critical extensions of the certificate do not matter.
    NameAndKey,
}

/// Why a certificate cannot be an anchor under [`AnchorRule::Checked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAuthority {
    /// basicConstraints is absent or says that the subject is no authority.
    #[error("its basicConstraints do not make it a certification authority")]
    BasicConstraints,
    /// keyUsage is there and lacks keyCertSign.
    #[error("its keyUsage lacks keyCertSign")]
    KeyUsage,
}

/// A certificate believed by configuration.
///
/// It need not be self-signed, is never looked up in a revocation list, and its own signature is not verified.
/// Whether its validity period counts is the caller's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    certificate: Certificate,
    purposes: Purposes,
    demo: bool,
}

impl Anchor {
    /// An anchor for these purposes; `demo` marks one whose private key is public.
    #[must_use]
    pub fn new(certificate: Certificate, purposes: Purposes, demo: bool) -> Self {
        Self { certificate, purposes, demo }
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What it may be relied on for.
    #[must_use]
    pub fn purposes(&self) -> Purposes {
        self.purposes
    }

    /// Whether its private key is public, so that nothing resting on it means anything outside a demonstration.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// The same certificate configured twice: for all purposes named, and a demo if either says so.
    pub(super) fn merge(&mut self, other: &Self) {
        self.purposes = self.purposes.union(other.purposes);
        self.demo |= other.demo;
    }
}

impl AnchorRule {
    /// Whether `certificate` may be an anchor under this rule.
    ///
    /// # Errors
    ///
    /// [`NotAuthority`]; never under [`AnchorRule::NameAndKey`].
    pub fn check(self, certificate: &Certificate) -> Result<(), NotAuthority> {
        if self == Self::NameAndKey || certificate.version() < 3 {
            return Ok(());
        }
        check_authority(certificate)
    }
}

/// RFC 5280 6.1.4 (k) and (n) for a version 3 certificate.
pub(super) fn check_authority(certificate: &Certificate) -> Result<(), NotAuthority> {
    let extensions = certificate.extensions();
    if !extensions.basic_constraints.is_some_and(|constraints| constraints.ca) {
        return Err(NotAuthority::BasicConstraints);
    }
    if extensions.key_usage.is_some_and(|usage| !usage.key_cert_sign()) {
        return Err(NotAuthority::KeyUsage);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_are_a_set() {
        let sign = Purposes::from(AnchorPurpose::Sign);
        let both: Purposes = [AnchorPurpose::Sign, AnchorPurpose::Timestamp].into_iter().collect();
        assert!(both.intersects(sign) && both.contains(AnchorPurpose::Timestamp));
        assert!(!sign.intersects(AnchorPurpose::Authenticate.into()));
        assert!(!Purposes::NONE.intersects(Purposes::ALL));
        assert_eq!(AnchorPurpose::ALL.into_iter().collect::<Purposes>(), Purposes::ALL);
        assert_eq!(both.iter().map(AnchorPurpose::name).collect::<Vec<_>>(), ["sign", "timestamp"]);
    }
}
