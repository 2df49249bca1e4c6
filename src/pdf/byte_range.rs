//! What a PDF signature is over: all of a revision but the place of the signature value itself (ISO 32000-2 section 12.8.1).

use std::io::{self, Read};
use std::ops::Range;

use lopdf::{Dictionary, Object};

use super::file::{Id, State};
use super::object::Item;
use super::xref::Entry;
use crate::crypto::{Digest, HashAlgorithm, Hasher};
use crate::signed::{FormatError, Reopen};

/// The largest signature value that is read: a CMS with a national revocation list in it is about 22 MB.
pub(super) const MAX_CONTENTS: usize = 64 * 1024 * 1024;

/// The bytes under a signature, in two parts around the value.
#[derive(Clone, Copy)]
pub(super) struct Ranges<'a> {
    before: &'a [u8],
    after: &'a [u8],
    /// Where the second part, and with it the revision, ends.
    pub(super) end: usize,
}

impl Reopen for Ranges<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.before.chain(self.after)))
    }
}

impl Ranges<'_> {
    /// Their digest.
    pub(super) fn digest(&self, algorithm: HashAlgorithm) -> Digest {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(self.before);
        hasher.update(self.after);
        hasher.finish()
    }

    /// Both in one piece.
    pub(super) fn to_vec(self) -> Vec<u8> {
        [self.before, self.after].concat()
    }
}

/// Finds what a signature dictionary covers, or says in plain words which rule it breaks.
///
/// The numbers of the dictionary are believed nothing: they must say what the place of the dictionary and of its value in
/// the file says.
pub(super) fn locate<'a>(state: &State<'_, 'a>, id: Id, item: &Item) -> Result<Ranges<'a>, &'static str> {
    let bytes = state.file.bytes;
    if !matches!(state.entry(id), Entry::At { .. }) {
        return Err("the signature dictionary lies in an object stream");
    }
    let (Object::Dictionary(dictionary), Some(entries)) = (&item.object, &item.entries) else {
        return Err("the signature dictionary is none");
    };
    let place = entries.iter().find(|(key, _)| key == b"Contents").map(|(_, place)| place.clone());
    let place: Range<usize> = place.ok_or("the signature dictionary has no Contents")?;
    let value = bytes.get(place.clone()).unwrap_or_default();
    if !value.starts_with(b"<") || value.starts_with(b"<<") {
        return Err("Contents is no hexadecimal string");
    }
    let numbers = dictionary.get(b"ByteRange").and_then(Object::as_array).map_err(|_| "there is no ByteRange")?;
    let numbers: Option<Vec<usize>> =
        numbers.iter().map(|number| number.as_i64().ok().and_then(|number| usize::try_from(number).ok())).collect();
    let numbers = numbers.ok_or("ByteRange has something in it that is no length")?;
    let &[start, first, second, length] = numbers.as_slice() else { return Err("ByteRange has not four numbers") };
    if start != 0 {
        return Err("ByteRange does not begin at the beginning");
    }
    if first != place.start || second != place.end {
        return Err("ByteRange leaves out something else than the value of this signature");
    }
    let end = second.checked_add(length).filter(|end| *end <= bytes.len()).ok_or("ByteRange goes beyond the file")?;
    if end < item.span.end {
        return Err("ByteRange ends before the signature dictionary does");
    }
    let parts = bytes.get(..first).zip(bytes.get(second..end));
    let (before, after) = parts.ok_or("ByteRange goes beyond the file")?;
    Ok(Ranges { before, after, end })
}

/// The signature value without the zeros that fill its place up.
pub(super) fn contents(dictionary: &Dictionary) -> Result<&[u8], FormatError> {
    let padded = dictionary.get(b"Contents").and_then(Object::as_str);
    let padded = padded.map_err(|_| FormatError::malformed("PDF: a signature without a value"))?;
    if padded.len() > MAX_CONTENTS {
        return Err(FormatError::TooMuch { what: "bytes in a PDF signature", limit: MAX_CONTENTS as u64 });
    }
    let length = der_length(padded).filter(|length| *length <= padded.len());
    let length = length.ok_or_else(|| FormatError::malformed("PDF: a signature value that is not DER"))?;
    let (value, filling) = padded.split_at(length);
    if filling.iter().any(|byte| *byte != 0) {
        return Err(FormatError::malformed("PDF: something behind the signature value"));
    }
    Ok(value)
}

/// How long the SEQUENCE is that bytes begin with, its header included. The value is DER (12.8.3.3.1), so it says.
fn der_length(bytes: &[u8]) -> Option<usize> {
    let (0x30, first) = (*bytes.first()?, usize::from(*bytes.get(1)?)) else { return None };
    if first < 0x80 {
        return Some(2 + first);
    }
    let octets = bytes.get(2..2 + (first - 0x80)).filter(|octets| matches!(octets.len(), 1..=4))?;
    let length = octets.iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet));
    length.checked_add(2 + octets.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_value_is_what_it_says() {
        for (bytes, length) in [
            (&[0x30, 3, 1, 1, 1, 0][..], Some(5)),
            (&[0x30, 0x82, 1, 0], Some(260)),
            (&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], Some(0xffff_ffff + 6)),
            (&[0x30, 0x80, 0, 0], None),
            (&[0x30, 0x85, 0, 0, 0, 0, 1], None),
            (&[0x04, 1, 1], None),
            (&[0x30], None),
            (&[], None),
        ] {
            assert_eq!(der_length(bytes), length, "{bytes:?}");
        }
    }

    #[test]
    fn filling_must_be_zeros() {
        let mut dictionary = Dictionary::new();
        for (value, read) in [
            (&[0x30, 1, 5][..], Some(3)),
            (&[0x30, 1, 5, 0, 0], Some(3)),
            (&[0x30, 1, 5, 0, 1], None),
            (&[0x30, 4, 5], None),
            (&[0, 0, 0], None),
        ] {
            dictionary.set("Contents", Object::String(value.to_vec(), lopdf::StringFormat::Hexadecimal));
            assert_eq!(contents(&dictionary).ok().map(<[u8]>::len), read, "{value:?}");
        }
    }
}
