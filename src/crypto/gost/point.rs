//! Points of y^2 = x^3 + a x + b: affine ones (tables, keys) and Jacobian ones (sums), with every exceptional case.
//!
//! Formulas: <https://hyperelliptic.org/EFD/g1p/auto-shortw-jacobian.html>. They are not constant-time and must not be:
//! verification handles public numbers only.

use super::field::Field;

/// A point that is not infinity, by its coordinates (in the field's own form).
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine<const N: usize> {
    pub(super) x: [u64; N],
    pub(super) y: [u64; N],
}

/// A point as (X/Z^2, Y/Z^3); Z = 0 is infinity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jacobian<const N: usize> {
    pub(super) x: [u64; N],
    pub(super) y: [u64; N],
    pub(super) z: [u64; N],
}

/// The equation of a curve and the group law on it.
#[derive(Clone)]
pub(super) struct Group<F, const N: usize> {
    pub(super) field: F,
    /// The coefficient a, encoded.
    a: [u64; N],
    /// The coefficient b, encoded.
    b: [u64; N],
    /// 1, encoded.
    pub(super) one: [u64; N],
    /// a = -3 saves two squarings a doubling; most standard curves have it.
    a_is_minus_three: bool,
}

impl<F: Field<N>, const N: usize> Group<F, N> {
    /// The group of a curve by its coefficients (plain numbers below p).
    pub(super) fn new(field: F, a: &[u64; N], b: &[u64; N]) -> Self {
        let mut number = [0; N];
        number[0] = 1;
        let one = field.encode(&number);
        number[0] = 3;
        let three = field.encode(&number);
        let a = field.encode(a);
        let b = field.encode(b);
        let a_is_minus_three = field.is_zero(&field.add(&a, &three));
        Self { field, a, b, one, a_is_minus_three }
    }

    /// The coefficients a and b, encoded.
    pub(super) fn coefficients(&self) -> (&[u64; N], &[u64; N]) {
        (&self.a, &self.b)
    }

    /// Whether the coordinates satisfy the equation.
    pub(super) fn contains(&self, point: &Affine<N>) -> bool {
        let f = &self.field;
        let x_squared_plus_a = f.add(&f.square(&point.x), &self.a);
        let right = f.add(&f.mul(&x_squared_plus_a, &point.x), &self.b);
        f.equal(&f.square(&point.y), &right)
    }

    pub(super) fn infinity(&self) -> Jacobian<N> {
        Jacobian { x: self.one, y: self.one, z: [0; N] }
    }

    pub(super) fn is_infinity(&self, point: &Jacobian<N>) -> bool {
        self.field.is_zero(&point.z)
    }

    pub(super) fn negate(&self, point: &Affine<N>) -> Affine<N> {
        Affine { x: point.x, y: self.field.negate(&point.y) }
    }

    pub(super) fn to_jacobian(&self, point: &Affine<N>) -> Jacobian<N> {
        Jacobian { x: point.x, y: point.y, z: self.one }
    }

    /// 2 * point; infinity and points of order two come out as infinity by themselves.
    #[inline]
    pub(super) fn double(&self, point: &Jacobian<N>) -> Jacobian<N> {
        if self.a_is_minus_three { self.double_minus_three(point) } else { self.double_any(point) }
    }

    /// dbl-2001-b for a = -3: 4 multiplications, 4 squarings.
    #[inline(always)]
    fn double_minus_three(&self, p: &Jacobian<N>) -> Jacobian<N> {
        let f = &self.field;
        let delta = f.square(&p.z);
        let gamma = f.square(&p.y);
        let beta = f.mul(&p.x, &gamma);
        let slope = f.mul(&f.sub(&p.x, &delta), &f.add(&p.x, &delta));
        let alpha = f.add(&f.double(&slope), &slope);
        let beta4 = f.double(&f.double(&beta));
        let x = f.sub(&f.square(&alpha), &f.double(&beta4));
        let z = f.double(&f.mul(&p.y, &p.z));
        let gamma_squared8 = f.double(&f.double(&f.double(&f.square(&gamma))));
        let y = f.sub(&f.mul(&alpha, &f.sub(&beta4, &x)), &gamma_squared8);
        Jacobian { x, y, z }
    }

