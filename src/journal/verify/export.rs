//! An export, read from end to end.

use std::io::{self, BufRead, Read as _};

use super::super::canonical::MAX_TEXT;
use super::super::export::Exported;
use super::chain::{Chain, Fault, FaultKind, Known, Line, Start};
use super::{Verified, VerifyError, timestamps};

/// Longest line: an entry of the largest size, its timestamp, and room for another layout of the JSON.
const MAX_LINE: u64 = 4 * MAX_TEXT as u64;

/// Verifies an export, which may be one of a part: then nothing is said about what comes before it.
///
/// # Errors
/// [`VerifyError`]: the first fault, or why it cannot be read.
pub fn verify_export(mut reader: impl BufRead, known: Known) -> Result<Verified, VerifyError> {
    let mut chain: Option<Chain> = None;
    let mut known = Some(known);
    let mut timestamps = 0_u64;
    let mut number = 0_u64;
    while let Some(entry) = next(&mut reader, &mut number)? {
        let chain = chain.get_or_insert_with(|| {
            let mut known = known.take().unwrap_or_default();
            known.entries.retain(|(sequence, _), _| *sequence >= entry.sequence);
            Chain::new(if entry.sequence == 1 { Start::Genesis } else { Start::Anywhere }, known)
        });
        let line = Line {
            sequence: entry.sequence,
            previous: entry.previous,
            hash: entry.hash,
            event: None,
            text: &entry.text,
        };
        if let Err(fault) = chain.feed(&line) {
            return Err(VerifyError::Fault(moved(&mut reader, number, fault)));
        }
        if let Some(token) = &entry.timestamp {
            timestamps::check(entry.sequence, Some(&entry.text), token)?;
            timestamps = timestamps.saturating_add(1);
        }
    }
    let chain = chain.unwrap_or_else(|| Chain::new(Start::Anywhere, known.take().unwrap_or_default()));
    Ok(Verified { proof: chain.finish()?, timestamps, ..Verified::default() })
}

/// The next line that is not empty.
fn next(reader: &mut impl BufRead, number: &mut u64) -> Result<Option<Exported>, VerifyError> {
    let unreadable = |error: io::Error| VerifyError::Unreadable(error.to_string());
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            return Ok(None);
        }
        *number = number.saturating_add(1);
        if !line.trim_ascii().is_empty() {
            break;
        }
    }
    let entry = Exported::read(&line);
    entry.map(Some).ok_or_else(|| VerifyError::Unreadable(format!("line {number} is no exported entry")))
}

/// An entry that is missing where it belongs may stand further down.
fn moved(reader: &mut impl BufRead, mut number: u64, fault: Fault) -> Fault {
    if fault.kind != FaultKind::Missing {
        return fault;
    }
    while let Ok(Some(entry)) = next(reader, &mut number) {
        if entry.sequence == fault.sequence {
            let detail = format!("is not at its place: it stands in line {number}");
            return Fault::new(fault.sequence, FaultKind::Reordered, detail);
        }
    }
    fault
}
