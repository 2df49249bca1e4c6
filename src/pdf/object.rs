//! One object: its bounds by our own walk, its value by lopdf, and the two compared.

use std::ops::Range;

use lopdf::{Dictionary, Object, ObjectStream, Stream};

use super::lexer::{Entries, Lexer, Walked};
use crate::signed::FormatError;

/// An object as it lies in the file.
pub(super) struct Item {
    /// Its value; of a stream the dictionary.
    pub(super) object: Object,
    /// Where its value lies: in the file, or in its object stream.
    pub(super) span: Range<usize>,
    /// Where the entries of a dictionary lie.
    pub(super) entries: Option<Entries>,
    /// Where the content of a stream lies.
    pub(super) content: Option<Range<usize>>,
    /// Octets walked over to read it.
    pub(super) cost: usize,
}

impl Item {
    /// The dictionary that it is, unless it is that of a stream.
    pub(super) fn plain_dictionary(&self) -> Option<&Dictionary> {
        match (&self.object, &self.content) {
            (Object::Dictionary(dictionary), None) => Some(dictionary),
            _ => None,
        }
    }
}

fn fault(what: &'static str) -> FormatError {
    FormatError::malformed(format!("PDF: {what}"))
}

/// Reads `12 0 obj … endobj` at an offset; `expected` is the number and generation it must have, `length` looks up the
/// length of a stream when it is a reference.
pub(super) fn item(
    bytes: &[u8],
    at: usize,
    expected: Option<(u32, u16)>,
    length: impl FnOnce((u32, u16)) -> Option<usize>,
) -> Result<((u32, u16), Item), FormatError> {
    let mut lexer = Lexer::at(bytes, at);
    // Writers count the line end before an object to it now and then.
    let _ = lexer.take(b"\r\n") || lexer.take(b"\n") || lexer.take(b"\r");
    let id = lexer.object_header().ok_or_else(|| fault("no object where the cross references say so"))?;
    if expected.is_some_and(|expected| expected != id) {
        return Err(fault("another object than the cross references say"));
    }
    let mut item = value(bytes, &mut lexer)?;
    lexer.skip_space();
    if let (true, Object::Dictionary(dictionary)) = (lexer.keyword(b"stream"), &item.object) {
        if !lexer.take(b"\r\n") && !lexer.take(b"\n") {
            return Err(fault("a stream that does not begin on a line of its own"));
        }
        let length = match dictionary.get(b"Length") {
            Ok(Object::Integer(length)) => usize::try_from(*length).ok(),
            Ok(Object::Reference(id)) => length(*id),
            _ => None,
        };
        let start = lexer.offset();
        let end = length.and_then(|length| start.checked_add(length)).filter(|end| *end <= bytes.len());
        let end = end.ok_or_else(|| fault("a stream of a length that cannot be"))?;
        lexer = Lexer::at(bytes, end);
        lexer.skip_space();
        if !lexer.keyword(b"endstream") {
            return Err(fault("a stream that does not end where it should"));
        }
        item.content = Some(start..end);
        lexer.skip_space();
    }
    if !lexer.keyword(b"endobj") {
        return Err(fault("an object that does not end where it should"));
    }
    item.cost = lexer.offset().saturating_sub(at).saturating_sub(item.content.as_ref().map_or(0, Range::len));
    Ok((id, item))
}

/// Reads one value where the walk stands.
pub(super) fn value(bytes: &[u8], lexer: &mut Lexer<'_>) -> Result<Item, FormatError> {
    let Walked { span, entries } = lexer.value()?;
    let object = parse(bytes.get(span.clone()).unwrap_or_default())?;
    let agreed = match (&object, &entries) {
        (Object::Dictionary(dictionary), Some(entries)) => {
            dictionary.len() == entries.len() && entries.iter().all(|(key, _)| dictionary.has(key))
        }
        (Object::Dictionary(_), None) | (_, Some(_)) => false,
        (_, None) => true,
    };
    let cost = span.len();
    if agreed {
        Ok(Item { object, span, entries, content: None, cost })
    } else {
        Err(fault("an object read in two ways"))
    }
}

/// Reads a dictionary where the walk stands.
pub(super) fn dictionary(bytes: &[u8], lexer: &mut Lexer<'_>) -> Result<Dictionary, FormatError> {
    match value(bytes, lexer)?.object {
        Object::Dictionary(dictionary) => Ok(dictionary),
        _ => Err(fault("something else where a dictionary should stand")),
    }
}

/// The value of one object's bytes. lopdf reads single objects through object streams only, so this wraps one.
fn parse(bytes: &[u8]) -> Result<Object, FormatError> {
    let index = b"0 0 ";
    let mut dictionary = Dictionary::new();
    dictionary.set("N", 1);
    dictionary.set("First", index.len() as i64);
    let stream = Stream::new(dictionary, [index, bytes].concat());
    let mut read = ObjectStream::new_with_limit(&stream, Some(stream.content.len()))
        .map_err(|_| fault("an object that cannot be read"))?;
    read.objects.remove(&(0, 0)).ok_or_else(|| fault("an object that cannot be read"))
}

/// Filters that every reader undoes in the same way. What stands elsewhere in the file lopdf would take for no filter.
fn check_filters(dictionary: &Dictionary) -> Result<(), FormatError> {
    const KNOWN: [&[u8]; 4] = [b"ASCII85Decode", b"ASCIIHexDecode", b"FlateDecode", b"LZWDecode"];
    let is_known = |filter: &Object| filter.as_name().is_ok_and(|name| KNOWN.contains(&name));
    let known = match dictionary.get(b"Filter") {
        Err(_) => true,
        Ok(Object::Array(filters)) => filters.iter().all(is_known),
        Ok(filter) => is_known(filter),
    };
    let is_direct = |object: &Object| match object {
        Object::Dictionary(parameters) => parameters.iter().all(|(_, value)| value.as_reference().is_err()),
        object => *object == Object::Null,
    };
    let direct = match dictionary.get(b"DecodeParms") {
        Err(_) => true,
        Ok(Object::Array(parameters)) => parameters.iter().all(is_direct),
        Ok(parameters) => is_direct(parameters),
    };
    if known && direct {
        Ok(())
    } else {
        Err(FormatError::Unsupported("a PDF stream with filters other than the usual ones".into()))
    }
}

/// The content of a stream with its filters undone, at most `limit` octets of it.
pub(super) fn decode(dictionary: &Dictionary, content: &[u8], limit: usize) -> Result<Vec<u8>, FormatError> {
    if dictionary.has(b"F") {
        return Err(fault("a stream that lies in another file"));
    }
    check_filters(dictionary)?;
    Stream::new(dictionary.clone(), content.to_vec()).get_plain_content_with_limit(limit).map_err(|error| match error {
        lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => {
            FormatError::TooMuch { what: "bytes in a PDF stream", limit: limit as u64 }
        }
        _ => fault("a stream that cannot be unpacked"),
    })
}
