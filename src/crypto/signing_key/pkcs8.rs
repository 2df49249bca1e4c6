//! Reading private keys (PKCS#8) into what signs with them.
//!
//! ```text
//! PrivateKeyInfo ::= SEQUENCE { version INTEGER, privateKeyAlgorithm AlgorithmIdentifier, privateKey OCTET STRING,
//!                               attributes [0] IMPLICIT SET OPTIONAL, publicKey [1] IMPLICIT BIT STRING OPTIONAL }
//! ```
//!
//! What is inside `privateKey`: RFC 8017 appendix A.1.2 for RSA, RFC 5915 for ECDSA, RFC 8410 section 7 for Ed25519; for GOST
//! 34.10-2015 as the National CA writes it, an OCTET STRING of d, little-endian.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};

use super::{Secret, SigningKeyError};
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::algorithm_identifier::AlgorithmIdentifier;
use crate::crypto::gost::{self, ScalarError};
use crate::crypto::key::PublicKey;
use crate::crypto::spki::{self, KeyError};
use crate::der::{DerError, Oid, TlvReader};

const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// Longest RSA modulus that ring signs with, in bits.
const MAX_RSA_SIGNING_BITS: u32 = 4096;

/// Octets of a `PrivateKeyInfo` that are looked at: one with RSA of 4096 bits has about 2400.
const MAX_LENGTH: usize = 16 * 1024;

/// A `PrivateKeyInfo` taken apart.
struct PrivateKeyInfo<'a> {
    /// The whole `AlgorithmIdentifier`, for the public key takes it over.
    identifier: &'a [u8],
    algorithm: AlgorithmIdentifier<'a>,
    key: &'a [u8],
    /// The public key's bits, where they stand beside it.
    public: Option<&'a [u8]>,
}

impl<'a> PrivateKeyInfo<'a> {
    fn from_der(bytes: &'a [u8]) -> Result<Self, DerError> {
        let mut outer = TlvReader::new(bytes);
        let info = outer.expect(SEQUENCE)?;
        outer.finish()?;
        let mut fields = TlvReader::new(info.value);
        fields.expect(INTEGER)?;
        let identifier = fields.expect(SEQUENCE)?.raw;
        let key = fields.expect(OCTET_STRING)?.value;
        fields.optional(0xA0)?;
        let public = fields.optional(0x81)?.and_then(|bits| bits.value.split_first());
        fields.finish()?;
        let algorithm =
            AlgorithmIdentifier::from_der(identifier).map_err(|_| DerError::Value { offset: info.header_len() })?;
        Ok(Self { identifier, algorithm, key, public: public.map(|(_, bits)| bits) })
    }
}

/// What signs, with what, and the public key.
pub(super) type Read = (Secret, SignatureAlgorithm, PublicKey);

/// Reads a `PrivateKeyInfo` strictly.
pub(super) fn read(der: &[u8]) -> Result<Read, SigningKeyError> {
    if der.len() > MAX_LENGTH {
        return Err(SigningKeyError::Malformed("longer than any private key"));
    }
    let info = PrivateKeyInfo::from_der(der).map_err(|_| SigningKeyError::Malformed("not a PKCS#8 PrivateKeyInfo"))?;
    match info.algorithm.oid {
        spki::RSA => rsa(&info),
        spki::EC => ec(&info),
        spki::ED_25519 => ed25519(&info),
        spki::GOST_2015_256 | spki::GOST_2015_512 => gost_key(&info),
        spki::GOST_2004 => Err(SigningKeyError::NotAllowed("gost-34.310-2004".to_owned())),
        oid => Err(unknown(&oid)),
    }
}

fn unknown(oid: &Oid) -> SigningKeyError {
    let oid_text = oid.to_string();
    SigningKeyError::NotAllowed(match spki::known_key(oid) {
        Some(name) => format!("{name} ({oid_text})"),
        None => oid_text,
    })
}

