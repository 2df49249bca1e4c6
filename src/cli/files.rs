//! Documents and contents out of files: held in memory, or read as streams where they are large.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::input;
use super::status::Failure;
use crate::service::SharedFile;
use crate::signed::{Detached, Document, Reopen as _};

/// What is read as a stream, where it can be: CMS beyond this is content, not signatures.
const STREAMED: u64 = 64 << 20;
/// Largest document that has to be held in memory: XML, PDF, containers, armoured CMS.
const MAX_HELD: usize = 512 << 20;
/// First octet of CMS as it is: the only format whose documents are read as streams.
const SEQUENCE: u8 = 0x30;

/// Bytes of a file.
pub enum Bytes {
    /// In memory.
    Held(Vec<u8>),
    /// To be read from the file.
    Streamed(SharedFile),
}

impl Bytes {
    /// A document; `held` keeps it in memory whatever it is.
    pub fn document(path: &Path, held: bool) -> Result<Self, Failure> {
        if !held && let Some(file) = large("", path)? {
            let mut first = [0];
            let mut reader = file.try_clone().map_err(|error| unread("", path, &error))?;
            reader.read_exact(&mut first).map_err(|error| unread("", path, &error))?;
            if first == [SEQUENCE] {
                return Ok(Self::Streamed(SharedFile::new(file)));
            }
        }
        input::read("", path, MAX_HELD).map(Self::Held)
    }

    /// The content of a detached signature, which may be empty.
    pub fn content(path: &Path) -> Result<Self, Failure> {
        Self::any("--content", path)
    }

    /// Anything, which may be empty; as a stream where it is large.
    pub fn any(option: &str, path: &Path) -> Result<Self, Failure> {
        match large(option, path)? {
            Some(file) => Ok(Self::Streamed(SharedFile::new(file))),
            None => input::read_any(option, path, MAX_HELD).map(Self::Held),
        }
    }

    /// All of them, read once more where they are not in memory.
    pub fn read(&self, option: &str) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Held(bytes) => Ok(bytes.clone()),
            Self::Streamed(file) => {
                let mut bytes = Vec::new();
                let read = file.open().and_then(|stream| stream.take(MAX_HELD as u64 + 1).read_to_end(&mut bytes));
                match read {
                    Ok(_) if bytes.len() > MAX_HELD => {
                        Err(Failure::new(option, "the content is too long to be written again"))
                    }
                    Ok(_) => Ok(bytes),
                    Err(error) => Err(Failure::new(option, format!("cannot be read: {error}"))),
                }
            }
        }
    }

    /// As the reader of documents takes it.
    pub fn as_document(&self) -> Document<'_> {
        match self {
            Self::Held(bytes) => Document::Bytes(bytes),
            Self::Streamed(file) => Document::Stream(file),
        }
    }

    /// As the content of a detached signature.
    pub fn as_content(&self) -> Detached<'_> {
        match self {
            Self::Held(bytes) => Detached::Bytes(bytes),
            Self::Streamed(file) => Detached::Stream(file),
        }
    }
}

/// The file, if it is one that is large.
fn large(option: &str, path: &Path) -> Result<Option<File>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(None);
    }
    let file = File::open(path).map_err(|error| unread(option, path, &error))?;
    let metadata = file.metadata().map_err(|error| unread(option, path, &error))?;
    Ok((metadata.is_file() && metadata.len() > STREAMED).then_some(file))
}

fn unread(option: &str, path: &Path, error: &std::io::Error) -> Failure {
    input::unread(option, path, MAX_HELD, error)
}
