//! Placeholder while the piece `crypto` is written.
#![expect(missing_docs, reason = "placeholder")]
use crate::der::Oid;
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not allowed")]
pub struct AlgorithmNotAllowed {
    pub oid: String,
    pub name: Option<&'static str>,
}
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key")]
pub enum KeyError {
    NotAllowed { name: String },
    Malformed,
}
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sig")]
pub enum SignatureError {
    Invalid,
    AlgorithmMismatch,
    Malformed,
    NeedsMessage,
}
pub struct AlgorithmIdentifier<'a> {
    pub oid: Oid,
    pub parameters: Option<&'a [u8]>,
}
impl<'a> AlgorithmIdentifier<'a> {
    pub fn from_der(der: &'a [u8]) -> Result<Self, KeyError> {
        let mut r = crate::der::TlvReader::new(der);
        let s = r.expect(0x30).map_err(|_| KeyError::Malformed)?;
        let mut r = crate::der::TlvReader::new(s.value);
        let o = r.expect(6).map_err(|_| KeyError::Malformed)?;
        let p = if r.is_empty() { None } else { Some(r.read().map_err(|_| KeyError::Malformed)?.raw) };
        Ok(Self { oid: Oid::from_bytes(o.value).map_err(|_| KeyError::Malformed)?, parameters: p })
    }
    pub fn params_absent_or_null(&self) -> bool {
        matches!(self.parameters, None | Some([5, 0]))
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    Rsa { bits: u32 },
    EcdsaP256,
    EcdsaP384,
    Ed25519,
    Gost2015_512,
    Gost2015_256,
    Gost2004,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashAlgorithm {
    Sha256,
    Sha384,
    Sha512,
    Streebog256,
    Streebog512,
    Gost94,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest;
pub struct Hasher;
impl Hasher {
    pub fn new(_: HashAlgorithm) -> Self {
        Self
    }
    pub fn update(&mut self, _: &[u8]) {}
    pub fn finish(self) -> Digest {
        Digest
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    RsaPkcs1Sha256,
    Gost2015_512,
}
impl SignatureAlgorithm {
    pub fn from_identifier(_: &AlgorithmIdentifier) -> Result<Self, AlgorithmNotAllowed> {
        Ok(Self::Gost2015_512)
    }
    pub fn name(self) -> &'static str {
        ""
    }
    pub fn hash(self) -> Option<HashAlgorithm> {
        None
    }
}
#[derive(Clone, Debug)]
pub struct PublicKey;
impl PublicKey {
    pub fn from_spki(_: &[u8]) -> Result<Self, KeyError> {
        Ok(Self)
    }
    pub fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::EcdsaP256
    }
    pub fn spki_sha256(&self) -> &[u8; 32] {
        &[0; 32]
    }
    pub fn prepare(&self) -> usize {
        0
    }
    pub fn verify(&self, _: SignatureAlgorithm, _: &[u8], _: &[u8]) -> Result<(), SignatureError> {
        Err(SignatureError::Invalid)
    }
    pub fn verify_digest(&self, _: SignatureAlgorithm, _: &Digest, _: &[u8]) -> Result<(), SignatureError> {
        Err(SignatureError::Invalid)
    }
}
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut o = [0; 32];
    o.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    o
}
