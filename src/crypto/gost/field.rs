//! The prime fields under the curves: one trait, a fast form for p = 2^(64N) - c and a general Montgomery form.
//!
//! Elements are plain limb arrays; only the field that made one can read it. [`PseudoMersenne`] keeps them loosely
//! reduced (anything below 2^(64N)), [`Montgomery`] keeps a * 2^(64N) mod p fully reduced.

use super::invert::Inverter;
use super::limbs;

/// Arithmetic modulo a prime on N-limb elements.
pub(super) trait Field<const N: usize>: Clone + Send + Sync + 'static {
    /// The prime p.
    fn prime(&self) -> &[u64; N];
    /// Brings a number below p into the field's own form.
    fn encode(&self, number: &[u64; N]) -> [u64; N];
    /// The number below p that an element stands for.
    fn decode(&self, element: &[u64; N]) -> [u64; N];
    /// a * b
    fn mul(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N];
    /// a * a
    fn square(&self, a: &[u64; N]) -> [u64; N];
    /// a + b
    fn add(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N];
    /// a - b
    fn sub(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N];
    /// Whether the element stands for zero.
    fn is_zero(&self, a: &[u64; N]) -> bool;
    /// 1 / a; zero gives zero.
    fn invert(&self, a: &[u64; N]) -> [u64; N];

    /// 2 * a
    #[inline(always)]
    fn double(&self, a: &[u64; N]) -> [u64; N] {
        self.add(a, a)
    }

    /// Whether both stand for the same number.
    fn equal(&self, a: &[u64; N], b: &[u64; N]) -> bool {
        self.is_zero(&self.sub(a, b))
    }

    /// -a
    fn negate(&self, a: &[u64; N]) -> [u64; N] {
        self.sub(&[0; N], a)
    }
}

/// Limbs up to which products are inlined. Eight limbs make some 400 instructions: eight copies of them in a doubling
/// measured slower than eight calls.
const LARGEST_INLINED: usize = 4;

/// The field modulo p = 2^(64N) - C, for 0 < C < 2^32: a product folds by multiplying its high half by C.
#[derive(Clone)]
pub(super) struct PseudoMersenne<const N: usize, const C: u64> {
    prime: [u64; N],
    inverter: Inverter<N>,
}

impl<const N: usize, const C: u64> PseudoMersenne<N, C> {
    /// Sets the field up.
    pub(super) fn new() -> Self {
        let mut prime = [u64::MAX; N];
        prime[0] = u64::MAX - (C - 1);
        Self { prime, inverter: Inverter::new(&prime) }
    }

    /// Adds a small number that stands for a multiple of 2^(64N) = C already multiplied out.
    #[inline(always)]
    fn add_small(mut a: [u64; N], small: u64) -> [u64; N] {
        let carry;
        (a[0], carry) = a[0].overflowing_add(small);
        if carry {
            // One time in 2^50 on ordinary values, so a branch beats a chain of additions.
            a = Self::carry_from_second_limb(a);
        }
        a
    }

    #[cold]
    fn carry_from_second_limb(mut a: [u64; N]) -> [u64; N] {
        for limb in a.iter_mut().skip(1) {
            let carry;
            (*limb, carry) = limb.overflowing_add(1);
            if !carry {
                return a;
            }
        }
        // Past the top: 2^(64N) = C. The number is now smaller than C + the addend, so this cannot carry again.
        a[0] = a[0].wrapping_add(C);
        a
    }

    /// Takes away C (the borrow of 2^(64N)).
    #[inline(always)]
    fn sub_small(mut a: [u64; N], small: u64) -> [u64; N] {
        let borrow;
        (a[0], borrow) = a[0].overflowing_sub(small);
        if borrow {
            a = Self::borrow_from_second_limb(a);
        }
        a
    }

    #[cold]
    fn borrow_from_second_limb(mut a: [u64; N]) -> [u64; N] {
        for limb in a.iter_mut().skip(1) {
            let borrow;
            (*limb, borrow) = limb.overflowing_sub(1);
            if !borrow {
                return a;
            }
        }
        a[0] = a[0].wrapping_sub(C);
        a
    }

    #[inline(always)]
    fn mul_inlined(a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (low, high) = limbs::mul_wide(a, b);
        Self::fold(&low, &high)
    }

    #[inline(never)]
    fn mul_called(a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        Self::mul_inlined(a, b)
    }

    #[inline(always)]
    fn square_inlined(a: &[u64; N]) -> [u64; N] {
        let (low, high) = limbs::square_wide(a);
        Self::fold(&low, &high)
    }

    #[inline(never)]
    fn square_called(a: &[u64; N]) -> [u64; N] {
        Self::square_inlined(a)
    }

    /// low + high * 2^(64N) modulo p, loosely reduced.
    #[inline(always)]
    fn fold(low: &[u64; N], high: &[u64; N]) -> [u64; N] {
        let (folded, carry) = limbs::add_multiple(low, high, C);
        // carry <= C, so carry * C < 2^64.
        Self::add_small(folded, carry * C)
    }
}

impl<const N: usize, const C: u64> Field<N> for PseudoMersenne<N, C> {
    fn prime(&self) -> &[u64; N] {
        &self.prime
    }

    fn encode(&self, number: &[u64; N]) -> [u64; N] {
        *number
    }

