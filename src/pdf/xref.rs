//! Cross-reference sections (ISO 32000-2 section 7.5.4 and 7.5.8): where each revision says its objects lie.
//!
//! Read strictly, because what a reader repairs is what an attacker uses: no section nearby, no scan for objects, entries of
//! exactly twenty octets. lopdf reads cross references too, but all objects with them and leniently; here a revision is
//! only a table until an object is asked for.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object};

use super::lexer::{Lexer, is_space};
use super::object::{self, Item};
use crate::signed::FormatError;

/// Sections in one file: every revision has one or two. Hundreds of signatures would be a register, not a document.
const MAX_SECTIONS: usize = 512;
/// Entries in one file; a book of a thousand pages has some ten thousand objects.
const MAX_ENTRIES: usize = 500_000;
/// Decoded octets of all cross-reference streams: [`MAX_ENTRIES`] of the widest entries in use.
const MAX_DECODED: usize = 16 * MAX_ENTRIES;

/// What the sections of a file may still cost.
struct Budget {
    entries: usize,
    decoded: usize,
}
/// `startxref` stands that close to the end (ISO 32000-2 annex I has 1024 for `%%EOF`).
const TAIL: usize = 1024;

impl Budget {
    /// Takes off an entry, whatever it says.
    fn take(&mut self) -> Result<(), FormatError> {
        let left = self.entries.checked_sub(1);
        self.entries = left.ok_or(FormatError::TooMuch { what: "PDF objects", limit: MAX_ENTRIES as u64 })?;
        Ok(())
    }
}

/// Where an object lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Entry {
    /// By itself at an offset.
    At {
        /// Offset of `12 0 obj`.
        offset: usize,
        /// The generation.
        generation: u16,
    },
    /// Nowhere.
    Free,
    /// In an object stream.
    Inside {
        /// Number of the object stream.
        container: u32,
        /// Its place there.
        index: u32,
    },
}

/// One cross-reference section.
pub(super) struct Section {
    /// Its offset.
    pub(super) at: usize,
    /// What it says.
    pub(super) entries: BTreeMap<u32, Entry>,
    /// Its trailer.
    pub(super) trailer: Dictionary,
    /// Whether it is a cross-reference stream, not a table.
    pub(super) is_stream: bool,
}

fn fault(what: &str) -> FormatError {
    FormatError::malformed(format!("PDF cross references: {what}"))
}

/// The offset that the `startxref` at the very end of a revision names; `None` when bytes end otherwise.
pub(super) fn start(bytes: &[u8]) -> Option<usize> {
    let trimmed = trim_end(bytes);
    let rest = trim_end(trimmed.strip_suffix(b"%%EOF")?);
    let from = rest.len().saturating_sub(TAIL);
    let tail = rest.get(from..)?;
    let word = b"startxref";
    let found = tail.windows(word.len()).rposition(|window| window == word)?;
    let mut lexer = Lexer::at(tail, found + word.len());
    lexer.skip_space();
    let offset = usize::try_from(lexer.unsigned()?).ok()?;
    (lexer.offset() == tail.len()).then_some(offset)
}

fn trim_end(bytes: &[u8]) -> &[u8] {
    let kept = bytes.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
    bytes.get(..kept).unwrap_or_default()
}

/// The sections of a file, newest first.
pub(super) fn sections(bytes: &[u8]) -> Result<Vec<Section>, FormatError> {
    let mut next = Some(start(bytes).ok_or_else(|| fault("the file does not end with startxref and %%EOF"))?);
    let mut sections: Vec<Section> = Vec::new();
    let mut budget = Budget { entries: MAX_ENTRIES, decoded: MAX_DECODED };
    while let Some(at) = next {
        if sections.iter().any(|section| section.at == at) {
            return Err(fault("they go round in a circle"));
        }
        if sections.len() == MAX_SECTIONS {
            return Err(FormatError::TooMuch { what: "revisions", limit: MAX_SECTIONS as u64 });
        }
        let section = section(bytes, at, &mut budget)?;
        next = offset_of(&section.trailer, b"Prev")?;
        sections.push(section);
    }
    Ok(sections)
}

/// An offset in a trailer.
fn offset_of(trailer: &Dictionary, key: &[u8]) -> Result<Option<usize>, FormatError> {
    match trailer.get(key) {
        Err(_) => Ok(None),
        Ok(Object::Integer(offset)) => usize::try_from(*offset).map(Some).map_err(|_| fault("a negative offset")),
        Ok(_) => Err(fault("an offset that is no number")),
    }
}

fn section(bytes: &[u8], at: usize, budget: &mut Budget) -> Result<Section, FormatError> {
    let mut lexer = Lexer::at(bytes, at);
    if !lexer.keyword(b"xref") {
        return stream(bytes, at, budget);
    }
    let mut entries = table(bytes, &mut lexer, budget)?;
    lexer.skip_space();
    let trailer = object::dictionary(bytes, &mut lexer)?;
    // A hybrid file (7.5.8.4): what the table calls free may stand in a stream that older readers do not know.
    if let Some(at) = offset_of(&trailer, b"XRefStm")? {
        for (number, entry) in stream(bytes, at, budget)?.entries {
            let known = entries.entry(number).or_insert(entry);
            if *known == Entry::Free {
                *known = entry;
            } else if *known != entry && entry != Entry::Free {
                // Readers differ in which of the two they believe.
                return Err(fault("an object that a hybrid section has in two places"));
            }
        }
    }
    Ok(Section { at, entries, trailer, is_stream: false })
}

