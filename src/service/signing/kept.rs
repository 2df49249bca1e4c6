//! Answers as they are kept: the same request under the same idempotency key is answered with the same octets again, also
//! after a crash and for as long as the retention says.
//!
//! Small documents are kept in the journal's transaction, large ones in a file beside it, which is written and flushed to the
//! disk before the entry is: whatever has an entry can be answered. A file without an entry was never answered; it is removed
//! at the next start.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::original::{Made, Original, digest};
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

/// Where large answers are kept, and documents that wait for a second person.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    /// Octets that may lie here.
    limit: u64,
}

/// A file of the shelf.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Shelved {
    pub key: AnswerKey,
    pub path: PathBuf,
    /// Whether it waits, rather than being an answer.
    pub waits: bool,
}

/// Ends of names. A signed document is called by its key and the beginning of its digest: one that is made again never takes
/// the place of one that was answered.
const SIGNED: &str = ".signed";
const WAITING: &str = ".waiting";
/// How unfinished files begin.
const UNFINISHED: &str = ".unfinished-";

impl Shelf {
    pub(super) fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit }
    }

    /// Where files without a name are made.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, key: AnswerKey, sha256: &str) -> PathBuf {
        let digest = sha256.get(..16).unwrap_or(sha256);
        self.folder.join(format!("{}-{digest}{SIGNED}", hexadecimal(&key.0)))
    }

    fn waiting_path(&self, key: AnswerKey, part: WaitingPart) -> PathBuf {
        self.folder.join(format!("{}-{}{WAITING}", hexadecimal(&key.0), part.as_str()))
    }

    /// Puts a document away, durably, and tells what the journal has to keep of it. Blocking.
    pub(super) fn keep(&self, key: AnswerKey, made: &Made, facts: &IssuedSummary) -> io::Result<Vec<u8>> {
        let place = match made.document() {
            Document::Bytes(bytes) if made.octets() <= INLINE => Place::Inline(STANDARD.encode(bytes)),
            document => {
                let sha256 = hexadecimal(&digest(document)?);
                self.write(&self.path(key, &sha256), document, made.octets())?;
                Place::File { octets: made.octets(), sha256 }
            }
        };
        serde_json::to_vec(&Kept { facts: facts.clone(), place }).map_err(io::Error::other)
    }

    /// Puts a document away that waits, durably. Blocking.
    pub(super) fn keep_waiting(&self, key: AnswerKey, part: WaitingPart, original: &dyn Original) -> io::Result<()> {
        self.write(&self.waiting_path(key, part), original.document(), original.octets())
    }

    /// A document that waits. Blocking.
    pub(super) fn take_waiting(&self, key: AnswerKey, part: WaitingPart) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(self.waiting_path(key, part))?;
        // One octet more would be another document, whose digest does not fit.
        file.take(super::MAX_WAITING_OCTETS + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Removes what waited under a key. Blocking.
    pub(super) fn forget_waiting(&self, key: AnswerKey) {
        for part in [WaitingPart::Document, WaitingPart::Content] {
            match fs::remove_file(self.waiting_path(key, part)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, "a document that waited cannot be removed");
                }
                _ => {}
            }
        }
    }

    fn write(&self, path: &Path, document: Document<'_>, octets: u64) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        if self.used()?.saturating_add(octets) > self.limit {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, "signing.answers_bytes is used up"));
        }
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
        match document {
            Document::Bytes(mut bytes) => io::copy(&mut bytes, &mut file)?,
            Document::Stream(stream) => io::copy(&mut stream.open()?, &mut file)?,
        };
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        // The name has to last, too.
        File::open(&self.folder)?.sync_all()
    }

    fn used(&self) -> io::Result<u64> {
        let mut sum = 0_u64;
        for entry in fs::read_dir(&self.folder)? {
            // A file that was removed meanwhile takes nothing.
            sum = sum.saturating_add(entry?.metadata().map_or(0, |metadata| metadata.len()));
        }
        Ok(sum)
    }

    /// An answer that was kept. Blocking.
    pub(super) fn take(&self, key: AnswerKey, body: &[u8], receipt: Receipt) -> io::Result<Issued> {
        let kept: Kept = serde_json::from_slice(body).map_err(io::Error::other)?;
        let document = match kept.place {
            Place::Inline(text) => Made::Memory(STANDARD.decode(text).map_err(io::Error::other)?),
            Place::File { octets, sha256 } => {
                let file = File::open(self.path(key, &sha256))?;
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

    /// Whether a file is the document of that answer.
    pub(super) fn belongs(&self, shelved: &Shelved, body: &[u8]) -> bool {
        let kept = serde_json::from_slice::<Kept>(body).map(|kept| kept.place);
        matches!(kept, Ok(Place::File { sha256, .. }) if self.path(shelved.key, &sha256) == shelved.path)
    }

    /// Every finished file. Unfinished ones are removed, if they are of a process that is gone. Blocking.
    pub(super) fn files(&self, started: SystemTime) -> io::Result<Vec<Shelved>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.starts_with(UNFINISHED) {
                if entry.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|at| at < started) {
                    fs::remove_file(entry.path())?;
                }
                continue;
            }
            let waits = name.ends_with(WAITING);
            let key = name.get(..64).and_then(from_hexadecimal).map(AnswerKey);
            if let Some(key) = key.filter(|_| waits || name.ends_with(SIGNED)) {
                files.push(Shelved { key, path: entry.path(), waits });
            }
        }
        Ok(files)
    }
}

