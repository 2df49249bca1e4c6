//! RSA PKCS#1 v1.5 over a digest (RFC 8017 section 8.2.2): ring verifies over the message alone, and of large content read as a
//! stream there is only the digest. Variable time, over public numbers: what is raised to the public exponent is a signature.

use der::asn1::{AnyRef, UintRef};
use der::{Decode as _, Reader as _};

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
    if signature.len() != length {
        return Err(SignatureError::Malformed);
    }
    let field = Modulus::new(limbs(modulus.as_bytes()));
    let base = limbs(signature);
    if !field.holds(&base) {
        return Err(SignatureError::Malformed);
    }
    let opened = field.power(&base, exponent.as_bytes());
    let expected = encoded(digest, length).ok_or(SignatureError::Malformed)?;
    if opened == limbs(&expected) { Ok(()) } else { Err(SignatureError::Invalid) }
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

/// A big-endian number in limbs, the lowest first.
fn limbs(octets: &[u8]) -> Vec<u64> {
    octets.rchunks(8).map(|limb| limb.iter().fold(0, |number, &octet| number << 8 | u64::from(octet))).collect()
}

/// An odd modulus and what Montgomery multiplication by it needs.
struct Modulus {
    limbs: Vec<u64>,
    /// -1/modulus modulo 2^64.
    minus_inverse: u64,
}

impl Modulus {
    fn new(limbs: Vec<u64>) -> Self {
        let low = limbs.first().copied().unwrap_or(1);
        // Newton: each step doubles the number of right bits of 1/low, from five.
        let mut inverse = low.wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(low.wrapping_mul(inverse)));
        }
        Self { limbs, minus_inverse: inverse.wrapping_neg() }
    }

    /// Whether a number of as many limbs is below the modulus.
    fn holds(&self, number: &[u64]) -> bool {
        number.len() == self.limbs.len() && number.iter().rev().lt(self.limbs.iter().rev())
    }

    /// base to the power of a big-endian exponent, for a base below the modulus.
    fn power(&self, base: &[u64], exponent: &[u8]) -> Vec<u64> {
        let one: Vec<u64> = std::iter::once(1).chain(std::iter::repeat(0)).take(self.limbs.len()).collect();
        // base * R, by doublings: R is 2^(64 * limbs).
        let mut base = base.to_vec();
        let mut result = one.clone();
        for _ in 0..64 * self.limbs.len() {
            base = self.double(base);
            result = self.double(result);
        }
        for bit in exponent.iter().flat_map(|octet| (0..8).rev().map(move |place| octet >> place & 1)) {
            result = self.multiply(&result, &result);
            if bit == 1 {
                result = self.multiply(&result, &base);
            }
        }
        self.multiply(&result, &one)
    }

    fn double(&self, mut number: Vec<u64>) -> Vec<u64> {
        let mut over = 0;
        for limb in &mut number {
            let next = *limb >> 63;
            *limb = *limb << 1 | over;
            over = next;
        }
        self.reduce(number, over)
    }

    /// number + over * R, which is below twice the modulus, modulo it.
    fn reduce(&self, mut number: Vec<u64>, over: u64) -> Vec<u64> {
        if over == 0 && self.holds(&number) {
            return number;
        }
        let mut borrow = false;
        for (limb, &subtracted) in number.iter_mut().zip(&self.limbs) {
            (*limb, borrow) = limb.borrowing_sub(subtracted, borrow);
        }
        number
    }

    /// a * b / R modulo the modulus, for a and b below it: limb by limb, each step dividing by 2^64.
    fn multiply(&self, a: &[u64], b: &[u64]) -> Vec<u64> {
        let mut sum = vec![0_u64; self.limbs.len()];
        let mut top = 0_u64;
        for &factor in a {
            let mut carry = 0;
            for (limb, &digit) in sum.iter_mut().zip(b) {
                (*limb, carry) = factor.carrying_mul_add(digit, *limb, carry);
            }
            let (above, beyond) = top.overflowing_add(carry);
            let quotient = sum.first().copied().unwrap_or(0).wrapping_mul(self.minus_inverse);
            let mut carry = 0;
            let mut shifted = Vec::with_capacity(sum.len());
            for (&limb, &digit) in sum.iter().zip(&self.limbs) {
                let low;
                (low, carry) = quotient.carrying_mul_add(digit, limb, carry);
                shifted.push(low);
            }
            let (last, over) = above.overflowing_add(carry);
            // The lowest limb is zero: that was the division.
            shifted.rotate_left(1);
            if let Some(end) = shifted.last_mut() {
                *end = last;
            }
            sum = shifted;
            top = u64::from(beyond) + u64::from(over);
        }
        self.reduce(sum, top)
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn powers_are_those_of_big_integers(
            modulus in proptest::collection::vec(any::<u8>(), 9..200),
            base in proptest::collection::vec(any::<u8>(), 1..200),
            exponent in prop_oneof![Just(vec![3]), Just(vec![1, 0, 1]), proptest::collection::vec(any::<u8>(), 1..6)],
        ) {
            let mut modulus = modulus;
            modulus[0] |= 1;
            if let Some(last) = modulus.last_mut() {
                *last |= 1;
            }
            let n = BigUint::from_bytes_be(&modulus);
            let base = BigUint::from_bytes_be(&base) % &n;
            let mut octets = base.to_bytes_be();
            octets.splice(0..0, std::iter::repeat_n(0, modulus.len() - octets.len()));
            let field = Modulus::new(limbs(&modulus));
            let expected = base.modpow(&BigUint::from_bytes_be(&exponent), &n);
            let found = field.power(&limbs(&octets), &exponent);
            let found: Vec<u8> = found.iter().flat_map(|limb| limb.to_le_bytes()).collect();
            prop_assert_eq!(BigUint::from_bytes_le(&found), expected);
        }
    }

    #[test]
    fn what_is_not_below_the_modulus_is_held_by_none() {
        let field = Modulus::new(limbs(&[0xff; 16]));
        assert!(field.holds(&limbs(&[0xfe; 16])));
        assert!(!field.holds(&limbs(&[0xff; 16])));
        assert!(!field.holds(&limbs(&[1; 17])));
    }
}