/// The subsections of a table, up to and with the word `trailer`.
fn table<'a>(bytes: &'a [u8], lexer: &mut Lexer<'a>, budget: &mut Budget) -> Result<BTreeMap<u32, Entry>, FormatError> {
    let mut entries = BTreeMap::new();
    loop {
        lexer.skip_space();
        if lexer.keyword(b"trailer") {
            return Ok(entries);
        }
        let first = lexer.unsigned().ok_or_else(|| fault("a broken table"))?;
        lexer.skip_space();
        let count = lexer.unsigned().ok_or_else(|| fault("a broken table"))?;
        lexer.skip_space();
        for number in first..first.saturating_add(count) {
            budget.take()?;
            let at = lexer.offset();
            let raw = bytes.get(at..at.saturating_add(20)).ok_or_else(|| fault("a table that ends early"))?;
            let entry = entry(raw).ok_or_else(|| fault("a broken table entry"))?;
            *lexer = Lexer::at(bytes, at + 20);
            add(&mut entries, number, entry)?;
        }
    }
}

fn add(entries: &mut BTreeMap<u32, Entry>, number: u64, entry: Entry) -> Result<(), FormatError> {
    let number = u32::try_from(number).map_err(|_| fault("an object number too large"))?;
    match entries.insert(number, entry) {
        None => Ok(()),
        Some(_) => Err(fault("an object that a section names twice")),
    }
}

/// `0000000017 00000 n` and two octets of line end.
fn entry(raw: &[u8]) -> Option<Entry> {
    let digits = |range| -> Option<usize> {
        let digits: &[u8] = raw.get(range)?;
        digits.iter().all(u8::is_ascii_digit).then_some(())?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    };
    let (offset, generation) = (digits(0..10)?, digits(11..16)?);
    let spaces = raw.get(10) == Some(&b' ') && raw.get(16) == Some(&b' ');
    let line_end = matches!(raw.get(18..20)?, b" \r" | b" \n" | b"\r\n");
    match raw.get(17) {
        Some(b'n') if spaces && line_end => Some(Entry::At { offset, generation: u16::try_from(generation).ok()? }),
        Some(b'f') if spaces && line_end => Some(Entry::Free),
        _ => None,
    }
}

/// A cross-reference stream (section 7.5.8).
fn stream(bytes: &[u8], at: usize, budget: &mut Budget) -> Result<Section, FormatError> {
    let Item { object, content, .. } = object::item(bytes, at, None, |_| None)?.1;
    let (Object::Dictionary(trailer), Some(content)) = (object, content) else {
        return Err(fault("startxref or Prev leads to something else"));
    };
    if !trailer.has_type(b"XRef") {
        return Err(fault("startxref or Prev leads to another stream"));
    }
    let decoded = object::decode(&trailer, bytes.get(content).unwrap_or_default(), budget.decoded)?;
    budget.decoded -= decoded.len();
    let entries = stream_entries(&trailer, &decoded, budget)?;
    Ok(Section { at, entries, trailer, is_stream: true })
}

/// The numbers of an array of them.
fn numbers(trailer: &Dictionary, key: &[u8]) -> Option<Vec<usize>> {
    let array = trailer.get(key).ok()?.as_array().ok()?;
    array.iter().map(|number| number.as_i64().ok().and_then(|number| usize::try_from(number).ok())).collect()
}

fn stream_entries(
    trailer: &Dictionary,
    decoded: &[u8],
    budget: &mut Budget,
) -> Result<BTreeMap<u32, Entry>, FormatError> {
    let widths = numbers(trailer, b"W").ok_or_else(|| fault("a stream without W"))?;
    let &[kind, second, third] = widths.as_slice() else { return Err(fault("W that has not three numbers")) };
    let width = kind + second.min(9) + third.min(9);
    if kind > 8 || second > 8 || third > 8 || width == 0 {
        return Err(fault("W out of range"));
    }
    let index = match trailer.has(b"Index") {
        true => numbers(trailer, b"Index").ok_or_else(|| fault("a broken Index"))?,
        false => vec![0, decoded.len() / width],
    };
    let mut entries = BTreeMap::new();
    let mut records = decoded.chunks_exact(width);
    for pair in index.chunks(2) {
        let &[first, count] = pair else { return Err(fault("a broken Index")) };
        for number in first..first.saturating_add(count) {
            let record = records.next().ok_or_else(|| fault("a stream that ends early"))?;
            budget.take()?;
            add(&mut entries, number as u64, record_entry(record, kind, second)?)?;
        }
    }
    Ok(entries)
}

/// One record; a kind that is not known counts as null (7.5.8.3), which hides what older sections say.
fn record_entry(record: &[u8], kind: usize, second: usize) -> Result<Entry, FormatError> {
    let number = |bytes: Option<&[u8]>| {
        bytes.unwrap_or_default().iter().try_fold(0_usize, |number, byte| {
            number.checked_mul(256).map(|number| number + usize::from(*byte)).ok_or_else(|| fault("a number too large"))
        })
    };
    let kind_of_entry = if kind == 0 { 1 } else { number(record.get(..kind))? };
    let first = number(record.get(kind..kind + second))?;
    let last = number(record.get(kind + second..))?;
    let large = |_| fault("a number too large");
    Ok(match kind_of_entry {
        1 => Entry::At { offset: first, generation: u16::try_from(last).map_err(large)? },
        2 => Entry::Inside {
            container: u32::try_from(first).map_err(large)?,
            index: u32::try_from(last).map_err(large)?,
        },
        _ => Entry::Free,
    })
}
