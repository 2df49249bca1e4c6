//! One key type for every algorithm a certificate can have, valid or refused.

use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::sync::Arc;

use crate::der;
use crate::ecdsa::{EcdsaKey, NistCurve};
use crate::gost::{GostKey, Scheme};
use crate::hash::{Hash, Hasher};
use crate::rsa::RsaKey;

/// A key pair that follows from its label, and is therefore public. Signatures are deterministic for every algorithm.
#[derive(Clone, Debug)]
pub enum Key {
    /// ECDSA on P-256 or P-384.
    Ecdsa(EcdsaKey),
    /// Ed25519 (RFC 8032).
    Ed25519(Arc<Ed25519KeyPair>),
    /// GOST 34.10-2015 or 34.310-2004.
    Gost(GostKey),
    /// RSA with PKCS#1 v1.5 and a digest.
    Rsa(RsaKey, Hash),
}

impl Key {
    /// GOST 34.10-2015 on 512 bits, parameter set A: what the National CA issues today.
    pub fn gost512(label: &str) -> Key {
        Key::gost(Scheme::Gost512A, label)
    }

    /// GOST 34.10-2015 on 256 bits, parameter set A.
    pub fn gost256(label: &str) -> Key {
        Key::gost(Scheme::Gost256, label)
    }

    /// GOST 34.310-2004, certificates until 2022.
    pub fn gost2004(label: &str) -> Key {
        Key::gost(Scheme::Gost2004, label)
    }

    /// GOST on any of the curves.
    pub fn gost(scheme: Scheme, label: &str) -> Key {
        Key::Gost(GostKey::from_label(scheme, label))
    }

    /// RSA of 2048 bits with SHA-256.
    pub fn rsa(label: &str) -> Key {
        Key::Rsa(RsaKey::from_label(2048, label), Hash::Sha256)
    }

    /// RSA of any size with any SHA.
    pub fn rsa_with(bits: usize, hash: Hash, label: &str) -> Key {
        Key::Rsa(RsaKey::from_label(bits, label), hash)
    }

    /// ECDSA on P-256 with SHA-256.
    pub fn p256(label: &str) -> Key {
        Key::Ecdsa(EcdsaKey::from_label(NistCurve::P256, label))
    }

    /// ECDSA on P-384 with SHA-384.
    pub fn p384(label: &str) -> Key {
        Key::Ecdsa(EcdsaKey::from_label(NistCurve::P384, label))
    }

    /// Ed25519.
    ///
    /// # Panics
    /// Never: any 32 octets are a seed.
    pub fn ed25519(label: &str) -> Key {
        Key::Ed25519(Arc::new(Ed25519KeyPair::from_seed_unchecked(&ed25519_seed(label)).expect("32 octets")))
    }

    /// `SubjectPublicKeyInfo`.
    pub fn spki(&self) -> Vec<u8> {
        match self {
            Key::Ecdsa(key) => key.spki(),
            Key::Ed25519(key) => {
                der::sequence(&[self.algorithm_identifier(), der::bit_string(key.public_key().as_ref())])
            }
            Key::Gost(key) => key.scheme.spki(&key.public_octets()),
            Key::Rsa(key, _) => key.spki(),
        }
    }

    /// `PrivateKeyInfo` (PKCS#8, RFC 5208).
    ///
    /// # Panics
    /// For Ed25519, whose pair does not give its seed back: [`Key::ed25519_pkcs8`] writes that.
    pub fn pkcs8(&self) -> Vec<u8> {
        let (algorithm, key) = match self {
            Key::Ecdsa(key) => {
                let curve = der::oid(key.curve.curve_oid());
                (der::sequence(&[der::oid("1.2.840.10045.2.1"), curve]), key.private_octets(true))
            }
            Key::Ed25519(_) => panic!("use ed25519_pkcs8"),
            Key::Gost(key) => (key.scheme.key_algorithm(), key.private_octets()),
            Key::Rsa(key, _) => (der::sequence(&[der::oid("1.2.840.113549.1.1.1"), der::null()]), key.private_octets()),
        };
        private_key_info(&algorithm, &key)
    }

