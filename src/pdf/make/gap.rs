//! A revision with a gap in it: the place of a signature value that is made over everything else (ISO 32000-2 section
//! 12.8.1).

use std::io::Write;

use super::revision::{Revision, fault};
use super::text;
use crate::crypto::{Digest, HashAlgorithm, Hasher};
use crate::pdf::byte_range::MAX_CONTENTS;
use crate::pdf::file::Id;
use crate::signed::MakeError;

/// Width of `[0 1234 5678 90]`: numbers of ten digits, as those of a cross-reference table, filled up with spaces.
const RANGE: usize = "[0 9999999999 9999999999 9999999999]".len();
/// What stands between the range and the value, and after that.
const CONTENTS: &str = " /Contents ";
const TAIL: &str = " >>";

/// A file with a new revision, and room in it for a value.
pub(super) struct Gapped<'a> {
    original: &'a [u8],
    /// What is appended, before the value and after it.
    before: Vec<u8>,
    after: Vec<u8>,
    /// Octets that the value may have.
    room: usize,
}

/// The text of a signature dictionary with room for a value of so many octets; `entries` are those that follow its type.
pub(super) fn dictionary(entries: &str, room: usize) -> Result<Vec<u8>, MakeError> {
    if room > MAX_CONTENTS {
        return Err(MakeError::Document(format!("more than {MAX_CONTENTS} octets are to be reserved for a signature")));
    }
    let head = format!("<< {entries}/ByteRange {}{CONTENTS}<", " ".repeat(RANGE));
    let mut text = head.into_bytes();
    text.resize(text.len() + 2 * room, b'0');
    text.extend_from_slice(format!(">{TAIL}").as_bytes());
    Ok(text)
}

impl<'a> Gapped<'a> {
    /// Finishes a revision that has the signature dictionary as an object.
    pub(super) fn new(
        original: &'a [u8],
        revision: Revision<'_, '_, '_>,
        value: Id,
        room: usize,
    ) -> Result<Self, MakeError> {
        let appended = revision.finish()?;
        let lost = || fault("a signature dictionary that was not written");
        let mut before = appended.bytes;
        // Counted from the end of the dictionary: what stands before may say anything, a reason that looks like an entry too.
        let end = appended.ends.get(&value.0).ok_or_else(lost)?;
        let gap = end.checked_sub(2 * room + 2 + TAIL.len()).ok_or_else(lost)?;
        let range = gap.checked_sub(CONTENTS.len() + RANGE).ok_or_else(lost)?;
        let (start, end) = (original.len() + gap, original.len() + gap + 2 * room + 2);
        let numbers = format!("[0 {start} {end} {}]", original.len() + before.len() - end);
        let numbers = format!("{numbers:RANGE$}");
        before.get_mut(range..range + RANGE).ok_or_else(lost)?.copy_from_slice(numbers.as_bytes());
        let mut rest = before.split_off(gap);
        let after = rest.split_off(2 * room + 2);
        Ok(Self { original, before, after, room })
    }

    /// The digest of everything but the value.
    pub(super) fn digest(&self, algorithm: HashAlgorithm) -> Digest {
        let mut hasher = Hasher::new(algorithm);
        [self.original, &self.before, &self.after].iter().for_each(|part| hasher.update(part));
        hasher.finish()
    }

    /// Everything but the value, in one piece.
    pub(super) fn covered(&self) -> Vec<u8> {
        [self.original, &self.before, &self.after].concat()
    }

    /// The file with nothing in the gap yet.
    pub(super) fn unfilled(&self) -> Vec<u8> {
        let gap = text::hexadecimal(&vec![0; self.room]);
        [self.original, &self.before, &gap, &self.after].concat()
    }

    /// Writes the file with the value in its place; `token` is how much of it is a timestamp token.
    pub(super) fn write(&self, value: &[u8], token: usize, out: &mut dyn Write) -> Result<(), MakeError> {
        let Some(rest) = self.room.checked_sub(value.len()) else {
            let missing = value.len() - self.room;
            return Err(MakeError::TokenTooLarge { needed: token, reserved: token.saturating_sub(missing) });
        };
        out.write_all(self.original)?;
        out.write_all(&self.before)?;
        let mut filled = text::hexadecimal(value);
        filled.pop();
        filled.resize(filled.len() + 2 * rest, b'0');
        filled.push(b'>');
        out.write_all(&filled)?;
        Ok(out.write_all(&self.after)?)
    }
}
