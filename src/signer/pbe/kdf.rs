//! The derivation of keys of PKCS#12 (RFC 7292 appendix B.2): iterated hashing of password and salt.

use std::num::NonZeroU32;

use ring::digest::{self, Context, digest};
use zeroize::Zeroizing;

use crate::der::Oid;

/// A hash of PKCS#12, by its algorithm identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in super::super) enum Hash {
    /// SHA-1: what the National CA writes, and openssl did until version 3. As a MAC under a password nothing is known
    /// against it.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The hash of an identifier.
    pub fn of(oid: &Oid) -> Option<Self> {
        const SHA_1: Oid = Oid::new_unwrap("1.3.14.3.2.26");
        const SHA_256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.1");
        const SHA_384: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.2");
        const SHA_512: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.3");
        Some(match *oid {
            SHA_1 => Self::Sha1,
            SHA_256 => Self::Sha256,
            SHA_384 => Self::Sha384,
            SHA_512 => Self::Sha512,
            _ => return None,
        })
    }

    /// The hash of HMAC with it (RFC 8018 appendix B.1.1).
    pub fn of_hmac(oid: &Oid) -> Option<Self> {
        const HMAC_WITH_SHA_1: Oid = Oid::new_unwrap("1.2.840.113549.2.7");
        const HMAC_WITH_SHA_256: Oid = Oid::new_unwrap("1.2.840.113549.2.9");
        const HMAC_WITH_SHA_384: Oid = Oid::new_unwrap("1.2.840.113549.2.10");
        const HMAC_WITH_SHA_512: Oid = Oid::new_unwrap("1.2.840.113549.2.11");
        Some(match *oid {
            HMAC_WITH_SHA_1 => Self::Sha1,
            HMAC_WITH_SHA_256 => Self::Sha256,
            HMAC_WITH_SHA_384 => Self::Sha384,
            HMAC_WITH_SHA_512 => Self::Sha512,
            _ => return None,
        })
    }

    /// ring's implementation.
    pub fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

/// Fills `out` with octets for a purpose: 1 for a key, 2 for an initialisation vector, 3 for a MAC (B.3). The letters in
/// the comments are those of appendix B.2.
pub(in super::super) fn derive(
    hash: Hash,
    purpose: u8,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    out: &mut [u8],
) {
    let algorithm = hash.algorithm();
    let (u, v) = (algorithm.output_len(), algorithm.block_len());
    // Step 1 to 4: D, S, P, I.
    let d = vec![purpose; v];
    let filled = |octets: &[u8]| octets.len().div_ceil(v) * v;
    let mut i = Zeroizing::new(Vec::with_capacity(filled(salt) + filled(password)));
    i.extend(salt.iter().cycle().take(filled(salt)));
    i.extend(password.iter().cycle().take(filled(password)));
    // Step 6, for each block of the result.
    for block in out.chunks_mut(u) {
        let mut context = Context::new(algorithm);
        context.update(&d);
        context.update(&i);
        let mut a = context.finish();
        for _ in 1..iterations.get() {
            a = digest(algorithm, a.as_ref());
        }
        for (octet, value) in block.iter_mut().zip(a.as_ref()) {
            *octet = *value;
        }
        // B repeats A; each block of I becomes I + B + 1 modulo 2^(8v).
        let b: Zeroizing<Vec<u8>> = Zeroizing::new(a.as_ref().iter().copied().cycle().take(v).collect());
        for part in i.chunks_mut(v) {
            let mut carry = 1_u16;
            for (octet, addend) in part.iter_mut().zip(b.iter()).rev() {
                let [high, low] = (u16::from(*octet) + u16::from(*addend) + carry).to_be_bytes();
                *octet = low;
                carry = u16::from(high);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::password::Password;
    use super::*;

    fn derived(password: &str, salt: &str, iterations: u32, purpose: u8, length: usize) -> String {
        let mut out = vec![0; length];
        let password = Password::new(password.to_owned()).to_bmp();
        let salt: Vec<u8> =
            (0..salt.len() / 2).map(|at| u8::from_str_radix(&salt[2 * at..2 * at + 2], 16).unwrap()).collect();
        derive(Hash::Sha1, purpose, &password, &salt, NonZeroU32::new(iterations).unwrap(), &mut out);
        out.iter().map(|octet| format!("{octet:02X}")).collect()
    }

    /// The vectors that went round with PKCS#12 at its time ("smeg" and "queeg"); the tests of OpenSSL and of
    /// Bouncy Castle have them too.
    #[test]
    fn known_answers_come_out() {
        assert_eq!(derived("smeg", "0A58CF64530D823F", 1, 1, 24), "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3");
        assert_eq!(derived("smeg", "0A58CF64530D823F", 1, 2, 8), "79993DFE048D3B76");
        assert_eq!(derived("smeg", "642B99AB44FB4B1F", 1, 1, 24), "F3A95FEC48D7711E985CFE67908C5AB79FA3D7C5CAA5D966");
        assert_eq!(derived("smeg", "642B99AB44FB4B1F", 1, 2, 8), "C0A38D64A79BEA1D");
        assert_eq!(derived("smeg", "3D83C0E4546AC140", 1, 3, 20), "8D967D88F6CAA9D714800AB3D48051D63F73A312");
        assert_eq!(
            derived("queeg", "05DEC959ACFF72F7", 1000, 1, 24),
            "ED2034E36328830FF09DF1E1A07DD357185DAC0D4F9EB3D4"
        );
        assert_eq!(derived("queeg", "05DEC959ACFF72F7", 1000, 2, 8), "11DEDAD7758D4860");
        assert_eq!(
            derived("queeg", "1682C0FC5B3F7EC5", 1000, 1, 24),
            "483DD6E919D7DE2E8E648BA8F862F3FBFBDC2BCB2C02957F"
        );
        assert_eq!(derived("queeg", "263216FCC2FAB31C", 1000, 3, 20), "5EC4C7A80DF652294C3925B6489A7AB857C83476");
    }
}
