//! The bags of a store: keys, certificates, and what they are called.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::super::error::KeyError;
use super::super::pbe::{Scheme, oid};
use super::LIMITS;
use crate::der::ber::to_definite;
use crate::der::{Oid, Tlv, TlvReader};

/// Bags of one part. A store with all public authorities has some hundreds.
const MAX_BAGS: usize = 1000;
/// Bags that hold bags; others write none.
const MAX_NESTING: usize = 4;
/// Octets of a name: friendly names are for people, identifiers are hashes.
const MAX_NAME: usize = 512;

const KEY_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.3");
const LIST_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.4");
const SECRET_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.5");
const SAFE_CONTENTS_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.6");
const X509_CERTIFICATE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.22.1");
const FRIENDLY_NAME: Oid = Oid::new_unwrap("1.2.840.113549.1.9.20");
const LOCAL_KEY_ID: Oid = Oid::new_unwrap("1.2.840.113549.1.9.21");

/// What a bag is called.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Names {
    /// friendlyName: the alias.
    pub friendly: Option<String>,
    /// localKeyId: what a key and its certificate have in common.
    pub local_key_id: Option<Box<[u8]>>,
}

impl Names {
    /// The local key id in hex.
    pub fn local_key_id_hex(&self) -> Option<String> {
        self.local_key_id.as_deref().map(hex)
    }

    /// Whether somebody means this by a name.
    pub fn answer_to(&self, alias: &str) -> bool {
        self.friendly.as_ref().is_some_and(|name| name.to_lowercase() == alias.to_lowercase())
            || self.local_key_id_hex().is_some_and(|id| id.eq_ignore_ascii_case(alias))
    }
}

/// Lower-case hex.
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(2 * octets.len()), |mut text, octet| {
        // Writing to a String does not fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// What is in a bag.
pub(super) enum Bag {
    Certificate(Vec<u8>),
    /// `PrivateKeyInfo`, as it is.
    Key(Zeroizing<Vec<u8>>),
    /// `EncryptedPrivateKeyInfo`.
    ShroudedKey {
        scheme: Scheme,
        ciphertext: Vec<u8>,
    },
    /// What nothing here is done with.
    Other(&'static str),
}

/// A bag with its names.
pub(super) struct Entry {
    pub bag: Bag,
    pub names: Names,
}

/// Reads `SafeContents`, in BER or DER.
pub(super) fn read_bags(contents: &[u8]) -> Result<Vec<Entry>, KeyError> {
    let der = Zeroizing::new(to_definite(contents, LIMITS)?);
    let mut entries = Vec::new();
    read_contents(&der, 0, &mut entries)?;
    Ok(entries)
}

fn read_contents(der: &[u8], depth: usize, entries: &mut Vec<Entry>) -> Result<(), KeyError> {
    if depth > MAX_NESTING {
        return Err(KeyError::malformed("bags within bags within bags"));
    }
    let mut outer = TlvReader::new(der);
    let mut bags = TlvReader::new(outer.expect(0x30)?.value);
    outer.finish()?;
    while !bags.is_empty() {
        let mut fields = TlvReader::new(bags.expect(0x30)?.value);
        let kind = oid(fields.expect(0x06)?.value)?;
        let value = fields.expect(0xa0)?.value;
        let names = fields.optional(0x31)?.map(|set| read_names(&set)).transpose()?.unwrap_or_default();
        fields.finish()?;
        if kind == SAFE_CONTENTS_BAG {
            read_contents(value, depth + 1, entries)?;
        } else {
            entries.push(Entry { bag: read_bag(kind, value)?, names });
        }
        if entries.len() > MAX_BAGS {
            return Err(KeyError::malformed("too many bags"));
        }
    }
    Ok(())
}

fn read_bag(kind: Oid, value: &[u8]) -> Result<Bag, KeyError> {
    let mut outer = TlvReader::new(value);
    let inner = outer.read()?;
    outer.finish()?;
    let wants =
        |tag| if inner.tag == tag { Ok(inner.value) } else { Err(KeyError::malformed("a bag of another type")) };
    Ok(match kind {
        KEY_BAG => {
            wants(0x30)?;
            Bag::Key(Zeroizing::new(inner.raw.to_vec()))
        }
        SHROUDED_KEY_BAG => {
            let (scheme, ciphertext) = read_encrypted_key(wants(0x30)?)?;
            Bag::ShroudedKey { scheme, ciphertext }
        }
        // CertBag ::= SEQUENCE { certId OBJECT IDENTIFIER, certValue [0] EXPLICIT OCTET STRING }
        CERTIFICATE_BAG => {
            let mut fields = TlvReader::new(wants(0x30)?);
            if oid(fields.expect(0x06)?.value)? != X509_CERTIFICATE {
                return Ok(Bag::Other("certificate of another kind"));
            }
            let mut value = TlvReader::new(fields.expect(0xa0)?.value);
            fields.finish()?;
            let der = value.expect(0x04)?.value.to_vec();
            value.finish()?;
            Bag::Certificate(der)
        }
        LIST_BAG => Bag::Other("revocation list"),
        SECRET_BAG => Bag::Other("secret"),
        _ => return Err(KeyError::malformed("a bag of a kind that is not known")),
    })
}

/// `EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm AlgorithmIdentifier, encryptedData OCTET STRING }`: its
/// contents.
pub(in super::super) fn read_encrypted_key(contents: &[u8]) -> Result<(Scheme, Vec<u8>), KeyError> {
    let mut fields = TlvReader::new(contents);
    let scheme = Scheme::read(fields.expect(0x30)?.value)?;
    let ciphertext = fields.expect(0x04)?.value.to_vec();
    fields.finish()?;
    Ok((scheme, ciphertext))
}

/// `PKCS12Attribute ::= SEQUENCE { attrId OBJECT IDENTIFIER, attrValues SET OF ANY }`. Others than the two names, such as
/// those of Microsoft and Java, are passed over.
fn read_names(set: &Tlv<'_>) -> Result<Names, KeyError> {
    let mut names = Names::default();
    let mut attributes = TlvReader::new(set.value);
    while !attributes.is_empty() {
        let mut fields = TlvReader::new(attributes.expect(0x30)?.value);
        let kind = oid(fields.expect(0x06)?.value)?;
        let mut values = TlvReader::new(fields.expect(0x31)?.value);
        fields.finish()?;
        match kind {
            FRIENDLY_NAME => {
                // BMPString: UTF-16, big-endian.
                let octets = bounded(values.expect(0x1e)?.value)?;
                let units =
                    octets.chunks(2).map(|unit| unit.iter().fold(0, |sum, octet| (sum << 8) | u16::from(*octet)));
                names.friendly = Some(char::decode_utf16(units).map(|read| read.unwrap_or('\u{fffd}')).collect());
            }
            LOCAL_KEY_ID => names.local_key_id = Some(bounded(values.expect(0x04)?.value)?.into()),
            _ => {}
        }
    }
    Ok(names)
}

fn bounded(octets: &[u8]) -> Result<&[u8], KeyError> {
    if octets.len() > MAX_NAME { Err(KeyError::malformed("a name that is too long")) } else { Ok(octets) }
}
