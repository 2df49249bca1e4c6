//! From entries to a block, without an object an entry and without staging: one pass counts, one puts every record where
//! it belongs, then each run of records that begin alike is sorted in its place. Besides the block itself, which is
//! smaller than the entries, there are the counters, 16 MiB at most, and a copy of one run.

use rayon::prelude::*;

use super::format::{GROUP, Group, HEADER, NO_REASON};
use super::place::{CHANGED, Filling, bucket_of};
use super::survey::Survey;
use super::{EMPTY_BLOCK, EPOCH, Index, MAX_KEY, MAX_SECONDS, sort};
use crate::clock::Time;
use crate::revocation::bytes::Bytes;
use crate::revocation::error::ListError;
use crate::revocation::reason::Reason;

/// Octets of records that are sorted by one core at a time.
const PIECE: usize = 1 << 20;

/// Entries that can be gone through more than once.
pub(in crate::revocation) trait Entries {
    /// Calls `sink` with every entry, the same ones in the same order each time: a key of 1 to [`MAX_KEY`] octets, when
    /// the certificate was revoked, and why. Keys of other lengths are passed over.
    ///
    /// # Errors
    ///
    /// Whatever keeps the entries from being read.
    fn each(&self, sink: impl FnMut(&[u8], Time, Option<Reason>)) -> Result<(), ListError>;
}

/// Collects entries one by one, for those that cannot be gone through again.
#[derive(Debug, Default)]
pub(in crate::revocation) struct Builder {
    /// Length of the key, the key, the date in seconds, the reason.
    staged: Vec<u8>,
}

impl Builder {
    /// Adds an entry; a key that is empty or longer than [`MAX_KEY`] is passed over.
    pub fn push(&mut self, key: &[u8], date: Time, reason: Option<Reason>) {
        if let Some(length) = u8::try_from(key.len()).ok().filter(|&length| (1..=MAX_KEY).contains(&length.into())) {
            self.staged.push(length);
            self.staged.extend_from_slice(key);
            self.staged.extend_from_slice(&date.unix_seconds().to_le_bytes());
            self.staged.push(reason.map_or(NO_REASON, Reason::code));
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.staged.is_empty()
    }

    /// The index of what was added.
    ///
    /// # Errors
    ///
    /// As [`build`].
    pub fn finish(self) -> Result<Index, ListError> {
        build(&self)
    }
}

impl Entries for Builder {
    fn each(&self, mut sink: impl FnMut(&[u8], Time, Option<Reason>)) -> Result<(), ListError> {
        let mut rest = self.staged.as_slice();
        while let Some((key, date, reason, after)) = split_staged(rest) {
            sink(key, date, reason);
            rest = after;
        }
        Ok(())
    }
}

type Staged<'a> = (&'a [u8], Time, Option<Reason>, &'a [u8]);

fn split_staged(staged: &[u8]) -> Option<Staged<'_>> {
    let (&length, rest) = staged.split_first()?;
    let (key, rest) = rest.split_at_checked(length.into())?;
    let (date, rest) = rest.split_first_chunk::<8>()?;
    let (&code, rest) = rest.split_first()?;
    Some((key, Time::from_unix(i64::from_le_bytes(*date)), Reason::from_code(code), rest))
}

