//! Makes signatures: new messages, one signature more in a message, timestamps and evidence added afterwards.
//!
//! Everything is an [`Envelope`]: a message taken apart into elements that are kept octet for octet, to which elements are
//! added. Content is hashed once, and copied when the message is written; content that is a stream is never held.

mod attributes;
mod elements;
mod envelope;
mod extend;
mod signer;
mod source;
mod token;

use std::sync::Arc;

use self::envelope::Envelope;
pub use self::extend::{extend_with_evidence, extend_with_timestamp};
use self::source::Enclosed;
use super::limits::MAX_SIGNERS;
use super::oid;
use super::read::read;
use crate::crypto::{Digest, HashAlgorithm, SignatureAlgorithm};
use crate::der::Oid;
use crate::signed::{Detached, Document, Draft, FormatError, MakeError, SignatureFault, Signer, Terms};
use crate::x509::Certificate;

/// Certificates of one name that a signature before is tried with; there is one, or a renewed one beside it.
const MAX_NAMESAKES: usize = 4;

/// How a signature is to look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Profile {
    /// `CAdES` baseline (EN 319 122-1 clause 6): with signingTime, and the facts of an issued document as content-hints.
    #[default]
    Cades,
    /// For a PDF (EN 319 142-1 clause 6.3): neither, because both stand in the signature dictionary.
    Pades,
}

/// What is to be signed, and how.
#[derive(Clone, Copy)]
pub struct Signing<'a> {
    /// Who signs.
    pub signer: &'a dyn Signer,
    /// What is said beside the signature.
    pub terms: Terms<'a>,
    /// The content. [`Detached::Absent`] where the message before has it inside. Of digests, which only do for a detached
    /// signature, there must be one by [`digest_algorithm`] of the signer, and one for each signature before.
    pub content: Detached<'a>,
    /// Whether the content stays outside. Without meaning where there is a message before: it stays as it is.
    pub detached: bool,
    /// A signed message that gets one signature more, in DER, BER, PEM or base64. What its signatures are over keeps its
    /// octets; the message comes out in DER.
    pub previous: Option<Document<'a>>,
    /// How the signature is to look.
    pub profile: Profile,
}

/// The hash over the content that goes with a signature algorithm: its own, for Ed25519 SHA-512 (RFC 8419 section 3).
#[must_use]
pub fn digest_algorithm(algorithm: SignatureAlgorithm) -> HashAlgorithm {
    algorithm.hash().unwrap_or(HashAlgorithm::Sha512)
}

/// Signs. Blocking: content is hashed, and the key may be in a device.
///
/// # Errors
///
/// [`MakeError`]; nothing was signed then. Among others where an earlier signature of the message does not hold over the
/// content, or is encoded so that it could not be kept as it is.
pub fn sign<'a>(signing: &Signing<'a>) -> Result<Box<dyn Draft + 'a>, MakeError> {
    let hash = digest_algorithm(signing.signer.algorithm());
    let envelope = match signing.previous {
        Some(previous) => {
            check_previous(previous, signing.content)?;
            let envelope = Envelope::read(previous, hash)?;
            check_kind(&envelope.content_type)?;
            envelope
        }
        None => Envelope::new(new_content(signing, hash)?),
    };
    let digest = match (envelope.content.digest(hash), signing.previous) {
        (Some(digest), _) => digest,
        (None, _) => source::digest(signing.content, hash)?,
    };
    add_signer(envelope, signing, &digest)
}

/// Signs content of which the digest by [`digest_algorithm`] of the signer is known, in a new message without content. What
/// comes of it borrows nothing, unlike that of [`sign`].
///
/// # Errors
///
/// [`MakeError`]; nothing was signed then.
pub fn sign_digest(
    signer: &dyn Signer,
    terms: Terms<'_>,
    digest: &Digest,
    profile: Profile,
) -> Result<Box<dyn Draft>, MakeError> {
    let wanted = digest_algorithm(signer.algorithm());
    if digest.algorithm() != wanted {
        return Err(MakeError::Document(format!("its digest is not by {}", wanted.name())));
    }
    let content = Detached::Absent;
    let signing = Signing { signer, terms, content, detached: true, previous: None, profile };
    add_signer(Envelope::new(Enclosed::Absent), &signing, digest)
}

