//! The nonce that ties an answer to its request (RFC 6960 4.4.1, RFC 9654).

use ring::rand::{SecureRandom as _, SystemRandom};

use super::error::OcspError;

/// Octets of a nonce. RFC 9654 2.1 has servers take 16 to 32 and clients prefer 32, older servers (RFC 8954) 1 to 32;
/// the National CA's are seen to answer 8, 16 and 24. Sixteen lies in every one of these ranges and cannot be guessed.
const OCTETS: usize = 16;

/// What is asked of the nonce in an answer that was fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoncePolicy {
    /// It must be there and be ours. The responders of the National CA always echo it.
    #[default]
    Require,
    /// If one is there, it must be ours: for responders that sign answers in advance.
    IfEchoed,
    /// None is sent.
    Off,
}

impl NoncePolicy {
    /// Judges the nonce of an answer against the one that was sent.
    pub(super) fn check(self, sent: Option<&Nonce>, echoed: Option<&[u8]>) -> Result<(), OcspError> {
        match (sent, echoed) {
            (Some(sent), Some(echoed)) if sent.is(echoed) => Ok(()),
            (Some(_), Some(_)) => Err(OcspError::NonceDiffers),
            (Some(_), None) if self == Self::Require => Err(OcspError::NonceMissing),
            // Nothing was sent to compare with, or the answer was made in advance.
            _ => Ok(()),
        }
    }
}

/// A number used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce([u8; OCTETS]);

impl Nonce {
    /// A fresh one from the system's generator; `None` when that fails.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut octets = [0; OCTETS];
        SystemRandom::new().fill(&mut octets).ok()?;
        Some(Self(octets))
    }

    /// One that was chosen elsewhere.
    #[must_use]
    pub fn from_octets(octets: [u8; OCTETS]) -> Self {
        Self(octets)
    }

    /// Its octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// What extnValue holds: an OCTET STRING of its own (RFC 9654 2.1).
    pub(super) fn extension_value(&self) -> Vec<u8> {
        [&[0x04, u8::try_from(OCTETS).unwrap_or(0)], &self.0[..]].concat()
    }

    /// Whether an extnValue holds it: as an OCTET STRING, or bare, as some responders echo it.
    fn is(&self, extension_value: &[u8]) -> bool {
        extension_value == self.extension_value() || extension_value == self.0
    }
}