/// A document that waits, or the content of the signature beside which it gets one more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum WaitingPart {
    Content,
    Document,
}

impl WaitingPart {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Document => "document",
        }
    }
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
        let shelf = Shelf::new(folder.path().join("answers"), 1 << 30);
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
        assert_eq!(shelf.files(SystemTime::UNIX_EPOCH).unwrap().len(), 1);
    }

    #[test]
    fn an_answer_that_was_altered_on_the_disk_is_not_handed_out() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().to_owned(), 1 << 30);
        let key = AnswerKey([1; 32]);
        let body = shelf.keep(key, &Made::Memory(vec![1; INLINE as usize + 1]), &facts()).unwrap();
        let [file] = <[Shelved; 1]>::try_from(shelf.files(SystemTime::UNIX_EPOCH).unwrap()).unwrap();
        assert!(shelf.belongs(&file, &body) && !file.waits);
        fs::write(&file.path, vec![2; INLINE as usize + 1]).unwrap();
        assert!(shelf.take(key, &body, receipt()).is_err());
        fs::remove_file(&file.path).unwrap();
        assert!(shelf.take(key, &body, receipt()).is_err(), "and one that is gone neither");
    }

    #[test]
    fn a_document_that_is_signed_again_takes_no_other_answers_place() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().to_owned(), 1 << 30);
        let key = AnswerKey([1; 32]);
        let first = shelf.keep(key, &Made::Memory(vec![1; INLINE as usize + 1]), &facts()).unwrap();
        shelf.keep(key, &Made::Memory(vec![2; INLINE as usize + 1]), &facts()).unwrap();
        assert!(shelf.take(key, &first, receipt()).is_ok());
        let files = shelf.files(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(files.iter().filter(|file| shelf.belongs(file, &first)).count(), 1);
        assert_eq!(files.len(), 2);
    }

    #[test]
    fn a_full_shelf_takes_nothing_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().to_owned(), INLINE);
        let error = shelf.keep(AnswerKey([1; 32]), &Made::Memory(vec![1; INLINE as usize + 1]), &facts()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn files_that_a_killed_process_left_unfinished_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().to_owned(), 1 << 30);
        fs::write(folder.path().join(".unfinished-x"), b"half").unwrap();
        assert!(shelf.files(SystemTime::UNIX_EPOCH).unwrap().is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "one of our own process stays");
        let later = fs::metadata(folder.path().join(".unfinished-x")).unwrap().modified().unwrap() + PAUSE;
        assert!(shelf.files(later).unwrap().is_empty());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
}
