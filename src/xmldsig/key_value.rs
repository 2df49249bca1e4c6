//! Keys written out in a signature: `KeyValue` (XML Signature 4.5.2) and `DEREncodedKeyValue` (version 1.1, 4.5.10).
//!
//! They are put into the form that certificates have, so that one reader (`crypto`) judges all keys. What is wrong with one is
//! kept as the reason why it cannot be used: beside a certificate it does not matter.

use super::namespaces::{DS, DS11};
use super::parts::base64;
use super::tree::{Node, Tree};
use crate::crypto::KeyError;
use crate::der::{Oid, write};
use crate::signed::{BareKey, FormatError};

const RSA: Oid = Oid::new_unwrap("1.2.840.113549.1.1.1");
const EC: Oid = Oid::new_unwrap("1.2.840.10045.2.1");
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
/// Octets of a `SubjectPublicKeyInfo` or a number in it: RSA of 8192 bits has 1024.
const MAX_OCTETS: usize = 4096;

/// Reads the one key in a `KeyValue` or `DEREncodedKeyValue`.
pub fn read(tree: &Tree<'_>, node: Node) -> BareKey {
    spki(tree, node).map_or_else(BareKey::refused, |spki| BareKey::from_spki(&spki))
}

fn spki(tree: &Tree<'_>, node: Node) -> Result<Vec<u8>, KeyError> {
    if tree.is(node, DS11, "DEREncodedKeyValue") {
        return octets(tree, node);
    }
    let [child] = *elements(tree, node)?.as_slice() else {
        return Err(KeyError::Malformed("a KeyValue that has not exactly one key"));
    };
    match (tree.namespace(child), tree.local(child)) {
        (Some(DS), "RSAKeyValue") => rsa(tree, child),
        (Some(DS11), "ECKeyValue") => ec(tree, child),
        (Some(DS), "DSAKeyValue") => Err(not_allowed("1.2.840.10040.4.1", "dsa")),
        _ => Err(not_allowed("KeyValue", "key-of-unknown-kind")),
    }
}

/// `Modulus`, `Exponent`: numbers in base64, the highest octet first (XML Signature 4.5.2.2). Leading zeros, which the
/// standard forbids and programs write, change nothing.
fn rsa(tree: &Tree<'_>, node: Node) -> Result<Vec<u8>, KeyError> {
    let [modulus, exponent] = *elements(tree, node)?.as_slice() else {
        return Err(KeyError::Malformed("an RSAKeyValue that is not a modulus and an exponent"));
    };
    if !tree.is(modulus, DS, "Modulus") || !tree.is(exponent, DS, "Exponent") {
        return Err(KeyError::Malformed("an RSAKeyValue that is not a modulus and an exponent"));
    }
    let key = write::sequence(&[integer(&octets(tree, modulus)?), integer(&octets(tree, exponent)?)]);
    Ok(key_info(&[write::oid(RSA), write::NULL.to_vec()], &key))
}

/// `NamedCurve`, `PublicKey` (XML Signature 1.1, 4.5.2.3.1). Curves written out are refused, as in certificates.
fn ec(tree: &Tree<'_>, node: Node) -> Result<Vec<u8>, KeyError> {
    let [curve, point] = *elements(tree, node)?.as_slice() else {
        return Err(KeyError::Malformed("an ECKeyValue that is not a curve and a point"));
    };
    if tree.is(curve, DS11, "ECParameters") {
        return Err(not_allowed(&EC.to_string(), "ecdsa-explicit-curve"));
    }
    if !tree.is(curve, DS11, "NamedCurve") || !tree.is(point, DS11, "PublicKey") {
        return Err(KeyError::Malformed("an ECKeyValue that is not a curve and a point"));
    }
    let name = tree.attribute(curve, "URI").and_then(|uri| uri.strip_prefix("urn:oid:"));
    let name = name.and_then(|name| Oid::new(name).ok()).ok_or(KeyError::Malformed("no curve is named"))?;
    Ok(key_info(&[write::oid(EC), write::oid(name)], &octets(tree, point)?))
}

fn key_info(algorithm: &[Vec<u8>], key: &[u8]) -> Vec<u8> {
    write::sequence(&[write::sequence(algorithm), write::element(BIT_STRING, &[&[0][..], key])])
}

/// An unsigned number as a DER INTEGER.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let pad: &[u8] = if digits.first().is_none_or(|&first| first & 0x80 != 0) { &[0] } else { &[] };
    write::element(INTEGER, &[pad, digits])
}

fn elements(tree: &Tree<'_>, node: Node) -> Result<Vec<Node>, KeyError> {
    tree.only_elements(node).map_err(|_| KeyError::Malformed("a KeyValue with something that does not belong there"))
}

fn octets(tree: &Tree<'_>, node: Node) -> Result<Vec<u8>, KeyError> {
    let read = base64(tree, node).map_err(|_: FormatError| KeyError::Malformed("a KeyValue that is not base64"))?;
    if read.len() > MAX_OCTETS { Err(KeyError::Malformed("a KeyValue that is too long")) } else { Ok(read) }
}

fn not_allowed(oid: &str, name: &'static str) -> KeyError {
    KeyError::NotAllowed { oid: oid.to_owned(), name: Some(name.into()) }
}
