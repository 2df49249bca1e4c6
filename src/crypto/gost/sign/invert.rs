//! Modular inversion of secrets by Bernstein and Yang's division steps: always the same number of steps, each of them the same
//! instructions. The matrices and their application are those of `gost::invert`.

use std::hint::black_box;

use crate::crypto::gost::invert::{
    Inverter, LIMB_BITS, MAX_LIMBS, Matrix, Signed, carry_limbs, from_signed, to_signed, update_numbers,
};

/// Inversion of secrets modulo one odd number.
#[derive(Clone)]
pub(super) struct SecretInverter<const N: usize>(Inverter<N>);

impl<const N: usize> SecretInverter<N> {
    /// Batches of 62 steps after which g is zero for any numbers of 64N bits. Steps that start from delta = 1/2 need no more
    /// than (45907 bits + 26313) / 19929 (Pieter Wuille, "Bounds on divsteps iterations in safegcd", 2021).
    const BATCHES: usize = ((45907 * 64 * N + 26313) / 19929 + 1).div_ceil(62);

    /// Sets the constants up for an odd modulus.
    pub(super) fn new(modulus: &[u64; N]) -> Self {
        Self(Inverter::new(modulus))
    }

    /// 1/a modulo the modulus for a below it and coprime to it; zero gives zero.
    pub(super) fn invert(&self, a: &[u64; N]) -> [u64; N] {
        let len = self.0.len;
        let (mut f, mut g) = (self.0.modulus, to_signed(a));
        let (mut d, mut e) = ([0; MAX_LIMBS], [0; MAX_LIMBS]);
        e[0] = 1;
        let mut zeta = -1;
        for _ in 0..Self::BATCHES {
            let steps = division_steps(&mut zeta, f[0], g[0]);
            self.0.update_cofactors(&mut d, &mut e, &steps);
            update_numbers(&mut f, &mut g, &steps, len);
        }
        // f is now 1 or -1 (for a = 0 it is the modulus and d is 0).
        self.normalise(d, f[len - 1] >> 63)
    }

    /// Brings d from (-2 modulus, modulus) into [0, modulus), negated first where `sign` is all ones.
    fn normalise(&self, mut d: Signed, sign: i64) -> [u64; N] {
        self.add_modulus_if_negative(&mut d);
        let sign = black_box(sign);
        for limb in &mut d {
            *limb = (*limb ^ sign) - sign;
        }
        carry_limbs(&mut d, self.0.len);
        self.add_modulus_if_negative(&mut d);
        from_signed(&d)
    }

    fn add_modulus_if_negative(&self, d: &mut Signed) {
        // Seen as a mask, this was compiled into jumps.
        let negative = black_box(d[self.0.len - 1] >> 63);
        for (limb, m) in d.iter_mut().zip(self.0.modulus) {
            *limb += m & negative;
        }
        carry_limbs(d, self.0.len);
    }
}

/// 62 division steps on the lowest limbs of f (odd) and g; `zeta` is -(delta + 1/2), with delta starting at 1/2.
///
/// A step: where g is odd and delta positive, (f, g) becomes (g, (g - f) / 2), else g becomes (g + (g mod 2) f) / 2.
fn division_steps(zeta: &mut i64, f0: i64, g0: i64) -> Matrix {
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    let (mut f, mut g) = (f0.cast_unsigned(), g0.cast_unsigned());
    for _ in 0..LIMB_BITS {
        // All ones where delta is positive, and where g is odd.
        let negative = (*zeta >> 63).cast_unsigned();
        let odd = 0u64.wrapping_sub(g & 1);
        // f, u and v, negated where delta is positive, added where g is odd.
        g = g.wrapping_add(negate_if(negative, f) & odd);
        q = q.wrapping_add(negate_if(negative, u) & odd);
        r = r.wrapping_add(negate_if(negative, v) & odd);
        let swap = negative & odd;
        *zeta = (*zeta ^ swap.cast_signed()) - 1;
        // g is now g - f where they change places, so this makes f the old g.
        f = f.wrapping_add(g & swap);
        u = u.wrapping_add(q & swap);
        v = v.wrapping_add(r & swap);
        g >>= 1;
        u <<= 1;
        v <<= 1;
    }
    Matrix { u: u.cast_signed(), v: v.cast_signed(), q: q.cast_signed(), r: r.cast_signed() }
}

#[inline(always)]
fn negate_if(mask: u64, number: u64) -> u64 {
    (number ^ mask).wrapping_sub(mask)
}
