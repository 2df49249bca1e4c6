//! Where in a group a key is.

use std::cmp::Ordering;

use super::format::Group;
use crate::revocation::reason::Revoked;

/// What the group says about a key of its length.
pub(super) fn find(group: &Group, block: &[u8], key: &[u8]) -> Option<Revoked> {
    let after = key.strip_prefix(group.prefix.get(..group.prefix_length)?)?;
    let (bucket, wanted) = after.split_at_checked(group.table_octets)?;
    let (first, end) = match *bucket {
        [] => (0, group.count),
        [one] => (group.first_of(block, one.into()), group.first_of(block, usize::from(one) + 1)),
        [one, two, ..] => {
            let bucket = usize::from(one) << 8 | usize::from(two);
            (group.first_of(block, bucket), group.first_of(block, bucket + 1))
        }
    };
    let width = group.width();
    let start = group.records();
    let records = block.get(start.checked_add(first.checked_mul(width)?)?..start.checked_add(end.checked_mul(width)?)?);
    let record = within(records?, width, wanted)?;
    Some(group.revoked(record.get(wanted.len()..)?))
}

/// The record of sorted `records` that begins with `wanted`.
///
/// The first guess takes the keys for evenly spread; from there it doubles its steps until it has the key between two
/// records, then halves: at most twice the logarithm of probes, whatever the keys.
fn within<'a>(records: &'a [u8], width: usize, wanted: &[u8]) -> Option<&'a [u8]> {
    let count = records.len() / width;
    let number = head(wanted);
    let record = |place: usize| records.get(place * width..place * width + width);
    let compare = |place: usize| -> Option<Ordering> { record(place).map(|record| against(record, wanted, number)) };
    let guess = usize::try_from((number as u128 * count as u128) >> 64).ok()?;
    // `low` and `high` bound where it can be: `low <= place < high`.
    let (mut low, mut high);
    let mut step = 1;
    match compare(guess)? {
        Ordering::Equal => return record(guess),
        Ordering::Less => {
            low = guess + 1;
            loop {
                let place = low + step - 1;
                match compare(place) {
                    Some(Ordering::Less) => low = place + 1,
                    Some(Ordering::Equal) => return record(place),
                    Some(Ordering::Greater) => break high = place,
                    None => break high = count,
                }
                step *= 2;
            }
        }
        Ordering::Greater => {
            high = guess;
            loop {
                let Some(place) = high.checked_sub(step) else { break low = 0 };
                match compare(place)? {
                    Ordering::Greater => high = place,
                    Ordering::Equal => return record(place),
                    Ordering::Less => break low = place + 1,
                }
                step *= 2;
            }
        }
    }
    while low < high {
        let place = low + (high - low) / 2;
        match compare(place)? {
            Ordering::Less => low = place + 1,
            Ordering::Equal => return record(place),
            Ordering::Greater => high = place,
        }
    }
    None
}

/// The first eight octets as a number that compares as they do; shorter keys are filled up with zeros, which is right
/// among keys of one length.
#[inline]
pub(super) fn head(key: &[u8]) -> u64 {
    match key.first_chunk::<8>() {
        Some(octets) => u64::from_be_bytes(*octets),
        None => {
            let mut octets = [0; 8];
            for (to, from) in octets.iter_mut().zip(key) {
                *to = *from;
            }
            u64::from_be_bytes(octets)
        }
    }
}

/// How a record compares with a key whose [`head`] is `number`.
#[inline]
fn against(record: &[u8], wanted: &[u8], number: u64) -> Ordering {
    let key = record.get(..wanted.len()).unwrap_or_default();
    head(key).cmp(&number).then_with(|| key.cmp(wanted))
}
