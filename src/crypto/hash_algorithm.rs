//! Which hash functions exist, by what object identifier, and which of them are allowed.

use std::fmt;

use der::asn1::ObjectIdentifier;

use super::algorithm::AlgorithmNotAllowed;

/// A hash function that signatures may use.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HashAlgorithm {
    /// GOST 34.311-95 with the test S-box, as Kazakhstan uses it.
    Gost94,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// Streebog with 256 bits of output (GOST R 34.11-2012, RFC 6986).
    Streebog256,
    /// Streebog with 512 bits of output.
    Streebog512,
}

impl HashAlgorithm {
    /// Every hash.
    pub const ALL: [Self; 6] =
        [Self::Gost94, Self::Sha256, Self::Sha384, Self::Sha512, Self::Streebog256, Self::Streebog512];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gost94 => "gost-34.311-95",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
            Self::Streebog256 => "streebog-256",
            Self::Streebog512 => "streebog-512",
        }
    }

    /// Length of the output in bytes.
    pub fn output_len(self) -> usize {
        match self {
            Self::Gost94 | Self::Sha256 | Self::Streebog256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 | Self::Streebog512 => 64,
        }
    }

    /// The hash of an object identifier, or why it is refused.
    pub fn from_oid(oid: &ObjectIdentifier) -> Result<Self, AlgorithmNotAllowed> {
        match HASHES.iter().find(|entry| entry.oid == *oid) {
            Some(HashEntry { algorithm: Some(algorithm), .. }) => Ok(*algorithm),
            entry => Err(AlgorithmNotAllowed::new(oid, entry.map(|entry| entry.name))),
        }
    }

    /// The object identifier to write.
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Gost94 => GOST_34_311,
            Self::Sha256 => SHA_256,
            Self::Sha384 => SHA_384,
            Self::Sha512 => SHA_512,
            Self::Streebog256 => STREEBOG_256,
            Self::Streebog512 => STREEBOG_512,
        }
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

struct HashEntry {
    oid: ObjectIdentifier,
    name: &'static str,
    /// `None`: known, not allowed.
    algorithm: Option<HashAlgorithm>,
}

const fn hash_allowed(oid: ObjectIdentifier, name: &'static str, algorithm: HashAlgorithm) -> HashEntry {
    HashEntry { oid, name, algorithm: Some(algorithm) }
}

const fn hash_refused(oid: &str, name: &'static str) -> HashEntry {
    HashEntry { oid: ObjectIdentifier::new_unwrap(oid), name, algorithm: None }
}

const GOST_34_311: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.3.1");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const STREEBOG_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.3.2");
const STREEBOG_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.398.3.10.1.3.3");

/// Every hash known here.
const HASHES: &[HashEntry] = &[
    hash_allowed(STREEBOG_512, "streebog-512", HashAlgorithm::Streebog512),
    hash_allowed(STREEBOG_256, "streebog-256", HashAlgorithm::Streebog256),
    hash_allowed(GOST_34_311, "gost-34.311-95", HashAlgorithm::Gost94),
    hash_allowed(SHA_256, "sha-256", HashAlgorithm::Sha256),
    hash_allowed(SHA_384, "sha-384", HashAlgorithm::Sha384),
    hash_allowed(SHA_512, "sha-512", HashAlgorithm::Sha512),
    hash_refused("1.3.14.3.2.26", "sha-1"),
    hash_refused("1.2.840.113549.2.2", "md2"),
    hash_refused("1.2.840.113549.2.5", "md5"),
    hash_refused("2.16.840.1.101.3.4.2.4", "sha-224"),
    hash_refused("1.3.6.1.4.1.6801.1.2.1", "gost-34.311-gt"),
    hash_refused("1.2.643.2.2.9", "gost-r-34.11-94"),
    hash_refused("1.2.643.7.1.1.2.2", "gost-r-34.11-2012-256"),
    hash_refused("1.2.643.7.1.1.2.3", "gost-r-34.11-2012-512"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_is_found_by_its_own_identifier_and_no_identifier_stands_twice() {
        for algorithm in HashAlgorithm::ALL {
            assert_eq!(HashAlgorithm::from_oid(&algorithm.oid()), Ok(algorithm));
        }
        for (i, entry) in HASHES.iter().enumerate() {
            assert!(HASHES.iter().skip(i + 1).all(|other| other.oid != entry.oid), "{}", entry.oid);
        }
    }

    #[test]
    fn weak_hashes_are_refused_by_name() {
        for (oid, text) in [
            ("1.3.14.3.2.26", "algorithm sha-1 (1.3.14.3.2.26) is not allowed"),
            ("1.2.840.113549.2.5", "algorithm md5 (1.2.840.113549.2.5) is not allowed"),
            ("1.3.6.1.4.1.6801.1.2.1", "algorithm gost-34.311-gt (1.3.6.1.4.1.6801.1.2.1) is not allowed"),
            ("2.25.1", "algorithm unknown (2.25.1) is not allowed"),
        ] {
            let refusal = HashAlgorithm::from_oid(&ObjectIdentifier::new_unwrap(oid)).expect_err(oid);
            assert_eq!(refusal.to_string(), text);
        }
    }
}
