//! Keys without a certificate, as XML signatures may bring them (`KeyValue`).
//!
//! Nobody vouches for such a key, so nothing made under it is ever trusted. Formats can be checked with it nevertheless: its
//! only use is [`Signature::verify_bare`], whose result holds no certificate, and everything that judges trust starts from one.

use std::borrow::Cow;

use super::content::Message;
use super::error::SignatureFault;
use super::signature::{Signature, ValueForm};
use crate::crypto::{HashAlgorithm, KeyAlgorithm, KeyError, PublicKey, SignatureAlgorithm, SignatureError};

/// A key that stands beside a signature, or why it cannot be used. The key cannot be taken out again.
#[derive(Clone, Debug)]
pub struct BareKey(Result<PublicKey, KeyError>);

impl BareKey {
    /// The key of a DER `SubjectPublicKeyInfo`, with every check that a certificate's key gets.
    #[must_use]
    pub fn from_spki(der: &[u8]) -> Self {
        Self(PublicKey::from_spki(der))
    }

    /// One that cannot be used.
    #[must_use]
    pub const fn refused(error: KeyError) -> Self {
        Self(Err(error))
    }

    /// Whether both are the same key, in the same encoding.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Ok(one), Ok(other)) => one == other,
            (Err(one), Err(other)) => one == other,
            _ => false,
        }
    }
}

/// A signature whose value and digests hold under a key that nobody vouches for. Whose key it is, nothing says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeldByBareKey {
    /// The kind of key.
    pub key: KeyAlgorithm,
    /// The algorithm it was made with.
    pub algorithm: SignatureAlgorithm,
    /// The hash over the content.
    pub digest_algorithm: HashAlgorithm,
}

impl Signature {
    /// Verifies digests and value under the bare key beside the signature; `None` when there is none, or when the signature
    /// names a certificate (signingCertificate), which no bare key can be compared with.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`]: the first of algorithm, content, key and value that fails.
    #[must_use]
    pub fn verify_bare(&self) -> Option<Result<HeldByBareKey, SignatureFault>> {
        let BareKey(key) = self.bare_key.as_ref().filter(|_| self.signing_certificate.is_empty())?;
        Some(self.check_content().and_then(|(digest_algorithm, algorithm)| {
            let key = key.as_ref().map_err(|error| SignatureFault::BareKey(error.clone()))?;
            self.check_value(key, algorithm)?;
            Ok(HeldByBareKey { key: key.algorithm(), algorithm, digest_algorithm })
        }))
    }

    /// That the value holds under a key.
    pub(super) fn check_value(&self, key: &PublicKey, algorithm: SignatureAlgorithm) -> Result<(), SignatureFault> {
        let value = match self.value_form {
            ValueForm::SideBySide if key.algorithm().scalar_octets().is_some() => {
                let der = key.algorithm().value_from_sides(&self.value);
                Cow::Owned(der.ok_or(SignatureFault::Value(SignatureError::Malformed))?)
            }
            // A key of another kind does not fit the algorithm, which it says itself.
            ValueForm::AsInCertificates | ValueForm::SideBySide => Cow::Borrowed(&self.value),
        };
        match &self.message {
            Message::Bytes(message) => key.verify(algorithm, message, &value),
            Message::Shared(message) => key.verify(algorithm, message, &value),
            Message::Digest(digest) => key.verify_digest(algorithm, digest, &value),
            Message::Missing => return Err(SignatureFault::ContentMissing),
        }
        .map_err(SignatureFault::Value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_cannot_be_used_are_the_same_when_the_reason_is() {
        let malformed = || BareKey::refused(KeyError::Malformed("not a point"));
        assert!(malformed().is_same_as(&malformed()));
        assert!(!malformed().is_same_as(&BareKey::refused(KeyError::InvalidPoint("not a point"))));
        assert!(!malformed().is_same_as(&BareKey::from_spki(&rastau_mint::key::Key::ed25519("bare").spki())));
    }
}
