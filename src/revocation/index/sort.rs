//! Records that begin alike, put in order; of several with one key the one that counts first.

use std::cmp::Ordering;

use super::format::{Group, NO_REASON};
use super::place::copy_short;
use super::search::head;
use crate::revocation::reason::Reason;

/// Most records whose places fit into the lowest octet of the heads of their keys.
const FEW: usize = 256;

/// What sorting needs beside the records, kept from one bucket to the next.
#[derive(Default)]
pub(super) struct Scratch {
    /// Head of the key but for its last octet, and place before: for few records.
    heads: Vec<u64>,
    /// Head of the key, and place before.
    order: Vec<(u64, u32)>,
    copy: Vec<u8>,
}

/// Sorts the records of one bucket and answers how many have the key of the one before them.
pub(super) fn bucket(group: &Group, records: &mut [u8], scratch: &mut Scratch) -> u64 {
    let (width, rest) = (group.width(), group.rest());
    if records.len() <= width || few(records, width, rest, scratch) {
        return 0;
    }
    let order = &mut scratch.order;
    order.clear();
    order.extend(records.chunks_exact(width).zip(0..).map(|(record, place)| (head_of(record, rest), place)));
    let record = |place: u32| {
        let start = place as usize * width;
        records.get(start..start + width).unwrap_or_default()
    };
    order.sort_unstable_by(|(mine, here), (its, there)| {
        mine.cmp(its).then_with(|| compare(record(*here), record(*there), rest))
    });
    let equal = |pair: &&[(u64, u32)]| match pair {
        [(head, here), (next, there)] => head == next && record(*here).get(..rest) == record(*there).get(..rest),
        _ => false,
    };
    let duplicates = order.windows(2).filter(equal).count();
    rearrange(records, width, order.iter().map(|(_, place)| *place as usize), &mut scratch.copy);
    if duplicates > 0 {
        keep_beginnings(records, width, rest);
    }
    duplicates as u64
}

/// Of several entries for one certificate, which lie beside each other, the first counts. Where it is the end of a
/// certificate in good order, and another a hold from before it, the certificate has been out of use since then.
fn keep_beginnings(records: &mut [u8], width: usize, rest: usize) {
    let mut others = records;
    while let Some((first, behind)) = others.split_at_mut_checked(width) {
        let (key, value) = first.split_at_mut(rest.min(width));
        let same = behind.chunks_exact(width).take_while(|other| other.get(..rest) == Some(&*key)).count();
        let (of_same, next) = behind.split_at_mut(same * width);
        let (date, code) = unpack(value);
        let begins = |other: &[u8]| {
            let (date, code) = unpack(other.get(rest..).unwrap_or_default());
            (severity(code) == HOLD).then_some(date)
        };
        if severity(code) == IN_GOOD_ORDER
            && let Some(began) = of_same.chunks_exact(width).filter_map(begins).min()
            && began < date
        {
            let packed = began << 4 | u64::from(code);
            value.iter_mut().zip(packed.to_le_bytes()).for_each(|(octet, new)| *octet = new);
        }
        others = next;
    }
}

/// Sorts the few records of a usual bucket by numbers alone; `false`, and nothing was moved, when there are many, or
/// two have the same number.
fn few(records: &mut [u8], width: usize, rest: usize, scratch: &mut Scratch) -> bool {
    if records.len() > FEW * width {
        return false;
    }
    let heads = &mut scratch.heads;
    heads.clear();
    heads.extend(records.chunks_exact(width).zip(0..).map(|(record, place)| head_of(record, rest) & !0xff | place));
    heads.sort_unstable();
    if heads.windows(2).any(|pair| matches!(pair, [head, next] if head >> 8 == next >> 8)) {
        return false;
    }
    rearrange(records, width, heads.iter().map(|head| (head & 0xff) as usize), &mut scratch.copy);
    true
}

/// Puts the records into that order.
fn rearrange(records: &mut [u8], width: usize, order: impl Iterator<Item = usize>, copy: &mut Vec<u8>) {
    copy.clear();
    copy.extend_from_slice(records);
    for (to, place) in records.chunks_exact_mut(width).zip(order) {
        let start = place * width;
        if let Some(from) = copy.get(start..start + width) {
            copy_short(to, from);
        }
    }
}

#[inline]
fn head_of(record: &[u8], rest: usize) -> u64 {
    head(record.get(..rest).unwrap_or_default())
}

/// By key, then by which entry counts.
fn compare(mine: &[u8], its: &[u8], rest: usize) -> Ordering {
    match (mine.split_at_checked(rest), its.split_at_checked(rest)) {
        (Some((my_key, my_value)), Some((its_key, its_value))) => {
            my_key.cmp(its_key).then_with(|| rank(my_value).cmp(&rank(its_value)))
        }
        _ => Ordering::Equal,
    }
}

/// Of two entries for one certificate the one that undoes most counts: a compromise, then no reason or an unspecified
/// one, then an end in good order, then a hold, which may be lifted while the other may not, and last one that lifts. Of
/// two that undo the same the earlier counts, and an end in good order from the beginning of the hold before it.
fn rank(value: &[u8]) -> (u8, u64, u8) {
    let (date, code) = unpack(value);
    (severity(code), date, code.min(NO_REASON))
}

/// [`severity`] of the end of a certificate's use in good order.
const IN_GOOD_ORDER: u8 = 2;
/// [`severity`] of a hold.
const HOLD: u8 = 3;

/// How much the reason of that code undoes, the least number most.
fn severity(code: u8) -> u8 {
    match Reason::from_code(code) {
        Some(reason) if reason.is_compromise() => 0,
        None | Some(Reason::Unspecified) => 1,
        Some(Reason::CertificateHold) => HOLD,
        Some(Reason::RemoveFromCrl) => 4,
        Some(_) => IN_GOOD_ORDER,
    }
}

/// Seconds after the earliest date of the group, and the code of the reason.
fn unpack(value: &[u8]) -> (u64, u8) {
    let packed = value.iter().rev().fold(0, |number, octet| number << 8 | u64::from(*octet));
    (packed >> 4, (packed & 0x0f) as u8)
}
