//! States, spans of time and sizes, as people read them.

use std::fmt;

use anstyle::Style;

use super::super::output::{BAD, GOOD, UNSURE};
use crate::revocation::ListState;

/// The word for a state and its colour: green for what counts, yellow for what needs a look, red for what does not
/// count.
pub fn state(state: ListState) -> (&'static str, Style) {
    match state {
        ListState::Fresh => ("fresh", GOOD),
        ListState::Due => ("due", UNSURE),
        ListState::Stale => ("stale", BAD),
        ListState::Missing => ("missing", BAD),
    }
}

/// A number of seconds in its largest unit, rounded down; the sign is left out.
pub struct Span(pub i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.unsigned_abs();
        match seconds {
            0..120 => write!(f, "{seconds} s"),
            120..7200 => write!(f, "{} min", seconds / 60),
            7200..172_800 => write!(f, "{} h", seconds / 3600),
            _ => write!(f, "{} days", seconds / 86_400),
        }
    }
}

/// Octets, in a unit of people.
pub struct Size(pub usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            octets @ 0..10_000 => write!(f, "{octets} bytes"),
            octets @ 10_000..1_000_000 => write!(f, "{} kB", octets / 1000),
            octets => write!(f, "{}.{} MB", octets / 1_000_000, octets / 100_000 % 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Size, Span};

    #[test]
    fn units_fit_the_amount() {
        for (seconds, text) in
            [(0, "0 s"), (-119, "119 s"), (120, "2 min"), (7200, "2 h"), (97_200, "27 h"), (864_000, "10 days")]
        {
            assert_eq!(Span(seconds).to_string(), text);
        }
        for (octets, text) in [(9, "9 bytes"), (10_000, "10 kB"), (21_640_000, "21.6 MB")] {
            assert_eq!(Size(octets).to_string(), text);
        }
    }
}
