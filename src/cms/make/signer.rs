//! One signer written (RFC 5652 5.3), as the National CA's clients write it.

use crate::crypto::{SignatureAlgorithm, SignatureAlgorithm as Algorithm};
use crate::der::{DerError, Oid, TlvReader, write};
use crate::x509::Certificate;

use super::digest_algorithm;
use super::elements::Elements;

/// Whether identifiers of the algorithm have NULL for parameters: what clients of the National CA write for GOST and RSA.
/// For the algorithms of NIST and Ed25519 parameters must be absent (RFC 5754 section 3.3, RFC 8419 section 3).
fn has_null(algorithm: SignatureAlgorithm) -> bool {
    match algorithm {
        Algorithm::Gost2004
        | Algorithm::Gost2015_256
        | Algorithm::Gost2015_512
        | Algorithm::RsaPkcs1Sha256
        | Algorithm::RsaPkcs1Sha384
        | Algorithm::RsaPkcs1Sha512 => true,
        Algorithm::EcdsaSha256 | Algorithm::EcdsaSha384 | Algorithm::EcdsaSha512 | Algorithm::Ed25519 => false,
        // No key of ours signs so; its identifier would need parameters, and without them it says something else.
        Algorithm::RsaPssSha256 | Algorithm::RsaPssSha384 | Algorithm::RsaPssSha512 => false,
    }
}

fn identifier(oid: Oid, null: bool) -> Vec<u8> {
    write::sequence(&[write::oid(oid).as_slice(), if null { write::NULL } else { &[] }])
}

/// digestAlgorithm of a signer.
pub(super) fn digest_identifier(algorithm: SignatureAlgorithm) -> Vec<u8> {
    identifier(digest_algorithm(algorithm).oid(), has_null(algorithm))
}

/// The whole `SignerInfo`, without unsigned attributes; `attributes` are the contents of the SET of the signed ones.
pub(super) fn encode(
    certificate: &Certificate,
    algorithm: SignatureAlgorithm,
    attributes: &[u8],
    value: &[u8],
) -> Vec<u8> {
    let serial = write::element(0x02, &[certificate.serial_number().as_bytes()]);
    write::sequence(&[
        // Version 1: named by issuer and serial number.
        &[0x02, 1, 1][..],
        &write::sequence(&[certificate.issuer().as_der(), &serial]),
        &digest_identifier(algorithm),
        &write::element(0xa0, &[attributes]),
        &identifier(algorithm.oid(), has_null(algorithm)),
        &write::octets(value),
    ])
}

/// A `SignerInfo` with one unsigned attribute more; the rest keeps its octets.
pub(super) fn with_unsigned(element: &[u8], attribute: Vec<u8>) -> Result<Vec<u8>, DerError> {
    let signer = TlvReader::new(element).expect(0x30)?;
    let mut fields = TlvReader::new(signer.value);
    let mut unsigned = Elements::default();
    let mut end = 0;
    while !fields.is_empty() {
        let field = fields.read()?;
        // [1] is the last field; the sid may have [0] only.
        if field.tag == 0xa1 {
            unsigned = Elements::read(field.value)?;
        } else {
            end = fields.offset();
        }
    }
    unsigned.add(attribute);
    Ok(write::sequence(&[signer.value.get(..end).unwrap_or_default(), &unsigned.encode(0xa1)]))
}
