//! The way from bytes to a signed document.

use std::borrow::Cow;
use std::io::BufReader;
use std::ops::Range;
use std::sync::Arc;

use super::archive::Archive;
use super::content::{Attached, Content, Hashers, Streamed};
use super::evidence::Evidence;
use super::facts::digest_algorithm;
use super::oid;
use super::outline::Outline;
use super::signature::{Shared, over_content};
use super::signed_data::Parts;
use super::stamp::content_algorithms;
use super::walker::{Frame, walk};
use crate::crypto::{AlgorithmIdentifier, HashAlgorithm};
use crate::der::armour::{ArmourError, Label, decode_one};
use crate::der::{Oid, TlvReader};
use crate::signed::{
    ContentBytes, Detached, Document, Format, FormatError, Reopen, Signature, Signatures, SignedContent, SignedDocument,
};

/// Octets of the buffer that a stream is read through.
pub(super) const BUFFER: usize = 256 * 1024;

/// Reads a CMS document: DER or BER, and in memory PEM or base64 of them.
///
/// Content is part of the question: where the document has content and the caller gives some too, both must be the same.
///
/// # Errors
///
/// [`FormatError`]: unreadable, beyond a budget, or without a signer. What is readable and merely wrong comes back as
/// signatures that do not hold.
pub fn read(document: Document<'_>, detached: Detached<'_>) -> Result<SignedDocument, FormatError> {
    let opened = match document {
        Document::Bytes(bytes) => {
            let der = armour(bytes)?;
            let mut opened = open(&der, detached)?;
            if matches!(der, Cow::Owned(_))
                && let ContentBytes::InDocument(place) = &opened.content.bytes
            {
                // A place in what was decoded means nothing to the caller.
                let decoded = der.get(place.clone()).map(<[u8]>::to_vec);
                opened.content.bytes = decoded.map_or(ContentBytes::NotKept, ContentBytes::Owned);
            }
            opened
        }
        Document::Stream(source) => open_stream(source, detached)?,
    };
    let Opened { content_type, content, signatures, mut warnings } = opened;
    // Who reads tokens says whether it is one; where nobody does, it is none.
    let is_token = content_type == oid::TST_INFO.as_bytes();
    let timestamp_token = is_token.then(|| Err("it was not read as a timestamp token".to_owned()));
    if content_type != oid::DATA.as_bytes() {
        let name = Oid::from_bytes(&content_type).map(|oid| oid.to_string());
        warnings.push(("content-type", format!("content of the type {}", name.as_deref().unwrap_or("?"))));
    }
    Ok(SignedDocument { format: Format::Cms, signatures, contents: vec![content], timestamp_token, warnings })
}