/// Builds the index of `entries`: the same octets for the same entries in whatever order.
///
/// # Errors
///
/// Of the entries; [`ListError::TooLarge`] for more than 2^32 of one length.
pub(in crate::revocation) fn build(entries: &impl Entries) -> Result<Index, ListError> {
    let mut survey = Survey::new();
    entries.each(|key, date, _| survey.take(key, seconds_of(date)))?;
    let mut plan = survey.plan().ok_or(ListError::TooLarge { limit: u32::MAX as usize })?;
    count_again(entries, &mut plan)?;
    let length = plan.last().map_or(EMPTY_BLOCK, |(group, _)| group.end());
    let mut bytes = Bytes::zeroed(length);
    let block = bytes.as_mut().unwrap_or_default();
    let mut groups = fill(entries, plan, block)?;
    let duplicates: u64 = groups.iter_mut().map(|(_, duplicates)| *duplicates).sum();
    let mut groups: Vec<Group> = groups.into_iter().map(|(group, _)| group).collect();
    if duplicates > 0 {
        let length = close_gaps(&mut groups, block);
        bytes.truncate(length);
        bytes = copied(&bytes);
    }
    describe(&groups, duplicates, bytes.as_mut().unwrap_or_default());
    Index::open(bytes).ok_or(CHANGED)
}

fn seconds_of(date: Time) -> u64 {
    u64::try_from(date.unix_seconds().saturating_sub(EPOCH)).unwrap_or(0).min(MAX_SECONDS)
}

/// A pass of its own for groups whose keys begin alike: only now it is known after which octets to count.
fn count_again(entries: &impl Entries, plan: &mut [(Group, Option<Vec<u32>>)]) -> Result<(), ListError> {
    let mut missing: Vec<Option<(&Group, Vec<u32>)>> = (0..=MAX_KEY).map(|_| None).collect();
    for (group, counters) in plan.iter() {
        if let (None, Some(place)) = (counters, missing.get_mut(group.key_length)) {
            *place = Some((group, vec![0; group.buckets()]));
        }
    }
    if missing.iter().flatten().any(|(group, _)| group.table_octets > 0) {
        entries.each(|key, _, _| {
            let Some(Some((group, counters))) = missing.get_mut(key.len()) else { return };
            let octets = key.get(group.prefix_length..group.prefix_length + group.table_octets);
            if let Some(counter) = octets.and_then(|octets| counters.get_mut(bucket_of(octets))) {
                *counter = counter.saturating_add(1);
            }
        })?;
    } else {
        for (group, counters) in missing.iter_mut().flatten() {
            counters.fill(u32::try_from(group.count).unwrap_or(u32::MAX));
        }
    }
    let counted: Vec<Vec<u32>> = missing.into_iter().flatten().map(|(_, counters)| counters).collect();
    let places = plan.iter_mut().filter(|(_, counters)| counters.is_none());
    for ((_, place), counters) in places.zip(counted) {
        *place = Some(counters);
    }
    Ok(())
}

type Planned = (Group, Option<Vec<u32>>);

/// Puts every record in place and in order, and writes the tables; answers each group with its duplicates.
fn fill(entries: &impl Entries, plan: Vec<Planned>, block: &mut [u8]) -> Result<Vec<(Group, u64)>, ListError> {
    let mut fillings: Vec<Option<Filling<'_>>> = (0..=MAX_KEY).map(|_| None).collect();
    let mut tables = Vec::new();
    let mut rest = block.get_mut(HEADER + plan.len() * GROUP..).unwrap_or_default();
    for (group, counters) in plan {
        let (table, after) = rest.split_at_mut_checked(4 * group.table_length()).ok_or(CHANGED)?;
        let (records, after) = after.split_at_mut_checked(group.count * group.width()).ok_or(CHANGED)?;
        rest = after;
        let filling = Filling::new(group, &counters.unwrap_or_default(), records);
        for (to, start) in table.as_chunks_mut::<4>().0.iter_mut().zip(&filling.starts) {
            *to = start.to_le_bytes();
        }
        tables.push(filling.group.key_length);
        if let Some(place) = fillings.get_mut(filling.group.key_length) {
            *place = Some(filling);
        }
    }
    let mut same = true;
    entries.each(|key, date, reason| {
        let code = reason.map_or(NO_REASON, Reason::code);
        if let Some(Some(filling)) = fillings.get_mut(key.len()) {
            same &= filling.put(key, seconds_of(date), code).is_some();
        } else {
            same &= !(1..=MAX_KEY).contains(&key.len());
        }
    })?;
    if !same || !fillings.iter().flatten().all(Filling::is_full) {
        return Err(CHANGED);
    }
    Ok(fillings.into_iter().flatten().map(sorted).collect())
}

