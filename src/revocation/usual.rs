//! The usual shape of an entry, read in one go: nearly every entry of nearly every list has it.
//!
//! ```text
//! 30 len  02 n serial  17 0d YYMMDDHHMMSSZ                                           without extensions, or
//! 30 len  02 n serial  17 0d YYMMDDHHMMSSZ  30 0c 30 0a 06 03 55 1d 15 04 03 0a 01 reason
//! ```
//!
//! Whatever is different in any octet, also when it is wrong, is left to the strict reader; what is read here, that one
//! reads alike, which a test holds both to.

use std::sync::LazyLock;

use super::reason::Reason;
use super::scan::Entry;
use crate::clock::{Civil, Time};
use crate::x509::SerialNumber;

/// `Extensions` that hold a non-critical reasonCode and nothing else, up to the code itself.
pub(super) const REASON_ONLY: [u8; 13] = [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01];

/// Octets of an entry besides its own header and the serial number: header of the serial number, and the date.
const PLAIN: u8 = 17;
/// The same with a reason.
const WITH_REASON: u8 = PLAIN + 14;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// First moment in Unix seconds and number of days of the months that a `UTCTime` can name, January 1950 first. Index 12
/// times the year, from 0 for 2000, and the month from 0.
static MONTHS: LazyLock<Box<[(i64, u8)]>> = LazyLock::new(|| {
    let first = |year: u16, month: u8| {
        let civil = Civil { year, month, day: 1, hour: 0, minute: 0, second: 0 };
        Time::from_civil(civil).map_or(0, Time::unix_seconds)
    };
    let year_of = |yy: u16| if yy < 50 { 2000 + yy } else { 1900 + yy };
    let months = (0..100_u16).flat_map(|yy| (1..=12_u8).map(move |month| (year_of(yy), month)));
    let spans = months.map(|(year, month)| {
        let start = first(year, month);
        let end = if month == 12 { first(year + 1, 1) } else { first(year, month + 1) };
        (start, u8::try_from((end - start) / DAY).unwrap_or(0))
    });
    spans.collect()
});

/// The first entry of `entries` and the rest, if it has the usual shape.
#[inline(always)]
pub(super) fn read(entries: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let &[0x30, length, 0x02, octets, first, second, ..] = entries else { return None };
    let shape = length.checked_sub(octets)?;
    let is_positive = first < 0x80 && (first != 0 || second >= 0x80);
    if !is_positive || usize::from(octets) > SerialNumber::MAX || octets < 2 {
        return None;
    }
    let (entry, rest) = entries.split_at_checked(2 + usize::from(length))?;
    let (serial, tail) = entry.get(4..)?.split_at_checked(octets.into())?;
    let (date, extensions) = tail.split_first_chunk::<15>()?;
    let reason = match (shape, extensions.split_last()) {
        (PLAIN, None) => None,
        (WITH_REASON, Some((code, begin))) if *begin == REASON_ONLY => {
            Some(Reason::from_code(*code).unwrap_or(Reason::Unspecified))
        }
        _ => return None,
    };
    Some((Entry { serial, date: utc_time(date)?, reason }, rest))
}

