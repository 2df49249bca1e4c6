//! Changes to an object in the text that it is written in, so that what nobody touches stays octet for octet: numbers are
//! not rounded, strings not written in another way.

use std::io::Write as _;
use std::ops::Range;

use lopdf::Object;

use crate::pdf::file::Id;
use crate::pdf::lexer::Lexer;
use crate::pdf::object::{self, Item};
use crate::signed::FormatError;

fn fault(what: &'static str) -> FormatError {
    FormatError::malformed(format!("PDF: {what}"))
}

/// One value, which is the whole text.
pub(super) fn parse(text: &[u8]) -> Result<Item, FormatError> {
    object::value(text, &mut Lexer::at(text, 0))
}

/// An entry of a dictionary: its value, and where it stands in the text.
pub(super) fn entry(dictionary: &[u8], key: &[u8]) -> Result<Option<(Object, Range<usize>)>, FormatError> {
    let Item { object: Object::Dictionary(values), entries: Some(entries), .. } = parse(dictionary)? else {
        return Err(fault("something else where a dictionary should stand"));
    };
    let place = entries.into_iter().find(|(own, _)| own == key).map(|(_, place)| place);
    Ok(values.get(key).ok().cloned().zip(place))
}

/// A dictionary with an entry set, where it stands or at the end.
pub(super) fn with_entry(dictionary: &[u8], key: &str, value: &[u8]) -> Result<Vec<u8>, FormatError> {
    match entry(dictionary, key.as_bytes())? {
        // White space on both sides: the value that stood there may have been a delimiter of its own.
        Some((_, place)) => splice(dictionary, place, &[b" ", value, b" "].concat()),
        None => before_end(dictionary, b">>", &[b" /", key.as_bytes(), b" ", value, b" "].concat()),
    }
}

/// An array with another element at its end.
pub(super) fn with_element(array: &[u8], element: &[u8]) -> Result<Vec<u8>, FormatError> {
    before_end(array, b"]", &[b" ", element].concat())
}

/// A reference as it is written.
pub(super) fn reference((number, generation): Id) -> Vec<u8> {
    format!("{number} {generation} R").into_bytes()
}

/// A string in hexadecimal, which needs no escapes.
pub(super) fn hexadecimal(octets: &[u8]) -> Vec<u8> {
    let mut text = vec![b'<'];
    text.extend(octets.iter().flat_map(|octet| hex_digits(*octet)));
    text.push(b'>');
    text
}

/// A text string (7.9.2.2): plain where it can be, UTF-16 otherwise.
pub(super) fn string(text: &str) -> Vec<u8> {
    if text.bytes().all(|octet| matches!(octet, b' '..=b'~') && !matches!(octet, b'(' | b')' | b'\\')) {
        return format!("({text})").into_bytes();
    }
    let mut octets = vec![0xfe, 0xff];
    octets.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    hexadecimal(&octets)
}

/// The two digits of an octet.
pub(super) fn hex_digits(octet: u8) -> [u8; 2] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    [digit(octet >> 4), digit(octet & 0xf)]
}

/// A stream object, not compressed.
pub(super) fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(content.len() + entries.len() + 64);
    // Writing into a vector does not fail.
    let _ = write!(text, "<< {entries}/Length {} >>\nstream\n", content.len());
    text.extend_from_slice(content);
    text.extend_from_slice(b"\nendstream");
    text
}

fn splice(text: &[u8], place: Range<usize>, new: &[u8]) -> Result<Vec<u8>, FormatError> {
    let parts = text.get(..place.start).zip(text.get(place.end..));
    let (before, after) = parts.ok_or_else(|| fault("an entry outside its dictionary"))?;
    Ok([before, new, after].concat())
}

fn before_end(text: &[u8], end: &[u8], new: &[u8]) -> Result<Vec<u8>, FormatError> {
    let before = text.strip_suffix(end).ok_or_else(|| fault("an object that does not end where it should"))?;
    Ok([before, new, end].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: Result<Vec<u8>, FormatError>) -> String {
        String::from_utf8(text.unwrap()).unwrap()
    }

    #[test]
    fn what_nobody_touches_stays_as_it_is_written() {
        let text = b"<</A 0.10/B(a\\)b)%c\n/C<</D 1>>>>";
        assert_eq!(shown(with_entry(text, "C", b"2 0 R")), "<</A 0.10/B(a\\)b)%c\n/C 2 0 R >>");
        assert_eq!(shown(with_entry(text, "E", b"null")), "<</A 0.10/B(a\\)b)%c\n/C<</D 1>> /E null >>");
        assert_eq!(shown(with_element(b"[1 0 R%x\n]", b"2 0 R")), "[1 0 R%x\n 2 0 R]");
        assert_eq!(shown(with_element(b"[]", b"2 0 R")), "[ 2 0 R]");
    }

    #[test]
    fn a_key_further_down_or_in_a_string_is_not_taken_for_the_entry() {
        let text = b"<</A(/C 1)/B<</C 1>>>>";
        assert!(entry(text, b"C").unwrap().is_none());
        assert_eq!(shown(with_entry(text, "C", b"2")), "<</A(/C 1)/B<</C 1>> /C 2 >>");
        // The same key, written with an escape.
        assert_eq!(shown(with_entry(b"<</#43 1>>", "C", b"2")), "<</#43  2 >>");
    }

    #[test]
    fn what_is_no_dictionary_is_refused() {
        for text in [&b"[1]"[..], b"1 0 R", b"", b"<</A", b"<</A 1/A 2>>"] {
            assert!(with_entry(text, "C", b"2").is_err(), "{text:?}");
        }
        assert!(with_element(b"<<>>", b"1").is_err());
    }

    #[test]
    fn texts_are_plain_or_utf_16() {
        assert_eq!(string("licence KZ1"), b"(licence KZ1)");
        assert_eq!(string("a)"), b"<feff00610029>");
        assert_eq!(string("№"), b"<feff2116>");
    }
}
