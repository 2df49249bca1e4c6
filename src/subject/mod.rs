//! Whom a certificate of the Kazakh profile names: a person, an organisation, a digital system.
//!
//! Read by OID from the encoded name, never from a printed one. The grammar is strict because the
//! answer decides whose application is accepted: exactly one SERIALNUMBER, `IIN` and twelve ASCII
//! digits; at most one organisational unit with an identity number, `BIN` and twelve ASCII digits.
//! Whatever resembles these without being them (Cyrillic look-alikes, a second value, an attribute
//! hidden in a multi-valued name, an exotic string type) is a [`SubjectDefect`], and a subject with a
//! defect matches nobody.

mod role;

pub use role::Role;

use crate::iin::{Bin, Iin};
use crate::x509::{Attribute, Certificate, GeneralName, Name, StringKind, oid};

/// Why the identity in a subject cannot be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectDefect {
    /// An identity number shares its relative name with other attributes.
    #[error("an identity number stands in a multi-valued relative name")]
    MultiValued,
    /// Several attributes that are, or look like, the same kind of identity number.
    #[error("there is more than one identity number of a kind")]
    Repeated,
    /// Looks like an identity number, but is not spelled as one.
    #[error("an identity number is not spelled «IIN» or «BIN» and twelve digits")]
    Spelling,
    /// An identity number in a string type that the profile does not use.
    #[error("an identity number has an unexpected string type")]
    StringType,
}

/// The subject of a certificate as the Kazakh profile has it.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    iin: Option<Iin>,
    bin: Option<Bin>,
    defect: Option<SubjectDefect>,
    roles: Vec<Role>,
    system: Option<String>,
}

impl Subject {
    /// Reads the subject and the roles of `certificate`.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        let mut subject = match read_numbers(certificate.subject()) {
            Ok((iin, bin)) => Self { iin, bin, ..Self::default() },
            Err(defect) => Self { defect: Some(defect), ..Self::default() },
        };
        subject.roles = certificate.extensions().extended_key_usage.iter().filter_map(Role::from_oid).collect();
        subject.system = certificate.subject().first(&oid::UID).map(str::to_owned);
        subject
    }

    /// The person's number, if there is exactly one and nothing contradicts it.
    #[must_use]
    pub fn iin(&self) -> Option<Iin> {
        self.iin
    }

    /// The organisation's number, if there is exactly one and nothing contradicts it.
    #[must_use]
    pub fn bin(&self) -> Option<Bin> {
        self.bin
    }

    /// Why there is no number although something resembles one.
    #[must_use]
    pub fn defect(&self) -> Option<SubjectDefect> {
        self.defect
    }

    /// Roles from extKeyUsage, in encoded order.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// UID of a digital system: the identifier of the system that holds the key.
    #[must_use]
    pub fn system(&self) -> Option<&str> {
        self.system.as_deref()
    }
}

/// E-mail of the holder: rfc822Name of subjectAltName, else emailAddress of the subject.
#[must_use]
pub fn email(certificate: &Certificate) -> Option<&str> {
    let alternative = certificate.extensions().subject_alt_names.iter().find_map(|name| match name {
        GeneralName::Email(address) => Some(&**address),
        _ => None,
    });
    alternative.or_else(|| certificate.subject().first(&oid::EMAIL))
}

/// What one attribute says about identity.
enum Claim {
    Iin(Iin),
    Bin(Bin),
    Nothing,
}

fn read_numbers(name: &Name) -> Result<(Option<Iin>, Option<Bin>), SubjectDefect> {
    let mut iin = None;
    let mut bin = None;
    let mut serial_numbers = 0;
    for rdn in name.rdns() {
        for attribute in rdn {
            let claim = if attribute.oid == oid::SERIAL_NUMBER {
                serial_numbers += 1;
                if serial_numbers > 1 {
                    return Err(SubjectDefect::Repeated);
                }
                read_serial_number(attribute)?
            } else if attribute.oid == oid::ORGANISATIONAL_UNIT {
                read_unit(attribute)?
            } else {
                Claim::Nothing
            };
            let repeated = match claim {
                Claim::Nothing => continue,
                Claim::Iin(number) => iin.replace(number).is_some(),
                Claim::Bin(number) => bin.replace(number).is_some(),
            };
            if repeated {
                return Err(SubjectDefect::Repeated);
            }
            if rdn.len() > 1 {
                return Err(SubjectDefect::MultiValued);
            }
        }
    }
    Ok((iin, bin))
}

