//! The frame around content and signers, read from a stream in one pass: DER and BER, content of any length.
//!
//! What is large, the content, goes to a sink piece by piece. The rest is kept, bounded. Where all of it is read as DER it
//! stays as it came, else it is rewritten with definite lengths: the choice that is made of what came in memory, so that the
//! same octets come to the same either way.

use std::io::BufRead;

use super::limits::{MAX_CONTENT_DEPTH, MAX_HEAD, MAX_TAIL, TAIL_LIMITS};
use super::outline::{check_kind, check_version};
use super::signed_data::Parts;
use crate::der::DerError;
use crate::der::ber::{Header, to_definite};
use crate::signed::FormatError;

/// What a stream came to, content apart.
#[derive(Debug)]
pub(super) struct Frame {
    /// Of `SignedData`, 1 to 5.
    pub version: u8,
    /// Contents octets of eContentType.
    pub content_type: Vec<u8>,
    /// Whether there is content; its octets went to the sink.
    pub has_content: bool,
    /// Certificates, crls and signerInfos, as they came where all is read as DER, else with definite lengths.
    pub tail: Vec<u8>,
    /// Whether that differs from how they came.
    pub rewritten: bool,
    /// How it came, where it differs but in lengths of elements that themselves are definite.
    pub original: Option<Vec<u8>>,
}

/// An element whose parts are being read.
#[derive(Clone, Copy)]
struct Level {
    /// Where it ends; `None`: end-of-contents octets tell.
    end: Option<u64>,
    /// What nothing inside may reach beyond.
    limit: u64,
}

const TOP: Level = Level { end: None, limit: u64::MAX };

struct Walker<R> {
    source: R,
    offset: u64,
    /// Whether a header was not as DER demands, or the content came in pieces.
    ber: bool,
}

/// Reads a whole `ContentInfo`. `begin` is told the digestAlgorithms (contents of the SET, definite) before the content
/// comes, `sink` takes the content.
pub(super) fn walk<S>(
    source: impl BufRead,
    begin: impl FnOnce(&[u8]) -> S,
    mut sink: impl FnMut(&mut S, &[u8]),
) -> Result<(Frame, S), FormatError> {
    let mut walker = Walker { source, offset: 0, ber: false };
    let info = walker.enter(0x30, &TOP)?;
    check_kind(&walker.small(0x06, &info)?)?;
    let explicit = walker.enter(0xa0, &info)?;
    let data = walker.enter(0x30, &explicit)?;
    let version = check_version(&walker.small(0x02, &data)?)?;
    let mut algorithms = Vec::new();
    walker.copy_element(&mut algorithms, &data, MAX_HEAD)?;
    if let Some(tag) = algorithms.first().copied().filter(|tag| *tag != 0x31) {
        return Err(walker.unexpected(tag));
    }
    // Nothing is decided by them: what cannot be rewritten stays as it came and announces nothing.
    let algorithms = to_definite(&algorithms, TAIL_LIMITS).unwrap_or(algorithms);
    let mut state = begin(&algorithms);
    let encapsulated = walker.enter(0x30, &data)?;
    let content_type = walker.small(0x06, &encapsulated)?;
    let has_content = !walker.at_end(&encapsulated)?;
    if has_content {
        let explicit = walker.enter(0xa0, &encapsulated)?;
        walker.octets(&explicit, &mut |piece| sink(&mut state, piece))?;
        walker.leave(&explicit)?;
    }
    walker.leave(&encapsulated)?;
    let mut is_der = !walker.ber;
    walker.ber = false;
    let mut tail = Vec::new();
    while !walker.at_end(&data)? {
        walker.copy_element(&mut tail, &data, MAX_TAIL)?;
    }
    for level in [&data, &explicit, &info] {
        walker.leave(level)?;
    }
    if walker.peek()?.is_some() {
        return Err(FormatError::malformed("bytes after the end"));
    }
    is_der &= !walker.ber;
    let (tail, rewritten, original) = if is_der && is_read_as_it_came(&tail)? {
        (tail, false, None)
    } else {
        let definite = to_definite(&tail, TAIL_LIMITS)?;
        let differs = definite != tail;
        (definite, walker.ber || differs, differs.then_some(tail))
    };
    Ok((Frame { version, content_type, has_content, tail, rewritten, original }, state))
}

