//! What every format needs to make a signature: who signs, and what is said beside it.
//!
//! Making goes in two steps, so that a timestamp can be fetched between them without any format knowing the network: a
//! format's `sign` returns a [`Draft`], which has the signature value and takes the token; [`Draft::write`] writes the document.

use super::error::FormatError;
use crate::clock::Time;
use crate::crypto::{SignError, SignatureAlgorithm};
use crate::x509::Certificate;

/// A certificate with its private key, wherever that is: in memory, in a token, in an HSM.
pub trait Signer: Send + Sync {
    /// The certificate that signatures name.
    fn certificate(&self) -> &Certificate;
    /// What it signs with.
    fn algorithm(&self) -> SignatureAlgorithm;
    /// Signs a message: hashes it with the algorithm's hash, unless the algorithm takes the message itself. Blocking.
    /// What is returned has been verified under the certificate's key.
    ///
    /// # Errors
    /// [`SignError`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// What an issued document is about, to be signed with it where the format has a place for it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IssuedFacts {
    /// Kind of document: `licence`, `annex`, `reissue`, `duplicate` or `refusal`.
    pub kind: String,
    /// Slug of the service.
    pub service: String,
    /// Number of the document.
    pub number: String,
    /// IIN or BIN of the holder, twelve digits.
    pub holder: String,
}

/// What is said beside a signature, and signed with it.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The moment that the signer claims.
    pub signing_time: Time,
    /// Certificates of authorities to be put beside the signer's own.
    pub chain: &'a [Certificate],
    /// Facts of an issued document.
    pub facts: Option<&'a IssuedFacts>,
}

/// A signature that is made, before a timestamp.
pub trait Draft: Send {
    /// What a timestamp is over: the value of the new signature (RFC 5126 section 6.1.1, EN 319 132-1 clause 5.3).
    fn stamped(&self) -> &[u8];
    /// The value of the new signature, octet for octet as [`Signature::value`](super::Signature::value) has it when the
    /// document is read again: by it the new one is found among those that were there. Empty where no signature is new and
    /// only a timestamp is added. Not always [`Self::stamped`]: of XML the element around the value is stamped.
    fn value(&self) -> &[u8];
    /// Writes the signed document, with the timestamp token over [`Self::stamped`] where there is one. What is large is read
    /// again from where it is and never held in memory as a whole, if the format allows. What was written before an error
    /// is worth nothing.
    ///
    /// # Errors
    /// [`MakeError`]: reading, writing, a token too large for the place reserved.
    fn write(self: Box<Self>, token: Option<&[u8]>, out: &mut dyn std::io::Write) -> Result<(), MakeError>;
}

/// Why a signature is not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MakeError {
    /// The document cannot be signed in that format: why, in plain words.
    #[error("the document cannot be signed so: {0}")]
    Document(String),
    /// What was to be signed in addition cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The key.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The timestamp token does not fit into the place reserved for it, in octets.
    #[error("the timestamp token needs {needed} octets, {reserved} are reserved")]
    TokenTooLarge {
        /// Octets of the token.
        needed: usize,
        /// Octets reserved.
        reserved: usize,
    },
}