    fn decode(&self, element: &[u64; N]) -> [u64; N] {
        match limbs::sub(element, &self.prime) {
            (reduced, false) => reduced,
            (_, true) => *element,
        }
    }

    #[inline(always)]
    fn mul(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        if N > LARGEST_INLINED { Self::mul_called(a, b) } else { Self::mul_inlined(a, b) }
    }

    #[inline(always)]
    fn square(&self, a: &[u64; N]) -> [u64; N] {
        if N > LARGEST_INLINED { Self::square_called(a) } else { Self::square_inlined(a) }
    }

    #[inline(always)]
    fn add(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (sum, carry) = limbs::add(a, b);
        Self::add_small(sum, if carry { C } else { 0 })
    }

    #[inline(always)]
    fn sub(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (difference, borrow) = limbs::sub(a, b);
        Self::sub_small(difference, if borrow { C } else { 0 })
    }

    #[inline]
    fn is_zero(&self, a: &[u64; N]) -> bool {
        // Below 2^(64N) < 2p, zero is either 0 or p.
        (a[0] == 0 || a[0] == self.prime[0]) && (limbs::is_zero(a) || *a == self.prime)
    }

    fn invert(&self, a: &[u64; N]) -> [u64; N] {
        self.inverter.invert(&self.decode(a))
    }
}

/// The field (or ring of scalars) modulo any odd p below 2^(64N), in Montgomery form.
#[derive(Clone)]
pub(super) struct Montgomery<const N: usize> {
    prime: [u64; N],
    /// -1/p modulo 2^64.
    minus_inverse: u64,
    /// 2^(128N) modulo p: brings a number into Montgomery form.
    r_squared: [u64; N],
    inverter: Inverter<N>,
}

impl<const N: usize> Montgomery<N> {
    /// Sets the field up for an odd modulus above one.
    pub(super) fn new(prime: &[u64; N]) -> Self {
        // Newton: each step doubles the number of right bits of 1/p, from five (p * 3 xor 2).
        let mut inverse = prime[0].wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(prime[0].wrapping_mul(inverse)));
        }
        let mut field = Self {
            prime: *prime,
            minus_inverse: inverse.wrapping_neg(),
            r_squared: [0; N],
            inverter: Inverter::new(prime),
        };
        // 1 doubled 128N times.
        let mut power = [0; N];
        power[0] = 1;
        for _ in 0..128 * N {
            power = field.add(&power, &power);
        }
        field.r_squared = power;
        field
    }

    /// a - p when that is not negative, where `carry` is the limb above a.
    #[inline(always)]
    fn reduce_once(&self, a: &[u64; N], carry: bool) -> [u64; N] {
        let (reduced, borrow) = limbs::sub(a, &self.prime);
        if borrow && !carry { *a } else { reduced }
    }

    /// (low + high * 2^(64N)) / 2^(64N) modulo p, for a number below p * 2^(64N).
    #[inline(always)]
    fn redc(&self, low: &[u64; N], high: &[u64; N]) -> [u64; N] {
        let (result, over) = self.redc_below_twice(low, high);
        self.reduce_once(&result, over)
    }

    /// The same before its last step: a number below 2p and the limb above it. Nothing in it depends on the numbers but
    /// the result (no branch, no index), so that it serves secret ones too.
    #[inline(always)]
    pub(super) fn redc_below_twice(&self, low: &[u64; N], high: &[u64; N]) -> ([u64; N], bool) {
        let mut acc = *low;
        let mut result = *high;
        let mut over = false;
        for i in 0..N {
            let factor = acc[i].wrapping_mul(self.minus_inverse);
            let mut carry = 0;
            for j in 0..N {
                let place = i + j;
                let limb = if place < N { &mut acc[place] } else { &mut result[place - N] };
                (*limb, carry) = factor.carrying_mul_add(self.prime[j], *limb, carry);
            }
            (result[i], over) = result[i].carrying_add(carry, over);
        }
        (result, over)
    }

    /// 2^(128N) modulo p.
    pub(super) fn r_squared(&self) -> &[u64; N] {
        &self.r_squared
    }
}

impl<const N: usize> Field<N> for Montgomery<N> {
    fn prime(&self) -> &[u64; N] {
        &self.prime
    }

    fn encode(&self, number: &[u64; N]) -> [u64; N] {
        self.mul(number, &self.r_squared)
    }

    fn decode(&self, element: &[u64; N]) -> [u64; N] {
        self.redc(element, &[0; N])
    }

    #[inline]
    fn mul(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (low, high) = limbs::mul_wide(a, b);
        self.redc(&low, &high)
    }

    #[inline]
    fn square(&self, a: &[u64; N]) -> [u64; N] {
        let (low, high) = limbs::square_wide(a);
        self.redc(&low, &high)
    }

    #[inline]
    fn add(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (sum, carry) = limbs::add(a, b);
        self.reduce_once(&sum, carry)
    }

    #[inline]
    fn sub(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (difference, borrow) = limbs::sub(a, b);
        if borrow { limbs::add(&difference, &self.prime).0 } else { difference }
    }

    fn is_zero(&self, a: &[u64; N]) -> bool {
        limbs::is_zero(a)
    }

    fn invert(&self, a: &[u64; N]) -> [u64; N] {
        self.encode(&self.inverter.invert(&self.decode(a)))
    }
}
