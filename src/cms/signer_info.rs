//! One signer as it stands in the bytes (RFC 5652 5.3).
//!
//! ```text
//! SignerInfo ::= SEQUENCE { version INTEGER, sid SignerIdentifier, digestAlgorithm AlgorithmIdentifier,
//!     signedAttrs [0] IMPLICIT SET OF Attribute OPTIONAL, signatureAlgorithm AlgorithmIdentifier,
//!     signature OCTET STRING, unsignedAttrs [1] IMPLICIT SET OF Attribute OPTIONAL }
//! SignerIdentifier ::= CHOICE { issuerAndSerialNumber SEQUENCE { issuer Name, serialNumber INTEGER },
//!     subjectKeyIdentifier [0] IMPLICIT OCTET STRING }
//! ```

use super::attributes::Attributes;
use super::limits::{MAX_SIGNATURE, MAX_SIGNED_ATTRIBUTES};
use crate::crypto::AlgorithmIdentifier;
use crate::der::{Tlv, TlvReader};
use crate::signed::{FormatError, SignerName};
use crate::x509::{Name, SerialNumber};

/// One signer, borrowed.
#[derive(Debug)]
pub(super) struct SignerInfo<'a> {
    /// From version to signature, as they stand: what an archive timestamp covers.
    pub fields: &'a [u8],
    /// 1 or 3.
    pub version: u8,
    /// Whose certificate to verify with.
    pub signer: SignerName,
    /// The hash.
    pub digest_algorithm: AlgorithmIdentifier<'a>,
    /// The signed attributes, if there are any.
    pub signed: Option<SignedAttributes<'a>>,
    /// The algorithm of the value.
    pub signature_algorithm: AlgorithmIdentifier<'a>,
    /// The value.
    pub signature: &'a [u8],
    /// What was added afterwards.
    pub unsigned: Attributes<'a>,
}

/// Attributes under the signature.
#[derive(Debug)]
pub(super) struct SignedAttributes<'a> {
    /// The whole element, tag A0.
    raw: &'a [u8],
    /// Each of them.
    pub each: Attributes<'a>,
}

impl<'a> SignedAttributes<'a> {
    fn read(element: Tlv<'a>) -> Result<Self, FormatError> {
        if element.raw.len() > MAX_SIGNED_ATTRIBUTES {
            let limit = MAX_SIGNED_ATTRIBUTES as u64;
            return Err(FormatError::TooMuch { what: "bytes of signed attributes", limit });
        }
        Ok(Self { raw: element.raw, each: Attributes::read(element.value)? })
    }

    /// What the value is over: the original bytes, only the tag is that of a SET (RFC 5652 5.4).
    pub fn message(&self) -> Vec<u8> {
        let mut message = self.raw.to_vec();
        if let Some(tag) = message.first_mut() {
            *tag = 0x31;
        }
        message
    }

    /// Whether the attributes stand in the order that DER demands of a SET OF (X.690 11.6).
    pub fn are_sorted(&self) -> bool {
        let mut reader = TlvReader::new(self.raw);
        let Ok(set) = reader.read() else { return false };
        let mut reader = TlvReader::new(set.value);
        let mut last: &[u8] = &[];
        while let Ok(attribute) = reader.read() {
            if attribute.raw < last {
                return false;
            }
            last = attribute.raw;
        }
        true
    }
}

impl<'a> SignerInfo<'a> {
    /// Reads one `SignerInfo`.
    pub fn read(element: Tlv<'a>) -> Result<Self, FormatError> {
        if element.tag != 0x30 {
            return Err(FormatError::malformed("a signer is not a SEQUENCE"));
        }
        let mut fields = TlvReader::new(element.value);
        let version = match fields.expect(0x02)?.value {
            [version @ (1 | 3)] => *version,
            _ => return Err(FormatError::malformed("no version of SignerInfo")),
        };
        let signer = signer_name(fields.read()?)?;
        let digest_algorithm = algorithm(fields.expect(0x30)?)?;
        let signed = fields.optional(0xa0)?.map(SignedAttributes::read).transpose()?;
        let signature_algorithm = algorithm(fields.expect(0x30)?)?;
        let signature = fields.expect(0x04)?.value;
        if signature.len() > MAX_SIGNATURE {
            return Err(FormatError::TooMuch { what: "bytes of a signature value", limit: MAX_SIGNATURE as u64 });
        }
        let covered = element.value.get(..fields.offset()).unwrap_or_default();
        let unsigned = match fields.optional(0xa1)? {
            Some(set) => Attributes::read(set.value)?,
            None => Attributes::default(),
        };
        fields.finish()?;
        Ok(Self {
            fields: covered,
            version,
            signer,
            digest_algorithm,
            signed,
            signature_algorithm,
            signature,
            unsigned,
        })
    }
}

fn algorithm(element: Tlv<'_>) -> Result<AlgorithmIdentifier<'_>, FormatError> {
    AlgorithmIdentifier::from_der(element.raw)
        .map_err(|_| FormatError::malformed("an algorithm identifier of a signer cannot be read"))
}

fn signer_name(choice: Tlv<'_>) -> Result<SignerName, FormatError> {
    match choice.tag {
        0x30 => {
            let mut fields = TlvReader::new(choice.value);
            let issuer = fields.expect(0x30)?.raw;
            let serial = fields.expect(0x02)?.value;
            fields.finish()?;
            let issuer =
                Name::from_der(issuer).map_err(|_| FormatError::malformed("the issuer of a signer is not a name"))?;
            let serial = SerialNumber::new(serial)
                .ok_or_else(|| FormatError::malformed("the serial number of a signer cannot be read"))?;
            Ok(SignerName::IssuerSerial { issuer, serial })
        }
        0x80 => Ok(SignerName::KeyId(choice.value.to_vec())),
        _ => Err(FormatError::malformed("a signer is named neither by issuer and serial number nor by key")),
    }
}
