//! The curves on big integers, by the textbook: what our arithmetic is tested against, and the tests' signer.

use num_bigint::BigUint;

use super::curve::Curve;
use super::field::Field;
use super::limbs;

pub(super) type Point = Option<(BigUint, BigUint)>;

/// A curve on big integers in affine coordinates, as the textbooks have it.
pub(super) struct Reference<const N: usize> {
    pub(super) p: BigUint,
    a: BigUint,
    b: BigUint,
    pub(super) q: BigUint,
    pub(super) base: (BigUint, BigUint),
}

pub(super) fn big<const N: usize>(limbs: &[u64; N]) -> BigUint {
    let bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    BigUint::from_bytes_le(&bytes)
}

pub(super) fn le_bytes(number: &BigUint, length: usize) -> Vec<u8> {
    let mut bytes = number.to_bytes_le();
    bytes.resize(length, 0);
    bytes
}

pub(super) fn small<const N: usize>(number: &BigUint) -> [u64; N] {
    limbs::from_le_bytes(&le_bytes(number, 8 * N)).expect("N limbs")
}

impl<const N: usize> Reference<N> {
    pub(super) fn of<F: Field<N>>(curve: &Curve<F, N>) -> Self {
        let field = &curve.group.field;
        let number = |element| big(&field.decode(element));
        let (a, b) = curve.group.coefficients();
        Self {
            p: big(field.prime()),
            a: number(a),
            b: number(b),
            q: big(curve.order()),
            base: (number(&curve.base().x), number(&curve.base().y)),
        }
    }

    pub(super) fn inverse(&self, number: &BigUint, modulus: &BigUint) -> BigUint {
        number.modinv(modulus).expect("a number below a prime")
    }

    pub(super) fn add(&self, one: &Point, two: &Point) -> Point {
        let (Some((x1, y1)), Some((x2, y2))) = (one, two) else {
            return one.clone().or_else(|| two.clone());
        };
        let p = &self.p;
        let slope = if x1 != x2 {
            (y2 + p - y1) * self.inverse(&((x2 + p - x1) % p), p)
        } else if (y1 + y2) % p == BigUint::ZERO {
            return None;
        } else {
            (x1 * x1 * 3u32 + &self.a) * self.inverse(&(y1 * 2u32 % p), p)
        } % p;
        let x3 = (&slope * &slope + p + p - x1 - x2) % p;
        let y3 = (slope * (x1 + p - &x3) + p - y1) % p;
        Some((x3, y3))
    }

    pub(super) fn multiply(&self, scalar: &BigUint, point: &Point) -> Point {
        let mut sum = None;
        for index in (0..scalar.bits()).rev() {
            sum = self.add(&sum, &sum);
            if scalar.bit(index) {
                sum = self.add(&sum, point);
            }
        }
        sum
    }

    pub(super) fn base(&self) -> Point {
        Some(self.base.clone())
    }

    pub(super) fn public(&self, d: &BigUint) -> Vec<u8> {
        self.encode(&self.multiply(d, &self.base()))
    }

    pub(super) fn encode(&self, point: &Point) -> Vec<u8> {
        let (x, y) = point.clone().expect("not infinity");
        [le_bytes(&x, 8 * N), le_bytes(&y, 8 * N)].concat()
    }

    pub(super) fn e(&self, digest: &[u8]) -> BigUint {
        let e = BigUint::from_bytes_le(digest) % &self.q;
        if e == BigUint::ZERO { BigUint::from(1u32) } else { e }
    }

    /// GOST R 34.10-2012 section 6.1 with a given k.
    pub(super) fn sign(&self, d: &BigUint, k: &BigUint, digest: &[u8]) -> (BigUint, BigUint) {
        let (x, _) = self.multiply(k, &self.base()).expect("k is below q");
        let r = x % &self.q;
        let s = (&r * d + k * self.e(digest)) % &self.q;
        (r, s)
    }

    pub(super) fn signature(&self, r: &BigUint, s: &BigUint) -> Vec<u8> {
        [le_bytes(r, 8 * N), le_bytes(s, 8 * N)].concat()
    }

    /// A point of the curve for some x from a start up, by a square root modulo p = 3 (mod 4).
    pub(super) fn any_point(&self, start: &BigUint) -> Point {
        let p = &self.p;
        (0u32..).map(|step| start + step).find_map(|x| {
            let right = (&x * &x * &x + &self.a * &x + &self.b) % p;
            let y = right.modpow(&((p + 1u32) >> 2), p);
            (&y * &y % p == right).then_some((x, y))
        })
    }
}
