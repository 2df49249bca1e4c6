//! Public keys and the verification of signatures with them.

use std::sync::Arc;

use der::asn1::{AnyRef, UintRef};
use der::{Decode as _, Reader as _};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::algorithm::SignatureAlgorithm;
use super::digest::{Digest, hash, sha256};
use super::gost::{self, Refusal, VerifyingKey};
use super::key_algorithm::KeyAlgorithm;
use super::rsa;
use super::spki::{self, KeyError, Material};

/// A checked public key. Cloning shares it, together with the tables of [`PublicKey::prepare`].
#[derive(Clone)]
pub struct PublicKey {
    inner: Arc<Inner>,
}

struct Inner {
    algorithm: KeyAlgorithm,
    spki_sha256: [u8; 32],
    core: Vec<u8>,
    material: Material,
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureError {
    /// A key of this kind cannot make a signature of that algorithm, or the digest is another hash's.
    #[error("the signature algorithm does not fit the key or the digest")]
    AlgorithmMismatch,
    /// Well-formed, but not this key's signature over this message.
    #[error("the signature does not verify")]
    Invalid,
    /// Not a signature of that algorithm: wrong length, wrong encoding, or numbers out of range.
    #[error("the signature is malformed")]
    Malformed,
    /// This algorithm is verified over the message, not over its digest.
    #[error("this algorithm needs the message itself")]
    NeedsMessage,
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`: strict encoding, exact parameters, valid point.
    ///
    /// # Errors
    /// [`KeyError`]: not allowed, malformed, or no valid point.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let spki::Read { algorithm, material, core } = spki::read(der)?;
        Ok(Self { inner: Arc::new(Inner { algorithm, spki_sha256: sha256(der), core, material }) })
    }

    /// The kind of key.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.inner.algorithm
    }

    /// SHA-256 of the whole `SubjectPublicKeyInfo`: two keys are the same exactly if these are equal.
    pub fn spki_sha256(&self) -> &[u8; 32] {
        &self.inner.spki_sha256
    }

    /// Whether who has the private key of one of the two has that of the other: the same key, in another of the
    /// permitted encodings (parameters left out, the curve under another identifier), negated, or with another
    /// RSA exponent. For recognising keys that are known to be public; equality is [`Self::spki_sha256`].
    pub fn shares_secret_with(&self, other: &Self) -> bool {
        self.inner.core == other.inner.core
    }

    /// Builds the key's own tables once (about 200 KiB and a millisecond for 512 bits), which makes each later
    /// verification by this key, and by every clone of it, several times faster. Returns their size in bytes; zero for
    /// keys that have no use for them.
    pub fn prepare(&self) -> usize {
        match &self.inner.material {
            Material::Gost(key) => key.prepare(),
            Material::Ring(_) => 0,
        }
    }

    /// Verifies a signature over a message.
    ///
    /// # Errors
    /// [`SignatureError`], never `NeedsMessage`.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        if !algorithm.fits(self.algorithm()) {
            return Err(SignatureError::AlgorithmMismatch);
        }
        match (&self.inner.material, algorithm.hash()) {
            (Material::Gost(key), Some(name)) => verify_gost(key.as_ref(), &hash(name, message), signature),
            // ring has no SHA-512 for these curves.
            (Material::Ring(_), Some(name)) if algorithm == SignatureAlgorithm::EcdsaSha512 => {
                self.verify_digest(algorithm, &hash(name, message), signature)
            }
            (Material::Ring(key), _) => self.verify_ring(algorithm, key, message, signature),
            (Material::Gost(_), None) => Err(SignatureError::AlgorithmMismatch),
        }
    }

    /// Verifies a signature over a message of which only the digest is at hand.
    ///
    /// # Errors
    /// [`SignatureError`]: `NeedsMessage` for Ed25519.
    pub fn verify_digest(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &Digest,
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        if !algorithm.fits(self.algorithm()) {
            return Err(SignatureError::AlgorithmMismatch);
        }
        match (&self.inner.material, self.algorithm()) {
            (_, KeyAlgorithm::Ed25519) => Err(SignatureError::NeedsMessage),
            _ if algorithm.hash() != Some(digest.algorithm()) => Err(SignatureError::AlgorithmMismatch),
            (Material::Gost(key), _) => verify_gost(key.as_ref(), digest, signature),
            (Material::Ring(key), KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. }) => match algorithm {
                SignatureAlgorithm::RsaPssSha256
                | SignatureAlgorithm::RsaPssSha384
                | SignatureAlgorithm::RsaPssSha512 => rsa::pss::verify(key, digest, signature),
                _ => rsa::pkcs1::verify(key, digest, signature),
            },
            (Material::Ring(key), KeyAlgorithm::EcdsaP256) => verify_ecdsa(gost::verify_p256, key, digest, signature),
            (Material::Ring(key), KeyAlgorithm::EcdsaP384) => verify_ecdsa(gost::verify_p384, key, digest, signature),
            (Material::Ring(_), _) => Err(SignatureError::AlgorithmMismatch),
        }
    }

    fn verify_ring(
        &self,
        algorithm: SignatureAlgorithm,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let verification = ring_algorithm(algorithm, self.algorithm()).ok_or(SignatureError::AlgorithmMismatch)?;
        UnparsedPublicKey::new(verification, key).verify(message, signature).map_err(|_| self.explain_ring(signature))
    }

    /// ring does not say why a signature failed; the form at least can be told from the content.
    fn explain_ring(&self, signature: &[u8]) -> SignatureError {
        let well_formed = match self.algorithm() {
            KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits, .. } => {
                u32::try_from(signature.len()) == Ok(bits.div_ceil(8))
            }
            KeyAlgorithm::Ed25519 => signature.len() == 64,
            _ => AnyRef::from_der(signature).is_ok(),
        };
        if well_formed { SignatureError::Invalid } else { SignatureError::Malformed }
    }
}

impl Eq for PublicKey {}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki_sha256() == other.spki_sha256()
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({}, ", self.algorithm())?;
        self.spki_sha256().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

fn verify_gost(key: &dyn VerifyingKey, digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
    key.verify(digest.as_bytes(), signature).map_err(SignatureError::from)
}

/// How a curve verifies: point, digest, r and s.
type Ecdsa = fn(&[u8], &[u8], &[u8], &[u8]) -> Result<(), Refusal>;

/// ECDSA over a digest; the signature is the DER of two positive numbers (RFC 3279 section 2.2.3).
fn verify_ecdsa(ecdsa: Ecdsa, key: &[u8], digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
    let (r, s) = AnyRef::from_der(signature)
        .and_then(|outer| outer.sequence(|reader| Ok::<_, der::Error>((reader.decode()?, reader.decode()?))))
        .map_err(|_| SignatureError::Malformed)?;
    let (r, s): (UintRef<'_>, UintRef<'_>) = (r, s);
    let point = key.get(1..).ok_or(SignatureError::Malformed)?;
    ecdsa(point, digest.as_bytes(), r.as_bytes(), s.as_bytes()).map_err(SignatureError::from)
}

impl From<Refusal> for SignatureError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid => Self::Invalid,
            Refusal::Malformed => Self::Malformed,
        }
    }
}

/// ring's implementation of an algorithm for a kind of key that it fits.
fn ring_algorithm(algorithm: SignatureAlgorithm, key: KeyAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (algorithm, key) {
        (SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcdsaP256) => &signature::ECDSA_P256_SHA256_ASN1,
        (SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcdsaP384) => &signature::ECDSA_P384_SHA256_ASN1,
        (SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::EcdsaP256) => &signature::ECDSA_P256_SHA384_ASN1,
        (SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::EcdsaP384) => &signature::ECDSA_P384_SHA384_ASN1,
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => &signature::ED25519,
        (SignatureAlgorithm::RsaPkcs1Sha256, KeyAlgorithm::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (SignatureAlgorithm::RsaPkcs1Sha384, KeyAlgorithm::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (SignatureAlgorithm::RsaPkcs1Sha512, KeyAlgorithm::Rsa { .. }) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (SignatureAlgorithm::RsaPssSha256, _) => &signature::RSA_PSS_2048_8192_SHA256,
        (SignatureAlgorithm::RsaPssSha384, _) => &signature::RSA_PSS_2048_8192_SHA384,
        (SignatureAlgorithm::RsaPssSha512, _) => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
