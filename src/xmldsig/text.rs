//! From octets to characters: UTF-8, or UTF-16 with a byte order mark. Nothing else, and nothing guessed; a declaration of
//! another encoding does no harm where no octet is in need of it.

use std::borrow::Cow;

use super::limits::{MAX_BYTES, too_much};
use crate::signed::FormatError;

/// The encoding that the octets are in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    /// UTF-8, and no character beyond US-ASCII.
    Ascii,
    /// UTF-8.
    Utf8,
    /// UTF-16 of either byte order.
    Utf16,
}

impl Encoding {
    /// Whether the name in the XML declaration may stand for it. US-ASCII is a part of UTF-8, and of many others: in each of
    /// those, octets below 0x80 mean the same.
    fn may_be_called(self, name: &str) -> bool {
        const UTF_8: [&str; 4] = ["UTF-8", "UTF8", "US-ASCII", "ASCII"];
        const WITH_ASCII: [&str; 5] = ["ISO-8859-", "WINDOWS-125", "KOI8-", "CP125", "IBM866"];
        let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let begins = |known: &&str| name.get(..known.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(known));
        match self {
            Self::Ascii => is_one_of(&UTF_8) || WITH_ASCII.iter().any(begins),
            Self::Utf8 => is_one_of(&UTF_8),
            Self::Utf16 => is_one_of(&["UTF-16", "UTF-16LE", "UTF-16BE"]),
        }
    }

    /// Holds the declared encoding against the real one.
    pub fn check_declared(self, declared: Option<&str>) -> Result<(), FormatError> {
        match declared {
            Some(name) if !self.may_be_called(name) => {
                Err(FormatError::Unsupported("an XML encoding other than UTF-8 and UTF-16".into()))
            }
            _ => Ok(()),
        }
    }
}

/// Decodes a document, without its byte order mark, its line ends as XML has them.
pub fn decode(document: &[u8]) -> Result<(Cow<'_, str>, Encoding), FormatError> {
    let (characters, encoding) = characters(document)?;
    Ok((line_ends(characters), encoding))
}

/// The characters of a document as they stand, without its byte order mark.
pub fn characters(document: &[u8]) -> Result<(Cow<'_, str>, Encoding), FormatError> {
    if document.len() > MAX_BYTES {
        return Err(too_much("bytes", MAX_BYTES));
    }
    let (text, encoding) = match document {
        [0xff, 0xfe, rest @ ..] => (Cow::Owned(utf_16(rest, u16::from_le_bytes)?), Encoding::Utf16),
        [0xfe, 0xff, rest @ ..] => (Cow::Owned(utf_16(rest, u16::from_be_bytes)?), Encoding::Utf16),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            let text = std::str::from_utf8(rest).map_err(|_| FormatError::malformed("the document is not UTF-8"))?;
            (Cow::Borrowed(text), if text.is_ascii() { Encoding::Ascii } else { Encoding::Utf8 })
        }
    };
    // The parser would overlook a second one.
    if text.starts_with('\u{feff}') {
        return Err(FormatError::malformed("a byte order mark after the byte order mark"));
    }
    Ok((text, encoding))
}

/// Line ends as XML has them (XML 1.0, 2.11): the parser would keep carriage returns in comments and instructions.
pub fn line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}

fn utf_16(octets: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, FormatError> {
    let (pairs, rest) = octets.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(FormatError::malformed("an odd number of octets in UTF-16"));
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .map_err(|_| FormatError::malformed("the document is not UTF-16"))
}
