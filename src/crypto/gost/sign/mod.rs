//! Signatures of GOST 34.10-2015 in constant time: nothing about the private key or the number k of a signature shows in
//! branches, in addresses or in instructions whose time depends on what they work on. `docs/SIDE-CHANNELS.md` is the review.
//!
//! `nonce` makes k, `comb` multiplies the base point, `field` and `invert` are the arithmetic, `mask` the choices.

mod comb;
mod field;
mod invert;
mod mask;
mod nonce;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use zeroize::Zeroizing;

use super::CurveName;
use super::curve::{Curve, digest_scalar, reduce};
use super::curves::{TC26_256_A, TC26_512_A, TC26_512_B, TC26_512_C};
use super::field::Field;
use super::limbs;
use super::nist::{P256, P384};
use comb::Comb;
use field::{SecretMontgomery, SecretPseudoMersenne};
use nonce::Nonces;

pub(in crate::crypto) use nonce::FRESH;

/// Candidates for k that are tried for one signature. Where q is just above a power of two, every other one is out of range:
/// that none of 256 is in it does not happen.
const MAX_CANDIDATES: usize = 256;

/// A private key on some curve. Zeroised when dropped.
pub(in crate::crypto) trait PrivateKey: Send + Sync {
    /// x || y of the public key, each little-endian.
    fn public(&self) -> Vec<u8>;
    /// r || s over a digest, each little-endian, without verifying them; `None` for a digest of another length than the
    /// curve's. `fresh` is randomness that nobody else has; without it the signature is deterministic (RFC 6979).
    fn sign(&self, digest: &[u8], fresh: Option<&[u8; FRESH]>) -> Option<Vec<u8>>;
}

/// Why octets are no private key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::crypto) enum ScalarError {
    /// Not as long as the curve's numbers.
    Length,
    /// Zero, or not below the order of the base point.
    Range,
    /// Nothing is signed on that curve any more.
    Curve,
}

/// Reads a private key d, little-endian.
pub(in crate::crypto) fn private_key(curve: CurveName, d: &[u8]) -> Result<Box<dyn PrivateKey>, ScalarError> {
    match curve {
        CurveName::Tc26Set256A => Key::boxed(&SIGNING_256_A, d),
        CurveName::Tc26Set512A => Key::boxed(&SIGNING_512_A, d),
        CurveName::Tc26Set512B => Key::boxed(&SIGNING_512_B, d),
        CurveName::Tc26Set512C => Key::boxed(&SIGNING_512_C, d),
        CurveName::CryptoProA | CurveName::CryptoProB | CurveName::CryptoProC => Err(ScalarError::Curve),
    }
}

type Secret512 = SecretPseudoMersenne<8, 569>;
type Secret256 = SecretPseudoMersenne<4, 617>;

static SIGNING_512_A: LazyLock<SigningCurve<Secret512, 8>> =
    LazyLock::new(|| SigningCurve::new(&TC26_512_A, SecretPseudoMersenne::new()));
static SIGNING_512_B: LazyLock<SigningCurve<SecretMontgomery<8>, 8>> =
    LazyLock::new(|| SigningCurve::new(&TC26_512_B, SecretMontgomery::new(TC26_512_B.group.field.prime())));
static SIGNING_512_C: LazyLock<SigningCurve<Secret512, 8>> =
    LazyLock::new(|| SigningCurve::new(&TC26_512_C, SecretPseudoMersenne::new()));
static SIGNING_256_A: LazyLock<SigningCurve<Secret256, 4>> =
    LazyLock::new(|| SigningCurve::new(&TC26_256_A, SecretPseudoMersenne::new()));

static SIGNING_P256: LazyLock<SigningCurve<SecretMontgomery<4>, 4>> =
    LazyLock::new(|| SigningCurve::new(&P256, SecretMontgomery::new(P256.group.field.prime())));
static SIGNING_P384: LazyLock<SigningCurve<SecretMontgomery<6>, 6>> =
    LazyLock::new(|| SigningCurve::new(&P384, SecretMontgomery::new(P384.group.field.prime())));

