//! One signature, and the proof that it holds.

use std::sync::Arc;

use super::bare_key::BareKey;
use super::content::Message;
use super::document::Embedded;
use super::error::SignatureFault;
use super::level::Level;
use super::signer::{CertificateReference, SignerName};
use super::timestamp::TimestampToken;
use crate::clock::Time;
use crate::crypto::{AlgorithmNotAllowed, Digest, HashAlgorithm, SignatureAlgorithm};
use crate::x509::Certificate;

/// Whether what a signature covers is what was signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Integrity {
    /// A digest differs, or a rule that binds content and signature is broken (contentType, messageDigest): which, in plain
    /// English, without any content.
    Altered(String),
    /// The content of a detached signature was not given.
    ContentMissing,
    /// Every digest fits.
    Intact,
}

/// How much of the document a signature covers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Coverage {
    /// A part, named for people, that is all that counts: the one the caller asked for, the Body of an envelope.
    Enough(String),
    /// A part only, named for people (`element #id`, `bytes 0 to 1234 of 5678`): not enough.
    Part(String),
    /// All there is: the whole content, the root element, the file but for the signature itself.
    Whole,
}

impl Coverage {
    /// How the Body of a SOAP envelope is named.
    pub const BODY: &str = "Body of the envelope";

    /// Whether all that counts is covered.
    #[must_use]
    pub const fn is_enough(&self) -> bool {
        matches!(self, Self::Enough(_) | Self::Whole)
    }
}

impl std::fmt::Display for Coverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Enough(part) | Self::Part(part) => write!(f, "part {part}"),
            Self::Whole => f.write_str("whole document"),
        }
    }
}

/// How the value of a signature stands in its document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ValueForm {
    /// In the byte order of its algorithm as certificates have it (ECDSA: DER).
    AsInCertificates,
    /// r and s of ECDSA side by side, each in as many octets as the order of the key's curve has.
    SideBySide,
}

/// One signature as it was read. All digests over content are already compared ([`Integrity`]); the value is not verified.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Which one, for people: `signer 1`, `signature #id`, `field Signature1`.
    pub label: String,
    /// Whose certificate to verify with.
    pub signer: SignerName,
    /// A key beside it without a certificate, which nobody vouches for.
    pub bare_key: Option<BareKey>,
    /// Evidence beside it, shared by the signatures of a document.
    pub embedded: Arc<Embedded>,
    /// The hash over the content.
    pub digest_algorithm: Result<HashAlgorithm, AlgorithmNotAllowed>,
    /// The algorithm of the value.
    pub signature_algorithm: Result<SignatureAlgorithm, AlgorithmNotAllowed>,
    /// What the value is over.
    pub message: Message,
    /// The value as the document has it.
    pub value: Vec<u8>,
    /// In which form that is.
    pub value_form: ValueForm,
    /// Whether the content is what was signed.
    pub integrity: Integrity,
    /// How much it covers.
    pub covers: Coverage,
    /// Digest of the signed content by the signature's own hash; `None` when it is missing or the hash is not allowed.
    pub content_digest: Option<Digest>,
    /// References under the signature to the signer's certificate, each of which must fit: one of every attribute or
    /// property that names it. References to other certificates, those of its chain, are not kept. Empty when there is none.
    pub signing_certificate: Vec<CertificateReference>,
    /// When the signer says it was made. Proves nothing.
    pub claimed_time: Option<Time>,
    /// Timestamps, unread.
    pub timestamps: Vec<TimestampToken>,
    /// Signatures over this one's value: no judgement of trust needs them.
    pub counter_signatures: Vec<Signature>,
    /// Of those that cannot be read, why.
    pub unread_counter_signatures: Vec<String>,
    /// How much evidence it has by its form.
    pub level: Level,
    /// Oddities that make nothing bad: stable code and detail.
    pub warnings: Vec<(&'static str, String)>,
}

/// A signature whose value, digests and certificate reference hold under [`Self::certificate`]. Says nothing about trust.
#[derive(Clone, Debug)]
pub struct VerifiedSignature {
    certificate: Certificate,
    algorithm: SignatureAlgorithm,
    digest_algorithm: HashAlgorithm,
}

impl VerifiedSignature {
    /// The certificate whose key made it. Later checks use this one, never one picked again from the document.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The algorithm it was made with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The hash over the content.
    #[must_use]
    pub fn digest_algorithm(&self) -> HashAlgorithm {
        self.digest_algorithm
    }
}

impl Signature {
    /// Verifies digests, certificate reference and value under a certificate.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`]: the first of algorithm, content, certificate reference and value that fails.
    pub fn verify(&self, certificate: &Certificate) -> Result<VerifiedSignature, SignatureFault> {
        let (digest_algorithm, algorithm) = self.check_content()?;
        if !self.signing_certificate.iter().all(|reference| reference.refers_to(certificate)) {
            return Err(SignatureFault::WrongCertificate);
        }
        let key = certificate.public_key().map_err(|error| SignatureFault::Key(error.clone()))?;
        self.check_value(key, algorithm)?;
        Ok(VerifiedSignature { certificate: certificate.clone(), algorithm, digest_algorithm })
    }

    /// What can be told without any certificate: that the algorithms are allowed and the content is what was signed.
    ///
    /// # Errors
    ///
    /// [`SignatureFault`].
    pub fn check_content(&self) -> Result<(HashAlgorithm, SignatureAlgorithm), SignatureFault> {
        let digest_algorithm = self.digest_algorithm.clone()?;
        let algorithm = self.signature_algorithm.clone()?;
        match &self.integrity {
            Integrity::Altered(what) => Err(SignatureFault::Altered(what.clone())),
            Integrity::ContentMissing => Err(SignatureFault::ContentMissing),
            Integrity::Intact => Ok((digest_algorithm, algorithm)),
        }
    }
}
