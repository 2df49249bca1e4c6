//! The first pass over the entries: what keys there are, so that each record can be put in its place in the second.

use super::format::{Group, MAX_TABLE_OCTETS};
use super::{MAX_KEY, MAX_SECONDS};

/// From so many records on a table over two octets pays: it takes 256 KiB, and two octets a record less.
const TWO_OCTETS: u64 = 1 << 17;
/// From so many on a table over one octet pays.
const ONE_OCTET: u64 = 1 << 8;
/// Counters of a length: one for each first two octets.
const COUNTERS: usize = 1 << (8 * MAX_TABLE_OCTETS);
/// Spans that fit in four octets beside the reason.
const SHORT_SPAN: u64 = 1 << 28;

/// What is known of all lengths. At most 16 MiB of counters, of which the system gives the pages that are counted in.
#[derive(Default)]
pub(super) struct Survey {
    /// Of the keys of a length, at its place.
    lengths: Vec<Option<Box<Length>>>,
}

/// What is known of the keys of one length.
struct Length {
    count: u64,
    first: [u8; MAX_KEY],
    /// How many octets of `first` all keys have begun with.
    common: usize,
    dates: (u64, u64),
    /// Of the first two octets.
    counters: Vec<u32>,
}

impl Survey {
    pub fn new() -> Self {
        Self { lengths: (0..=MAX_KEY).map(|_| None).collect() }
    }

    /// Takes a key of 1 to [`MAX_KEY`] octets into account; others are passed over.
    #[inline(always)]
    pub fn take(&mut self, key: &[u8], seconds: u64) {
        let Some(length) = self.lengths.get_mut(key.len()) else { return };
        match length {
            Some(length) => length.take(key, seconds),
            None => *length = Length::new(key, seconds).map(Box::new),
        }
    }

    /// The groups with their places in a block whose groups begin at `start`, and where the first pass has counted
    /// their buckets: `None` for a group whose keys begin alike, as the counters are those of the first octets.
    pub fn plan(self) -> Option<Vec<(Group, Option<Vec<u32>>)>> {
        let mut groups = Vec::new();
        let found = self.lengths.into_iter().enumerate();
        let lengths: Vec<(usize, Box<Length>)> = found.filter_map(|(key, length)| Some((key, length?))).collect();
        let mut end = super::format::HEADER + lengths.len() * super::format::GROUP;
        for (key_length, length) in lengths {
            let group = length.group(key_length, end)?;
            end = group.end();
            let counters = (group.prefix_length == 0).then(|| fold(&length.counters, group.table_octets));
            groups.push((group, counters));
        }
        Some(groups)
    }
}

impl Length {
    fn new(key: &[u8], seconds: u64) -> Option<Self> {
        let mut first = [0; MAX_KEY];
        first.get_mut(..key.len())?.copy_from_slice(key);
        let mut new =
            Self { count: 0, first, common: key.len(), dates: (seconds, seconds), counters: vec![0; COUNTERS] };
        new.take(key, seconds);
        (!key.is_empty()).then_some(new)
    }

    #[inline(always)]
    fn take(&mut self, key: &[u8], seconds: u64) {
        self.count += 1;
        if self.common > 0 {
            let alike = self.first.iter().zip(key).take(self.common).take_while(|(mine, its)| mine == its);
            self.common = alike.count();
        }
        self.dates = (self.dates.0.min(seconds), self.dates.1.max(seconds));
        let bucket = match *key {
            [one, two, ..] => usize::from(one) << 8 | usize::from(two),
            [one] => usize::from(one) << 8,
            [] => return,
        };
        if let Some(counter) = self.counters.get_mut(bucket) {
            *counter = counter.saturating_add(1);
        }
    }

    fn group(&self, key_length: usize, table: usize) -> Option<Group> {
        let wanted = match self.count {
            TWO_OCTETS.. => 2,
            ONE_OCTET.. => 1,
            _ => 0,
        };
        let (first, last) = self.dates;
        let mut prefix = self.first;
        prefix.get_mut(self.common..)?.fill(0);
        Some(Group {
            key_length,
            prefix,
            prefix_length: self.common,
            table_octets: wanted.min(key_length - self.common),
            value_octets: if last - first < SHORT_SPAN { 4 } else { 5 },
            first_date: first.min(MAX_SECONDS),
            count: usize::try_from(u32::try_from(self.count).ok()?).ok()?,
            table,
        })
    }
}

/// Counters of two octets as those of one, or of none.
fn fold(counters: &[u32], octets: usize) -> Vec<u32> {
    let width = counters.len() >> (8 * octets);
    counters.chunks(width.max(1)).map(|run| run.iter().fold(0, |sum: u32, count| sum.saturating_add(*count))).collect()
}
