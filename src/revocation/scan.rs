//! One pass over the bytes of a `CertificateList` (RFC 5280 5.1), without an object an entry.
//!
//! ```asn1
//! CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue BIT STRING }
//! TBSCertList ::= SEQUENCE {
//!     version INTEGER OPTIONAL,  -- v2(1)
//!     signature AlgorithmIdentifier, issuer Name, thisUpdate Time, nextUpdate Time OPTIONAL,
//!     revokedCertificates SEQUENCE OF SEQUENCE {
//!         userCertificate INTEGER, revocationDate Time, crlEntryExtensions Extensions OPTIONAL } OPTIONAL,
//!     crlExtensions [0] EXPLICIT Extensions OPTIONAL }
//! ```
//!
//! [`Layout`] finds the parts without looking into the entries; [`entries`] then streams them. Nothing is reserved
//! from a declared length: what a header declares has to be there before it is believed.

use std::cell::OnceCell;

use super::error::{ListError, Unusable};
use super::extension::Extension;
use super::foreign::{self, IssuerHash};
use super::reason::Reason;
use super::usual;
use crate::clock::Time;
use crate::crypto::AlgorithmIdentifier;
use crate::der::{Limits, Oid, TlvReader, check_strict};
use crate::x509::{Name, SerialNumber, oid, time};

/// Most extensions of one entry: the standard defines three, and one more has been withdrawn.
const MAX_ENTRY_EXTENSIONS: usize = 8;

/// The parts of a list, borrowed.
#[derive(Clone, Debug)]
pub(super) struct Layout<'a> {
    pub tbs: &'a [u8],
    /// The outer `AlgorithmIdentifier`; the inner one is known to agree with it.
    pub algorithm: &'a [u8],
    /// Empty, hence wrong under every key, where the bits are not whole octets.
    pub signature: &'a [u8],
    pub issuer: &'a [u8],
    pub this_update: Time,
    pub next_update: Option<Time>,
    /// Contents of revokedCertificates.
    pub entries: &'a [u8],
    /// Contents of `[0]`.
    pub extensions: Option<&'a [u8]>,
    /// Version 2: extensions are allowed.
    pub is_v2: bool,
}

impl<'a> Layout<'a> {
    pub fn read(der: &'a [u8]) -> Result<Self, ListError> {
        let mut outer = TlvReader::new(der);
        let list = outer.expect(0x30)?;
        outer.finish()?;
        let mut parts = TlvReader::new(list.value);
        let tbs = parts.expect(0x30)?;
        let outer_algorithm = parts.expect(0x30)?.raw;
        let signature = parts.expect(0x03)?.signature_bits();
        parts.finish()?;
        let mut fields = TlvReader::new(tbs.value);
        let is_v2 = match fields.optional(0x02)?.map(|version| version.value) {
            None => false,
            Some([1]) => true,
            Some(_) => return Err(ListError::Structure("its version is neither 1 nor 2")),
        };
        check_algorithms(fields.expect(0x30)?.raw, outer_algorithm)?;
        let issuer = fields.expect(0x30)?.raw;
        check_strict(issuer, Limits::CERTIFICATE)?;
        let this_update = read_time(&mut fields)?;
        let next_update = match fields.peek_tag() {
            Some(0x17 | 0x18) => Some(read_time(&mut fields)?),
            _ => None,
        };
        if next_update.is_some_and(|next| next < this_update) {
            return Err(ListError::Structure("it lapses before it begins"));
        }
        let entries = fields.optional(0x30)?.map_or(&[][..], |entries| entries.value);
        let extensions = fields.optional(0xa0)?.map(|extensions| extensions.value);
        fields.finish()?;
        if extensions.is_some() && !is_v2 {
            return Err(ListError::Structure("version 1 has no extensions"));
        }
        Ok(Self {
            tbs: tbs.raw,
            algorithm: outer_algorithm,
            signature,
            issuer,
            this_update,
            next_update,
            entries,
            extensions,
            is_v2,
        })
    }
}

