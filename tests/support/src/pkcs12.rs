//! Key stores (PKCS#12, RFC 7292) as the National CA writes them, and broken ones: the ciphers of the nineties, BER of
//! indefinite length inside, one key and its certificate.

use std::num::NonZeroU32;

use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, InnerIvInit as _, KeyIvInit as _};
use ring::pbkdf2;

use crate::der;
use crate::hash::Hash;

const DATA: &str = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA: &str = "1.2.840.113549.1.7.6";

/// A cipher of RFC 7292 appendix C.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cipher {
    /// pbeWithSHAAnd128BitRC2-CBC.
    Rc2Of128,
    /// pbeWithSHAAnd40BitRC2-CBC.
    Rc2Of40,
    /// pbeWithSHAAnd2-KeyTripleDES-CBC.
    TripleDes2,
    /// pbeWithSHAAnd3-KeyTripleDES-CBC.
    TripleDes3,
}

impl Cipher {
    fn oid(self) -> &'static str {
        match self {
            Cipher::TripleDes3 => "1.2.840.113549.1.12.1.3",
            Cipher::TripleDes2 => "1.2.840.113549.1.12.1.4",
            Cipher::Rc2Of128 => "1.2.840.113549.1.12.1.5",
            Cipher::Rc2Of40 => "1.2.840.113549.1.12.1.6",
        }
    }

    /// `AlgorithmIdentifier` and ciphertext.
    ///
    /// # Panics
    /// Never: keys have the right lengths.
    pub fn encrypt(self, password: &str, iterations: u64, plain: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let salt = &Hash::Sha1.digest(plain);
        let length = match self {
            Cipher::TripleDes3 => 24,
            Cipher::TripleDes2 | Cipher::Rc2Of128 => 16,
            Cipher::Rc2Of40 => 5,
        };
        let key = derive(1, password, salt, iterations, length);
        let vector = derive(2, password, salt, iterations, 8);
        let ciphertext = match self {
            Cipher::TripleDes3 => Encryptor::<des::TdesEde3>::new_from_slices(&key, &vector)
                .expect("the right lengths")
                .encrypt_padded_vec::<Pkcs7>(plain),
            Cipher::TripleDes2 => Encryptor::<des::TdesEde2>::new_from_slices(&key, &vector)
                .expect("the right lengths")
                .encrypt_padded_vec::<Pkcs7>(plain),
            Cipher::Rc2Of128 | Cipher::Rc2Of40 => {
                let cipher = rc2::Rc2::new_with_eff_key_len(&key, 8 * key.len());
                Encryptor::inner_iv_slice_init(cipher, &vector)
                    .expect("the right length")
                    .encrypt_padded_vec::<Pkcs7>(plain)
            }
        };
        let parameters = der::sequence(&[der::octet_string(salt), der::integer(iterations)]);
        (der::sequence(&[der::oid(self.oid()), parameters]), ciphertext)
    }
}

/// RFC 7292 appendix B.2 with SHA-1, over numbers in base 256.
fn derive(purpose: u8, password: &str, salt: &[u8], iterations: u64, length: usize) -> Vec<u8> {
    let password: Vec<u8> = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let fill = |octets: &[u8]| octets.iter().copied().cycle().take(octets.len().div_ceil(64) * 64).collect::<Vec<u8>>();
    let mut input = [fill(salt), fill(&password)].concat();
    let mut out = Vec::new();
    while out.len() < length {
        let mut a = Hash::Sha1.digest(&[&[purpose; 64][..], &input].concat());
        for _ in 1..iterations {
            a = Hash::Sha1.digest(&a);
        }
        out.extend_from_slice(&a);
        let b = num_bigint::BigUint::from_bytes_be(&a.iter().copied().cycle().take(64).collect::<Vec<u8>>());
        for block in input.chunks_mut(64) {
            let sum = num_bigint::BigUint::from_bytes_be(block) + &b + 1u8;
            let octets = sum.to_bytes_be();
            let octets = &octets[octets.len().saturating_sub(64)..];
            block.fill(0);
            block[64 - octets.len()..].copy_from_slice(octets);
        }
    }
    out.truncate(length);
    out
}

/// HMAC (RFC 2104) with SHA-1, of a key shorter than a block.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or_default() ^ with).collect() };
    let inner = Hash::Sha1.digest(&[pad(0x36), message.to_vec()].concat());
    Hash::Sha1.digest(&[pad(0x5c), inner].concat())
}