/// Sorts a group's buckets, several runs of them at a time where cores are idle.
fn sorted(filling: Filling<'_>) -> (Group, u64) {
    let Filling { group, starts, records, .. } = filling;
    let width = group.width();
    let mut pieces = Vec::new();
    let mut rest = records;
    let mut first = 0;
    for last in 1..starts.len() {
        let octets = starts.get(first..=last).map_or(0, |run| run_length(run) * width);
        if octets >= PIECE || last + 1 == starts.len() {
            let (piece, after) = rest.split_at_mut_checked(octets).unwrap_or_default();
            pieces.push((piece, starts.get(first..=last).unwrap_or_default()));
            (rest, first) = (after, last);
        }
    }
    let duplicates = pieces.into_par_iter().map(|(piece, starts)| sort_piece(&group, piece, starts)).sum();
    (group, duplicates)
}

fn run_length(starts: &[u32]) -> usize {
    match (starts.first(), starts.last()) {
        (Some(first), Some(last)) => (last - first) as usize,
        _ => 0,
    }
}

fn sort_piece(group: &Group, piece: &mut [u8], starts: &[u32]) -> u64 {
    let mut scratch = sort::Scratch::default();
    let mut duplicates = 0;
    let mut rest = piece;
    for bucket in starts.windows(2) {
        let (records, after) = rest.split_at_mut_checked(run_length(bucket) * group.width()).unwrap_or_default();
        duplicates += sort::bucket(group, records, &mut scratch);
        rest = after;
    }
    duplicates
}

/// Keeps of each key the first record, closes up what is left and answers the length of the block then.
fn close_gaps(groups: &mut [Group], block: &mut [u8]) -> usize {
    let mut end = HEADER + groups.len() * GROUP;
    for group in groups {
        let old = group.clone();
        let table: Vec<usize> = (0..old.table_length()).map(|bucket| old.first_of(block, bucket)).collect();
        let bounds = if table.is_empty() { vec![0, old.count] } else { table };
        group.table = end;
        let (width, rest) = (old.width(), old.rest());
        let mut to = group.records();
        let mut starts = vec![0_u32];
        group.count = 0;
        for bucket in bounds.windows(2) {
            let &[first, last] = bucket else { continue };
            let begin = to;
            for place in first..last {
                let from = old.records() + place * width;
                let known = to > begin && block.get(to - width..to - width + rest) == block.get(from..from + rest);
                if !known {
                    block.copy_within(from..from + width, to);
                    to += width;
                    group.count += 1;
                }
            }
            starts.push(u32::try_from(group.count).unwrap_or(u32::MAX));
        }
        if let Some(table) = block.get_mut(group.table..group.records()) {
            for (to, start) in table.as_chunks_mut::<4>().0.iter_mut().zip(&starts) {
                *to = start.to_le_bytes();
            }
        }
        end = group.end();
    }
    end
}

fn copied(bytes: &Bytes) -> Bytes {
    let mut copy = Bytes::zeroed(bytes.len());
    if let Some(to) = copy.as_mut() {
        to.copy_from_slice(bytes);
    }
    copy
}

/// Writes what stands before the tables.
fn describe(groups: &[Group], duplicates: u64, block: &mut [u8]) {
    let count = u64::try_from(groups.len()).unwrap_or(0).to_le_bytes();
    let header = [count, duplicates.to_le_bytes()].concat();
    for (to, from) in block.iter_mut().zip(&header) {
        *to = *from;
    }
    let descriptions = block.get_mut(HEADER..).unwrap_or_default().as_chunks_mut::<GROUP>().0;
    for (to, group) in descriptions.iter_mut().zip(groups) {
        group.write(to);
    }
}
