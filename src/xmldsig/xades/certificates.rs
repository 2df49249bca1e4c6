//! `SigningCertificate` and `SigningCertificateV2`: the certificate named under the signature.

use super::Signed;
use crate::der::TlvReader;
use crate::signed::{CertificateReference, FormatError};
use crate::x509::{Name, SerialNumber};
use crate::xmldsig::algorithms::is_sha_1;
use crate::xmldsig::key_info::issuer_serial;
use crate::xmldsig::limits::too_much;
use crate::xmldsig::namespaces::{DS, XADES};
use crate::xmldsig::parts::{algorithm_of, base64, digest_method};
use crate::xmldsig::tree::{Node, Tree};

/// Most certificates named under a signature: the signer's and those above it.
const MAX_NAMED: usize = 16;

/// Reads either of them: the first certificate it names is the signer's, the others are those of the chain, which is searched
/// and not believed.
pub(super) fn read(tree: &Tree<'_>, list: Node, signed: &mut Signed) -> Result<(), FormatError> {
    let named = tree.only_elements(list)?;
    if named.len() > MAX_NAMED {
        return Err(too_much("certificates named under a signature", MAX_NAMED));
    }
    if !named.iter().all(|&node| tree.is(node, XADES, "Cert")) {
        return Err(FormatError::malformed("a SigningCertificate with a child out of place"));
    }
    match named.first() {
        Some(&first) => reference(tree, first, signed),
        None => Err(FormatError::malformed("a SigningCertificate that names none")),
    }
}

fn reference(tree: &Tree<'_>, node: Node, signed: &mut Signed) -> Result<(), FormatError> {
    let mut children = tree.only_elements(node)?.into_iter();
    let digest = children.next().filter(|&child| tree.is(child, XADES, "CertDigest"));
    let digest = digest.ok_or_else(|| FormatError::malformed("a Cert without CertDigest"))?;
    let [method, value] = *tree.only_elements(digest)?.as_slice() else {
        return Err(FormatError::malformed("a CertDigest without method or value"));
    };
    if !tree.is(method, DS, "DigestMethod") || !tree.is(value, DS, "DigestValue") {
        return Err(FormatError::malformed("a CertDigest without method or value"));
    }
    let algorithm = match digest_method(tree, method)? {
        Ok(algorithm) => Some(algorithm),
        Err(_) if is_sha_1(algorithm_of(tree, method)?) => None,
        Err(refused) => {
            signed.fault = Some(format!("the certificate named under the signature cannot be compared: {refused}"));
            return Ok(());
        }
    };
    let digest = base64(tree, value)?;
    let mut reference = CertificateReference { algorithm, digest, issuer_serial: None, issuer_text: None };
    if let Some(child) = children.next() {
        match (tree.namespace(child), tree.local(child)) {
            (Some(XADES), "IssuerSerial") => reference.issuer_text = Some(issuer_serial(tree, child)?),
            (Some(XADES), "IssuerSerialV2") => {
                let malformed = || FormatError::malformed("an unreadable IssuerSerialV2");
                reference.issuer_serial = Some(issuer_serial_v2(&base64(tree, child)?).ok_or_else(malformed)?);
            }
            _ => return Err(FormatError::malformed("a Cert with a child out of place")),
        }
    }
    if children.next().is_some() {
        return Err(FormatError::malformed("a Cert with a child out of place"));
    }
    signed.certificates.push(reference);
    Ok(())
}

/// `IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber CertificateSerialNumber }` (RFC 5035 section 5), the
/// issuer one directoryName.
fn issuer_serial_v2(der: &[u8]) -> Option<(Name, SerialNumber)> {
    const SEQUENCE: u8 = 0x30;
    const DIRECTORY_NAME: u8 = 0xa4;
    const INTEGER: u8 = 2;
    let mut outer = TlvReader::new(der);
    let mut fields = TlvReader::new(outer.expect(SEQUENCE).ok()?.value);
    outer.finish().ok()?;
    let mut names = TlvReader::new(fields.expect(SEQUENCE).ok()?.value);
    let name = Name::from_der(names.expect(DIRECTORY_NAME).ok()?.value).ok()?;
    names.finish().ok()?;
    let serial = SerialNumber::new(fields.expect(INTEGER).ok()?.value)?;
    fields.finish().ok()?;
    Some((name, serial))
}
