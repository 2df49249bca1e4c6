//! Hashes by name: SHA-2 from ring, Streebog from `streebog`, GOST 34.311-95 from `RustCrypto`.

use gost94::{Gost94Test, digest::Digest as _};
use ring::digest::{Context, SHA256, SHA384, SHA512};

use super::hash_algorithm::HashAlgorithm;
use super::streebog::{Streebog256, Streebog512};

/// The longest output here: SHA-512 and Streebog-512.
const MAX_DIGEST: usize = 64;

/// The output of a hash together with the algorithm that made it; compares by both.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Digest {
    algorithm: HashAlgorithm,
    /// Zero beyond the algorithm's length.
    bytes: [u8; MAX_DIGEST],
}

impl Digest {
    /// Takes a digest computed elsewhere; `None` unless it has exactly the algorithm's length.
    pub fn new(algorithm: HashAlgorithm, digest: &[u8]) -> Option<Self> {
        if digest.len() != algorithm.output_len() {
            return None;
        }
        let mut bytes = [0; MAX_DIGEST];
        bytes.get_mut(..digest.len())?.copy_from_slice(digest);
        Some(Self { algorithm, bytes })
    }

    /// The algorithm that made it.
    pub fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The output, in the order the hash gives it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.output_len()]
    }

    fn from_output(algorithm: HashAlgorithm, output: &[u8]) -> Self {
        let mut bytes = [0; MAX_DIGEST];
        for (to, from) in bytes.iter_mut().zip(output) {
            *to = *from;
        }
        Self { algorithm, bytes }
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.algorithm.name())?;
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A hash being computed.
#[derive(Clone)]
pub struct Hasher {
    algorithm: HashAlgorithm,
    state: State,
}

#[derive(Clone)]
enum State {
    Gost94(Gost94Test),
    Sha2(Context),
    Streebog256(Streebog256),
    Streebog512(Streebog512),
}

impl Hasher {
    /// Starts a hash.
    pub fn new(algorithm: HashAlgorithm) -> Self {
        let state = match algorithm {
            HashAlgorithm::Gost94 => State::Gost94(Default::default()),
            HashAlgorithm::Sha256 => State::Sha2(Context::new(&SHA256)),
            HashAlgorithm::Sha384 => State::Sha2(Context::new(&SHA384)),
            HashAlgorithm::Sha512 => State::Sha2(Context::new(&SHA512)),
            HashAlgorithm::Streebog256 => State::Streebog256(Streebog256::new()),
            HashAlgorithm::Streebog512 => State::Streebog512(Streebog512::new()),
        };
        Self { algorithm, state }
    }

    /// Takes in the next part of the message.
    pub fn update(&mut self, part: &[u8]) {
        match &mut self.state {
            State::Gost94(state) => state.update(part),
            State::Sha2(state) => state.update(part),
            State::Streebog256(state) => state.update(part),
            State::Streebog512(state) => state.update(part),
        }
    }

    /// Ends the message and gives its digest.
    pub fn finish(self) -> Digest {
        let algorithm = self.algorithm;
        match self.state {
            State::Gost94(state) => Digest::from_output(algorithm, &state.finalize()),
            State::Sha2(state) => Digest::from_output(algorithm, state.finish().as_ref()),
            State::Streebog256(state) => Digest::from_output(algorithm, &state.finish()),
            State::Streebog512(state) => Digest::from_output(algorithm, &state.finish()),
        }
    }
}

/// The digest of a whole message.
pub fn hash(algorithm: HashAlgorithm, message: &[u8]) -> Digest {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(message);
    hasher.finish()
}

/// SHA-256 of a message, as identifier of certificates, keys and lists.
pub fn sha256(message: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(ring::digest::digest(&SHA256, message).as_ref());
    bytes
}

