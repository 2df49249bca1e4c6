//! Minted keys as keys that documents are signed with, so that what is tested is the format and not our own signatures.

use rastau::crypto::{KeyAlgorithm, SignError, SignatureAlgorithm};
use rastau::signed::Signer;
use rastau::x509::Certificate;
use rastau_mint::key::Key;

/// A key whose signatures come from the independent implementation.
pub struct Minted {
    key: Key,
    certificate: Certificate,
    algorithm: SignatureAlgorithm,
}

impl Minted {
    pub fn new(key: &Key, certificate: &[u8]) -> Minted {
        let certificate = Certificate::from_der(certificate).unwrap();
        let algorithm = match certificate.public_key().unwrap().algorithm() {
            KeyAlgorithm::EcdsaP256 => SignatureAlgorithm::EcdsaSha256,
            KeyAlgorithm::EcdsaP384 => SignatureAlgorithm::EcdsaSha384,
            KeyAlgorithm::Ed25519 => SignatureAlgorithm::Ed25519,
            KeyAlgorithm::Gost2004 => SignatureAlgorithm::Gost2004,
            KeyAlgorithm::Gost2015_256 => SignatureAlgorithm::Gost2015_256,
            KeyAlgorithm::Gost2015_512 => SignatureAlgorithm::Gost2015_512,
            KeyAlgorithm::Rsa { .. } => SignatureAlgorithm::RsaPkcs1Sha256,
            KeyAlgorithm::RsaPss { .. } => SignatureAlgorithm::RsaPssSha256,
        };
        Minted { key: key.clone(), certificate, algorithm }
    }
}

impl Signer for Minted {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(self.key.sign(message))
    }
}
