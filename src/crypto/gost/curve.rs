//! A curve with its base point, the scalars modulo its order, and the verification of GOST R 34.10.

use std::sync::OnceLock;

use super::field::{Field, Montgomery};
use super::limbs;
use super::multiply::{FixedWindows, OddMultiples, interleaved};
use super::point::{Affine, Group, Jacobian};

/// Window of the base point's wNAF: 512 points, built once a process.
const BASE_NAF_WIDTH: usize = 11;
/// Window of a key's wNAF, built at each verification: 8 points.
const KEY_NAF_WIDTH: usize = 5;
/// Windows of the base point for prepared keys: no doublings, an addition for 8 bits, 1 MiB for 512 bits.
const BASE_WINDOW: usize = 8;
/// Windows of a prepared key: 7 bits, of which every third has its own row: 200 KiB for 512 bits.
const KEY_WINDOW: usize = 7;
const KEY_STRIDE: usize = 3;

/// The numbers that define a curve, as its standard prints them.
pub(super) struct Parameters<const N: usize> {
    pub(super) a: [u64; N],
    pub(super) b: [u64; N],
    /// The prime order of the base point.
    pub(super) q: [u64; N],
    pub(super) x: [u64; N],
    pub(super) y: [u64; N],
    /// The curve's order divided by q.
    pub(super) cofactor: u32,
}

/// A curve ready for use.
pub(super) struct Curve<F, const N: usize> {
    pub(super) group: Group<F, N>,
    scalars: Montgomery<N>,
    base: Affine<N>,
    cofactor: u32,
    base_multiples: OnceLock<OddMultiples<N>>,
    base_windows: OnceLock<FixedWindows<N>>,
}

/// Why a point is no public key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::crypto) enum PointError {
    /// Not two coordinates of the curve's length.
    Length,
    /// A coordinate is not below p.
    Range,
    /// The coordinates do not satisfy the curve's equation.
    NotOnCurve,
    /// On the curve, but not a multiple of the base point.
    WrongSubgroup,
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::crypto) enum Refusal {
    /// Not two numbers of the curve's length, each in (0, q).
    Malformed,
    /// Well-formed, but not made by this key over this digest.
    Invalid,
}

impl<F: Field<N>, const N: usize> Curve<F, N> {
    /// Sets a curve up from its field and numbers.
    pub(super) fn new(field: F, parameters: &Parameters<N>) -> Self {
        let base = Affine { x: field.encode(&parameters.x), y: field.encode(&parameters.y) };
        Self {
            group: Group::new(field, &parameters.a, &parameters.b),
            scalars: Montgomery::new(&parameters.q),
            base,
            cofactor: parameters.cofactor,
            base_multiples: OnceLock::new(),
            base_windows: OnceLock::new(),
        }
    }

    /// The order q of the base point.
    pub(super) fn order(&self) -> &[u64; N] {
        self.scalars.prime()
    }

    /// The base point.
    pub(super) fn base(&self) -> &Affine<N> {
        &self.base
    }

    /// Arithmetic modulo that order.
    pub(super) fn scalars(&self) -> &Montgomery<N> {
        &self.scalars
    }

    /// The multiples of the base point, built once a process.
    pub(super) fn base_multiples(&self) -> &OddMultiples<N> {
        self.base_multiples.get_or_init(|| OddMultiples::new(&self.group, &self.base, BASE_NAF_WIDTH))
    }

    fn base_windows(&self) -> &FixedWindows<N> {
        self.base_windows.get_or_init(|| FixedWindows::new(&self.group, &self.base, BASE_WINDOW, 1))
    }

    /// Reads x || y, each little-endian, and checks everything a key owes: range, equation, subgroup.
    ///
    /// Infinity has no such coordinates: (0, 0) would need b = 0, which no curve here has.
    pub(super) fn point(&self, bytes: &[u8]) -> Result<Affine<N>, PointError> {
        if bytes.len() != 16 * N {
            return Err(PointError::Length);
        }
        let (x, y) = bytes.split_at(8 * N);
        let point = Affine { x: self.coordinate(x)?, y: self.coordinate(y)? };
        if !self.group.contains(&point) {
            return Err(PointError::NotOnCurve);
        }
        if self.cofactor != 1 && !self.has_prime_order(&point) {
            return Err(PointError::WrongSubgroup);
        }
        Ok(point)
    }

