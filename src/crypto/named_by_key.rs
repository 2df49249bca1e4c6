//! Signature algorithms that are named by the kind of key: in CMS the hash stands apart (`digestAlgorithm`), so writers
//! put the key's identifier in the place of the signature's. RFC 5754 section 3.2 has it for RSA, the National CA's native
//! library does it for every algorithm.

use der::Decode as _;
use der::asn1::ObjectIdentifier;

use super::algorithm::{AlgorithmNotAllowed, SignatureAlgorithm};
use super::algorithm_identifier::AlgorithmIdentifier;
use super::hash_algorithm::HashAlgorithm;
use super::spki::{self, are_gost_parameters};

/// Why a CMS signer's algorithm gives none.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignerAlgorithmError {
    /// The signature algorithm hashes otherwise than the digest algorithm beside it says.
    #[error("digest algorithm and signature algorithm disagree")]
    Disagree,
    /// Not allowed, whatever the hash.
    #[error(transparent)]
    NotAllowed(#[from] AlgorithmNotAllowed),
}

impl SignatureAlgorithm {
    /// The algorithm of a CMS signer (RFC 5652 section 5.3) from its `signatureAlgorithm`, which names a signature or a
    /// kind of key, and the hash beside it. Parameters may repeat those that such keys have.
    ///
    /// # Errors
    ///
    /// [`SignerAlgorithmError`].
    pub fn of_signer(
        identifier: &AlgorithmIdentifier<'_>,
        digest: HashAlgorithm,
    ) -> Result<Self, SignerAlgorithmError> {
        let algorithm = match KEYS.iter().find(|(oid, _)| *oid == identifier.oid) {
            Some((oid, by_hash)) => {
                if !parameters_fit(oid, identifier) {
                    let refusal = AlgorithmNotAllowed::new(oid, Some("key"));
                    return Err(AlgorithmNotAllowed { unexpected_parameters: true, ..refusal }.into());
                }
                by_hash.iter().copied().find(|algorithm| algorithm.hash() == Some(digest))
            }
            None => Some(Self::from_identifier(identifier)?),
        };
        let agrees = |algorithm: &Self| match algorithm.hash() {
            Some(hash) => hash == digest,
            // RFC 8419 section 3: Ed25519 goes with SHA-512.
            None => digest == HashAlgorithm::Sha512,
        };
        algorithm.filter(agrees).ok_or(SignerAlgorithmError::Disagree)
    }
}

fn parameters_fit(key: &ObjectIdentifier, identifier: &AlgorithmIdentifier<'_>) -> bool {
    identifier.params_absent_or_null()
        || identifier.parameters.is_some_and(|parameters| match *key {
            spki::EC => {
                ObjectIdentifier::from_der(parameters).is_ok_and(|curve| [spki::P_256, spki::P_384].contains(&curve))
            }
            spki::RSA => false,
            key => are_gost_parameters(&key, parameters),
        })
}

/// Kinds of keys by object identifier, with what they sign by.
const KEYS: &[(ObjectIdentifier, &[SignatureAlgorithm])] = &[
    (
        spki::RSA,
        &[SignatureAlgorithm::RsaPkcs1Sha256, SignatureAlgorithm::RsaPkcs1Sha384, SignatureAlgorithm::RsaPkcs1Sha512],
    ),
    (spki::EC, &[SignatureAlgorithm::EcdsaSha256, SignatureAlgorithm::EcdsaSha384, SignatureAlgorithm::EcdsaSha512]),
    (spki::GOST_2004, &[SignatureAlgorithm::Gost2004]),
    (spki::GOST_2015_256, &[SignatureAlgorithm::Gost2015_256]),
    (spki::GOST_2015_512, &[SignatureAlgorithm::Gost2015_512]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        oid: &str,
        parameters: Option<&[u8]>,
        digest: HashAlgorithm,
    ) -> Result<SignatureAlgorithm, SignerAlgorithmError> {
        SignatureAlgorithm::of_signer(
            &AlgorithmIdentifier { oid: ObjectIdentifier::new_unwrap(oid), parameters },
            digest,
        )
    }

    #[test]
    fn a_kind_of_key_and_a_hash_make_an_algorithm() {
        for (oid, digest, algorithm) in [
            ("1.2.840.113549.1.1.1", HashAlgorithm::Sha256, SignatureAlgorithm::RsaPkcs1Sha256),
            ("1.2.840.113549.1.1.1", HashAlgorithm::Sha512, SignatureAlgorithm::RsaPkcs1Sha512),
            ("1.2.840.10045.2.1", HashAlgorithm::Sha384, SignatureAlgorithm::EcdsaSha384),
            ("1.2.840.10045.2.1", HashAlgorithm::Sha512, SignatureAlgorithm::EcdsaSha512),
            ("1.2.398.3.10.1.1.1.1", HashAlgorithm::Gost94, SignatureAlgorithm::Gost2004),
            ("1.2.398.3.10.1.1.2.1", HashAlgorithm::Streebog256, SignatureAlgorithm::Gost2015_256),
            ("1.2.398.3.10.1.1.2.2", HashAlgorithm::Streebog512, SignatureAlgorithm::Gost2015_512),
        ] {
            assert_eq!(of(oid, None, digest), Ok(algorithm));
            assert_eq!(of(oid, Some(&[5, 0]), digest), Ok(algorithm));
            assert_eq!(of(&algorithm.oid().to_string(), None, digest), Ok(algorithm));
        }
    }

    #[test]
    fn a_hash_that_the_signature_does_not_use_disagrees() {
        for (oid, digest) in [
            ("1.2.840.113549.1.1.1", HashAlgorithm::Gost94),
            ("1.2.840.113549.1.1.11", HashAlgorithm::Sha384),
            ("1.2.840.10045.4.3.2", HashAlgorithm::Sha512),
            ("1.2.398.3.10.1.1.2.2", HashAlgorithm::Streebog256),
            ("1.2.398.3.10.1.1.2.3.2", HashAlgorithm::Gost94),
            ("1.3.101.112", HashAlgorithm::Sha256),
        ] {
            assert_eq!(of(oid, None, digest), Err(SignerAlgorithmError::Disagree), "{oid} {digest}");
        }
        assert_eq!(of("1.3.101.112", None, HashAlgorithm::Sha512), Ok(SignatureAlgorithm::Ed25519));
    }

    #[test]
    fn parameters_are_empty_or_those_of_the_key() {
        let gost = [0x30, 0x16, 6, 10, 0x2a, 0x83, 0x0e, 3, 10, 1, 1, 2, 2, 1, 6, 8, 0x2a, 0x83, 0x0e, 3, 10, 1, 3, 3];
        let (key, hash) = ("1.2.398.3.10.1.1.2.2", HashAlgorithm::Streebog512);
        assert_eq!(of(key, Some(&gost), hash), Ok(SignatureAlgorithm::Gost2015_512));
        let curve = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
        let ec = ("1.2.840.10045.2.1", HashAlgorithm::Sha256);
        assert_eq!(of(ec.0, Some(&curve), ec.1), Ok(SignatureAlgorithm::EcdsaSha256));
        for (oid, parameters, digest) in [
            (key, &[4, 0][..], hash),
            (key, &curve[..], hash),
            (ec.0, &gost[..], ec.1),
            ("1.2.840.113549.1.1.1", &[0x30, 0][..], HashAlgorithm::Sha256),
            ("1.2.840.113549.1.1.10", &[5, 0][..], HashAlgorithm::Sha256),
        ] {
            assert!(matches!(of(oid, Some(parameters), digest), Err(SignerAlgorithmError::NotAllowed(_))), "{oid}");
        }
    }
}