/// SERIALNUMBER holds `IIN…`; some certificates of organisations hold `BIN…` there instead.
fn read_serial_number(attribute: &Attribute) -> Result<Claim, SubjectDefect> {
    if let Some(digits) = attribute.value.strip_prefix("IIN") {
        plain_string(attribute)?;
        return Iin::parse(digits).map(Claim::Iin).map_err(|_| SubjectDefect::Spelling);
    }
    if let Some(digits) = attribute.value.strip_prefix("BIN") {
        plain_string(attribute)?;
        return Bin::parse(digits).map(Claim::Bin).map_err(|_| SubjectDefect::Spelling);
    }
    // Certificates of other countries' authorities keep passport numbers and the like here.
    if resembles_number(&attribute.value) { Err(SubjectDefect::Spelling) } else { Ok(Claim::Nothing) }
}

/// An organisational unit may be the name of a department, but nothing that resembles a number.
fn read_unit(attribute: &Attribute) -> Result<Claim, SubjectDefect> {
    if let Some(number) = attribute.value.strip_prefix("BIN").and_then(|digits| Bin::parse(digits).ok()) {
        plain_string(attribute)?;
        return Ok(Claim::Bin(number));
    }
    if resembles_number(&attribute.value) { Err(SubjectDefect::Spelling) } else { Ok(Claim::Nothing) }
}

fn plain_string(attribute: &Attribute) -> Result<(), SubjectDefect> {
    match attribute.kind {
        StringKind::Printable | StringKind::Utf8 | StringKind::Ia5 => Ok(()),
        _ => Err(SubjectDefect::StringType),
    }
}

/// Twelve digits of any script in a row, spaces and punctuation aside; or a value that begins with what
/// reads as IIN or BIN (in either alphabet) followed by a digit.
fn resembles_number(value: &str) -> bool {
    let mut run = 0;
    let mut letters = ['\0'; 3];
    let mut seen = 0;
    for character in value.chars() {
        if character.is_numeric() {
            run += 1;
            if run >= 12 || (seen == letters.len() && reads_as_prefix(letters)) {
                return true;
            }
        } else if character.is_alphabetic() {
            run = 0;
            if let Some(letter) = letters.get_mut(seen) {
                *letter = character;
            }
            seen += 1;
        }
        // Anything else (space, dash, zero-width joiner, control) separates nothing.
    }
    false
}

/// `IIN` or `BIN`, and the Russian and Kazakh abbreviations, in any mixture of look-alike letters.
fn reads_as_prefix(letters: [char; 3]) -> bool {
    let folded = letters.map(|letter| match letter {
        'i' | 'I' | 'l' | '|' | 'і' | 'І' | 'Ι' | 'ι' | 'ı' | 'İ' | 'Ӏ' | 'ӏ' | 'Ｉ' => 'I',
        'b' | 'B' | 'в' | 'В' | 'Β' | 'β' | 'ƅ' | 'Ｂ' => 'B',
        'n' | 'N' | 'Ν' | 'ν' | 'ո' | 'п' | 'Ｎ' => 'N',
        other => other.to_lowercase().next().unwrap_or(other),
    });
    matches!(folded, ['I' | 'B', 'I', 'N'] | ['и' | 'б', 'и', 'н'] | ['ж' | 'б', 'с', 'н'])
}

#[cfg(test)]
mod tests {
    use super::resembles_number;

    #[test]
    fn look_alikes_are_recognised() {
        for value in [
            "ВIN123456789012",
            "BІN123456789012",
            "bin123456789012",
            "BIN 1234",
            "BIN-123456789012",
            "123456789012",
            "1234 5678 9012",
            "١٢٣٤٥٦٧٨٩٠١٢",
            "БИН 123456789012",
            "ЖСН123",
            "IIN\u{200b}123456789012",
        ] {
            assert!(resembles_number(value), "{value}");
        }
    }

    #[test]
    fn departments_are_left_alone() {
        for value in ["Департамент № 5", "IT", "BINOM 7", "Отдел 2024-2025", "Cabin 12", ""] {
            assert!(!resembles_number(value), "{value}");
        }
    }
}
