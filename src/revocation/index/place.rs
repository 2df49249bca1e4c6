//! The second pass over the entries: each record into the run of those that begin alike, in the order they come.

use super::format::Group;
use crate::revocation::error::ListError;

/// The entries were not the same the second time, which a source that holds its octets cannot bring about.
pub(super) const CHANGED: ListError = ListError::Structure("its entries changed while they were read");

/// A group being filled.
pub(super) struct Filling<'a> {
    pub group: Group,
    /// Number of the first record of every bucket; one more than there are buckets.
    pub starts: Vec<u32>,
    /// Number of the next record of every bucket.
    next: Vec<u32>,
    pub records: &'a mut [u8],
}

impl<'a> Filling<'a> {
    /// Makes room by the counts of the buckets; `records` is exactly what the group needs.
    pub fn new(group: Group, counters: &[u32], records: &'a mut [u8]) -> Self {
        let mut starts = Vec::with_capacity(counters.len() + 1);
        let mut sum = 0_u32;
        starts.push(0);
        for count in counters {
            sum = sum.saturating_add(*count);
            starts.push(sum);
        }
        let mut next = starts.clone();
        next.pop();
        Self { group, starts, next, records }
    }

    /// Puts a record behind those its bucket has.
    #[inline(always)]
    pub fn put(&mut self, key: &[u8], seconds: u64, code: u8) -> Option<()> {
        let after = key.get(self.group.prefix_length..)?;
        let (bucket, rest) = after.split_at_checked(self.group.table_octets)?;
        let next = self.next.get_mut(bucket_of(bucket))?;
        let place = *next as usize;
        *next += 1;
        let width = self.group.width();
        let record = self.records.get_mut(place * width..place * width + width)?;
        let (to, value) = record.split_at_mut_checked(rest.len())?;
        let packed = (seconds.checked_sub(self.group.first_date)? << 4 | u64::from(code)).to_le_bytes();
        copy_short(to, rest);
        copy_short(value, packed.get(..value.len())?);
        Some(())
    }

    /// Whether every bucket has what was counted.
    pub fn is_full(&self) -> bool {
        self.starts.get(1..).is_some_and(|ends| ends == self.next)
    }
}

/// Octets to the number of a bucket.
pub(super) fn bucket_of(octets: &[u8]) -> usize {
    octets.iter().fold(0, |number, octet| number << 8 | usize::from(*octet))
}

/// Copies as many octets as both have: without a call for a 20-octet serial number's part of a record, its value, and
/// both together.
#[inline(always)]
pub(super) fn copy_short(to: &mut [u8], from: &[u8]) {
    if let (Ok(to), Ok(from)) = (<&mut [u8; 18]>::try_from(&mut *to), <&[u8; 18]>::try_from(from)) {
        *to = *from;
    } else if let (Ok(to), Ok(from)) = (<&mut [u8; 4]>::try_from(&mut *to), <&[u8; 4]>::try_from(from)) {
        *to = *from;
    } else if let (Ok(to), Ok(from)) = (<&mut [u8; 22]>::try_from(&mut *to), <&[u8; 22]>::try_from(from)) {
        *to = *from;
    } else {
        to.copy_from_slice(from);
    }
}
