//! A list's index as a file, to be mapped: answering from it needs neither reading nor hashing the list again.
//!
//! ```text
//! 0    8         "RASTAUIX"
//! 8    u32       version of this format, 2
//! 12   u32       zero
//! 16   u64       octets of the file
//! 24   u64       XXH3 (64 bits) of everything after it
//! 32   32        SHA-256 of the list in DER
//! 64   32        SHA-256 of the SubjectPublicKeyInfo that verified it
//! 96   32        fingerprint of the list, see below
//! 128  u64       octets of the list in DER
//! 136  i64       thisUpdate in Unix seconds
//! 144  i64       nextUpdate, or the smallest number for none
//! 152  u64       entries
//! 160  u64       entries that were dropped
//! 168  u64       entries about certificates of other issuers
//! 176  u64       1 when an entry names the issuer of its certificate, else 0
//! 184  u64       why the entries make the list unusable: 0 they do not, else as in [`Obstacle`]
//! 192  u64       sections
//! 200  sections × (u64 kind, u64 where it begins, u64 octets)
//! then the sections: the issuer's Name and the contents of the extensions as the list has them, the type of the first
//! critical extension of an entry that is not processed, the index of the entries about the issuer's own certificates,
//! that of those about others' (see `index::format`), and the AlgorithmIdentifier of the signature
//! ```
//!
//! Numbers are little-endian. What the list says is read from the list's own octets by the readers of the list, so that
//! an opened list cannot mean anything else than a parsed one.
//!
//! # What is believed
//!
//! The checksum finds what disks and half-written files do; it does not keep out an adversary. Who can write to the data
//! directory could as well write to the configuration: both belong to the service's user (mode 0700). The fingerprint,
//! SHA-256 over the length and the first and the last 4096 octets of the list, ties the index to the stored copy of the
//! list, as these octets hold its number, dates and signature. Everything else is for the audit after the start.

use std::fs::File;
use std::hash::Hasher as _;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use memmap2::{Mmap, MmapOptions};
use twox_hash::XxHash3_64;

use super::bytes::Bytes;
use super::error::Unusable;
use super::index::Index;
use super::list::{DerList, RevocationList};
use super::scan::Summary;
use crate::clock::Time;
use crate::crypto::sha256;
use crate::der::Oid;

const MAGIC: &[u8; 8] = b"RASTAUIX";
/// To be raised whenever the format changes, or what of a list's entries is put into the index.
pub(super) const VERSION: u32 = 2;
/// Octets that the checksum does not cover: those before it, which are compared one by one, and itself.
const UNCOVERED: usize = 32;
/// Octets before the sections.
const HEADER: usize = 200;
/// Octets that describe a section.
const SECTION: usize = 24;
/// Most sections.
const MAX_SECTIONS: u64 = 16;
/// In the place of nextUpdate where there is none.
const NO_DATE: i64 = i64::MIN;
/// Octets at each end of a list that its fingerprint covers.
const FINGERPRINT_ENDS: usize = 4096;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
enum Kind {
    Issuer = 1,
    Extensions = 2,
    CriticalEntryExtension = 3,
    Entries = 4,
    Foreign = 5,
    Algorithm = 6,
}

/// What met among the entries makes the list unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
enum Obstacle {
    None = 0,
    CriticalEntryExtension = 1,
    EntryIssuer = 2,
    Indirect = 3,
}

impl Obstacle {
    /// `None` for what the entries do not bring about.
    fn of(unusable: Option<&Unusable>) -> Option<Self> {
        match unusable {
            None => Some(Self::None),
            Some(Unusable::CriticalEntryExtension(_)) => Some(Self::CriticalEntryExtension),
            Some(Unusable::EntryIssuer) => Some(Self::EntryIssuer),
            Some(Unusable::Indirect) => Some(Self::Indirect),
            Some(_) => None,
        }
    }
}

/// Why a file is not the index of the list beside it.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoredError {
    #[error("its checksum is another")]
    Checksum,
    #[error("its issuer's key is not configured")]
    Issuer,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it belongs to another list than the one beside it")]
    OtherList,
    #[error("its {0} cannot be read")]
    Part(&'static str),
    #[error("it is incomplete")]
    Size,
    #[error("it is of another version, or something else")]
    Version,
}

/// Length and ends of a list in DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Its octets.
    #[cfg(fuzzing)]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Of a list in memory.
    pub fn of(der: &[u8]) -> Self {
        let first = der.get(..FINGERPRINT_ENDS).unwrap_or(der);
        let last = der.len().checked_sub(FINGERPRINT_ENDS).and_then(|start| der.get(start..)).unwrap_or(der);
        Self(sha256(&[&(der.len() as u64).to_le_bytes(), first, last].concat()))
    }

    /// Of a list in a file, of which only the ends are read.
    ///
    /// # Errors
    ///
    /// Of the file system.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let end = length.min(FINGERPRINT_ENDS as u64);
        let mut ends = length.to_le_bytes().to_vec();
        (&mut file).take(end).read_to_end(&mut ends)?;
        file.seek(SeekFrom::Start(length - end))?;
        file.take(end).read_to_end(&mut ends)?;
        Ok(Self(sha256(&ends)))
    }
}