/// RFC 5280 5.1.1.2 wants both identifiers equal. The OIDs must be; absent parameters count as NULL, because the
/// National CA's lists of 2026 leave them out inside and write NULL outside.
fn check_algorithms(inner: &[u8], outer: &[u8]) -> Result<(), ListError> {
    if inner == outer {
        return Ok(());
    }
    let read = |der| {
        AlgorithmIdentifier::from_der(der).map_err(|_| ListError::Structure("an algorithm identifier cannot be read"))
    };
    let (inner, outer) = (read(inner)?, read(outer)?);
    let same_parameters =
        inner.parameters == outer.parameters || (inner.params_absent_or_null() && outer.params_absent_or_null());
    if inner.oid == outer.oid && same_parameters { Ok(()) } else { Err(ListError::AlgorithmsDiffer) }
}

fn read_time(fields: &mut TlvReader<'_>) -> Result<Time, ListError> {
    let tlv = fields.read()?;
    time::read(tlv.tag, tlv.value).ok_or(ListError::Structure("a date is not a UTCTime or GeneralizedTime in UTC"))
}

/// One entry, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// Contents octets of userCertificate, positive, 1 to [`SerialNumber::MAX`] of them.
    pub serial: &'a [u8],
    pub date: Time,
    pub reason: Option<Reason>,
}

/// What was met on the way through the entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// Entries of any kind.
    pub entries: u64,
    /// Entries left out because no certificate that is read can have such a serial number: negative, or too long.
    pub dropped: u64,
    /// Entries about certificates of other issuers than the list's own (RFC 5280 5.3.3).
    pub foreign: u64,
    /// Whether any entry names the issuer of its certificate, were it the list's own.
    pub names_issuers: bool,
    /// The first reason found among the entries why the list cannot be used.
    pub unusable: Option<Unusable>,
}

/// Streams the entries into `sink`, each with whose certificate it is, when it is not one of the list's own issuer.
pub(super) fn entries<'a>(
    layout: &Layout<'a>,
    mut sink: impl FnMut(Entry<'a>, Option<&IssuerHash>),
) -> Result<Summary, ListError> {
    let mut summary = Summary::default();
    let mut owner = Owner::of(layout.issuer);
    let mut offset = 0;
    while let Some(rest) = layout.entries.get(offset..).filter(|rest| !rest.is_empty()) {
        summary.entries += 1;
        let usual = if layout.is_v2 { usual::read(rest) } else { None };
        let entry = match usual {
            Some((entry, after)) => {
                offset = layout.entries.len() - after.len();
                Some(entry)
            }
            None => {
                let mut reader = TlvReader::at(layout.entries, offset);
                let entry = read_entry(&mut reader, layout.is_v2, &mut summary, &mut owner)?;
                offset = reader.offset();
                entry
            }
        };
        summary.foreign += u64::from(owner.issuer.is_some());
        // Called in one place, so that the compiler makes it part of the loop: an entry that went through memory on
        // its way to a sink that writes all over the place would wait for those writes.
        if let Some(entry) = entry {
            sink(entry, owner.issuer.as_ref());
        }
    }
    Ok(summary)
}

/// The next entry, whatever its shape; `None` when no certificate that is read can have its serial number.
#[inline(never)]
fn read_entry<'a>(
    reader: &mut TlvReader<'a>,
    is_v2: bool,
    summary: &mut Summary,
    owner: &mut Owner<'a>,
) -> Result<Option<Entry<'a>>, ListError> {
    let mut fields = TlvReader::new(reader.expect(0x30)?.value);
    let serial = fields.expect(0x02)?.value;
    let date = read_time(&mut fields)?;
    let reason = if fields.is_empty() {
        None
    } else if is_v2 {
        let extensions = fields.expect(0x30)?;
        fields.finish()?;
        match extensions.raw.strip_prefix(&usual::REASON_ONLY) {
            Some([code]) => Some(Reason::from_code(*code).unwrap_or(Reason::Unspecified)),
            _ => entry_extensions(extensions.value, summary, owner)?,
        }
    } else {
        return Err(ListError::Structure("version 1 has no extensions"));
    };
    match serial {
        [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => {
            Err(ListError::Structure("a serial number is not a DER INTEGER"))
        }
        [0x80..=0xff, ..] => {
            summary.dropped += 1;
            Ok(None)
        }
        long if long.len() > SerialNumber::MAX => {
            summary.dropped += 1;
            Ok(None)
        }
        serial => Ok(Some(Entry { serial, date, reason })),
    }
}

