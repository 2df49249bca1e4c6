//! Fixed-length natural numbers as little-endian 64-bit limbs: the steps below every field and scalar here.
//!
//! Verification passes public data through all of it. What signing passes secrets through has neither branch nor index that
//! depends on them: `add`, `sub`, `mul_wide`, `square_wide`, `add_multiple`, `from_le_bytes`, `bits` (at public places).

/// Which of two numbers of equal length is the smaller: `a < b`.
pub(super) fn less<const N: usize>(a: &[u64; N], b: &[u64; N]) -> bool {
    for (x, y) in a.iter().zip(b).rev() {
        if x != y {
            return x < y;
        }
    }
    false
}

/// Whether every limb is zero.
pub(super) fn is_zero<const N: usize>(a: &[u64; N]) -> bool {
    a.iter().all(|&limb| limb == 0)
}

/// `a + b` and the carry out of the top limb.
#[inline(always)]
pub(super) fn add<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], bool) {
    let mut sum = [0; N];
    let mut carry = false;
    for ((s, &x), &y) in sum.iter_mut().zip(a).zip(b) {
        (*s, carry) = x.carrying_add(y, carry);
    }
    (sum, carry)
}

/// `a - b` and the borrow out of the top limb.
#[inline(always)]
pub(super) fn sub<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], bool) {
    let mut difference = [0; N];
    let mut borrow = false;
    for ((d, &x), &y) in difference.iter_mut().zip(a).zip(b) {
        (*d, borrow) = x.borrowing_sub(y, borrow);
    }
    (difference, borrow)
}

/// The product `a * b` as its low and its high half: schoolbook, a row a limb of `a`.
///
/// The rows are written out, because a loop over them is not unrolled by the compiler and costs a fifth of the speed.
#[inline(always)]
pub(super) fn mul_wide<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], [u64; N]) {
    const { assert!(N >= 1 && N <= 8, "eight rows are written out") };
    let mut halves = [[0; N]; 2];
    let wide = halves.as_flattened_mut();
    add_row(wide, 0, 0, a, b);
    if N > 1 {
        add_row(wide, 1, 0, a, b);
    }
    if N > 2 {
        add_row(wide, 2, 0, a, b);
    }
    if N > 3 {
        add_row(wide, 3, 0, a, b);
    }
    if N > 4 {
        add_row(wide, 4, 0, a, b);
    }
    if N > 5 {
        add_row(wide, 5, 0, a, b);
    }
    if N > 6 {
        add_row(wide, 6, 0, a, b);
    }
    if N > 7 {
        add_row(wide, 7, 0, a, b);
    }
    let [low, high] = halves;
    (low, high)
}

/// The square `a * a` as its low and its high half, with each product off the diagonal computed once.
///
/// Row i is `a[i]` times `(a[i], 2a[i+1], 2a[i+2], …)`: the doubled number loses the bit above its top limb, which is added
/// at the end.
#[inline(always)]
pub(super) fn square_wide<const N: usize>(a: &[u64; N]) -> ([u64; N], [u64; N]) {
    const { assert!(N >= 1 && N <= 8, "eight rows are written out") };
    let mut halves = [[0; N]; 2];
    let wide = halves.as_flattened_mut();
    let mut doubled = [0; N];
    doubled[0] = a[0] << 1;
    for i in 1..N {
        doubled[i] = a[i] << 1 | a[i - 1] >> 63;
    }
    add_square_row(wide, 0, a, &doubled);
    if N > 1 {
        add_square_row(wide, 1, a, &doubled);
    }
    if N > 2 {
        add_square_row(wide, 2, a, &doubled);
    }
    if N > 3 {
        add_square_row(wide, 3, a, &doubled);
    }
    if N > 4 {
        add_square_row(wide, 4, a, &doubled);
    }
    if N > 5 {
        add_square_row(wide, 5, a, &doubled);
    }
    if N > 6 {
        add_square_row(wide, 6, a, &doubled);
    }
    if N > 7 {
        add_square_row(wide, 7, a, &doubled);
    }
    let lost_bit = 0u64.wrapping_sub(a[N - 1] >> 63);
    let mut carry = false;
    for i in 0..N - 1 {
        (wide[N + i], carry) = wide[N + i].carrying_add(a[i] & lost_bit, carry);
    }
    // The square fits 2N limbs, so nothing is lost here.
    wide[2 * N - 1] = wide[2 * N - 1].wrapping_add(u64::from(carry));
    let [low, high] = halves;
    (low, high)
}

/// Row i of a square.
#[inline(always)]
fn add_square_row<const N: usize>(wide: &mut [u64], i: usize, a: &[u64; N], doubled: &[u64; N]) {
    let mut row = *doubled;
    row[i] = a[i];
    if i + 1 < N {
        // Without the bit of a[i], which belongs to an earlier row.
        row[i + 1] = a[i + 1] << 1;
    }
    add_row(wide, i, i, a, &row);
}

