//! Fixed-length natural numbers as little-endian 64-bit limbs: the steps below every field and scalar here.
//!
//! All of it is variable-time: only public data (keys, digests, signatures) passes through.

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

/// The product `a * b` as its low and its high half (schoolbook, one row a limb of `a`).
#[inline(always)]
pub(super) fn mul_wide<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], [u64; N]) {
    let mut low = [0; N];
    let mut acc = [0; N];
    for i in 0..N {
        let (limb, mut carry) = a[i].carrying_mul_add(b[0], acc[0], 0);
        low[i] = limb;
        for j in 1..N {
            (acc[j - 1], carry) = a[i].carrying_mul_add(b[j], acc[j], carry);
        }
        acc[N - 1] = carry;
    }
    (low, acc)
}

/// The square `a * a` as its low and its high half: the products off the diagonal are computed once and doubled.
#[inline(always)]
pub(super) fn square_wide<const N: usize>(a: &[u64; N]) -> ([u64; N], [u64; N]) {
    let mut halves = [[0; N]; 2];
    let wide = halves.as_flattened_mut();
    for i in 0..N {
        let mut carry = 0;
        for j in i + 1..N {
            (wide[i + j], carry) = a[i].carrying_mul_add(a[j], wide[i + j], carry);
        }
        wide[i + N] = carry;
    }
    let mut carry = false;
    let mut top = 0;
    for i in 0..N {
        let (low, high) = a[i].carrying_mul(a[i], 0);
        let even = wide[2 * i] << 1 | top;
        let odd = wide[2 * i + 1] << 1 | wide[2 * i] >> 63;
        top = wide[2 * i + 1] >> 63;
        (wide[2 * i], carry) = even.carrying_add(low, carry);
        (wide[2 * i + 1], carry) = odd.carrying_add(high, carry);
    }
    let [low, high] = halves;
    (low, high)
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
