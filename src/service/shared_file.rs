//! A file that several readers read from the beginning, each at its own pace.

use std::fs::File;
use std::io::{self, Read};

use crate::signed::Reopen;

/// An open file. What it is called, and what becomes of that name, is of no matter: the same bytes are read each time.
#[derive(Debug)]
pub struct SharedFile(File);

impl SharedFile {
    /// Shares an open file.
    #[must_use]
    pub const fn new(file: File) -> Self {
        Self(file)
    }

    /// The file, to write to it.
    pub const fn file(&mut self) -> &mut File {
        &mut self.0
    }
}

impl SharedFile {
    /// Octets from a place on, as many as there are up to the length of `buffer`; how many.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn read_from(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut reading = Reading { file: &self.0, offset };
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match reading.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl Reopen for SharedFile {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Reading { file: &self.0, offset: 0 }))
    }
}

struct Reading<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(self.file, buffer, self.offset)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(self.file, buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}
