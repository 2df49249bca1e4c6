//! How much a file may cost.

use std::num::NonZeroU32;

use super::super::error::KeyError;

/// Iterations for one file, all its parts together. Today's advice for PBKDF2 is 600,000 for each part (OWASP, 2023), a key
/// store has three with its MAC. These take some seconds.
const MAX_ITERATIONS: u64 = 10_000_000;

/// What is left of the work for one file.
pub(in super::super) struct Work {
    left: u64,
}

impl Work {
    /// All of it.
    pub fn new() -> Self {
        Self { left: MAX_ITERATIONS }
    }

    /// Takes the iterations of a derivation, each `blocks` times.
    pub fn spend(&mut self, iterations: u64, blocks: u64) -> Result<(), KeyError> {
        let refusal = KeyError::Expensive { limit: MAX_ITERATIONS };
        self.left = self.left.checked_sub(iterations.saturating_mul(blocks)).ok_or(refusal)?;
        Ok(())
    }
}

/// Reads the contents of an INTEGER that counts iterations. What does not fit is more than anybody waits for.
pub(in super::super) fn iterations(contents: &[u8]) -> Result<NonZeroU32, KeyError> {
    let malformed = KeyError::malformed("a number of iterations that is none");
    let digits = match contents {
        [first, ..] if first & 0x80 != 0 => return Err(malformed),
        [0, digits @ ..] => digits,
        digits => digits,
    };
    if digits.len() > 4 {
        return Err(KeyError::Expensive { limit: MAX_ITERATIONS });
    }
    NonZeroU32::new(digits.iter().fold(0, |number, octet| (number << 8) | u32::from(*octet))).ok_or(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iterations_are_positive_and_bounded() {
        assert_eq!(iterations(&[4, 0]).map(NonZeroU32::get), Ok(1024));
        assert_eq!(iterations(&[0, 0xff, 0xff, 0xff, 0xff]).map(NonZeroU32::get), Ok(u32::MAX));
        for wrong in [&[][..], &[0], &[0xff], &[0x80, 0, 0, 0], &[1, 0, 0, 0, 0], &[0x7f; 40]] {
            assert!(iterations(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_file_costs_only_so_much_in_all() {
        let mut work = Work::new();
        assert_eq!(work.spend(MAX_ITERATIONS / 2, 1), Ok(()));
        assert_eq!(work.spend(MAX_ITERATIONS / 4, 2), Ok(()));
        assert!(work.spend(1, 1).is_err());
        assert!(Work::new().spend(u64::MAX, 3).is_err());
    }
}
