//! Which algorithms exist, by what object identifier, and which of them are allowed.
//!
//! [`SIGNATURES`] is the one table from OID to implementation (hashes have theirs in `hash_algorithm`, keys in `spki`).
//! What is known but weak or out of scope stands in it too, so that a refusal can name it. Kazakh identifiers: the registry under 1.2.398.3.10.1.

use std::fmt;

use der::asn1::ObjectIdentifier;

use super::algorithm_identifier::AlgorithmIdentifier;
use super::hash_algorithm::HashAlgorithm;
use super::key_algorithm::KeyAlgorithm;
use super::rsa::PssParameters;

/// An algorithm that is refused: known by name but not allowed, unknown, or with parameters it must not have.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "algorithm {} ({oid}) is not allowed{}",
    .name.unwrap_or("unknown"),
    if *.unexpected_parameters { " with these parameters" } else { "" }
)]
pub struct AlgorithmNotAllowed {
    /// The object identifier, dotted.
    pub oid: String,
    /// The algorithm's usual name, if it is known.
    pub name: Option<&'static str>,
    /// The algorithm itself is allowed, but not with the parameters given.
    pub unexpected_parameters: bool,
}

impl AlgorithmNotAllowed {
    pub(super) fn new(oid: &ObjectIdentifier, name: Option<&'static str>) -> Self {
        Self { oid: oid.to_string(), name, unexpected_parameters: false }
    }
}

/// A signature algorithm that is allowed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-256 (P-256 or P-384).
    EcdsaSha256,
    /// ECDSA with SHA-384 (P-256 or P-384).
    EcdsaSha384,
    /// ECDSA with SHA-512 (P-256 or P-384, which use as many of its bits as their order has).
    EcdsaSha512,
    /// Ed25519, which hashes by itself.
    Ed25519,
    /// GOST 34.310-2004 with GOST 34.311-95.
    Gost2004,
    /// GOST 34.10-2015 on 256 bits with Streebog-256.
    Gost2015_256,
    /// GOST 34.10-2015 on 512 bits with Streebog-512.
    Gost2015_512,
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, also for the mask, and a salt of 32 octets.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, also for the mask, and a salt of 48 octets.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, also for the mask, and a salt of 64 octets.
    RsaPssSha512,
}

impl SignatureAlgorithm {
    /// Every allowed algorithm.
    pub const ALL: [Self; 13] = [
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Ed25519,
        Self::Gost2004,
        Self::Gost2015_256,
        Self::Gost2015_512,
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
    ];

    /// The algorithm of an identifier, with its parameters checked, or why it is refused.
    pub fn from_identifier(identifier: &AlgorithmIdentifier<'_>) -> Result<Self, AlgorithmNotAllowed> {
        let entry = SIGNATURES.iter().find(|entry| entry.oid == identifier.oid);
        let Some(Entry { meaning, name, .. }) = entry else {
            return Err(AlgorithmNotAllowed::new(&identifier.oid, None));
        };
        let algorithm = match meaning {
            Meaning::Refused => return Err(AlgorithmNotAllowed::new(&identifier.oid, Some(name))),
            Meaning::Without(algorithm) => identifier.parameters.is_none().then_some(*algorithm),
            Meaning::WithNull(algorithm) => identifier.params_absent_or_null().then_some(*algorithm),
            Meaning::Pss => identifier.parameters.and_then(PssParameters::read).and_then(Self::of_pss),
        };
        let refusal = AlgorithmNotAllowed::new(&identifier.oid, Some(name));
        algorithm.ok_or(AlgorithmNotAllowed { unexpected_parameters: true, ..refusal })
    }

    /// The algorithm of the name that reports have for it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// RSASSA-PSS with these parameters: as long a salt as the hash, which is what ring verifies and the usual choice.
    fn of_pss(parameters: PssParameters) -> Option<Self> {
        let algorithm = match parameters.hash {
            HashAlgorithm::Sha256 => Self::RsaPssSha256,
            HashAlgorithm::Sha384 => Self::RsaPssSha384,
            HashAlgorithm::Sha512 => Self::RsaPssSha512,
            HashAlgorithm::Gost94 | HashAlgorithm::Streebog256 | HashAlgorithm::Streebog512 => return None,
        };
        (parameters.salt == parameters.hash.output_len()).then_some(algorithm)
    }

