//! Signing PDF files: `PAdES` (EN 319 142-1) in revisions that are appended, so that nothing signed before is touched.
//!
//! * `text` changes objects in the text they are written in, `revision` collects what is new, `section` writes the cross
//!   references to it
//! * `place` enters a signature into the form and on the first page, `gap` leaves the place for its value
//! * `store` appends evidence, `harm` finds out what would come of earlier signatures before there is a new one
//!
//! A new signature is CMS with `SubFilter` `ETSI.CAdES.detached`; its timestamp goes into the CMS. A signature that is there
//! already is extended without any key: evidence in the document security store, and timestamps over the document.

mod gap;
mod harm;
mod place;
mod revision;
mod section;
mod store;
mod text;

use std::io::Write;

use gap::Gapped;
use lopdf::Object;
use revision::{Revision, fault};

use super::field::signature_fields;
use super::file::{File, State};
use super::reading::Kind;
use crate::clock::Time;
use crate::cms;
use crate::crypto::hash;
use crate::signed::{Draft, Embedded, FormatError, IssuedFacts, MakeError, Signer, Terms};
use crate::tsp::Token;

/// Octets to reserve for a timestamp token: tokens with the certificates of their authority have two to eight thousand.
pub const TOKEN_ROOM: usize = 16 * 1024;

/// Octets of a CMS beside the certificates: attributes about 500, names of issuer and serial number, a signature value of
/// RSA with 4096 bits 512.
const CMS_ROOM: usize = 4096;

/// The entry of a signature dictionary that has the facts of an issued document: `Kind`, `Service`, `Number`, `Holder`, text
/// strings. It is under the signature like all of the file but the value.
const FACTS: &str = "Rastau";

/// What is to be signed, and how.
#[derive(Clone, Copy)]
pub struct Signing<'a> {
    /// Who signs.
    pub signer: &'a dyn Signer,
    /// What is said beside the signature. The facts go into the signature dictionary, all of them as its
    /// entry `Rastau`, their kind and number as its reason too:
    /// EN 319 142-1 clause 6.3 forbids the attributes that `CAdES` has for them.
    pub terms: Terms<'a>,
    /// The file.
    pub document: &'a [u8],
    /// Full name of an empty signature field that is to be signed; without one, a new field is made that shows nothing.
    pub field: Option<&'a str>,
    /// Octets kept for a timestamp token ([`TOKEN_ROOM`]); none when there will be no timestamp.
    pub token_room: usize,
}

/// Signs. Blocking: the file is hashed, and the key may be in a device.
///
/// # Errors
///
/// [`MakeError`]; nothing was signed then. Encrypted files, files that the reader would refuse, documents certified against
/// changes, fields that are signed already or have rules of their own.
pub fn sign<'a>(signing: &Signing<'a>) -> Result<Box<dyn Draft + 'a>, MakeError> {
    let Signing { signer, terms, .. } = *signing;
    let certificates = std::iter::once(signer.certificate()).chain(terms.chain);
    let room = certificates.map(|certificate| certificate.as_der().len()).sum::<usize>();
    let room = room.saturating_add(CMS_ROOM).saturating_add(signing.token_room);
    let entries = signature_entries(&terms);
    let gapped = with_gap(signing.document, Kind::Signature, signing.field, &entries, room)?;
    let digest = gapped.digest(cms::digest_algorithm(signer.algorithm()));
    let cms = cms::sign_digest(signer, terms, &digest, cms::Profile::Pades)?;
    Ok(Box::new(Signed { gapped, cms }))
}

/// Prepares a timestamp over the document as it is, with everything signed in it (12.8.5): level T for signatures without
/// a timestamp of their own, and with evidence in the file before it, LTA. No key is needed. What the authority stamps is the
/// file with the new revision, without the place of the token; [`Draft::write`] needs the token.
///
/// # Errors
///
/// [`MakeError`], as for [`sign`].
pub fn extend_with_timestamp(document: &[u8], token_room: usize) -> Result<Box<dyn Draft + '_>, MakeError> {
    let entries = "/Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 ";
    let gapped = with_gap(document, Kind::Timestamp, None, entries, token_room)?;
    Ok(Box::new(Stamped { covered: gapped.covered(), gapped }))
}

/// Writes the document with evidence in its document security store (level LT), each piece once, beside what is there; the
/// document as it is when it has all of that already. No key is needed.
///
/// # Errors
///
/// [`MakeError`], as for [`sign`]; writing.
pub fn extend_with_evidence(document: &[u8], evidence: &Embedded, out: &mut dyn Write) -> Result<(), MakeError> {
    let file = File::read(document)?;
    let state = open(&file)?;
    let mut revision = Revision::new(&state);
    if !store::add(&mut revision, evidence)? {
        return Ok(out.write_all(document)?);
    }
    declare_extension(&mut revision)?;
    let whole = [document, &revision.finish()?.bytes].concat();
    harm::check(&whole, document.len())?;
    Ok(out.write_all(&whole)?)
}

/// The newest state of a file that may be changed.
fn open<'f, 'a>(file: &'f File<'a>) -> Result<State<'f, 'a>, MakeError> {
    let state = file.newest()?;
    if state.trailer().is_some_and(|trailer| trailer.has(b"Encrypt")) {
        return Err(FormatError::Unsupported("encrypted PDF".into()).into());
    }
    Ok(state)
}

