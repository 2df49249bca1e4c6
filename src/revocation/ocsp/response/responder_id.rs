//! By whom a response says to be signed.

use std::fmt;

use super::super::cert_id::IdHash;
use super::super::error::OcspError;
use crate::der::{Tlv, TlvReader};
use crate::x509::{Certificate, Name};

/// Who says to have signed (`ResponderID`, RFC 6960 4.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponderId {
    /// byKey: SHA-1 of the key's bits.
    Key(Box<[u8]>),
    /// byName.
    Name(Name),
}

impl ResponderId {
    /// Whether that is the holder of `certificate`.
    #[must_use]
    pub fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => name == certificate.subject(),
            Self::Key(hash) => certificate.public_key_bits().is_some_and(|bits| IdHash::Sha1.of(bits) == *hash),
        }
    }

    /// `[1] EXPLICIT Name` or `[2] EXPLICIT OCTET STRING`.
    pub(super) fn read(choice: Tlv<'_>) -> Result<Self, OcspError> {
        let mut inner = TlvReader::new(choice.value);
        let id = match choice.tag {
            0xa1 => Self::Name(
                Name::from_der(inner.expect(0x30)?.raw)
                    .map_err(|_| OcspError::Structure("the responder's name cannot be read"))?,
            ),
            0xa2 => Self::Key(inner.expect(0x04)?.value.into()),
            _ => return Err(OcspError::Structure("the responder is named neither by name nor by key")),
        };
        inner.finish()?;
        Ok(id)
    }
}

impl fmt::Display for ResponderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Key(hash) => {
                f.write_str("key ")?;
                hash.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
            }
        }
    }
}