    /// dbl-1998-cmo-2 for any a: 4 multiplications, 6 squarings (the product with a among them).
    fn double_any(&self, p: &Jacobian<N>) -> Jacobian<N> {
        let f = &self.field;
        let xx = f.square(&p.x);
        let yy = f.square(&p.y);
        let zz = f.square(&p.z);
        let s = f.double(&f.double(&f.mul(&p.x, &yy)));
        let m = f.add(&f.add(&f.double(&xx), &xx), &f.mul(&self.a, &f.square(&zz)));
        let x = f.sub(&f.square(&m), &f.double(&s));
        let z = f.double(&f.mul(&p.y, &p.z));
        let yyyy8 = f.double(&f.double(&f.double(&f.square(&yy))));
        let y = f.sub(&f.mul(&m, &f.sub(&s, &x)), &yyyy8);
        Jacobian { x, y, z }
    }

    /// p + q for an affine q: 8 multiplications, 3 squarings.
    #[inline]
    pub(super) fn add_affine(&self, p: &Jacobian<N>, q: &Affine<N>) -> Jacobian<N> {
        let f = &self.field;
        if self.is_infinity(p) {
            return self.to_jacobian(q);
        }
        let zz = f.square(&p.z);
        let h = f.sub(&f.mul(&q.x, &zz), &p.x);
        let r = f.sub(&f.mul(&q.y, &f.mul(&p.z, &zz)), &p.y);
        if f.is_zero(&h) {
            return self.add_same_x(p, &r);
        }
        let hh = f.square(&h);
        let hhh = f.mul(&h, &hh);
        let v = f.mul(&p.x, &hh);
        let x = f.sub(&f.sub(&f.square(&r), &hhh), &f.double(&v));
        let y = f.sub(&f.mul(&r, &f.sub(&v, &x)), &f.mul(&p.y, &hhh));
        Jacobian { x, y, z: f.mul(&p.z, &h) }
    }

    /// p + q for two Jacobian points: 12 multiplications, 4 squarings (table building only).
    pub(super) fn add(&self, p: &Jacobian<N>, q: &Jacobian<N>) -> Jacobian<N> {
        let f = &self.field;
        if self.is_infinity(p) {
            return *q;
        }
        if self.is_infinity(q) {
            return *p;
        }
        let pzz = f.square(&p.z);
        let qzz = f.square(&q.z);
        let u = f.mul(&p.x, &qzz);
        let s = f.mul(&p.y, &f.mul(&q.z, &qzz));
        let h = f.sub(&f.mul(&q.x, &pzz), &u);
        let r = f.sub(&f.mul(&q.y, &f.mul(&p.z, &pzz)), &s);
        if f.is_zero(&h) {
            return self.add_same_x(p, &r);
        }
        let hh = f.square(&h);
        let hhh = f.mul(&h, &hh);
        let v = f.mul(&u, &hh);
        let x = f.sub(&f.sub(&f.square(&r), &hhh), &f.double(&v));
        let y = f.sub(&f.mul(&r, &f.sub(&v, &x)), &f.mul(&s, &hhh));
        Jacobian { x, y, z: f.mul(&f.mul(&p.z, &q.z), &h) }
    }

    /// The sum where both x agree: the same point (`y_difference` zero) or opposite ones.
    #[cold]
    fn add_same_x(&self, p: &Jacobian<N>, y_difference: &[u64; N]) -> Jacobian<N> {
        if self.field.is_zero(y_difference) { self.double(p) } else { self.infinity() }
    }

    /// Affine forms of points none of which is infinity, with one inversion for all (Montgomery's trick).
    pub(super) fn to_affine(&self, points: &[Jacobian<N>]) -> Vec<Affine<N>> {
        let f = &self.field;
        let mut products = Vec::with_capacity(points.len());
        let mut product = self.one;
        for point in points {
            products.push(product);
            product = f.mul(&product, &point.z);
        }
        let mut inverse = f.invert(&product);
        let mut affine = Vec::with_capacity(points.len());
        for (point, before) in points.iter().zip(&products).rev() {
            let z_inverse = f.mul(&inverse, before);
            inverse = f.mul(&inverse, &point.z);
            let zz = f.square(&z_inverse);
            affine.push(Affine { x: f.mul(&point.x, &zz), y: f.mul(&point.y, &f.mul(&zz, &z_inverse)) });
        }
        affine.reverse();
        affine
    }
}
