//! The files of a container, unpacked when they are needed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::layout::{self, Entry};
use crate::crypto::{Digest, HashAlgorithm, hash};
use crate::signed::FormatError;

/// A zip archive held in memory.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
}

impl<'a> Archive<'a> {
    /// Reads where the files lie.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, FormatError> {
        Ok(Self { bytes, entries: layout::entries(bytes)? })
    }

    /// Every file, in the order of the archive.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }

    /// The first file, if it is stored as it is and has no extra fields.
    pub(super) fn plain_first(&self) -> Option<(&str, &'a [u8])> {
        let first = self.entries.first().filter(|entry| entry.is_stored && !entry.has_extra)?;
        Some((&first.name, self.bytes.get(first.data.clone())?))
    }

    /// Unpacks every file, in the order of the archive; the checksum of each is compared.
    pub(super) fn unpack(&self) -> Result<Files, FormatError> {
        let broken = |_| FormatError::malformed("zip: a file that cannot be unpacked");
        let mut zip = ZipArchive::new(Cursor::new(self.bytes)).map_err(broken)?;
        if zip.len() < self.entries.len() || zip.offset() != 0 {
            return Err(FormatError::malformed("zip: an archive read in two ways"));
        }
        let mut files = Vec::new();
        for entry in &self.entries {
            let mut file = zip.by_name(&entry.name).map_err(broken)?;
            let agreed = file.data_start() == Some(entry.data.start as u64)
                && file.compressed_size() == entry.data.len() as u64
                && file.size() == entry.length;
            if !agreed {
                return Err(FormatError::malformed("zip: an archive read in two ways"));
            }
            let mut content = Vec::new();
            // One octet more than there may be; the reader compares the checksum when it comes to the end.
            let read = file.by_ref().take(entry.length + 1).read_to_end(&mut content);
            if read.is_err() || content.len() as u64 != entry.length {
                return Err(FormatError::malformed("zip: a file that cannot be unpacked"));
            }
            files.push((entry.name.clone(), content));
        }
        Ok(Files::new(files))
    }
}

/// Unpacked files with their names, and their digests as they were asked for: many signatures may be over one file.
pub(super) struct Files {
    files: Vec<(String, Vec<u8>)>,
    places: HashMap<String, usize>,
    digests: RefCell<HashMap<(usize, HashAlgorithm), Digest>>,
}

impl Files {
    fn new(files: Vec<(String, Vec<u8>)>) -> Self {
        let places = files.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect();
        Self { files, places, digests: RefCell::default() }
    }

    /// The content of a file.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(*self.places.get(name)?).map(|(_, content)| content.as_slice())
    }

    /// The digest of a file, computed once.
    pub(super) fn digest(&self, name: &str, algorithm: HashAlgorithm) -> Option<Digest> {
        let place = *self.places.get(name)?;
        let (_, content) = self.files.get(place)?;
        let mut digests = self.digests.borrow_mut();
        Some(*digests.entry((place, algorithm)).or_insert_with(|| hash(algorithm, content)))
    }

    /// Every file.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, content)| (name.as_str(), content.as_slice()))
    }
}
