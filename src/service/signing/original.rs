//! What is signed, and what came out: in memory, or in files.

use std::io::{self, Read, Write};
use std::path::Path;

use crate::crypto::{HashAlgorithm, Hasher};
use crate::service::SharedFile;
use crate::signed::{Detached, Document};

/// A document that was handed over to be signed.
pub trait Original: Send + Sync {
    /// It, to be read.
    fn document(&self) -> Document<'_>;
    /// Its length in octets.
    fn octets(&self) -> u64;
}

impl Original for Vec<u8> {
    fn document(&self) -> Document<'_> {
        Document::Bytes(self)
    }

    fn octets(&self) -> u64 {
        self.len() as u64
    }
}

/// A signed document: in memory when the original was, else in a file without a name.
#[derive(Debug)]
pub enum Made {
    /// Whole.
    Memory(Vec<u8>),
    /// In a file.
    File(MadeFile),
}

/// A file without a name: gone when it is closed.
#[derive(Debug)]
pub struct MadeFile {
    file: SharedFile,
    length: u64,
}

impl Made {
    /// A place for what is about to be made of an original.
    pub(super) fn place(original: &dyn Original, folder: &Path) -> io::Result<Self> {
        Ok(match original.document() {
            Document::Bytes(_) => Self::Memory(Vec::new()),
            Document::Stream(_) => {
                std::fs::create_dir_all(folder)?;
                Self::File(MadeFile { file: SharedFile::new(tempfile::tempfile_in(folder)?), length: 0 })
            }
        })
    }

    /// A document that lies in a file of that length.
    pub(super) const fn of_file(file: SharedFile, length: u64) -> Self {
        Self::File(MadeFile { file, length })
    }

    /// It, to be read.
    #[must_use]
    pub fn document(&self) -> Document<'_> {
        match self {
            Self::Memory(bytes) => Document::Bytes(bytes),
            Self::File(made) => Document::Stream(&made.file),
        }
    }

    /// Its length in octets.
    #[must_use]
    pub fn octets(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(made) => made.length,
        }
    }
}

impl Write for Made {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.write(piece),
            Self::File(made) => {
                let written = made.file.file().write(piece)?;
                made.length += written as u64;
                Ok(written)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File(made) => made.file.file().flush(),
        }
    }
}

/// As the content of a detached signature.
pub(super) fn as_content(document: Document<'_>) -> Detached<'_> {
    match document {
        Document::Bytes(bytes) => Detached::Bytes(bytes),
        Document::Stream(stream) => Detached::Stream(stream),
    }
}

/// SHA-256 of a document, read from where it is.
pub(super) fn digest(document: Document<'_>) -> io::Result<[u8; 32]> {
    let stream = match document {
        Document::Bytes(bytes) => return Ok(crate::crypto::sha256(bytes)),
        Document::Stream(stream) => stream,
    };
    let (mut reader, mut hasher) = (stream.open()?, Hasher::new(HashAlgorithm::Sha256));
    let mut piece = vec![0; 256 * 1024];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => hasher.update(piece.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let digest = hasher.finish();
    digest.as_bytes().try_into().map_err(|_| io::Error::other("a digest of another length"))
}
