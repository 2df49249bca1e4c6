//! Keys by handle: containers, tokens and HSMs, opened once, used by name.
//!
//! A [`SigningIdentity`] is a certificate with its private key; the key never leaves it. How documents are signed with it is
//! the formats' (`cms`, `xmldsig`, `pdf`).

pub mod timestamp;

use crate::crypto::{SignError, SignatureAlgorithm, SigningKey};
use crate::signed::Signer;
use crate::x509::Certificate;

/// A certificate with its private key in memory.
#[derive(Debug)]
pub struct SigningIdentity {
    certificate: Certificate,
    key: SigningKey,
}

impl Signer for SigningIdentity {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.key.sign(message)
    }
}
