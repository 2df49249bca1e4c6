//! Secret multiples of the base point: a table of its multiples, read as a whole for each digit, and as many additions for
//! every scalar.
//!
//! A scalar k in (0, q) is made odd (q - k has the same x; the sign of y is put right at the end) and written in digits that are
//! odd, from -(2^w - 1) to 2^w - 1, none of them zero:
//! with K = (k + 2^(wn) - 1) / 2 = (k >> 1) + 2^(wn - 1), bit j of K standing for +1 or -1 times 2^j, k is the sum of all.
//! Digit i is 2v - (2^w - 1) for v, the w bits of K from wi up: its sign is the top bit of v, its magnitude 2j + 1 for j, the
//! other bits, inverted where it is negative. Row i of the table holds the odd multiples of 2^(wi) G, so a sum needs no
//! doublings.
//!
//! **No addition but the last meets an exception.** Let n be the least number with 2^(wn) > q. The sum of the digits 0 to i is
//! odd and below 2^(w(i + 1)) in magnitude; what is added next is at least 2^(w(i + 1)). They differ, also with opposite signs, and
//! both their sum and their difference are below 2^(w(i + 2)) <= 2^(w(n - 1)) <= q in magnitude while i + 1 < n - 1: no multiple of q,
//! so neither equal nor opposite points, nor infinity, meet. The last sum is k itself, not a multiple of q, so the last two
//! points are not opposite. They can be equal, for one scalar in about 2^(wn - w): the last addition takes that in.

use std::hint::black_box;

use zeroize::{Zeroize as _, Zeroizing};

use super::mask::{equal, mask, select};
use crate::crypto::gost::curve::Curve;
use crate::crypto::gost::field::Field;
use crate::crypto::gost::limbs;
use crate::crypto::gost::point::Affine;

/// Bits of a digit: with six, 86 additions for 512 bits, each after a look at 4 KiB; the table has 344 KiB.
const WIDTH: usize = 6;
/// Points of a row.
const ROW: usize = 1 << (WIDTH - 1);

/// Odd multiples of 2^(6i) G for each digit i.
pub(super) struct Comb<const N: usize> {
    rows: Vec<[Affine<N>; ROW]>,
}

/// A point as (X/ZZ, Y/ZZZ) with ZZ^3 = ZZZ^2: additions of affine points are cheapest so. Erased when dropped, for
/// coordinates that are not reduced to affine ones tell about the scalar.
struct Extended<const N: usize> {
    x: [u64; N],
    y: [u64; N],
    zz: [u64; N],
    zzz: [u64; N],
}

impl<const N: usize> Drop for Extended<N> {
    fn drop(&mut self) {
        for coordinate in [&mut self.x, &mut self.y, &mut self.zz, &mut self.zzz] {
            coordinate.zeroize();
        }
    }
}

impl<const N: usize> Comb<N> {
    /// Computes the table of a curve's base point, in variable time: everything in it is public.
    pub(super) fn new<F: Field<N>>(curve: &Curve<F, N>) -> Self {
        let group = &curve.group;
        let count = digits(curve.order());
        let mut base = group.to_jacobian(curve.base());
        let mut points = Vec::with_capacity(count * ROW);
        for _ in 0..count {
            let twice = group.double(&base);
            let mut multiple = base;
            points.push(multiple);
            for _ in 1..ROW {
                multiple = group.add(&multiple, &twice);
                points.push(multiple);
            }
            for _ in 0..WIDTH {
                base = group.double(&base);
            }
        }
        let points = group.to_affine(&points);
        Self { rows: points.as_chunks().0.to_vec() }
    }

    /// x of scalar * G for a scalar in (0, q), as a number below p. The coordinate is what a signature shows.
    pub(super) fn x<F: Field<N>>(&self, field: &F, a: &[u64; N], order: &[u64; N], scalar: &[u64; N]) -> [u64; N] {
        let (odd, _) = odd_scalar(order, scalar);
        let sum = self.multiply(field, a, &odd);
        field.decode(&field.mul(&sum.x, &field.invert(&sum.zz)))
    }

    /// x and y of scalar * G for a scalar in (0, q), as numbers below p.
    pub(super) fn point<F: Field<N>>(
        &self,
        field: &F,
        a: &[u64; N],
        order: &[u64; N],
        scalar: &[u64; N],
    ) -> ([u64; N], [u64; N]) {
        let (odd, negated) = odd_scalar(order, scalar);
        let sum = self.multiply(field, a, &odd);
        let x = field.mul(&sum.x, &field.invert(&sum.zz));
        let y = field.mul(&sum.y, &field.invert(&sum.zzz));
        let y = select(negated, &field.negate(&y), &y);
        (field.decode(&x), field.decode(&y))
    }

