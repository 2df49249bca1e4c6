//! GeneralName (RFC 5280 4.2.1.6) and its use as the base of a subtree (4.2.1.10).

use x509_parser::extensions::GeneralName as Parsed;

use super::certificate::CertificateError;
use super::name::Name;
use super::oid;
use crate::der::{Oid, TlvReader};

/// One name of a subject, an authority or a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// directoryName.
    Directory(Name),
    /// dNSName, ASCII.
    Dns(Box<str>),
    /// rfc822Name, ASCII.
    Email(Box<str>),
    /// iPAddress: 4 or 16 octets.
    Ip(Box<[u8]>),
    /// otherName, by its type only ([`oid::UNREADABLE`] when [`Oid`] cannot hold it).
    Other(Oid),
    /// registeredID.
    RegisteredId(Oid),
    /// otherName of the type id-on-SmtpUTF8Mailbox: an e-mail address whose local part need not be ASCII (RFC 9598).
    SmtpUtf8Mailbox(Box<str>),
    /// x400Address, ediPartyName or a form this code does not read; the tag number.
    Unsupported(u8),
    /// uniformResourceIdentifier, ASCII.
    Uri(Box<str>),
}

/// An address range of a name constraint: address and mask of equal length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpSubtree {
    /// Network address, 4 or 16 octets.
    pub address: Box<[u8]>,
    /// Mask, as many octets, contiguous.
    pub mask: Box<[u8]>,
}

/// Where an address stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressPlace {
    /// As a name.
    Name,
    /// As the base of a subtree.
    Subtree,
}

impl IpSubtree {
    /// Reads the 8 or 32 octets of a constraint; `None` if the length or the mask is not CIDR.
    #[must_use]
    pub fn new(octets: &[u8]) -> Option<Self> {
        if !matches!(octets.len(), 8 | 32) {
            return None;
        }
        let (address, mask) = octets.split_at(octets.len() / 2);
        let ones = mask.iter().take_while(|&&octet| octet == 0xff).count();
        let contiguous = mask.iter().skip(ones).enumerate().all(|(index, &octet)| {
            if index == 0 { octet.leading_ones() + octet.trailing_zeros() >= 8 } else { octet == 0 }
        });
        contiguous.then(|| Self { address: address.into(), mask: mask.into() })
    }

    /// Whether `address` (4 or 16 octets) lies in the range.
    #[must_use]
    pub fn contains(&self, address: &[u8]) -> bool {
        address.len() == self.address.len()
            && address.iter().zip(&self.address).zip(&self.mask).all(|((have, want), mask)| have & mask == want & mask)
    }
}

impl GeneralName {
    /// Whether an address has as many octets as a name (4 or 16), or as the base of a subtree, which is an address and a mask;
    /// true of every other form. RFC 5280 4.2.1.6 and 4.2.1.10.
    pub(super) fn has_length_of(&self, place: AddressPlace) -> bool {
        match (self, place) {
            (Self::Ip(octets), AddressPlace::Name) => matches!(octets.len(), 4 | 16),
            (Self::Ip(octets), AddressPlace::Subtree) => matches!(octets.len(), 8 | 32),
            _ => true,
        }
    }

    pub(super) fn from_parsed(name: &Parsed<'_>) -> Result<Self, CertificateError> {
        let ascii = |text: &str| {
            if text.is_ascii() { Ok(text.into()) } else { Err(CertificateError::Name("a general name is not ASCII")) }
        };
        // Names of these forms are never compared, so it does not matter that some types share a substitute.
        let oid = |bytes: &[u8]| Oid::from_bytes(bytes).unwrap_or(oid::UNREADABLE);
        Ok(match name {
            Parsed::DirectoryName(name) => Self::Directory(Name::from_parsed(name)?),
            Parsed::DNSName(text) => Self::Dns(ascii(text)?),
            Parsed::RFC822Name(text) => Self::Email(ascii(text)?),
            Parsed::IPAddress(octets) => Self::Ip((*octets).into()),
            Parsed::OtherName(kind, value) => match oid(kind.as_bytes()) {
                oid::ON_SMTP_UTF8_MAILBOX => Self::SmtpUtf8Mailbox(smtp_utf8_mailbox(value)?),
                kind => {
                    one_value(value)?;
                    Self::Other(kind)
                }
            },
            Parsed::RegisteredID(kind) => Self::RegisteredId(oid(kind.as_bytes())),
            Parsed::URI(text) => Self::Uri(ascii(text)?),
            Parsed::X400Address(_) => Self::Unsupported(3),
            Parsed::EDIPartyName(_) => Self::Unsupported(5),
            Parsed::Invalid(..) => return Err(CertificateError::Name("a general name is malformed")),
        })
    }
}

