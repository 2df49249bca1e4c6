//! The kinds of public keys.

use std::borrow::Cow;
use std::fmt;

use super::hash_algorithm::HashAlgorithm;
use crate::der::write;

/// The kind of a public key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyAlgorithm {
    /// ECDSA on P-256.
    EcdsaP256,
    /// ECDSA on P-384.
    EcdsaP384,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// GOST 34.310-2004 on a `CryptoPro` curve.
    Gost2004,
    /// GOST 34.10-2015 on a 256-bit curve.
    Gost2015_256,
    /// GOST 34.10-2015 on a 512-bit curve.
    Gost2015_512,
    /// RSA with the length of its modulus.
    Rsa {
        /// Length of the modulus in bits.
        bits: u32,
    },
    /// RSA for RSASSA-PSS alone (RFC 4055 section 1.2), with the length of its modulus.
    RsaPss {
        /// Length of the modulus in bits.
        bits: u32,
        /// The only hash it signs with, if it says so.
        hash: Option<HashAlgorithm>,
    },
}

impl KeyAlgorithm {
    /// The name in reports: `rsa-2048`, `rsa-pss-2048`, `gost-34.10-2015-512`.
    pub fn as_str(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::EcdsaP256 => "ecdsa-p256",
            Self::EcdsaP384 => "ecdsa-p384",
            Self::Ed25519 => "ed25519",
            Self::Gost2004 => "gost-34.310-2004",
            Self::Gost2015_256 => "gost-34.10-2015-256",
            Self::Gost2015_512 => "gost-34.10-2015-512",
            Self::Rsa { bits } => return Cow::Owned(format!("rsa-{bits}")),
            Self::RsaPss { bits, .. } => return Cow::Owned(format!("rsa-pss-{bits}")),
        })
    }
}

impl KeyAlgorithm {
    /// Octets of a number below the order of the key's curve; `None` for keys that do not make ECDSA.
    pub fn scalar_octets(self) -> Option<usize> {
        match self {
            Self::EcdsaP256 => Some(32),
            Self::EcdsaP384 => Some(48),
            _ => None,
        }
    }

    /// The value of an ECDSA signature as certificates have it, the DER of two numbers, from r and s side by side as XML has
    /// them (RFC 6931 section 2.3.6); `None` unless each has exactly as many octets as numbers of the key's curve.
    pub fn value_from_sides(self, sides: &[u8]) -> Option<Vec<u8>> {
        let octets = self.scalar_octets().filter(|octets| sides.len() == 2 * octets)?;
        let (r, s) = sides.split_at_checked(octets)?;
        Some(write::sequence(&[positive(r), positive(s)]))
    }
}

/// The DER INTEGER of an unsigned number.
fn positive(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&octet| octet == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_none_or(|&first| first & 0x80 != 0) { &[0] } else { &[] };
    write::element(0x02, &[sign, digits])
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_and_s_side_by_side_have_the_width_of_the_curve() {
        let sides = [&[0; 31][..], &[0x7f], &[0x80], &[1; 31]].concat();
        let der = [&[0x30, 38, 2, 1, 0x7f, 2, 33, 0, 0x80][..], &[1; 31]].concat();
        assert_eq!(KeyAlgorithm::EcdsaP256.value_from_sides(&sides), Some(der));
        assert_eq!(KeyAlgorithm::EcdsaP256.value_from_sides(&[0; 64]), Some(vec![0x30, 6, 2, 1, 0, 2, 1, 0]));
        for (key, length) in [
            (KeyAlgorithm::EcdsaP256, 0),
            (KeyAlgorithm::EcdsaP256, 63),
            (KeyAlgorithm::EcdsaP256, 65),
            (KeyAlgorithm::EcdsaP256, 96),
            (KeyAlgorithm::EcdsaP384, 64),
            (KeyAlgorithm::EcdsaP384, 98),
            (KeyAlgorithm::Ed25519, 64),
            (KeyAlgorithm::Rsa { bits: 2048 }, 64),
        ] {
            assert_eq!(key.value_from_sides(&vec![1; length]), None, "{key} {length}");
        }
    }
}