/// An index file that is sound and belongs to the list beside it.
pub(super) struct Stored {
    file: Arc<Mmap>,
    sections: Vec<(u64, usize, usize)>,
    pub sha256: [u8; 32],
    pub issuer_key: [u8; 32],
    pub list_bytes: usize,
    pub this_update: Time,
    pub next_update: Option<Time>,
    summary: Summary,
}

/// Maps a file of the data directory.
#[expect(unsafe_code, reason = "mapping a file is what makes opening it take no time")]
fn map(file: &File) -> io::Result<Mmap> {
    let mut options = MmapOptions::new();
    // In one go rather than page by page: all of it is about to be read for its checksum.
    options.populate();
    // SAFETY: a mapping is undefined behaviour when its octets change while they are borrowed. Nothing changes these:
    // `Disk` writes each index file under a name of its own with mode 0600, in a folder with mode 0700, and renames it
    // to the name opened here; it is never opened for writing again, only replaced by the next rename, which leaves the
    // mapped file as it was until it is unmapped. Whoever writes to it in spite of the modes is root or the service's
    // own user, who could write to its memory as well. Even so every read goes through checked slices of `u8`, for
    // which each value is valid, so that a changed octet is a wrong answer rather than a wild access.
    // A file that is cut short by such a person ends the process with SIGBUS at the next lookup in the missing part; the
    // next start finds it incomplete and reads the list instead.
    unsafe { options.map(file) }
}

impl Stored {
    /// Opens the index file of a list whose fingerprint is `list`.
    ///
    /// # Errors
    ///
    /// [`StoredError`]: it is not there, of another version, damaged, or of another list.
    pub fn open(path: &Path, list: Fingerprint) -> Result<Self, StoredError> {
        let file = File::open(path)?;
        if file.metadata()?.len() < HEADER as u64 {
            return Err(StoredError::Size);
        }
        let file = Arc::new(map(&file)?);
        let mut header = Header(file.get(..HEADER).ok_or(StoredError::Size)?);
        if header.take::<8>()? != *MAGIC || header.take::<8>()? != u64::from(VERSION).to_le_bytes() {
            return Err(StoredError::Version);
        }
        if header.number()? != file.len() as u64 {
            return Err(StoredError::Size);
        }
        let covered = file.get(UNCOVERED..).unwrap_or_default();
        if header.number()? != XxHash3_64::oneshot(covered) {
            return Err(StoredError::Checksum);
        }
        let (sha256, issuer_key) = (header.take()?, header.take()?);
        if header.take()? != list.0 {
            return Err(StoredError::OtherList);
        }
        let list_bytes = usize::try_from(header.number()?).map_err(|_| StoredError::Part("length"))?;
        let (this_update, next_update) = (header.number()?.cast_signed(), header.number()?.cast_signed());
        let summary = Summary {
            entries: header.number()?,
            dropped: header.number()?,
            foreign: header.number()?,
            names_issuers: header.number()? != 0,
            unusable: None,
        };
        let obstacle = header.number()?;
        let sections = sections(&file, header.number()?).ok_or(StoredError::Part("list of sections"))?;
        let mut stored = Self {
            sha256,
            issuer_key,
            list_bytes,
            this_update: Time::from_unix(this_update),
            next_update: (next_update != NO_DATE).then(|| Time::from_unix(next_update)),
            summary,
            sections,
            file,
        };
        stored.summary.unusable = stored.unusable(obstacle)?;
        Ok(stored)
    }

    fn unusable(&self, obstacle: u64) -> Result<Option<Unusable>, StoredError> {
        let unknown = StoredError::Part("reason why it is not used");
        Ok(match obstacle {
            _ if obstacle == Obstacle::None as u64 => None,
            _ if obstacle == Obstacle::EntryIssuer as u64 => Some(Unusable::EntryIssuer),
            _ if obstacle == Obstacle::Indirect as u64 => Some(Unusable::Indirect),
            _ if obstacle == Obstacle::CriticalEntryExtension as u64 => {
                let oid = self.section(Kind::CriticalEntryExtension).and_then(|oid| Oid::from_bytes(oid).ok());
                Some(Unusable::CriticalEntryExtension(oid.ok_or(unknown)?))
            }
            _ => return Err(unknown),
        })
    }

    /// The issuer's `Name`.
    pub fn issuer(&self) -> &[u8] {
        self.section(Kind::Issuer).unwrap_or_default()
    }

