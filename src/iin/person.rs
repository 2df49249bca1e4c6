//! The IIN: `YYMMDD`, a digit for century and sex, four digits of order, the check digit.

use std::fmt;

use super::digits::{Digits, IdentityNumberError, NumberWarning};

/// The individual identity number of a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Iin(Digits);

/// The date of birth that an IIN encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDate {
    /// 1800 to 2099.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31, and a day that the month has.
    pub day: u8,
}

/// The sex that an IIN encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// An even seventh digit.
    Female,
    /// An odd seventh digit.
    Male,
}

impl Iin {
    /// Reads exactly twelve ASCII digits: no spaces, no `IIN` in front, no digits of other scripts.
    ///
    /// # Errors
    /// [`IdentityNumberError::Length`] and [`IdentityNumberError::NotADigit`].
    pub fn parse(text: &str) -> Result<Self, IdentityNumberError> {
        Digits::parse(text).map(Self)
    }

    /// Like [`Iin::parse`], and refuses what would otherwise be a warning.
    ///
    /// # Errors
    /// As [`Iin::parse`], and [`IdentityNumberError::Odd`] with the first oddity.
    pub fn parse_strict(text: &str) -> Result<Self, IdentityNumberError> {
        let number = Self::parse(text)?;
        match number.warnings().next() {
            Some(odd) => Err(IdentityNumberError::Odd(odd)),
            None => Ok(number),
        }
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The seventh digit: 1, 2 = born 1800–1899, 3, 4 = 1900–1999, 5, 6 = 2000–2099, odd for men and even for women;
    /// 0 = neither recorded.
    pub fn century_sex_digit(&self) -> u8 {
        self.0.at(7)
    }

    /// The date of birth, or `None` when the digits are no date or the seventh digit tells no century.
    pub fn birth_date(&self) -> Option<BirthDate> {
        let century = match self.century_sex_digit() {
            1 | 2 => 1800,
            3 | 4 => 1900,
            5 | 6 => 2000,
            _ => return None,
        };
        let date = BirthDate { year: century + u16::from(self.0.pair(1)), month: self.0.pair(3), day: self.0.pair(5) };
        (date.day >= 1 && date.day <= days_in_month(date.year, date.month)).then_some(date)
    }

    /// The sex, or `None` when the seventh digit is not 1 to 6.
    pub fn sex(&self) -> Option<Sex> {
        match self.century_sex_digit() {
            1 | 3 | 5 => Some(Sex::Male),
            2 | 4 | 6 => Some(Sex::Female),
            _ => None,
        }
    }

    /// Whether the check digit fits.
    pub fn check_digit_ok(&self) -> bool {
        self.0.check_digit_ok()
    }

    /// Whether the first six digits are a day: of the century told, or of any when none is told.
    pub fn date_ok(&self) -> bool {
        let day = self.0.pair(5);
        match self.century_sex_digit() {
            1..=6 => self.birth_date().is_some(),
            // 2000 is a leap year, 1900 is not: without a century, 000229 has to pass.
            _ => day >= 1 && day <= days_in_month(2000 + u16::from(self.0.pair(1)), self.0.pair(3)),
        }
    }

    /// Everything odd about the digits, in the order date, seventh digit, check digit.
    pub fn warnings(&self) -> impl Iterator<Item = NumberWarning> + use<> {
        let date = (!self.date_ok()).then_some(NumberWarning::Date);
        let kind = (self.century_sex_digit() > 6).then_some(NumberWarning::TypeDigit);
        let check = (!self.check_digit_ok()).then_some(NumberWarning::CheckDigit);
        [date, kind, check].into_iter().flatten()
    }
}

impl fmt::Debug for Iin {
    /// Hides the digits: a person's number does not belong in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iin(…)")
    }
}

