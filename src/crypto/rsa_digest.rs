//! RSA PKCS#1 v1.5 over a digest (RFC 8017 section 8.2.2): ring verifies over the message alone, and of large content read as a
//! stream there is only the digest. Variable time, over public numbers: what is raised to the public exponent is a signature.

use der::asn1::{AnyRef, UintRef};
use der::{Decode as _, Reader as _};
use num_bigint::BigUint;

use super::digest::Digest;
use super::key::SignatureError;
use crate::der::write;

/// Whether a signature is this key's (a checked `RSAPublicKey`) over a digest. The encoded message is written anew and compared
/// whole, so that nothing in it is parsed.
pub(super) fn verify(key: &[u8], digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
    let (modulus, exponent) = AnyRef::from_der(key)
        .and_then(|outer| outer.sequence(|reader| Ok::<_, der::Error>((reader.decode()?, reader.decode()?))))
        .map_err(|_| SignatureError::Malformed)?;
    let (modulus, exponent): (UintRef<'_>, UintRef<'_>) = (modulus, exponent);
    let length = modulus.as_bytes().len();
    let number = |octets| BigUint::from_bytes_be(octets);
    let (modulus, signature_value) = (number(modulus.as_bytes()), number(signature));
    // RFC 8017 section 8.2.2 step 1, and the representative out of range of section 5.2.2.
    if signature.len() != length || signature_value >= modulus {
        return Err(SignatureError::Malformed);
    }
    let expected = encoded(digest, length).ok_or(SignatureError::Malformed)?;
    let opened = signature_value.modpow(&number(exponent.as_bytes()), &modulus);
    if opened == number(&expected) { Ok(()) } else { Err(SignatureError::Invalid) }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2), with NULL as the parameters of the hash: 0, 1, octets FF, 0, `DigestInfo`.
fn encoded(digest: &Digest, length: usize) -> Option<Vec<u8>> {
    let algorithm = write::sequence(&[write::oid(digest.algorithm().oid()), write::NULL.to_vec()]);
    let info = write::sequence(&[algorithm, write::octets(digest.as_bytes())]);
    // At least eight octets FF.
    let padding = length.checked_sub(info.len() + 3).filter(|&padding| padding >= 8)?;
    let mut octets = vec![0, 1];
    octets.resize(2 + padding, 0xff);
    octets.push(0);
    octets.extend_from_slice(&info);
    Some(octets)
}
