//! Identifier and length octets (X.690 8.1.2 and 8.1.3).

use crate::der::DerError;

/// Most length octets read: what a 64-bit length needs. X.690 allows 126.
const MAX_LENGTH_OCTETS: u8 = 8;

/// Identifier and length octets of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The identifier octet.
    pub tag: u8,
    /// Length of the contents; `None` is indefinite.
    pub length: Option<u64>,
    /// Octets of this header.
    pub octets: u8,
    /// Whether the length is written as DER demands: definite, in as few octets as can be.
    pub minimal: bool,
}

impl Header {
    /// Reads a header from octets that come one at a time.
    ///
    /// # Errors
    ///
    /// What `next` returns, or a [`DerError`] with `offset` in it: tags of several octets, more than eight length octets,
    /// the reserved length FF, an indefinite length of something that has no parts.
    pub fn read<E: From<DerError>>(offset: usize, mut next: impl FnMut() -> Result<u8, E>) -> Result<Self, E> {
        let tag = next()?;
        if tag & 0x1f == 0x1f {
            return Err(DerError::Tag { offset }.into());
        }
        let bad = || E::from(DerError::Length { offset });
        match next()? {
            short @ ..0x80 => Ok(Self { tag, length: Some(short.into()), octets: 2, minimal: true }),
            0x80 if tag & 0x20 == 0 => Err(bad()),
            0x80 => Ok(Self { tag, length: None, octets: 2, minimal: false }),
            long => {
                let count = long & 0x7f;
                if count > MAX_LENGTH_OCTETS {
                    return Err(bad());
                }
                let mut length = 0u64;
                for _ in 0..count {
                    length = (length << 8) | u64::from(next()?);
                }
                let minimal = length >= 0x80 && length >> (8 * (u32::from(count) - 1)) != 0;
                Ok(Self { tag, length: Some(length), octets: 2 + count, minimal })
            }
        }
    }

    /// Reads the header at `offset` of `bytes`.
    ///
    /// # Errors
    ///
    /// As [`Self::read`]; [`DerError::Truncated`] when the bytes end in it.
    pub fn at(bytes: &[u8], offset: usize) -> Result<Self, DerError> {
        let mut octets = bytes.get(offset..).unwrap_or_default().iter();
        Self::read(offset, || octets.next().copied().ok_or(DerError::Truncated { offset }))
    }

    /// Whether the contents are elements themselves.
    #[must_use]
    pub fn is_constructed(&self) -> bool {
        self.tag & 0x20 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_length_is_read() {
        for (bytes, length, octets, minimal) in [
            (&[0x30, 0x00][..], Some(0), 2, true),
            (&[0x30, 0x7f], Some(0x7f), 2, true),
            (&[0x30, 0x80], None, 2, false),
            (&[0x30, 0x81, 0x80], Some(0x80), 3, true),
            (&[0x30, 0x81, 0x7f], Some(0x7f), 3, false),
            (&[0x30, 0x84, 0, 0, 0, 1], Some(1), 6, false),
            (&[0x30, 0x82, 0, 0x90], Some(0x90), 4, false),
            (&[0x04, 0x85, 1, 0, 0, 0, 0], Some(1 << 32), 7, true),
            (&[0x04, 0x88, 0xff, 0, 0, 0, 0, 0, 0, 0], Some(0xff << 56), 10, true),
        ] {
            let wanted = Header { tag: bytes[0], length, octets, minimal };
            assert_eq!(Header::at(bytes, 0), Ok(wanted), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for (why, bytes) in [
            ("nothing", &[][..]),
            ("a tag only", &[0x30]),
            ("a tag of several octets", &[0x3f, 0x81, 0x01, 0]),
            ("an indefinite string in one piece", &[0x04, 0x80]),
            ("nine length octets", &[0x30, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("the reserved length", &[0x30, 0xff]),
            ("a length that ends early", &[0x30, 0x82, 1]),
        ] {
            assert!(Header::at(bytes, 0).is_err(), "{why}: read");
        }
    }
}