    /// `PrivateKeyInfo` (RFC 8410 section 7) of [`Key::ed25519`] with the same label.
    pub fn ed25519_pkcs8(label: &str) -> Vec<u8> {
        private_key_info(&der::sequence(&[der::oid("1.3.101.112")]), &der::octet_string(&ed25519_seed(label)))
    }

    /// The bits of the subjectPublicKey: for GOST an OCTET STRING.
    pub fn public_bits(&self) -> Vec<u8> {
        match self {
            Key::Ecdsa(key) => key.point.clone(),
            Key::Ed25519(key) => key.public_key().as_ref().to_vec(),
            Key::Gost(key) => der::octet_string(&key.public_octets()),
            Key::Rsa(key, _) => key.public_octets(),
        }
    }

    /// The key identifier: SHA-1 of the public key's bits (RFC 5280 section 4.2.1.2, method 1).
    pub fn identifier(&self) -> Vec<u8> {
        Hash::Sha1.digest(&self.public_bits())
    }

    /// `AlgorithmIdentifier` of a signature, with the NULL parameters that Kazakh CAs write for GOST.
    pub fn algorithm_identifier(&self) -> Vec<u8> {
        match self {
            Key::Ecdsa(_) | Key::Ed25519(_) => self.algorithm_identifier_without_parameters(),
            Key::Gost(_) | Key::Rsa(..) => der::sequence(&[der::oid(self.signature_oid()), der::null()]),
        }
    }

    /// `AlgorithmIdentifier` of a signature with absent parameters.
    pub fn algorithm_identifier_without_parameters(&self) -> Vec<u8> {
        der::sequence(&[der::oid(self.signature_oid())])
    }

    /// OID of the signature algorithm.
    ///
    /// # Panics
    /// For RSA with a GOST digest, which has none.
    pub fn signature_oid(&self) -> &'static str {
        match self {
            Key::Ecdsa(key) => key.curve.signature_oid(),
            Key::Ed25519(_) => "1.3.101.112",
            Key::Gost(key) => key.scheme.signature_oid(),
            Key::Rsa(_, hash) => hash.rsa_oid().expect("RSA with a SHA"),
        }
    }

    /// The signature octets over a message, as they stand in a certificate's BIT STRING.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signing = self.signing();
        signing.update(message);
        signing.finish()
    }

    /// A signature over a message that comes in pieces.
    pub fn signing(&self) -> Signing<'_> {
        let state = match self {
            Key::Ecdsa(key) => State::Digest(key.curve.hash().hasher()),
            Key::Ed25519(_) => State::Whole(Vec::new()),
            Key::Gost(key) => State::Digest(key.scheme.hash().hasher()),
            Key::Rsa(_, hash) => State::Digest(hash.hasher()),
        };
        Signing { key: self, state }
    }
}

/// `PrivateKeyInfo` of any algorithm: version 0, no attributes.
pub fn private_key_info(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    der::sequence(&[der::integer_unsigned(&[0]), algorithm.to_vec(), der::octet_string(key)])
}

fn ed25519_seed(label: &str) -> Vec<u8> {
    Hash::Sha256.digest(format!("ed25519\0{label}").as_bytes())
}

/// A signature on its way; made by [`Key::signing`].
pub struct Signing<'a> {
    key: &'a Key,
    state: State,
}

enum State {
    Digest(Hasher),
    /// Ed25519 reads its message twice.
    Whole(Vec<u8>),
}

impl Signing<'_> {
    /// Takes the next piece of the message.
    pub fn update(&mut self, piece: &[u8]) {
        match &mut self.state {
            State::Digest(hasher) => hasher.update(piece),
            State::Whole(message) => message.extend_from_slice(piece),
        }
    }

    /// The signature.
    pub fn finish(self) -> Vec<u8> {
        let octets = match self.state {
            State::Digest(hasher) => hasher.finish(),
            State::Whole(message) => message,
        };
        match self.key {
            Key::Ecdsa(key) => key.sign_digest(&octets),
            Key::Ed25519(key) => key.sign(&octets).as_ref().to_vec(),
            Key::Gost(key) => key.sign_digest(&octets),
            Key::Rsa(key, hash) => key.sign_digest(*hash, &octets),
        }
    }
}
