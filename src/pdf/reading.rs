//! The signatures of a file, each with what it covers.

use std::sync::Arc;

use lopdf::{Dictionary, Object};

use super::byte_range::{self, Ranges};
use super::changes::{self, Changes};
use super::evidence;
use super::field::{self, Field, Value};
use super::file::{File, Id, State};
use super::lexer::is_space;
use crate::signed::{
    ContentBytes, Coverage, Covered, Detached, Document, Embedded, Format, FormatError, Integrity, Level, Message,
    Signature, Signatures, SignedContent, SignedDocument, TimestampKind, TimestampToken,
};
use crate::{cms, tsp};

/// Signatures and document timestamps of one file; each costs a walk over the objects before it.
pub(super) const MAX_SIGNATURES: usize = 24;

/// What a signature value is, by `SubFilter` (table 260).
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Kind {
    /// A signature of a person: CMS over the bytes.
    Signature,
    /// A document timestamp (12.8.5).
    Timestamp,
}

/// A signature dictionary with its place in the file.
struct Signed<'f, 'a> {
    name: String,
    kind: Kind,
    dictionary: Dictionary,
    /// The bytes under it and the revision they are, or which rule is broken.
    place: Result<(Ranges<'a>, State<'f, 'a>), &'static str>,
}

/// A document timestamp.
struct Stamp {
    /// Where its revision ends.
    end: usize,
    token: TimestampToken,
    /// Whether it is over a document security store too.
    over_store: bool,
}

impl Signed<'_, '_> {
    /// Where its revision ends; beyond everything when it is none.
    fn end(&self) -> usize {
        self.place.as_ref().map_or(usize::MAX, |(ranges, _)| ranges.end)
    }
}

pub(super) fn read(bytes: &[u8]) -> Result<SignedDocument, FormatError> {
    let file = File::read(bytes)?;
    let newest = file.newest()?;
    if newest.trailer().is_some_and(|trailer| trailer.has(b"Encrypt")) {
        return Err(FormatError::Unsupported("encrypted PDF".into()));
    }
    let mut signed = Vec::new();
    for field in field::signature_fields(&newest)? {
        signed.extend(value_of(&file, &newest, field)?);
        if signed.len() > MAX_SIGNATURES {
            return Err(FormatError::TooMuch { what: "signatures", limit: MAX_SIGNATURES as u64 });
        }
    }
    signed.sort_by_key(Signed::end);
    let store = evidence::store(&newest)?;
    // Once for all signatures: each costs a hash over the file.
    let stamps = signed.iter().filter(|one| one.kind == Kind::Timestamp).map(stamp).collect::<Result<Vec<_>, _>>()?;
    let mut signatures = Vec::new();
    for one in signed.iter().filter(|one| one.kind == Kind::Signature) {
        signatures.push(signature(one, &stamps, &newest, store.as_ref())?);
    }
    let last =
        signed.iter().filter(|one| one.kind == Kind::Signature).filter_map(|one| one.place.as_ref().ok()).next_back();
    let content = last.map_or(ContentBytes::NotKept, |(ranges, _)| ContentBytes::InDocument(0..ranges.end));
    Ok(SignedDocument {
        format: Format::Pdf,
        signatures: Signatures::new(signatures).ok_or(FormatError::NoSignature)?,
        contents: vec![SignedContent::of(content)],
        timestamp_token: None,
        warnings: Vec::new(),
    })
}

/// The signature in a field, if it is signed.
fn value_of<'f, 'a>(
    file: &'f File<'a>,
    newest: &State<'f, 'a>,
    field: Field,
) -> Result<Option<Signed<'f, 'a>>, FormatError> {
    let id = match field.value {
        Value::None => return Ok(None),
        Value::Object(id) => id,
        Value::Inline => return Err(FormatError::malformed("PDF: a signature that is not an object of its own")),
    };
    let Some(item) = newest.get(id)? else { return Ok(None) };
    let Object::Dictionary(dictionary) = item.object.clone() else {
        return Err(FormatError::malformed("PDF: a signature that is no dictionary"));
    };
    let kind = kind(&dictionary)?;
    let place = match byte_range::locate(newest, id, &item) {
        Ok(ranges) => revision_of(file, newest, (field.id, id), ranges.end)?.map(|revision| (ranges, revision)),
        Err(words) => Err(words),
    };
    Ok(Some(Signed { name: field.name, kind, dictionary, place }))
}

/// The revision that ends where a signature says, if it is one and has the signature.
fn revision_of<'f, 'a>(
    file: &'f File<'a>,
    newest: &State<'f, 'a>,
    (field, id): (Id, Id),
    end: usize,
) -> Result<Result<State<'f, 'a>, &'static str>, FormatError> {
    let Some(revision) = file.revision(end)? else {
        return Ok(Err("what is signed is not a revision of this file"));
    };
    let in_it = revision.same(newest, id)
        && field::signature_fields(&revision)?.iter().any(|old| old.id == field && old.value == Value::Object(id));
    Ok(if in_it { Ok(revision) } else { Err("the signature is not in the revision that it signs") })
}

