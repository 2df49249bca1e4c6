//! How a token makes the signature of an algorithm: which mechanism, what it is given, what comes out.

use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::{Mechanism, MechanismType};

use super::super::error::KeyError;
use crate::crypto::{HashAlgorithm, KeyAlgorithm, SignatureAlgorithm, hash};

/// `DigestInfo` of SHA-256 without the digest (RFC 8017 section 9.2, note 1).
const DIGEST_INFO_SHA_256: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// A way to sign.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Method {
    /// `CKM_ECDSA` over the digest, a coordinate of so many octets.
    Ecdsa { algorithm: SignatureAlgorithm, hash: HashAlgorithm, octets: usize },
    /// `CKM_EDDSA` over the message.
    Ed25519,
    /// `CKM_RSA_PKCS` over `DigestInfo`: the message need not go to the token.
    RsaDigestInfo,
    /// `CKM_SHA256_RSA_PKCS` over the message, for tokens that hash themselves or not at all.
    RsaMessage,
}

impl Method {
    /// The way for a kind of key, by what the token can.
    pub fn of(key: KeyAlgorithm, can: &[MechanismType]) -> Result<Self, KeyError> {
        let needs = |mechanism: MechanismType, method: Self| {
            if can.contains(&mechanism) {
                Ok(method)
            } else {
                Err(KeyError::Algorithm(format!("{key} in this token, which lacks the mechanism {mechanism},")))
            }
        };
        let ecdsa = |algorithm, hash, octets| needs(MechanismType::ECDSA, Self::Ecdsa { algorithm, hash, octets });
        match key {
            KeyAlgorithm::Rsa { .. } if can.contains(&MechanismType::RSA_PKCS) => Ok(Self::RsaDigestInfo),
            KeyAlgorithm::Rsa { .. } => needs(MechanismType::SHA256_RSA_PKCS, Self::RsaMessage),
            KeyAlgorithm::EcdsaP256 => ecdsa(SignatureAlgorithm::EcdsaSha256, HashAlgorithm::Sha256, 32),
            KeyAlgorithm::EcdsaP384 => ecdsa(SignatureAlgorithm::EcdsaSha384, HashAlgorithm::Sha384, 48),
            KeyAlgorithm::Ed25519 => needs(MechanismType::EDDSA, Self::Ed25519),
            KeyAlgorithm::Gost2004
            | KeyAlgorithm::Gost2015_256
            | KeyAlgorithm::Gost2015_512
            | KeyAlgorithm::RsaPss { .. } => Err(KeyError::Algorithm(format!("{key} in a token"))),
        }
    }

    pub fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::Ecdsa { algorithm, .. } => algorithm,
            Self::Ed25519 => SignatureAlgorithm::Ed25519,
            Self::RsaDigestInfo | Self::RsaMessage => SignatureAlgorithm::RsaPkcs1Sha256,
        }
    }

    pub fn mechanism(self) -> Mechanism<'static> {
        match self {
            Self::Ecdsa { .. } => Mechanism::Ecdsa,
            Self::Ed25519 => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
            Self::RsaDigestInfo => Mechanism::RsaPkcs,
            Self::RsaMessage => Mechanism::Sha256RsaPkcs,
        }
    }

    /// What the token is given.
    pub fn input(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ecdsa { hash: name, .. } => hash(name, message).as_bytes().to_vec(),
            Self::RsaDigestInfo => [&DIGEST_INFO_SHA_256, hash(HashAlgorithm::Sha256, message).as_bytes()].concat(),
            Self::Ed25519 | Self::RsaMessage => message.to_vec(),
        }
    }

    /// The signature in the encoding of certificates and documents. `None` if the token gave something else.
    pub fn output(self, raw: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Ecdsa { octets, .. } => ecdsa_der(&raw, octets),
            Self::Ed25519 | Self::RsaDigestInfo | Self::RsaMessage => Some(raw),
        }
    }
}

/// r and s side by side become `ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3).
fn ecdsa_der(raw: &[u8], octets: usize) -> Option<Vec<u8>> {
    let (r, s) = raw.split_at_checked(octets).filter(|(_, s)| s.len() == octets)?;
    let contents = [integer(r)?, integer(s)?].concat();
    // At most 102 octets: lengths have one octet.
    Some([&[0x30, u8::try_from(contents.len()).ok()?][..], &contents].concat())
}

fn integer(octets: &[u8]) -> Option<Vec<u8>> {
    let digits = octets.iter().position(|octet| *octet != 0).and_then(|first| octets.get(first..))?;
    let pad: &[u8] = if digits.first()? & 0x80 == 0 { &[] } else { &[0] };
    Some([&[0x02, u8::try_from(pad.len() + digits.len()).ok()?], pad, digits].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_side_by_side_become_der() {
        assert_eq!(ecdsa_der(&[0, 1, 0x80, 0], 2), Some(vec![0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]));
        for wrong in [&[][..], &[1, 2, 3], &[1, 2, 3, 4, 5], &[0, 0, 1, 1], &[1, 1, 0, 0]] {
            assert_eq!(ecdsa_der(wrong, 2), None, "{wrong:?}");
        }
        assert_eq!(ecdsa_der(&[0xff; 96], 48).map(|der| der.len()), Some(2 + 2 * 51));
    }

    #[test]
    fn a_method_is_chosen_by_what_the_token_can() {
        let rsa = KeyAlgorithm::Rsa { bits: 2048 };
        let both = [MechanismType::SHA256_RSA_PKCS, MechanismType::RSA_PKCS];
        assert_eq!(Method::of(rsa, &both), Ok(Method::RsaDigestInfo));
        assert_eq!(Method::of(rsa, &both[..1]), Ok(Method::RsaMessage));
        assert!(matches!(Method::of(rsa, &[MechanismType::ECDSA]), Err(KeyError::Algorithm(_))));
        assert!(matches!(Method::of(KeyAlgorithm::EcdsaP256, &both), Err(KeyError::Algorithm(_))));
        let gost = Method::of(KeyAlgorithm::Gost2015_512, &both).unwrap_err().to_string();
        assert!(gost.contains("gost-34.10-2015-512"), "{gost}");
    }
}
