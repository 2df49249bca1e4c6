//! Doors for the fuzz targets to what is private here: the index and its file. Not compiled otherwise.

use std::hash::Hasher as _;
use std::path::Path;

use twox_hash::XxHash3_64;

use super::bytes::Bytes;
use super::index::{Builder, Index};
use super::reason::{Reason, Revoked};
use super::stored::{Fingerprint, Stored, VERSION};
use crate::clock::Time;

/// An index of serial numbers.
pub struct SerialIndex(Index);

/// An entry: key, date, code of the reason.
pub type Entry = (Vec<u8>, Time, Option<u8>);

impl SerialIndex {
    /// The index of entries; `None` when there are too many.
    #[must_use]
    pub fn build(entries: &[Entry]) -> Option<Self> {
        let mut builder = Builder::default();
        for (key, date, reason) in entries {
            builder.push(key, *date, reason.and_then(Reason::from_code));
        }
        builder.finish().ok().map(Self)
    }

    /// Takes over a block, which may be anything.
    #[must_use]
    pub fn open(block: Vec<u8>) -> Option<Self> {
        Index::open(Bytes::from(block)).map(Self)
    }

    /// What it says about a key.
    #[must_use]
    pub fn lookup(&self, key: &[u8]) -> Option<Revoked> {
        self.0.lookup(key)
    }

    /// Its octets.
    #[must_use]
    pub fn block(&self) -> &[u8] {
        self.0.as_block()
    }

    /// Entries whose key had been there before.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.0.duplicates()
    }
}

/// Gives the octets of an index file the magic, the length, the checksum and the fingerprint that they should have, which no
/// fuzzer finds. `list` is what the file is the index of.
pub fn seal(file: &mut [u8], list: &[u8]) {
    let length = (file.len() as u64).to_le_bytes();
    let Some((head, covered)) = file.split_at_mut_checked(32) else { return };
    if let Some(place) = covered.get_mut(64..96) {
        place.copy_from_slice(Fingerprint::of(list).as_bytes());
    }
    let mut checksum = XxHash3_64::new();
    checksum.write(covered);
    let parts: [&[u8]; 4] = [b"RASTAUIX", &u64::from(VERSION).to_le_bytes(), &length, &checksum.finish().to_le_bytes()];
    for (place, part) in head.chunks_exact_mut(8).zip(parts) {
        place.copy_from_slice(part);
    }
}

/// Maps an index file of `list` and opens all that is in it; what its indexes are, when it is sound.
#[must_use]
pub fn open_stored(path: &Path, list: &[u8]) -> Option<(SerialIndex, Option<SerialIndex>)> {
    let stored = Stored::open(path, Fingerprint::of(list)).ok()?;
    let _ = (stored.issuer(), stored.extensions(), stored.algorithm(), stored.summary());
    let (own, foreign) = stored.indexes().ok()?;
    Some((SerialIndex(own), foreign.map(SerialIndex)))
}

/// The index file of a list in DER, as it is written beside it.
#[must_use]
pub fn index_file(list: &super::RevocationList, der: &super::DerList) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    super::stored::write(list, der, &mut file).ok()?;
    Some(file)
}
