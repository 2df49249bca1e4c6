//! One pass over BER, without recursion.

use super::header::Header;
use crate::der::{DerError, Limits};

/// What the walk meets, in order of the bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// An element with parts begins.
    Enter {
        /// Its header.
        header: Header,
        /// Where the header stands.
        offset: usize,
    },
    /// The last entered element that was not left yet ends.
    Leave {
        /// After its contents, and after the end-of-contents octets if it has them.
        end: usize,
    },
    /// An element without parts.
    Primitive {
        /// Its header.
        header: Header,
        /// Where the header stands.
        offset: usize,
        /// After its contents.
        end: usize,
    },
}

/// Where an open element ends.
#[derive(Clone, Copy)]
struct Open {
    /// Whether end-of-contents octets end it.
    indefinite: bool,
    /// What it cannot reach beyond: its own end, or that of what is around it.
    limit: usize,
}

/// Walks elements standing one after the other, under a budget.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    offset: usize,
    open: Vec<Open>,
    limits: Limits,
    elements: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bytes: &'a [u8], limits: Limits) -> Result<Self, DerError> {
        if bytes.len() > limits.bytes {
            return Err(DerError::Size { limit: limits.bytes });
        }
        Ok(Self { bytes, offset: 0, open: Vec::new(), limits, elements: 0 })
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next event; `None` at the end of the bytes, when nothing is open.
    pub(super) fn next(&mut self) -> Result<Option<Event>, DerError> {
        let offset = self.offset;
        let limit = match self.open.last() {
            None if offset == self.bytes.len() => return Ok(None),
            None => self.bytes.len(),
            Some(Open { indefinite: false, limit }) if offset == *limit => return Ok(Some(self.leave(0))),
            Some(Open { indefinite: true, limit }) if self.bytes.get(offset..*limit).is_some_and(is_end) => {
                return Ok(Some(self.leave(super::END_OF_CONTENTS.len())));
            }
            Some(Open { limit, .. }) => *limit,
        };
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(DerError::Elements { limit: self.limits.elements });
        }
        let within = self.bytes.get(..limit).unwrap_or_default();
        let header = Header::at(within, offset)?;
        if header.tag == 0 {
            // End-of-contents where nothing indefinite is open, or with contents.
            return Err(DerError::Unexpected { found: 0, offset });
        }
        let contents = offset + usize::from(header.octets);
        let end = match header.length {
            None => limit,
            Some(length) => usize::try_from(length)
                .ok()
                .and_then(|length| contents.checked_add(length))
                .filter(|&end| end <= limit)
                .ok_or(DerError::Truncated { offset })?,
        };
        if !header.is_constructed() {
            self.offset = end;
            return Ok(Some(Event::Primitive { header, offset, end }));
        }
        if self.open.len() >= self.limits.depth {
            return Err(DerError::Depth { limit: self.limits.depth });
        }
        self.open.push(Open { indefinite: header.length.is_none(), limit: end });
        self.offset = contents;
        Ok(Some(Event::Enter { header, offset }))
    }

    fn leave(&mut self, octets: usize) -> Event {
        self.open.pop();
        self.offset += octets;
        Event::Leave { end: self.offset }
    }
}

fn is_end(rest: &[u8]) -> bool {
    rest.starts_with(&super::END_OF_CONTENTS)
}

/// How many octets the first element of `bytes` takes, whatever follows it: signatures in a PDF are padded with zeros.
///
/// # Errors
///
/// [`DerError`]; [`DerError::Size`] if the element itself, or `bytes` where its length is indefinite, is beyond the limit.
pub fn first_len(bytes: &[u8], limits: Limits) -> Result<usize, DerError> {
    let header = Header::at(bytes, 0)?;
    if let Some(length) = header.length {
        let length = usize::try_from(length).ok().and_then(|length| length.checked_add(header.octets.into()));
        let length = length.filter(|&length| length <= bytes.len()).ok_or(DerError::Truncated { offset: 0 })?;
        return if length > limits.bytes { Err(DerError::Size { limit: limits.bytes }) } else { Ok(length) };
    }
    let mut walk = Walk::new(bytes, limits)?;
    while let Some(event) = walk.next()? {
        if let Event::Leave { end } = event
            && walk.depth() == 0
        {
            return Ok(end);
        }
    }
    Err(DerError::Truncated { offset: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { bytes: 64, depth: 4, elements: 8 };

    #[test]
    fn the_first_element_is_measured_in_either_form() {
        for (bytes, length) in [
            (&[0x30, 0x02, 5, 0, 0, 0, 0][..], 4),
            (&[0x30, 0x80, 5, 0, 0, 0, 0, 0], 6),
            (&[0x30, 0x80, 0x30, 0x80, 5, 0, 0, 0, 0, 0, 9], 10),
            (&[0x30, 0x80, 0x30, 0x02, 5, 0, 0, 0, 9], 8),
            (&[0x04, 0x01, 5, 9, 9], 3),
        ] {
            assert_eq!(first_len(bytes, LIMITS), Ok(length), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_does_not_end_has_no_length() {
        for (why, bytes) in [
            ("nothing", &[][..]),
            ("longer than the bytes", &[0x30, 0x05, 5, 0]),
            ("2 GB", &[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 5, 0]),
            ("no end of contents", &[0x30, 0x80, 5, 0]),
            ("half an end of contents", &[0x30, 0x80, 5, 0, 0]),
            ("an end of contents that is not empty", &[0x30, 0x80, 0, 1, 0]),
            ("too deep", &[0x30, 0x80, 0x30, 0x80, 0x30, 0x80, 0x30, 0x80, 0x30, 0x80]),
            ("too many", &[0x30, 0x80, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 0, 0]),
        ] {
            assert!(first_len(bytes, LIMITS).is_err(), "{why}: measured");
        }
    }
}
