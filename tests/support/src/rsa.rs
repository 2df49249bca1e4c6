//! RSA keys from a label, PKCS#1 v1.5 signatures over any digest. Both are deterministic: `ChaCha` seeded by the label
//! feeds the key generation of the pinned `rsa` crate, and the padding has no salt.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BigUint, Pkcs1v15Sign, RsaPrivateKey};

use crate::der;
use crate::hash::Hash;

/// Keys made in this process, because making one takes about a second: (bits, label) → key.
static MADE: Mutex<Option<HashMap<(usize, String), RsaKey>>> = Mutex::new(None);

/// An RSA key pair.
#[derive(Clone, Debug)]
pub struct RsaKey(Arc<RsaPrivateKey>);

impl RsaKey {
    /// The key of so many bits that follows from a label; made once in a process.
    ///
    /// # Panics
    /// If no key of that size can be made.
    pub fn from_label(bits: usize, label: &str) -> RsaKey {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let made = made.get_or_insert_default();
        made.entry((bits, label.to_owned()))
            .or_insert_with(|| {
                let seed = Hash::Streebog256.digest(format!("rsa-{bits}\0{label}").as_bytes());
                let mut rng = ChaCha20Rng::from_seed(seed.try_into().expect("32 octets"));
                RsaKey(Arc::new(RsaPrivateKey::new(&mut rng, bits).expect("a usual RSA size")))
            })
            .clone()
    }

    /// A key out of a PKCS#8 PEM file.
    ///
    /// # Panics
    /// If it is not one.
    pub fn from_pkcs8_pem(pem: &str) -> RsaKey {
        RsaKey(Arc::new(RsaPrivateKey::from_pkcs8_pem(pem).expect("a PKCS#8 PEM with an RSA key")))
    }

    /// `RSAPublicKey` (RFC 8017 appendix A.1.1).
    pub fn public_octets(&self) -> Vec<u8> {
        let number = |number: &BigUint| der::integer_unsigned(&number.to_bytes_be());
        der::sequence(&[number(self.0.n()), number(self.0.e())])
    }

    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    ///
    /// # Panics
    /// Never: a key that was made has all its numbers.
    pub fn private_octets(&self) -> Vec<u8> {
        self.0.to_pkcs1_der().expect("a whole key").as_bytes().to_vec()
    }

    /// `SubjectPublicKeyInfo` (RFC 3279 section 2.3.1).
    pub fn spki(&self) -> Vec<u8> {
        let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.1.1"), der::null()]);
        der::sequence(&[algorithm, der::bit_string(&self.public_octets())])
    }

    /// `SubjectPublicKeyInfo` for RSASSA-PSS alone (RFC 4055 section 1.2), with these parameters or none.
    pub fn pss_spki(&self, parameters: &[u8]) -> Vec<u8> {
        let algorithm = der::sequence(&[&der::oid("1.2.840.113549.1.1.10")[..], parameters]);
        der::sequence(&[algorithm, der::bit_string(&self.public_octets())])
    }

    /// RSASSA-PSS over a digest with the same hash for the mask (RFC 8017 sections 8.1.1 and 9.1.1), with a salt of the caller's.
    ///
    /// # Panics
    /// If the key is too short for digest and salt.
    pub fn sign_digest_pss(&self, hash: Hash, digest: &[u8], salt: &[u8]) -> Vec<u8> {
        let bits = self.0.n().bits() - 1;
        let length = bits.div_ceil(8);
        let found = hash.digest(&[&[0; 8], digest, salt].concat());
        let mut data = vec![0; length.checked_sub(found.len() + salt.len() + 2).expect("a longer key")];
        data.push(1);
        data.extend_from_slice(salt);
        let blocks = (0..=data.len() / found.len()).map(|counter| {
            let counter = u32::try_from(counter).expect("a short mask").to_be_bytes();
            hash.digest(&[&found[..], &counter].concat())
        });
        let mask: Vec<u8> = blocks.flatten().collect();
        data.iter_mut().zip(mask).for_each(|(octet, mask)| *octet ^= mask);
        data[0] &= 0xff >> (8 * length - bits);
        let encoded = BigUint::from_bytes_be(&[&data[..], &found, &[0xbc]].concat());
        let value = encoded.modpow(self.0.d(), self.0.n()).to_bytes_be();
        let octets = self.0.n().bits().div_ceil(8);
        [vec![0; octets - value.len()], value].concat()
    }

    /// RSASSA-PKCS1-v1_5 over a digest (RFC 8017 section 8.2).
    ///
    /// # Panics
    /// If the key is too short for the digest.
    pub fn sign_digest(&self, hash: Hash, digest: &[u8]) -> Vec<u8> {
        let algorithm = der::sequence(&[der::oid(hash.oid()), der::null()]);
        let digest_info = der::sequence(&[algorithm, der::octet_string(digest)]);
        self.0.sign(Pkcs1v15Sign::new_unprefixed(), &digest_info).expect("a key longer than the digest")
    }
}
