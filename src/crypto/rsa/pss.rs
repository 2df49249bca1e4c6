//! RSASSA-PSS over a digest (RFC 8017 section 8.1.2), with the salt as long as the digest and MGF1 with the digest's hash.

use super::super::digest::{Digest, hash};
use super::super::hash_algorithm::HashAlgorithm;
use super::super::key::SignatureError;
use super::Opened;

/// What an encoded message ends with.
const TRAILER: u8 = 0xbc;

/// Whether a signature is this key's (a checked `RSAPublicKey`) over a digest.
pub fn verify(key: &[u8], digest: &Digest, signature: &[u8]) -> Result<(), SignatureError> {
    let opened = Opened::of(key, signature)?;
    // The encoded message has a bit less than the modulus, so that its number is below it.
    let bits = usize::try_from(opened.bits.saturating_sub(1)).map_err(|_| SignatureError::Malformed)?;
    let encoded = opened.in_octets(bits.div_ceil(8));
    let unused = bits.div_ceil(8) * 8 - bits;
    if encoded.is_some_and(|encoded| is_encoding(&encoded, unused, digest).unwrap_or(false)) {
        Ok(())
    } else {
        Err(SignatureError::Invalid)
    }
}

/// EMSA-PSS-VERIFY (RFC 8017 section 9.1.2), by the numbers of its steps; `None` where the encoding is too short.
fn is_encoding(encoded: &[u8], unused: usize, digest: &Digest) -> Option<bool> {
    let length = digest.as_bytes().len();
    // 3 to 5: masked data, hash, trailer.
    let (masked, rest) = encoded.split_at_checked(encoded.len().checked_sub(length + 1)?)?;
    let (found, trailer) = rest.split_at_checked(length)?;
    // 6: what is above the bits of the encoding.
    let used = 0xff_u8.checked_shr(u32::try_from(unused).ok()?)?;
    let above = masked.first()? & !used;
    // 7 to 9.
    let mask = mask(digest.algorithm(), found, masked.len());
    let mut data: Vec<u8> = masked.iter().zip(mask).map(|(octet, mask)| octet ^ mask).collect();
    *data.first_mut()? &= used;
    // 10 and 11: zeros, a one, the salt.
    let (padding, salt) = data.split_at_checked(data.len().checked_sub(length)?)?;
    let (one, zeros) = padding.split_last()?;
    let padded = *one == 1 && zeros.iter().all(|&octet| octet == 0);
    // 12 and 13.
    let hashed = hash(digest.algorithm(), &[&[0; 8][..], digest.as_bytes(), salt].concat());
    Some(trailer == [TRAILER] && above == 0 && padded && hashed.as_bytes() == found)
}

/// MGF1 (RFC 8017 appendix B.2.1).
fn mask(algorithm: HashAlgorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0_u32..).map(|counter| hash(algorithm, &[seed, &counter.to_be_bytes()].concat()));
    let mut mask: Vec<u8> = Vec::with_capacity(length);
    for block in blocks.take(length.div_ceil(algorithm.output_len())) {
        mask.extend_from_slice(block.as_bytes());
    }
    mask.truncate(length);
    mask
}