/// How many days the month has; 0 when there is no such month.
fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appends the check digit by the rule as the regulations word it, independently of `Digits`.
    fn synthetic(eleven: &str) -> String {
        let digits: Vec<usize> = eleven.bytes().map(|byte| usize::from(byte - b'0')).collect();
        let first: usize = digits.iter().zip(1..).map(|(digit, weight)| digit * weight).sum();
        let second: usize = digits.iter().zip([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]).map(|(d, w)| d * w).sum();
        let check = if first % 11 == 10 { second % 11 } else { first % 11 };
        assert!(check < 10, "no number starts with {eleven}");
        format!("{eleven}{check}")
    }

    fn warnings(text: &str) -> Vec<NumberWarning> {
        Iin::parse(text).unwrap().warnings().collect()
    }

    #[test]
    fn a_well_formed_number_tells_birth_date_and_sex() {
        for (eleven, year, month, day, sex) in [
            ("85010130001", 1985, 1, 1, Sex::Male),
            ("00022960001", 2000, 2, 29, Sex::Female),
            ("99123110001", 1899, 12, 31, Sex::Male),
            ("05063050003", 2005, 6, 30, Sex::Male),
            ("00022840001", 1900, 2, 28, Sex::Female),
        ] {
            let text = synthetic(eleven);
            let iin = Iin::parse_strict(&text).unwrap();
            assert_eq!(iin.birth_date(), Some(BirthDate { year, month, day }), "{text}");
            assert_eq!(iin.sex(), Some(sex), "{text}");
            assert_eq!(iin.as_str(), text);
        }
    }

    #[test]
    fn the_second_row_of_weights_is_used_when_the_first_gives_ten() {
        let text = (0..1000)
            .map(|order| format!("8501013{order:04}"))
            .find(|eleven| {
                let sum: u32 = eleven.bytes().zip(1..).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
                let second: u32 = eleven
                    .bytes()
                    .zip([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2])
                    .map(|(byte, weight)| u32::from(byte - b'0') * weight)
                    .sum();
                sum % 11 == 10 && second % 11 < 10
            })
            .unwrap();
        assert!(Iin::parse(&synthetic(&text)).unwrap().check_digit_ok());
    }

    #[test]
    fn a_changed_digit_is_noticed_but_for_the_known_weak_spots_of_the_scheme() {
        let good = synthetic("85010130012");
        let mut unnoticed = 0;
        for position in 0..12 {
            for digit in b'0'..=b'9' {
                let mut bytes = good.clone().into_bytes();
                if bytes[position] == digit {
                    continue;
                }
                bytes[position] = digit;
                let changed = Iin::parse(std::str::from_utf8(&bytes).unwrap()).unwrap();
                assert_ne!(changed, Iin::parse(&good).unwrap());
                // The eleventh digit weighs 11 in the first row, and the second row can give the same digit.
                unnoticed += usize::from(changed.check_digit_ok() && position != 10);
                assert!(!changed.check_digit_ok() || position < 11);
            }
        }
        assert!(unnoticed <= 3, "{unnoticed} of 99 changes unnoticed");
    }

    #[test]
    fn only_twelve_ascii_digits_are_a_number() {
        for (text, error) in [
            ("", IdentityNumberError::Length { found: 0 }),
            ("85010130001", IdentityNumberError::Length { found: 11 }),
            ("8501013000123", IdentityNumberError::Length { found: 13 }),
            ("850101300012 ", IdentityNumberError::Length { found: 13 }),
            (" 850101300012", IdentityNumberError::NotADigit { position: 1 }),
            ("8501013O0012", IdentityNumberError::NotADigit { position: 8 }),
            ("85010130001З", IdentityNumberError::NotADigit { position: 12 }),
            ("٨٥٠١٠١٣٠٠٠١٢", IdentityNumberError::NotADigit { position: 1 }),
            ("８５０１０１３０００１２", IdentityNumberError::NotADigit { position: 1 }),
            ("IIN850101300012", IdentityNumberError::NotADigit { position: 1 }),
            ("-85010130001", IdentityNumberError::NotADigit { position: 1 }),
            ("850101300012\u{200b}", IdentityNumberError::Length { found: 13 }),
            ("85010130001\0", IdentityNumberError::NotADigit { position: 12 }),
        ] {
            assert_eq!(Iin::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn identities_of_the_official_test_keys_parse_with_warnings() {
        assert_eq!(
            warnings("123456789011"),
            [NumberWarning::Date, NumberWarning::TypeDigit, NumberWarning::CheckDigit]
        );
        assert_eq!(Iin::parse_strict("123456789011"), Err(IdentityNumberError::Odd(NumberWarning::Date)));
    }

    #[test]
    fn each_oddity_is_named_alone() {
        assert_eq!(warnings(&synthetic("85023030001")), [NumberWarning::Date]);
        assert_eq!(warnings(&synthetic("00022930001")), [NumberWarning::Date], "1900 had no 29 February");
        assert_eq!(warnings(&synthetic("85010190001")), [NumberWarning::TypeDigit]);
        assert_eq!(warnings(&synthetic("85010100001")), [], "0: neither century nor sex recorded");
        assert_eq!(Iin::parse(&synthetic("85010100001")).unwrap().birth_date(), None);
        let good = synthetic("85010130001");
        let last = if good.ends_with('0') { '1' } else { '0' };
        assert_eq!(warnings(&format!("{}{last}", &good[..11])), [NumberWarning::CheckDigit]);
    }

    #[test]
    fn debug_output_hides_the_digits() {
        let iin = Iin::parse(&synthetic("85010130001")).unwrap();
        assert_eq!(format!("{iin:?}"), "Iin(…)");
        assert!(!format!("{:?}", Some((iin,))).contains('8'));
    }
}
