//! The parameters of RSASSA-PSS (RFC 4055 section 3.1), of signatures and of keys that make no others.
//!
//! ```text
//! RSASSA-PSS-params ::= SEQUENCE {
//!     hashAlgorithm    [0] HashAlgorithm    DEFAULT sha1,
//!     maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1,
//!     saltLength       [2] INTEGER          DEFAULT 20,
//!     trailerField     [3] INTEGER          DEFAULT 1 }
//! ```

use der::asn1::ObjectIdentifier;

use super::super::algorithm_identifier::AlgorithmIdentifier;
use super::super::hash_algorithm::HashAlgorithm;
use crate::der::{DerError, TlvReader};

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const HASH: u8 = 0xa0;
const MASK: u8 = 0xa1;
const SALT: u8 = 0xa2;
const TRAILER: u8 = 0xa3;

const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// Octets of salt where nothing is said.
const DEFAULT_SALT: usize = 20;
/// The trailer that stands for the octet BC, the only one there is.
const TRAILER_BC: usize = 1;

/// Parameters in which message and mask are hashed with one of SHA-256, SHA-384 and SHA-512: the defaults are SHA-1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PssParameters {
    /// The hash of the message, and of the mask.
    pub hash: HashAlgorithm,
    /// Octets of salt.
    pub salt: usize,
}

impl PssParameters {
    /// Reads the whole encoding; `None` for what is malformed or not allowed.
    pub fn read(encoding: &[u8]) -> Option<Self> {
        let mut outer = TlvReader::new(encoding);
        let contents = outer.expect(SEQUENCE).ok()?.value;
        outer.finish().ok()?;
        let mut fields = TlvReader::new(contents);
        let hash = hash(fields.optional(HASH).ok()??.value)?;
        let mask = AlgorithmIdentifier::from_der(fields.optional(MASK).ok()??.value).ok()?;
        let salt = number(fields.optional(SALT), DEFAULT_SALT)?;
        // RFC 4055 section 3.1: whoever verifies knows the field both ways, absent and 1.
        let trailer = number(fields.optional(TRAILER), TRAILER_BC)?;
        fields.finish().ok()?;
        let fits = mask.oid == MGF1 && self::hash(mask.parameters?)? == hash && trailer == TRAILER_BC;
        fits.then_some(Self { hash, salt })
    }
}

/// A SHA-2 of an `AlgorithmIdentifier`, with NULL or without (RFC 4055 section 2.1).
fn hash(identifier: &[u8]) -> Option<HashAlgorithm> {
    let identifier = AlgorithmIdentifier::from_der(identifier).ok()?;
    let hash = HashAlgorithm::from_oid(&identifier.oid).ok()?;
    let sha = matches!(hash, HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512);
    (sha && identifier.params_absent_or_null()).then_some(hash)
}

