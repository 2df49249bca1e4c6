//! Private keys in memory, and signatures with them.

mod pkcs8;
#[cfg(test)]
mod tests;

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use zeroize::Zeroizing;

use super::algorithm::SignatureAlgorithm;
use super::digest::hash;
use super::gost::{FRESH, PrivateKey};
use super::key::PublicKey;

/// A private key in memory: RSA, ECDSA and Ed25519 by ring, GOST 34.10-2015 by ourselves. GOST keys are erased when dropped;
/// ring erases nothing.
pub struct SigningKey {
    public: PublicKey,
    algorithm: SignatureAlgorithm,
    secret: Secret,
}

/// What is signed to see whether keys belong together; the signature is not released.
const TRIAL: &[u8] = b"rastau: does this key belong to that certificate?";

/// What signs.
enum Secret {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Gost(Box<dyn PrivateKey>),
    Rsa(RsaKeyPair),
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
    /// Reads a DER `PrivateKeyInfo` (PKCS#8, RFC 5208 and RFC 5958): RSA of 2048 to 4096 bits, P-256, P-384, Ed25519, and GOST
    /// 34.10-2015 as the National CA writes it.
    ///
    /// # Errors
    /// [`SigningKeyError`]; keys of GOST 34.310-2004 are [`SigningKeyError::NotAllowed`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningKeyError> {
        let (secret, algorithm, public) = pkcs8::read(der)?;
        Ok(Self { public, algorithm, secret })
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

    /// Whether a certificate's key is this key's public key, also where it is written in another of the permitted encodings.
    #[must_use]
    pub fn belongs_to(&self, public: &PublicKey) -> bool {
        // What shares the secret can be the opposite point, under which our signatures do not hold.
        let verifies = |signature: Vec<u8>| public.verify(self.algorithm, TRIAL, &signature).is_ok();
        self.public == *public || (self.public.shares_secret_with(public) && self.sign(TRIAL).is_ok_and(verifies))
    }

    /// Signs a message. The signature is verified under the public key before it is returned, so that a fault of the machine
    /// (which could give the key away) is not released. The first signature of a GOST key builds its tables for that.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.secret {
            Secret::Gost(key) => self.sign_gost(key.as_ref(), message),
            Secret::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).map_err(|_| unavailable())?;
                self.verified(message, signature.as_ref().to_vec())
            }
            Secret::Ed25519(pair) => self.verified(message, pair.sign(message).as_ref().to_vec()),
            Secret::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                // Random numbers blind the exponentiation.
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| unavailable())?;
                self.verified(message, signature)
            }
        }
    }

    fn verified(&self, message: &[u8], signature: Vec<u8>) -> Result<Vec<u8>, SignError> {
        match self.public.verify(self.algorithm, message, &signature) {
            Ok(()) => Ok(signature),
            Err(_) => Err(SignError::NotVerified),
        }
    }

    fn sign_gost(&self, key: &dyn PrivateKey, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let digest = hash(self.algorithm.hash().ok_or_else(unavailable)?, message);
        let mut fresh = Zeroizing::new([0; FRESH]);
        // Without randomness the signature is the deterministic one of RFC 6979, which is no weaker against who only sees
        // signatures.
        let random = SystemRandom::new().fill(fresh.as_mut_slice()).is_ok();
        let signature = key.sign(digest.as_bytes(), random.then_some(&*fresh)).ok_or_else(unavailable)?;
        self.public.prepare();
        match self.public.verify_digest(self.algorithm, &digest, &signature) {
            Ok(()) => Ok(signature),
            Err(_) => Err(SignError::NotVerified),
        }
    }
}

fn unavailable() -> SignError {
    SignError::Unavailable("the source of random numbers gives none".to_owned())
}

impl std::fmt::Debug for SigningKey {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}
