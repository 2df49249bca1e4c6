//! DER written: what signed messages and requests are put together from. Contents are the caller's.

use super::Oid;

/// Most octets of a header: one of the tag, one of the form of the length, eight of a 64-bit length.
const MAX_HEADER: usize = 10;

/// Identifier and length octets of an element whose contents have so many octets; one that is larger than memory too.
#[must_use]
pub fn header(tag: u8, length: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(MAX_HEADER);
    push_header(&mut out, tag, length);
    out
}

/// Appends identifier and length octets.
pub(super) fn push_header(out: &mut Vec<u8>, tag: u8, length: u64) {
    out.push(tag);
    let octets = length.to_be_bytes();
    if length < 0x80 {
        out.extend_from_slice(&octets[7..]);
        return;
    }
    let skipped = length.leading_zeros() / 8;
    // At most eight, so that it fits.
    out.push(0x80 | (8 - skipped) as u8);
    out.extend(octets.iter().skip(skipped as usize));
}

/// An element of the parts that its contents consist of.
#[must_use]
pub fn element<T: AsRef<[u8]>>(tag: u8, parts: &[T]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.as_ref().len()).sum::<usize>();
    let mut out = Vec::with_capacity(MAX_HEADER + length);
    push_header(&mut out, tag, length as u64);
    parts.iter().for_each(|part| out.extend_from_slice(part.as_ref()));
    out
}

/// A SEQUENCE.
#[must_use]
pub fn sequence<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    element(0x30, parts)
}

/// A SET OF, in the order that DER demands (X.690 11.6).
#[must_use]
pub fn set_of(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort_unstable();
    element(0x31, &elements)
}

/// An OCTET STRING.
#[must_use]
pub fn octets(contents: &[u8]) -> Vec<u8> {
    element(0x04, &[contents])
}

/// An OBJECT IDENTIFIER.
#[must_use]
pub fn oid(oid: Oid) -> Vec<u8> {
    element(0x06, &[oid.as_bytes()])
}

/// The encoding of NULL.
pub const NULL: &[u8] = &[0x05, 0];

#[cfg(test)]
mod tests {
    use super::super::TlvReader;
    use super::*;

    #[test]
    fn lengths_are_minimal_around_every_power() {
        for (length, octets) in [
            (0_u64, &[0x04, 0][..]),
            (0x7f, &[0x04, 0x7f]),
            (0x80, &[0x04, 0x81, 0x80]),
            (0xff, &[0x04, 0x81, 0xff]),
            (0x100, &[0x04, 0x82, 1, 0]),
            (0xffff, &[0x04, 0x82, 0xff, 0xff]),
            (0x1_0000, &[0x04, 0x83, 1, 0, 0]),
            (0x1_0000_0000, &[0x04, 0x85, 1, 0, 0, 0, 0]),
            (u64::MAX, &[0x04, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ] {
            assert_eq!(header(0x04, length), octets);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let written = octets(&vec![7; length]);
            let mut reader = TlvReader::new(&written);
            assert_eq!(reader.expect(0x04).unwrap().value.len(), length);
            assert!(reader.finish().is_ok());
        }
    }

    #[test]
    fn a_set_is_sorted_by_octets() {
        let elements = vec![octets(&[2]), octets(&[1, 1]), octets(&[1]), vec![0x02, 1, 9]];
        assert_eq!(set_of(elements), [0x31, 13, 2, 1, 9, 4, 1, 1, 4, 1, 2, 4, 2, 1, 1]);
    }
}
