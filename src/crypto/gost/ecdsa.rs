//! ECDSA over a digest (FIPS 186-4 section 6.4.2, SEC 1 section 4.1.4): ring verifies over the message alone, and of large
//! content read as a stream there is only the digest. Variable time, over public numbers.

use super::curve::{Curve, Refusal, reduce};
use super::field::{Field as _, Montgomery};
use super::limbs::{from_le_bytes, is_zero, less};
use super::multiply::{OddMultiples, interleaved};
use super::nist::{P256, P384, affine};

/// Window of the key's wNAF: 8 points.
const KEY_NAF_WIDTH: usize = 5;

/// Verifies r and s, big-endian without leading zeros, over a digest, under the key x || y of P-256, big-endian.
pub(in crate::crypto) fn verify_p256(point: &[u8], digest: &[u8], r: &[u8], s: &[u8]) -> Result<(), Refusal> {
    verify(&P256, point, digest, r, s)
}

/// The same for P-384.
pub(in crate::crypto) fn verify_p384(point: &[u8], digest: &[u8], r: &[u8], s: &[u8]) -> Result<(), Refusal> {
    verify(&P384, point, digest, r, s)
}

fn verify<const N: usize>(
    curve: &Curve<Montgomery<N>, N>,
    point: &[u8],
    digest: &[u8],
    r: &[u8],
    s: &[u8],
) -> Result<(), Refusal> {
    let (group, scalars) = (&curve.group, curve.scalars());
    let number = |octets| number::<N>(octets).filter(|number| !is_zero(number) && less(number, curve.order()));
    let (Some(r), Some(s)) = (number(r), number(s)) else { return Err(Refusal::Malformed) };
    let key = affine(curve, point).ok_or(Refusal::Malformed)?;
    // The leftmost bits of the digest, as many as the order has: here all 64N of them.
    let e = digest.get(..8 * N).unwrap_or(digest);
    let e = reduce(self::number::<N>(e).ok_or(Refusal::Malformed)?, curve.order());
    // One factor encoded, the products come out plain.
    let w = scalars.invert(&scalars.encode(&s));
    let (u1, u2) = (scalars.mul(&e, &w), scalars.mul(&r, &w));
    let multiples = OddMultiples::new(group, &key, KEY_NAF_WIDTH);
    let sum = interleaved(group, (&u1, curve.base_multiples()), (&u2, &multiples));
    if curve.has_x(&sum, &r) { Ok(()) } else { Err(Refusal::Invalid) }
}

/// A big-endian number of at most 64N bits.
fn number<const N: usize>(octets: &[u8]) -> Option<[u64; N]> {
    let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
    let mut turned: Vec<u8> = octets.iter().skip(zeros).rev().copied().collect();
    if turned.len() > 8 * N {
        return None;
    }
    turned.resize(8 * N, 0);
    from_le_bytes(&turned)
}
