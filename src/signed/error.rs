//! Why bytes are no signed document, and why a signature does not hold.

use crate::crypto::{AlgorithmNotAllowed, KeyError};
use crate::der::DerError;

/// Why a document cannot be read as a signed one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Reading the bytes failed: our failure or the disk's, not the document's.
    #[error("the document cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Not well-formed, or against a rule of its format.
    #[error("{0}")]
    Malformed(String),
    /// Well-formed, and without any signature.
    #[error("the document has no signature")]
    NoSignature,
    /// Beyond a budget: which, and its limit.
    #[error("more than {limit} {what}")]
    TooMuch {
        /// What there is too much of: `bytes`, `levels of nesting`, `signatures`.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// No format that is known here.
    #[error("neither CMS, XML, PDF nor a zip container")]
    UnknownFormat,
    /// A part of its format that is not supported, named.
    #[error("not supported: {0}")]
    Unsupported(String),
}

impl From<DerError> for FormatError {
    /// Budgets stay budgets; anything else is malformed.
    fn from(error: DerError) -> Self {
        let too_much = |what, limit: usize| Self::TooMuch { what, limit: limit as u64 };
        match error {
            DerError::Depth { limit } => too_much("levels of nesting", limit),
            DerError::Elements { limit } => too_much("elements", limit),
            DerError::Size { limit } => too_much("bytes", limit),
            other => Self::Malformed(other.to_string()),
        }
    }
}

impl FormatError {
    /// A malformed document.
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }
}

/// Why a signature does not hold under a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// Its algorithm or its hash is not allowed.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmNotAllowed),
    /// Something it covers is not what was signed.
    #[error("{0}")]
    Altered(String),
    /// The key that stands beside the signature without a certificate cannot be used.
    #[error("the bare key beside the signature: {0}")]
    BareKey(KeyError),
    /// The content of a detached signature was not given.
    #[error("the content that was signed was not given")]
    ContentMissing,
    /// The certificate's key cannot be used.
    #[error("the key of the certificate: {0}")]
    Key(KeyError),
    /// The value over the message does not verify.
    #[error("{0}")]
    Value(crate::crypto::SignatureError),
    /// The signature names another certificate (signingCertificate, RFC 5035).
    #[error("the signature names another certificate than this one")]
    WrongCertificate,
}
