//! Time as the service sees it: an instant in UTC, read and printed as RFC 3339.
//!
//! Everything below the faces takes a [`Time`] as an argument. [`SystemClock`] is the only caller of
//! `SystemTime::now`; tests and the demo use [`FixedClock`].

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 0001-01-01T00:00:00Z in Unix seconds.
const MIN_UNIX: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z in Unix seconds, which is also "no well-defined end" of RFC 5280 section 4.1.2.5.
const MAX_UNIX: i64 = 253_402_300_799;
const SECONDS_PER_DAY: i64 = 86_400;

/// An instant in UTC, years 0001 to 9999, to the nanosecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    secs: i64,
    nanos: u32,
}

/// The fields of an instant on the calendar (proleptic Gregorian).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Civil {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl Time {
    /// The earliest instant that can be held, 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self { secs: MIN_UNIX, nanos: 0 };
    /// The latest whole second that can be held, 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self { secs: MAX_UNIX, nanos: 0 };

    /// The instant that many seconds after 1970-01-01T00:00:00Z; saturates at [`Time::MIN`] and [`Time::MAX`].
    pub const fn from_unix(secs: i64) -> Self {
        if secs < MIN_UNIX {
            Self::MIN
        } else if secs > MAX_UNIX {
            Self::MAX
        } else {
            Self { secs, nanos: 0 }
        }
    }

    /// The instant of a calendar date and a time of day in UTC, or `None` when there is no such date or time.
    /// A leap second (`:60`) is not a time of day here: X.509 times cannot carry one.
    pub fn from_civil(civil: Civil) -> Option<Self> {
        let Civil { year, month, day, hour, minute, second } = civil;
        if !is_date(year, month, day) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Some(Self { secs: days_from_civil(year, month, day) * SECONDS_PER_DAY + of_day, nanos: 0 })
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down; negative before it.
    pub const fn unix_seconds(self) -> i64 {
        self.secs
    }

    /// Nanoseconds past [`Time::unix_seconds`], below 1 000 000 000.
    pub const fn nanoseconds(self) -> u32 {
        self.nanos
    }

    /// This instant moved by a number of seconds, which may be negative; saturates like [`Time::from_unix`].
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        let moved = Self::from_unix(self.secs.saturating_add(seconds));
        Self { nanos: self.nanos, ..moved }
    }

    /// Whole seconds from `earlier` to this instant, negative when this one is the earlier.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        // Both are within the limits, so the difference fits.
        self.secs - earlier.secs
    }

    /// The calendar date and time of day in UTC.
    pub fn civil(self) -> Civil {
        let days = self.secs.div_euclid(SECONDS_PER_DAY);
        let of_day = self.secs.rem_euclid(SECONDS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        Civil {
            year,
            month,
            day,
            hour: small(of_day / 3600),
            minute: small(of_day / 60 % 60),
            second: small(of_day % 60),
        }
    }

    /// Writes the RFC 3339 form into `buffer` and returns the part used.
    fn write(self, buffer: &mut [u8; 30]) -> &str {
        let civil = self.civil();
        *buffer = *b"0000-00-00T00:00:00.000000000Z";
        two(buffer, 0, u32::from(civil.year) / 100);
        two(buffer, 2, u32::from(civil.year) % 100);
        two(buffer, 5, u32::from(civil.month));
        two(buffer, 8, u32::from(civil.day));
        two(buffer, 11, u32::from(civil.hour));
        two(buffer, 14, u32::from(civil.minute));
        two(buffer, 17, u32::from(civil.second));
        let mut length = 30;
        if self.nanos == 0 {
            buffer[19] = b'Z';
            length = 20;
        } else {
            let mut rest = self.nanos;
            for at in (20..29).rev() {
                buffer[at] = digit(rest % 10);
                rest /= 10;
            }
            while buffer[length - 2] == b'0' {
                buffer[length - 2] = b'Z';
                length -= 1;
            }
        }
        std::str::from_utf8(&buffer[..length]).unwrap_or_default()
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC; a fraction of a second only when there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write(&mut [0; 30]))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.write(&mut [0; 30]))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339"))
            .into()
    }
}

impl utoipa::ToSchema for Time {}

/// Why a text is not an RFC 3339 time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// No such date, time of day or offset, or the instant in UTC falls outside the years 0001 to 9999.
    #[error("there is no such date or time within the years 0001 to 9999")]
    OutOfRange,
    /// The text is not `date T time offset`.
    #[error("not an RFC 3339 time: write it like 2026-08-20T09:30:00Z or 2026-08-20T14:30:00+05:00")]
    Shape,
}

impl FromStr for Time {
    type Err = TimeError;

