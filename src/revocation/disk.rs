//! The last good copy of every fetched list, `<data>/revocation/<id of its source>.crl`, so that a restart does not
//! have to wait for the network. A copy is as little trusted as a download: it is verified when it is loaded.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::source::Source;

/// The folder of stored lists.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Uses `<data>/revocation`, creating it.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created.
    pub fn open(data: &Path) -> io::Result<Self> {
        let folder = data.join("revocation");
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Writes a copy: to a name of this process, synced, then renamed over the old one, so that a reader finds the
    /// whole old or the whole new list, whenever the process is killed.
    ///
    /// # Errors
    ///
    /// Of the file system; the old copy is then still there.
    pub fn save(&self, source: &Source, der: &[u8]) -> io::Result<()> {
        let id = source.id();
        let temporary = self.folder.join(format!("{id}.{}.tmp", std::process::id()));
        let written = write_synced(&temporary, der).and_then(|()| fs::rename(&temporary, self.path(&id)));
        if written.is_err() {
            // Nothing more can be done about a file that does not go away; the first error is the one to report.
            let _ = fs::remove_file(&temporary);
        }
        written?;
        // The rename itself lives in the folder.
        File::open(&self.folder)?.sync_all()
    }

    /// Reads the copy, of at most `limit` octets; `None` when there is none.
    ///
    /// # Errors
    ///
    /// Of the file system, and [`io::ErrorKind::FileTooLarge`].
    pub fn load(&self, source: &Source, limit: usize) -> io::Result<Option<Vec<u8>>> {
        match read_limited(&self.path(&source.id()), limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.crl"))
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads a file of at most `limit` octets, however long it claims to be.
pub(super) fn read_limited(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(size.min(limit).saturating_add(1));
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// The files a path source stands for: itself, or what a folder holds by the names lists go by, sorted.
pub(super) fn files_of(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        let extension = file.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        if matches!(extension.as_deref(), Some("crl" | "der" | "pem")) && file.is_file() {
            files.push(file);
        }
    }
    files.sort_unstable();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_replaced_whole_and_nothing_else_is_left() {
        let data = tempfile::tempdir().unwrap();
        let disk = Disk::open(data.path()).unwrap();
        let source = Source::urls(&["http://a/x"]).unwrap();
        assert!(disk.load(&source, 10).unwrap().is_none());
        disk.save(&source, b"first").unwrap();
        disk.save(&source, b"second").unwrap();
        assert_eq!(disk.load(&source, 10).unwrap().as_deref(), Some(&b"second"[..]));
        assert_eq!(disk.load(&source, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(fs::read_dir(data.path().join("revocation")).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_stands_for_the_lists_in_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.CRL", "a.crl", "c.pem", "README.md", "d.crl.tmp"] {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        fs::create_dir(folder.path().join("e.crl")).unwrap();
        let files = files_of(folder.path()).unwrap();
        let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
        assert_eq!(names, ["a.crl", "b.CRL", "c.pem"]);
        assert!(files_of(&folder.path().join("absent")).is_ok_and(|files| files.len() == 1));
    }
}