/// SHA-1 of a certificate, for the one place that still needs it: signingCertificate V1 (RFC 2634 section 5.4), which names
/// the signer by it. What it has to resist is a second preimage of a certificate, where SHA-1 still stands; nothing is
/// ever trusted for it alone, and no signature or imprint may use it.
#[must_use]
pub fn sha1_of_certificate(der: &[u8]) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 6986 section 10: M1 (63 bytes) and M2 (72 bytes, two blocks). The RFC prints numbers, most significant byte
    /// first; here both message and digest are in the order of memory.
    #[test]
    fn streebog_gives_the_examples_of_rfc_6986() {
        let m1 = b"012345678901234567890123456789012345678901234567890123456789012";
        let m2: &[u8] = b"\xd1\xe5\x20\xe2\xe5\xf2\xf0\xe8\x2c\x20\xd1\xf2\xf0\xe8\xe1\xee\xe6\xe8\x20\xe2\xed\xf3\xf6\
            \xe8\x2c\x20\xe2\xe5\xfe\xf2\xfa\x20\xf1\x20\xec\xee\xf0\xff\x20\xf1\xf2\xf0\xe5\xeb\xe0\xec\xe8\x20\xed\
            \xe0\x20\xf5\xf0\xe0\xe1\xf0\xfb\xff\x20\xef\xeb\xfa\xea\xfb\x20\xc8\xe3\xee\xf0\xe5\xe2\xfb";
        let cases: [(HashAlgorithm, &[u8], &str); 4] = [
            (
                HashAlgorithm::Streebog512,
                m1,
                "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa\
                 00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48",
            ),
            (HashAlgorithm::Streebog256, m1, "9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500"),
            (
                HashAlgorithm::Streebog512,
                m2,
                "1e88e62226bfca6f9994f1f2d51569e0daf8475a3b0fe61a5300eee46d961376\
                 035fe83549ada2b8620fcd7c496ce5b33f0cb9dddc2b6460143b03dabac9fb28",
            ),
            (HashAlgorithm::Streebog256, m2, "9dd2fe4e90409e5da87f53976d7405b0c0cac628fc669a741d50063c557e8f50"),
        ];
        for (algorithm, message, expected) in cases {
            assert_eq!(hex(hash(algorithm, message).as_bytes()), expected);
        }
    }

    /// GOST R 34.11-94 appendix A (RFC 5831 section 7.3): the test S-box, 32 and 50 bytes; and the empty message.
    #[test]
    fn gost_34_311_95_uses_the_test_s_box() {
        let cases = [
            ("", "ce85b99cc46752fffee35cab9a7b0278abb4c2d2055cff685af4912c49490f8d"),
            ("This is message, length=32 bytes", "b1c466d37519b82e8319819ff32595e047a28cb6f83eff1c6916a815a637fffa"),
            (
                "Suppose the original message has length = 50 bytes",
                "471aba57a60a770d3a76130635c1fbea4ef14de51f78b4ae57dd893b62f55208",
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(hex(hash(HashAlgorithm::Gost94, message.as_bytes()).as_bytes()), expected);
        }
    }

    #[test]
    fn a_message_in_parts_has_the_digest_of_the_whole() {
        let message: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for algorithm in HashAlgorithm::ALL {
            let mut hasher = Hasher::new(algorithm);
            for part in message.chunks(37) {
                hasher.update(part);
            }
            assert_eq!(hasher.finish(), hash(algorithm, &message), "{algorithm:?}");
        }
    }

    #[test]
    fn a_digest_from_elsewhere_must_have_its_length() {
        for algorithm in HashAlgorithm::ALL {
            let length = algorithm.output_len();
            assert!(Digest::new(algorithm, &vec![7; length]).is_some());
            for wrong in [0, length - 1, length + 1] {
                assert!(Digest::new(algorithm, &vec![7; wrong]).is_none());
            }
        }
    }

    #[test]
    fn equal_bytes_of_another_hash_are_another_digest() {
        let bytes = [1; 32];
        assert_ne!(Digest::new(HashAlgorithm::Sha256, &bytes), Digest::new(HashAlgorithm::Gost94, &bytes));
    }
}
