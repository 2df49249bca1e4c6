//! A certificate with its private key, wherever that is.

use std::fmt;

use super::error::KeyError;
use super::pkcs11::TokenKey;
use crate::crypto::{SignError, SignatureAlgorithm, SigningKey};
use crate::signed::Signer;
use crate::x509::Certificate;

/// What is signed to see whether a certificate is a key's, where the encodings of the public keys differ. No document
/// begins so.
const PROBE: &[u8] = b"rastau: does this certificate belong to this key?";

/// A certificate with its private key. Made only where both belong together.
pub struct SigningIdentity {
    certificate: Certificate,
    others: Vec<Certificate>,
    holder: Holder,
}

/// Where the key is.
enum Holder {
    Memory(Box<SigningKey>),
    Token(TokenKey),
}

impl SigningIdentity {
    /// Puts a key in memory and its certificate together. `others` are certificates that were found beside it, those of
    /// authorities for instance; nothing is verified about them.
    ///
    /// # Errors
    /// [`KeyError::OtherKey`] if the certificate is another key's.
    pub fn new(certificate: Certificate, key: SigningKey, others: Vec<Certificate>) -> Result<Self, KeyError> {
        if !belongs(&key, &certificate) {
            return Err(KeyError::OtherKey);
        }
        Ok(Self { certificate, others, holder: Holder::Memory(Box::new(key)) })
    }

    /// The same with a key in a token, which proved it when it was opened.
    pub(super) fn of_token(certificate: Certificate, key: TokenKey, others: Vec<Certificate>) -> Self {
        Self { certificate, others, holder: Holder::Token(key) }
    }

    /// Certificates that were found beside the key; nothing is verified about them.
    #[must_use]
    pub fn others(&self) -> &[Certificate] {
        &self.others
    }

    /// Whether the key is in a token or HSM, which may be absent at times.
    #[must_use]
    pub fn is_in_token(&self) -> bool {
        matches!(self.holder, Holder::Token(_))
    }
}

impl Signer for SigningIdentity {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match &self.holder {
            Holder::Memory(key) => key.algorithm(),
            Holder::Token(key) => key.algorithm(),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.holder {
            Holder::Memory(key) => key.sign(message),
            Holder::Token(key) => key.sign(message),
        }
    }
}

impl fmt::Debug for SigningIdentity {
    /// Names nobody: the certificate by its hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.is_in_token() { "token" } else { "memory" };
        write!(f, "SigningIdentity({}, in {place}, certificate ", self.algorithm())?;
        self.certificate.sha256().iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
        f.write_str(")")
    }
}

/// Reads a `PrivateKeyInfo`.
pub(super) fn usable_key(der: &[u8]) -> Result<SigningKey, KeyError> {
    Ok(SigningKey::from_pkcs8(der)?)
}

/// Whether a certificate is a key's: the same public key, or the same in another of the permitted encodings, and then a
/// signature must hold under it.
pub(super) fn belongs(key: &SigningKey, certificate: &Certificate) -> bool {
    let Ok(public) = certificate.public_key() else { return false };
    if public == key.public_key() {
        return true;
    }
    public.shares_secret_with(key.public_key())
        && key.sign(PROBE).is_ok_and(|signature| public.verify(key.algorithm(), PROBE, &signature).is_ok())
}
