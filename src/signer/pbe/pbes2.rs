//! PBES2 (RFC 8018): PBKDF2 or scrypt, then AES or triple DES; what openssl writes since version 3 and Java since 8u301.

use der::Decode as _;
use pkcs5::pbes2::{EncryptionScheme, Kdf as Pkcs5Kdf, Parameters, Pbkdf2Prf};
use ring::pbkdf2;
use zeroize::Zeroizing;

use super::super::error::KeyError;
use super::super::password::Password;
use super::kdf::Hash;
use super::work::{Work, iterations};
use super::{MAX_SALT, oid};
use crate::der::{Oid, TlvReader};

/// Memory that scrypt may ask for, in octets. OpenSSL and RFC 7914 section 2 have 16 MiB.
const MAX_SCRYPT_MEMORY: u64 = 64 << 20;
/// How often scrypt may go over it one after the other; others write 1.
const MAX_SCRYPT_PARALLEL: u16 = 16;

/// PBES2 with its parameters.
pub(in super::super) struct Pbes2(Parameters);

impl Pbes2 {
    /// Reads `PBES2-params`, header and all.
    pub fn read(der: &[u8]) -> Result<Self, KeyError> {
        let parameters = Parameters::from_der(der).map_err(|error| match error.kind() {
            der::ErrorKind::OidUnknown { oid } => KeyError::Algorithm(format!("PBES2 with {oid}")),
            _ => KeyError::malformed("the parameters of PBES2"),
        })?;
        let sensible = match &parameters.kdf {
            Pkcs5Kdf::Pbkdf2(kdf) => kdf.iteration_count > 0,
            // RFC 7914 section 2: a power of two above one, and something of everything.
            Pkcs5Kdf::Scrypt(kdf) => {
                kdf.cost_parameter > 1
                    && kdf.cost_parameter.is_power_of_two()
                    && kdf.block_size > 0
                    && kdf.parallelization > 0
            }
            _ => true,
        };
        if !sensible {
            return Err(KeyError::malformed("the parameters of PBES2"));
        }
        Ok(Self(parameters))
    }

    pub fn name(&self) -> String {
        let kdf = match &self.0.kdf {
            Pkcs5Kdf::Pbkdf2(kdf) => match kdf.prf {
                Pbkdf2Prf::HmacWithSha1 => "PBKDF2 with HMAC-SHA-1",
                Pbkdf2Prf::HmacWithSha224 => "PBKDF2 with HMAC-SHA-224",
                Pbkdf2Prf::HmacWithSha256 => "PBKDF2 with HMAC-SHA-256",
                Pbkdf2Prf::HmacWithSha384 => "PBKDF2 with HMAC-SHA-384",
                Pbkdf2Prf::HmacWithSha512 => "PBKDF2 with HMAC-SHA-512",
                _ => "PBKDF2",
            },
            Pkcs5Kdf::Scrypt(_) => "scrypt",
            _ => "a derivation of its own",
        };
        let cipher = match &self.0.encryption {
            EncryptionScheme::Aes128Cbc { .. } => "AES-128-CBC",
            EncryptionScheme::Aes192Cbc { .. } => "AES-192-CBC",
            EncryptionScheme::Aes256Cbc { .. } => "AES-256-CBC",
            EncryptionScheme::Aes128Gcm { .. } => "AES-128-GCM",
            EncryptionScheme::Aes256Gcm { .. } => "AES-256-GCM",
            EncryptionScheme::DesEde3Cbc { .. } => "triple DES",
            _ => "a cipher of its own",
        };
        format!("PBES2 ({kdf}, {cipher})")
    }

    pub fn iterations(&self) -> u64 {
        match &self.0.kdf {
            Pkcs5Kdf::Pbkdf2(kdf) => kdf.iteration_count.into(),
            Pkcs5Kdf::Scrypt(kdf) => kdf.cost_parameter,
            _ => 0,
        }
    }