fn refused(error: KeyError) -> SigningKeyError {
    match error {
        KeyError::NotAllowed { oid, name } => {
            SigningKeyError::NotAllowed(name.map_or(oid.clone(), |name| format!("{name} ({oid})")))
        }
        KeyError::Malformed(why) | KeyError::InvalidPoint(why) => SigningKeyError::Malformed(why),
    }
}

fn rsa(info: &PrivateKeyInfo<'_>) -> Result<Read, SigningKeyError> {
    if !info.algorithm.params_absent_or_null() {
        return Err(SigningKeyError::Malformed("RSA parameters are not NULL"));
    }
    let modulus_bits = rsa_modulus_bits(info.key).ok_or(SigningKeyError::Malformed("not an RSAPrivateKey"))?;
    if modulus_bits > MAX_RSA_SIGNING_BITS {
        return Err(SigningKeyError::NotAllowed(format!(
            "rsa-{modulus_bits}, longer than {MAX_RSA_SIGNING_BITS} bits,"
        )));
    }
    if modulus_bits < 2048 {
        return Err(SigningKeyError::NotAllowed(format!("rsa-{modulus_bits}")));
    }
    let pair = RsaKeyPair::from_der(info.key)
        .map_err(|_| SigningKeyError::Malformed("the numbers of the RSA key do not belong together"))?;
    let algorithm = sequence(&[&tlv(OBJECT_IDENTIFIER, spki::RSA.as_bytes()), &[5, 0]]);
    let public = public_key(&algorithm, pair.public_key().as_ref())?;
    Ok((Secret::Rsa(pair), SignatureAlgorithm::RsaPkcs1Sha256, public))
}

/// Bits of the modulus of an `RSAPrivateKey ::= SEQUENCE { version, modulus, … }`.
fn rsa_modulus_bits(key: &[u8]) -> Option<u32> {
    let mut fields = TlvReader::new(TlvReader::new(key).expect(SEQUENCE).ok()?.value);
    fields.expect(INTEGER).ok()?;
    let modulus = fields.expect(INTEGER).ok()?.value;
    let leading: usize = modulus.iter().take_while(|&&octet| octet == 0).count();
    let digits = modulus.get(leading..)?;
    let bits = u32::try_from(digits.len() * 8).ok()?;
    Some(bits - digits.first()?.leading_zeros())
}

/// `ECPrivateKey ::= SEQUENCE { version INTEGER (1), privateKey OCTET STRING, parameters [0] OPTIONAL,
/// publicKey [1] BIT STRING OPTIONAL }`
fn ec(info: &PrivateKeyInfo<'_>) -> Result<Read, SigningKeyError> {
    let malformed = SigningKeyError::Malformed("not an ECPrivateKey");
    let parameters = info.algorithm.parameters.ok_or(SigningKeyError::Malformed("no curve is named"))?;
    let curve =
        TlvReader::new(parameters).expect(OBJECT_IDENTIFIER).ok().and_then(|tlv| Oid::from_bytes(tlv.value).ok());
    let (ring_algorithm, algorithm, length): (&'static EcdsaSigningAlgorithm, _, usize) = match curve {
        Some(spki::P_256) => (&ECDSA_P256_SHA256_ASN1_SIGNING, SignatureAlgorithm::EcdsaSha256, 32),
        Some(spki::P_384) => (&ECDSA_P384_SHA384_ASN1_SIGNING, SignatureAlgorithm::EcdsaSha384, 48),
        Some(other) => return Err(unknown(&other)),
        None => return Err(SigningKeyError::NotAllowed("ecdsa-explicit-curve".to_owned())),
    };
    let read = || -> Result<_, DerError> {
        let mut outer = TlvReader::new(info.key);
        let mut fields = TlvReader::new(outer.expect(SEQUENCE)?.value);
        outer.finish()?;
        fields.expect(INTEGER)?;
        let d = fields.expect(OCTET_STRING)?.value;
        let again = fields.optional(0xA0)?.map(|named| named.value);
        let public = fields.optional(0xA1)?;
        fields.finish()?;
        let public = public.map(|public| TlvReader::new(public.value).expect(BIT_STRING)).transpose()?;
        Ok((d, again, public.and_then(|bits| bits.value.split_first())))
    };
    let (d, again, inner) = read().map_err(|_| malformed.clone())?;
    if again.is_some_and(|again| again != parameters) || d.len() != length {
        return Err(malformed);
    }
    let point = match inner.map(|(_, bits)| bits).or(info.public) {
        Some(point) => point.to_vec(),
        // Left out by Java and others; ring wants it.
        None => gost::ecdsa_public(d).map(|point| [vec![4], point].concat()).ok_or_else(out_of_range)?,
    };
    let pair = EcdsaKeyPair::from_private_key_and_public_key(ring_algorithm, d, &point, &SystemRandom::new())
        .map_err(|_| SigningKeyError::Malformed("private and public key do not belong together"))?;
    let public = public_key(info.identifier, &point)?;
    Ok((Secret::Ecdsa(pair), algorithm, public))
}