    /// The object identifier. RSASSA-PSS has one for all hashes, and tells them apart by parameters.
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::EcdsaSha256 => ECDSA_SHA_256,
            Self::EcdsaSha384 => ECDSA_SHA_384,
            Self::EcdsaSha512 => ECDSA_SHA_512,
            Self::Ed25519 => ED_25519,
            Self::Gost2004 => GOST_2004_SIGNATURE,
            Self::Gost2015_256 => GOST_2015_256_SIGNATURE,
            Self::Gost2015_512 => GOST_2015_512_SIGNATURE,
            Self::RsaPkcs1Sha256 => RSA_SHA_256,
            Self::RsaPkcs1Sha384 => RSA_SHA_384,
            Self::RsaPkcs1Sha512 => RSA_SHA_512,
            Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512 => RSA_PSS,
        }
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaSha256 => "ecdsa-sha256",
            Self::EcdsaSha384 => "ecdsa-sha384",
            Self::EcdsaSha512 => "ecdsa-sha512",
            Self::Ed25519 => "ed25519",
            Self::Gost2004 => "gost-34.310-2004",
            Self::Gost2015_256 => "gost-34.10-2015-256",
            Self::Gost2015_512 => "gost-34.10-2015-512",
            Self::RsaPkcs1Sha256 => "rsa-sha256",
            Self::RsaPkcs1Sha384 => "rsa-sha384",
            Self::RsaPkcs1Sha512 => "rsa-sha512",
            Self::RsaPssSha256 => "rsa-pss-sha256",
            Self::RsaPssSha384 => "rsa-pss-sha384",
            Self::RsaPssSha512 => "rsa-pss-sha512",
        }
    }

    /// The hash that is applied to the message first; `None` for Ed25519, which needs the message itself.
    pub fn hash(self) -> Option<HashAlgorithm> {
        match self {
            Self::EcdsaSha256 | Self::RsaPkcs1Sha256 | Self::RsaPssSha256 => Some(HashAlgorithm::Sha256),
            Self::EcdsaSha384 | Self::RsaPkcs1Sha384 | Self::RsaPssSha384 => Some(HashAlgorithm::Sha384),
            Self::EcdsaSha512 | Self::RsaPkcs1Sha512 | Self::RsaPssSha512 => Some(HashAlgorithm::Sha512),
            Self::Ed25519 => None,
            Self::Gost2004 => Some(HashAlgorithm::Gost94),
            Self::Gost2015_256 => Some(HashAlgorithm::Streebog256),
            Self::Gost2015_512 => Some(HashAlgorithm::Streebog512),
        }
    }

    /// Whether a key of that kind can have made such a signature.
    pub fn fits(self, key: KeyAlgorithm) -> bool {
        match self {
            Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512 => {
                matches!(key, KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384)
            }
            Self::Ed25519 => key == KeyAlgorithm::Ed25519,
            Self::Gost2004 => key == KeyAlgorithm::Gost2004,
            Self::Gost2015_256 => key == KeyAlgorithm::Gost2015_256,
            Self::Gost2015_512 => key == KeyAlgorithm::Gost2015_512,
            Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512 => {
                matches!(key, KeyAlgorithm::Rsa { .. })
            }
            // RFC 4055 section 3.3: keys of plain RSA make both kinds, those of RSASSA-PSS their own with their own hash.
            Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512 => match key {
                KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { hash: None, .. } => true,
                KeyAlgorithm::RsaPss { hash, .. } => hash == self.hash(),
                _ => false,
            },
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an identifier stands for, by the parameters beside it.
#[derive(Clone, Copy)]
enum Meaning {
    /// RFC 4055 section 3.1: parameters name hash, mask and salt.
    Pss,
    /// Known, not allowed.
    Refused,
    /// RFC 4055 section 5 wants NULL and has absent accepted; the National CA writes both for GOST.
    WithNull(SignatureAlgorithm),
    /// RFC 5758 section 3.2 and RFC 8410 section 3: they must not be there.
    Without(SignatureAlgorithm),
}

struct Entry {
    oid: ObjectIdentifier,
    name: &'static str,
    meaning: Meaning,
}

const fn known(oid: ObjectIdentifier, name: &'static str, meaning: Meaning) -> Entry {
    Entry { oid, name, meaning }
}

const fn refused(oid: &str, name: &'static str) -> Entry {
    known(ObjectIdentifier::new_unwrap(oid), name, Meaning::Refused)
}

const ECDSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const ED_25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const GOST_2004_SIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.1.1.2");
const GOST_2015_256_SIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.1.2.3.1");
const GOST_2015_512_SIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.1.2.3.2");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const RSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");

/// Every signature algorithm known here; the allowed ones first.
const SIGNATURES: &[Entry] = &[
    known(GOST_2015_512_SIGNATURE, "gost-34.10-2015-512", Meaning::WithNull(SignatureAlgorithm::Gost2015_512)),
    known(GOST_2015_256_SIGNATURE, "gost-34.10-2015-256", Meaning::WithNull(SignatureAlgorithm::Gost2015_256)),
    known(GOST_2004_SIGNATURE, "gost-34.310-2004", Meaning::WithNull(SignatureAlgorithm::Gost2004)),
    known(RSA_SHA_256, "rsa-sha256", Meaning::WithNull(SignatureAlgorithm::RsaPkcs1Sha256)),
    known(RSA_SHA_384, "rsa-sha384", Meaning::WithNull(SignatureAlgorithm::RsaPkcs1Sha384)),
    known(RSA_SHA_512, "rsa-sha512", Meaning::WithNull(SignatureAlgorithm::RsaPkcs1Sha512)),
    known(ECDSA_SHA_256, "ecdsa-sha256", Meaning::Without(SignatureAlgorithm::EcdsaSha256)),
    known(ECDSA_SHA_384, "ecdsa-sha384", Meaning::Without(SignatureAlgorithm::EcdsaSha384)),
    known(ECDSA_SHA_512, "ecdsa-sha512", Meaning::Without(SignatureAlgorithm::EcdsaSha512)),
    known(RSA_PSS, "rsa-pss", Meaning::Pss),
    known(ED_25519, "ed25519", Meaning::Without(SignatureAlgorithm::Ed25519)),
    refused("1.2.840.113549.1.1.2", "rsa-md2"),
    refused("1.2.840.113549.1.1.3", "rsa-md4"),
    refused("1.2.840.113549.1.1.4", "rsa-md5"),
    refused("1.2.840.113549.1.1.5", "rsa-sha1"),
    refused("1.3.14.3.2.29", "rsa-sha1"),
    refused("1.2.840.113549.1.1.14", "rsa-sha224"),
    refused("1.2.840.113549.1.1.15", "rsa-sha512-224"),
    refused("1.2.840.113549.1.1.16", "rsa-sha512-256"),
    refused("1.3.6.1.5.5.7.6.30", "rsa-pss-shake128"),
    refused("1.3.6.1.5.5.7.6.31", "rsa-pss-shake256"),
    refused("2.16.840.1.101.3.4.3.13", "rsa-sha3-224"),
    refused("2.16.840.1.101.3.4.3.14", "rsa-sha3-256"),
    refused("2.16.840.1.101.3.4.3.15", "rsa-sha3-384"),
    refused("2.16.840.1.101.3.4.3.16", "rsa-sha3-512"),
    refused("1.2.840.10045.4.1", "ecdsa-sha1"),
    refused("1.2.840.10045.4.3.1", "ecdsa-sha224"),
    refused("1.3.6.1.5.5.7.6.32", "ecdsa-shake128"),
    refused("1.3.6.1.5.5.7.6.33", "ecdsa-shake256"),
    refused("2.16.840.1.101.3.4.3.9", "ecdsa-sha3-224"),
    refused("2.16.840.1.101.3.4.3.10", "ecdsa-sha3-256"),
    refused("2.16.840.1.101.3.4.3.11", "ecdsa-sha3-384"),
    refused("2.16.840.1.101.3.4.3.12", "ecdsa-sha3-512"),
    refused("1.2.840.10040.4.3", "dsa-sha1"),
    refused("1.3.14.3.2.27", "dsa-sha1"),
    refused("2.16.840.1.101.3.4.3.1", "dsa-sha224"),
    refused("2.16.840.1.101.3.4.3.2", "dsa-sha256"),
    refused("2.16.840.1.101.3.4.3.3", "dsa-sha384"),
    refused("2.16.840.1.101.3.4.3.4", "dsa-sha512"),
    refused("1.3.101.113", "ed448"),
    refused("1.2.156.10197.1.501", "sm2-sm3"),
    refused("1.3.6.1.4.1.6801.1.2.2", "gost-34.310-gt"),
    refused("1.2.398.3.10.1.1.1.2.1", "gost-34.310-2004-hash-parameters"),
    refused("1.2.398.3.10.1.1.1.2.2", "gost-34.310-2004-hash-parameters"),
    refused("1.2.643.2.2.3", "gost-r-34.10-2001"),
    refused("1.2.643.2.2.4", "gost-r-34.10-94"),
    refused("1.2.643.7.1.1.3.2", "gost-r-34.10-2012-256"),
    refused("1.2.643.7.1.1.3.3", "gost-r-34.10-2012-512"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::write::NULL;

    fn identifier<'a>(oid: &str, parameters: Option<&'a [u8]>) -> AlgorithmIdentifier<'a> {
        AlgorithmIdentifier { oid: ObjectIdentifier::new_unwrap(oid), parameters }
    }

    /// All but RSASSA-PSS.
    fn without_parameters() -> impl Iterator<Item = SignatureAlgorithm> {
        SignatureAlgorithm::ALL.into_iter().filter(|algorithm| algorithm.oid() != RSA_PSS)
    }

    #[test]
    fn every_allowed_algorithm_is_found_by_its_name() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(SignatureAlgorithm::from_name(algorithm.name()), Some(algorithm));
        }
        assert_eq!(SignatureAlgorithm::from_name("rsa-pss"), None);
    }

    /// RSASSA-PSS with SHA-256 for both and a salt of so many octets.
    fn pss_sha256(salt: u8) -> Vec<u8> {
        let hash = [0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0];
        let mask = [&[0x30, 26, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8][..], &hash].concat();
        [&[0x30, 52, 0xa0, 15][..], &hash, &[0xa1, 28], &mask, &[0xa2, 3, 2, 1, salt]].concat()
    }

    #[test]
    fn rsa_pss_is_told_by_its_parameters() {
        let of = |parameters| SignatureAlgorithm::from_identifier(&identifier("1.2.840.113549.1.1.10", parameters));
        let [good, short, long] = [32, 20, 33].map(pss_sha256);
        assert_eq!(of(Some(&good)), Ok(SignatureAlgorithm::RsaPssSha256));
        for parameters in [None, Some(NULL), Some(&[0x30, 0][..]), Some(&short), Some(&long)] {
            let refusal = of(parameters).expect_err("refused");
            assert_eq!((refusal.name, refusal.unexpected_parameters), (Some("rsa-pss"), true), "{parameters:x?}");
        }
    }

    #[test]
    fn every_allowed_algorithm_is_found_by_its_own_identifier() {
        for algorithm in without_parameters() {
            let bare = AlgorithmIdentifier { oid: algorithm.oid(), parameters: None };
            assert_eq!(SignatureAlgorithm::from_identifier(&bare), Ok(algorithm));
            let entry = SIGNATURES.iter().find(|entry| entry.oid == algorithm.oid()).expect("in the table");
            assert_eq!(entry.name, algorithm.name());
        }
    }

    #[test]
    fn no_identifier_stands_twice() {
        for (i, entry) in SIGNATURES.iter().enumerate() {
            assert!(SIGNATURES.iter().skip(i + 1).all(|other| other.oid != entry.oid), "{}", entry.oid);
        }
    }

    #[test]
    fn weak_and_foreign_algorithms_are_refused_by_name() {
        let cases = [
            ("1.2.840.113549.1.1.5", Some("rsa-sha1")),
            ("1.2.840.113549.1.1.4", Some("rsa-md5")),
            ("1.3.6.1.5.5.7.6.32", Some("ecdsa-shake128")),
            ("2.16.840.1.101.3.4.3.14", Some("rsa-sha3-256")),
            ("1.2.840.10045.4.1", Some("ecdsa-sha1")),
            ("1.2.840.10040.4.3", Some("dsa-sha1")),
            ("1.3.6.1.4.1.6801.1.2.2", Some("gost-34.310-gt")),
            ("1.2.643.7.1.1.3.3", Some("gost-r-34.10-2012-512")),
            // A key's identifier is no signature's.
            ("1.2.840.113549.1.1.1", None),
            ("1.2.398.3.10.1.1.2.2", None),
            ("2.25.1", None),
        ];
        for (oid, name) in cases {
            let refusal = SignatureAlgorithm::from_identifier(&identifier(oid, Some(NULL))).expect_err(oid);
            assert_eq!((refusal.oid.as_str(), refusal.name), (oid, name));
            assert!(!refusal.unexpected_parameters);
        }
    }

    #[test]
    fn parameters_follow_the_algorithm() {
        let sequence: &[u8] = &[0x30, 0];
        for algorithm in without_parameters() {
            let with = |parameters| AlgorithmIdentifier { oid: algorithm.oid(), parameters };
            let null_is_fine = !matches!(
                algorithm,
                SignatureAlgorithm::EcdsaSha256
                    | SignatureAlgorithm::EcdsaSha384
                    | SignatureAlgorithm::EcdsaSha512
                    | SignatureAlgorithm::Ed25519
            );
            assert_eq!(SignatureAlgorithm::from_identifier(&with(Some(NULL))).is_ok(), null_is_fine);
            let refusal = SignatureAlgorithm::from_identifier(&with(Some(sequence))).expect_err("a sequence");
            assert!(refusal.unexpected_parameters);
            assert_eq!(refusal.name, Some(algorithm.name()));
            // NULL with content is not NULL.
            assert!(SignatureAlgorithm::from_identifier(&with(Some(&[5, 1, 0]))).is_err());
        }
    }

    #[test]
    fn each_signature_algorithm_fits_its_own_keys() {
        let keys = [
            (KeyAlgorithm::Rsa { bits: 2048 }, "rsa-2048"),
            (KeyAlgorithm::RsaPss { bits: 2048, hash: None }, "rsa-pss-2048"),
            (KeyAlgorithm::RsaPss { bits: 3072, hash: Some(HashAlgorithm::Sha384) }, "rsa-pss-3072"),
            (KeyAlgorithm::EcdsaP256, "ecdsa-p256"),
            (KeyAlgorithm::EcdsaP384, "ecdsa-p384"),
            (KeyAlgorithm::Ed25519, "ed25519"),
            (KeyAlgorithm::Gost2015_512, "gost-34.10-2015-512"),
            (KeyAlgorithm::Gost2015_256, "gost-34.10-2015-256"),
            (KeyAlgorithm::Gost2004, "gost-34.310-2004"),
        ];
        for (key, name) in keys {
            assert_eq!(key.to_string(), name);
            let fitting = SignatureAlgorithm::ALL.iter().filter(|algorithm| algorithm.fits(key)).count();
            let expected = match key {
                KeyAlgorithm::Rsa { .. } => 6,
                KeyAlgorithm::RsaPss { hash: None, .. } | KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => 3,
                _ => 1,
            };
            assert_eq!(fitting, expected, "{name}");
        }
    }
}
