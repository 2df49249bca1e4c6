//! Signature and digest algorithms by the identifiers that XML signatures use: those of the W3C, and those that the
//! Kazakh libraries registered for GOST.

use crate::crypto::{AlgorithmNotAllowed, HashAlgorithm, KeyAlgorithm, SignatureAlgorithm};
use crate::der::TlvReader;
use crate::signed::ValueForm;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 2;

/// An identifier is quoted in a refusal up to this length, in characters.
const MAX_QUOTED: usize = 128;

/// The signature algorithms allowed.
const SIGNATURES: [(&str, SignatureAlgorithm); 13] = [
    (
        "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512",
        SignatureAlgorithm::Gost2015_512,
    ),
    (
        "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-256",
        SignatureAlgorithm::Gost2015_256,
    ),
    ("http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311", SignatureAlgorithm::Gost2004),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", SignatureAlgorithm::RsaPkcs1Sha256),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", SignatureAlgorithm::RsaPkcs1Sha384),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", SignatureAlgorithm::RsaPkcs1Sha512),
    ("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", SignatureAlgorithm::RsaPssSha256),
    ("http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1", SignatureAlgorithm::RsaPssSha384),
    ("http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", SignatureAlgorithm::RsaPssSha512),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", SignatureAlgorithm::EcdsaSha256),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", SignatureAlgorithm::EcdsaSha384),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", SignatureAlgorithm::EcdsaSha512),
    ("http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", SignatureAlgorithm::Ed25519),
];

/// Known, and refused by name. The Kazakh libraries write SHA-1 under identifiers of their own.
const REFUSED_SIGNATURES: [(&str, &str); 13] = [
    ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "rsa-sha1"),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha1", "rsa-sha1"),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-md5", "rsa-md5"),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha224", "rsa-sha224"),
    ("http://www.w3.org/2000/09/xmldsig#dsa-sha1", "dsa-sha1"),
    ("http://www.w3.org/2009/xmldsig11#dsa-sha256", "dsa-sha256"),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "ecdsa-sha1"),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha224", "ecdsa-sha224"),
    ("http://www.w3.org/2007/05/xmldsig-more#rsa-pss", "rsa-pss"),
    ("http://www.w3.org/2007/05/xmldsig-more#sha224-rsa-MGF1", "rsa-pss-sha224"),
    ("http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1", "rsa-pss-sha1"),
    ("http://www.w3.org/2000/09/xmldsig#hmac-sha1", "hmac-sha1"),
    ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "hmac-sha256"),
];

/// The digests allowed.
const DIGESTS: [(&str, HashAlgorithm); 6] = [
    ("urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-512", HashAlgorithm::Streebog512),
    ("urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-256", HashAlgorithm::Streebog256),
    ("http://www.w3.org/2001/04/xmldsig-more#gost34311", HashAlgorithm::Gost94),
    ("http://www.w3.org/2001/04/xmlenc#sha256", HashAlgorithm::Sha256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", HashAlgorithm::Sha384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", HashAlgorithm::Sha512),
];

const REFUSED_DIGESTS: [(&str, &str); 5] = [
    ("http://www.w3.org/2000/09/xmldsig#sha1", "sha-1"),
    ("http://www.w3.org/2001/04/xmldsig-more#sha1", "sha-1"),
    ("http://www.w3.org/2001/04/xmldsig-more#md5", "md5"),
    ("http://www.w3.org/2001/04/xmldsig-more#sha224", "sha-224"),
    ("http://www.w3.org/2001/04/xmlenc#ripemd160", "ripemd-160"),
];

fn find<T: Copy>(
    identifier: &str,
    allowed: &[(&str, T)],
    refused: &[(&str, &'static str)],
) -> Result<T, AlgorithmNotAllowed> {
    if let Some((_, algorithm)) = allowed.iter().find(|(known, _)| *known == identifier) {
        return Ok(*algorithm);
    }
    let name = refused.iter().find(|(known, _)| *known == identifier).map(|(_, name)| *name);
    let oid = identifier.chars().take(MAX_QUOTED).collect();
    Err(AlgorithmNotAllowed { oid, name, unexpected_parameters: false })
}

/// The signature algorithm of a `SignatureMethod`.
pub fn signature(identifier: &str) -> Result<SignatureAlgorithm, AlgorithmNotAllowed> {
    find(identifier, &SIGNATURES, &REFUSED_SIGNATURES)
}

/// The hash of a `DigestMethod`.
pub fn digest(identifier: &str) -> Result<HashAlgorithm, AlgorithmNotAllowed> {
    find(identifier, &DIGESTS, &REFUSED_DIGESTS)
}

/// The identifier of a signature algorithm.
pub fn signature_identifier(algorithm: SignatureAlgorithm) -> Option<&'static str> {
    SIGNATURES.iter().find(|(_, known)| *known == algorithm).map(|(identifier, _)| *identifier)
}

/// The identifier of a hash.
pub fn digest_identifier(algorithm: HashAlgorithm) -> Option<&'static str> {
    DIGESTS.iter().find(|(_, known)| *known == algorithm).map(|(identifier, _)| *identifier)
}

/// Whether a `DigestMethod` is SHA-1, under either identifier.
pub fn is_sha_1(identifier: &str) -> bool {
    REFUSED_DIGESTS.iter().any(|(known, name)| *known == identifier && *name == "sha-1")
}

fn is_ecdsa(algorithm: SignatureAlgorithm) -> bool {
    use SignatureAlgorithm::{EcdsaSha256, EcdsaSha384, EcdsaSha512};
    matches!(algorithm, EcdsaSha256 | EcdsaSha384 | EcdsaSha512)
}

/// How the value of a signature stands in XML (RFC 6931 2.3.6).
pub fn value_form(algorithm: SignatureAlgorithm) -> ValueForm {
    if is_ecdsa(algorithm) { ValueForm::SideBySide } else { ValueForm::AsInCertificates }
}

/// A signature value in the order that XML has it: r and s of ECDSA in as many octets each as the key's curve has. `None` for a value that is not of its algorithm.
pub fn value_as_in_xml(algorithm: SignatureAlgorithm, key: KeyAlgorithm, value: Vec<u8>) -> Option<Vec<u8>> {
    let Some(size) = key.scalar_octets().filter(|_| is_ecdsa(algorithm)) else { return Some(value) };
    let mut outer = TlvReader::new(&value);
    let mut numbers = TlvReader::new(outer.expect(SEQUENCE).ok()?.value);
    outer.finish().ok()?;
    let mut both = Vec::with_capacity(2 * size);
    for _ in 0..2 {
        let number = numbers.expect(INTEGER).ok()?.value;
        let zeros = number.iter().take_while(|&&byte| byte == 0).count();
        let digits = number.get(zeros..)?;
        both.resize(both.len() + size.checked_sub(digits.len())?, 0);
        both.extend_from_slice(digits);
    }
    numbers.finish().ok()?;
    Some(both)
}
