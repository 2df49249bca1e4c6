//! The fields again, for secrets: the same elements as in `gost::field`, without a branch that depends on them.

use super::invert::SecretInverter;
use super::mask::{is_zero, keep, mask, select};
use crate::crypto::gost::field::{Field, Montgomery};
use crate::crypto::gost::limbs;

/// The field modulo p = 2^(64N) - C, for 0 < C < 2^32, with loosely reduced elements (anything below 2^(64N)).
#[derive(Clone)]
pub(in crate::crypto::gost) struct SecretPseudoMersenne<const N: usize, const C: u64> {
    prime: [u64; N],
    inverter: SecretInverter<N>,
}

impl<const N: usize, const C: u64> SecretPseudoMersenne<N, C> {
    /// Sets the field up.
    pub(in crate::crypto::gost) fn new() -> Self {
        let mut prime = [u64::MAX; N];
        prime[0] = u64::MAX - (C - 1);
        Self { prime, inverter: SecretInverter::new(&prime) }
    }

    /// Adds a small number that stands for a multiple of 2^(64N) = C already multiplied out, through all limbs.
    #[inline(always)]
    fn add_small(mut a: [u64; N], small: u64) -> [u64; N] {
        let mut carry = false;
        let mut addend = small;
        for limb in &mut a {
            (*limb, carry) = limb.carrying_add(addend, carry);
            addend = 0;
        }
        // Past the top the number is smaller than the addend was, so this cannot carry.
        a[0] = a[0].wrapping_add(C & 0u64.wrapping_sub(u64::from(carry)));
        a
    }

    /// Takes a small number away (C for the borrow of 2^(64N)).
    #[inline(always)]
    fn sub_small(mut a: [u64; N], small: u64) -> [u64; N] {
        let mut borrow = false;
        let mut subtrahend = small;
        for limb in &mut a {
            (*limb, borrow) = limb.borrowing_sub(subtrahend, borrow);
            subtrahend = 0;
        }
        a[0] = a[0].wrapping_sub(C & 0u64.wrapping_sub(u64::from(borrow)));
        a
    }

    /// low + high * 2^(64N) modulo p, loosely reduced.
    #[inline(always)]
    fn fold(low: &[u64; N], high: &[u64; N]) -> [u64; N] {
        let (folded, carry) = limbs::add_multiple(low, high, C);
        // carry <= C, so carry * C < 2^64.
        Self::add_small(folded, carry * C)
    }
}

impl<const N: usize, const C: u64> Field<N> for SecretPseudoMersenne<N, C> {
    fn prime(&self) -> &[u64; N] {
        &self.prime
    }

    fn encode(&self, number: &[u64; N]) -> [u64; N] {
        *number
    }

    fn decode(&self, element: &[u64; N]) -> [u64; N] {
        let (reduced, borrow) = limbs::sub(element, &self.prime);
        select(mask(borrow), element, &reduced)
    }

    #[inline(never)]
    fn mul(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (low, high) = limbs::mul_wide(a, b);
        Self::fold(&low, &high)
    }

    #[inline(never)]
    fn square(&self, a: &[u64; N]) -> [u64; N] {
        let (low, high) = limbs::square_wide(a);
        Self::fold(&low, &high)
    }

    #[inline(always)]
    fn add(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (sum, carry) = limbs::add(a, b);
        Self::add_small(sum, C & 0u64.wrapping_sub(u64::from(carry)))
    }

    #[inline(always)]
    fn sub(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (difference, borrow) = limbs::sub(a, b);
        Self::sub_small(difference, C & 0u64.wrapping_sub(u64::from(borrow)))
    }

    fn is_zero(&self, a: &[u64; N]) -> bool {
        is_zero(&self.decode(a)) == u64::MAX
    }

    fn invert(&self, a: &[u64; N]) -> [u64; N] {
        self.inverter.invert(&self.decode(a))
    }
}

/// The field, or the scalars, modulo any odd p below 2^(64N), in Montgomery form and fully reduced.
#[derive(Clone)]
pub(in crate::crypto::gost) struct SecretMontgomery<const N: usize> {
    /// Its constants and the part of its reduction that suits secrets.
    shared: Montgomery<N>,
    inverter: SecretInverter<N>,
}

impl<const N: usize> SecretMontgomery<N> {
    /// Sets the field up for an odd modulus above one.
    pub(in crate::crypto::gost) fn new(prime: &[u64; N]) -> Self {
        Self { shared: Montgomery::new(prime), inverter: SecretInverter::new(prime) }
    }

    /// a - p when that is not negative, where `carry` is the limb above a.
    #[inline(always)]
    fn reduce_once(&self, a: &[u64; N], carry: bool) -> [u64; N] {
        let (reduced, borrow) = limbs::sub(a, self.prime());
        select(mask(borrow) & !mask(carry), a, &reduced)
    }

    #[inline(always)]
    fn redc(&self, low: &[u64; N], high: &[u64; N]) -> [u64; N] {
        let (result, over) = self.shared.redc_below_twice(low, high);
        self.reduce_once(&result, over)
    }
}

impl<const N: usize> Field<N> for SecretMontgomery<N> {
    fn prime(&self) -> &[u64; N] {
        self.shared.prime()
    }

    fn encode(&self, number: &[u64; N]) -> [u64; N] {
        self.mul(number, self.shared.r_squared())
    }

    fn decode(&self, element: &[u64; N]) -> [u64; N] {
        self.redc(element, &[0; N])
    }

    #[inline(never)]
    fn mul(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let (low, high) = limbs::mul_wide(a, b);
        self.redc(&low, &high)
    }

    #[inline(never)]
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
        limbs::add(&difference, &keep(mask(borrow), self.prime())).0
    }

    fn is_zero(&self, a: &[u64; N]) -> bool {
        is_zero(a) == u64::MAX
    }

    fn invert(&self, a: &[u64; N]) -> [u64; N] {
        self.encode(&self.inverter.invert(&self.decode(a)))
    }
}
