//! DER (X.690) as we accept it from strangers: definite, minimal lengths, bounded size, depth and count.
//!
//! x509-parser and the `der` crate read values; [`check_strict`] runs before them over the whole
//! object, so that what they are lenient about (BOOLEAN TRUE other than FF, padded INTEGERs) and what
//! would cost them time (deep nesting, a hundred thousand elements) never reaches them.
//! [`ber`] turns BER, which CMS allows, into that. [`armour`] undoes PEM and base64. [`write`](mod@write) is for what we sign.

pub mod armour;
pub mod ber;
mod tlv;
pub mod write;

pub use der::asn1::ObjectIdentifier as Oid;
pub use tlv::{Tlv, TlvReader};

/// How much of a stranger's object is looked at before giving up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the whole object.
    pub bytes: usize,
    /// Nesting of constructed values. A certificate needs about 8, the `der` crate allows 64.
    pub depth: usize,
    /// Values of any kind. A certificate of the National CA has about 120.
    pub elements: usize,
}

impl Limits {
    /// Certificates: the largest real one seen is under 4 KiB; 64 KiB and 16,384 elements leave room for name constraints,
    /// which take two elements each. Those that would cost too much are for the budget of the search to refuse.
    pub const CERTIFICATE: Self = Self { bytes: 64 * 1024, depth: 16, elements: 16_384 };
}

/// Why bytes are not acceptable DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DerError {
    /// More nesting than [`Limits::depth`].
    #[error("nested deeper than {limit} levels")]
    Depth {
        /// The limit in force.
        limit: usize,
    },
    /// More values than [`Limits::elements`].
    #[error("more than {limit} elements")]
    Elements {
        /// The limit in force.
        limit: usize,
    },
    /// A length that is indefinite, not minimal or longer than four octets.
    #[error("length at offset {offset} is not DER")]
    Length {
        /// Offset of the element in the bytes given.
        offset: usize,
    },
    /// Larger than [`Limits::bytes`].
    #[error("larger than {limit} bytes")]
    Size {
        /// The limit in force.
        limit: usize,
    },
    /// The multi-octet tag form, which nothing in PKI uses.
    #[error("tag at offset {offset} is not supported")]
    Tag {
        /// Offset of the element in the bytes given.
        offset: usize,
    },
    /// Bytes after the end of the object.
    #[error("{count} bytes after the end")]
    Trailing {
        /// How many.
        count: usize,
    },
    /// The object ends before its declared length.
    #[error("truncated at offset {offset}")]
    Truncated {
        /// Offset of the element in the bytes given.
        offset: usize,
    },
    /// Another type than the structure wants at this place.
    #[error("unexpected tag {found:#04x} at offset {offset}")]
    Unexpected {
        /// The tag octet found.
        found: u8,
        /// Offset of the element in the bytes given.
        offset: usize,
    },
    /// A BOOLEAN, INTEGER, BIT STRING, NULL or OBJECT IDENTIFIER whose contents DER forbids.
    #[error("value at offset {offset} is not encoded as DER demands")]
    Value {
        /// Offset of the element in the bytes given.
        offset: usize,
    },
}

/// Walks one whole DER object and refuses what DER forbids, without recursion and without allocation
/// beyond the depth limit.
///
/// Contents of OCTET STRING and BIT STRING are not entered: extensions are checked where they are read.
///
/// # Errors
///
/// The first [`DerError`] met, in order of the bytes.
pub fn check_strict(bytes: &[u8], limits: Limits) -> Result<(), DerError> {
    if bytes.len() > limits.bytes {
        return Err(DerError::Size { limit: limits.bytes });
    }
    if bytes.is_empty() {
        return Err(DerError::Truncated { offset: 0 });
    }
    let mut ends = Vec::with_capacity(limits.depth);
    let mut offset = 0;
    let mut elements = 0;
    let mut limit = bytes.len();
    loop {
        while offset == limit {
            match ends.pop() {
                Some(outer) => limit = outer,
                None => return Ok(()),
            }
            if ends.is_empty() && offset < bytes.len() {
                return Err(DerError::Trailing { count: bytes.len() - offset });
            }
        }
        elements += 1;
        if elements > limits.elements {
            return Err(DerError::Elements { limit: limits.elements });
        }
        let within = bytes.get(..limit).unwrap_or(bytes);
        let tlv = TlvReader::at(within, offset).read()?;
        let value_offset = offset + tlv.header_len();
        tlv.check_value(offset)?;
        if tlv.is_constructed() {
            if ends.len() >= limits.depth {
                return Err(DerError::Depth { limit: limits.depth });
            }
            ends.push(limit);
            limit = value_offset + tlv.value.len();
            offset = value_offset;
        } else {
            offset = value_offset + tlv.value.len();
            if ends.is_empty() && offset < bytes.len() {
                return Err(DerError::Trailing { count: bytes.len() - offset });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Limits = Limits { bytes: 64, depth: 3, elements: 5 };

    #[test]
    fn a_plain_sequence_passes() {
        assert_eq!(check_strict(&[0x30, 0x06, 2, 1, 5, 1, 1, 0xff], SMALL), Ok(()));
    }

    #[test]
    fn what_der_forbids_is_refused() {
        let table: &[(&str, &[u8])] = &[
            ("nothing at all", &[]),
            ("indefinite length", &[0x30, 0x80, 0, 0]),
            ("length in the long form where the short fits", &[0x04, 0x81, 1, 0]),
            ("length with a leading zero", &[0x04, 0x82, 0, 0x80]),
            ("five length octets", &[0x04, 0x85, 1, 0, 0, 0, 0]),
            ("multi-octet tag", &[0x1f, 0x81, 0x01, 0]),
            ("declared longer than the bytes", &[0x30, 0x05, 2, 1]),
            ("child longer than its parent", &[0x30, 0x03, 4, 2, 0, 0]),
            ("TRUE that is not FF", &[1, 1, 1]),
            ("BOOLEAN of two octets", &[1, 2, 0, 0]),
            ("INTEGER without contents", &[2, 0]),
            ("INTEGER padded with zero", &[2, 2, 0, 1]),
            ("INTEGER padded with ff", &[2, 2, 0xff, 0x80]),
            ("NULL with contents", &[5, 1, 0]),
            ("BIT STRING without contents", &[3, 0]),
            ("BIT STRING with eight unused bits", &[3, 2, 8, 0]),
            ("BIT STRING with unused bits of nothing", &[3, 1, 1]),
            ("BIT STRING whose unused bits are set", &[3, 2, 1, 0xff]),
            ("OBJECT IDENTIFIER without contents", &[6, 0]),
            ("OBJECT IDENTIFIER that does not end", &[6, 2, 0x55, 0x9d]),
            ("OBJECT IDENTIFIER with a padded number", &[6, 4, 0x55, 0x1d, 0x80, 0x0f]),
            ("two objects", &[5, 0, 5, 0]),
            ("bytes after a sequence", &[0x30, 0, 0]),
            ("too deep", &[0x30, 8, 0x30, 6, 0x30, 4, 0x30, 2, 5, 0]),
            ("too many", &[0x30, 10, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0]),
            ("too large", &[0u8; 65]),
        ];
        for (why, bytes) in table {
            let result = check_strict(bytes, SMALL);
            if bytes.is_empty() {
                assert_eq!(result, Err(DerError::Truncated { offset: 0 }), "{why}");
            } else {
                assert!(result.is_err(), "{why}: accepted");
            }
        }
    }
}
