//! Modular inversion by Bernstein and Yang's division steps (<https://gcd.cr.yp.to/papers.html#safegcd>), in its
//! variable-time form: 62 steps at a time on the lowest limbs, then one matrix applied to the whole numbers.
//!
//! The parts of it that do the same whatever the numbers are (`update_cofactors`, `update_numbers` over all limbs,
//! `carry_limbs`, the conversions) serve `sign::invert` too, which inverts secrets.
//!
//! Numbers are signed, little-endian in base 2^62, so that a sum of two products of limbs fits 128 bits.

/// Limbs of the widest number: 9 * 62 = 558 bits for a 512-bit modulus, its sign and the factor two of the steps.
pub(super) const MAX_LIMBS: usize = 9;
pub(super) const LIMB_BITS: u32 = 62;
const LIMB_MASK: i64 = i64::MAX >> 1;

pub(super) type Signed = [i64; MAX_LIMBS];

/// Inversion modulo one odd number of at most 512 bits.
#[derive(Clone)]
pub(super) struct Inverter<const N: usize> {
    pub(super) modulus: Signed,
    /// 1/modulus modulo 2^62.
    inverse: i64,
    /// Limbs in use for this modulus.
    pub(super) len: usize,
}

/// What 62 division steps do to (f, g), times 2^62.
pub(super) struct Matrix {
    pub(super) u: i64,
    pub(super) v: i64,
    pub(super) q: i64,
    pub(super) r: i64,
}

impl<const N: usize> Inverter<N> {
    /// Sets the constants up for an odd modulus.
    pub(super) fn new(modulus: &[u64; N]) -> Self {
        const { assert!(N <= 8, "wider moduli need more limbs") };
        // Newton, as in Montgomery: the inverse modulo 2^64, of which 62 bits are kept.
        let mut inverse = modulus[0].wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(modulus[0].wrapping_mul(inverse)));
        }
        Self { modulus: to_signed(modulus), inverse: inverse.cast_signed() & LIMB_MASK, len: N + 1 }
    }

    /// 1/a modulo the modulus for a below it and coprime to it; zero gives zero.
    pub(super) fn invert(&self, a: &[u64; N]) -> [u64; N] {
        let (mut f, mut g) = (self.modulus, to_signed(a));
        let (mut d, mut e) = ([0; MAX_LIMBS], [0; MAX_LIMBS]);
        e[0] = 1;
        let mut eta = -1;
        let mut used = self.len;
        while g[..used].iter().any(|&limb| limb != 0) {
            let step = division_steps(&mut eta, f[0], g[0]);
            self.update_cofactors(&mut d, &mut e, &step);
            update_numbers(&mut f, &mut g, &step, used);
            used = shrink(&mut f, &mut g, used);
        }
        // f is now 1 or -1 (for a = 0 it is the modulus and d is 0).
        self.to_unsigned(d, f[used - 1] < 0)
    }

    /// (d, e) = matrix * (d, e) / 2^62 modulo the modulus, both kept in (-2 modulus, modulus).
    pub(super) fn update_cofactors(&self, d: &mut Signed, e: &mut Signed, t: &Matrix) {
        let last = self.len - 1;
        let (d_sign, e_sign) = (d[last] >> 63, e[last] >> 63);
        let mut md = (t.u & d_sign) + (t.v & e_sign);
        let mut me = (t.q & d_sign) + (t.r & e_sign);
        let mut cd = product(t.u, d[0]) + product(t.v, e[0]);
        let mut ce = product(t.q, d[0]) + product(t.r, e[0]);
        // The multiples of the modulus that make the lowest 62 bits vanish.
        md -= self.inverse.wrapping_mul(low(cd)).wrapping_add(md) & LIMB_MASK;
        me -= self.inverse.wrapping_mul(low(ce)).wrapping_add(me) & LIMB_MASK;
        cd += product(self.modulus[0], md);
        ce += product(self.modulus[0], me);
        cd >>= LIMB_BITS;
        ce >>= LIMB_BITS;
        for i in 1..self.len {
            cd += product(t.u, d[i]) + product(t.v, e[i]) + product(self.modulus[i], md);
            ce += product(t.q, d[i]) + product(t.r, e[i]) + product(self.modulus[i], me);
            d[i - 1] = low(cd) & LIMB_MASK;
            e[i - 1] = low(ce) & LIMB_MASK;
            cd >>= LIMB_BITS;
            ce >>= LIMB_BITS;
        }
        d[last] = low(cd);
        e[last] = low(ce);
    }

    /// Brings d from (-2 modulus, modulus) into [0, modulus), negated first if asked.
    fn to_unsigned(&self, mut d: Signed, negate: bool) -> [u64; N] {
        if d[self.len - 1] < 0 {
            self.add_modulus(&mut d);
        }
        if negate {
            for limb in &mut d {
                *limb = -*limb;
            }
            carry_limbs(&mut d, self.len);
        }
        if d[self.len - 1] < 0 {
            self.add_modulus(&mut d);
        }
        from_signed(&d)
    }

    fn add_modulus(&self, d: &mut Signed) {
        for (limb, m) in d.iter_mut().zip(self.modulus) {
            *limb += m;
        }
        carry_limbs(d, self.len);
    }
}
/// 62 division steps on the lowest limbs of f (odd) and g; `eta` is minus the paper's delta.
fn division_steps(eta: &mut i64, f0: i64, g0: i64) -> Matrix {
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    let (mut f, mut g) = (f0.cast_unsigned(), g0.cast_unsigned());
    let mut left = LIMB_BITS;
    loop {
        // Halve g as often as it is even, at most as many steps as are left.
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *eta -= i64::from(zeros);
        left -= zeros;
        if left == 0 {
            break;
        }
        if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
        }
        // The multiple of f that clears low bits of g: no more than steps are left or than make another swap due, and
        // at most six, for f * (f * f - 2) is -1/f modulo 64.
        let limit = u32::try_from(*eta + 1).unwrap_or(left).min(left).min(6);
        let mask = u64::MAX >> (64 - limit);
        let minus_inverse = f.wrapping_mul(f.wrapping_mul(f).wrapping_sub(2));
        let w = minus_inverse.wrapping_mul(g) & mask;
        g = g.wrapping_add(f.wrapping_mul(w));
        q = q.wrapping_add(u.wrapping_mul(w));
        r = r.wrapping_add(v.wrapping_mul(w));
    }
    Matrix { u: u.cast_signed(), v: v.cast_signed(), q: q.cast_signed(), r: r.cast_signed() }
}

