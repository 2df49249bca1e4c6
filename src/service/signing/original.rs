//! What is signed, and what came out: in memory, or in files.

use std::io::{self, Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

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
    /// Octets of a piece: a multiple of three, so that the pieces' base64 is that of the whole.
    pub const PIECE: u64 = 192 * 1024;

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

    /// A piece of it in base64, from an octet on that is a multiple of [`Self::PIECE`]; nothing after the end. Blocking.
    ///
    /// # Errors
    ///
    /// What the system says; a file that is shorter than it was.
    pub fn base64_piece(&self, offset: u64) -> io::Result<Option<String>> {
        let left = self.octets().saturating_sub(offset).min(Self::PIECE);
        let Ok(length) = usize::try_from(left) else { return Ok(None) };
        if length == 0 {
            return Ok(None);
        }
        let mut piece = vec![0; length];
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let from = bytes.get(start..start.saturating_add(length)).unwrap_or_default();
                piece.clear();
                piece.extend_from_slice(from);
            }
            Self::File(made) => {
                if made.file.read_from(offset, &mut piece)? < length {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        }
        Ok(Some(STANDARD.encode(piece)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_document_make_the_base64_of_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        for size in [0, 1, 2, 3, 1000, 192 * 1024 - 1, 192 * 1024, 192 * 1024 + 1, 400_000] {
            let bytes: Vec<u8> = (0..size).map(|index| (index % 253) as u8).collect();
            let mut file = tempfile::tempfile_in(folder.path()).unwrap();
            file.write_all(&bytes).unwrap();
            let made = [Made::Memory(bytes.clone()), Made::of_file(SharedFile::new(file), bytes.len() as u64)];
            for made in made {
                let offsets = (0..).map(|piece| piece * Made::PIECE);
                let pieces: String = offsets.map_while(|offset| made.base64_piece(offset).unwrap()).collect();
                assert!(pieces == STANDARD.encode(&bytes), "{size}");
            }
        }
    }

    #[test]
    fn a_file_that_was_cut_is_an_error_and_not_a_shorter_document() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = tempfile::tempfile_in(folder.path()).unwrap();
        file.write_all(&[1; 100]).unwrap();
        assert!(Made::of_file(SharedFile::new(file), 101).base64_piece(0).is_err());
    }
}
