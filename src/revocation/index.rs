//! Serial number -> (date, reason) for millions of entries, without an object an entry.
//!
//! Records lie in one block, grouped into buckets by a keyed hash of the serial number; `starts` holds where each
//! bucket begins. A record is
//!
//! ```text
//! 1 octet   high half: length of the serial number less 5 (6 to 20 octets), or 0: a length octet follows
//!           low half: reason code plus 1, or 15 for none; so never 0 as a whole, and 0 marks unused room
//! [1 octet] length, when it did not fit
//! n octets  serial number without its sign octet, most significant first
//! 4 octets  seconds from 1950-01-01 (the first moment a UTCTime can say), little-endian, saturating in 2086
//! ```
//!
//! so a 20-octet serial number costs 25 octets and one for its share of `starts`. A lookup reads one element of
//! `starts` and the few records of one bucket, compares whole serial numbers and allocates nothing. The hash is keyed
//! by random bits of this process: whoever can choose serial numbers cannot choose the bucket.
//!
//! Both parts are plain bytes with offsets in them, fit to be written to a file and mapped; such a file would carry
//! the key of its hash, for which [`RandomState`] would have to make place.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use super::error::ListError;
use super::reason::{Reason, Revoked};
use crate::clock::Time;

/// Records a bucket on average: more make lookups walk further, fewer cost four octets each sooner.
const RECORDS_PER_BUCKET: usize = 4;
/// Records put in place at a time: as many cache lines as a core fetches at once, and some.
const BATCH: usize = 32;
/// Octets fetched at once; a bucket has about a hundred.
const CACHE_LINE: usize = 64;
/// 1950-01-01T00:00:00Z in Unix seconds.
const EPOCH: i64 = -631_152_000;
/// Low half of the first octet when the entry gives no reason.
const NO_REASON: u8 = 15;
/// What the high half of the first octet is to be added to for the length.
const SHORT_BASE: usize = 5;

/// The index of one list.
#[derive(Debug)]
pub(super) struct Index {
    records: Box<[u8]>,
    /// One more than there are buckets.
    starts: Box<[u32]>,
    hash: RandomState,
    duplicates: u64,
}

/// Collects records in the order of the list.
#[derive(Debug, Default)]
pub(super) struct Builder {
    staged: Vec<u8>,
    count: usize,
}

/// A record as it lies in the block.
struct Record<'a> {
    head: u8,
    serial: &'a [u8],
    date: u32,
    /// All of it.
    raw: &'a [u8],
}

impl<'a> Record<'a> {
    /// Reads the first record of `bytes`; `None` at the end or where unused room begins.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&head, rest) = bytes.split_first()?;
        let (length, rest) = match (head, head >> 4) {
            (0, _) => return None,
            (_, 0) => rest.split_first().map(|(&length, rest)| (usize::from(length), rest))?,
            (_, code) => (usize::from(code) + SHORT_BASE, rest),
        };
        let (serial, rest) = rest.split_at_checked(length)?;
        let (date, rest) = rest.split_first_chunk::<4>()?;
        let raw = bytes.get(..bytes.len() - rest.len())?;
        Some(Self { head, serial, date: u32::from_le_bytes(*date), raw })
    }

    fn reason(&self) -> Option<Reason> {
        Reason::from_code((self.head & 0x0f).wrapping_sub(1))
    }

    fn revoked(&self) -> Revoked {
        Revoked { date: Time::from_unix(EPOCH + i64::from(self.date)), reason: self.reason() }
    }

    /// Of two entries for one certificate the earlier counts, and at the same date a compromise; removeFromCRL yields to
    /// every other, or a delta that lifts a hold and revokes again would be taken to lift only.
    fn yields_to(&self, other: &Self) -> bool {
        let lifts = |record: &Self| record.reason() == Some(Reason::RemoveFromCrl);
        let mild = |record: &Self| !record.reason().is_some_and(Reason::is_compromise);
        (lifts(other), other.date, mild(other)) < (lifts(self), self.date, mild(self))
    }
}

/// The number without its sign octet: how it is kept and looked up.
fn magnitude(serial: &[u8]) -> &[u8] {
    match serial {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    }
}

impl Builder {
    /// Room for the records of `octets` octets of entries that are there: a record is shorter than half of the entry
    /// as authorities write it. Whatever it is short of grows.
    pub fn with_entries(octets: usize) -> Self {
        Self { staged: Vec::with_capacity(octets / 2), count: 0 }
    }

    /// Adds an entry with a positive serial number of 1 to 64 octets.
    pub fn push(&mut self, serial: &[u8], date: Time, reason: Option<Reason>) {
        let serial = magnitude(serial);
        let low = reason.map_or(NO_REASON, |reason| reason.code() + 1);
        let length = u8::try_from(serial.len()).unwrap_or(u8::MAX);
        match serial.len().checked_sub(SHORT_BASE).and_then(|code| u8::try_from(code).ok()) {
            Some(code @ 1..=15) => self.staged.push(code << 4 | low),
            _ => self.staged.extend_from_slice(&[low, length]),
        }
        self.staged.extend_from_slice(serial);
        let seconds = date.unix_seconds().saturating_sub(EPOCH).clamp(0, i64::from(u32::MAX));
        self.staged.extend_from_slice(&u32::try_from(seconds).unwrap_or(u32::MAX).to_le_bytes());
        self.count += 1;
    }