/// Whether what stands beside the content needs no rewriting. What lies deeper than its reader looks may be anything, in
/// memory as well.
fn is_read_as_it_came(tail: &[u8]) -> Result<bool, FormatError> {
    match Parts::read(tail) {
        Ok(_) => Ok(true),
        Err(FormatError::Malformed(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

impl<R: BufRead> Walker<R> {
    fn peek(&mut self) -> Result<Option<u8>, FormatError> {
        loop {
            match self.source.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn octet(&mut self) -> Result<u8, FormatError> {
        let octet = self.peek()?.ok_or_else(|| self.truncated())?;
        self.source.consume(1);
        self.offset += 1;
        Ok(octet)
    }

    fn truncated(&self) -> FormatError {
        FormatError::Malformed(format!("truncated at offset {}", self.offset))
    }

    fn unexpected(&self, tag: u8) -> FormatError {
        FormatError::Malformed(format!("unexpected tag {tag:#04x} before offset {}", self.offset))
    }

    /// The header of the next element, which must end within `around`.
    fn header(&mut self, around: &Level) -> Result<(Header, Level), FormatError> {
        // Errors of the header name their offset as far as it fits.
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let header = Header::read(offset, || self.octet())?;
        self.ber |= !header.minimal;
        let end = header.length.map(|length| self.offset.checked_add(length).ok_or(DerError::Length { offset }));
        let end = end.transpose()?;
        if end.unwrap_or(self.offset) > around.limit {
            return Err(DerError::Truncated { offset }.into());
        }
        Ok((header, Level { end, limit: end.unwrap_or(around.limit) }))
    }

    fn enter(&mut self, tag: u8, around: &Level) -> Result<Level, FormatError> {
        let (header, level) = self.header(around)?;
        if header.tag == tag { Ok(level) } else { Err(self.unexpected(header.tag)) }
    }

    /// Whether nothing more stands in a level.
    fn at_end(&mut self, level: &Level) -> Result<bool, FormatError> {
        match level.end {
            Some(end) => Ok(self.offset >= end),
            None => Ok(self.peek()? == Some(0)),
        }
    }

    fn leave(&mut self, level: &Level) -> Result<(), FormatError> {
        match level.end {
            Some(end) if end == self.offset => Ok(()),
            Some(_) => Err(FormatError::Malformed(format!("an element does not end at offset {}", self.offset))),
            None => match (self.octet()?, self.octet()?) {
                (0, 0) => Ok(()),
                (tag, _) => Err(self.unexpected(tag)),
            },
        }
    }

    /// The contents of a short primitive element.
    fn small(&mut self, tag: u8, around: &Level) -> Result<Vec<u8>, FormatError> {
        let level = self.enter(tag, around)?;
        let mut contents = Vec::new();
        self.pour(&level, &mut |piece| keep(&mut contents, piece, MAX_HEAD))?;
        Ok(contents)
    }

    /// The contents of a definite element, as they come.
    fn pour(
        &mut self,
        level: &Level,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let end = level.end.ok_or_else(|| FormatError::malformed("a string of indefinite length in one piece"))?;
        while self.offset < end {
            if self.peek()?.is_none() {
                return Err(self.truncated());
            }
            let buffer = self.source.fill_buf()?;
            let wanted = usize::try_from(end - self.offset).unwrap_or(usize::MAX).min(buffer.len());
            sink(buffer.get(..wanted).unwrap_or_default())?;
            self.source.consume(wanted);
            self.offset += wanted as u64;
        }
        Ok(())
    }

    /// An OCTET STRING in one piece or many.
    fn octets(&mut self, around: &Level, sink: &mut dyn FnMut(&[u8])) -> Result<(), FormatError> {
        let mut levels: Vec<Level> = Vec::new();
        loop {
            let around = levels.last().unwrap_or(around);
            let (header, level) = self.header(around)?;
            match header.tag {
                0x04 => self.pour(&level, &mut |piece| {
                    sink(piece);
                    Ok(())
                })?,
                0x24 if levels.len() == MAX_CONTENT_DEPTH => return Err(nested(MAX_CONTENT_DEPTH)),
                0x24 => {
                    self.ber = true;
                    levels.push(level);
                }
                tag => return Err(self.unexpected(tag)),
            }
            while let Some(level) = levels.last().copied() {
                if !self.at_end(&level)? {
                    break;
                }
                self.leave(&level)?;
                levels.pop();
            }
            if levels.is_empty() {
                return Ok(());
            }
        }
    }

    /// Copies one element as it stands, header and all.
    fn copy_element(&mut self, into: &mut Vec<u8>, around: &Level, limit: usize) -> Result<(), FormatError> {
        let mut levels: Vec<Level> = Vec::new();
        loop {
            let around = levels.last().unwrap_or(around);
            let (header, level) = self.header(around)?;
            push_header(into, &header, limit)?;
            match level.end {
                // Nothing indefinite can be missed inside: the rewriting looks again.
                Some(_) => self.pour(&level, &mut |piece| keep(into, piece, limit))?,
                None if levels.len() == TAIL_LIMITS.depth => return Err(nested(TAIL_LIMITS.depth)),
                None => levels.push(level),
            }
            while let Some(level) = levels.last().copied() {
                if !self.at_end(&level)? {
                    break;
                }
                self.leave(&level)?;
                keep(into, &[0, 0], limit)?;
                levels.pop();
            }
            if levels.is_empty() {
                return Ok(());
            }
        }
    }
}

fn nested(limit: usize) -> FormatError {
    DerError::Depth { limit }.into()
}

fn keep(into: &mut Vec<u8>, piece: &[u8], limit: usize) -> Result<(), FormatError> {
    if into.len() + piece.len() > limit {
        return Err(DerError::Size { limit }.into());
    }
    into.extend_from_slice(piece);
    Ok(())
}

/// Writes a header as one that says the same; the number of length octets may be another.
fn push_header(into: &mut Vec<u8>, header: &Header, limit: usize) -> Result<(), FormatError> {
    match header.length {
        None => keep(into, &[header.tag, 0x80], limit),
        Some(length @ ..0x80) => keep(into, &[header.tag, length.to_le_bytes()[0]], limit),
        Some(length) => {
            let octets = length.to_be_bytes();
            let skip = length.leading_zeros() as usize / 8;
            keep(into, &[header.tag, 0x80 | (octets.len() - skip) as u8], limit)?;
            keep(into, octets.get(skip..).unwrap_or_default(), limit)
        }
    }
}
