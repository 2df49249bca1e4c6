//! The secret numbers k of signatures: the generator of RFC 6979 section 3.2 (NIST's `HMAC_DRBG`), with fresh randomness mixed in
//! where there is some (section 3.6).
//!
//! Everything in it is derived from the private key and the digest, so that no failure of the source of randomness (nothing,
//! constant, repeated after a virtual machine was copied) can make two messages share a k; the randomness makes k
//! unpredictable even so and takes the ground from attacks that need the same signature made twice.
//!
//! The hash is SHA-512 for every key. RFC 6979 would take the message's, but Streebog is computed from tables where the
//! processor has no AVX-512, and which entries are read there would tell about the key; SHA-512 has no tables.

use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use sha2::Sha512;
use zeroize::{Zeroize as _, Zeroizing};

use super::mask::is_scalar;

/// Octets of an output of the hash.
const OUTPUT: usize = 64;
/// Octets of a block of the hash, which is how long a key of HMAC is.
const BLOCK: usize = 128;
/// Fresh randomness for one signature, in octets.
pub(in crate::crypto) const FRESH: usize = 64;

/// Numbers in (0, q), one after the other. Erased when dropped.
pub(super) struct Nonces<'a, const N: usize> {
    order: &'a [u64; N],
    /// K, followed by zeros: HMAC keys are padded so.
    key: Zeroizing<[u8; BLOCK]>,
    /// V.
    value: Zeroizing<[u8; OUTPUT]>,
    /// Whether a number was given out.
    started: bool,
}

impl<'a, const N: usize> Nonces<'a, N> {
    /// Steps a to g for the private key d and the digest's number e, both below q.
    ///
    /// q must be longer than 64N - 8 bits, so that numbers below it are written in 8N octets; all orders here are.
    pub(super) fn new(order: &'a [u64; N], d: &[u64; N], e: &[u64; N], fresh: Option<&[u8; FRESH]>) -> Self {
        const { assert!(8 * N <= OUTPUT, "one output is a whole candidate") };
        let mut nonces =
            Self { order, key: Zeroizing::new([0; BLOCK]), value: Zeroizing::new([1; OUTPUT]), started: false };
        let mut seed = Zeroizing::new([[0; 8]; N]);
        let mut digest = Zeroizing::new([[0; 8]; N]);
        for i in 0..N {
            seed[i] = d[N - 1 - i].to_be_bytes();
            digest[i] = e[N - 1 - i].to_be_bytes();
        }
        let fresh = fresh.map_or(&[][..], |fresh| fresh);
        for turn in [0, 1] {
            nonces.update(turn, &[seed.as_flattened(), digest.as_flattened(), fresh]);
        }
        nonces
    }

    /// Step h: the next number, or none if it is not in (0, q); a caller asks again then.
    pub(super) fn next(&mut self) -> Option<Zeroizing<[u64; N]>> {
        if self.started {
            self.update(0, &[]);
        }
        self.started = true;
        self.step();
        let number = Zeroizing::new(leftmost_bits(self.value.as_slice(), self.order));
        // Whether a candidate is refused says nothing about the one that is not.
        is_scalar(&number, self.order).then_some(number)
    }

    /// K = HMAC(K, V || turn || parts), V = HMAC(K, V).
    fn update(&mut self, turn: u8, parts: &[&[u8]]) {
        let mut mac = self.mac();
        mac.update(self.value.as_slice());
        mac.update(&[turn]);
        for part in parts {
            mac.update(part);
        }
        let mut output = mac.finalize().into_bytes();
        self.key[..OUTPUT].copy_from_slice(&output);
        output.as_mut_slice().zeroize();
        self.step();
    }

    /// V = HMAC(K, V).
    fn step(&mut self) {
        let mut mac = self.mac();
        mac.update(self.value.as_slice());
        let mut output = mac.finalize().into_bytes();
        self.value.copy_from_slice(&output);
        output.as_mut_slice().zeroize();
    }

    fn mac(&self) -> Hmac<Sha512> {
        Hmac::new((&*self.key).into())
    }
}

/// bits2int: as many bits as q has, from the left.
fn leftmost_bits<const N: usize>(octets: &[u8], order: &[u64; N]) -> [u64; N] {
    let mut number = [0; N];
    for (limb, octets) in number.iter_mut().rev().zip(octets.as_chunks().0) {
        *limb = u64::from_be_bytes(*octets);
    }
    let excess = order[N - 1].leading_zeros();
    if excess > 0 {
        for i in 0..N {
            let above = number.get(i + 1).copied().unwrap_or(0);
            number[i] = number[i] >> excess | above << (64 - excess);
        }
    }
    number
}