/// (f, g) = matrix * (f, g) / 2^62, exactly.
pub(super) fn update_numbers(f: &mut Signed, g: &mut Signed, t: &Matrix, used: usize) {
    let mut cf = (product(t.u, f[0]) + product(t.v, g[0])) >> LIMB_BITS;
    let mut cg = (product(t.q, f[0]) + product(t.r, g[0])) >> LIMB_BITS;
    for i in 1..used {
        cf += product(t.u, f[i]) + product(t.v, g[i]);
        cg += product(t.q, f[i]) + product(t.r, g[i]);
        f[i - 1] = low(cf) & LIMB_MASK;
        g[i - 1] = low(cg) & LIMB_MASK;
        cf >>= LIMB_BITS;
        cg >>= LIMB_BITS;
    }
    f[used - 1] = low(cf);
    g[used - 1] = low(cg);
}

/// Drops the top limb of both once it is only a sign, folding the sign into the limb below.
fn shrink(f: &mut Signed, g: &mut Signed, used: usize) -> usize {
    let (top_f, top_g) = (f[used - 1], g[used - 1]);
    if used < 2 || top_f != top_f >> 63 || top_g != top_g >> 63 {
        return used;
    }
    f[used - 2] |= top_f << LIMB_BITS;
    g[used - 2] |= top_g << LIMB_BITS;
    used - 1
}

/// Makes all limbs but the last non-negative and below 2^62.
pub(super) fn carry_limbs(d: &mut Signed, len: usize) {
    for i in 0..len - 1 {
        d[i + 1] += d[i] >> LIMB_BITS;
        d[i] &= LIMB_MASK;
    }
}

pub(super) fn to_signed<const N: usize>(a: &[u64; N]) -> Signed {
    let mut limbs = [0; MAX_LIMBS];
    for (i, limb) in limbs.iter_mut().enumerate() {
        *limb = super::limbs::bits(a, 62 * i, 62).cast_signed();
    }
    limbs
}

/// A number that is not negative, in plain limbs.
pub(super) fn from_signed<const N: usize>(d: &Signed) -> [u64; N] {
    let mut result = [0; N];
    for (i, limb) in result.iter_mut().enumerate() {
        // Bits 64i to 64i + 63 lie in the 62-bit limbs i and i + 1, from bit 2i up.
        *limb = d[i].cast_unsigned() >> (2 * i) | d[i + 1].cast_unsigned() << (62 - 2 * i);
    }
    result
}

#[inline(always)]
fn product(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

/// The low 64 bits, as a signed number.
#[inline(always)]
fn low(wide: i128) -> i64 {
    let bytes = wide.to_le_bytes();
    let (words, _) = bytes.as_chunks::<8>();
    i64::from_le_bytes(words[0])
}