    /// Contents of `[0] EXPLICIT Extensions`.
    pub fn extensions(&self) -> Option<&[u8]> {
        self.section(Kind::Extensions)
    }

    /// The `AlgorithmIdentifier` of the signature.
    pub fn algorithm(&self) -> &[u8] {
        self.section(Kind::Algorithm).unwrap_or_default()
    }

    /// What was met on the way through the entries.
    pub fn summary(&self) -> Summary {
        self.summary.clone()
    }

    /// The indexes, over the mapped file: of entries about the issuer's own certificates, and about others'.
    ///
    /// # Errors
    ///
    /// [`StoredError::Part`].
    pub fn indexes(&self) -> Result<(Index, Option<Index>), StoredError> {
        let open = |(start, length)| Bytes::mapped(&self.file, start, length).and_then(Index::open);
        let unsound = || StoredError::Part("index");
        let own = self.place(Kind::Entries).and_then(open).ok_or_else(unsound)?;
        let foreign = self.place(Kind::Foreign).map(|place| open(place).ok_or_else(unsound)).transpose()?;
        Ok((own, foreign))
    }

    fn place(&self, kind: Kind) -> Option<(usize, usize)> {
        let found = self.sections.iter().find(|(number, ..)| *number == kind as u64);
        found.map(|(_, start, length)| (*start, *length))
    }

    fn section(&self, kind: Kind) -> Option<&[u8]> {
        let (start, length) = self.place(kind)?;
        self.file.get(start..start.checked_add(length)?)
    }
}

/// The rest of the header.
struct Header<'a>(&'a [u8]);

impl Header<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], StoredError> {
        let (first, rest) = self.0.split_first_chunk::<N>().ok_or(StoredError::Size)?;
        self.0 = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Result<u64, StoredError> {
        self.take().map(u64::from_le_bytes)
    }
}

fn sections(file: &[u8], count: u64) -> Option<Vec<(u64, usize, usize)>> {
    let count = usize::try_from(count).ok().filter(|_| count <= MAX_SECTIONS)?;
    let list = file.get(HEADER..HEADER + count * SECTION)?;
    let sections = list.as_chunks::<SECTION>().0.iter().map(|section| {
        let mut fields = Header(section);
        let kind = fields.number().ok()?;
        let (start, length) = (usize::try_from(fields.number().ok()?), usize::try_from(fields.number().ok()?));
        Some((kind, start.ok()?, length.ok()?))
    });
    sections.collect()
}

/// Whether an opened file would say all that the list says.
pub(super) fn can_store(list: &RevocationList) -> bool {
    Obstacle::of(list.summary().unusable.as_ref()).is_some()
}

/// Writes the index file of a verified list.
///
/// # Errors
///
/// Of the writer.
pub(super) fn write(list: &RevocationList, der: &DerList, to: &mut impl Write) -> io::Result<()> {
    let (own, foreign) = list.indexes();
    let summary = list.summary();
    let obstacle = Obstacle::of(summary.unusable.as_ref()).ok_or(io::ErrorKind::Unsupported)?;
    let mut parts = vec![(Kind::Issuer, der.issuer())];
    parts.extend(der.extensions().map(|extensions| (Kind::Extensions, extensions)));
    if let Some(Unusable::CriticalEntryExtension(oid)) = &summary.unusable {
        parts.push((Kind::CriticalEntryExtension, oid.as_bytes()));
    }
    parts.push((Kind::Entries, own.as_block()));
    parts.extend(foreign.map(|foreign| (Kind::Foreign, foreign.as_block())));
    parts.push((Kind::Algorithm, der.algorithm()));
    let mut start = HEADER + parts.len() * SECTION;
    let mut covered = Vec::with_capacity(start);
    for part in [list.sha256(), list.issuer_key(), &Fingerprint::of(der.as_der()).0] {
        covered.extend_from_slice(part);
    }
    let next_update = list.next_update().map_or(NO_DATE, Time::unix_seconds);
    let numbers = [
        list.bytes() as u64,
        list.this_update().unix_seconds().cast_unsigned(),
        next_update.cast_unsigned(),
        summary.entries,
        summary.dropped,
        summary.foreign,
        u64::from(summary.names_issuers),
        obstacle as u64,
        parts.len() as u64,
    ];
    covered.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    for (kind, part) in &parts {
        let fields = [*kind as u64, start as u64, part.len() as u64];
        covered.extend(fields.iter().flat_map(|number| number.to_le_bytes()));
        start += part.len();
    }
    let mut checksum = XxHash3_64::new();
    checksum.write(&covered);
    for (_, part) in &parts {
        checksum.write(part);
    }
    to.write_all(MAGIC)?;
    for number in [u64::from(VERSION), start as u64, checksum.finish()] {
        to.write_all(&number.to_le_bytes())?;
    }
    to.write_all(&covered)?;
    parts.iter().try_for_each(|(_, part)| to.write_all(part))
}
