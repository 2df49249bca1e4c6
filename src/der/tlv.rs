//! One element at a time, borrowed from the input.

use super::DerError;

/// One tag-length-value, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Tlv<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// Header and contents.
    pub raw: &'a [u8],
    /// Contents.
    pub value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The value of a BIT STRING that is a signature. Empty when the bits are not whole octets, or there are none: that is no
    /// signature of anybody's, and no algorithm takes it for one; whether anybody asks is for later.
    #[must_use]
    pub fn signature_bits(&self) -> &'a [u8] {
        match self.value {
            [0, octets @ ..] => octets,
            other => other.get(..0).unwrap_or_default(),
        }
    }

    /// Octets before the contents.
    #[must_use]
    pub fn header_len(&self) -> usize {
        self.raw.len() - self.value.len()
    }

    /// Whether the contents are elements themselves.
    #[must_use]
    pub fn is_constructed(&self) -> bool {
        self.tag & 0x20 != 0
    }

    /// X.690 8.2, 8.3, 8.6, 8.8, 8.19, 11.1, 11.2: contents of BOOLEAN, INTEGER, BIT STRING, NULL and
    /// OBJECT IDENTIFIER.
    pub(super) fn check_value(&self, offset: usize) -> Result<(), DerError> {
        let fine = match (self.tag, self.value) {
            (0x01, value) => matches!(value, [0x00 | 0xff]),
            (0x02 | 0x0a, [first, second, ..]) => {
                !((*first == 0 && second & 0x80 == 0) || (*first == 0xff && second & 0x80 != 0))
            }
            (0x02 | 0x0a, value) => !value.is_empty(),
            (0x03, value) => is_bit_string(value),
            (0x05, value) => value.is_empty(),
            (0x06, value) => is_object_identifier(value),
            _ => true,
        };
        if fine { Ok(()) } else { Err(DerError::Value { offset }) }
    }
}

/// X.690 8.6.2 and 11.2.1: the number of unused bits fits, and they are zero.
fn is_bit_string(value: &[u8]) -> bool {
    match value {
        [0] => true,
        [unused @ 0..=7, .., last] => last.trailing_zeros() >= u32::from(*unused),
        _ => false,
    }
}

/// X.690 8.19.2: every number ends, and none is padded.
fn is_object_identifier(value: &[u8]) -> bool {
    let mut starts = true;
    for &octet in value {
        if starts && octet == 0x80 {
            return false;
        }
        starts = octet < 0x80;
    }
    starts && !value.is_empty()
}

/// Reads elements one after the other.
#[derive(Clone, Debug)]
pub struct TlvReader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> TlvReader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// Starts at `offset`.
    #[must_use]
    pub(crate) fn at(bytes: &'a [u8], offset: usize) -> Self {
        Self { bytes, offset }
    }

    /// Whether everything was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offset >= self.bytes.len()
    }

    /// Offset of the next element in the bytes given.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The identifier octet of the next element.
    #[must_use]
    pub fn peek_tag(&self) -> Option<u8> {
        self.bytes.get(self.offset).copied()
    }

    /// Reads the next element.
    ///
    /// # Errors
    ///
    /// [`DerError`] if it is truncated or its header is not DER.
    pub fn read(&mut self) -> Result<Tlv<'a>, DerError> {
        let start = self.offset;
        let truncated = DerError::Truncated { offset: start };
        let bad_length = DerError::Length { offset: start };
        let rest = self.bytes.get(start..).ok_or(truncated)?;
        let (&tag, after_tag) = rest.split_first().ok_or(truncated)?;
        if tag & 0x1f == 0x1f {
            return Err(DerError::Tag { offset: start });
        }
        let (&first, after_first) = after_tag.split_first().ok_or(truncated)?;
        let (length, contents) = if first < 0x80 {
            (usize::from(first), after_first)
        } else {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 4 {
                return Err(bad_length);
            }
            let (octets, contents) = after_first.split_at_checked(count).ok_or(truncated)?;
            let length = octets.iter().fold(0usize, |sum, &octet| (sum << 8) | usize::from(octet));
            if octets.first() == Some(&0) || length < 0x80 {
                return Err(bad_length);
            }
            (length, contents)
        };
        let header_len = rest.len() - contents.len();
        let value = contents.get(..length).ok_or(truncated)?;
        let raw = rest.get(..header_len + length).ok_or(truncated)?;
        self.offset = start + raw.len();
        Ok(Tlv { tag, raw, value })
    }

    /// Reads the next element, which must have `tag`.
    ///
    /// # Errors
    ///
    /// [`DerError::Unexpected`] for another tag, else as [`Self::read`].
    pub fn expect(&mut self, tag: u8) -> Result<Tlv<'a>, DerError> {
        let offset = self.offset;
        let tlv = self.read()?;
        if tlv.tag == tag { Ok(tlv) } else { Err(DerError::Unexpected { found: tlv.tag, offset }) }
    }

    /// Reads the next element if it has `tag`.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, DerError> {
        if self.peek_tag() == Some(tag) { self.read().map(Some) } else { Ok(None) }
    }

    /// Demands that nothing is left.
    ///
    /// # Errors
    ///
    /// [`DerError::Trailing`] with the number of bytes left.
    pub fn finish(self) -> Result<(), DerError> {
        match self.bytes.len().saturating_sub(self.offset) {
            0 => Ok(()),
            count => Err(DerError::Trailing { count }),
        }
    }
}
