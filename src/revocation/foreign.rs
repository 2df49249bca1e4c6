//! Entries of an indirect list about certificates of other issuers (RFC 5280 5.3.3).
//!
//! They lie in an index of their own, under twenty octets that stand for issuer and serial number together, so that one
//! serial number under two issuers is two certificates and the index needs to know nothing of names.

use crate::crypto::sha256;
use crate::der::{Limits, TlvReader, check_strict};
use crate::x509::{GeneralName, Name, read_general_names};

/// SHA-256 of the canonical form of an issuer's name.
pub(super) type IssuerHash = [u8; 32];

/// Octets of a key: as long as a usual serial number.
const KEY_OCTETS: usize = 20;

/// Hashes a name in the form that names are compared in, each part with its length, so that no two names run together.
pub(super) fn issuer_hash(name: &Name) -> IssuerHash {
    let mut bytes = Vec::with_capacity(256);
    for part in name.canonical() {
        bytes.extend_from_slice(&part.len().to_be_bytes());
        bytes.extend_from_slice(part);
    }
    sha256(&bytes)
}

/// What a certificate is indexed by: the front of SHA-256(hash of its issuer's name, serial number). To find another
/// certificate of the same key takes 2^160 hashes.
pub(super) fn key(issuer: &IssuerHash, serial: &[u8]) -> [u8; KEY_OCTETS] {
    // The sign octet says nothing.
    let magnitude = match serial {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    let mut key = [0; KEY_OCTETS];
    let hash = sha256(&[&issuer[..], magnitude].concat());
    key.iter_mut().zip(hash).for_each(|(octet, hashed)| *octet = hashed);
    key
}

/// The issuer that a certificateIssuer extension names: one directory name and nothing else; `None` for anything else.
pub(super) fn named_issuer(value: &[u8]) -> Option<Name> {
    check_strict(value, Limits::CERTIFICATE).ok()?;
    let mut reader = TlvReader::new(value);
    let names = read_general_names(reader.expect(0x30).ok()?).ok()?;
    reader.finish().ok()?;
    match &*names {
        [GeneralName::Directory(name)] => Some(name.clone()),
        _ => None,
    }
}