/// `value [0] EXPLICIT ANY DEFINED BY type-id`: one value, whatever it is, and nothing behind it.
fn one_value(value: &[u8]) -> Result<(), CertificateError> {
    let mut outer = TlvReader::new(value);
    let mut inner = TlvReader::new(outer.expect(0xa0)?.value);
    outer.finish()?;
    inner.read()?;
    Ok(inner.finish()?)
}

/// `[0] EXPLICIT UTF8String (SIZE (1..MAX))`.
fn smtp_utf8_mailbox(value: &[u8]) -> Result<Box<str>, CertificateError> {
    let mut outer = TlvReader::new(value);
    let explicit = outer.expect(0xa0)?.value;
    outer.finish()?;
    let mut inner = TlvReader::new(explicit);
    let text = inner.expect(0x0c)?.value;
    inner.finish()?;
    match std::str::from_utf8(text) {
        Ok(text) if !text.is_empty() => Ok(text.into()),
        _ => Err(CertificateError::Name("a SmtpUTF8Mailbox is not an address in UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::{IpSubtree, one_value, smtp_utf8_mailbox};

    #[test]
    fn another_name_has_one_value() {
        for good in [&[0xa0, 2, 5, 0][..], &[0xa0, 4, 0x0c, 2, b'a', b'b'], &[0xa0, 2, 0x30, 0]] {
            assert!(one_value(good).is_ok(), "{good:?}");
        }
        for broken in [
            &[][..],
            &[0xa0, 0],
            &[5, 0],
            &[0xa1, 2, 5, 0],
            &[0xa0, 4, 5, 0, 5, 0],
            &[0xa0, 2, 5, 0, 5, 0],
            &[0xa0, 3, 0x0c, 2, b'a'],
            &[0xa0, 3, 5, 0],
        ] {
            assert!(one_value(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn only_one_string_in_utf8_is_a_mailbox() {
        let read = |value: &[u8]| smtp_utf8_mailbox(value).ok();
        assert_eq!(read(&[0xa0, 4, 0x0c, 2, 0xd0, 0xb0]).as_deref(), Some("а"));
        for broken in [
            &[0xa0, 2, 0x0c, 0][..],
            &[0xa0, 4, 0x16, 2, b'a', b'b'],
            &[0x0c, 2, b'a', b'b'],
            &[0xa0, 4, 0x0c, 2, 0xd0, 0x20],
            &[0xa0, 5, 0x0c, 1, b'a', 5, 0],
            &[0xa0, 3, 0x0c, 1, b'a', 5, 0],
            &[],
        ] {
            assert_eq!(read(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn only_contiguous_masks_are_ranges() {
        assert!(IpSubtree::new(&[10, 0, 0, 0, 255, 0, 0, 0]).is_some_and(|range| range.contains(&[10, 9, 9, 9])));
        assert!(IpSubtree::new(&[10, 0, 0, 0, 255, 240, 0, 0]).is_some_and(|range| !range.contains(&[10, 16, 0, 1])));
        assert!(IpSubtree::new(&[0; 8]).is_some_and(|range| range.contains(&[1, 2, 3, 4])));
        for broken in [&[10, 0, 0, 0, 255, 0, 255, 0][..], &[10, 0, 0, 0, 0, 255, 0, 0], &[10, 0, 0, 0], &[]] {
            assert!(IpSubtree::new(broken).is_none(), "{broken:?}");
        }
    }
}
