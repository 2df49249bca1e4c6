//! Where bytes come from: a document, the content beside it, the message under a signature.

use std::io::{self, Read};
use std::sync::Arc;

use crate::crypto::Digest;

/// Something that can be read from its beginning any number of times, such as a file: documents too large to hold.
pub trait Reopen: Sync {
    /// Starts reading from the beginning.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being read.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

/// The document asked about.
#[derive(Clone, Copy)]
pub enum Document<'a> {
    /// Held in memory.
    Bytes(&'a [u8]),
    /// Too large for that. Only CMS and containers that say so are read like this.
    Stream(&'a dyn Reopen),
}

/// The content of a detached signature. It is part of the question: without it a detached signature never holds.
#[derive(Clone, Copy, Default)]
pub enum Detached<'a> {
    /// None was given.
    #[default]
    Absent,
    /// Held in memory.
    Bytes(&'a [u8]),
    /// Only its digests are known, each by another algorithm.
    Digests(&'a [Digest]),
    /// Too large for memory.
    Stream(&'a dyn Reopen),
}

impl std::fmt::Debug for Document<'_> {
    /// The size at most: documents end up in logs through `Debug`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl std::fmt::Debug for Detached<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Digests(digests) => write!(f, "Digests({})", digests.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// What a signature value is made over.
#[derive(Clone)]
pub enum Message {
    /// The exact bytes: signed attributes in DER, canonical `SignedInfo`, or the content itself.
    Bytes(Vec<u8>),
    /// The same, shared by several signatures: content without signed attributes.
    Shared(Arc<[u8]>),
    /// Content without signed attributes that was read as a stream, or of which only the digest is known. Ed25519 needs the
    /// bytes.
    Digest(Digest),
    /// There is none: a detached signature without its content.
    Missing,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Shared(bytes) => write!(f, "Shared({})", bytes.len()),
            Self::Digest(digest) => write!(f, "Digest({digest:?})"),
            Self::Missing => f.write_str("Missing"),
        }
    }
}
