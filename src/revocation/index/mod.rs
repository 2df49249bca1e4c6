//! Serial number -> (date, reason) for millions of entries, without an object an entry.
//!
//! Entries are grouped by the length of their key and sorted within a group. A group leaves out what all its keys
//! begin with; a table over the next octets says where the records that go on with them lie, so these are left out as
//! well; what remains of a key, its date and its reason are a record of fixed width. A 20-octet serial number costs 22
//! octets and a lookup one element of the table and two or three neighbouring records: the place is guessed from the
//! key, as in a telephone book. Whoever chooses serial numbers so that the guess is bad gets a binary search.
//!
//! All of it is one block of octets (see [`mod@format`]), the same for the same entries whatever their order, that is used
//! where it lies: on the heap or in a mapped file. A lookup reads, and allocates nothing.

mod build;
mod format;
mod place;
mod search;
mod sort;
mod survey;
#[cfg(test)]
mod tests;

pub(super) use self::build::{Builder, Entries, build};
use self::format::{Group, HEADER};
use super::bytes::Bytes;
use super::reason::Revoked;

/// Longest key in octets: no serial number that is read is longer.
pub(super) const MAX_KEY: usize = 64;

/// Seconds in which a date is kept, from 1950-01-01T00:00:00Z, the first moment a `UTCTime` can say: 36 bits, to the
/// year 4127. A date before counts as the first of these moments, one after as the last: nothing was signed before
/// 1950, and what is revoked in 2000 years is not revoked before.
const MAX_SECONDS: u64 = (1 << 36) - 1;
/// 1950-01-01T00:00:00Z in Unix seconds.
const EPOCH: i64 = -631_152_000;

/// The index of one list.
#[derive(Debug)]
pub(super) struct Index {
    bytes: Bytes,
    groups: Box<[Group]>,
    /// Which group, plus one, has the keys of a length.
    of_length: [u8; MAX_KEY + 1],
    duplicates: u64,
}

impl Index {
    /// Takes over a block, which must be sound; `None` when it is not.
    pub fn open(bytes: Bytes) -> Option<Self> {
        let (groups, duplicates) = format::read(&bytes)?;
        let mut of_length = [0; MAX_KEY + 1];
        for (group, place) in groups.iter().zip(1..) {
            *of_length.get_mut(group.key_length)? = place;
        }
        Some(Self { groups, of_length, duplicates, bytes })
    }

    /// What the list says about a key: the contents octets of a serial number, compared octet by octet.
    pub fn lookup(&self, key: &[u8]) -> Option<Revoked> {
        let place = usize::from(*self.of_length.get(key.len())?);
        let group = self.groups.get(place.checked_sub(1)?)?;
        search::find(group, &self.bytes, key)
    }

    /// Entries that named a certificate named before.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Keys in it.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// Octets it takes, in memory or in the file.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.groups) + self.bytes.len()
    }

    /// The block, to be written to a file.
    pub fn as_block(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the block lies in a mapped file.
    pub fn is_mapped(&self) -> bool {
        self.bytes.is_mapped()
    }
}

/// Octets of a block without a single key.
const EMPTY_BLOCK: usize = HEADER;
