//! Choices between secrets without branches: masks of all ones or all zeros.

use std::hint::black_box;

use crate::crypto::gost::limbs;

/// All ones for true. The compiler does not learn that it can only be one of two values, and so cannot make a branch of what
/// is done with it.
#[inline(always)]
pub(super) fn mask(bit: bool) -> u64 {
    black_box(0u64.wrapping_sub(u64::from(bit)))
}

/// All ones if both numbers are equal.
#[inline(always)]
pub(super) fn equal(a: u64, b: u64) -> u64 {
    let difference = a ^ b;
    // The top bit is set only where nothing could be borrowed from: at zero.
    0u64.wrapping_sub((difference.wrapping_sub(1) & !difference) >> 63)
}

/// `yes` where the mask is all ones, `no` where it is zero.
#[inline(always)]
pub(super) fn select<const N: usize>(mask: u64, yes: &[u64; N], no: &[u64; N]) -> [u64; N] {
    std::array::from_fn(|i| no[i] ^ (mask & (no[i] ^ yes[i])))
}

/// Every limb, or zero where the mask is zero.
#[inline(always)]
pub(super) fn keep<const N: usize>(mask: u64, number: &[u64; N]) -> [u64; N] {
    std::array::from_fn(|i| number[i] & mask)
}

/// All ones if every limb is zero.
#[inline(always)]
pub(super) fn is_zero<const N: usize>(number: &[u64; N]) -> u64 {
    black_box(equal(number.iter().fold(0, |all, limb| all | limb), 0))
}

/// Whether a number is in (0, order), which is the only thing that becomes known of it.
pub(super) fn is_scalar<const N: usize>(number: &[u64; N], order: &[u64; N]) -> bool {
    let (_, below) = limbs::sub(number, order);
    mask(below) & !is_zero(number) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_all_ones_or_nothing() {
        assert_eq!((mask(true), mask(false)), (u64::MAX, 0));
        for (a, b) in [(0, 0), (0, 1), (1, 0), (5, 5), (u64::MAX, u64::MAX), (u64::MAX, 0), (0, 1 << 63), (1 << 63, 0)]
        {
            assert_eq!(equal(a, b), if a == b { u64::MAX } else { 0 }, "{a} {b}");
        }
        assert_eq!(select(mask(true), &[1, 2], &[3, 4]), [1, 2]);
        assert_eq!(select(mask(false), &[1, 2], &[3, 4]), [3, 4]);
        assert_eq!((keep(u64::MAX, &[7]), keep(0, &[7])), ([7], [0]));
        assert_eq!((is_zero(&[0, 0]), is_zero(&[0, 1]), is_zero(&[1 << 63, 0])), (u64::MAX, 0, 0));
    }
}
