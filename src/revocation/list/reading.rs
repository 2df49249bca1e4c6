//! A file of lists, hashed while it is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::der::ListBytes;
use crate::crypto::{HashAlgorithm, Hasher};
use crate::revocation::bytes::Bytes;

/// Octets read, and then hashed, at once: little enough that the reader has not finished long before the hash.
const CHUNK: usize = 1 << 20;

/// A file, read.
#[derive(Debug)]
pub struct ListFile {
    /// What is in it.
    pub bytes: ListBytes,
    /// How long reading took.
    pub read: Duration,
    /// How long SHA-256 over it took, beside the reading; zero when it is taken later.
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
        // A small file is not worth a thread, and what is no plain file does not tell its size.
        if size <= CHUNK {
            return Self::read_plain(file, limit, start);
        }
        let mut octets = Bytes::zeroed(size);
        let whole = octets.as_mut().ok_or(io::ErrorKind::OutOfMemory)?;
        let (sent, received) = mpsc::channel::<&[u8]>();
        let (read, hashed) = std::thread::scope(|scope| {
            let hashing = scope.spawn(move || {
                let mut hasher = Hasher::new(HashAlgorithm::Sha256);
                let mut took = Duration::ZERO;
                for chunk in received {
                    let start = Instant::now();
                    hasher.update(chunk);
                    took += start.elapsed();
                }
                (hasher.finish(), took)
            });
            let read = feed(&mut file, whole, sent).map(|()| start.elapsed());
            (read, hashing.join())
        });
        let read = read?;
        let (digest, hash) = hashed.map_err(|_| io::Error::other("hashing was cut short"))?;
        let sha256 = digest.as_bytes().try_into().map_err(io::Error::other)?;
        Ok(Self { bytes: ListBytes::hashed(octets, sha256), read, hash })
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

/// Reads the file into `whole` and hands over each part as soon as it is there; hangs up at the end.
fn feed<'a>(file: &mut File, whole: &'a mut [u8], sent: mpsc::Sender<&'a [u8]>) -> io::Result<()> {
    for chunk in whole.chunks_mut(CHUNK) {
        file.read_exact(chunk)?;
        // The other end hangs up only by a panic, which `join` reports.
        let _ = sent.send(chunk);
    }
    // Longer than it said: it is being written.
    if file.read(&mut [0])? == 0 { Ok(()) } else { Err(io::ErrorKind::FileTooLarge.into()) }
}
