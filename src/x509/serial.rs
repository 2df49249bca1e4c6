//! Serial numbers of certificates.

use std::fmt;

/// The contents octets of a certificate's serial number, exactly as encoded.
///
/// RFC 5280 4.1.2.2 allows 20 octets; up to 64 are read, because revocation must be looked up for
/// whatever an authority issued.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SerialNumber {
    octets: [u8; Self::MAX],
    len: u8,
}

impl SerialNumber {
    /// Longest serial number read, in octets.
    pub const MAX: usize = 64;

    /// Takes the contents octets of a DER INTEGER; `None` when empty or too long.
    #[must_use]
    pub fn new(contents: &[u8]) -> Option<Self> {
        let mut octets = [0; Self::MAX];
        let len = u8::try_from(contents.len()).ok().filter(|&len| len > 0)?;
        octets.get_mut(..contents.len())?.copy_from_slice(contents);
        Some(Self { octets, len })
    }

    /// The contents octets, two's complement, big-endian.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.get(..usize::from(self.len)).unwrap_or(&self.octets)
    }

    /// Whether the number is negative, which RFC 5280 forbids and old authorities did.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.octets[0] & 0x80 != 0
    }
}

impl fmt::Display for SerialNumber {
    /// Lower-case hex of the magnitude octets, without a sign octet.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match self.as_bytes() {
            [0, rest @ ..] if !rest.is_empty() => rest,
            bytes => bytes,
        };
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::SerialNumber;

    #[test]
    fn prints_without_the_sign_octet() {
        assert_eq!(SerialNumber::new(&[0, 0xff, 1]).map(|serial| serial.to_string()).as_deref(), Some("ff01"));
        assert_eq!(SerialNumber::new(&[0]).map(|serial| serial.to_string()).as_deref(), Some("00"));
    }

    #[test]
    fn empty_and_oversized_are_not_serial_numbers() {
        assert!(SerialNumber::new(&[]).is_none());
        assert!(SerialNumber::new(&[1; 65]).is_none());
        assert!(SerialNumber::new(&[1; 300]).is_none());
        assert!(SerialNumber::new(&[0x80]).is_some_and(|serial| serial.is_negative()));
    }
}
