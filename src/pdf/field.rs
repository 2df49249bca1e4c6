//! Signature fields of the form (ISO 32000-2 section 12.7.5.5).

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::file::{Id, State};
use crate::clock::{Civil, Time};
use crate::signed::FormatError;

/// Fields of a form; long questionnaires have some thousand.
const MAX_FIELDS: usize = 20_000;
/// Levels of the tree of fields.
const MAX_LEVELS: usize = 32;
/// Letters of a field's name that a label keeps.
const MAX_LABEL: usize = 64;

/// A signature field, signed or not.
pub(super) struct Field {
    /// Its object.
    pub(super) id: Id,
    /// Its full name.
    pub(super) name: String,
    /// Its value.
    pub(super) value: Value,
}

/// The value of a signature field. What stands in the file is not kept: a hostile form has thousands of fields.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Value {
    /// Something that is no object of its own.
    Inline,
    /// Not signed.
    None,
    /// The signature dictionary.
    Object(Id),
}

/// The dictionary of the form; empty when there is none.
pub(super) fn form(state: &State<'_, '_>, catalog: &Dictionary) -> Result<Dictionary, FormatError> {
    match state.entry_of(catalog, b"AcroForm")? {
        Object::Dictionary(form) => Ok(form),
        Object::Null => Ok(Dictionary::new()),
        _ => Err(FormatError::malformed("PDF: a form that is none")),
    }
}

/// The elements of an array that may be absent.
pub(super) fn array(state: &State<'_, '_>, dictionary: &Dictionary, key: &[u8]) -> Result<Vec<Object>, FormatError> {
    match state.entry_of(dictionary, key)? {
        Object::Array(elements) => Ok(elements),
        Object::Null => Ok(Vec::new()),
        _ => Err(FormatError::malformed("PDF: something else where an array should stand")),
    }
}

/// What a field has from those above it.
struct Above {
    element: Object,
    name: String,
    is_signature: bool,
    level: usize,
}

/// The signature fields, in the order of the form.
pub(super) fn signature_fields(state: &State<'_, '_>) -> Result<Vec<Field>, FormatError> {
    let (_, catalog) = state.catalog()?;
    let form = form(state, &catalog)?;
    let above = |element| Above { element, name: String::new(), is_signature: false, level: 0 };
    let mut open: Vec<Above> = array(state, &form, b"Fields")?.into_iter().rev().map(above).collect();
    let mut seen = BTreeSet::new();
    let mut fields = Vec::new();
    while let Some(Above { element, name, is_signature, level }) = open.pop() {
        let Object::Reference(id) = element else {
            return Err(FormatError::malformed("PDF: a form field that is not an object of its own"));
        };
        if !seen.insert(id) {
            return Err(FormatError::malformed("PDF: a form field that stands twice in the form"));
        }
        if seen.len() > MAX_FIELDS || level > MAX_LEVELS {
            return Err(FormatError::TooMuch { what: "form fields", limit: MAX_FIELDS as u64 });
        }
        let Object::Dictionary(dictionary) = state.resolve(&element)? else { continue };
        let is_signature = match state.entry_of(&dictionary, b"FT")? {
            Object::Name(kind) => kind == b"Sig",
            _ => is_signature,
        };
        let name = match state.entry_of(&dictionary, b"T")? {
            Object::String(own, _) if name.is_empty() => text(&own),
            Object::String(own, _) => format!("{name}.{}", text(&own)),
            _ => name,
        };
        for element in array(state, &dictionary, b"Kids")?.into_iter().rev() {
            open.push(Above { element, name: name.clone(), is_signature, level: level + 1 });
        }
        let value = match dictionary.get(b"V") {
            Err(_) | Ok(Object::Null) => Value::None,
            Ok(Object::Reference(id)) => Value::Object(*id),
            Ok(_) => Value::Inline,
        };
        if is_signature {
            fields.push(Field { id, name, value });
        }
    }
    Ok(fields)
}

/// A text string (7.9.2.2) as it may stand in a label: cut, and without control characters.
pub(super) fn text(bytes: &[u8]) -> String {
    let decoded = match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        bytes => String::from_utf8_lossy(bytes).into_owned(),
    };
    let plain = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
    decoded.chars().take(MAX_LABEL).map(plain).collect()
}

/// A date (7.9.4): `D:20261122101500+05'00'`; what is left out at the end is the smallest there is.
pub(super) fn date(bytes: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix("D:")?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = text.split_at_checked(digits)?;
    let part = |at: usize, otherwise: u16| match digits.get(at..at + 2) {
        Some(two) => two.parse().ok(),
        None => (digits.len() <= at).then_some(otherwise),
    };
    let small = |number: Option<u16>| number.and_then(|number| u8::try_from(number).ok());
    let local = Time::from_civil(Civil {
        year: digits.get(..4)?.parse().ok()?,
        month: small(part(4, 1))?,
        day: small(part(6, 1))?,
        hour: small(part(8, 0))?,
        minute: small(part(10, 0))?,
        second: small(part(12, 0))?,
    })?;
    let (sign, rest) = match zone.as_bytes().first() {
        None | Some(b'Z') => return Some(local),
        Some(b'+') => (-1, zone.get(1..)?),
        Some(b'-') => (1, zone.get(1..)?),
        Some(_) => return None,
    };
    let mut parts = rest.split('\'').filter(|part| !part.is_empty()).map(|part| part.parse::<u8>().ok());
    let (hours, minutes) = (parts.next()??, parts.next().unwrap_or(Some(0))?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    Some(local.plus_seconds(sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_their_zone() {
        for (text, read) in [
            ("D:20261122101500+05'00'", Some("2026-11-22T05:15:00Z")),
            ("D:20261122101500+05'00", Some("2026-11-22T05:15:00Z")),
            ("D:20261122101500-01'30'", Some("2026-11-22T11:45:00Z")),
            ("D:20261122101500Z", Some("2026-11-22T10:15:00Z")),
            ("D:20261122101500Z00'00'", Some("2026-11-22T10:15:00Z")),
            ("D:2026", Some("2026-01-01T00:00:00Z")),
            ("20261122", None),
            ("D:2026112", None),
            ("D:20261322", None),
            ("D:20261122101500+25'00'", None),
            ("D:20261122101500?", None),
        ] {
            assert_eq!(date(text.as_bytes()).map(|time| time.to_string()).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn names_are_shown_without_what_a_terminal_obeys() {
        assert_eq!(text(b"Signature1"), "Signature1");
        assert_eq!(text(b"\xfe\xff\x04\x1f\x04\x1e"), "\u{41f}\u{41e}");
        assert_eq!(text(b"a\x1b[2J"), "a\u{fffd}[2J");
        assert_eq!(text(&[b'x'; 1000]).len(), MAX_LABEL);
    }
}
