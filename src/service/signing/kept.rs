//! Answers as they are kept: the same request under the same idempotency key is answered with the same octets again, also
//! after a crash and for as long as the retention says.
//!
//! Small documents are kept in the journal's transaction, large ones in a file beside it, which is written and flushed to the
//! disk before the entry is: whatever has an entry can be answered. A file without an entry was never answered; it is removed
//! at the next start.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::original::{Made, digest};
use crate::clock::Time;
use crate::crypto::{from_hexadecimal, hexadecimal};
use crate::journal::{AnswerKey, Receipt};
use crate::service::SharedFile;
use crate::signed::Document;

/// Octets of a document that are kept in the journal's database.
const INLINE: u64 = 1 << 20;

/// A signed document with what is told about it.
#[derive(Debug)]
pub struct Issued {
    /// The document.
    pub document: Made,
    /// What is told.
    pub facts: IssuedSummary,
    /// Where it is in the journal.
    pub receipt: Receipt,
    /// Whether it was signed before, and this is the same answer again.
    pub replayed: bool,
}

/// What is told about a signed document.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct IssuedSummary {
    /// The certificate of the official, base64 of the DER.
    pub certificate: String,
    /// When it was signed: the time of the timestamp, else that of the service's clock.
    pub signed_at: Time,
    /// The level that was proved: `B`, `T`.
    pub level: String,
    /// Whether the key is the demo's, which is public: the document is worth nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// Things to point out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    facts: IssuedSummary,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    /// Base64.
    Inline(String),
    /// A file of that many octets with that SHA-256, in hexadecimal.
    File { octets: u64, sha256: String },
}

/// Where large answers are kept.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where files without a name are made.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, key: AnswerKey) -> PathBuf {
        self.folder.join(format!("{}.signed", hexadecimal(&key.0)))
    }

    /// Puts a document away, durably, and tells what the journal has to keep of it. Blocking.
    pub(super) fn keep(&self, key: AnswerKey, made: &Made, facts: &IssuedSummary) -> io::Result<Vec<u8>> {
        let place = match made.document() {
            Document::Bytes(bytes) if made.octets() <= INLINE => Place::Inline(STANDARD.encode(bytes)),
            document => {
                self.write(key, document)?;
                Place::File { octets: made.octets(), sha256: hexadecimal(&digest(made.document())?) }
            }
        };
        serde_json::to_vec(&Kept { facts: facts.clone(), place }).map_err(io::Error::other)
    }

    fn write(&self, key: AnswerKey, document: Document<'_>) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        match document {
            Document::Bytes(mut bytes) => io::copy(&mut bytes, &mut file)?,
            Document::Stream(stream) => io::copy(&mut stream.open()?, &mut file)?,
        };
        file.as_file().sync_all()?;
        file.persist(self.path(key)).map_err(|error| error.error)?;
        // The name has to last, too.
        File::open(&self.folder)?.sync_all()
    }

    /// An answer that was kept. Blocking.
    pub(super) fn take(&self, key: AnswerKey, body: &[u8], receipt: Receipt) -> io::Result<Issued> {
        let kept: Kept = serde_json::from_slice(body).map_err(io::Error::other)?;
        let document = match kept.place {
            Place::Inline(text) => Made::Memory(STANDARD.decode(text).map_err(io::Error::other)?),
            Place::File { octets, sha256 } => {
                let file = File::open(self.path(key))?;
                let made = Made::of_file(SharedFile::new(file), octets);
                // What is handed out again is what was signed, or nothing.
                if hexadecimal(&digest(made.document())?) != sha256 {
                    return Err(io::Error::other("a kept answer was altered on the disk"));
                }
                made
            }
        };
        Ok(Issued { document, facts: kept.facts, receipt, replayed: true })
    }

    /// The keys of every file, for removing those that no entry knows. Blocking.
    pub(super) fn keys(&self) -> io::Result<Vec<AnswerKey>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut keys = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".signed"));
            keys.extend(stem.and_then(from_hexadecimal).map(AnswerKey));
        }
        Ok(keys)
    }

    /// Removes a file. Blocking.
    pub(super) fn remove(&self, key: AnswerKey) -> io::Result<()> {
        fs::remove_file(self.path(key))
    }
}

