//! The block of octets that is an index. Numbers are little-endian, offsets are from the beginning of the block.
//!
//! ```text
//! 0    u32       groups, at most 64
//! 4    u32       zero
//! 8    u64       duplicates: entries whose key had been there before
//! 16   groups × 96 octets, by length of their keys:
//!      0   u8    length of a key
//!      1   u8    octets that all keys begin with
//!      2   u8    octets that the table stands for: 0, 1 or 2
//!      3   u8    octets of date and reason: 4 or 5
//!      4   u32   zero
//!      8   u64   earliest date, in seconds from 1950
//!      16  u64   records
//!      24  u64   where the table begins; the records follow it
//!      32  64    the octets that all keys begin with, then zeros
//! then for each group
//!      table     256^octets + 1 times u32: number of the first record whose key goes on with at least these octets;
//!                the last one is the number of records; no table at all when it stands for no octet
//!      records   sorted: the rest of the key, then seconds after the earliest date × 16 + reason (15: none given)
//! ```

use super::MAX_KEY;
use crate::clock::Time;
use crate::revocation::reason::{Reason, Revoked};

/// Octets before the first group.
pub(super) const HEADER: usize = 16;
/// Octets of the description of a group.
pub(super) const GROUP: usize = 96;
/// Most octets a table stands for.
pub(super) const MAX_TABLE_OCTETS: usize = 2;
/// In the place of a reason where none is given.
pub(super) const NO_REASON: u8 = 15;

/// The keys of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub key_length: usize,
    /// Octets that all keys begin with; the first `prefix_length` count.
    pub prefix: [u8; MAX_KEY],
    pub prefix_length: usize,
    pub table_octets: usize,
    pub value_octets: usize,
    /// In seconds from 1950.
    pub first_date: u64,
    pub count: usize,
    /// Where the table begins.
    pub table: usize,
}

impl Group {
    /// Elements of the table; 0 when there is none.
    pub fn table_length(&self) -> usize {
        if self.table_octets == 0 { 0 } else { self.buckets() + 1 }
    }

    /// Runs of records that begin with the same octets.
    pub fn buckets(&self) -> usize {
        1 << (8 * self.table_octets)
    }

    /// Where the records begin.
    pub fn records(&self) -> usize {
        self.table + 4 * self.table_length()
    }

    /// Octets of a key that a record holds.
    pub fn rest(&self) -> usize {
        self.key_length.saturating_sub(self.prefix_length + self.table_octets)
    }

    /// Octets of a record.
    pub fn width(&self) -> usize {
        self.rest() + self.value_octets
    }

    /// Where the group ends.
    pub fn end(&self) -> usize {
        self.records() + self.count * self.width()
    }

    /// Date and reason of a record's last octets.
    pub fn revoked(&self, value: &[u8]) -> Revoked {
        let mut packed = [0; 8];
        for (to, from) in packed.iter_mut().zip(value) {
            *to = *from;
        }
        let packed = u64::from_le_bytes(packed);
        let seconds = self.first_date.saturating_add(packed >> 4);
        let reason = Reason::from_code((packed & 0x0f) as u8);
        Revoked { date: Time::from_unix(super::EPOCH.saturating_add_unsigned(seconds)), reason }
    }

    /// The description in its place.
    pub fn write(&self, to: &mut [u8; GROUP]) {
        let octet = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        let lengths = [self.key_length, self.prefix_length, self.table_octets, self.value_octets].map(octet);
        let mut numbers = [0; 24];
        let (dates, places) = numbers.split_at_mut(8);
        dates.copy_from_slice(&self.first_date.to_le_bytes());
        let (count, table) = places.split_at_mut(8);
        count.copy_from_slice(&(self.count as u64).to_le_bytes());
        table.copy_from_slice(&(self.table as u64).to_le_bytes());
        let parts = [&lengths[..], &[0; 4], &numbers, &self.prefix];
        for (to, from) in to.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *from;
        }
    }

    fn read(from: &[u8; GROUP]) -> Option<Self> {
        let (&[key_length, prefix_length, table_octets, value_octets, 0, 0, 0, 0], rest) = from.split_first_chunk()?
        else {
            return None;
        };
        let (first_date, rest) = rest.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (table, prefix) = rest.split_first_chunk()?;
        let number = |octets: &[u8; 8]| usize::try_from(u64::from_le_bytes(*octets)).ok();
        let group = Self {
            key_length: key_length.into(),
            prefix: prefix.try_into().ok()?,
            prefix_length: prefix_length.into(),
            table_octets: table_octets.into(),
            value_octets: value_octets.into(),
            first_date: u64::from_le_bytes(*first_date),
            count: number(count).filter(|&count| u32::try_from(count).is_ok())?,
            table: number(table)?,
        };
        let octets = group.prefix_length + group.table_octets;
        let sound = (1..=MAX_KEY).contains(&group.key_length)
            && octets <= group.key_length
            && group.table_octets <= MAX_TABLE_OCTETS
            && matches!(group.value_octets, 4 | 5)
            && group.first_date <= super::MAX_SECONDS;
        sound.then_some(group)
    }

    /// Element of the table; 0 past its end.
    pub fn first_of(&self, block: &[u8], bucket: usize) -> usize {
        let place = self.table + 4 * bucket;
        let element = block.get(place..place + 4).and_then(|octets| octets.try_into().ok());
        element.map_or(0, |octets| u32::from_le_bytes(octets) as usize)
    }
}

/// The groups and the duplicates of a sound block: everything lies in it, in order, and every table ascends to the number
/// of its records.
pub(super) fn read(block: &[u8]) -> Option<(Box<[Group]>, u64)> {
    let (header, rest) = block.split_first_chunk::<HEADER>()?;
    let (numbers, duplicates) = header.split_first_chunk::<8>()?;
    let (count, zero) = numbers.split_first_chunk::<4>()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok().filter(|&count| count <= MAX_KEY)?;
    if zero != [0; 4] {
        return None;
    }
    let mut groups: Vec<Group> = Vec::with_capacity(count);
    let mut end = HEADER + count * GROUP;
    for description in rest.get(..count * GROUP)?.as_chunks::<GROUP>().0 {
        let group = Group::read(description)?;
        let ascends = groups.last().is_none_or(|last| last.key_length < group.key_length);
        if group.table != end || !ascends {
            return None;
        }
        end = group.records().checked_add(group.count.checked_mul(group.width())?)?;
        if end > block.len() || !has_sound_table(&group, block) {
            return None;
        }
        groups.push(group);
    }
    (end == block.len()).then(|| (groups.into(), u64::from_le_bytes(duplicates.try_into().unwrap_or_default())))
}

fn has_sound_table(group: &Group, block: &[u8]) -> bool {
    let Some(table) = block.get(group.table..group.records()) else { return false };
    let mut last = 0;
    for octets in table.as_chunks::<4>().0 {
        let first = u32::from_le_bytes(*octets);
        if first < last {
            return false;
        }
        last = first;
    }
    group.table_octets == 0 || usize::try_from(last) == Ok(group.count)
}
