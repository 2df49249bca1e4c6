//! ECDSA (FIPS 186-4) on P-256 and P-384 with keys from a label and a deterministic k; ring verifies it in the tests.
//!
//! **For tests only**, as [`gost`](crate::gost) is.

use num_bigint::BigUint;

use crate::curve::Curve;
use crate::curves;
use crate::der;
use crate::gost::in_group;
use crate::hash::Hash;

/// A NIST curve with the digest of its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NistCurve {
    /// P-256 with SHA-256.
    P256,
    /// P-384 with SHA-384.
    P384,
}

impl NistCurve {
    /// Its arithmetic.
    pub fn curve(self) -> &'static Curve {
        match self {
            NistCurve::P256 => &curves::P256,
            NistCurve::P384 => &curves::P384,
        }
    }

    /// Its digest.
    pub fn hash(self) -> Hash {
        match self {
            NistCurve::P256 => Hash::Sha256,
            NistCurve::P384 => Hash::Sha384,
        }
    }

    /// OID of the curve.
    pub fn curve_oid(self) -> &'static str {
        match self {
            NistCurve::P256 => "1.2.840.10045.3.1.7",
            NistCurve::P384 => "1.3.132.0.34",
        }
    }

    /// OID of ECDSA with its digest.
    pub fn signature_oid(self) -> &'static str {
        match self {
            NistCurve::P256 => "1.2.840.10045.4.3.2",
            NistCurve::P384 => "1.2.840.10045.4.3.3",
        }
    }
}

/// An ECDSA key pair.
#[derive(Clone, Debug)]
pub struct EcdsaKey {
    /// The curve.
    pub curve: NistCurve,
    d: BigUint,
    /// The uncompressed point: 04 ‖ x ‖ y, big-endian.
    pub point: Vec<u8>,
}

impl EcdsaKey {
    /// The key that follows from a label.
    pub fn from_label(curve: NistCurve, label: &str) -> EcdsaKey {
        let parameters = curve.curve();
        let seed = [parameters.name.as_bytes(), &[0], label.as_bytes()].concat();
        let d = in_group(&Hash::Streebog512.digest(&seed), &parameters.q);
        let public = parameters.multiply_base(&d).expect("0 < d < q");
        let size = parameters.field_bytes();
        let point = [vec![4], big_endian(&public.x, size), big_endian(&public.y, size)].concat();
        EcdsaKey { curve, d, point }
    }

    /// `SubjectPublicKeyInfo` with a named curve (RFC 5480).
    pub fn spki(&self) -> Vec<u8> {
        let algorithm = der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid(self.curve.curve_oid())]);
        der::sequence(&[algorithm, der::bit_string(&self.point)])
    }

    /// `ECPrivateKey` (RFC 5915), with the public key in it or without.
    pub fn private_octets(&self, with_public: bool) -> Vec<u8> {
        let size = self.curve.curve().field_bytes();
        let mut fields = vec![der::integer_unsigned(&[1]), der::octet_string(&big_endian(&self.d, size))];
        if with_public {
            fields.push(der::tlv(0xA1, &der::bit_string(&self.point)));
        }
        der::sequence(&fields)
    }

    /// `SEQUENCE { r, s }` over a digest of the curve's size.
    pub fn sign_digest(&self, digest: &[u8]) -> Vec<u8> {
        let Curve { q, .. } = self.curve.curve();
        let e = BigUint::from_bytes_be(digest);
        for counter in 0u8..=255 {
            let k = in_group(&Hash::Streebog512.digest(&[&self.d.to_bytes_le(), digest, &[counter]].concat()), q);
            let Some(point) = self.curve.curve().multiply_base(&k) else { continue };
            let r = point.x % q;
            let s = k.modinv(q).expect("q is prime and 0 < k < q") * (&e + &r * &self.d) % q;
            if r != BigUint::ZERO && s != BigUint::ZERO {
                return der::sequence(&[
                    der::integer_unsigned(&r.to_bytes_be()),
                    der::integer_unsigned(&s.to_bytes_be()),
                ]);
            }
        }
        unreachable!("256 values of k in a row gave r = 0 or s = 0")
    }
}

fn big_endian(number: &BigUint, size: usize) -> Vec<u8> {
    let mut octets = crate::gost::little_endian(number, size);
    octets.reverse();
    octets
}
