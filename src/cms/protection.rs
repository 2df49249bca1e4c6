//! The algorithms that a signer names under its signature (RFC 6211), so that nobody can put others in their place.
//!
//! ```text
//! CMSAlgorithmProtection ::= SEQUENCE { digestAlgorithm AlgorithmIdentifier,
//!     signatureAlgorithm [1] IMPLICIT AlgorithmIdentifier OPTIONAL,
//!     macAlgorithm       [2] IMPLICIT AlgorithmIdentifier OPTIONAL }
//! ```

use super::oid;
use super::signer_info::{SignedAttributes, SignerInfo};
use crate::crypto::AlgorithmIdentifier;
use crate::der::{DerError, Tlv, TlvReader};

/// Compares what the attribute says, where there is one, with the algorithms that stand beside it in the signer. Both
/// have to be the same by identifier and parameters, NULL counting as absent.
///
/// # Errors
///
/// Why the signature cannot hold.
pub(super) fn check(signer: &SignerInfo<'_>, signed: &SignedAttributes<'_>) -> Result<(), &'static str> {
    let value = match signed.each.only(oid::ALGORITHM_PROTECTION) {
        Ok(None) => return Ok(()),
        Ok(Some(value)) => value,
        Err(_) => return Err("there is not exactly one CMSAlgorithmProtection"),
    };
    let unreadable = "CMSAlgorithmProtection cannot be read, or does not name the algorithm of a signature";
    let (digest, signature) = fields(value).map_err(|_| unreadable)?;
    let digest = AlgorithmIdentifier::from_der(&digest).map_err(|_| unreadable)?;
    let signature = AlgorithmIdentifier::from_der(&signature).map_err(|_| unreadable)?;
    if digest.same_as(&signer.digest_algorithm) && signature.same_as(&signer.signature_algorithm) {
        Ok(())
    } else {
        Err("the algorithms of the signer are not those that it names under its signature")
    }
}

/// Both identifiers as whole elements. A signer has no algorithm of a MAC, so that field is as wrong as anything else.
fn fields(value: Tlv<'_>) -> Result<(Vec<u8>, Vec<u8>), DerError> {
    let mut outer = TlvReader::new(value.raw);
    let mut fields = TlvReader::new(outer.expect(0x30)?.value);
    let digest = fields.expect(0x30)?.raw.to_vec();
    let mut signature = fields.expect(0xa1)?.raw.to_vec();
    fields.finish()?;
    // IMPLICIT: only the tag is another.
    if let Some(tag) = signature.first_mut() {
        *tag = 0x30;
    }
    Ok((digest, signature))
}