/// What a signature dictionary says that its value is.
pub(super) fn kind(dictionary: &Dictionary) -> Result<Kind, FormatError> {
    match dictionary.get(b"SubFilter").and_then(Object::as_name) {
        Ok(b"adbe.pkcs7.detached" | b"ETSI.CAdES.detached") => Ok(Kind::Signature),
        Ok(b"ETSI.RFC3161") => Ok(Kind::Timestamp),
        Ok(other) => Err(FormatError::Unsupported(format!("PDF signature {}", field::text(other)))),
        Err(_) => Err(FormatError::malformed("PDF: a signature without SubFilter")),
    }
}

/// Reads the CMS of one signature and says what it covers.
fn signature(
    one: &Signed<'_, '_>,
    stamps: &[Stamp],
    newest: &State<'_, '_>,
    store: Option<&Embedded>,
) -> Result<Signature, FormatError> {
    let value = byte_range::contents(&one.dictionary)?;
    let mut signature = match &one.place {
        Ok((ranges, revision)) => {
            let mut signature = over(value, *ranges)?;
            let mut changes = changes::between(revision, newest)?;
            if changes.has_signature && forbids_signatures(revision, &one.dictionary)? {
                changes.others.insert("signatures, which this one forbids".to_owned());
            }
            signature.covers = coverage(ranges.end, newest, revision, &changes);
            if !changes.allowed.is_empty() {
                let list = changes.allowed.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                signature.warnings.push(("pdf-later-revision", format!("added after this signature: {list}")));
            }
            signature
        }
        Err(words) => {
            let mut signature = single(cms::read(Document::Bytes(value), Detached::Absent)?)?;
            signature.integrity = Integrity::Altered((*words).to_owned());
            signature.content_digest = None;
            signature.covers = Coverage::Part("of the file that cannot be told".to_owned());
            signature
        }
    };
    signature.label = format!("field {}", one.name);
    if signature.claimed_time.is_none() {
        let date = one.dictionary.get(b"M").and_then(Object::as_str).ok();
        signature.claimed_time = date.and_then(field::date);
    } else if one
        .dictionary
        .get(b"SubFilter")
        .and_then(Object::as_name)
        .is_ok_and(|name| name == b"ETSI.CAdES.detached")
    {
        // EN 319 142-1 clause 6.3, requirement b: the time is in the dictionary.
        signature.warnings.push(("pades-signing-time", "the CMS has the attribute signing-time".to_owned()));
    }
    if let Some(store) = store {
        let mut embedded = Embedded::clone(&signature.embedded);
        evidence::add(&mut embedded, store);
        signature.embedded = Arc::new(embedded);
    }
    let later: Vec<&Stamp> = stamps.iter().filter(|stamp| stamp.end > one.end()).collect();
    signature.level = level(signature.level, &later, store.is_some());
    signature.timestamps.extend(later.into_iter().map(|stamp| stamp.token.clone()));
    Ok(signature)
}