/// Adds `a[i] * b`, from limb `from` of b up, to the limbs from `i` up; `wide[i + N]` must not have been added to before.
///
/// All products first, then the low and the high halves as two chains: each is a plain run of additions with carry,
/// while one chain through product and sum would wait for each product.
#[inline(always)]
fn add_row<const N: usize>(wide: &mut [u64], i: usize, from: usize, a: &[u64; N], b: &[u64; N]) {
    let (mut low, mut high) = ([0; N], [0; N]);
    for j in from..N {
        (low[j], high[j]) = a[i].carrying_mul(b[j], 0);
    }
    let mut carry = false;
    for j in from..N {
        (wide[i + j], carry) = wide[i + j].carrying_add(low[j], carry);
    }
    wide[i + N] = u64::from(carry);
    carry = false;
    for j in from..N {
        (wide[i + j + 1], carry) = wide[i + j + 1].carrying_add(high[j], carry);
    }
}

/// low + high * factor, and the limb above; the same two chains as in a row of a product.
#[inline(always)]
pub(super) fn add_multiple<const N: usize>(low: &[u64; N], high: &[u64; N], factor: u64) -> ([u64; N], u64) {
    let (mut lows, mut highs) = ([0; N], [0; N]);
    for i in 0..N {
        (lows[i], highs[i]) = high[i].carrying_mul(factor, 0);
    }
    let (mut sum, top) = add(low, &lows);
    let mut carry = false;
    for i in 1..N {
        (sum[i], carry) = sum[i].carrying_add(highs[i - 1], carry);
    }
    (sum, highs[N - 1] + u64::from(top) + u64::from(carry))
}

/// Reads exactly `8 * N` little-endian bytes.
pub(super) fn from_le_bytes<const N: usize>(bytes: &[u8]) -> Option<[u64; N]> {
    let (words, rest) = bytes.as_chunks::<8>();
    if words.len() != N || !rest.is_empty() {
        return None;
    }
    let mut limbs = [0; N];
    for (limb, word) in limbs.iter_mut().zip(words) {
        *limb = u64::from_le_bytes(*word);
    }
    Some(limbs)
}

/// Bit `index` of the number, counted from the least significant; zero beyond its end.
pub(super) fn bit<const N: usize>(a: &[u64; N], index: usize) -> bool {
    a.get(index / 64).is_some_and(|limb| limb >> (index % 64) & 1 == 1)
}

/// The `width` bits (1 to 63) from `start` up; zero beyond the number's end.
pub(super) fn bits<const N: usize>(a: &[u64; N], start: usize, width: usize) -> u64 {
    let (limb, shift) = (start / 64, start % 64);
    let low = a.get(limb).copied().unwrap_or(0) >> shift;
    let high = match shift {
        0 => 0,
        _ => a.get(limb + 1).copied().unwrap_or(0) << (64 - shift),
    };
    (low | high) & ((1 << width) - 1)
}

/// Parses a big-endian hexadecimal constant at compile time (as the standards print them); shorter is zero-extended.
///
/// Not for input: a character that is no hex digit counts as zero, which the tests of the constants would show.
pub(super) const fn hex<const N: usize>(text: &str) -> [u64; N] {
    let digits = text.as_bytes();
    let mut limbs = [0; N];
    let mut i = 0;
    while i < digits.len() {
        let digit = digits[digits.len() - 1 - i];
        let mut value = 0;
        let mut bit = 0;
        // Sixteen digits to choose from, without a cast: the value is the position in the alphabet.
        while bit < 16 {
            if b"0123456789ABCDEF"[bit] == digit {
                break;
            }
            bit += 1;
            value += 1;
        }
        if value < 16 {
            limbs[i / 16] |= value << (4 * (i % 16));
        }
        i += 1;
    }
    limbs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_reads_most_significant_digit_first() {
        assert_eq!(hex::<2>("1F00000000000000002"), [2, 0x1F0]);
        assert_eq!(hex::<1>(""), [0]);
    }

    #[test]
    fn bits_cross_a_limb_and_stop_at_the_end() {
        let number = [1 << 63, 1, 0, 1 << 63];
        assert_eq!(bits(&number, 63, 7), 3);
        assert_eq!(bits(&number, 255, 7), 1);
        assert_eq!(bits(&number, 256, 7), 0);
        assert!(bit(&number, 255) && !bit(&number, 256));
    }

    #[test]
    fn only_the_exact_length_is_read() {
        assert_eq!(from_le_bytes::<1>(&[1, 0, 0, 0, 0, 0, 0, 2]), Some([0x0200_0000_0000_0001]));
        assert_eq!(from_le_bytes::<1>(&[0; 7]), None);
        assert_eq!(from_le_bytes::<1>(&[0; 9]), None);
        assert_eq!(from_le_bytes::<1>(&[0; 16]), None);
    }
}
