//! Encryption under a password: the schemes of PKCS#12 (RFC 7292 appendix C) and PBES2 (RFC 8018 section 6.2).

mod kdf;
mod old;
mod pbes2;
mod work;

use zeroize::Zeroizing;

use self::old::Old;
use self::pbes2::Pbes2;
use super::error::KeyError;
use super::password::Password;
use crate::der::{Oid, TlvReader};

pub(super) use self::kdf::{Hash, derive};
pub(super) use self::pbes2::Kdf;
pub(super) use self::work::{Work, iterations};

/// The longest salt: others write 8 to 32 octets.
pub(super) const MAX_SALT: usize = 1024;

const PBES2: Oid = Oid::new_unwrap("1.2.840.113549.1.5.13");

/// How something is encrypted: an `AlgorithmIdentifier` that was read.
pub(super) enum Scheme {
    /// PKCS#12 of the nineties, and of the National CA.
    Old(Old),
    /// What is written today.
    Pbes2(Box<Pbes2>),
    /// Known by its number only.
    Unknown(Oid),
}

impl Scheme {
    /// Reads the contents of an `AlgorithmIdentifier`.
    pub fn read(identifier: &[u8]) -> Result<Self, KeyError> {
        let mut fields = TlvReader::new(identifier);
        let oid = oid(fields.expect(0x06)?.value)?;
        if oid == PBES2 {
            let parameters = fields.expect(0x30)?;
            fields.finish()?;
            return Ok(Self::Pbes2(Box::new(Pbes2::read(parameters.raw)?)));
        }
        match old::Cipher::of(&oid) {
            Some(cipher) => {
                let parameters = fields.expect(0x30)?;
                fields.finish()?;
                Ok(Self::Old(Old::read(cipher, parameters.value)?))
            }
            None => Ok(Self::Unknown(oid)),
        }
    }

    /// Its name.
    pub fn name(&self) -> String {
        match self {
            Self::Old(old) => old.cipher.name().to_owned(),
            Self::Pbes2(pbes2) => pbes2.name(),
            Self::Unknown(oid) => format!("cipher {oid}"),
        }
    }

    /// Iterations of the derivation of the key from the password; of scrypt its cost.
    pub fn iterations(&self) -> Option<u64> {
        match self {
            Self::Old(old) => Some(old.iterations.get().into()),
            Self::Pbes2(pbes2) => Some(pbes2.iterations()),
            Self::Unknown(_) => None,
        }
    }

    /// Decrypts. `None` when what comes out is not padded as it should be: the password is another, or the octets were
    /// altered.
    pub fn decrypt(
        &self,
        ciphertext: &[u8],
        password: &Password,
        work: &mut Work,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        match self {
            Self::Old(old) => old.decrypt(ciphertext, password, work),
            Self::Pbes2(pbes2) => pbes2.decrypt(ciphertext, password, work),
            Self::Unknown(_) => Err(KeyError::Algorithm(self.name())),
        }
    }
}

/// Reads the contents of an OBJECT IDENTIFIER.
pub(super) fn oid(contents: &[u8]) -> Result<Oid, KeyError> {
    Oid::from_bytes(contents).map_err(|_| KeyError::malformed("an object identifier that is none"))
}
