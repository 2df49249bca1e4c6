//! RSASSA-PKCS1-v1_5 over a digest (RFC 8017 section 8.2.2).

use super::super::digest::Digest;
use super::super::key::SignatureError;
use super::Opened;
use crate::der::write;

/// Whether a signature is this key's (a checked `RSAPublicKey`) over a digest. The encoded message is written anew and compared
/// whole, so that nothing in it is parsed.
pub fn verify(key: &[u8], digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
    let opened = Opened::of(key, signature)?;
    let expected = encoded(digest, signature.len()).ok_or(SignatureError::Malformed)?;
    if opened.in_octets(signature.len()).is_some_and(|octets| octets == expected) {
        Ok(())
    } else {
        Err(SignatureError::Invalid)
    }
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
