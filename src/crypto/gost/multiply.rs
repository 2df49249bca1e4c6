//! Sums u1*G + u2*Q by tables: interleaved wNAF for a key seen once, fixed windows for a prepared key.
//!
//! Every number here is public, so digits and points are chosen in variable time.

use super::field::Field;
use super::limbs;
use super::point::{Affine, Group, Jacobian};

/// Longest wNAF: 512 bits, a carry, and the digit's own width.
const MAX_NAF: usize = 512 + 16;

/// The odd multiples 1P, 3P, 5P ... of a point: what a wNAF digit of `width` bits may ask for.
pub(super) struct OddMultiples<const N: usize> {
    width: usize,
    points: Vec<Affine<N>>,
}

impl<const N: usize> OddMultiples<N> {
    /// Computes 2^(width - 2) multiples, for a width from 2 to 15 and a point of prime order.
    pub(super) fn new<F: Field<N>>(group: &Group<F, N>, point: &Affine<N>, width: usize) -> Self {
        let count = 1 << (width - 2);
        let mut multiple = group.to_jacobian(point);
        let twice = group.double(&multiple);
        let mut multiples = Vec::with_capacity(count);
        multiples.push(multiple);
        for _ in 1..count {
            multiple = group.add(&multiple, &twice);
            multiples.push(multiple);
        }
        Self { width, points: group.to_affine(&multiples) }
    }

    /// sum + digit * P for an odd digit of this width.
    #[inline]
    fn add_digit<F: Field<N>>(&self, group: &Group<F, N>, sum: &Jacobian<N>, digit: i32) -> Jacobian<N> {
        add_multiple(group, sum, self.points.get(index(digit) / 2), digit)
    }
}

/// Where the multiple of a digit's magnitude is found.
fn index(digit: i32) -> usize {
    usize::try_from(digit.unsigned_abs()).unwrap_or(usize::MAX)
}

/// sum + point or, for a negative digit, sum - point. (A digit without a point cannot come out of the recodings.)
#[inline(always)]
fn add_multiple<F: Field<N>, const N: usize>(
    group: &Group<F, N>,
    sum: &Jacobian<N>,
    point: Option<&Affine<N>>,
    digit: i32,
) -> Jacobian<N> {
    match point {
        Some(point) if digit > 0 => group.add_affine(sum, point),
        Some(point) => group.add_affine(sum, &group.negate(point)),
        None => group.infinity(),
    }
}

/// The width-w non-adjacent form: digits zero or odd, below 2^(w-1) in magnitude, least significant first.
struct Naf {
    digits: [i16; MAX_NAF],
    len: usize,
}

impl Naf {
    fn new<const N: usize>(scalar: &[u64; N], width: usize) -> Self {
        let mut naf = Self { digits: [0; MAX_NAF], len: 0 };
        let mut position = 0;
        let mut carry = 0;
        while position < 64 * N + 1 {
            if limbs::bits(scalar, position, 1) == carry {
                position += 1;
                continue;
            }
            let window = limbs::bits(scalar, position, width) + carry;
            carry = window >> (width - 1);
            naf.digits[position] = signed(window, width);
            naf.len = position + 1;
            position += width;
        }
        naf
    }
}

/// The digit of a window: values from 2^(w-1) up stand for value - 2^w.
fn signed(window: u64, width: usize) -> i16 {
    let value = i16::try_from(window).unwrap_or(0);
    if window >> (width - 1) == 0 { value } else { value - (1 << width) }
}

/// u1*G + u2*Q with shared doublings.
pub(super) fn interleaved<F: Field<N>, const N: usize>(
    group: &Group<F, N>,
    (u1, g): (&[u64; N], &OddMultiples<N>),
    (u2, q): (&[u64; N], &OddMultiples<N>),
) -> Jacobian<N> {
    let (naf1, naf2) = (Naf::new(u1, g.width), Naf::new(u2, q.width));
    let mut sum = group.infinity();
    for position in (0..naf1.len.max(naf2.len)).rev() {
        sum = group.double(&sum);
        let (digit1, digit2) = (naf1.digits[position], naf2.digits[position]);
        if digit1 != 0 {
            sum = g.add_digit(group, &sum, digit1.into());
        }
        if digit2 != 0 {
            sum = q.add_digit(group, &sum, digit2.into());
        }
    }
    sum
}

/// Multiples of one point for fixed windows: a scalar in signed base-2^width digits, of which every `stride`-th has a
/// row of its own, so that a sum needs (stride - 1) * width doublings and an addition a digit.
pub(super) struct FixedWindows<const N: usize> {
    width: usize,
    stride: usize,
    /// Row j holds 1 .. 2^(width-1) times 2^(width * stride * j) * P.
    rows: Vec<Affine<N>>,
}

impl<const N: usize> FixedWindows<N> {
    /// Computes all rows, for a width from 2 to 15, a stride of at least one and a point of prime order.
    pub(super) fn new<F: Field<N>>(group: &Group<F, N>, point: &Affine<N>, width: usize, stride: usize) -> Self {
        let row_count = Self::digits(width).div_ceil(stride);
        let mut first = Vec::with_capacity(row_count);
        let mut power = group.to_jacobian(point);
        for _ in 0..row_count {
            first.push(power);
            for _ in 0..width * stride {
                power = group.double(&power);
            }
        }
        let first = group.to_affine(&first);
        let mut rows = Vec::with_capacity(row_count << (width - 1));
        for base in &first {
            let mut multiple = group.to_jacobian(base);
            rows.push(multiple);
            for _ in 1..1 << (width - 1) {
                multiple = group.add_affine(&multiple, base);
                rows.push(multiple);
            }
        }
        Self { width, stride, rows: group.to_affine(&rows) }
    }

    /// Digits of any scalar of N limbs, with the one that a carry may add.
    fn digits(width: usize) -> usize {
        (64 * N + 1).div_ceil(width)
    }

    /// Memory the table takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.rows.as_slice())
    }

    /// scalar * P + `start`, where a stride above one needs `start` to be infinity.
    pub(super) fn add_to<F: Field<N>>(
        &self,
        group: &Group<F, N>,
        start: Jacobian<N>,
        scalar: &[u64; N],
    ) -> Jacobian<N> {
        let mut digits = [0; MAX_NAF];
        let mut carry = 0;
        let count = Self::digits(self.width);
        for (i, digit) in digits.iter_mut().enumerate().take(count) {
            let window = limbs::bits(scalar, i * self.width, self.width) + carry;
            // A full window (2^width) is the digit 0 and a carry.
            carry = u64::from(window > 1 << (self.width - 1));
            *digit = i32::try_from(window).unwrap_or(0) - if carry == 1 { 1 << self.width } else { 0 };
        }
        let mut sum = start;
        for offset in (0..self.stride).rev() {
            if offset + 1 != self.stride {
                for _ in 0..self.width {
                    sum = group.double(&sum);
                }
            }
            for (row, &digit) in digits[..count].iter().skip(offset).step_by(self.stride).enumerate() {
                if digit != 0 {
                    let place = (row << (self.width - 1)) + index(digit) - 1;
                    sum = add_multiple(group, &sum, self.rows.get(place), digit);
                }
            }
        }
        sum
    }
}
