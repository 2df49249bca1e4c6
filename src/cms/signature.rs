//! From a signer in the bytes to a signature that can be verified.

use std::sync::Arc;

use super::archive::Archive;
use super::content::Content;
use super::facts::Facts;
use super::limits::{MAX_BARE, MAX_COUNTER_DEPTH, MAX_SIGNERS};
use super::oid;
use super::reference;
use super::signer_info::SignerInfo;
use super::stamp::timestamps;
use crate::crypto::{Digest, SignatureAlgorithm, hash};
use crate::signed::{
    CertificateReference, Coverage, Embedded, FormatError, Integrity, Level, Message, Signature, TimestampKind,
    TimestampToken, ValueForm,
};

/// What the signers of a document share.
pub(super) struct Shared<'s, 'p, 'a> {
    /// Contents octets of eContentType.
    pub content_type: &'p [u8],
    /// The content.
    pub content: &'s Content<'s>,
    /// Evidence beside the signers.
    pub embedded: Arc<Embedded>,
    /// Whether what stands beside the content was rewritten, so that signed attributes may not be as they were signed.
    pub rewritten: bool,
    /// Archive timestamps.
    pub archive: Archive<'p, 'a>,
    /// Signers so far, counter-signers among them.
    pub signers: usize,
    /// Octets that values without signed attributes are over together; `None` before the first.
    pub bare: Option<u64>,
}

impl Shared<'_, '_, '_> {
    fn count_signer(&mut self) -> Result<(), FormatError> {
        self.signers += 1;
        if self.signers > MAX_SIGNERS {
            return Err(FormatError::TooMuch { what: "signatures", limit: MAX_SIGNERS as u64 });
        }
        Ok(())
    }

    /// Whoever signs first may sign content of any length.
    fn count_bare(&mut self, message: &Message) -> Result<(), FormatError> {
        let Message::Shared(octets) = message else { return Ok(()) };
        let total = self.bare.map_or(0, |before| before.saturating_add(octets.len() as u64));
        self.bare = Some(total);
        if total > MAX_BARE {
            return Err(FormatError::TooMuch { what: "bytes under values without signed attributes", limit: MAX_BARE });
        }
        Ok(())
    }
}

/// What one signature is over, and whether it is still that.
struct Subject {
    /// What the value is over when there are no signed attributes.
    message: Message,
    digest: Option<Digest>,
    /// What keeps the signature from holding, if it is known already.
    bound: Result<(), &'static str>,
    missing: bool,
    covers: Coverage,
    timestamps: Vec<TimestampToken>,
    revocation: bool,
    /// 0 for signatures over content.
    depth: usize,
}

/// The signature of one signer over the content.
pub(super) fn over_content(
    signer: &SignerInfo<'_>,
    label: String,
    shared: &mut Shared<'_, '_, '_>,
) -> Result<Signature, FormatError> {
    let facts = Facts::of(signer);
    let content = shared.content;
    let hash = facts.digest.as_ref().ok().copied();
    let by_digest = facts.signature.as_ref().ok().filter(|algorithm| takes_digest(**algorithm)).and(hash);
    let subject = Subject {
        message: if signer.signed.is_some() { Message::Missing } else { content.message(by_digest, hash) },
        digest: hash.and_then(|algorithm| content.digest(algorithm)),
        bound: facts.bound_to_content(signer, content, shared.content_type, shared.rewritten),
        missing: content.is_missing(),
        covers: Coverage::Whole,
        timestamps: timestamps(signer, content, &mut shared.archive)?,
        revocation: has_revocation_values(signer, &shared.embedded),
        depth: 0,
    };
    assemble(signer, label, facts, subject, shared)
}

/// A signature over the value of another (RFC 5652 11.4).
fn over_value(
    signer: &SignerInfo<'_>,
    parent: &SignerInfo<'_>,
    label: String,
    depth: usize,
    shared: &mut Shared<'_, '_, '_>,
) -> Result<Signature, FormatError> {
    let facts = Facts::of(signer);
    let subject = Subject {
        message: Message::Bytes(parent.signature.to_vec()),
        digest: facts.digest.as_ref().ok().map(|&algorithm| hash(algorithm, parent.signature)),
        bound: facts.bound_to_value(signer, parent.signature),
        missing: false,
        covers: Coverage::Part("another signature's value".to_owned()),
        timestamps: Vec::new(),
        revocation: false,
        depth,
    };
    assemble(signer, label, facts, subject, shared)
}