/// A `UTCTime` with its header.
#[inline(always)]
fn utc_time(tlv: &[u8; 15]) -> Option<Time> {
    let [0x17, 0x0d, digits @ .., b'Z'] = tlv else { return None };
    let (high, low) = digits.split_first_chunk::<8>()?;
    let [year, month, day, hour] = pairs(u64::from_be_bytes(*high))?;
    let [_, _, minute, second] = pairs(u64::from(u32::from_be_bytes(low.try_into().ok()?)) | 0x3030_3030 << 32)?;
    let (start, days) = *MONTHS.get(12 * usize::from(year) + usize::from(month.checked_sub(1).filter(|m| *m < 12)?))?;
    let fits = (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60;
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    fits.then(|| Time::from_unix(start + (i64::from(day) - 1) * DAY + seconds))
}

/// Eight decimal digits, the first in the highest octet, as four numbers of two.
#[inline(always)]
fn pairs(digits: u64) -> Option<[u8; 4]> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    // An octet is a digit when its high half is 3, and still is after adding 6.
    let are_digits = digits & HIGH == ZEROS && (digits.wrapping_add(0x0606_0606_0606_0606)) & HIGH == ZEROS;
    let values = digits & 0x0f0f_0f0f_0f0f_0f0f;
    let numbers = (values >> 8 & 0x00ff_00ff_00ff_00ff) * 10 + (values & 0x00ff_00ff_00ff_00ff);
    let [_, one, _, two, _, three, _, four] = numbers.to_be_bytes();
    are_digits.then_some([one, two, three, four])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::revocation::scan;
    use crate::x509::time;

    fn entry(serial: &[u8], date: &[u8; 13], reason: Option<u8>) -> Vec<u8> {
        let mut contents = [&[0x02, serial.len() as u8][..], serial, &[0x17, 0x0d], date].concat();
        if let Some(code) = reason {
            contents.extend_from_slice(&REASON_ONLY);
            contents.push(code);
        }
        [&[0x30, contents.len() as u8][..], &contents].concat()
    }

    #[test]
    fn every_day_that_can_be_named_is_the_day_the_strict_reader_reads_and_no_other_is() {
        for number in 0..1_000_000_u32 {
            let text = format!("{number:06}235959Z");
            let tlv = [b"\x17\x0d", text.as_bytes()].concat();
            assert_eq!(utc_time(tlv.first_chunk().unwrap()), time::read(0x17, text.as_bytes()), "{text}");
        }
        for number in 0..1_000_000_u32 {
            let text = format!("240229{number:06}Z");
            let tlv = [b"\x17\x0d", text.as_bytes()].concat();
            assert_eq!(utc_time(tlv.first_chunk().unwrap()), time::read(0x17, text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn every_other_octet_in_a_date_is_left_to_the_strict_reader() {
        let good = b"\x17\x0d260102030405Z";
        for place in 0..good.len() {
            for octet in 0..=255 {
                let mut date = *good;
                date[place] = octet;
                let wanted = (date[..2] == *b"\x17\x0d").then(|| time::read(0x17, &date[2..])).flatten();
                assert_eq!(utc_time(&date), wanted);
            }
        }
    }

    #[test]
    fn the_usual_shapes_are_read() {
        for (serial, reason) in
            [(&[0x21; 20][..], Some(4)), (&[1, 2], None), (&[0, 0x80], Some(7)), (&[1; 64], Some(1))]
        {
            let bytes = [entry(serial, b"260102030405Z", reason), vec![1, 2, 3]].concat();
            let (read, rest) = read(&bytes).unwrap();
            let reason = reason.map(|code| Reason::from_code(code).unwrap_or(Reason::Unspecified));
            assert_eq!((read.serial, read.reason, rest), (serial, reason, &[1, 2, 3][..]));
            assert_eq!(read.date.to_string(), "2026-01-02T03:04:05Z");
        }
    }

    proptest! {
        /// One octet of an entry of the usual shape changed, or the entry cut: the same as without this module.
        #[test]
        fn what_is_read_here_the_strict_reader_reads_alike(
            serial in prop::collection::vec(any::<u8>(), 1..70),
            reason in prop::option::of(any::<u8>()),
            place in any::<prop::sample::Index>(),
            octet in prop_oneof![any::<u8>(), (0_u8..40)],
            cut in 0_usize..4,
        ) {
            let mut bytes = entry(&serial, b"260228235959Z", reason);
            let place = place.index(bytes.len());
            bytes[place] = octet;
            bytes.truncate(bytes.len() - cut);
            if let Some((fast, rest)) = read(&bytes) {
                let strict = scan::strict_entry(&bytes, true).unwrap();
                prop_assert_eq!((Some(fast), bytes.len() - rest.len()), strict);
            }
        }
    }
}
