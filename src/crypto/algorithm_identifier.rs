//! The names of algorithms in certificates, lists and messages.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader};

use crate::der::write::NULL;

/// An `AlgorithmIdentifier` (RFC 5280 section 4.1.1.2) as it stands in a certificate, list or message.
///
/// ```text
/// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY DEFINED BY algorithm OPTIONAL }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AlgorithmIdentifier<'a> {
    /// The algorithm.
    pub oid: ObjectIdentifier,
    /// The whole encoding of the parameters; `None` when absent.
    pub parameters: Option<&'a [u8]>,
}

impl<'a> AlgorithmIdentifier<'a> {
    /// Reads one DER `AlgorithmIdentifier`; anything after it, or after its parameters, is an error.
    pub fn from_der(bytes: &'a [u8]) -> Result<Self, der::Error> {
        AnyRef::from_der(bytes)?.sequence(|reader| {
            let oid = reader.decode()?;
            let parameters = if reader.is_finished() { None } else { Some(reader.tlv_bytes()?) };
            Ok(Self { oid, parameters })
        })
    }

    /// Whether the parameters say nothing: absent, or NULL.
    pub fn params_absent_or_null(&self) -> bool {
        self.parameters.is_none_or(|parameters| parameters == NULL)
    }

    /// Whether both name the same algorithm, NULL counting as absent: the National CA writes lists whose inner
    /// identifier has no parameters while the outer one has NULL.
    pub fn same_as(&self, other: &AlgorithmIdentifier<'_>) -> bool {
        let both_empty = self.params_absent_or_null() && other.params_absent_or_null();
        self.oid == other.oid && (both_empty || self.parameters == other.parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(text: &str) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(text)
    }

    fn identifier<'a>(name: &str, parameters: Option<&'a [u8]>) -> AlgorithmIdentifier<'a> {
        AlgorithmIdentifier { oid: oid(name), parameters }
    }

    #[test]
    fn identifiers_are_read_strictly() {
        let rsa_sha256: &[u8] = &[0x30, 0x0D, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11, 5, 0];
        let read = AlgorithmIdentifier::from_der(rsa_sha256).expect("good");
        assert_eq!((read.oid, read.parameters), (oid("1.2.840.113549.1.1.11"), Some(NULL)));
        let bare = AlgorithmIdentifier::from_der(&[0x30, 5, 6, 3, 0x2B, 0x65, 0x70]).expect("good");
        assert_eq!((bare.oid, bare.parameters), (oid("1.3.101.112"), None));
        let wrong: [(&str, &[u8]); 9] = [
            ("nothing", &[]),
            ("no sequence", &[6, 3, 0x2B, 0x65, 0x70]),
            ("empty sequence", &[0x30, 0]),
            ("trailing byte", &[0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 0]),
            ("two parameters", &[0x30, 9, 6, 3, 0x2B, 0x65, 0x70, 5, 0, 5, 0]),
            ("long form of a short length", &[0x30, 0x81, 5, 6, 3, 0x2B, 0x65, 0x70]),
            ("cut off", &[0x30, 5, 6, 3, 0x2B, 0x65]),
            ("parameters cut off", &[0x30, 7, 6, 3, 0x2B, 0x65, 0x70, 4, 1]),
            ("empty identifier", &[0x30, 2, 6, 0]),
        ];
        for (situation, bytes) in wrong {
            assert!(AlgorithmIdentifier::from_der(bytes).is_err(), "{situation}");
        }
    }

    #[test]
    fn absent_parameters_equal_null_and_nothing_else() {
        let gost = "1.2.398.3.10.1.1.2.3.2";
        assert!(identifier(gost, None).same_as(&identifier(gost, Some(NULL))));
        assert!(!identifier(gost, None).same_as(&identifier(gost, Some(&[0x30, 0]))));
        assert!(!identifier(gost, None).same_as(&identifier("1.2.398.3.10.1.1.2.3.1", None)));
    }
}
