//! Whose certificate a signature says it is to be verified with.

use super::evidence::Evidence;
use super::ids::Ids;
use super::key_value;
use super::namespaces::{DS, DS11, WSSE};
use super::parts::base64;
use super::soap::token_reference;
use super::tree::{Node, Tree};
use crate::signed::{BareKey, FormatError, SignerName};
use crate::x509::SerialNumber;

/// What a `KeyInfo` says, gathered from its children.
#[derive(Debug, Default)]
pub struct Hints {
    /// Certificates beside the signature, by their positions.
    pub certificates: Vec<usize>,
    /// Issuer as text and serial number.
    pub issuer_serial: Option<(String, SerialNumber)>,
    /// Subject key identifier.
    pub key_id: Option<Vec<u8>>,
    /// A key without a certificate.
    pub bare_key: Option<BareKey>,
}

impl Hints {
    /// The most binding of them. It says where to look, and proves nothing.
    pub fn signer(self) -> SignerName {
        match self {
            Self { certificates, .. } if !certificates.is_empty() => SignerName::Embedded(certificates),
            Self { issuer_serial: Some((issuer, serial)), .. } => SignerName::IssuerText { issuer, serial },
            Self { key_id: Some(id), .. } => SignerName::KeyId(id),
            _ => SignerName::Unnamed,
        }
    }
}

/// Reads `KeyInfo` (XML Signature 4.5): whose certificate, and the key that stands there without one. Both are hints; what is
/// unknown among them, or lies elsewhere, is no hint that anybody here could follow, and is passed over.
pub fn read(
    tree: &Tree<'_>,
    node: Node,
    ids: &Ids<'_>,
    evidence: &mut Evidence,
) -> Result<(SignerName, Option<BareKey>), FormatError> {
    let mut hints = Hints::default();
    for child in tree.only_elements(node)? {
        match (tree.namespace(child), tree.local(child)) {
            (Some(DS), "X509Data") => x509_data(tree, child, evidence, &mut hints)?,
            (Some(WSSE), "SecurityTokenReference") => token_reference::read(tree, child, ids, evidence, &mut hints)?,
            (Some(DS), "KeyValue") | (Some(DS11), "DEREncodedKeyValue") => {
                let key = key_value::read(tree, child);
                if hints.bare_key.as_ref().is_some_and(|known| !known.is_same_as(&key)) {
                    return Err(FormatError::malformed("a KeyInfo with two different keys"));
                }
                hints.bare_key = Some(key);
            }
            _ => {}
        }
    }
    let bare_key = hints.bare_key.take();
    Ok((hints.signer(), bare_key))
}

/// Reads `X509Data` (XML Signature 4.5.4).
pub fn x509_data(tree: &Tree<'_>, node: Node, evidence: &mut Evidence, hints: &mut Hints) -> Result<(), FormatError> {
    for child in tree.only_elements(node)? {
        match (tree.namespace(child), tree.local(child)) {
            (Some(DS), "X509Certificate") => {
                let position = evidence.certificate(base64(tree, child)?)?;
                hints.certificates.push(position);
            }
            (Some(DS), "X509IssuerSerial") => hints.issuer_serial = Some(issuer_serial(tree, child)?),
            (Some(DS), "X509SKI") => hints.key_id = Some(base64(tree, child)?),
            (Some(DS), "X509CRL") => evidence.list(base64(tree, child)?)?,
            // Names without a number, digests, and whatever else there is: no hint that is followed here.
            _ => {}
        }
    }
    Ok(())
}

/// Reads `X509IssuerSerial`, and what `XAdES` 1.3.2 calls `IssuerSerial`.
pub fn issuer_serial(tree: &Tree<'_>, node: Node) -> Result<(String, SerialNumber), FormatError> {
    match *tree.only_elements(node)?.as_slice() {
        [name, number] if tree.is(name, DS, "X509IssuerName") && tree.is(number, DS, "X509SerialNumber") => {
            let serial = decimal(tree.only_text(number)?.trim_ascii())
                .ok_or_else(|| FormatError::malformed("X509SerialNumber is not a number"))?;
            Ok((tree.only_text(name)?, serial))
        }
        _ => Err(FormatError::malformed("an issuer and serial number without either")),
    }
}

/// A serial number out of its decimal digits, as the contents octets of an INTEGER.
fn decimal(text: &str) -> Option<SerialNumber> {
    /// More digits than any serial number of 64 octets has.
    const MAX_DIGITS: usize = 155;
    if text.is_empty() || text.len() > MAX_DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Little-endian, one octet each; short enough for the plain way.
    let mut octets: Vec<u8> = Vec::new();
    for digit in text.bytes() {
        let mut carry = u16::from(digit - b'0');
        for octet in &mut octets {
            let value = u16::from(*octet) * 10 + carry;
            *octet = (value & 0xff) as u8;
            carry = value >> 8;
        }
        if carry > 0 {
            octets.push(carry as u8);
        }
    }
    if octets.last().is_none_or(|&high| high & 0x80 != 0) {
        octets.push(0);
    }
    octets.reverse();
    SerialNumber::new(&octets)
}