/// A bag: its type, its value, its attributes.
pub fn bag(oid: &str, value: &[u8], friendly_name: Option<&str>, local_key_id: Option<&[u8]>) -> Vec<u8> {
    let attribute = |oid: &str, value: Vec<u8>| der::sequence(&[der::oid(oid), der::set(&[value])]);
    let mut attributes = Vec::new();
    attributes.extend(friendly_name.map(|name| attribute("1.2.840.113549.1.9.20", der::bmp(name))));
    attributes.extend(local_key_id.map(|id| attribute("1.2.840.113549.1.9.21", der::octet_string(id))));
    let mut fields = vec![der::oid(oid), der::explicit(0, value)];
    if !attributes.is_empty() {
        fields.push(der::set(&attributes));
    }
    der::sequence(&fields)
}

/// A key store on its way.
#[derive(Clone, Debug)]
pub struct KeyStore {
    password: String,
    key_cipher: Option<Cipher>,
    certificate_cipher: Option<Cipher>,
    iterations: u64,
    mac: bool,
    mac_iterations: u64,
    pbmac1: Option<usize>,
    keys: Vec<Vec<u8>>,
    certificates: Vec<Vec<u8>>,
    definite: bool,
}

impl KeyStore {
    /// An empty one, with the ciphers and iterations of the National CA.
    pub fn new(password: &str) -> KeyStore {
        KeyStore {
            password: password.to_owned(),
            key_cipher: Some(Cipher::TripleDes3),
            certificate_cipher: Some(Cipher::Rc2Of40),
            iterations: 1024,
            mac: true,
            mac_iterations: 1024,
            pbmac1: None,
            keys: Vec::new(),
            certificates: Vec::new(),
            definite: false,
        }
    }

    /// Encrypts keys and certificates so, or leaves them in the clear; before anything is put in.
    pub fn ciphers(mut self, keys: Option<Cipher>, certificates: Option<Cipher>) -> KeyStore {
        (self.key_cipher, self.certificate_cipher) = (keys, certificates);
        self
    }

    /// Iterations of the ciphers; before anything is put in.
    pub fn iterations(mut self, iterations: u64) -> KeyStore {
        self.iterations = iterations;
        self
    }

    /// Iterations that the MAC says; beyond a million they are said only.
    pub fn mac_iterations(mut self, iterations: u64) -> KeyStore {
        self.mac_iterations = iterations;
        self
    }

    /// With a MAC after RFC 9579: PBMAC1, PBKDF2 and HMAC-SHA-256.
    pub fn pbmac1(self) -> KeyStore {
        self.pbmac1_with_key(32)
    }

    /// The same with a key of so many octets, fewer than 128.
    pub fn pbmac1_with_key(mut self, octets: usize) -> KeyStore {
        self.pbmac1 = Some(octets);
        self
    }

    /// Without a MAC.
    pub fn without_mac(mut self) -> KeyStore {
        self.mac = false;
        self
    }

    /// In DER throughout.
    pub fn definite(mut self) -> KeyStore {
        self.definite = true;
        self
    }

    /// Puts a key (`PrivateKeyInfo`) in.
    pub fn key(mut self, pkcs8: &[u8], friendly_name: Option<&str>, local_key_id: Option<&[u8]>) -> KeyStore {
        self.keys.push(match self.key_cipher {
            None => bag("1.2.840.113549.1.12.10.1.1", pkcs8, friendly_name, local_key_id),
            Some(cipher) => {
                let (algorithm, ciphertext) = cipher.encrypt(&self.password, self.iterations, pkcs8);
                let encrypted = der::sequence(&[algorithm, der::octet_string(&ciphertext)]);
                bag("1.2.840.113549.1.12.10.1.2", &encrypted, friendly_name, local_key_id)
            }
        });
        self
    }

    /// Puts a certificate in.
    pub fn certificate(mut self, der: &[u8], friendly_name: Option<&str>, local_key_id: Option<&[u8]>) -> KeyStore {
        let value = der::explicit(0, &der::octet_string(der));
        let inner = der::sequence(&[der::oid("1.2.840.113549.1.9.22.1"), value]);
        self.certificates.push(bag("1.2.840.113549.1.12.10.1.3", &inner, friendly_name, local_key_id));
        self
    }

