//! GOST 34.10 (RFC 7091) the slow way, with the OIDs and byte orders of Kazakh certificates.
//!
//! Byte orders: a public key is `OCTET STRING { x ‖ y }`, a signature `r ‖ s`, the digest an integer: all of them
//! little-endian. (The Russian layout of RFC 9215 is the byte reversal of the whole signature.)
//!
//! **For tests only.** Private keys follow from a label, k from the key and the digest, and nothing is constant time.

use num_bigint::BigUint;

use crate::curve::{Affine, Curve};
use crate::curves;
use crate::der;
use crate::hash::Hash;

/// A curve together with the digest and the OIDs that go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// GOST 34.310-2004 on the `CryptoPro` curve A with GOST 34.311-95: certificates until 2022.
    Gost2004,
    /// GOST 34.10-2015, 256 bits, parameter set A, with Streebog-256.
    Gost256,
    /// GOST 34.10-2015, 512 bits, parameter set A, with Streebog-512: what the National CA issues since 2022.
    Gost512A,
    /// The same on parameter set B. Its OID continues the registered arc; no certificate of it was ever seen.
    Gost512B,
    /// The same on parameter set C. Its OID continues the registered arc; no certificate of it was ever seen.
    Gost512C,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Scheme; 5] =
        [Scheme::Gost2004, Scheme::Gost256, Scheme::Gost512A, Scheme::Gost512B, Scheme::Gost512C];

    /// Its curve.
    pub fn curve(self) -> &'static Curve {
        match self {
            Scheme::Gost2004 => &curves::CRYPTOPRO_A,
            Scheme::Gost256 => &curves::TC26_256_A,
            Scheme::Gost512A => &curves::TC26_512_A,
            Scheme::Gost512B => &curves::TC26_512_B,
            Scheme::Gost512C => &curves::TC26_512_C,
        }
    }

    /// Its digest.
    pub fn hash(self) -> Hash {
        match self {
            Scheme::Gost2004 => Hash::Gost95,
            Scheme::Gost256 => Hash::Streebog256,
            Scheme::Gost512A | Scheme::Gost512B | Scheme::Gost512C => Hash::Streebog512,
        }
    }

    /// OID of the key algorithm.
    pub fn key_oid(self) -> &'static str {
        match self {
            Scheme::Gost2004 => "1.2.398.3.10.1.1.1.1",
            Scheme::Gost256 => "1.2.398.3.10.1.1.2.1",
            Scheme::Gost512A | Scheme::Gost512B | Scheme::Gost512C => "1.2.398.3.10.1.1.2.2",
        }
    }

    /// OID of the curve, the first of the key's parameters.
    pub fn curve_oid(self) -> &'static str {
        match self {
            Scheme::Gost2004 => "1.2.398.3.10.1.1.1.1.1",
            Scheme::Gost256 => "1.2.398.3.10.1.1.2.1.1",
            Scheme::Gost512A => "1.2.398.3.10.1.1.2.2.1",
            Scheme::Gost512B => "1.2.398.3.10.1.1.2.2.2",
            Scheme::Gost512C => "1.2.398.3.10.1.1.2.2.3",
        }
    }

    /// OID of the digest (with its S-box for 34.311-95), the second of the key's parameters.
    pub fn digest_parameter_oid(self) -> &'static str {
        match self {
            Scheme::Gost2004 => "1.2.398.3.10.1.3.1.1.0",
            other => other.hash().oid(),
        }
    }

    /// OID of the signature algorithm.
    pub fn signature_oid(self) -> &'static str {
        match self {
            Scheme::Gost2004 => "1.2.398.3.10.1.1.1.2",
            Scheme::Gost256 => "1.2.398.3.10.1.1.2.3.1",
            Scheme::Gost512A | Scheme::Gost512B | Scheme::Gost512C => "1.2.398.3.10.1.1.2.3.2",
        }
    }

    /// The key's `AlgorithmIdentifier`.
    pub fn key_algorithm(self) -> Vec<u8> {
        let parameters = der::sequence(&[der::oid(self.curve_oid()), der::oid(self.digest_parameter_oid())]);
        der::sequence(&[der::oid(self.key_oid()), parameters])
    }

    /// `SubjectPublicKeyInfo` around public key octets, which may be of any length and content.
    pub fn spki(self, key_octets: &[u8]) -> Vec<u8> {
        der::sequence(&[self.key_algorithm(), der::bit_string(&der::octet_string(key_octets))])
    }

    /// Octets of r, of s and of a coordinate.
    pub fn size(self) -> usize {
        self.curve().field_bytes()
    }
}

/// A GOST key pair.
#[derive(Clone, Debug)]
pub struct GostKey {
    /// Which curve and digest.
    pub scheme: Scheme,
    /// The private key, 0 < d < q.
    pub d: BigUint,
    /// The public key d · P.
    pub public: Affine,
}