    /// scalar * G for an odd scalar below q.
    fn multiply<F: Field<N>>(&self, field: &F, a: &[u64; N], scalar: &[u64; N]) -> Extended<N> {
        let mut one = [0; N];
        one[0] = 1;
        let one = field.encode(&one);
        let mut sum = Extended { x: [0; N], y: [0; N], zz: one, zzz: one };
        let last = self.rows.len() - 1;
        for (i, row) in self.rows.iter().enumerate() {
            // K >> wi, the top bit being set by itself.
            let top = if i == last { 1 << (WIDTH - 1) } else { 0 };
            let digit = limbs::bits(scalar, WIDTH * i + 1, WIDTH) | top;
            let point = signed_entry(field, row, digit);
            sum = match i {
                0 => Extended { x: point.x, y: point.y, zz: one, zzz: one },
                _ if i < last => add(field, &sum, &point).0,
                _ => add_last(field, a, &sum, &point),
            };
        }
        sum
    }

    /// Memory the table takes, in bytes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.rows.as_slice())
    }
}

/// The least n with 2^(WIDTH n) > q.
fn digits<const N: usize>(order: &[u64; N]) -> usize {
    let top = (0..64 * N).rev().find(|&index| limbs::bit(order, index)).unwrap_or(0);
    (top + 1).div_ceil(WIDTH)
}

/// k or q - k, whichever is odd, and all ones where it is the latter.
fn odd_scalar<const N: usize>(order: &[u64; N], scalar: &[u64; N]) -> (Zeroizing<[u64; N]>, u64) {
    let even = mask(scalar[0] & 1 == 0);
    let opposite = Zeroizing::new(limbs::sub(order, scalar).0);
    (Zeroizing::new(select(even, &opposite, scalar)), even)
}

/// The point of a digit: every entry of the row is read, whichever is wanted.
#[inline(always)]
fn signed_entry<F: Field<N>, const N: usize>(field: &F, row: &[Affine<N>; ROW], digit: u64) -> Affine<N> {
    let negative = black_box(equal(digit >> (WIDTH - 1), 0));
    let wanted = (digit ^ negative) & ((1 << (WIDTH - 1)) - 1);
    let mut masks = [0; ROW];
    for (index, mask) in (0..).zip(&mut masks) {
        *mask = equal(index, wanted);
    }
    // What the compiler does not know to be masks, it cannot replace by a jump to the one entry that counts.
    let masks = black_box(masks);
    let mut point = Affine { x: [0; N], y: [0; N] };
    for (entry, &mask) in row.iter().zip(&masks) {
        for i in 0..N {
            point.x[i] |= entry.x[i] & mask;
            point.y[i] |= entry.y[i] & mask;
        }
    }
    point.y = select(negative, &field.negate(&point.y), &point.y);
    point
}

/// p + q for points that differ and are not opposite (madd-2008-s): 8 multiplications, 2 squarings. Gives the differences of x and
/// of y too, which are zero where they do not.
#[inline(always)]
fn add<F: Field<N>, const N: usize>(f: &F, p: &Extended<N>, q: &Affine<N>) -> (Extended<N>, [u64; N]) {
    let h = f.sub(&f.mul(&q.x, &p.zz), &p.x);
    let r = f.sub(&f.mul(&q.y, &p.zzz), &p.y);
    let hh = f.square(&h);
    let hhh = f.mul(&h, &hh);
    let v = f.mul(&p.x, &hh);
    let x = f.sub(&f.sub(&f.square(&r), &hhh), &f.double(&v));
    let y = f.sub(&f.mul(&r, &f.sub(&v, &x)), &f.mul(&p.y, &hhh));
    (Extended { x, y, zz: f.mul(&p.zz, &hh), zzz: f.mul(&p.zzz, &hhh) }, h)
}

/// p + q for points that are not opposite: both the sum and the double are computed, and one of them is taken.
fn add_last<F: Field<N>, const N: usize>(f: &F, a: &[u64; N], p: &Extended<N>, q: &Affine<N>) -> Extended<N> {
    let (sum, h) = add(f, p, q);
    let twice = double(f, a, q);
    let same = mask(f.is_zero(&h));
    Extended {
        x: select(same, &twice.x, &sum.x),
        y: select(same, &twice.y, &sum.y),
        zz: select(same, &twice.zz, &sum.zz),
        zzz: select(same, &twice.zzz, &sum.zzz),
    }
}

/// 2 * q (mdbl-2008-s-1).
fn double<F: Field<N>, const N: usize>(f: &F, a: &[u64; N], q: &Affine<N>) -> Extended<N> {
    let u = f.double(&q.y);
    let zz = f.square(&u);
    let zzz = f.mul(&u, &zz);
    let s = f.mul(&q.x, &zz);
    let xx = f.square(&q.x);
    let m = f.add(&f.add(&f.double(&xx), &xx), a);
    let x = f.sub(&f.square(&m), &f.double(&s));
    let y = f.sub(&f.mul(&m, &f.sub(&s, &x)), &f.mul(&zzz, &q.y));
    Extended { x, y, zz, zzz }
}
