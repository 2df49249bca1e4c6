//! Content: where it comes from, its digest, and its octets when the message is written.

use std::borrow::Cow;
use std::io::{BufReader, Read as _, Write};

use super::super::read::BUFFER;
use super::super::walker::walk;
use crate::crypto::{Digest, HashAlgorithm, Hasher, hash};
use crate::signed::{Detached, MakeError, Reopen};

/// The content inside a message that is written.
pub(super) enum Enclosed<'a> {
    /// None: the message is detached.
    Absent,
    /// In memory.
    Bytes(Cow<'a, [u8]>, Digest),
    /// Read again when the message is written, and compared with what was hashed.
    Stream(Stream<'a>),
}

/// Content that is not held.
pub(super) struct Stream<'a> {
    /// What to read.
    pub source: &'a dyn Reopen,
    /// Whether that is a message, with the content inside; else it is the content.
    pub in_message: bool,
    /// Octets of the content.
    pub length: u64,
    /// Its digest.
    pub digest: Digest,
}

impl Enclosed<'_> {
    /// Its digest, by the hash that it was read with.
    pub fn digest(&self, algorithm: HashAlgorithm) -> Option<Digest> {
        match self {
            Self::Absent => None,
            Self::Bytes(_, digest) => Some(*digest),
            Self::Stream(stream) => Some(stream.digest),
        }
        .filter(|digest| digest.algorithm() == algorithm)
    }

    /// Octets of it; `None` where there is none.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Absent => None,
            Self::Bytes(bytes, _) => Some(bytes.len() as u64),
            Self::Stream(stream) => Some(stream.length),
        }
    }

    /// Writes the octets.
    pub fn copy(&self, out: &mut dyn Write) -> Result<(), MakeError> {
        match self {
            Self::Absent => Ok(()),
            Self::Bytes(bytes, _) => Ok(out.write_all(bytes)?),
            Self::Stream(stream) => stream.copy(out),
        }
    }
}

/// Content that goes inside a new message.
pub(super) fn enclose(content: Detached<'_>, algorithm: HashAlgorithm) -> Result<Enclosed<'_>, MakeError> {
    match content {
        Detached::Absent => Err(nothing_to_sign()),
        Detached::Bytes(bytes) => Ok(Enclosed::Bytes(Cow::Borrowed(bytes), hash(algorithm, bytes))),
        Detached::Digests(_) => Err(MakeError::Document(
            "only a digest of the content is at hand, so it cannot be put inside: sign detached".to_owned(),
        )),
        Detached::Stream(source) => {
            let (length, digest) = hash_stream(source, algorithm)?;
            Ok(Enclosed::Stream(Stream { source, in_message: false, length, digest }))
        }
    }
}

/// The digest of content that stays outside.
pub(super) fn digest(content: Detached<'_>, algorithm: HashAlgorithm) -> Result<Digest, MakeError> {
    match content {
        Detached::Absent => Err(nothing_to_sign()),
        Detached::Bytes(bytes) => Ok(hash(algorithm, bytes)),
        Detached::Digests(digests) => {
            let own = digests.iter().find(|digest| digest.algorithm() == algorithm).copied();
            own.ok_or_else(|| MakeError::Document(format!("this key signs a digest by {algorithm}; none is given")))
        }
        Detached::Stream(source) => Ok(hash_stream(source, algorithm)?.1),
    }
}

fn nothing_to_sign() -> MakeError {
    MakeError::Document("there is no content to sign".to_owned())
}

fn hash_stream(source: &dyn Reopen, algorithm: HashAlgorithm) -> Result<(u64, Digest), MakeError> {
    let mut passage = Passage::new(algorithm, None);
    read_all(source, &mut passage)?;
    passage.finish()
}

fn read_all(source: &dyn Reopen, passage: &mut Passage<'_>) -> Result<(), MakeError> {
    let mut reader = source.open()?;
    let mut piece = vec![0; BUFFER];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => passage.take(piece.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
        if passage.failure.is_some() {
            return Ok(());
        }
    }
}

impl Stream<'_> {
    fn copy(&self, out: &mut dyn Write) -> Result<(), MakeError> {
        let mut passage = Passage::new(self.digest.algorithm(), Some((out, self.length)));
        let passage = if self.in_message {
            let reader = BufReader::with_capacity(BUFFER, self.source.open()?);
            walk(reader, |_| passage, |passage, piece| passage.take(piece))?.1
        } else {
            read_all(self.source, &mut passage)?;
            passage
        };
        if passage.finish()? == (self.length, self.digest) { Ok(()) } else { Err(changed()) }
    }
}

fn changed() -> MakeError {
    std::io::Error::other("the document changed while it was signed").into()
}

/// Octets that pass by: counted, hashed, and perhaps written.
pub(super) struct Passage<'o> {
    hasher: Hasher,
    length: u64,
    /// Where to, and how many octets at most.
    out: Option<(&'o mut dyn Write, u64)>,
    failure: Option<MakeError>,
}

impl<'o> Passage<'o> {
    pub fn new(algorithm: HashAlgorithm, out: Option<(&'o mut dyn Write, u64)>) -> Self {
        Self { hasher: Hasher::new(algorithm), length: 0, out, failure: None }
    }

    /// Takes the next piece. What goes wrong is told at the end.
    pub fn take(&mut self, piece: &[u8]) {
        self.length += piece.len() as u64;
        self.hasher.update(piece);
        if let Some((out, most)) = &mut self.out
            && self.failure.is_none()
        {
            // Never more than the header says.
            let written =
                if self.length > *most { Err(changed()) } else { out.write_all(piece).map_err(MakeError::from) };
            self.failure = written.err();
        }
    }

    /// How many octets there were, and their digest.
    pub fn finish(self) -> Result<(u64, Digest), MakeError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok((self.length, self.hasher.finish())),
        }
    }
}