    /// Puts any bag beside the keys.
    pub fn bag(mut self, bag: Vec<u8>) -> KeyStore {
        self.keys.push(bag);
        self
    }

    fn constructed(&self, tag: u8, contents: &[u8]) -> Vec<u8> {
        if self.definite { der::tlv(tag, contents) } else { [&[tag, 0x80], contents, &[0, 0]].concat() }
    }

    fn octets(&self, contents: &[u8]) -> Vec<u8> {
        if self.definite {
            return der::octet_string(contents);
        }
        let pieces: Vec<u8> = contents.chunks(1000).flat_map(der::octet_string).collect();
        self.constructed(0x24, &pieces)
    }

    fn data(&self, bags: &[Vec<u8>]) -> Vec<u8> {
        let content = self.constructed(0xa0, &self.octets(&der::sequence(bags)));
        self.constructed(0x30, &[der::oid(DATA), content].concat())
    }

    fn encrypted(&self, cipher: Cipher, bags: &[Vec<u8>]) -> Vec<u8> {
        let (algorithm, ciphertext) = cipher.encrypt(&self.password, self.iterations, &der::sequence(bags));
        let content = if self.definite {
            der::tlv(0x80, &ciphertext)
        } else {
            let pieces: Vec<u8> = ciphertext.chunks(1000).flat_map(der::octet_string).collect();
            self.constructed(0xa0, &pieces)
        };
        let info = self.constructed(0x30, &[der::oid(DATA), algorithm, content].concat());
        let data = self.constructed(0x30, &[der::integer(0), info].concat());
        self.constructed(0x30, &[der::oid(ENCRYPTED_DATA), self.constructed(0xa0, &data)].concat())
    }

    /// The file.
    ///
    /// # Panics
    /// As [`KeyStore::encode_parts`].
    pub fn encode(&self) -> Vec<u8> {
        let certificates = match self.certificate_cipher {
            Some(cipher) => self.encrypted(cipher, &self.certificates),
            None => self.data(&self.certificates),
        };
        self.encode_parts(&[self.data(&self.keys), certificates])
    }

    /// The file with other parts.
    ///
    /// # Panics
    /// With PBMAC1 and no iterations, or too many to count.
    pub fn encode_parts(&self, parts: &[Vec<u8>]) -> Vec<u8> {
        let safe = self.constructed(0x30, &parts.concat());
        let content = der::sequence(&[der::oid(DATA), der::explicit(0, &der::octet_string(&safe))]);
        let mut fields = vec![der::integer(3), content];
        if self.mac {
            fields.push(self.pbmac1.map_or_else(|| self.mac_over(&safe), |octets| self.pbmac1_over(&safe, octets)));
        }
        der::sequence(&fields)
    }

    fn mac_over(&self, safe: &[u8]) -> Vec<u8> {
        let salt = Hash::Sha1.digest(b"salt of the MAC");
        let key = derive(3, &self.password, &salt, self.mac_iterations.min(1_000_000), 20);
        let algorithm = der::sequence(&[der::oid("1.3.14.3.2.26"), der::null()]);
        let info = der::sequence(&[algorithm, der::octet_string(&hmac(&key, safe))]);
        der::sequence(&[info, der::octet_string(&salt), der::integer(self.mac_iterations)])
    }

    /// The salt and iterations of `MacData` itself are not used, and are there (RFC 9579 section 4).
    fn pbmac1_over(&self, safe: &[u8], octets: usize) -> Vec<u8> {
        let salt = Hash::Sha1.digest(b"salt of PBMAC1");
        let iterations = u32::try_from(self.mac_iterations).ok().and_then(NonZeroU32::new).expect("some iterations");
        let mut key = vec![0; octets];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &salt, self.password.as_bytes(), &mut key);
        let value = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key), safe);
        let hmac = der::sequence(&[der::oid("1.2.840.113549.2.9"), der::null()]);
        let parameters = der::sequence(&[
            der::octet_string(&salt),
            der::integer(self.mac_iterations),
            der::integer(octets as u64),
            hmac.clone(),
        ]);
        let kdf = der::sequence(&[der::oid("1.2.840.113549.1.5.12"), parameters]);
        let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.5.14"), der::sequence(&[kdf, hmac])]);
        let info = der::sequence(&[algorithm, der::octet_string(value.as_ref())]);
        der::sequence(&[info, der::octet_string(b"NOT USED"), der::integer(1)])
    }
}