    /// Reads RFC 3339 section 5.6: any offset, normalised to UTC; `t` and `z` as well as `T` and `Z`. Digits of a
    /// fraction past the ninth are dropped. A leap second is read as the start of the next second, and only where
    /// one can be (23:59:60 UTC).
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let bytes = text.as_bytes();
        let (head, tail) = bytes.split_at_checked(19).ok_or(TimeError::Shape)?;
        for (at, wanted) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
            if head[at].to_ascii_uppercase() != wanted {
                return Err(TimeError::Shape);
            }
        }
        let year = u16::from(read_two(head, 0)?) * 100 + u16::from(read_two(head, 2)?);
        let second = read_two(head, 17)?;
        let civil = Civil {
            year,
            month: read_two(head, 5)?,
            day: read_two(head, 8)?,
            hour: read_two(head, 11)?,
            minute: read_two(head, 14)?,
            second: second.min(59),
        };
        let (nanos, zone) = read_fraction(tail)?;
        let offset = read_offset(zone)?;
        let local = Self::from_civil(civil).ok_or(TimeError::OutOfRange)?;
        let mut secs = local.secs - offset;
        if second > 59 {
            if second > 60 || secs.rem_euclid(SECONDS_PER_DAY) != SECONDS_PER_DAY - 1 {
                return Err(TimeError::OutOfRange);
            }
            secs += 1;
        }
        if !(MIN_UNIX..=MAX_UNIX).contains(&secs) {
            return Err(TimeError::OutOfRange);
        }
        Ok(Self { secs, nanos })
    }
}

/// Where the present comes from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Time;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system clock")]
    fn now(&self) -> Time {
        let now = std::time::SystemTime::now();
        let since = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let secs = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        // Whole milliseconds: finer digits mean nothing on a clock set over a network.
        Time { nanos: since.subsec_millis() * 1_000_000, ..Time::from_unix(secs) }
    }
}

/// A clock that always shows the same time.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub Time);

impl Clock for FixedClock {
    fn now(&self) -> Time {
        self.0
    }
}

/// Whether the calendar has this date; years 1 to 9999.
fn is_date(year: u16, month: u8, day: u8) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=9999).contains(&year) && (1..=last).contains(&day)
}

/// Days since 1970-01-01 of a date that exists. The year is counted from March, so that the leap day comes last.
fn days_from_civil(year: u16, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (u16, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (u16::try_from(year).unwrap_or(u16::MAX), small(month), small(day))
}

/// A calendar field, which by construction is below 100.
fn small(value: i64) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

fn digit(value: u32) -> u8 {
    b'0' + u8::try_from(value % 10).unwrap_or(0)
}

fn two(buffer: &mut [u8; 30], at: usize, value: u32) {
    buffer[at] = digit(value / 10);
    buffer[at + 1] = digit(value);
}

fn read_two(bytes: &[u8], at: usize) -> Result<u8, TimeError> {
    match bytes.get(at..at + 2) {
        Some([high @ b'0'..=b'9', low @ b'0'..=b'9']) => Ok((high - b'0') * 10 + (low - b'0')),
        _ => Err(TimeError::Shape),
    }
}

/// Reads `.digits` if it is there; answers the nanoseconds and what follows.
fn read_fraction(tail: &[u8]) -> Result<(u32, &[u8]), TimeError> {
    let Some(digits) = tail.strip_prefix(b".") else {
        return Ok((0, tail));
    };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return Err(TimeError::Shape);
    }
    let (fraction, rest) = digits.split_at(length);
    let padded = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    Ok((padded.fold(0, |nanos, byte| nanos * 10 + u32::from(byte - b'0')), rest))
}