/// A small number, or its default; `None` for a malformed one and one of more than seven bits, beyond any hash.
fn number(field: Result<Option<crate::der::Tlv<'_>>, DerError>, default: usize) -> Option<usize> {
    let Some(field) = field.ok()? else { return Some(default) };
    let mut reader = TlvReader::new(field.value);
    let value = reader.expect(INTEGER).ok()?.value;
    reader.finish().ok()?;
    match value {
        [number @ 0..=0x7f] => Some(usize::from(*number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::write;

    fn identifier(oid: &str, parameters: &[u8]) -> Vec<u8> {
        write::sequence(&[write::oid(ObjectIdentifier::new_unwrap(oid)).as_slice(), parameters])
    }

    fn field(tag: u8, contents: &[u8]) -> Vec<u8> {
        write::element(tag, &[contents])
    }

    const SHA_1: &str = "1.3.14.3.2.26";
    const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
    const SHA_384: &str = "2.16.840.1.101.3.4.2.2";
    const SHA_512: &str = "2.16.840.1.101.3.4.2.3";
    const STREEBOG_256: &str = "1.2.398.3.10.1.3.2";
    const MGF_1: &str = "1.2.840.113549.1.1.8";

    fn of(hash: &str, null: &[u8]) -> [Vec<u8>; 2] {
        let hash = identifier(hash, null);
        [field(HASH, &hash), field(MASK, &identifier(MGF_1, &hash))]
    }

    fn read(fields: &[&[u8]]) -> Option<PssParameters> {
        PssParameters::read(&write::sequence(fields))
    }

    #[test]
    fn one_sha_for_message_and_mask_is_read_with_null_and_without() {
        for (oid, name) in
            [(SHA_256, HashAlgorithm::Sha256), (SHA_384, HashAlgorithm::Sha384), (SHA_512, HashAlgorithm::Sha512)]
        {
            for null in [&[][..], &[5, 0]] {
                let [hash, mask] = of(oid, null);
                let salt = field(SALT, &[2, 1, 32]);
                assert_eq!(read(&[&hash, &mask, &salt]), Some(PssParameters { hash: name, salt: 32 }));
                assert_eq!(read(&[&hash, &mask]), Some(PssParameters { hash: name, salt: 20 }));
                let trailer = field(TRAILER, &[2, 1, 1]);
                assert_eq!(read(&[&hash, &mask, &salt, &trailer]), Some(PssParameters { hash: name, salt: 32 }));
            }
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let [hash, mask] = of(SHA_256, &[5, 0]);
        let [other_hash, other_mask] = of(SHA_384, &[5, 0]);
        let [sha1, sha1_mask] = of(SHA_1, &[5, 0]);
        let [streebog, streebog_mask] = of(STREEBOG_256, &[]);
        let salt = field(SALT, &[2, 1, 32]);
        let trailer = field(TRAILER, &[2, 1, 1]);
        let bare_mask = field(MASK, &identifier(MGF_1, &[]));
        let foreign_mask = field(MASK, &identifier("2.25.1", &identifier(SHA_256, &[])));
        let with_parameters = field(HASH, &identifier(SHA_256, &[4, 0]));
        let twice = field(HASH, &[identifier(SHA_256, &[]), identifier(SHA_256, &[])].concat());
        let wrong: [(&str, &[&[u8]]); 18] = [
            ("the defaults, which are SHA-1", &[]),
            ("SHA-1 for the mask by default", &[&hash, &salt]),
            ("SHA-1 for the message by default", &[&mask, &salt]),
            ("SHA-1 by name", &[&sha1, &sha1_mask, &salt]),
            ("a hash that is no SHA", &[&streebog, &streebog_mask, &salt]),
            ("two hashes", &[&hash, &other_mask, &salt]),
            ("two hashes the other way", &[&other_hash, &mask, &salt]),
            ("a mask without a hash", &[&hash, &bare_mask, &salt]),
            ("another mask", &[&hash, &foreign_mask, &salt]),
            ("a hash with parameters", &[&with_parameters, &mask, &salt]),
            ("two identifiers in one field", &[&twice, &mask, &salt]),
            ("another trailer", &[&hash, &mask, &salt, &field(TRAILER, &[2, 1, 2])]),
            ("a negative salt", &[&hash, &mask, &field(SALT, &[2, 1, 0xff])]),
            ("a long salt", &[&hash, &mask, &field(SALT, &[2, 2, 1, 0])]),
            ("a salt of nothing", &[&hash, &mask, &field(SALT, &[])]),
            ("fields in another order", &[&mask, &hash, &salt]),
            ("a field twice", &[&hash, &mask, &salt, &salt]),
            ("a field more", &[&hash, &mask, &salt, &trailer, &field(0xa4, &[5, 0])]),
        ];
        for (what, fields) in wrong {
            assert_eq!(read(fields), None, "{what}");
        }
        let good = write::sequence(&[hash, mask, salt]);
        assert!(PssParameters::read(&good).is_some());
        assert_eq!(PssParameters::read(&[&good[..], &[0]].concat()), None);
        assert_eq!(PssParameters::read(good.split_last().expect("octets").1), None);
        assert_eq!(PssParameters::read(&[5, 0]), None);
        assert_eq!(PssParameters::read(&[]), None);
    }
}
