//! The digests that signatures use, fed piece by piece, so that a list of a hundred megabytes needs no second copy.

use gost94::Gost94Test;
use ring::digest;
use streebog::{Digest as _, Streebog256, Streebog512};

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// GOST 34.11-95 with the test S-box, as Kazakh GOST-2004 certificates use it.
    Gost95,
    /// SHA-1: broken, minted so that its refusal can be tested.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// Streebog with 256 bits of output (RFC 6986).
    Streebog256,
    /// Streebog with 512 bits of output (RFC 6986).
    Streebog512,
}

impl Hash {
    /// The digest of one message, in the algorithm's own output order.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        let mut hasher = self.hasher();
        hasher.update(message);
        hasher.finish()
    }

    /// A running digest.
    pub fn hasher(self) -> Hasher {
        match self {
            Hash::Gost95 => Hasher::Gost95(Box::default()),
            Hash::Streebog256 => Hasher::Streebog256(Box::default()),
            Hash::Streebog512 => Hasher::Streebog512(Box::default()),
            Hash::Sha1 => Hasher::Sha(Box::new(digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY))),
            Hash::Sha256 => Hasher::Sha(Box::new(digest::Context::new(&digest::SHA256))),
            Hash::Sha384 => Hasher::Sha(Box::new(digest::Context::new(&digest::SHA384))),
            Hash::Sha512 => Hasher::Sha(Box::new(digest::Context::new(&digest::SHA512))),
        }
    }

    /// The digest's OID.
    pub fn oid(self) -> &'static str {
        match self {
            Hash::Gost95 => "1.2.398.3.10.1.3.1",
            Hash::Sha1 => "1.3.14.3.2.26",
            Hash::Sha256 => "2.16.840.1.101.3.4.2.1",
            Hash::Sha384 => "2.16.840.1.101.3.4.2.2",
            Hash::Sha512 => "2.16.840.1.101.3.4.2.3",
            Hash::Streebog256 => "1.2.398.3.10.1.3.2",
            Hash::Streebog512 => "1.2.398.3.10.1.3.3",
        }
    }

    /// The OID of RSA PKCS#1 v1.5 with this digest; `None` for the GOST digests.
    pub fn rsa_oid(self) -> Option<&'static str> {
        match self {
            Hash::Sha1 => Some("1.2.840.113549.1.1.5"),
            Hash::Sha256 => Some("1.2.840.113549.1.1.11"),
            Hash::Sha384 => Some("1.2.840.113549.1.1.12"),
            Hash::Sha512 => Some("1.2.840.113549.1.1.13"),
            Hash::Gost95 | Hash::Streebog256 | Hash::Streebog512 => None,
        }
    }
}

/// A digest on its way.
pub enum Hasher {
    /// See [`Hash::Gost95`].
    Gost95(Box<Gost94Test>),
    /// One of the SHA family, by ring.
    Sha(Box<digest::Context>),
    /// See [`Hash::Streebog256`].
    Streebog256(Box<Streebog256>),
    /// See [`Hash::Streebog512`].
    Streebog512(Box<Streebog512>),
}

impl Hasher {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        match self {
            Hasher::Gost95(state) => state.update(piece),
            Hasher::Sha(state) => state.update(piece),
            Hasher::Streebog256(state) => state.update(piece),
            Hasher::Streebog512(state) => state.update(piece),
        }
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Vec<u8> {
        match self {
            Hasher::Gost95(state) => state.finalize().to_vec(),
            Hasher::Sha(state) => state.finish().as_ref().to_vec(),
            Hasher::Streebog256(state) => state.finalize().to_vec(),
            Hasher::Streebog512(state) => state.finalize().to_vec(),
        }
    }
}