/// Reads `Z` or `+hh:mm`; answers seconds east of UTC.
fn read_offset(zone: &[u8]) -> Result<i64, TimeError> {
    let (sign, hours, minutes) = match zone {
        [b'Z' | b'z'] => return Ok(0),
        [b'+', _, _, b':', _, _] => (1, read_two(zone, 1)?, read_two(zone, 4)?),
        [b'-', _, _, b':', _, _] => (-1, read_two(zone, 1)?, read_two(zone, 4)?),
        _ => return Err(TimeError::Shape),
    };
    if hours > 23 || minutes > 59 {
        return Err(TimeError::OutOfRange);
    }
    Ok(sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, TimeError> {
        text.parse::<Time>().map(|time| time.to_string())
    }

    #[test]
    fn known_instants_are_read_and_printed() {
        for (text, unix) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-08-20T00:00:00Z", 1_787_184_000),
            ("2000-02-29T12:34:56Z", 951_827_696),
            ("1969-12-31T23:59:59Z", -1),
            ("0001-01-01T00:00:00Z", MIN_UNIX),
            ("9999-12-31T23:59:59Z", MAX_UNIX),
        ] {
            assert_eq!(text.parse::<Time>().unwrap().unix_seconds(), unix, "{text}");
            assert_eq!(Time::from_unix(unix).to_string(), text);
        }
    }

    #[test]
    fn every_day_of_the_calendar_comes_back() {
        let mut expected = (1_u16, 1_u8, 1_u8);
        for days in MIN_UNIX / SECONDS_PER_DAY..=MAX_UNIX / SECONDS_PER_DAY {
            let (year, month, day) = civil_from_days(days);
            assert_eq!((year, month, day), expected);
            assert_eq!(days_from_civil(year, month, day), days);
            expected = if is_date(year, month, day + 1) {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
        assert_eq!(expected, (10_000, 1, 1));
    }

    #[test]
    fn offsets_and_lower_case_are_normalised() {
        assert_eq!(read("2026-08-20T05:00:00+05:00").unwrap(), "2026-08-20T00:00:00Z");
        assert_eq!(read("2026-08-19t22:30:00-01:30").unwrap(), "2026-08-20T00:00:00Z");
        assert_eq!(read("2026-08-20T00:00:00-00:00").unwrap(), "2026-08-20T00:00:00Z");
        assert_eq!(read("2026-08-20t00:00:00z").unwrap(), "2026-08-20T00:00:00Z");
    }

    #[test]
    fn fractions_are_kept_to_the_nanosecond_and_shown_only_when_there() {
        assert_eq!(read("2026-08-20T00:00:00.120Z").unwrap(), "2026-08-20T00:00:00.12Z");
        assert_eq!(read("2026-08-20T00:00:00.1234567899Z").unwrap(), "2026-08-20T00:00:00.123456789Z");
        assert_eq!(read("2026-08-20T00:00:00.000Z").unwrap(), "2026-08-20T00:00:00Z");
        assert!("2026-08-20T00:00:00.1Z".parse::<Time>().unwrap() > Time::from_unix(1_787_184_000));
    }

    #[test]
    fn a_leap_second_is_the_next_second_and_only_at_midnight_utc() {
        assert_eq!(read("2016-12-31T23:59:60Z").unwrap(), "2017-01-01T00:00:00Z");
        assert_eq!(read("2017-01-01T04:59:60+05:00").unwrap(), "2017-01-01T00:00:00Z");
        assert_eq!(read("2016-12-31T12:59:60Z"), Err(TimeError::OutOfRange));
        assert_eq!(read("2016-12-31T23:59:61Z"), Err(TimeError::OutOfRange));
        assert_eq!(read("9999-12-31T23:59:60Z"), Err(TimeError::OutOfRange));
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in [
            "",
            "now",
            "2026-08-20",
            "2026-08-20T00:00:00",
            "2026-08-20 00:00:00Z",
            "2026-08-20T00:00Z",
            "2026-8-20T00:00:00Z",
            "2026-08-20T00:00:00.Z",
            "2026-08-20T00:00:00,5Z",
            "2026-08-20T00:00:00ZZ",
            "2026-08-20T00:00:00+0500",
            "2026-08-20T00:00:00+05",
            "+026-08-20T00:00:00Z",
            "２０26-08-20T00:00:00Z",
            "2026-08-20T00:00:00Z ",
            " 2026-08-20T00:00:00Z",
            "2026-08-20T00:00:00−05:00",
            "2026/08/20T00:00:00Z",
        ] {
            assert_eq!(read(text), Err(TimeError::Shape), "{text}");
        }
        for text in [
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-08-20T24:00:00Z",
            "2026-08-20T00:60:00Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2026-08-20T00:00:00+24:00",
            "2026-08-20T00:00:00+00:60",
        ] {
            assert_eq!(read(text), Err(TimeError::OutOfRange), "{text}");
        }
    }

    #[test]
    fn arithmetic_saturates_instead_of_leaving_the_calendar() {
        assert_eq!(Time::from_unix(i64::MAX), Time::MAX);
        assert_eq!(Time::from_unix(i64::MIN), Time::MIN);
        assert_eq!(Time::MAX.plus_seconds(i64::MAX), Time::MAX);
        assert_eq!(Time::MIN.plus_seconds(i64::MIN), Time::MIN);
        assert_eq!(Time::MAX.seconds_since(Time::MIN), MAX_UNIX - MIN_UNIX);
    }

    #[test]
    fn json_is_the_text_and_the_system_clock_is_in_our_century() {
        let time = Time::from_unix(1_787_184_000);
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(json, "\"2026-08-20T00:00:00Z\"");
        assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), time);
        assert!(serde_json::from_str::<Time>("\"soon\"").is_err());
        assert!(SystemClock.now() > time.plus_seconds(-10 * 366 * SECONDS_PER_DAY));
        assert_eq!(FixedClock(time).now(), time);
    }
}
