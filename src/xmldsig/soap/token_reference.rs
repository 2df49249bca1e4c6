//! `SecurityTokenReference`: how WS-Security names a certificate (X.509 Certificate Token Profile 1.1).

use crate::crypto::sha1_of_certificate;
use crate::signed::FormatError;
use crate::xmldsig::evidence::Evidence;
use crate::xmldsig::ids::Ids;
use crate::xmldsig::key_info::{Hints, x509_data};
use crate::xmldsig::namespaces::{DS, WSSE};
use crate::xmldsig::parts::base64;
use crate::xmldsig::tree::{Node, Tree};

/// The kind of token that is one certificate.
pub const X509_V3: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
const SUBJECT_KEY_ID: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509SubjectKeyIdentifier";
const THUMBPRINT: &str = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1";
/// The encoding of tokens.
pub const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// Reads a `SecurityTokenReference`: exactly one way of naming, of those that stand here.
pub fn read(
    tree: &Tree<'_>,
    node: Node,
    ids: &Ids<'_>,
    evidence: &mut Evidence,
    hints: &mut Hints,
) -> Result<(), FormatError> {
    let [child] = *tree.only_elements(node)?.as_slice() else {
        return Err(FormatError::malformed("a SecurityTokenReference that does not name exactly one thing"));
    };
    match (tree.namespace(child), tree.local(child)) {
        (Some(WSSE), "Reference") => {
            let token = tree.attribute(child, "URI").and_then(|uri| uri.strip_prefix('#')).and_then(|id| ids.get(id));
            let token = token
                .filter(|&token| tree.is(token, WSSE, "BinarySecurityToken"))
                .filter(|&token| tree.parent(token).is_some_and(|parent| tree.is(parent, WSSE, "Security")))
                .ok_or_else(|| FormatError::malformed("a reference to a security token that is not there"))?;
            check_encoding(tree, token)?;
            if tree.attribute(token, "ValueType") != Some(X509_V3) {
                return Err(FormatError::Unsupported("a security token other than one X.509 certificate".into()));
            }
            hints.certificates.push(evidence.certificate(base64(tree, token)?)?);
        }
        (Some(WSSE), "KeyIdentifier") => {
            check_encoding(tree, child)?;
            let octets = base64(tree, child)?;
            match tree.attribute(child, "ValueType") {
                Some(X509_V3) => hints.certificates.push(evidence.certificate(octets)?),
                Some(SUBJECT_KEY_ID) => {
                    tokens(tree, node, evidence)?;
                    hints.key_id = Some(octets);
                }
                // Of a certificate; where it is not here, nothing is said about whose it is.
                Some(THUMBPRINT) => {
                    let found = tokens(tree, node, evidence)?.into_iter();
                    hints.certificates.extend(found.filter(|(_, thumbprint)| *thumbprint == octets).map(|(at, _)| at));
                }
                _ => return Err(FormatError::Unsupported("this kind of KeyIdentifier".into())),
            }
        }
        (Some(DS), "X509Data") => {
            tokens(tree, node, evidence)?;
            x509_data(tree, child, evidence, hints)?;
        }
        _ => return Err(FormatError::Unsupported("this kind of SecurityTokenReference".into())),
    }
    Ok(())
}

/// The certificates that stand beside the signature as tokens, by their positions, with their SHA-1: what is named and not
/// referred to may be one of them. What cannot be read is not.
fn tokens(tree: &Tree<'_>, node: Node, evidence: &mut Evidence) -> Result<Vec<(usize, Vec<u8>)>, FormatError> {
    let security = tree.around(node).find(|&outer| tree.is(outer, WSSE, "Security"));
    let mut found = Vec::new();
    for token in security.into_iter().flat_map(|security| tree.elements(security)) {
        let is_certificate =
            tree.is(token, WSSE, "BinarySecurityToken") && tree.attribute(token, "ValueType") == Some(X509_V3);
        if is_certificate
            && check_encoding(tree, token).is_ok()
            && let Ok(octets) = base64(tree, token)
        {
            let thumbprint = sha1_of_certificate(&octets).to_vec();
            found.push((evidence.certificate(octets)?, thumbprint));
        }
    }
    Ok(found)
}

/// Base64 is what is meant where nothing is said.
fn check_encoding(tree: &Tree<'_>, node: Node) -> Result<(), FormatError> {
    match tree.attribute(node, "EncodingType") {
        None | Some(BASE64) => Ok(()),
        Some(_) => Err(FormatError::Unsupported("a security token in another encoding than base64".into())),
    }
}