/// The document as base64 in pieces, for an answer that is written as it is read.
pub struct Base64Pieces<'a> {
    reader: Box<dyn Read + 'a>,
    /// Octets that did not make up a group of three.
    rest: Vec<u8>,
    done: bool,
}

impl<'a> Base64Pieces<'a> {
    /// Of what is read.
    #[must_use]
    pub fn new(reader: Box<dyn Read + 'a>) -> Self {
        Self { reader, rest: Vec::new(), done: false }
    }
}

/// Octets that are read at a time: a multiple of three.
const PIECE: u64 = 192 * 1024;

impl Iterator for Base64Pieces<'_> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let wanted = PIECE - self.rest.len() as u64;
        if let Err(error) = self.reader.by_ref().take(wanted).read_to_end(&mut self.rest) {
            self.done = true;
            return Some(Err(error));
        }
        self.done = (self.rest.len() as u64) < PIECE;
        let text = STANDARD.encode(&self.rest);
        self.rest.clear();
        (!text.is_empty()).then_some(Ok(text))
    }
}

/// A document as base64, whole.
pub(super) fn whole_in_base64(reader: Box<dyn Read + '_>) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(super::MAX_WAITING_OCTETS).read_to_end(&mut bytes)?;
    Ok(STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> IssuedSummary {
        IssuedSummary {
            certificate: "AA==".into(),
            signed_at: Time::from_unix(5),
            level: "B".into(),
            demo: true,
            warnings: vec!["w".into()],
        }
    }

    fn receipt() -> Receipt {
        Receipt { sequence: 7, hash: [7; 32] }
    }

    #[test]
    fn small_and_large_answers_come_back_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().join("answers"));
        for size in [0, 1, INLINE as usize, INLINE as usize + 1] {
            let key = AnswerKey([size as u8; 32]);
            let document: Vec<u8> = (0..size).map(|index| (index % 251) as u8).collect();
            let body = shelf.keep(key, &Made::Memory(document.clone()), &facts()).unwrap();
            let issued = shelf.take(key, &body, receipt()).unwrap();
            assert_eq!(issued.facts, facts());
            let mut bytes = Vec::new();
            match issued.document.document() {
                Document::Bytes(whole) => bytes.extend_from_slice(whole),
                Document::Stream(stream) => {
                    stream.open().unwrap().read_to_end(&mut bytes).unwrap();
                }
            }
            assert!(bytes == document, "{size}");
        }
        assert_eq!(shelf.keys().unwrap().len(), 1);
    }

    #[test]
    fn an_answer_that_was_altered_on_the_disk_is_not_handed_out() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().to_owned());
        let key = AnswerKey([1; 32]);
        let body = shelf.keep(key, &Made::Memory(vec![1; INLINE as usize + 1]), &facts()).unwrap();
        fs::write(shelf.path(key), vec![2; INLINE as usize + 1]).unwrap();
        assert!(shelf.take(key, &body, receipt()).is_err());
        shelf.remove(key).unwrap();
        assert!(shelf.take(key, &body, receipt()).is_err(), "and one that is gone neither");
    }

    #[test]
    fn base64_in_pieces_is_that_of_the_whole() {
        for size in [0, 1, 2, 3, 1000, 192 * 1024 - 1, 192 * 1024, 192 * 1024 + 1, 400_000] {
            let bytes: Vec<u8> = (0..size).map(|index| (index % 253) as u8).collect();
            let text: String = Base64Pieces::new(Box::new(&bytes[..])).map(Result::unwrap).collect();
            assert!(text == STANDARD.encode(&bytes), "{size}");
        }
    }
}