/// A file with a revision that has a signature dictionary without its value.
fn with_gap<'a>(
    document: &'a [u8],
    kind: Kind,
    field: Option<&str>,
    entries: &str,
    room: usize,
) -> Result<Gapped<'a>, MakeError> {
    let file = File::read(document)?;
    let state = open(&file)?;
    let fields = signature_fields(&state)?;
    // One signature that cannot be read makes the file one that cannot be read, the new signature with it.
    if let (false, Err(error)) = (fields.is_empty(), super::read(document))
        && !matches!(error, FormatError::NoSignature)
    {
        return Err(error.into());
    }
    place::check(&state, &fields, kind)?;
    let mut revision = Revision::new(&state);
    let value = revision.add(gap::dictionary(entries, room)?)?;
    match (field, kind) {
        (Some(name), _) => place::fill_field(&mut revision, &fields, name, value)?,
        (None, Kind::Signature) => place::add_field(&mut revision, "Signature", value)?,
        (None, Kind::Timestamp) => place::add_field(&mut revision, "Timestamp", value)?,
    }
    declare_extension(&mut revision)?;
    let gapped = Gapped::new(document, revision, value, room)?;
    harm::check(&gapped.unfilled(), document.len())?;
    Ok(gapped)
}

/// Says that the file has what PDF 1.7 does not know (EN 319 142-1 clause 5.6); PDF 2.0 knows it.
fn declare_extension(revision: &mut Revision<'_, '_, '_>) -> Result<(), MakeError> {
    let (root, catalog) = revision.state.catalog()?;
    let header = revision.state.file.bytes.get(b"%PDF-".len()..).unwrap_or_default();
    let is_2 = |version: &[u8]| version.first().is_some_and(|digit| (b'2'..=b'9').contains(digit));
    if is_2(header) || matches!(revision.state.entry_of(&catalog, b"Version")?, Object::Name(version) if is_2(&version))
    {
        return Ok(());
    }
    revision.edit(root, |revision, catalog| {
        let catalog = catalog.ok_or_else(|| fault("no document catalog"))?;
        revision.edit_entry(catalog, "Extensions", |revision, extensions| {
            let extensions = extensions.unwrap_or_else(|| b"<< >>".to_vec());
            revision.edit_entry(extensions, "ESIC", |_, level| {
                Ok(level.unwrap_or_else(|| b"<< /BaseVersion /1.7 /ExtensionLevel 2 >>".to_vec()))
            })
        })
    })
}

/// What a signature dictionary says: EN 319 142-1 clause 6.3 wants the time here and not in the CMS.
fn signature_entries(terms: &Terms<'_>) -> String {
    let mut entries = "/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached ".to_owned();
    entries += &format!("/M {} ", date(terms.signing_time));
    if let Some(IssuedFacts { kind, service, number, holder }) = terms.facts {
        let string = |value: &str| String::from_utf8_lossy(&text::string(value)).into_owned();
        entries += &format!("/Reason {} ", string(&format!("{kind} {number}")));
        let [kind, service, number, holder] = [kind, service, number, holder].map(|value| string(value));
        // A key of our own (ISO 32000-2 annex E): programs show the reason, and leave this alone.
        entries += &format!("/{FACTS} << /Kind {kind} /Service {service} /Number {number} /Holder {holder} >> ");
    }
    entries
}

/// A date (7.9.4) in UTC.
fn date(time: Time) -> String {
    let civil = time.civil();
    let (year, month, day) = (civil.year, civil.month, civil.day);
    format!("(D:{year:04}{month:02}{day:02}{:02}{:02}{:02}Z)", civil.hour, civil.minute, civil.second)
}

/// A file with the CMS of a new signature, not yet in its place.
struct Signed<'a> {
    gapped: Gapped<'a>,
    cms: Box<dyn Draft>,
}

impl Draft for Signed<'_> {
    fn stamped(&self) -> &[u8] {
        self.cms.stamped()
    }

    fn value(&self) -> &[u8] {
        self.cms.value()
    }

    fn write(self: Box<Self>, token: Option<&[u8]>, out: &mut dyn Write) -> Result<(), MakeError> {
        let mut value = Vec::new();
        self.cms.write(token, &mut value)?;
        self.gapped.write(&value, token.map_or(0, <[u8]>::len), out)
    }
}

/// A file that waits for a timestamp over it.
struct Stamped<'a> {
    gapped: Gapped<'a>,
    covered: Vec<u8>,
}

impl Draft for Stamped<'_> {
    fn stamped(&self) -> &[u8] {
        &self.covered
    }

    fn value(&self) -> &[u8] {
        &[]
    }

    fn write(self: Box<Self>, token: Option<&[u8]>, out: &mut dyn Write) -> Result<(), MakeError> {
        let Some(token) = token else {
            return Err(MakeError::Document("a timestamp over it needs the token of an authority".to_owned()));
        };
        let refused = |why: String| MakeError::Document(format!("the timestamp token cannot be used: {why}"));
        let read = Token::read(token).map_err(|error| refused(error.to_string()))?;
        let imprint = read.imprint.map_err(|error| refused(error.to_string()))?;
        if hash(imprint.algorithm(), &self.covered) != imprint {
            return Err(refused("it is not over this document".to_owned()));
        }
        self.gapped.write(token, token.len(), out)
    }
}