    pub fn decrypt(
        &self,
        ciphertext: &[u8],
        password: &Password,
        work: &mut Work,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        match &self.0.kdf {
            // A key of 32 octets takes two rounds of HMAC-SHA-1.
            Pkcs5Kdf::Pbkdf2(kdf) => work.spend(kdf.iteration_count.into(), 2)?,
            Pkcs5Kdf::Scrypt(kdf) => {
                let lines = kdf.cost_parameter.saturating_mul(kdf.block_size.into());
                if lines.saturating_mul(128) > MAX_SCRYPT_MEMORY || kdf.parallelization > MAX_SCRYPT_PARALLEL {
                    return Err(KeyError::Algorithm("scrypt with so much memory".to_owned()));
                }
                work.spend(lines, u64::from(kdf.parallelization))?;
            }
            _ => return Err(KeyError::Algorithm(self.name())),
        }
        let mut octets = Zeroizing::new(ciphertext.to_vec());
        let length = match self.0.decrypt_in_place(password.as_str().as_bytes(), &mut octets) {
            Ok(plain) => plain.len(),
            Err(pkcs5::Error::DecryptFailed) => return Ok(None),
            Err(pkcs5::Error::UnsupportedAlgorithm { .. }) => return Err(KeyError::Algorithm(self.name())),
            Err(_) => return Err(KeyError::malformed("the parameters of PBES2")),
        };
        octets.truncate(length);
        Ok(Some(octets))
    }
}

/// PBKDF2 by itself, as PBMAC1 uses it.
///
/// ```text
/// PBKDF2-params ::= SEQUENCE { salt OCTET STRING, iterationCount INTEGER, keyLength INTEGER OPTIONAL,
///                              prf AlgorithmIdentifier DEFAULT hmacWithSHA1 }
/// ```
pub(in super::super) struct Kdf {
    salt: Box<[u8]>,
    pub iterations: std::num::NonZeroU32,
    length: usize,
    hash: Hash,
}

impl Kdf {
    /// The shortest key that is derived: 128 bits. With fewer, who alters a store tries keys and not passwords.
    const MIN_LENGTH: usize = 16;
    /// The longest key that is derived: a block of SHA-512.
    const MAX_LENGTH: usize = 128;

    /// Reads the contents of an `AlgorithmIdentifier` of PBKDF2 that says how long the key is, as RFC 9579 demands.
    pub fn read(identifier: &[u8]) -> Result<Self, KeyError> {
        const PBKDF2: Oid = Oid::new_unwrap("1.2.840.113549.1.5.12");
        let mut fields = TlvReader::new(identifier);
        let name = oid(fields.expect(0x06)?.value)?;
        if name != PBKDF2 {
            return Err(KeyError::Algorithm(format!("derivation of keys {name}")));
        }
        let mut parameters = TlvReader::new(fields.expect(0x30)?.value);
        fields.finish()?;
        let salt = parameters.expect(0x04)?.value;
        let iterations = iterations(parameters.expect(0x02)?.value)?;
        let length = match parameters.expect(0x02)?.value {
            [length @ 0..=0x7f] | [0, length @ 0x80] => usize::from(*length),
            _ => return Err(KeyError::malformed("a length of a derived key that is none")),
        };
        let hash = match parameters.optional(0x30)? {
            None => Hash::Sha1,
            Some(prf) => {
                let name = oid(TlvReader::new(prf.value).expect(0x06)?.value)?;
                Hash::of_hmac(&name).ok_or_else(|| KeyError::Algorithm(format!("HMAC {name}")))?
            }
        };
        parameters.finish()?;
        if length < Self::MIN_LENGTH {
            return Err(KeyError::malformed("a derived key that is too short"));
        }
        if salt.len() > MAX_SALT || length > Self::MAX_LENGTH {
            return Err(KeyError::malformed("a salt or a key that is too long"));
        }
        Ok(Self { salt: salt.into(), iterations, length, hash })
    }

    /// Derives the key.
    pub fn derive(&self, password: &Password, work: &mut Work) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let algorithm = match self.hash {
            Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Hash::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        };
        let rounds = self.length.div_ceil(self.hash.algorithm().output_len());
        work.spend(self.iterations.get().into(), 2 * u64::try_from(rounds).unwrap_or(u64::MAX / 2))?;
        let mut key = Zeroizing::new(vec![0; self.length]);
        pbkdf2::derive(algorithm, self.iterations, &self.salt, password.as_str().as_bytes(), &mut key);
        Ok(key)
    }
}