/// The first entry of `entries` as the strict reader reads it, and the octets it takes.
#[cfg(test)]
pub(super) fn strict_entry(entries: &[u8], is_v2: bool) -> Result<(Option<Entry<'_>>, usize), ListError> {
    let mut reader = TlvReader::new(entries);
    let entry = read_entry(&mut reader, is_v2, &mut Summary::default(), &mut Owner::of(&[]))?;
    Ok((entry, reader.offset()))
}

/// Whose certificates the entries are about: the list's own issuer's until one names another, which then holds for the
/// entries after it too (RFC 5280 5.3.3).
struct Owner<'a> {
    list_issuer: &'a [u8],
    /// Of `list_issuer`, read once: entries that take turns in naming issuers must not each cost a pass over a name as
    /// long as a list may have, before anybody has verified anything.
    own: OnceCell<Option<IssuerHash>>,
    /// The extension's value that was read last, so that one repeated in every entry is read once.
    named: Option<&'a [u8]>,
    issuer: Option<IssuerHash>,
}

impl<'a> Owner<'a> {
    fn of(list_issuer: &'a [u8]) -> Self {
        Self { list_issuer, own: OnceCell::new(), named: None, issuer: None }
    }

    fn take(&mut self, extension: &Extension<'a>, summary: &mut Summary) {
        summary.names_issuers = true;
        if self.named == Some(extension.value) && extension.critical {
            return;
        }
        let read = || Name::from_der(self.list_issuer).map(|name| foreign::issuer_hash(&name)).ok();
        match foreign::named_issuer(extension.value).filter(|_| extension.critical) {
            Some(named) => {
                self.issuer =
                    Some(foreign::issuer_hash(&named)).filter(|hash| *self.own.get_or_init(read) != Some(*hash));
                self.named = Some(extension.value);
            }
            None => {
                summary.unusable.get_or_insert(Unusable::EntryIssuer);
            }
        }
    }
}

/// RFC 5280 5.3; answers the reason.
fn entry_extensions<'a>(
    contents: &'a [u8],
    summary: &mut Summary,
    owner: &mut Owner<'a>,
) -> Result<Option<Reason>, ListError> {
    let mut list = TlvReader::new(contents);
    let mut reason = None;
    let mut seen = [None; MAX_ENTRY_EXTENSIONS];
    let mut places = seen.iter_mut();
    while !list.is_empty() {
        let place = places.next().ok_or(ListError::TooManyExtensions(MAX_ENTRY_EXTENSIONS))?;
        let extension = Extension::read(list.expect(0x30)?)?;
        // By the octets, so that two types that cannot be held are still told apart.
        *place = Some((extension.kind, extension.oid));
        match extension.oid {
            oid::CRL_REASON => {
                let wrong = |reason| ListError::Extension { oid: oid::CRL_REASON, reason };
                let mut value = TlvReader::new(extension.value);
                let code = value.expect(0x0a)?.value;
                value.finish()?;
                let read = match code {
                    [] => return Err(wrong("is empty")),
                    [code] => Reason::from_code(*code).unwrap_or(Reason::Unspecified),
                    // Not assigned, like 7 and 11 and up: the certificate is revoked, the reason says nothing.
                    _ => Reason::Unspecified,
                };
                reason = Some(read);
            }
            oid::INVALIDITY_DATE => {}
            oid::CERTIFICATE_ISSUER => owner.take(&extension, summary),
            unknown if extension.critical => {
                summary.unusable.get_or_insert(Unusable::CriticalEntryExtension(unknown));
            }
            _ => {}
        }
    }
    let kind = |place: &Option<(&'a [u8], Oid)>| place.map(|(kind, _)| kind);
    let repeated =
        |(index, one): (usize, &Option<_>)| seen.iter().skip(index + 1).any(|other| kind(other) == kind(one));
    match seen.iter().enumerate().filter(|(_, one)| one.is_some()).find(|one| repeated(*one)) {
        Some((_, Some((_, oid)))) => Err(ListError::Extension { oid: *oid, reason: "appears twice" }),
        _ => Ok(reason),
    }
}
