//! What the two numbers share: twelve digits, the check digit, and what can be odd about them.

/// Twelve ASCII digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digits([u8; 12]);

/// Why a text is not an identity number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityNumberError {
    /// The text is not twelve characters long.
    #[error("an identity number has 12 digits, this text has {found} characters")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character is not one of the ASCII digits 0 to 9: a space, a letter, a digit of another script.
    #[error("an identity number has digits 0-9 only, character {position} is something else")]
    NotADigit {
        /// Which character, counted from 1.
        position: usize,
    },
    /// The number has an oddity that the strict reading does not tolerate.
    #[error("{0}")]
    Odd(NumberWarning),
}

/// Something about the digits that should not be so, but is in numbers that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum NumberWarning {
    /// The twelfth digit is not the check digit of the eleven before it.
    #[error("the check digit does not fit the number")]
    CheckDigit,
    /// The digits of the date name no day, or no month of registration.
    #[error("the first digits are not a date")]
    Date,
    /// The digit of the century and sex, or of the kind of entity or department, has no meaning.
    #[error("the digit of the century and sex, or of the kind of entity, has no meaning")]
    TypeDigit,
}

impl NumberWarning {
    /// The stable name, `check-digit`, `date` or `type-digit`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CheckDigit => "check-digit",
            Self::Date => "date",
            Self::TypeDigit => "type-digit",
        }
    }
}

impl Digits {
    pub(super) fn parse(text: &str) -> Result<Self, IdentityNumberError> {
        // At most 13 characters are looked at, so a megabyte in this field costs nothing.
        for (at, character) in text.chars().take(12).enumerate() {
            if !character.is_ascii_digit() {
                return Err(IdentityNumberError::NotADigit { position: at + 1 });
            }
        }
        // The first twelve characters are ASCII, so the length in bytes is the length in characters up to there.
        <[u8; 12]>::try_from(text.as_bytes())
            .map(Self)
            .map_err(|_| IdentityNumberError::Length { found: text.chars().count() })
    }

    pub(super) fn as_str(&self) -> &str {
        // Always ASCII digits, see `parse`.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The value of the digit at `position`, counted from 1.
    pub(super) fn at(&self, position: usize) -> u8 {
        self.0[position - 1] - b'0'
    }

    /// The two digits starting at `position` as a number.
    pub(super) fn pair(&self, position: usize) -> u8 {
        self.at(position) * 10 + self.at(position + 1)
    }

    /// Whether the twelfth digit is the weighted sum of the first eleven modulo 11: weights 1 to 11, and when that
    /// gives 10, weights 3 to 11, 1, 2. A number for which both give 10 is never issued.
    pub(super) fn check_digit_ok(&self) -> bool {
        const FIRST: [u16; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        const SECOND: [u16; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];
        let sum = |weights: [u16; 11]| -> u16 {
            let digits = (1..=11).map(|position| u16::from(self.at(position)));
            digits.zip(weights).map(|(digit, weight)| digit * weight).sum::<u16>() % 11
        };
        let check = match sum(FIRST) {
            10 => sum(SECOND),
            check => check,
        };
        check == u16::from(self.at(12))
    }
}