/// Signed data that was read, with what only timestamps want to know.
pub(crate) struct Opened {
    /// Contents octets of eContentType.
    pub content_type: Vec<u8>,
    /// The content; its place is one in the bytes that were opened.
    pub content: SignedContent,
    /// The signatures.
    pub signatures: Signatures,
    /// Oddities.
    pub warnings: Vec<(&'static str, String)>,
}

/// Reads DER or BER in memory.
pub(crate) fn open(bytes: &[u8], detached: Detached<'_>) -> Result<Opened, FormatError> {
    match Outline::read(bytes).and_then(|outline| Ok((outline, Parts::read(outline.tail)?))) {
        Ok((Outline { content_type, content, .. }, parts)) => {
            let attached = content.map_or(Attached::Absent, Attached::Bytes);
            let signed = SignedContent::of(
                content.map_or(ContentBytes::NotKept, |part| ContentBytes::InDocument(place(bytes, part))),
            );
            finish(&parts, content_type, attached, signed, detached, false)
        }
        // What is no DER may be BER; what is neither fails there too.
        Err(FormatError::Malformed(_)) => open_ber(bytes, detached),
        Err(error) => Err(error),
    }
}

fn open_ber(bytes: &[u8], detached: Detached<'_>) -> Result<Opened, FormatError> {
    let (frame, octets) = walk(bytes, |_| Vec::new(), |octets, piece| octets.extend_from_slice(piece))?;
    let parts = Parts::read(&frame.tail)?;
    let attached = if frame.has_content { Attached::Bytes(&octets) } else { Attached::Absent };
    let signed = SignedContent::of(ContentBytes::NotKept);
    let mut opened = finish(&parts, &frame.content_type, attached, signed, detached, frame.rewritten)?;
    if frame.has_content {
        opened.content.bytes = ContentBytes::Owned(octets);
    }
    Ok(opened)
}

fn open_stream(source: &dyn Reopen, detached: Detached<'_>) -> Result<Opened, FormatError> {
    let (frame, hashers) = pass(source, Hashers::new, None)?;
    let parts = Parts::read(&frame.tail)?;
    let mut streamed = hashers.finish();
    let needed = needed(&parts, &detached);
    let missing: Vec<HashAlgorithm> = needed
        .iter()
        .copied()
        .filter(|&algorithm| streamed.digests.iter().all(|digest| digest.algorithm() != algorithm))
        .collect();
    if frame.has_content && !missing.is_empty() {
        hash_again(source, missing, &mut streamed)?;
    }
    let attached = if frame.has_content { Attached::Streamed(streamed) } else { Attached::Absent };
    let signed = SignedContent::of(ContentBytes::NotKept);
    finish(&parts, &frame.content_type, attached, signed, detached, frame.rewritten)
}

/// One pass over a stream; the hashes are those of the digestAlgorithms, or `instead`.
fn pass(
    source: &dyn Reopen,
    make: impl FnOnce(&[HashAlgorithm]) -> Hashers,
    instead: Option<&[HashAlgorithm]>,
) -> Result<(Frame, Hashers), FormatError> {
    let reader = BufReader::with_capacity(BUFFER, source.open()?);
    let begin = |announced: &[u8]| match instead {
        Some(algorithms) => make(algorithms),
        None => make(&announced_algorithms(announced)),
    };
    walk(reader, begin, Hashers::update)
}

/// Hashes that a signer uses and digestAlgorithms does not announce take a second pass. It must find the same content.
fn hash_again(source: &dyn Reopen, missing: Vec<HashAlgorithm>, first: &mut Streamed) -> Result<(), FormatError> {
    let known = first.digests.first().copied();
    let mut algorithms = missing;
    algorithms.extend(known.map(|digest| digest.algorithm()));
    let (_, hashers) = pass(source, Hashers::new, Some(&algorithms))?;
    let mut second = hashers.finish().digests;
    if let Some(known) = known
        && second.pop() != Some(known)
    {
        return Err(FormatError::Io(std::io::Error::other("the document changed while it was read")));
    }
    first.digests.append(&mut second);
    Ok(())
}

/// The allowed hashes among digestAlgorithms, an element with definite lengths.
fn announced_algorithms(element: &[u8]) -> Vec<HashAlgorithm> {
    let mut found = Vec::new();
    let Ok(set) = TlvReader::new(element).expect(0x31) else { return found };
    let mut reader = TlvReader::new(set.value);
    while let Ok(identifier) = reader.read() {
        let algorithm = AlgorithmIdentifier::from_der(identifier.raw)
            .ok()
            .and_then(|identifier| HashAlgorithm::from_oid(&identifier.oid).ok());
        add(&mut found, algorithm);
    }
    found
}

/// The hashes that the content is needed by: the signers', their timestamps', those of what the caller gave.
fn needed(parts: &Parts<'_>, detached: &Detached<'_>) -> Vec<HashAlgorithm> {
    let mut found = Vec::new();
    for signer in &parts.signers {
        add(&mut found, digest_algorithm(signer).ok());
        content_algorithms(signer).into_iter().for_each(|algorithm| add(&mut found, Some(algorithm)));
    }
    match detached {
        Detached::Digests(digests) => digests.iter().for_each(|digest| add(&mut found, Some(digest.algorithm()))),
        // To compare what was given with what is inside, there must be one.
        Detached::Bytes(_) | Detached::Stream(_) if found.is_empty() => add(&mut found, Some(HashAlgorithm::Sha256)),
        Detached::Absent | Detached::Bytes(_) | Detached::Stream(_) => {}
    }
    found
}

fn add(found: &mut Vec<HashAlgorithm>, algorithm: Option<HashAlgorithm>) {
    if let Some(algorithm) = algorithm
        && !found.contains(&algorithm)
    {
        found.push(algorithm);
    }
}

fn finish(
    parts: &Parts<'_>,
    content_type: &[u8],
    attached: Attached<'_>,
    signed: SignedContent,
    detached: Detached<'_>,
    rewritten: bool,
) -> Result<Opened, FormatError> {
    if parts.signers.is_empty() {
        return Err(FormatError::NoSignature);
    }
    let content = Content::gather(attached, detached, &needed(parts, &detached))?;
    let mut warnings = parts.warnings.clone();
    let embedded = Arc::new(Evidence::gather(parts, &mut warnings)?);
    let archive = Archive::new(parts, content_type);
    let mut shared = Shared { content_type, content: &content, embedded, rewritten, archive, signers: 0, bare: None };
    let signatures: Result<Vec<Signature>, FormatError> = parts
        .signers
        .iter()
        .enumerate()
        .map(|(index, signer)| over_content(signer, format!("signer {}", index + 1), &mut shared))
        .collect();
    let signatures = Signatures::new(signatures?).ok_or(FormatError::NoSignature)?;
    Ok(Opened { content_type: content_type.to_vec(), content: signed, signatures, warnings })
}

/// PEM and base64 undone; DER and BER start with a SEQUENCE.
pub(crate) fn armour(bytes: &[u8]) -> Result<Cow<'_, [u8]>, FormatError> {
    if bytes.first() == Some(&0x30) {
        return Ok(Cow::Borrowed(bytes));
    }
    let decoded = match decode_one(bytes, Label::Cms) {
        Err(ArmourError::Label { found, .. }) if found == Label::Pkcs7.as_str() => decode_one(bytes, Label::Pkcs7),
        decoded => decoded,
    };
    decoded.map(Cow::Owned).map_err(|error| FormatError::Malformed(error.to_string()))
}

/// Where `part`, a slice of `whole`, lies in it.
fn place(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    start..start.saturating_add(part.len()).min(whole.len())
}