/// x || y, big-endian, of the public key of a private key of P-256 or P-384, big-endian too; which of them, by the length.
pub(in crate::crypto) fn ecdsa_public(d: &[u8]) -> Option<Vec<u8>> {
    let turned = Zeroizing::new(d.iter().rev().copied().collect::<Vec<u8>>());
    let mut point = match d.len() {
        32 => Key::boxed(&SIGNING_P256, &turned).ok()?.public(),
        48 => Key::boxed(&SIGNING_P384, &turned).ok()?.public(),
        _ => return None,
    };
    let half = point.len() / 2;
    point.chunks_exact_mut(half).for_each(<[u8]>::reverse);
    Some(point)
}

/// A curve with what signing on it needs.
struct SigningCurve<F, const N: usize> {
    field: F,
    scalars: SecretMontgomery<N>,
    /// The coefficient a, encoded.
    a: [u64; N],
    comb: Comb<N>,
}

impl<F: Field<N>, const N: usize> SigningCurve<F, N> {
    /// Takes a curve's constants over; `field` must be the curve's own, for secrets.
    fn new<P: Field<N>>(curve: &Curve<P, N>, field: F) -> Self {
        let (a, _) = curve.group.coefficients();
        Self { field, scalars: SecretMontgomery::new(curve.order()), a: *a, comb: Comb::new(curve) }
    }

    fn order(&self) -> &[u64; N] {
        self.scalars.prime()
    }

    /// GOST R 34.10-2012 section 6.1 (RFC 7091), steps 3 to 6 for one k in (0, q); `None` where r or s is zero.
    fn sign_with(&self, d: &[u64; N], e: &[u64; N], k: &[u64; N]) -> Option<([u64; N], [u64; N])> {
        let scalars = &self.scalars;
        // Anybody can compute the point C = kG from the signature (section 6.2), so its x is no secret.
        let r = reduce(self.comb.x(&self.field, &self.a, self.order(), k), self.order());
        // One factor of each product is encoded, so the products come out plain.
        let rd = Zeroizing::new(scalars.mul(&scalars.encode(&r), d));
        let ke = Zeroizing::new(scalars.mul(&scalars.encode(e), k));
        let s = scalars.add(&rd, &ke);
        (!limbs::is_zero(&r) && !limbs::is_zero(&s)).then_some((r, s))
    }
}

struct Key<F: 'static, const N: usize> {
    curve: &'static SigningCurve<F, N>,
    /// The private key, in (0, q).
    d: Zeroizing<[u64; N]>,
}

impl<F: Field<N>, const N: usize> Key<F, N> {
    fn boxed(curve: &'static SigningCurve<F, N>, d: &[u8]) -> Result<Box<dyn PrivateKey>, ScalarError> {
        let d = Zeroizing::new(limbs::from_le_bytes(d).ok_or(ScalarError::Length)?);
        if mask::is_scalar(&d, curve.order()) { Ok(Box::new(Self { curve, d })) } else { Err(ScalarError::Range) }
    }
}

impl<F: Field<N>, const N: usize> PrivateKey for Key<F, N> {
    fn public(&self) -> Vec<u8> {
        let curve = self.curve;
        let (x, y) = curve.comb.point(&curve.field, &curve.a, curve.order(), &self.d);
        le_bytes(&x, &y)
    }

    fn sign(&self, digest: &[u8], fresh: Option<&[u8; FRESH]>) -> Option<Vec<u8>> {
        let e = digest_scalar(digest, self.curve.order())?;
        let mut nonces = Nonces::new(self.curve.order(), &self.d, &e, fresh);
        let signature =
            (0..MAX_CANDIDATES).find_map(|_| nonces.next().and_then(|k| self.curve.sign_with(&self.d, &e, &k)));
        signature.map(|(r, s)| le_bytes(&r, &s))
    }
}

fn le_bytes<const N: usize>(first: &[u64; N], second: &[u64; N]) -> Vec<u8> {
    first.iter().chain(second).flat_map(|limb| limb.to_le_bytes()).collect()
}
