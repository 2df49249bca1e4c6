//! The BIN: `YYMM` of registration, a digit for the kind of entity, a digit for the kind of department, five digits
//! of order, the check digit.

use std::fmt;

use super::digits::{Digits, IdentityNumberError, NumberWarning};

/// The business identification number of an organisation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bin(Digits);

/// The month of registration that a BIN encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Registration {
    /// The last two digits of the year; the number does not tell the century.
    pub year_of_century: u8,
    /// 1 to 12.
    pub month: u8,
}

/// The kind of entity that a BIN encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityKind {
    /// Fifth digit 6: individual entrepreneurs acting jointly.
    JointEntrepreneurs,
    /// Fifth digit 5: a legal entity that is not a resident.
    NonResident,
    /// Fifth digit 4: a legal entity that is a resident.
    Resident,
}

/// The kind of department that a BIN encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Department {
    /// Sixth digit 1.
    Branch,
    /// Sixth digit 3: a farm. Less certain than the others, no real number was seen.
    Farm,
    /// Sixth digit 0: the head organisation.
    Head,
    /// Sixth digit 2: a representative office.
    Representative,
}

impl Bin {
    /// Reads exactly twelve ASCII digits: no spaces, no `BIN` in front, no digits of other scripts.
    ///
    /// # Errors
    /// [`IdentityNumberError::Length`] and [`IdentityNumberError::NotADigit`].
    pub fn parse(text: &str) -> Result<Self, IdentityNumberError> {
        Digits::parse(text).map(Self)
    }

    /// Like [`Bin::parse`], and refuses what would otherwise be a warning.
    ///
    /// # Errors
    /// As [`Bin::parse`], and [`IdentityNumberError::Odd`] with the first oddity.
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

    /// The month of registration, or `None` when the third and fourth digits are no month.
    pub fn registration(&self) -> Option<Registration> {
        let month = self.0.pair(3);
        (1..=12).contains(&month).then(|| Registration { year_of_century: self.0.pair(1), month })
    }

    /// The kind of entity, or `None` when the fifth digit has no meaning.
    pub fn kind(&self) -> Option<EntityKind> {
        match self.0.at(5) {
            4 => Some(EntityKind::Resident),
            5 => Some(EntityKind::NonResident),
            6 => Some(EntityKind::JointEntrepreneurs),
            _ => None,
        }
    }

    /// The kind of department, or `None` when the sixth digit has no known meaning.
    pub fn department(&self) -> Option<Department> {
        match self.0.at(6) {
            0 => Some(Department::Head),
            1 => Some(Department::Branch),
            2 => Some(Department::Representative),
            3 => Some(Department::Farm),
            _ => None,
        }
    }

    /// Whether the check digit fits.
    pub fn check_digit_ok(&self) -> bool {
        self.0.check_digit_ok()
    }

    /// Whether the first four digits can be a month of registration.
    pub fn date_ok(&self) -> bool {
        self.registration().is_some()
    }

    /// Everything odd about the digits, in the order date, kind of entity, check digit. An unknown sixth digit is not
    /// odd: the list of departments is not settled.
    pub fn warnings(&self) -> impl Iterator<Item = NumberWarning> + use<> {
        let date = (!self.date_ok()).then_some(NumberWarning::Date);
        let kind = self.kind().is_none().then_some(NumberWarning::TypeDigit);
        let check = (!self.check_digit_ok()).then_some(NumberWarning::CheckDigit);
        [date, kind, check].into_iter().flatten()
    }
}

impl fmt::Debug for Bin {
    /// Hides the digits like [`super::Iin`]: the BIN of joint entrepreneurs stands for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_public_legal_entities_pass_the_strict_reading() {
        for (text, year_of_century, month) in
            [("000740000728", 0, 7), ("161140016747", 16, 11), ("990540004034", 99, 5), ("960440000538", 96, 4)]
        {
            let bin = Bin::parse_strict(text).unwrap();
            assert_eq!(bin.registration(), Some(Registration { year_of_century, month }));
            assert_eq!(bin.kind(), Some(EntityKind::Resident));
            assert_eq!(bin.department(), Some(Department::Head));
            assert_eq!(bin.as_str(), text);
        }
    }

    #[test]
    fn a_number_of_the_public_registry_fails_the_check_digit_and_is_still_a_number() {
        let bin = Bin::parse("191140008797").unwrap();
        assert_eq!(bin.warnings().collect::<Vec<_>>(), [NumberWarning::CheckDigit]);
        assert_eq!(Bin::parse_strict("191140008797"), Err(IdentityNumberError::Odd(NumberWarning::CheckDigit)));
    }

    #[test]
    fn the_organisation_of_the_official_test_keys_has_no_month() {
        let bin = Bin::parse("123456789021").unwrap();
        assert_eq!(bin.registration(), None);
        assert!(bin.warnings().any(|warning| warning == NumberWarning::Date));
    }

    #[test]
    fn kinds_and_departments_are_read_by_their_digits() {
        for (text, kind, department) in [
            ("000750000000", Some(EntityKind::NonResident), Some(Department::Head)),
            ("000761000000", Some(EntityKind::JointEntrepreneurs), Some(Department::Branch)),
            ("000742000000", Some(EntityKind::Resident), Some(Department::Representative)),
            ("000743000000", Some(EntityKind::Resident), Some(Department::Farm)),
            ("000739000000", None, None),
        ] {
            let bin = Bin::parse(text).unwrap();
            assert_eq!((bin.kind(), bin.department()), (kind, department), "{text}");
        }
    }

    #[test]
    fn letters_spaces_and_other_lengths_are_refused() {
        for text in ["", "00074000072", "0007400007288", "00074000072 ", "BIN000740000728", "ООО740000728"] {
            assert!(Bin::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn debug_output_hides_the_digits() {
        assert_eq!(format!("{:?}", Bin::parse("000740000728").unwrap()), "Bin(…)");
    }
}
