//! Timestamp tokens as they lie in a document, with what they must be over.

use crate::crypto::{Digest, HashAlgorithm, hash};

/// What a timestamp is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TimestampKind {
    /// Over everything before it: signature, evidence, earlier timestamps (`archiveTimestamp`, `DocTimeStamp`).
    Archive,
    /// Over the content, before it was signed.
    Content,
    /// Over the signature value.
    Signature,
}

impl TimestampKind {
    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Content => "content",
            Self::Signature => "signature",
        }
    }
}

/// What the imprint of a timestamp must be the digest of.
#[derive(Clone)]
pub enum Covered {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Bytes of which only digests are kept, by the algorithms the token could have.
    Digests(Vec<Digest>),
    /// What it covers cannot be told here, with the reason: the timestamp proves nothing.
    Unknown(&'static str),
}

impl Covered {
    /// The digest by an algorithm, if it can be had.
    #[must_use]
    pub fn digest(&self, algorithm: HashAlgorithm) -> Option<Digest> {
        match self {
            Self::Bytes(bytes) => Some(hash(algorithm, bytes)),
            Self::Digests(digests) => digests.iter().find(|digest| digest.algorithm() == algorithm).copied(),
            Self::Unknown(_) => None,
        }
    }
}

impl std::fmt::Debug for Covered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Digests(digests) => write!(f, "Digests({digests:?})"),
            Self::Unknown(why) => write!(f, "Unknown({why})"),
        }
    }
}

/// A timestamp token (RFC 3161) inside a document, unread.
#[derive(Clone, Debug)]
pub struct TimestampToken {
    /// What it is about.
    pub kind: TimestampKind,
    /// DER or BER of the `ContentInfo`.
    pub token: Vec<u8>,
    /// What its imprint must be over.
    pub covered: Covered,
    /// Whether that has all the evidence in it that travels with the signature: what level LTA takes.
    pub over_evidence: bool,
}
