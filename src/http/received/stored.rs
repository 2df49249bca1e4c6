//! A document that has arrived: in memory, or in a file without a name.

use std::io::{self, Write};
use std::path::Path;

use super::room::Held;
use crate::http::problem::Problem;
use crate::service::SharedFile;
use crate::signed::{Detached, Document, Reopen};

/// What stays in memory; every format can be read from there, streams only by CMS. Forms and licences are smaller.
const IN_MEMORY: usize = 8 << 20;

/// Octets of memory for the shortest: most questions.
const SMALLEST: usize = 4 * 1024;

/// A document that has arrived.
#[derive(Debug)]
pub(in crate::http) enum Stored {
    /// Whole, with the room that it takes up.
    Memory { bytes: Vec<u8>, _held: Held },
    /// Where it can be read any number of times, with the disk that it takes up.
    File { file: Nameless, _held: Held },
}

impl Stored {
    /// As the reader of documents takes it.
    pub(in crate::http) fn document(&self) -> Document<'_> {
        match self {
            Self::Memory { bytes, .. } => Document::Bytes(bytes),
            Self::File { file, .. } => Document::Stream(file),
        }
    }

    /// As the content of a detached signature.
    pub(in crate::http) fn content(&self) -> Detached<'_> {
        match self {
            Self::Memory { bytes, .. } => Detached::Bytes(bytes),
            Self::File { file, .. } => Detached::Stream(file),
        }
    }

    /// Whether it is read as a stream.
    pub(in crate::http) const fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }

    /// Its length in octets.
    pub(in crate::http) fn len(&self) -> u64 {
        match self {
            Self::Memory { bytes, .. } => bytes.len() as u64,
            Self::File { file, .. } => file.length,
        }
    }
}

/// A file without a name: nobody else finds it, and it is gone when it is closed, even by a killed process.
#[derive(Debug)]
pub(in crate::http) struct Nameless {
    /// There until it is dropped.
    file: Option<SharedFile>,
    length: u64,
}

impl Nameless {
    fn create(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { file: Some(SharedFile::new(tempfile::tempfile_in(folder)?)), length: 0 })
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_mut().ok_or(io::ErrorKind::NotFound)?.file().write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

impl Reopen for Nameless {
    fn open(&self) -> io::Result<Box<dyn io::Read + '_>> {
        self.file.as_ref().ok_or(io::ErrorKind::NotFound)?.open()
    }
}

impl Drop for Nameless {
    /// With the file go its pages, which for 100 MB takes the system some milliseconds: not for the async threads, where
    /// uploads end that are given up.
    fn drop(&mut self) {
        let file = self.file.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(move || drop(file));
        }
    }
}

/// Octets that go to the disk together: each way there costs a change of threads.
const GATHERED: usize = 256 * 1024;

/// A document on its way in.
#[derive(Debug)]
pub(in crate::http) struct Writing {
    /// The disk that is taken up by what is gathered or written.
    disk: Held,
    place: Place,
    limit: u64,
    length: u64,
    /// What is to be written to the disk behind what is in its place. Copied: a piece of some octets may hold a buffer of many.
    gathered: Vec<u8>,
}

/// Where a piece went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Added {
    /// To its place.
    InMemory,
    /// To those that go to the disk with the next ones.
    Gathered,
    /// The same, and there are enough of them to be written.
    ToBeWritten,
}

#[derive(Debug)]
enum Place {
    Memory(Vec<u8>, Held),
    File(Nameless),
}

/// Why a piece was not taken.
#[derive(Debug)]
pub(in crate::http) enum WriteProblem {
    /// The whole would be larger than allowed.
    TooLarge,
    /// Nothing to hold it with, for now.
    NoRoom(Problem),
    /// The disk.
    Disk(io::Error),
}

impl Writing {
    /// Nothing yet; at most `limit` octets.
    pub(in crate::http) fn new(limit: u64, held: Held, disk: Held) -> Self {
        let place = Place::Memory(Vec::new(), held);
        Self { place, limit, length: 0, gathered: Vec::new(), disk }
    }

    /// Adds a piece.
    pub(in crate::http) fn add(&mut self, piece: &[u8]) -> Result<Added, WriteProblem> {
        self.length = self.length.saturating_add(piece.len() as u64);
        if self.length > self.limit {
            return Err(WriteProblem::TooLarge);
        }
        match &mut self.place {
            // Behind what is gathered everything is, however short.
            Place::Memory(bytes, held)
                if self.gathered.is_empty() && bytes.len().saturating_add(piece.len()) <= IN_MEMORY =>
            {
                // What is held is what the vector takes up, not what is in it.
                let length = bytes.len() + piece.len();
                if length > bytes.capacity() {
                    let room = length.max(bytes.capacity() * 2).clamp(SMALLEST, IN_MEMORY);
                    held.grow(room - bytes.capacity()).map_err(|taken| WriteProblem::NoRoom(taken.into()))?;
                    bytes.reserve_exact(room - bytes.len());
                }
                bytes.extend_from_slice(piece);
                Ok(Added::InMemory)
            }
            place => {
                // What was in memory goes there too. Held here and not where it is written: that thread serves nobody's request.
                let before = match place {
                    Place::Memory(bytes, _) if self.gathered.is_empty() => bytes.len(),
                    _ => 0,
                };
                self.disk.grow(before + piece.len()).map_err(|taken| WriteProblem::NoRoom(taken.into()))?;
                self.gathered.extend_from_slice(piece);
                Ok(if self.gathered.len() >= GATHERED { Added::ToBeWritten } else { Added::Gathered })
            }
        }
    }

    /// Whether something is to be written.
    pub(in crate::http) const fn is_gathering(&self) -> bool {
        !self.gathered.is_empty()
    }