impl GostKey {
    /// The key that follows from a label: d = Streebog-512(scheme ‖ 0 ‖ label) mod (q − 1) + 1.
    pub fn from_label(scheme: Scheme, label: &str) -> GostKey {
        let seed = [scheme.curve().name.as_bytes(), &[0], label.as_bytes()].concat();
        GostKey::new(scheme, in_group(&Hash::Streebog512.digest(&seed), &scheme.curve().q))
    }

    /// The key with this private number.
    ///
    /// # Panics
    /// If d is a multiple of the group's order.
    pub fn new(scheme: Scheme, d: BigUint) -> GostKey {
        let public = scheme.curve().multiply_base(&d).expect("0 < d < q");
        GostKey { scheme, d, public }
    }

    /// The public key octets x ‖ y, little-endian, without the OCTET STRING around them.
    pub fn public_octets(&self) -> Vec<u8> {
        let size = self.scheme.size();
        [little_endian(&self.public.x, size), little_endian(&self.public.y, size)].concat()
    }

    /// The contents of `privateKey` in PKCS#8 as the National CA writes them: an OCTET STRING of d, little-endian; for GOST
    /// 34.310-2004 an INTEGER.
    pub fn private_octets(&self) -> Vec<u8> {
        match self.scheme {
            Scheme::Gost2004 => der::integer_unsigned(&self.d.to_bytes_be()),
            _ => der::octet_string(&little_endian(&self.d, self.scheme.size())),
        }
    }

    /// r ‖ s over a digest, with k = Streebog-512(d ‖ digest ‖ counter) mod (q − 1) + 1: the same signature every time.
    pub fn sign_digest(&self, digest: &[u8]) -> Vec<u8> {
        let d = self.d.to_bytes_le();
        for counter in 0u8..=255 {
            let k = in_group(&Hash::Streebog512.digest(&[&d, digest, &[counter]].concat()), &self.scheme.curve().q);
            if let Some((r, s)) = sign(self.scheme.curve(), &self.d, &k, &hash_number(digest)) {
                return [little_endian(&r, self.scheme.size()), little_endian(&s, self.scheme.size())].concat();
            }
        }
        unreachable!("256 values of k in a row gave r = 0 or s = 0")
    }
}

/// RFC 7091 section 6.1 for a given k; `None` when r or s comes out as 0 and another k is needed.
pub fn sign(curve: &Curve, d: &BigUint, k: &BigUint, hash: &BigUint) -> Option<(BigUint, BigUint)> {
    let e = non_zero(hash % &curve.q);
    let r = curve.multiply_base(k)?.x % &curve.q;
    let s = (&r * d + k * e) % &curve.q;
    (r != BigUint::ZERO && s != BigUint::ZERO).then_some((r, s))
}

/// RFC 7091 section 6.2.
pub fn verify(curve: &Curve, public: &Affine, hash: &BigUint, r: &BigUint, s: &BigUint) -> bool {
    let q = &curve.q;
    if *r == BigUint::ZERO || r >= q || *s == BigUint::ZERO || s >= q || !curve.contains(public) {
        return false;
    }
    let e = non_zero(hash % q);
    let v = e.modinv(q).expect("q is prime and 0 < e < q");
    let (z1, z2) = (s * &v % q, (q - r) * &v % q);
    curve.multiply_and_add(&z1, &z2, public).is_some_and(|c| c.x % q == *r)
}

/// Verifies r ‖ s over a digest under the public key octets x ‖ y, everything little-endian.
pub fn verify_digest(scheme: Scheme, public_octets: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    let size = scheme.size();
    if public_octets.len() != 2 * size || signature.len() != 2 * size {
        return false;
    }
    let number = |octets: &[u8]| BigUint::from_bytes_le(octets);
    let public = Affine { x: number(&public_octets[..size]), y: number(&public_octets[size..]) };
    let (r, s) = (number(&signature[..size]), number(&signature[size..]));
    verify(scheme.curve(), &public, &hash_number(digest), &r, &s)
}

/// The number a digest stands for: its octets in the hash's own output order, little-endian.
pub fn hash_number(digest: &[u8]) -> BigUint {
    BigUint::from_bytes_le(digest)
}

/// Exactly `size` octets, least significant first.
///
/// # Panics
/// If the number does not fit.
pub fn little_endian(number: &BigUint, size: usize) -> Vec<u8> {
    let mut octets = number.to_bytes_le();
    assert!(octets.len() <= size, "number longer than {size} octets");
    octets.resize(size, 0);
    octets
}

/// A number in 1..q from 64 octets of hash.
pub(crate) fn in_group(octets: &[u8], q: &BigUint) -> BigUint {
    BigUint::from_bytes_le(octets) % (q - 1u8) + 1u8
}

/// RFC 7091 step 2: e = 0 counts as 1.
fn non_zero(e: BigUint) -> BigUint {
    if e == BigUint::ZERO { BigUint::from(1u8) } else { e }
}
