//! With what a signer's signatures are written.

use crate::crypto::{HashAlgorithm, KeyAlgorithm, SignError, SignatureAlgorithm};
use crate::signed::{MakeError, Signer};
use crate::xmldsig::algorithms::{digest_identifier, signature_identifier, value_as_in_xml};

/// The algorithms of a signature.
#[derive(Clone, Copy, Debug)]
pub struct Algorithms {
    /// That of the value.
    pub signature: SignatureAlgorithm,
    /// Its identifier.
    pub method: &'static str,
    /// The hash of the references.
    pub hash: HashAlgorithm,
    /// Its identifier.
    pub digest: &'static str,
    key: KeyAlgorithm,
}

impl Algorithms {
    /// Those of a signer.
    ///
    /// # Errors
    ///
    /// [`MakeError::Sign`] for a key that nothing is signed with any more, or one that does not fit its certificate.
    pub fn of(signer: &dyn Signer) -> Result<Self, MakeError> {
        let refused = |why: String| MakeError::Sign(SignError::Refused(why));
        let signature = signer.algorithm();
        if signature == SignatureAlgorithm::Gost2004 {
            return Err(refused(format!("nothing is signed with {signature} any more: use a key issued since 2022")));
        }
        let key =
            signer.certificate().public_key().map_err(|error| refused(format!("the certificate's key: {error}")))?;
        let key = key.algorithm();
        if !signature.fits(key) {
            return Err(refused(format!("{signature} does not fit the certificate's key ({})", key.as_str())));
        }
        // Ed25519 hashes what it signs by SHA-512, so that this is as strong.
        let hash = signature.hash().unwrap_or(HashAlgorithm::Sha512);
        match (signature_identifier(signature), digest_identifier(hash)) {
            (Some(method), Some(digest)) => Ok(Self { signature, method, hash, digest, key }),
            _ => Err(refused(format!("{signature} has no identifier in XML signatures"))),
        }
    }

    /// The value over a message, as XML has it.
    ///
    /// # Errors
    ///
    /// [`MakeError::Sign`].
    pub fn sign(&self, signer: &dyn Signer, message: &[u8]) -> Result<Vec<u8>, MakeError> {
        let value = signer.sign(message)?;
        // What cannot be written in the other order is no signature.
        Ok(value_as_in_xml(self.signature, self.key, value).ok_or(SignError::NotVerified)?)
    }
}
