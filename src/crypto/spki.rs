//! Reading a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7) into the material of a checked key.
//!
//! ```text
//! SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
//! ```

use std::borrow::Cow;

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode, Reader};

use super::algorithm_identifier::AlgorithmIdentifier;
use super::gost::{self, CurveName, PointError, VerifyingKey, is_on_p256, is_on_p384};
use super::key_algorithm::KeyAlgorithm;
use super::rsa::PssParameters;

/// Shortest RSA modulus in bits: ring's and the CA/Browser Forum's.
const MIN_RSA_BITS: u32 = 2048;
/// Longest RSA modulus in bits: ring's; a longer one is a way to burn processor time.
const MAX_RSA_BITS: u32 = 8192;
/// Longest RSA public exponent in bits: ring's, 2^32 + 1 being the longest in use.
const MAX_RSA_EXPONENT_BITS: u32 = 33;

/// Why a `SubjectPublicKeyInfo` gives no key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// A point that is on the curve's paper but no public key: not on the curve, out of range, or of small order.
    #[error("the public key is no valid point: {0}")]
    InvalidPoint(&'static str),
    /// Not the DER that the algorithm's standard demands.
    #[error("malformed public key: {0}")]
    Malformed(&'static str),
    /// A kind of key that is known or unknown, but not allowed.
    #[error("public key algorithm {} ({oid}) is not allowed", .name.as_deref().unwrap_or("unknown"))]
    NotAllowed {
        /// The object identifier of the algorithm, or of the curve where that is what is refused; dotted.
        oid: String,
        /// The usual name, if it is known: `dsa`, `rsa-1024`, `ecdsa-p192`.
        name: Option<Cow<'static, str>>,
    },
}

/// What is needed to verify with a key.
#[derive(Debug)]
pub(super) enum Material {
    Gost(Box<dyn VerifyingKey>),
    /// The bytes ring takes: `RSAPublicKey`, an uncompressed point, or an Ed25519 key.
    Ring(Vec<u8>),
}

/// What a key says, and the part of it that stays when it is written in another permitted way.
#[derive(Debug)]
pub(super) struct Read {
    pub algorithm: KeyAlgorithm,
    pub material: Material,
    /// The modulus, or one coordinate: whoever knows the private key of one key with it knows those of all.
    pub core: Vec<u8>,
}

/// Reads a key strictly: DER, nothing after it, no unused bits, and the checks that its algorithm owes.
pub(super) fn read(spki: &[u8]) -> Result<Read, KeyError> {
    let (identifier, bits) = AnyRef::from_der(spki)
        .and_then(|outer| {
            outer.sequence(|reader| Ok::<_, der::Error>((reader.tlv_bytes()?, reader.decode::<BitStringRef<'_>>()?)))
        })
        .map_err(|_| KeyError::Malformed("not a SubjectPublicKeyInfo"))?;
    let identifier =
        AlgorithmIdentifier::from_der(identifier).map_err(|_| KeyError::Malformed("not an AlgorithmIdentifier"))?;
    let key = bits.as_bytes().ok_or(KeyError::Malformed("the BIT STRING has unused bits"))?;
    match identifier.oid {
        RSA => rsa(&identifier, key),
        RSA_PSS => rsa_pss(&identifier, key),
        EC => ec(&identifier, key),
        ED_25519 => ed25519(&identifier, key),
        GOST_2004 | GOST_2015_256 | GOST_2015_512 => gost_key(&identifier, key),
        oid => Err(not_allowed(&oid, known_key(&oid))),
    }
}

pub(super) fn not_allowed(oid: &ObjectIdentifier, name: Option<&'static str>) -> KeyError {
    KeyError::NotAllowed { oid: oid.to_string(), name: name.map(Cow::Borrowed) }
}

/// RFC 3279 section 2.3.1: parameters NULL (absent is tolerated).
fn rsa(identifier: &AlgorithmIdentifier<'_>, key: &[u8]) -> Result<Read, KeyError> {
    if !identifier.params_absent_or_null() {
        return Err(KeyError::Malformed("RSA parameters are not NULL"));
    }
    rsa_as(identifier, key, |bits| KeyAlgorithm::Rsa { bits })
}

/// RFC 4055 sections 1.2 and 3.1: an `RSAPublicKey` that verifies RSASSA-PSS alone, with any parameters where the key has none,
/// else with its own. They say how short a salt may be; ours is as long as the hash, and has to be long enough.
fn rsa_pss(identifier: &AlgorithmIdentifier<'_>, key: &[u8]) -> Result<Read, KeyError> {
    let hash = match identifier.parameters {
        None => None,
        Some(parameters) => match PssParameters::read(parameters) {
            Some(PssParameters { hash, salt }) if salt <= hash.output_len() => Some(hash),
            _ => return Err(not_allowed(&identifier.oid, Some("rsa-pss-with-other-parameters"))),
        },
    };
    rsa_as(identifier, key, |bits| KeyAlgorithm::RsaPss { bits, hash })
}

/// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }`, with numbers that are fit for it.
fn rsa_as(
    identifier: &AlgorithmIdentifier<'_>,
    key: &[u8],
    algorithm: impl Fn(u32) -> KeyAlgorithm,
) -> Result<Read, KeyError> {
    let (modulus, exponent) = AnyRef::from_der(key)
        .and_then(|outer| {
            outer.sequence(|reader| Ok::<_, der::Error>((reader.decode::<UintRef<'_>>()?, reader.decode()?)))
        })
        .map_err(|_| KeyError::Malformed("not an RSAPublicKey"))?;
    let exponent: UintRef<'_> = exponent;
    let bits = bit_length(&modulus);
    if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
        let name = Some(Cow::Owned(format!("rsa-{bits}")));
        return Err(KeyError::NotAllowed { oid: identifier.oid.to_string(), name });
    }
    if !is_odd(&modulus) {
        return Err(KeyError::Malformed("the RSA modulus is even"));
    }
    if !is_odd(&exponent) || !(2..=MAX_RSA_EXPONENT_BITS).contains(&bit_length(&exponent)) {
        return Err(KeyError::Malformed("the RSA exponent is even, one, or too long"));
    }
    // Without the exponent: the factors open every one.
    let core = modulus.as_bytes().to_vec();
    Ok(Read { algorithm: algorithm(bits), material: Material::Ring(key.to_vec()), core })
}

/// Length in bits; `u32::MAX` for what does not fit (far beyond any limit).
fn bit_length(number: &UintRef<'_>) -> u32 {
    let bytes = number.as_bytes();
    let leading = bytes.first().map_or(0, |byte| byte.leading_zeros());
    u32::try_from(bytes.len() * 8).map_or(u32::MAX, |bits| bits.saturating_sub(leading))
}

fn is_odd(number: &UintRef<'_>) -> bool {
    number.as_bytes().last().is_some_and(|byte| byte & 1 == 1)
}

/// RFC 5480 section 2.1.1 and 2.2: a named curve and an uncompressed point.
fn ec(identifier: &AlgorithmIdentifier<'_>, key: &[u8]) -> Result<Read, KeyError> {
    let parameters = identifier.parameters.ok_or(KeyError::Malformed("no curve is named"))?;
    let Ok(curve) = ObjectIdentifier::from_der(parameters) else {
        // SpecifiedECDomain, the explicit form that RFC 5480 forbids (CVE-2020-0601 shows why), or implicitCurve.
        return Err(not_allowed(&identifier.oid, Some("ecdsa-explicit-curve")));
    };
    let (algorithm, is_on_curve): (_, fn(&[u8]) -> bool) = match curve {
        P_256 => (KeyAlgorithm::EcdsaP256, is_on_p256),
        P_384 => (KeyAlgorithm::EcdsaP384, is_on_p384),
        curve => return Err(not_allowed(&curve, known_key(&curve))),
    };
    match key.split_first() {
        Some((4, coordinates)) if is_on_curve(coordinates) => {
            Ok(Read { algorithm, material: Material::Ring(key.to_vec()), core: first_coordinate(coordinates) })
        }
        Some((4, _)) => Err(KeyError::InvalidPoint("not two coordinates of a point on the curve")),
        Some((2 | 3, _)) => Err(KeyError::Malformed("the point is compressed")),
        Some((0, [])) => Err(KeyError::InvalidPoint("infinity")),
        _ => Err(KeyError::Malformed("not a point")),
    }
}

/// RFC 8410 sections 3 and 4: no parameters, 32 bytes (whether they decode to a point shows at verification), and not a
/// point of small order, under which anybody can make signatures.
fn ed25519(identifier: &AlgorithmIdentifier<'_>, key: &[u8]) -> Result<Read, KeyError> {
    if identifier.parameters.is_some() {
        return Err(KeyError::Malformed("Ed25519 has no parameters"));
    }
    if key.len() != 32 {
        return Err(KeyError::Malformed("an Ed25519 key has 32 bytes"));
    }
    if ED_25519_SMALL_ORDER.iter().any(|(first, rest)| is_encoding(key, first, *rest)) {
        return Err(KeyError::InvalidPoint("of small order"));
    }
    let mut core = key.to_vec();
    if let Some(last) = core.last_mut() {
        // The sign of x.
        *last &= 0x7F;
    }
    Ok(Read { algorithm: KeyAlgorithm::Ed25519, material: Material::Ring(key.to_vec()), core })
}

/// Whether a key is `first`, then the byte `rest` up to its end, ignoring the top bit (the sign of x).
fn is_encoding(key: &[u8], first: &[u8], rest: u8) -> bool {
    let expected = first.iter().copied().chain(std::iter::repeat(rest)).take(32);
    let differences = key.iter().zip(expected).enumerate().filter(|&(i, (&found, expected))| {
        let mask = if i == 31 { 0x7F } else { 0xFF };
        (found ^ expected) & mask != 0
    });
    differences.count() == 0
}

/// The y coordinates of the points of order 1, 2, 4 and 8 on edwards25519, with those that are not reduced modulo
/// p = 2^255 - 19: their first bytes and the byte that fills the rest.
const ED_25519_SMALL_ORDER: &[(&[u8], u8)] = &[
    (&[0], 0),
    (&[1], 0),
    (
        &[
            0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0, 0xD5, 0xDF,
            0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        ],
        0,
    ),
    (
        &[
            0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F, 0x2A, 0x20,
            0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
        ],
        0,
    ),
    (&[0xEC], 0xFF),
    (&[0xED], 0xFF),
    (&[0xEE], 0xFF),
];

/// Parameters `SEQUENCE { curve OBJECT IDENTIFIER, hash OBJECT IDENTIFIER }`, the key an OCTET STRING of x || y, each
/// little-endian.
fn gost_key(identifier: &AlgorithmIdentifier<'_>, key: &[u8]) -> Result<Read, KeyError> {
    let set = gost_set(identifier)?;
    let point = <&OctetStringRef>::from_der(key).map_err(|_| KeyError::Malformed("the key is not an OCTET STRING"))?;
    let key = gost::verifying_key(set.name, point.as_bytes()).map_err(|error| match error {
        PointError::Length => KeyError::Malformed("the coordinates do not have the curve's length"),
        PointError::NotOnCurve => KeyError::InvalidPoint("not on the curve"),
        PointError::Range => KeyError::InvalidPoint("a coordinate is not below p"),
        PointError::WrongSubgroup => KeyError::InvalidPoint("not in the subgroup of prime order"),
    })?;
    Ok(Read { algorithm: set.algorithm, material: Material::Gost(key), core: first_coordinate(point.as_bytes()) })
}

/// The permitted combination that an identifier of a GOST key names.
fn gost_set(identifier: &AlgorithmIdentifier<'_>) -> Result<&'static GostSet, KeyError> {
    let parameters = identifier.parameters.ok_or(KeyError::Malformed("no curve is named"))?;
    let (curve, hash) = AnyRef::from_der(parameters)
        .and_then(|outer| {
            outer.sequence(|reader| Ok::<(ObjectIdentifier, _), der::Error>((reader.decode()?, reader.decode()?)))
        })
        .map_err(|_| KeyError::Malformed("GOST parameters are not a curve and a hash"))?;
    let set = GOST_SETS
        .iter()
        .find(|set| set.key == identifier.oid && set.curve == curve)
        .ok_or_else(|| not_allowed(&curve, known_key(&curve)))?;
    if set.hash != hash {
        return Err(not_allowed(&hash, Some("gost-with-another-hash")));
    }
    Ok(set)
}

/// The curve of a private key by its identifier, which is the public key's.
pub(super) fn gost_curve(identifier: &AlgorithmIdentifier<'_>) -> Result<CurveName, KeyError> {
    gost_set(identifier).map(|set| set.name)
}

/// x of x || y: a point and its negative have it in common.
fn first_coordinate(coordinates: &[u8]) -> Vec<u8> {
    coordinates.get(..coordinates.len() / 2).unwrap_or_default().to_vec()
}

pub(super) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
pub(super) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const P_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
pub(super) const P_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
pub(super) const ED_25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
pub(super) const GOST_2004: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.1.1.1");
pub(super) const GOST_2015_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.1.2.1");
pub(super) const GOST_2015_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.1.2.2");

/// Whether `parameters` are what a GOST key of that kind may have: a permitted curve and its hash.
pub(super) fn are_gost_parameters(key: &ObjectIdentifier, parameters: &[u8]) -> bool {
    let read = AnyRef::from_der(parameters).and_then(|outer| {
        outer.sequence(|reader| {
            Ok::<(ObjectIdentifier, ObjectIdentifier), der::Error>((reader.decode()?, reader.decode()?))
        })
    });
    read.is_ok_and(|(curve, hash)| {
        GOST_SETS.iter().any(|set| set.key == *key && set.curve == curve && set.hash == hash)
    })
}

/// One permitted combination of GOST identifiers.
struct GostSet {
    key: ObjectIdentifier,
    curve: ObjectIdentifier,
    hash: ObjectIdentifier,
    algorithm: KeyAlgorithm,
    name: CurveName,
}

const fn set_2004(curve: &str, name: CurveName) -> GostSet {
    GostSet {
        key: GOST_2004,
        curve: ObjectIdentifier::new_unwrap(curve),
        // GOST 34.311-95 with the test parameter.
        hash: ObjectIdentifier::new_unwrap("1.2.398.3.10.1.3.1.1.0"),
        algorithm: KeyAlgorithm::Gost2004,
        name,
    }
}

const fn set_256(curve: &str, name: CurveName) -> GostSet {
    GostSet {
        key: GOST_2015_256,
        curve: ObjectIdentifier::new_unwrap(curve),
        hash: ObjectIdentifier::new_unwrap("1.2.398.3.10.1.3.2"),
        algorithm: KeyAlgorithm::Gost2015_256,
        name,
    }
}

const fn set_512(curve: &str, name: CurveName) -> GostSet {
    GostSet {
        key: GOST_2015_512,
        curve: ObjectIdentifier::new_unwrap(curve),
        hash: ObjectIdentifier::new_unwrap("1.2.398.3.10.1.3.3"),
        algorithm: KeyAlgorithm::Gost2015_512,
        name,
    }
}

/// Key, curve and hash identifiers that belong together.
///
/// Met in real certificates: the 2004 set .1 and the 512-bit set .1. The others follow the numbering of the registry and
/// of RFC 4357 and RFC 7836; a wrong guess would only refuse a key, since its point would not be on the curve.
const GOST_SETS: &[GostSet] = &[
    set_512("1.2.398.3.10.1.1.2.2.1", CurveName::Tc26Set512A),
    set_512("1.2.398.3.10.1.1.2.2.2", CurveName::Tc26Set512B),
    set_512("1.2.398.3.10.1.1.2.2.3", CurveName::Tc26Set512C),
    set_512("1.2.643.7.1.2.1.2.1", CurveName::Tc26Set512A),
    set_512("1.2.643.7.1.2.1.2.2", CurveName::Tc26Set512B),
    set_512("1.2.643.7.1.2.1.2.3", CurveName::Tc26Set512C),
    set_256("1.2.398.3.10.1.1.2.1.1", CurveName::Tc26Set256A),
    set_256("1.2.643.7.1.2.1.1.1", CurveName::Tc26Set256A),
    set_2004("1.2.398.3.10.1.1.1.1.1", CurveName::CryptoProA),
    set_2004("1.2.398.3.10.1.1.1.1.2", CurveName::CryptoProB),
    set_2004("1.2.398.3.10.1.1.1.1.3", CurveName::CryptoProC),
];

/// Keys and curves that are refused, by their usual name.
pub(super) fn known_key(oid: &ObjectIdentifier) -> Option<&'static str> {
    KNOWN_KEYS.iter().find(|(known, _)| known == oid).map(|(_, name)| *name)
}

const fn known(oid: &str, name: &'static str) -> (ObjectIdentifier, &'static str) {
    (ObjectIdentifier::new_unwrap(oid), name)
}

const KNOWN_KEYS: &[(ObjectIdentifier, &str)] = &[
    known("1.2.840.10040.4.1", "dsa"),
    known("1.2.840.10046.2.1", "dh"),
    known("1.2.840.113549.1.1.7", "rsa-oaep"),
    known("1.2.840.10045.3.1.1", "ecdsa-p192"),
    known("1.3.132.0.33", "ecdsa-p224"),
    known("1.3.132.0.35", "ecdsa-p521"),
    known("1.3.132.0.10", "ecdsa-secp256k1"),
    known("1.3.132.0.8", "ecdsa-secp160r1"),
    known("1.3.132.0.9", "ecdsa-secp160k1"),
    known("1.3.132.0.30", "ecdsa-secp160r2"),
    known("1.3.132.0.31", "ecdsa-secp192k1"),
    known("1.3.132.0.32", "ecdsa-secp224k1"),
    known("1.3.36.3.3.2.8.1.1.5", "ecdsa-brainpool-p224r1"),
    known("1.3.36.3.3.2.8.1.1.9", "ecdsa-brainpool-p320r1"),
    known("1.3.36.3.3.2.8.1.1.7", "ecdsa-brainpool-p256r1"),
    known("1.3.36.3.3.2.8.1.1.11", "ecdsa-brainpool-p384r1"),
    known("1.3.36.3.3.2.8.1.1.13", "ecdsa-brainpool-p512r1"),
    known("1.2.156.10197.1.301", "sm2"),
    known("1.3.101.110", "x25519"),
    known("1.3.101.111", "x448"),
    known("1.3.101.113", "ed448"),
    known("1.2.398.3.10.1.1.1.1.4", "gost-34.310-2004-set-d"),
    known("1.3.6.1.4.1.6801.1.5.8", "gost-34.310-gt"),
    known("1.2.643.2.2.19", "gost-r-34.10-2001"),
    known("1.2.643.2.2.20", "gost-r-34.10-94"),
    known("1.2.643.2.2.35.0", "gost-r-34.10-test-curve"),
    known("1.2.643.2.2.35.1", "gost-r-34.10-curve-a"),
    known("1.2.643.2.2.35.2", "gost-r-34.10-curve-b"),
    known("1.2.643.2.2.35.3", "gost-r-34.10-curve-c"),
    known("1.2.643.2.2.36.0", "gost-r-34.10-exchange-curve-a"),
    known("1.2.643.2.2.36.1", "gost-r-34.10-exchange-curve-b"),
    known("1.2.643.7.1.2.1.1.2", "gost-r-34.10-2012-256-curve-b"),
    known("1.2.643.7.1.2.1.1.3", "gost-r-34.10-2012-256-curve-c"),
    known("1.2.643.7.1.2.1.1.4", "gost-r-34.10-2012-256-curve-d"),
    known("1.2.643.7.1.1.1.1", "gost-r-34.10-2012-256"),
    known("1.2.643.7.1.1.1.2", "gost-r-34.10-2012-512"),
    known("1.2.643.7.1.2.1.2.0", "gost-r-34.10-2012-test-curve"),
];
