//! A list's index as a file, to be mapped: answering from it needs neither reading nor hashing the list again.
//!
//! ```text
//! 0    8         "RASTAUIX"
//! 8    u32       version of this format, 1
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
//! 168  u64       sections
//! 176  sections × (u64 kind, u64 where it begins, u64 octets)
//! then the sections: the issuer's Name and the contents of the extensions as the list has them, the type of the first
//! critical extension of an entry that is not processed, the index (see `index::format`)
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
const VERSION: u32 = 1;
/// Octets that the checksum does not cover: those before it, which are compared one by one, and itself.
const UNCOVERED: usize = 32;
/// Octets before the sections.
const HEADER: usize = 176;
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
    entries: u64,
    dropped: u64,
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
        let (entries, dropped) = (header.number()?, header.number()?);
        let sections = sections(&file, header.number()?).ok_or(StoredError::Part("list of sections"))?;
        Ok(Self {
            sha256,
            issuer_key,
            list_bytes,
            this_update: Time::from_unix(this_update),
            next_update: (next_update != NO_DATE).then(|| Time::from_unix(next_update)),
            entries,
            dropped,
            sections,
            file,
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

    /// What was met on the way through the entries.
    ///
    /// # Errors
    ///
    /// [`StoredError::Part`].
    pub fn summary(&self) -> Result<Summary, StoredError> {
        let oid = self.section(Kind::CriticalEntryExtension).map(Oid::from_bytes).transpose();
        let oid = oid.map_err(|_| StoredError::Part("type of an entry's extension"))?;
        Ok(Summary {
            entries: self.entries,
            dropped: self.dropped,
            unusable: oid.map(Unusable::CriticalEntryExtension),
        })
    }

    /// The index, over the mapped file.
    ///
    /// # Errors
    ///
    /// [`StoredError::Part`].
    pub fn index(&self) -> Result<Index, StoredError> {
        let place = self.place(Kind::Entries);
        let block = place.and_then(|(start, length)| Bytes::mapped(&self.file, start, length));
        block.and_then(Index::open).ok_or(StoredError::Part("index"))
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

/// Whether an opened file would say all that the list says: what only the entries tell is kept for one reason only.
pub(super) fn can_store(list: &RevocationList) -> bool {
    matches!(list.summary().unusable, None | Some(Unusable::CriticalEntryExtension(_)))
}

/// Writes the index file of a verified list.
///
/// # Errors
///
/// Of the writer.
pub(super) fn write(list: &RevocationList, der: &DerList, to: &mut impl Write) -> io::Result<()> {
    let block = list.index().as_block();
    let mut parts = vec![(Kind::Issuer, der.issuer())];
    parts.extend(der.extensions().map(|extensions| (Kind::Extensions, extensions)));
    if let Some(Unusable::CriticalEntryExtension(oid)) = &list.summary().unusable {
        parts.push((Kind::CriticalEntryExtension, oid.as_bytes()));
    }
    parts.push((Kind::Entries, block));
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
        list.entries(),
        list.dropped(),
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
