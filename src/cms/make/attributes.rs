//! What a signer signs beside the content (RFC 5652 11, RFC 5035, RFC 2634).

use serde::Serialize;

use super::super::oid;
use super::{Profile, Signing};
use crate::crypto::Digest;
use crate::der::{Oid, write};
use crate::signed::{IssuedFacts, MakeError};
use crate::x509::{Certificate, time};

/// Octets of the facts of an issued document: a slug, a number, twelve digits. Signed attributes of other writers have
/// under 300 octets together.
const MAX_FACTS: usize = 2048;

/// `Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF ANY }` with one value.
pub(super) fn attribute(kind: Oid, value: &[u8]) -> Vec<u8> {
    write::sequence(&[write::oid(kind), write::element(0x31, &[value])])
}

/// The contents of the SET of signed attributes, in DER.
pub(super) fn signed(signing: &Signing<'_>, digest: &Digest, content_type: &[u8]) -> Result<Vec<u8>, MakeError> {
    let mut attributes = vec![
        attribute(oid::CONTENT_TYPE, &write::element(0x06, &[content_type])),
        attribute(oid::MESSAGE_DIGEST, &write::octets(digest.as_bytes())),
        attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate(signing.signer.certificate())),
    ];
    if signing.profile == Profile::Cades {
        attributes.push(attribute(oid::SIGNING_TIME, &time::write(signing.terms.signing_time)));
        if let Some(facts) = signing.terms.facts {
            attributes.push(attribute(oid::CONTENT_HINT, &content_hints(facts)?));
        }
    }
    attributes.sort_unstable();
    Ok(attributes.concat())
}

/// What the signature value is over: the attributes as a SET (RFC 5652 5.4).
pub(super) fn message(attributes: &[u8]) -> Vec<u8> {
    write::element(0x31, &[attributes])
}

/// `SigningCertificateV2` with one `ESSCertIDv2` by the default hash, SHA-256, with issuer and serial number
/// (RFC 5035 section 3; order 500/НҚ p. 8).
fn signing_certificate(certificate: &Certificate) -> Vec<u8> {
    let name = write::element(0xa4, &[certificate.issuer().as_der()]);
    let serial = write::element(0x02, &[certificate.serial_number().as_bytes()]);
    let issuer_serial = write::sequence(&[write::sequence(&[name]), serial]);
    let id = write::sequence(&[write::octets(certificate.sha256()), issuer_serial]);
    write::sequence(&[write::sequence(&[id])])
}

/// The facts as they stand in content-hints.
#[derive(Serialize)]
struct Facts<'a> {
    kind: &'a str,
    service: &'a str,
    number: &'a str,
    holder: &'a str,
}

/// `ContentHints ::= SEQUENCE { contentDescription UTF8String OPTIONAL, contentType OBJECT IDENTIFIER }` (RFC 2634 2.9, EN 319
/// 122-1 clause 5.2.4.1): the facts as one JSON object.
fn content_hints(facts: &IssuedFacts) -> Result<Vec<u8>, MakeError> {
    let IssuedFacts { kind, service, number, holder } = facts;
    let text = serde_json::to_string(&Facts { kind, service, number, holder });
    let text = text.map_err(|error| MakeError::Document(format!("the facts of the document: {error}")))?;
    if text.len() > MAX_FACTS {
        let why = format!("kind, service and number of the document have more than {MAX_FACTS} octets together");
        return Err(MakeError::Document(why));
    }
    Ok(write::sequence(&[write::element(0x0c, &[text]), write::oid(oid::DATA)]))
}
