//! The MAC of a store: HMAC of PKCS#12 (RFC 7292 appendix B.3), or PBMAC1 (RFC 9579).
//!
//! ```text
//! MacData ::= SEQUENCE { mac DigestInfo, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 }
//! PBMAC1-params ::= SEQUENCE { keyDerivationFunc AlgorithmIdentifier, messageAuthScheme AlgorithmIdentifier }
//! ```

use std::num::NonZeroU32;

use ring::hmac;
use zeroize::Zeroizing;

use super::super::error::KeyError;
use super::super::password::Password;
use super::super::pbe::{Hash, Kdf, MAX_SALT, Work, derive, iterations, oid};
use super::MacOutline;
use crate::der::{Oid, TlvReader};

const PBMAC1: Oid = Oid::new_unwrap("1.2.840.113549.1.5.14");
/// The purpose of a derivation for a MAC.
const FOR_MAC: u8 = 3;

/// A MAC that was read.
pub(super) struct Mac {
    value: Box<[u8]>,
    method: Method,
}

enum Method {
    Pkcs12 { hash: Hash, salt: Box<[u8]>, iterations: NonZeroU32 },
    Pbmac1 { kdf: Box<Kdf>, hash: Hash },
    Unknown { hash: Oid, iterations: NonZeroU32 },
}

impl Mac {
    /// Reads the contents of `MacData`.
    pub fn read(contents: &[u8]) -> Result<Self, KeyError> {
        let mut fields = TlvReader::new(contents);
        let mut digest_info = TlvReader::new(fields.expect(0x30)?.value);
        let mut algorithm = TlvReader::new(digest_info.expect(0x30)?.value);
        let value: Box<[u8]> = digest_info.expect(0x04)?.value.into();
        digest_info.finish()?;
        let salt: Box<[u8]> = fields.expect(0x04)?.value.into();
        let iterations = fields.optional(0x02)?.map_or(Ok(NonZeroU32::MIN), |count| iterations(count.value))?;
        fields.finish()?;
        if salt.len() > MAX_SALT {
            return Err(KeyError::malformed("a salt that is too long"));
        }
        let name = oid(algorithm.expect(0x06)?.value)?;
        if name == PBMAC1 {
            let mut parameters = TlvReader::new(algorithm.expect(0x30)?.value);
            algorithm.finish()?;
            let kdf = Box::new(Kdf::read(parameters.expect(0x30)?.value)?);
            let scheme = oid(TlvReader::new(parameters.expect(0x30)?.value).expect(0x06)?.value)?;
            parameters.finish()?;
            let hash = Hash::of_hmac(&scheme).ok_or_else(|| KeyError::Algorithm(format!("HMAC {scheme}")))?;
            return Ok(Self { value, method: Method::Pbmac1 { kdf, hash } });
        }
        algorithm.optional(0x05)?;
        algorithm.finish()?;
        let method = match Hash::of(&name) {
            Some(hash) => Method::Pkcs12 { hash, salt, iterations },
            None => Method::Unknown { hash: name, iterations },
        };
        Ok(Self { value, method })
    }

    /// Compares it, in constant time.
    pub fn verify(&self, octets: &[u8], password: &Password, work: &mut Work) -> Result<bool, KeyError> {
        match &self.method {
            Method::Pkcs12 { hash, .. } => {
                let bmp = password.to_bmp();
                // «No password» is either an empty one with its zero character or nothing at all: writers differ.
                Ok(self.matches(*hash, octets, &bmp, work)?
                    || (password.is_empty() && self.matches(*hash, octets, &[], work)?))
            }
            Method::Pbmac1 { kdf, hash } => Ok(self.compare(*hash, &kdf.derive(password, work)?, octets)),
            Method::Unknown { hash, .. } => Err(KeyError::Algorithm(format!("a MAC with hash {hash}"))),
        }
    }

    fn matches(&self, hash: Hash, octets: &[u8], password: &[u8], work: &mut Work) -> Result<bool, KeyError> {
        let Method::Pkcs12 { salt, iterations, .. } = &self.method else { return Ok(false) };
        work.spend(iterations.get().into(), 1)?;
        let mut key = Zeroizing::new(vec![0; hash.algorithm().output_len()]);
        derive(hash, FOR_MAC, password, salt, *iterations, &mut key);
        Ok(self.compare(hash, &key, octets))
    }

    fn compare(&self, hash: Hash, key: &[u8], octets: &[u8]) -> bool {
        let algorithm = match hash {
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha384 => hmac::HMAC_SHA384,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        hmac::verify(&hmac::Key::new(algorithm, key), octets, &self.value).is_ok()
    }

    /// For people.
    pub fn outline(&self) -> MacOutline {
        let (algorithm, iterations) = match &self.method {
            Method::Pkcs12 { hash, iterations, .. } => (format!("HMAC-{}", hash.name()), *iterations),
            Method::Pbmac1 { kdf, hash } => (format!("PBMAC1 (HMAC-{})", hash.name()), kdf.iterations),
            Method::Unknown { hash, iterations } => (format!("HMAC with {hash}"), *iterations),
        };
        MacOutline { algorithm, iterations: iterations.get() }
    }
}