    fn coordinate(&self, bytes: &[u8]) -> Result<[u64; N], PointError> {
        let number = limbs::from_le_bytes(bytes).ok_or(PointError::Length)?;
        if !limbs::less(&number, self.group.field.prime()) {
            return Err(PointError::Range);
        }
        Ok(self.group.field.encode(&number))
    }

    /// Whether q * point is infinity. Points of small order break no formula, but leave wNAF tables with infinity in
    /// them, so the multiple is taken bit by bit.
    fn has_prime_order(&self, point: &Affine<N>) -> bool {
        let order = self.scalars.prime();
        let mut sum = self.group.infinity();
        for index in (0..64 * N).rev() {
            sum = self.group.double(&sum);
            if limbs::bit(order, index) {
                sum = self.group.add_affine(&sum, point);
            }
        }
        self.group.is_infinity(&sum)
    }

    /// The tables of a key for [`Curve::verify`].
    pub(super) fn prepare(&self, key: &Affine<N>) -> FixedWindows<N> {
        self.base_windows();
        FixedWindows::new(&self.group, key, KEY_WINDOW, KEY_STRIDE)
    }

    /// GOST R 34.10-2012 section 6.2 (RFC 7091), steps 1 to 7, on a digest and a signature in Kazakh byte order.
    pub(super) fn verify(
        &self,
        key: &Affine<N>,
        prepared: Option<&FixedWindows<N>>,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), Refusal> {
        if signature.len() != 16 * N {
            return Err(Refusal::Malformed);
        }
        // Step 1: r || s, little-endian, both in (0, q).
        let (r, s) = signature.split_at(8 * N);
        let (r, s) = (self.scalar(r)?, self.scalar(s)?);
        // Steps 2 and 3: e, the digest as a little-endian number modulo q, with 0 taken as 1.
        let e = digest_scalar(digest, self.order()).ok_or(Refusal::Malformed)?;
        // Steps 4 and 5: v = 1/e, z1 = s*v, z2 = -r*v. One factor encoded, the products come out plain.
        let v = self.scalars.invert(&self.scalars.encode(&e));
        let z1 = self.scalars.mul(&s, &v);
        let z2 = self.scalars.negate(&self.scalars.mul(&r, &v));
        // Steps 6 and 7: C = z1*P + z2*Q, accepted if its x modulo q is r.
        let c = match prepared {
            Some(windows) => {
                let sum = windows.add_to(&self.group, self.group.infinity(), &z2);
                self.base_windows().add_to(&self.group, sum, &z1)
            }
            None => {
                let multiples = OddMultiples::new(&self.group, key, KEY_NAF_WIDTH);
                interleaved(&self.group, (&z1, self.base_multiples()), (&z2, &multiples))
            }
        };
        if self.has_x(&c, &r) { Ok(()) } else { Err(Refusal::Invalid) }
    }

    /// A number of the signature: exact length, in (0, q).
    fn scalar(&self, bytes: &[u8]) -> Result<[u64; N], Refusal> {
        let number = limbs::from_le_bytes(bytes).ok_or(Refusal::Malformed)?;
        if limbs::is_zero(&number) || !limbs::less(&number, self.scalars.prime()) {
            return Err(Refusal::Malformed);
        }
        Ok(number)
    }

    /// Whether x(point) modulo q is r: compares X with (r + k*q) * Z^2 for each such number below p, so that no
    /// inversion is needed. Infinity has no x.
    pub(super) fn has_x(&self, point: &Jacobian<N>, r: &[u64; N]) -> bool {
        if self.group.is_infinity(point) {
            return false;
        }
        let field = &self.group.field;
        let zz = field.square(&point.z);
        let mut candidate = *r;
        while limbs::less(&candidate, field.prime()) {
            if field.equal(&field.mul(&field.encode(&candidate), &zz), &point.x) {
                return true;
            }
            let (next, carry) = limbs::add(&candidate, self.scalars.prime());
            if carry {
                break;
            }
            candidate = next;
        }
        false
    }
}

/// The digest as e: reduced modulo q (at most four subtractions, q being above 2^(64N - 2)), never zero.
pub(super) fn digest_scalar<const N: usize>(digest: &[u8], order: &[u64; N]) -> Option<[u64; N]> {
    let mut number = reduce(limbs::from_le_bytes(digest)?, order);
    if limbs::is_zero(&number) {
        number[0] = 1;
    }
    Some(number)
}

/// A public number modulo q, by subtractions.
pub(super) fn reduce<const N: usize>(mut number: [u64; N], order: &[u64; N]) -> [u64; N] {
    while let (reduced, false) = limbs::sub(&number, order) {
        number = reduced;
    }
    number
}
