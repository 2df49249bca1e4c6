//! Messages that are no signed data (RFC 5652 sections 4 and 6 to 9, RFC 3274, RFC 5083, PKCS #7): nothing is verified or decrypted
//! here, but whether one is well-formed can be told from its outline.

use super::limits::TAIL_LIMITS;
use crate::der::ber::to_definite;
use crate::der::{Oid, TlvReader};
use crate::signed::FormatError;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// A field by its tag, and whether it may be absent.
type Field = (u8, bool);

/// A kind of message: type, name, the fields of its SEQUENCE.
type Kind = (Oid, &'static str, &'static [Field]);

const KINDS: [Kind; 7] = [
    (
        Oid::new_unwrap("1.2.840.113549.1.7.3"),
        "enveloped-data",
        &[(INTEGER, false), (0xa0, true), (SET, false), (SEQUENCE, false), (0xa1, true)],
    ),
    (
        Oid::new_unwrap("1.2.840.113549.1.7.4"),
        "signed-and-enveloped-data",
        &[(INTEGER, false), (SET, false), (SET, false), (SEQUENCE, false), (0xa0, true), (0xa1, true), (SET, false)],
    ),
    (
        Oid::new_unwrap("1.2.840.113549.1.7.5"),
        "digested-data",
        &[(INTEGER, false), (SEQUENCE, false), (SEQUENCE, false), (OCTET_STRING, false)],
    ),
    (Oid::new_unwrap("1.2.840.113549.1.7.6"), "encrypted-data", &[(INTEGER, false), (SEQUENCE, false), (0xa1, true)]),
    (
        Oid::new_unwrap("1.2.840.113549.1.9.16.1.2"),
        "authenticated-data",
        &[
            (INTEGER, false),
            (0xa0, true),
            (SET, false),
            (SEQUENCE, false),
            (0xa1, true),
            (SEQUENCE, false),
            (0xa2, true),
            (OCTET_STRING, false),
            (0xa3, true),
        ],
    ),
    (
        Oid::new_unwrap("1.2.840.113549.1.9.16.1.9"),
        "compressed-data",
        &[(INTEGER, false), (SEQUENCE, false), (SEQUENCE, false)],
    ),
    (
        Oid::new_unwrap("1.2.840.113549.1.9.16.1.23"),
        "auth-enveloped-data",
        &[
            (INTEGER, false),
            (0xa0, true),
            (SET, false),
            (SEQUENCE, false),
            (0xa1, true),
            (OCTET_STRING, false),
            (0xa2, true),
        ],
    ),
];

/// The kind of a well-formed `ContentInfo` that is no signed data, DER or BER.
///
/// # Errors
///
/// [`FormatError`]: malformed, beyond a budget, or of a type that is not known here.
pub fn unsigned_kind(bytes: &[u8]) -> Result<&'static str, FormatError> {
    let rewritten = to_definite(bytes, TAIL_LIMITS)?;
    let mut outer = TlvReader::new(&rewritten);
    let mut info = TlvReader::new(outer.expect(SEQUENCE)?.value);
    outer.finish()?;
    let kind = info.expect(OBJECT_IDENTIFIER)?.value;
    let mut explicit = TlvReader::new(info.expect(0xa0)?.value);
    info.finish()?;
    if kind == super::oid::DATA.as_bytes() {
        explicit.expect(OCTET_STRING)?;
        explicit.finish()?;
        return Ok("data");
    }
    let Some((_, name, fields)) = KINDS.iter().find(|(oid, ..)| oid.as_bytes() == kind) else {
        return Err(FormatError::Unsupported("a message of a type that is not known".to_owned()));
    };
    let mut reader = TlvReader::new(explicit.expect(SEQUENCE)?.value);
    explicit.finish()?;
    for (tag, optional) in *fields {
        if *optional { reader.optional(*tag).map(|_| ())? } else { reader.expect(*tag).map(|_| ())? }
    }
    reader.finish()?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::write;

    fn info(kind: Oid, content: &[u8]) -> Vec<u8> {
        write::sequence(&[write::oid(kind), write::element(0xa0, &[content])])
    }

    #[test]
    fn every_kind_is_known_by_its_fields_and_none_with_one_missing_or_one_more() {
        for (oid, name, fields) in KINDS {
            let field = |tag: u8| if tag == INTEGER { vec![INTEGER, 1, 0] } else { vec![tag, 0] };
            let all: Vec<Vec<u8>> = fields.iter().map(|(tag, _)| field(*tag)).collect();
            let short: Vec<Vec<u8>> =
                fields.iter().filter(|(_, optional)| !optional).map(|(tag, _)| field(*tag)).collect();
            let read = |fields: &[Vec<u8>]| unsigned_kind(&info(oid, &write::sequence(fields))).ok();
            assert_eq!((read(&all), read(&short)), (Some(name), Some(name)));
            for missing in 0..short.len() {
                let mut cut = short.clone();
                cut.remove(missing);
                assert_eq!(read(&cut), None, "{name} without {missing}");
            }
            assert_eq!(read(&[&all[..], &[vec![5, 0]]].concat()), None, "{name} with a field more");
        }
    }

    #[test]
    fn data_is_octets_and_other_types_are_not_known() {
        let data = info(super::super::oid::DATA, &[4, 2, 1, 2]);
        assert_eq!(unsigned_kind(&data).ok(), Some("data"));
        // The same with lengths that are not definite, as openssl streams it.
        let ber = [&[0x30, 0x80][..], &data[2..13], &[0xa0, 0x80, 0x24, 0x80, 4, 1, 1, 4, 1, 2], &[0; 6]].concat();
        assert_eq!(unsigned_kind(&ber).ok(), Some("data"));
        for wrong in [
            info(super::super::oid::DATA, &[0x30, 0]),
            info(super::super::oid::DATA, &[4, 0, 4, 0]),
            info(super::super::oid::SIGNED_DATA, &[0x30, 0]),
            info(Oid::new_unwrap("2.25.1"), &[4, 0]),
            [&data[..], &[0]].concat(),
            data[..data.len() - 1].to_vec(),
            vec![],
        ] {
            assert!(unsigned_kind(&wrong).is_err(), "{wrong:02x?}");
        }
    }
}