fn assemble(
    signer: &SignerInfo<'_>,
    label: String,
    facts: Facts,
    subject: Subject,
    shared: &mut Shared<'_, '_, '_>,
) -> Result<Signature, FormatError> {
    shared.count_signer()?;
    shared.count_bare(&subject.message)?;
    let references = signer.signed.as_ref().map_or(Ok(Vec::new()), |signed| reference::read(&signed.each));
    let integrity = match subject.bound.and(references.as_ref().map(|_| ()).map_err(|why| *why)) {
        Err(why) => Integrity::Altered(why.to_owned()),
        Ok(()) if subject.missing => Integrity::ContentMissing,
        Ok(()) => Integrity::Intact,
    };
    let references = references.unwrap_or_default();
    let level = level(&references, &subject);
    let warnings = facts.warnings(signer);
    let (counter_signatures, unread_counter_signatures) =
        counter_signatures(signer, &label, subject.depth + 1, shared)?;
    Ok(Signature {
        label,
        signer: signer.signer.clone(),
        embedded: Arc::clone(&shared.embedded),
        digest_algorithm: facts.digest,
        signature_algorithm: facts.signature,
        message: signer.signed.as_ref().map_or(subject.message, |signed| Message::Bytes(signed.message())),
        value_form: ValueForm::AsInCertificates,
        value: signer.signature.to_vec(),
        integrity,
        covers: subject.covers,
        content_digest: subject.digest,
        bare_key: None,
        signing_certificate: references,
        claimed_time: facts.claimed_time.unwrap_or_default(),
        timestamps: subject.timestamps,
        counter_signatures,
        unread_counter_signatures,
        level,
        warnings,
    })
}

/// Signatures over the value of this one, and why others cannot be read: anybody may add one, so that they spoil nothing here.
fn counter_signatures(
    parent: &SignerInfo<'_>,
    parent_label: &str,
    depth: usize,
    shared: &mut Shared<'_, '_, '_>,
) -> Result<(Vec<Signature>, Vec<String>), FormatError> {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for (index, value) in parent.unsigned.values_of(oid::COUNTER_SIGNATURE).enumerate() {
        if depth > MAX_COUNTER_DEPTH {
            let limit = MAX_COUNTER_DEPTH as u64;
            return Err(FormatError::TooMuch { what: "counter-signatures over counter-signatures", limit });
        }
        let label = format!("counter-signature {} of {parent_label}", index + 1);
        match SignerInfo::read(value) {
            Ok(signer) => found.push(over_value(&signer, parent, label, depth, shared)?),
            Err(budget @ FormatError::TooMuch { .. }) => return Err(budget),
            Err(error) => {
                // A word each: as many as could be read.
                shared.count_signer()?;
                unread.push(format!("{label} cannot be read: {error}"));
            }
        }
    }
    Ok((found, unread))
}

/// Whether a signature can be verified from the digest of its message.
fn takes_digest(algorithm: SignatureAlgorithm) -> bool {
    matches!(
        algorithm,
        SignatureAlgorithm::Gost2004 | SignatureAlgorithm::Gost2015_256 | SignatureAlgorithm::Gost2015_512
    )
}

/// The level by form: each includes the ones below it.
fn level(references: &[CertificateReference], subject: &Subject) -> Level {
    let has = |kind| subject.timestamps.iter().any(|stamp| stamp.kind == kind);
    if references.is_empty() {
        Level::Bare
    } else if !has(TimestampKind::Signature) {
        Level::B
    } else if !subject.revocation {
        Level::T
    } else if !has(TimestampKind::Archive) {
        Level::Lt
    } else {
        Level::Lta
    }
}

/// EN 319 122-1 6.3: revocation values beside the signers, or in the older attribute.
fn has_revocation_values(signer: &SignerInfo<'_>, embedded: &Embedded) -> bool {
    !embedded.lists.is_empty()
        || !embedded.responses.is_empty()
        || signer.unsigned.of(oid::REVOCATION_VALUES).next().is_some()
}