/// Whether a signature certifies the document and allows no changes (`DocMDP` with P 1, 12.8.2.2). Evidence and document
/// timestamps may be added all the same.
pub(super) fn forbids_signatures(revision: &State<'_, '_>, dictionary: &Dictionary) -> Result<bool, FormatError> {
    for reference in field::array(revision, dictionary, b"Reference")? {
        let Object::Dictionary(reference) = revision.resolve(&reference)? else { continue };
        let method = reference.get(b"TransformMethod").and_then(Object::as_name);
        if let (Ok(b"DocMDP"), Object::Dictionary(parameters)) =
            (method, revision.entry_of(&reference, b"TransformParams")?)
        {
            return Ok(revision.entry_of(&parameters, b"P")? == Object::Integer(1));
        }
    }
    Ok(false)
}

/// The CMS over the bytes of a revision.
fn over(value: &[u8], ranges: Ranges<'_>) -> Result<Signature, FormatError> {
    let signature = single(cms::read(Document::Bytes(value), Detached::Stream(&ranges))?)?;
    match signature.message {
        // Without signed attributes the value is over the content itself, which most algorithms need in one piece.
        Message::Digest(_) => single(cms::read(Document::Bytes(value), Detached::Bytes(&ranges.to_vec()))?),
        _ => Ok(signature),
    }
}

/// Exactly one signer (ISO 32000-2 section 12.8.3.3.1), and no content inside.
fn single(document: SignedDocument) -> Result<Signature, FormatError> {
    if document.contents.iter().any(|content| !matches!(content.bytes, ContentBytes::NotKept)) {
        return Err(FormatError::malformed("PDF: a signature value with content of its own"));
    }
    let mut signatures = document.signatures.into_vec();
    match (signatures.pop(), signatures.len()) {
        (Some(signature), 0) => Ok(signature),
        (_, others) => Err(FormatError::malformed(format!("PDF: a signature of {} signers", others + 1))),
    }
}

fn coverage(end: usize, newest: &State<'_, '_>, revision: &State<'_, '_>, changes: &Changes) -> Coverage {
    let bytes = newest.file.bytes;
    let length = bytes.len();
    let part = |why: &str| Coverage::Part(format!("bytes 0 to {end} of {length}; {why}"));
    if !changes.others.is_empty() {
        let list = changes.others.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        return part(&format!("changed later: {list}"));
    }
    let after = bytes.get(end..).unwrap_or_default();
    if revision.is_newest() && !after.iter().all(|byte| is_space(*byte)) {
        return part("what follows belongs to no revision");
    }
    Coverage::Whole
}

/// Reads a document timestamp.
fn stamp(one: &Signed<'_, '_>) -> Result<Stamp, FormatError> {
    let token = byte_range::contents(&one.dictionary)?.to_vec();
    let (covered, over_store) = match &one.place {
        Ok((ranges, revision)) => {
            let covered = match tsp::Token::read(&token).map(|token| token.imprint) {
                Ok(Ok(imprint)) => Covered::Digests(vec![ranges.digest(imprint.algorithm())]),
                Ok(Err(_)) => Covered::Unknown("the hash of the timestamp is not allowed"),
                Err(_) => Covered::Unknown("the timestamp cannot be read"),
            };
            (covered, revision.catalog()?.1.has(b"DSS"))
        }
        Err(words) => (Covered::Unknown(words), false),
    };
    Ok(Stamp {
        end: one.end(),
        token: TimestampToken { kind: TimestampKind::Archive, token, covered, over_evidence: over_store },
        over_store,
    })
}

/// The level by form (EN 319 142-1 clause 6).
fn level(of_cms: Level, later: &[&Stamp], has_store: bool) -> Level {
    let stamped = of_cms >= Level::T || (of_cms == Level::B && !later.is_empty());
    match (stamped, has_store) {
        (true, true) if later.iter().any(|stamp| stamp.over_store) => Level::Lta,
        (true, true) => of_cms.max(Level::Lt),
        (true, false) => of_cms.max(Level::T),
        (false, _) => of_cms,
    }
}
