//! The cross-reference section of a new revision, of the kind that the last one is of: a file whose newest section is a
//! stream may have objects that no table can tell of, and readers that know tables alone do not open it anyway.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object};

use super::revision::fault;
use super::text;
use crate::crypto::sha256;
use crate::pdf::file::State;
use crate::signed::MakeError;

/// The largest offset that an entry of a table has digits for (ISO 32000-2 section 7.5.4).
const MAX_OFFSET: usize = 9_999_999_999;

/// Appends the section for objects at these offsets, each with its generation; `next` is the first number not in use.
pub(super) fn append(
    state: &State<'_, '_>,
    mut offsets: BTreeMap<u32, (usize, u16)>,
    next: u32,
    bytes: &mut Vec<u8>,
) -> Result<(), MakeError> {
    let before = state.section().ok_or_else(|| fault("a file without cross references"))?;
    let at = state.file.bytes.len() + bytes.len();
    if at > MAX_OFFSET {
        return Err(MakeError::Document(format!("it is larger than {MAX_OFFSET} octets")));
    }
    let kept = kept(&before.trailer, at)?;
    if before.is_stream {
        offsets.insert(next, (at, 0));
        let size = next + 1;
        bytes.extend_from_slice(format!("{next} 0 obj\n").as_bytes());
        let (index, records) = records(&offsets);
        let entries = format!("/Type /XRef /Size {size} /W [1 5 2] /Index [{index}] /Prev {} {kept}", before.at);
        bytes.extend(text::stream(&entries, &records));
        bytes.extend_from_slice(b"\nendobj\n");
    } else {
        bytes.extend_from_slice(b"xref\n");
        for row in rows(&offsets) {
            let Some((first, ..)) = row.first() else { continue };
            bytes.extend_from_slice(format!("{first} {}\n", row.len()).as_bytes());
            for (_, offset, generation) in row {
                bytes.extend_from_slice(format!("{offset:010} {generation:05} n \n").as_bytes());
            }
        }
        let trailer = format!("trailer\n<< /Size {next} /Prev {} {kept}>>\n", before.at);
        bytes.extend_from_slice(trailer.as_bytes());
    }
    bytes.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
    Ok(())
}

/// What the trailer keeps: the catalog, the document information, the identifier with its second half made new (14.4).
/// What programs put there for themselves is about the revision they wrote, a checksum of it for example.
fn kept(trailer: &Dictionary, at: usize) -> Result<String, MakeError> {
    let mut kept = String::new();
    for key in ["Root", "Info"] {
        if let Ok(Object::Reference((number, generation))) = trailer.get(key.as_bytes()) {
            kept += &format!("/{key} {number} {generation} R ");
        }
    }
    if !kept.starts_with("/Root") {
        return Err(fault("a trailer without a catalog"));
    }
    if let Ok(Object::Array(halves)) = trailer.get(b"ID")
        && let [Object::String(first, _), Object::String(second, _)] = halves.as_slice()
    {
        // No two revisions of a file share one, and the same file signed twice by the same program gives the same octets.
        let digest = sha256(&[second.as_slice(), &at.to_be_bytes()].concat());
        for half in [first.as_slice(), digest.get(..16).unwrap_or_default()] {
            kept += if kept.contains("/ID [") { " " } else { "/ID [" };
            kept += &String::from_utf8_lossy(&text::hexadecimal(half));
        }
        kept += "] ";
    }
    Ok(kept)
}

/// Rows of consecutive numbers, each number with offset and generation.
fn rows(offsets: &BTreeMap<u32, (usize, u16)>) -> Vec<Vec<(u32, usize, u16)>> {
    let mut rows: Vec<Vec<(u32, usize, u16)>> = Vec::new();
    for (number, (offset, generation)) in offsets {
        let entry = (*number, *offset, *generation);
        match rows.last_mut() {
            Some(row) if row.last().is_some_and(|(last, ..)| last + 1 == *number) => row.push(entry),
            _ => rows.push(vec![entry]),
        }
    }
    rows
}

/// The index and the records of a cross-reference stream: kind in one octet, offset in five, generation in two.
fn records(offsets: &BTreeMap<u32, (usize, u16)>) -> (String, Vec<u8>) {
    let rows = rows(offsets);
    let index = rows.iter().filter_map(|row| Some(format!("{} {}", row.first()?.0, row.len())));
    let index = index.collect::<Vec<_>>().join(" ");
    let mut records = Vec::new();
    for (_, offset, generation) in rows.iter().flatten() {
        records.push(1);
        let offset = u64::try_from(*offset).unwrap_or(u64::MAX).to_be_bytes();
        records.extend(offset.iter().skip(3));
        records.extend(generation.to_be_bytes());
    }
    (index, records)
}
