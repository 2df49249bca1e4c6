//! Elliptic curves in short Weierstrass form over big integers: slow, and plain enough to be believed.
//!
//! Points are affine outside and Jacobian (x = X/Z², y = Y/Z³) inside a multiplication, to invert once. Not constant
//! time, on purpose: no secret worth keeping passes through here.

use std::sync::OnceLock;

use num_bigint::BigUint;

/// y² = x³ + a·x + b over GF(p), with a base point of prime order q.
#[derive(Debug)]
pub struct Curve {
    /// What it is called in these sources.
    pub name: &'static str,
    /// The field's prime.
    pub p: BigUint,
    /// Coefficient a.
    pub a: BigUint,
    /// Coefficient b.
    pub b: BigUint,
    /// Order of the base point.
    pub q: BigUint,
    /// The base point.
    pub base: Affine,
    /// 2^i · base, filled at the first use: a base multiplication is then additions only.
    doublings: OnceLock<Vec<Jacobian>>,
}

/// A point that is not infinity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affine {
    /// The coordinate x, 0 ≤ x < p.
    pub x: BigUint,
    /// The coordinate y, 0 ≤ y < p.
    pub y: BigUint,
}

/// A point in Jacobian coordinates; Z = 0 is infinity.
#[derive(Clone, Debug)]
struct Jacobian {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

impl Curve {
    /// A curve from hexadecimal parameters.
    ///
    /// # Panics
    /// If one of them is not hexadecimal.
    pub fn new(name: &'static str, [p, a, b, q, x, y]: [&str; 6]) -> Curve {
        let base = Affine { x: hex(x), y: hex(y) };
        Curve { name, p: hex(p), a: hex(a), b: hex(b), q: hex(q), base, doublings: OnceLock::new() }
    }

    /// Octets of a coordinate.
    pub fn field_bytes(&self) -> usize {
        self.p.bits().div_ceil(8) as usize
    }

    /// Does the point satisfy the equation, with both coordinates reduced?
    pub fn contains(&self, point: &Affine) -> bool {
        let Affine { x, y } = point;
        x < &self.p && y < &self.p && y * y % &self.p == (x * x * x + &self.a * x + &self.b) % &self.p
    }

    /// k · base; `None` is infinity.
    pub fn multiply_base(&self, k: &BigUint) -> Option<Affine> {
        self.affine(&self.times_base(&(k % &self.q)))
    }

    /// k · point; `None` is infinity.
    pub fn multiply(&self, k: &BigUint, point: &Affine) -> Option<Affine> {
        self.affine(&self.times(k, point))
    }

    /// u · base + v · point; `None` is infinity.
    pub fn multiply_and_add(&self, u: &BigUint, v: &BigUint, point: &Affine) -> Option<Affine> {
        self.affine(&self.add(&self.times_base(&(u % &self.q)), &self.times(v, point)))
    }

    fn times_base(&self, k: &BigUint) -> Jacobian {
        let doublings = self.doublings.get_or_init(|| {
            let start = Jacobian::from(&self.base);
            std::iter::successors(Some(start), |point| Some(self.double(point))).take(self.q.bits() as usize).collect()
        });
        let bits = (0..k.bits()).filter(|&bit| k.bit(bit));
        bits.fold(Jacobian::infinity(), |sum, bit| self.add(&sum, &doublings[bit as usize]))
    }

    fn times(&self, k: &BigUint, point: &Affine) -> Jacobian {
        let point = Jacobian::from(point);
        (0..k.bits()).rev().fold(Jacobian::infinity(), |sum, bit| {
            let doubled = self.double(&sum);
            if k.bit(bit) { self.add(&doubled, &point) } else { doubled }
        })
    }

    fn affine(&self, point: &Jacobian) -> Option<Affine> {
        let z_inverse = point.z.modinv(&self.p)?;
        let z2 = self.mul(&z_inverse, &z_inverse);
        Some(Affine { x: self.mul(&point.x, &z2), y: self.mul(&point.y, &self.mul(&z2, &z_inverse)) })
    }

    fn double(&self, point: &Jacobian) -> Jacobian {
        let Jacobian { x, y, z } = point;
        let y2 = self.mul(y, y);
        let s = self.mul(&(x * 4u8), &y2);
        let z2 = self.mul(z, z);
        let m = (x * x * 3u8 + &self.a * self.mul(&z2, &z2)) % &self.p;
        let x3 = self.sub(&(&m * &m), &(&s * 2u8));
        let y3 = self.sub(&(&m * self.sub(&s, &x3)), &(self.mul(&y2, &y2) * 8u8));
        Jacobian { x: x3, y: y3, z: (y * z * 2u8) % &self.p }
    }

    fn add(&self, one: &Jacobian, two: &Jacobian) -> Jacobian {
        if one.is_infinity() {
            return two.clone();
        }
        if two.is_infinity() {
            return one.clone();
        }
        let (z1z1, z2z2) = (self.mul(&one.z, &one.z), self.mul(&two.z, &two.z));
        let (u1, u2) = (self.mul(&one.x, &z2z2), self.mul(&two.x, &z1z1));
        let s1 = self.mul(&one.y, &self.mul(&z2z2, &two.z));
        let s2 = self.mul(&two.y, &self.mul(&z1z1, &one.z));
        let (h, r) = (self.sub(&u2, &u1), self.sub(&s2, &s1));
        if h == BigUint::ZERO {
            return if r == BigUint::ZERO { self.double(one) } else { Jacobian::infinity() };
        }
        let h2 = self.mul(&h, &h);
        let (h3, u1h2) = (self.mul(&h2, &h), self.mul(&u1, &h2));
        let x3 = self.sub(&(&r * &r), &(&h3 + &u1h2 * 2u8));
        let y3 = self.sub(&(&r * self.sub(&u1h2, &x3)), &(&s1 * &h3));
        Jacobian { x: x3, y: y3, z: self.mul(&self.mul(&one.z, &two.z), &h) }
    }

    fn mul(&self, one: &BigUint, two: &BigUint) -> BigUint {
        one * two % &self.p
    }

    fn sub(&self, one: &BigUint, two: &BigUint) -> BigUint {
        (one % &self.p + &self.p - two % &self.p) % &self.p
    }
}

impl Jacobian {
    fn infinity() -> Jacobian {
        Jacobian { x: BigUint::from(1u8), y: BigUint::from(1u8), z: BigUint::ZERO }
    }

    fn is_infinity(&self) -> bool {
        self.z == BigUint::ZERO
    }
}

impl From<&Affine> for Jacobian {
    fn from(point: &Affine) -> Jacobian {
        Jacobian { x: point.x.clone(), y: point.y.clone(), z: BigUint::from(1u8) }
    }
}

/// A number from hexadecimal digits.
///
/// # Panics
/// If they are not hexadecimal.
pub fn hex(digits: &str) -> BigUint {
    BigUint::parse_bytes(digits.as_bytes(), 16).expect("hexadecimal digits")
}