fn ed25519(info: &PrivateKeyInfo<'_>) -> Result<Read, SigningKeyError> {
    if info.algorithm.parameters.is_some() {
        return Err(SigningKeyError::Malformed("Ed25519 has no parameters"));
    }
    let seed = only_octets(info.key)?;
    let pair = match info.public {
        Some(public) => Ed25519KeyPair::from_seed_and_public_key(seed, public),
        None => Ed25519KeyPair::from_seed_unchecked(seed),
    };
    let pair = pair.map_err(|_| SigningKeyError::Malformed("not an Ed25519 key, or of another public key"))?;
    let public = public_key(info.identifier, pair.public_key().as_ref())?;
    Ok((Secret::Ed25519(pair), SignatureAlgorithm::Ed25519, public))
}

fn gost_key(info: &PrivateKeyInfo<'_>) -> Result<Read, SigningKeyError> {
    let curve = spki::gost_curve(&info.algorithm).map_err(refused)?;
    let key = gost::private_key(curve, only_octets(info.key)?).map_err(|error| match error {
        ScalarError::Length => SigningKeyError::Malformed("the number does not have the curve's length"),
        ScalarError::Range => out_of_range(),
        ScalarError::Curve => SigningKeyError::NotAllowed("gost-34.310-2004".to_owned()),
    })?;
    let point = tlv(OCTET_STRING, &key.public());
    let public = public_key(info.identifier, &point)?;
    if info.public.is_some_and(|given| given != point) {
        return Err(SigningKeyError::Malformed("private and public key do not belong together"));
    }
    let algorithm = match info.algorithm.oid {
        spki::GOST_2015_256 => SignatureAlgorithm::Gost2015_256,
        _ => SignatureAlgorithm::Gost2015_512,
    };
    Ok((Secret::Gost(key), algorithm, public))
}

fn out_of_range() -> SigningKeyError {
    SigningKeyError::Malformed("the number is zero or not below the curve's order")
}

/// The contents of an OCTET STRING with nothing after it.
fn only_octets(key: &[u8]) -> Result<&[u8], SigningKeyError> {
    let mut reader = TlvReader::new(key);
    let octets = reader.expect(OCTET_STRING).and_then(|octets| reader.finish().map(|()| octets.value));
    octets.map_err(|_| SigningKeyError::Malformed("the private key is not an OCTET STRING"))
}

fn public_key(identifier: &[u8], bits: &[u8]) -> Result<PublicKey, SigningKeyError> {
    let bits = tlv(BIT_STRING, &[&[0], bits].concat());
    PublicKey::from_spki(&sequence(&[identifier, &bits])).map_err(refused)
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// One element with contents below 64 KiB, which [`MAX_LENGTH`] keeps them.
fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let [.., high, low] = contents.len().to_be_bytes();
    let head: &[u8] = match contents.len() {
        0..0x80 => &[tag, low],
        0x80..0x100 => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    [head, contents].concat()
}
