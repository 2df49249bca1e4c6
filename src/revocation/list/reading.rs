//! A file of lists, hashed while it is read. What is not hashed when all of it is there is hashed beside the indexing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::der::{Begun, ListBytes};
use crate::crypto::{HashAlgorithm, Hasher};
use crate::revocation::bytes::Bytes;

/// Octets read, and then hashed, at once: little enough that nobody waits long for the other's last.
const CHUNK: usize = 256 << 10;

/// Files of so many octets and less are read in one go: they are not worth a thread.
const SMALL: usize = 1 << 20;

/// A file, read.
#[derive(Debug)]
pub struct ListFile {
    /// What is in it.
    pub bytes: ListBytes,
    /// How long reading took.
    pub read: Duration,
    /// How long SHA-256 over it took beside the reading, as far as it came.
    pub hash: Duration,
}

impl ListFile {
    /// Reads a file of at most `limit` octets, however long it claims to be.
    ///
    /// # Errors
    ///
    /// Of the file system; [`io::ErrorKind::FileTooLarge`].
    pub fn read(path: &Path, limit: usize) -> io::Result<Self> {
        let start = Instant::now();
        let mut file = File::open(path)?;
        let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        if size > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        // What is no plain file does not tell its size.
        if size <= SMALL {
            return Self::read_plain(file, limit, start);
        }
        let mut octets = Bytes::zeroed(size);
        let whole = octets.as_mut().ok_or(io::ErrorKind::OutOfMemory)?;
        let (sent, received) = mpsc::channel::<&[u8]>();
        let all_read = AtomicBool::new(false);
        let (read, hashed) = std::thread::scope(|scope| {
            let hashing = scope.spawn(|| hash(received, &all_read));
            let read = feed(&mut file, whole, sent).map(|()| start.elapsed());
            all_read.store(true, Ordering::Relaxed);
            (read, hashing.join())
        });
        let read = read?;
        let (begun, hash) = hashed.map_err(|_| io::Error::other("hashing was cut short"))?;
        Ok(Self { bytes: ListBytes { octets, begun: Some(begun) }, read, hash })
    }

    fn read_plain(file: File, limit: usize, start: Instant) -> io::Result<Self> {
        let mut octets = Vec::new();
        file.take(limit as u64 + 1).read_to_end(&mut octets)?;
        if octets.len() > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Self { bytes: octets.into(), read: start.elapsed(), hash: Duration::ZERO })
    }
}

/// Hashes the parts in turn until all are read; the rest is for later.
fn hash(parts: mpsc::Receiver<&[u8]>, all_read: &AtomicBool) -> (Begun, Duration) {
    let mut begun = Begun { hasher: Hasher::new(HashAlgorithm::Sha256), taken: 0 };
    let mut took = Duration::ZERO;
    for part in parts {
        let start = Instant::now();
        begun.hasher.update(part);
        begun.taken += part.len();
        took += start.elapsed();
        if all_read.load(Ordering::Relaxed) {
            break;
        }
    }
    (begun, took)
}

/// Reads the file into `whole` and hands over each part as soon as it is there; hangs up at the end.
fn feed<'a>(file: &mut File, whole: &'a mut [u8], sent: mpsc::Sender<&'a [u8]>) -> io::Result<()> {
    for chunk in whole.chunks_mut(CHUNK) {
        file.read_exact(chunk)?;
        // The other end hangs up before the end only by a panic, which `join` reports.
        let _ = sent.send(chunk);
    }
    // Longer than it said: it is being written.
    if file.read(&mut [0])? == 0 { Ok(()) } else { Err(io::ErrorKind::FileTooLarge.into()) }
}