    /// Sorts the records into their buckets.
    pub fn finish(self) -> Result<Index, ListError> {
        let too_large = || ListError::TooLarge { limit: u32::MAX as usize };
        let buckets = self.count / RECORDS_PER_BUCKET + 1;
        let hash = RandomState::new();
        let mut bucket_of = Vec::with_capacity(self.count);
        let mut starts = vec![0_u32; buckets + 1];
        let mut rest = self.staged.as_slice();
        while let Some(record) = Record::read(rest) {
            let bucket = bucket_of_serial(&hash, record.serial, buckets);
            bucket_of.push(u32::try_from(bucket).map_err(|_| too_large())?);
            if let Some(size) = starts.get_mut(bucket + 1) {
                let more = u32::try_from(record.raw.len()).map_err(|_| too_large())?;
                *size = size.checked_add(more).ok_or_else(too_large)?;
            }
            rest = rest.get(record.raw.len()..).unwrap_or_default();
        }
        let mut sum = 0_u32;
        for start in &mut starts {
            sum = sum.checked_add(*start).ok_or_else(too_large)?;
            *start = sum;
        }
        let mut index =
            Index { records: vec![0; self.staged.len()].into(), starts: starts.into(), hash, duplicates: 0 };
        rest = self.staged.as_slice();
        for batch in bucket_of.chunks(BATCH) {
            index.touch(batch);
            for &bucket in batch {
                let Some(record) = Record::read(rest) else { break };
                index.insert(bucket as usize, &record);
                rest = rest.get(record.raw.len()..).unwrap_or_default();
            }
        }
        if index.duplicates > 0 {
            index.close_gaps();
        }
        Ok(index)
    }
}

/// Maps the upper half of the hash onto the buckets without a division.
fn bucket_of_serial(hash: &RandomState, serial: &[u8], buckets: usize) -> usize {
    let mut hasher = hash.build_hasher();
    hasher.write(serial);
    let high = hasher.finish() >> 32;
    usize::try_from((high * buckets as u64) >> 32).unwrap_or(0)
}

impl Index {
    /// What the list says about a serial number, given by its contents octets.
    pub fn lookup(&self, serial: &[u8]) -> Option<Revoked> {
        let serial = magnitude(serial);
        let bucket = bucket_of_serial(&self.hash, serial, self.starts.len().saturating_sub(1));
        let mut rest = self.bucket(bucket);
        while let Some(record) = Record::read(rest) {
            if record.serial == serial {
                return Some(record.revoked());
            }
            rest = rest.get(record.raw.len()..)?;
        }
        None
    }

