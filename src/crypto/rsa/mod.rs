//! RSA over a digest: ring verifies over the message alone, and of large content read as a stream there is only the digest.
//! Variable time, over public numbers: what is raised to the public exponent is a signature.

mod parameters;
pub(super) mod pkcs1;
pub(super) mod pss;

use der::asn1::{AnyRef, UintRef};
use der::{Decode as _, Reader as _};
use num_bigint::BigUint;

use super::key::SignatureError;

pub(super) use parameters::PssParameters;

/// A signature raised to the public exponent.
struct Opened {
    value: BigUint,
    /// Length of the modulus in bits.
    bits: u64,
}

impl Opened {
    /// Opens a signature with a checked `RSAPublicKey`.
    fn of(key: &[u8], signature: &[u8]) -> Result<Self, SignatureError> {
        let (modulus, exponent) = AnyRef::from_der(key)
            .and_then(|outer| outer.sequence(|reader| Ok::<_, der::Error>((reader.decode()?, reader.decode()?))))
            .map_err(|_| SignatureError::Malformed)?;
        let (modulus, exponent): (UintRef<'_>, UintRef<'_>) = (modulus, exponent);
        let length = modulus.as_bytes().len();
        let number = |octets| BigUint::from_bytes_be(octets);
        let (modulus, value) = (number(modulus.as_bytes()), number(signature));
        // RFC 8017 sections 8.1.2 and 8.2.2 step 1, and the representative out of range of section 5.2.2.
        if signature.len() != length || value >= modulus {
            return Err(SignatureError::Malformed);
        }
        Ok(Self { value: value.modpow(&number(exponent.as_bytes()), &modulus), bits: modulus.bits() })
    }

    /// The number in so many octets, big-endian; `None` when it needs more.
    fn in_octets(&self, length: usize) -> Option<Vec<u8>> {
        let digits = self.value.to_bytes_be();
        // Zero is written as one octet.
        let digits = if digits == [0] { &[][..] } else { &digits };
        let mut octets = vec![0; length.checked_sub(digits.len())?];
        octets.extend_from_slice(digits);
        Some(octets)
    }
}
