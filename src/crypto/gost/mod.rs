//! GOST 34.10-2015 and GOST 34.310-2004 signatures by our own curve arithmetic: both are verified, in variable time over public
//! numbers; the former are made too (`sign`), in constant time.
//!
//! Kazakhstan's GOST 34.10-2015 is GOST R 34.10-2012 (RFC 7091) and its GOST 34.310-2004 is GOST R 34.10-2001, both with
//! other object identifiers and with every number little-endian:
//!
//! * public key: x || y
//! * digest: the hash's output as it stands, read as a little-endian number e (0 is taken as 1)
//! * signature: r || s
//!
//! `limbs` are the numbers, `field` the arithmetic modulo p, `invert` its inversions, `point` the group law, `multiply`
//! the tables, `curve` the checks of keys and signatures, `curves` the constants; `nist` and `ecdsa` borrow the arithmetic for what ring
//! leaves to do about ECDSA.

mod curve;
mod curves;
mod ecdsa;
mod field;
mod invert;
mod limbs;
mod multiply;
mod nist;
mod point;
#[cfg(test)]
mod reference;
mod sign;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::sync::OnceLock;

use curve::Curve;
use curves::{CRYPTO_PRO_A, CRYPTO_PRO_B, CRYPTO_PRO_C, TC26_256_A, TC26_512_A, TC26_512_B, TC26_512_C};
use field::Field;
use multiply::FixedWindows;
use point::Affine;

pub(super) use curve::{PointError, Refusal};
pub(super) use ecdsa::{verify_p256, verify_p384};
pub(super) use nist::{is_on_p256, is_on_p384};
pub(super) use sign::{FRESH, PrivateKey, ScalarError, ecdsa_public, private_key};

/// The curves a key may name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CurveName {
    CryptoProA,
    CryptoProB,
    CryptoProC,
    Tc26Set256A,
    Tc26Set512A,
    Tc26Set512B,
    Tc26Set512C,
}

/// A checked public key on some curve.
pub(super) trait VerifyingKey: Debug + Send + Sync {
    /// Builds the key's own tables once and returns their size in bytes.
    fn prepare(&self) -> usize;
    /// Verifies a signature (r || s) over a digest.
    fn verify(&self, digest: &[u8], signature: &[u8]) -> Result<(), Refusal>;
}

/// Reads and checks a public key, x || y.
pub(super) fn verifying_key(curve: CurveName, point: &[u8]) -> Result<Box<dyn VerifyingKey>, PointError> {
    match curve {
        CurveName::CryptoProA => Key::boxed(&CRYPTO_PRO_A, point),
        CurveName::CryptoProB => Key::boxed(&CRYPTO_PRO_B, point),
        CurveName::CryptoProC => Key::boxed(&CRYPTO_PRO_C, point),
        CurveName::Tc26Set256A => Key::boxed(&TC26_256_A, point),
        CurveName::Tc26Set512A => Key::boxed(&TC26_512_A, point),
        CurveName::Tc26Set512B => Key::boxed(&TC26_512_B, point),
        CurveName::Tc26Set512C => Key::boxed(&TC26_512_C, point),
    }
}

struct Key<F: 'static, const N: usize> {
    curve: &'static Curve<F, N>,
    point: Affine<N>,
    windows: OnceLock<FixedWindows<N>>,
}

impl<F: Field<N>, const N: usize> Key<F, N> {
    fn boxed(curve: &'static Curve<F, N>, point: &[u8]) -> Result<Box<dyn VerifyingKey>, PointError> {
        let point = curve.point(point)?;
        Ok(Box::new(Self { curve, point, windows: OnceLock::new() }))
    }
}

impl<F: Field<N>, const N: usize> Debug for Key<F, N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("limbs", &N).field("prepared", &self.windows.get().is_some()).finish()
    }
}

impl<F: Field<N>, const N: usize> VerifyingKey for Key<F, N> {
    fn prepare(&self) -> usize {
        self.windows.get_or_init(|| self.curve.prepare(&self.point)).bytes()
    }

    fn verify(&self, digest: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        self.curve.verify(&self.point, self.windows.get(), digest, signature)
    }
}