    /// Entries that named a certificate named before.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Octets of memory.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.records.len() + size_of_val(&*self.starts)
    }

    fn bounds(&self, bucket: usize) -> (usize, usize) {
        match self.starts.get(bucket..bucket + 2) {
            Some(&[start, end]) => (start as usize, end as usize),
            _ => (0, 0),
        }
    }

    fn bucket(&self, bucket: usize) -> &[u8] {
        let (start, end) = self.bounds(bucket);
        self.records.get(start..end).unwrap_or_default()
    }

    /// Reads from the places of the next records, which are all over the block: misses of the cache that do not depend
    /// on each other are waited for together. Without this they are most of the time a list of a
    /// million entries takes.
    fn touch(&self, batch: &[u32]) {
        let places = batch.iter().filter_map(|&bucket| self.starts.get(bucket as usize));
        let lines = places.flat_map(|&start| [start as usize, start as usize + CACHE_LINE]);
        let octets = lines.filter_map(|place| self.records.get(place));
        std::hint::black_box(octets.fold(0, |mixed, octet| mixed ^ octet));
    }

    /// Puts a record behind those its bucket has, or merges it with the one of the same serial number; the cost of a
    /// million repetitions is that of a million walks over one bucket.
    fn insert(&mut self, bucket: usize, record: &Record<'_>) {
        let (start, end) = self.bounds(bucket);
        let Some(room) = self.records.get_mut(start..end) else { return };
        let mut at = 0;
        while let Some(there) = room.get(at..).and_then(Record::read) {
            let length = there.raw.len();
            if there.serial == record.serial {
                self.duplicates += 1;
                if there.yields_to(record)
                    && let Some(place) = room.get_mut(at..at + length)
                {
                    place.copy_from_slice(record.raw);
                }
                return;
            }
            at += length;
        }
        if let Some(place) = room.get_mut(at..at + record.raw.len()) {
            place.copy_from_slice(record.raw);
        }
    }

    /// Gives back the room that duplicates did not need.
    fn close_gaps(&mut self) {
        let mut records = Vec::with_capacity(self.records.len());
        let mut starts = Vec::with_capacity(self.starts.len());
        for bucket in 0..self.starts.len().saturating_sub(1) {
            starts.push(u32::try_from(records.len()).unwrap_or(u32::MAX));
            let mut rest = self.bucket(bucket);
            while let Some(record) = Record::read(rest) {
                records.extend_from_slice(record.raw);
                rest = rest.get(record.raw.len()..).unwrap_or_default();
            }
        }
        starts.push(u32::try_from(records.len()).unwrap_or(u32::MAX));
        self.records = records.into();
        self.starts = starts.into();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Entries = Vec<(Vec<u8>, u32, Option<u8>)>;

    /// Contents octets of positive numbers, many of them alike.
    fn serial() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            (0_u8..8).prop_map(|low| vec![low]),
            prop::collection::vec(0_u8..2, 1..4),
            prop::collection::vec(any::<u8>(), 1..=64),
        ]
        .prop_map(|mut octets| {
            // As DER has it: a sign octet where one is needed and only there.
            while octets.len() > 1 && octets[0] == 0 {
                octets.remove(0);
            }
            if octets[0] & 0x80 != 0 {
                octets.insert(0, 0);
                octets.truncate(64);
            }
            octets
        })
    }

    fn entries() -> impl Strategy<Value = Entries> {
        let reason = prop_oneof![Just(None), prop_oneof![0_u8..=6, 8_u8..=10].prop_map(Some)];
        prop::collection::vec((serial(), 0_u32..4, reason), 0..400)
    }

    fn build(entries: &Entries) -> Index {
        let mut builder = Builder::with_entries(0);
        for (serial, date, reason) in entries {
            let date = Time::from_unix(EPOCH + i64::from(*date) * 1000);
            builder.push(serial, date, reason.and_then(Reason::from_code));
        }
        builder.finish().unwrap()
    }

    /// The plainest thing that does the same.
    fn model(entries: &Entries) -> BTreeMap<&[u8], (bool, u32, bool)> {
        let mut model = BTreeMap::new();
        for (serial, date, reason) in entries {
            let mild = !reason.and_then(Reason::from_code).is_some_and(Reason::is_compromise);
            let rank = (*reason == Some(Reason::RemoveFromCrl.code()), *date, mild);
            let known = model.entry(serial.as_slice()).or_insert(rank);
            *known = (*known).min(rank);
        }
        model
    }

    fn agrees(index: &Index, entries: &Entries) {
        let model = model(entries);
        for (serial, (_, date, mild)) in &model {
            let revoked = index.lookup(serial).unwrap();
            assert_eq!(revoked.date, Time::from_unix(EPOCH + i64::from(*date) * 1000));
            assert_eq!(!revoked.reason.is_some_and(Reason::is_compromise), *mild);
        }
        assert_eq!(index.duplicates(), (entries.len() - model.len()) as u64);
        assert_eq!(index.bytes(), size_of::<Index>() + index.records.len() + 4 * index.starts.len());
    }

    proptest! {
        #[test]
        fn answers_as_a_map_would(entries in entries(), others in prop::collection::vec(serial(), 0..50)) {
            let index = build(&entries);
            agrees(&index, &entries);
            let model = model(&entries);
            for other in &others {
                prop_assert_eq!(index.lookup(other).is_some(), model.contains_key(other.as_slice()));
            }
        }
    }

    #[test]
    fn a_hundred_thousand_entries_answer_as_a_map_would_within_the_memory_promised() {
        let serial = |number: u32| {
            let digest = crate::crypto::sha256(&number.to_be_bytes());
            let mut serial = digest[..20].to_vec();
            serial[0] = serial[0] & 0x7f | 1;
            serial
        };
        let entries: Entries = (0..100_000).map(|number| (serial(number), number % 7, Some(4))).collect();
        let index = build(&entries);
        agrees(&index, &entries);
        assert!((100_000..200_000).all(|number| index.lookup(&serial(number)).is_none()));
        assert!(index.bytes() <= 27 * entries.len(), "{} bytes", index.bytes());
    }

    #[test]
    fn a_million_times_the_same_certificate_is_one_record() {
        let mut builder = Builder::with_entries(0);
        for second in 0..1_000_000 {
            builder.push(&[1; 20], Time::from_unix(1_000_000 - second), None);
        }
        let index = builder.finish().unwrap();
        assert_eq!(index.lookup(&[1; 20]).map(|revoked| revoked.date), Some(Time::from_unix(1)));
        assert_eq!(index.duplicates(), 999_999);
        assert_eq!(index.records.len(), 25);
    }

    #[test]
    fn dates_out_of_reach_are_kept_at_the_nearest_end() {
        for (date, kept) in [(i64::MIN, EPOCH), (0, 0), (i64::MAX, EPOCH + i64::from(u32::MAX))] {
            let mut builder = Builder::with_entries(0);
            builder.push(&[7], Time::from_unix(date), Some(Reason::Unspecified));
            let revoked = builder.finish().unwrap().lookup(&[7]).unwrap();
            assert_eq!(revoked, Revoked { date: Time::from_unix(kept), reason: Some(Reason::Unspecified) });
        }
    }

    #[test]
    fn an_empty_index_knows_nobody() {
        let index = Builder::with_entries(0).finish().unwrap();
        assert_eq!(index.lookup(&[1]), None);
        assert_eq!(index.lookup(&[]), None);
    }
}