    /// Writes what is gathered to the disk: not for the async threads.
    pub(in crate::http) fn write(&mut self, folder: &Path) -> Result<(), WriteProblem> {
        if let Place::Memory(bytes, held) = &mut self.place {
            let mut file = Nameless::create(folder).map_err(WriteProblem::Disk)?;
            file.append(bytes).map_err(WriteProblem::Disk)?;
            held.release();
            self.place = Place::File(file);
        }
        if let Place::File(file) = &mut self.place {
            file.append(&self.gathered).map_err(WriteProblem::Disk)?;
        }
        self.gathered.clear();
        Ok(())
    }

    /// The whole; what is gathered has been written.
    pub(in crate::http) fn finish(self) -> Stored {
        match self.place {
            Place::Memory(bytes, held) => Stored::Memory { bytes, _held: held },
            Place::File(file) => Stored::File { file, _held: self.disk },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::super::Room;
    use super::*;

    fn read(stored: &Stored) -> Vec<u8> {
        let mut bytes = Vec::new();
        match stored {
            Stored::Memory { bytes: whole, .. } => bytes.extend_from_slice(whole),
            Stored::File { file, .. } => {
                file.open().unwrap().read_to_end(&mut bytes).unwrap();
            }
        }
        bytes
    }

    /// At most `limit` octets, with room and disk enough.
    fn writing(limit: u64) -> Writing {
        let enough = || Room::of(64 << 20, usize::MAX).hold();
        Writing::new(limit, enough(), enough())
    }

    /// Adds pieces as a form does.
    fn arrive(mut writing: Writing, pieces: &[&[u8]], folder: &Path) -> Result<Stored, WriteProblem> {
        for piece in pieces {
            if writing.add(piece)? == Added::ToBeWritten {
                writing.write(folder)?;
            }
        }
        if writing.is_gathering() {
            writing.write(folder)?;
        }
        Ok(writing.finish())
    }

    #[test]
    fn what_is_small_stays_in_memory_and_what_is_large_goes_to_a_file_without_a_name() {
        let folder = tempfile::tempdir().unwrap();
        for size in [0, 1, IN_MEMORY - 1, IN_MEMORY, IN_MEMORY + 1, 2 * IN_MEMORY + 7] {
            let whole: Vec<u8> = (0..size).map(|index| (index % 251) as u8).collect();
            for width in [32 * 1024, 1_000_003] {
                let pieces: Vec<&[u8]> = whole.chunks(width).collect();
                let stored = arrive(writing(1 << 30), &pieces, folder.path()).unwrap();
                assert_eq!(stored.len(), size as u64);
                assert_eq!(stored.is_file(), size > IN_MEMORY, "{size}");
                assert!(read(&stored) == whole && read(&stored) == whole, "any number of times: {size}");
                assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
            }
        }
    }

    #[test]
    fn a_short_piece_behind_one_that_was_too_long_for_memory_stays_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let long = vec![b'a'; IN_MEMORY - 10];
        let pieces: [&[u8]; 5] = [&long, &[b'b'; 20], b"c", b"d", &[b'e'; 20]];
        let stored = arrive(writing(1 << 30), &pieces, folder.path()).unwrap();
        assert!(stored.is_file() && read(&stored) == pieces.concat());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_file_of_a_document_that_is_given_up_is_closed_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let ours =
                std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| entry.ok()?.path().read_link().ok());
            ours.filter(|path| path.starts_with(folder.path())).count()
        };
        let mut writing = writing(1 << 30);
        writing.add(&vec![0; IN_MEMORY + 1]).unwrap();
        writing.write(folder.path()).unwrap();
        assert_eq!(open(), 1);
        drop(writing);
        // Threads for this are used one by one while one is free.
        while open() > 0 {
            tokio::task::spawn_blocking(|| ()).await.unwrap();
        }
    }

    #[test]
    fn a_document_larger_than_allowed_is_not_taken() {
        let mut writing = writing(10);
        assert_eq!(writing.add(&[0; 10]).unwrap(), Added::InMemory);
        assert!(matches!(writing.add(&[0]), Err(WriteProblem::TooLarge)));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told() {
        let mut writing = writing(1 << 30);
        assert_eq!(writing.add(&vec![0; IN_MEMORY + 1]).unwrap(), Added::ToBeWritten);
        let problem = writing.write(Path::new("/proc/nowhere"));
        assert!(matches!(problem, Err(WriteProblem::Disk(_))), "{problem:?}");
    }

    #[test]
    fn documents_together_take_the_disk_there_is_and_give_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let (room, disk) = (Room::of(64 << 20, usize::MAX), Room::of(3 * IN_MEMORY, usize::MAX));
        let new = || Writing::new(1 << 30, room.hold(), disk.hold());
        let small = vec![b'a'; IN_MEMORY];
        let beyond = |length: usize| [small.clone(), vec![b'b'; length]].concat();
        let arrive = |document: &[u8]| arrive(new(), &document.chunks(1 << 20).collect::<Vec<_>>(), folder.path());
        let first = arrive(&beyond(IN_MEMORY / 2)).unwrap();
        // What is in memory takes no disk, and what leaves memory takes its whole length.
        let others = [arrive(&small).unwrap(), arrive(&small).unwrap()];
        let refused = arrive(&beyond(IN_MEMORY));
        assert!(matches!(refused, Err(WriteProblem::NoRoom(_))), "{refused:?}");
        let second = arrive(&beyond(IN_MEMORY / 2)).unwrap();
        let refused = arrive(&beyond(1));
        assert!(matches!(refused, Err(WriteProblem::NoRoom(_))), "{refused:?}");
        drop((first, others));
        assert!(arrive(&beyond(IN_MEMORY / 2)).unwrap().is_file() && second.is_file());
    }
}
