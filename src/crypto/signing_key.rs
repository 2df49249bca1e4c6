//! Private keys in memory, and signatures with them.

use super::algorithm::SignatureAlgorithm;
use super::key::PublicKey;

/// A private key in memory: RSA, ECDSA and Ed25519 by ring, GOST 34.10-2015 by ourselves. Zeroised when dropped.
pub struct SigningKey {
    public: PublicKey,
    algorithm: SignatureAlgorithm,
}

/// Why octets give no private key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// Not the DER that the algorithm's standard demands, or numbers out of range.
    #[error("malformed private key: {0}")]
    Malformed(&'static str),
    /// A kind of key that nothing is signed with.
    #[error("keys of algorithm {0} do not sign here")]
    NotAllowed(String),
}

/// Why there is no signature.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The signature did not verify under the public key: a fault of the machine or of the token. Nothing is released.
    #[error("the signature that was made does not verify; nothing was released")]
    NotVerified,
    /// The token or HSM refuses: PIN, rights, mechanism. The text names no secret.
    #[error("the key's device refuses: {0}")]
    Refused(String),
    /// The token, the HSM or the source of randomness does not answer now.
    #[error("the key cannot be used now: {0}")]
    Unavailable(String),
}

impl SigningKey {
    /// Reads a DER `PrivateKeyInfo` (PKCS#8, RFC 5208 and RFC 5958).
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub fn from_pkcs8(_der: &[u8]) -> Result<Self, SigningKeyError> {
        Err(SigningKeyError::Malformed("not built yet"))
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// What it signs with: SHA-256 for RSA and P-256, SHA-384 for P-384, the key's own Streebog for GOST.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Signs a message. The signature is verified before it is returned.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, SignError> {
        Err(SignError::Unavailable("not built yet".to_owned()))
    }
}

impl std::fmt::Debug for SigningKey {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}