/// Signs, and enters the signature into a message.
fn add_signer<'a>(
    mut envelope: Envelope<'a>,
    signing: &Signing<'_>,
    digest: &Digest,
) -> Result<Box<dyn Draft + 'a>, MakeError> {
    if envelope.signers.len() >= MAX_SIGNERS {
        return Err(FormatError::TooMuch { what: "signatures", limit: MAX_SIGNERS as u64 }.into());
    }
    let attributes = attributes::signed(signing, digest, &envelope.content_type)?;
    let value = signing.signer.sign(&attributes::message(&attributes))?;
    let (certificate, algorithm) = (signing.signer.certificate(), signing.signer.algorithm());
    envelope.digest_algorithms.add(signer::digest_identifier(algorithm));
    for certificate in std::iter::once(certificate).chain(signing.terms.chain) {
        envelope.certificates.add(certificate.as_der().to_vec());
    }
    envelope.signers.push(signer::encode(certificate, algorithm, &attributes, &value));
    Ok(Box::new(Pending { signer: envelope.signers.len() - 1, envelope, value, is_new: true }))
}

/// What a new message is around.
fn new_content<'a>(signing: &Signing<'a>, hash: HashAlgorithm) -> Result<Enclosed<'a>, MakeError> {
    if signing.detached {
        return Ok(Enclosed::Absent);
    }
    source::enclose(signing.content, hash)
}

/// A signature goes to content that is a document. What another protocol has in such a message says something else than
/// its signer would want to say: a timestamp (RFC 3161), a receipt (RFC 2634), a firmware package (RFC 4108).
fn check_kind(content_type: &[u8]) -> Result<(), MakeError> {
    if content_type == oid::DATA.as_bytes() {
        return Ok(());
    }
    let name = Oid::from_bytes(content_type).map_or_else(|_| "that has no name".to_owned(), |oid| oid.to_string());
    Err(MakeError::Document(format!("the content of the message is of type {name}: a document is id-data")))
}

/// A signature that would be added to one that does not hold would make a message that is refused as a whole. Whose
/// certificate is not in the message cannot be told here.
fn check_previous(previous: Document<'_>, content: Detached<'_>) -> Result<(), MakeError> {
    let document = read(previous, content)?;
    let mut signatures = document.signatures.iter().peekable();
    // Shared by all of them.
    let embedded = signatures.peek().map(|first| Arc::clone(&first.embedded)).unwrap_or_default();
    let certificates: Vec<Option<Certificate>> =
        embedded.certificates.iter().map(|der| Certificate::from_der(der).ok()).collect();
    for signature in signatures {
        let refused = |why: &dyn std::fmt::Display| {
            Err(MakeError::Document(format!("{} of the message does not hold: {why}", signature.label)))
        };
        match signature.check_content() {
            Ok(_) => {}
            Err(SignatureFault::ContentMissing) => {
                let text = "the signed message has no content inside: the content must be given with it";
                return Err(MakeError::Document(text.to_owned()));
            }
            Err(fault) => return refused(&fault),
        }
        let own = certificates.iter().enumerate().filter_map(|(position, certificate)| {
            certificate.as_ref().filter(|certificate| signature.signer.names(certificate, Some(position)))
        });
        let verdicts: Vec<_> = own.take(MAX_NAMESAKES).map(|certificate| signature.verify(certificate)).collect();
        if let (false, Some(Err(fault))) = (verdicts.iter().any(Result::is_ok), verdicts.last()) {
            return refused(fault);
        }
    }
    Ok(())
}

/// A message with a signature that may get a timestamp.
struct Pending<'a> {
    envelope: Envelope<'a>,
    /// Which signer.
    signer: usize,
    value: Vec<u8>,
    /// Whether the signature is made here, or was there.
    is_new: bool,
}

impl Draft for Pending<'_> {
    fn stamped(&self) -> &[u8] {
        &self.value
    }

    fn value(&self) -> &[u8] {
        if self.is_new { &self.value } else { &[] }
    }

    fn write(self: Box<Self>, token: Option<&[u8]>, out: &mut dyn std::io::Write) -> Result<(), MakeError> {
        let Self { mut envelope, signer, value, .. } = *self;
        if let Some(token) = token {
            token::check(token, &value)?;
            let element = envelope.signers.get_mut(signer).ok_or_else(no_signer)?;
            let timestamp = attributes::attribute(oid::SIGNATURE_TIMESTAMP, token);
            *element = signer::with_unsigned(element, timestamp).map_err(FormatError::from)?;
        }
        envelope.write(out)
    }
}

fn no_signer() -> MakeError {
    MakeError::Document("the message has no such signature".to_owned())
}
