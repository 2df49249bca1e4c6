//! `Time` of RFC 5280, in certificates (4.1.2.5) and in lists (5.1.2.4 to 5.1.2.6).

use crate::clock::{Civil, Time};
use crate::der::write::element;

/// Tag of `UTCTime`.
const UTC_TIME: u8 = 0x17;
/// Tag of `GeneralizedTime`.
const GENERALIZED_TIME: u8 = 0x18;

/// Reads `YYMMDDHHMMSSZ` (1950 to 2049) or `YYYYMMDDHHMMSSZ`: seconds present, no fraction, no offset. A year before
/// 2050 in the long form is read too, because nothing hangs on it.
pub(crate) fn read(tag: u8, value: &[u8]) -> Option<Time> {
    let (year, rest) = match (tag, value) {
        (UTC_TIME, [y1, y2, rest @ ..]) => {
            let year = two(*y1, *y2)?;
            (u16::from(year) + if year < 50 { 2000 } else { 1900 }, rest)
        }
        (GENERALIZED_TIME, [y1, y2, y3, y4, rest @ ..]) => {
            (u16::from(two(*y1, *y2)?) * 100 + u16::from(two(*y3, *y4)?), rest)
        }
        _ => return None,
    };
    let [m1, m2, d1, d2, h1, h2, n1, n2, s1, s2, b'Z'] = *rest else {
        return None;
    };
    Time::from_civil(Civil {
        year,
        month: two(m1, m2)?,
        day: two(d1, d2)?,
        hour: two(h1, h2)?,
        minute: two(n1, n2)?,
        second: two(s1, s2)?,
    })
}

/// Writes the form that RFC 5280 4.1.2.5 and RFC 5652 11.3 demand: `UTCTime` from 1950 to 2049, `GeneralizedTime` else;
/// without the fraction of a second. The whole element.
pub(crate) fn write(time: Time) -> Vec<u8> {
    let Civil { year, month, day, hour, minute, second } = time.civil();
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if (1950..2050).contains(&year) {
        element(UTC_TIME, &[format!("{:02}{rest}", year % 100)])
    } else {
        element(GENERALIZED_TIME, &[format!("{year:04}{rest}")])
    }
}

fn two(high: u8, low: u8) -> Option<u8> {
    (high.is_ascii_digit() && low.is_ascii_digit()).then(|| (high - b'0') * 10 + (low - b'0'))
}

#[cfg(test)]
mod tests {
    use super::{GENERALIZED_TIME, UTC_TIME, read, write};
    use crate::der::TlvReader;

    #[test]
    fn what_is_written_is_the_form_of_its_year_and_is_read_again() {
        for (text, tag) in [
            ("1949-12-31T23:59:59Z", GENERALIZED_TIME),
            ("1950-01-01T00:00:00Z", UTC_TIME),
            ("1999-12-31T23:59:59Z", UTC_TIME),
            ("2026-11-02T09:05:07Z", UTC_TIME),
            ("2049-12-31T23:59:59Z", UTC_TIME),
            ("2050-01-01T00:00:00Z", GENERALIZED_TIME),
        ] {
            let time = text.parse().unwrap();
            let written = write(time);
            let element = TlvReader::new(&written).expect(tag).unwrap();
            assert_eq!(read(tag, element.value), Some(time), "{text}");
        }
        assert_eq!(write("2026-11-02T09:05:07.9Z".parse().unwrap()), write("2026-11-02T09:05:07Z".parse().unwrap()));
    }

    #[test]
    fn both_forms_are_read() {
        for (tag, text, wanted) in [
            (UTC_TIME, "260602091500Z", "2026-06-02T09:15:00Z"),
            (UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"),
            (UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (GENERALIZED_TIME, "20600101000000Z", "2060-01-01T00:00:00Z"),
            (GENERALIZED_TIME, "20260602091500Z", "2026-06-02T09:15:00Z"),
        ] {
            assert_eq!(read(tag, text.as_bytes()).map(|time| time.to_string()).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn what_der_or_the_calendar_forbids_is_refused() {
        for (tag, text) in [
            (UTC_TIME, ""),
            (UTC_TIME, "2606020915Z"),
            (UTC_TIME, "260602091500"),
            (UTC_TIME, "260602091500z"),
            (UTC_TIME, "260602091500+0500"),
            (UTC_TIME, "261302091500Z"),
            (UTC_TIME, "260230091500Z"),
            (UTC_TIME, "260602241500Z"),
            (UTC_TIME, "260602091560Z"),
            (UTC_TIME, "2606 2091500Z"),
            (UTC_TIME, "20260602091500Z"),
            (GENERALIZED_TIME, "20260602091500.5Z"),
            (GENERALIZED_TIME, "00000101000000Z"),
            (GENERALIZED_TIME, "260602091500Z"),
            (0x0c, "260602091500Z"),
        ] {
            assert!(read(tag, text.as_bytes()).is_none(), "{text}");
        }
    }
}
