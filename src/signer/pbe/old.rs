//! The ciphers of PKCS#12 itself (RFC 7292 appendix C), which the National CA uses: triple DES for keys, RC2 with 40 bits for
//! certificates, which are public.

use std::num::NonZeroU32;

use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, InnerIvInit as _, KeyIvInit as _};
use rc2::Rc2;
use zeroize::Zeroizing;

use super::super::error::KeyError;
use super::super::password::Password;
use super::work::{Work, iterations};
use super::{Hash, MAX_SALT, derive};
use crate::der::{Oid, TlvReader};

/// What is derived (RFC 7292 B.3).
const FOR_KEY: u8 = 1;
const FOR_VECTOR: u8 = 2;
/// Octets of a block of DES and of RC2.
const BLOCK: usize = 8;
/// The longest key among them.
const MAX_KEY: usize = 24;

/// A cipher of appendix C.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in super::super) enum Cipher {
    Rc2With128Bits,
    Rc2With40Bits,
    TripleDesWith2Keys,
    TripleDesWith3Keys,
}

impl Cipher {
    /// The cipher of an identifier. RC4, which stands there too, is not in use.
    pub fn of(oid: &Oid) -> Option<Self> {
        const TRIPLE_DES_3: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.3");
        const TRIPLE_DES_2: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.4");
        const RC2_128: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.5");
        const RC2_40: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.6");
        Some(match *oid {
            TRIPLE_DES_3 => Self::TripleDesWith3Keys,
            TRIPLE_DES_2 => Self::TripleDesWith2Keys,
            RC2_128 => Self::Rc2With128Bits,
            RC2_40 => Self::Rc2With40Bits,
            _ => return None,
        })
    }

    /// The name in RFC 7292.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rc2With128Bits => "pbeWithSHAAnd128BitRC2-CBC",
            Self::Rc2With40Bits => "pbeWithSHAAnd40BitRC2-CBC",
            Self::TripleDesWith2Keys => "pbeWithSHAAnd2-KeyTripleDES-CBC",
            Self::TripleDesWith3Keys => "pbeWithSHAAnd3-KeyTripleDES-CBC",
        }
    }

    /// Octets of the key.
    fn key_octets(self) -> usize {
        match self {
            Self::Rc2With128Bits | Self::TripleDesWith2Keys => 16,
            Self::Rc2With40Bits => 5,
            Self::TripleDesWith3Keys => 24,
        }
    }
}

/// A cipher with its parameters.
pub(in super::super) struct Old {
    pub cipher: Cipher,
    pub iterations: NonZeroU32,
    salt: Box<[u8]>,
}

impl Old {
    /// Reads `pkcs-12PbeParams ::= SEQUENCE { salt OCTET STRING, iterations INTEGER }`.
    pub fn read(cipher: Cipher, parameters: &[u8]) -> Result<Self, KeyError> {
        let mut fields = TlvReader::new(parameters);
        let salt = fields.expect(0x04)?.value;
        let iterations = iterations(fields.expect(0x02)?.value)?;
        fields.finish()?;
        if salt.len() > MAX_SALT {
            return Err(KeyError::malformed("a salt that is too long"));
        }
        Ok(Self { cipher, iterations, salt: salt.into() })
    }

    pub fn decrypt(
        &self,
        ciphertext: &[u8],
        password: &Password,
        work: &mut Work,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        let password = password.to_bmp();
        let opened = self.decrypt_with(ciphertext, &password, work)?;
        // «No password» is either an empty one with its zero character or nothing at all: writers differ.
        if opened.is_none() && password.as_slice() == [0, 0] {
            return self.decrypt_with(ciphertext, &[], work);
        }
        Ok(opened)
    }

    fn decrypt_with(
        &self,
        ciphertext: &[u8],
        password: &[u8],
        work: &mut Work,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        // SHA-1 gives 20 octets a round: two for the longest key, one for the vector.
        work.spend(self.iterations.get().into(), 3)?;
        let mut key = Zeroizing::new([0; MAX_KEY]);
        let mut vector = Zeroizing::new([0; BLOCK]);
        let key = key.get_mut(..self.cipher.key_octets()).unwrap_or_default();
        derive(Hash::Sha1, FOR_KEY, password, &self.salt, self.iterations, key);
        derive(Hash::Sha1, FOR_VECTOR, password, &self.salt, self.iterations, vector.as_mut_slice());
        let vector = vector.as_slice();
        let wrong = |_| KeyError::malformed("a key of the wrong length");
        Ok(match self.cipher {
            Cipher::Rc2With128Bits | Cipher::Rc2With40Bits => {
                let cipher = Rc2::new_with_eff_key_len(key, 8 * key.len());
                unpad(Decryptor::inner_iv_slice_init(cipher, vector).map_err(wrong)?, ciphertext)
            }
            Cipher::TripleDesWith2Keys => {
                unpad(Decryptor::<des::TdesEde2>::new_from_slices(key, vector).map_err(wrong)?, ciphertext)
            }
            Cipher::TripleDesWith3Keys => {
                unpad(Decryptor::<des::TdesEde3>::new_from_slices(key, vector).map_err(wrong)?, ciphertext)
            }
        })
    }
}

fn unpad(decryptor: impl BlockModeDecrypt, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(ciphertext.to_vec());
    let length = decryptor.decrypt_padded::<Pkcs7>(&mut octets).ok()?.len();
    octets.truncate(length);
    Some(octets)
}
