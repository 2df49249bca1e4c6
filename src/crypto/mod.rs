//! Hashes, algorithm identifiers, public keys and signatures.
//!
//! A [`PublicKey`] is made from a `SubjectPublicKeyInfo` only, and is checked when it is made. A signature is verified by
//! [`PublicKey::verify`] under a [`SignatureAlgorithm`], which exists only for what is allowed. RSA, ECDSA, Ed25519 and
//! SHA-2 are ring's, GOST 34.311-95 is `RustCrypto`'s, the GOST curves (`gost`) and Streebog on recent processors
//! (`streebog`) are our own.

mod algorithm;
mod algorithm_identifier;
mod digest;
mod gost;
mod hash_algorithm;
mod hexadecimal;
mod key;
mod key_algorithm;
mod named_by_key;
#[cfg(test)]
mod over_digests;
mod rsa;
mod signing_key;
mod spki;
mod streebog;
#[cfg(test)]
mod tests;

pub use algorithm::{AlgorithmNotAllowed, SignatureAlgorithm};
pub use algorithm_identifier::AlgorithmIdentifier;
pub use digest::{Digest, Hasher, hash, sha1_of_certificate, sha256};
pub use hash_algorithm::HashAlgorithm;
pub use hexadecimal::{from_hexadecimal, hexadecimal};
pub use key::{PublicKey, SignatureError};
pub use key_algorithm::KeyAlgorithm;
pub use named_by_key::SignerAlgorithmError;
pub use signing_key::{SignError, SigningKey, SigningKeyError};
pub use spki::KeyError;
