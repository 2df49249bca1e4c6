//! The last good copy of every fetched list, `<data>/revocation/<id of its source>.<tag of the list>.crl`, so that a
//! restart does not have to wait for the network. A copy is as little trusted as a download: it is verified when it is
//! loaded. The tag tells apart lists of one source that are about different certificates, so that the copy of one is
//! never lost to the other; a delta before the newest, which the full list in force may still need, has `-before` behind it.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::source::Source;
use crate::clock::{Clock as _, SystemClock};

/// Most copies of one source that are read: an authority has one key, while it changes it two, and a new one in some
/// years.
const MAX_COPIES: usize = 32;

/// After so long a half-written file is not being written any more: its writer was killed.
const ABANDONED: Duration = Duration::from_secs(3600);

/// The folder of stored lists.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Uses `<data>/revocation`, creating it and clearing away what a killed process left half-written.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created.
    pub fn open(data: &Path) -> io::Result<Self> {
        let folder = data.join("revocation");
        fs::create_dir_all(&folder)?;
        clear_abandoned(&folder);
        Ok(Self { folder })
    }

    /// Where the copies are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a copy: to a name that nobody else uses (not even a process with the same number, in another container),
    /// synced, then renamed over the old one of this tag, so that a reader finds the whole old or the whole new list,
    /// whenever the process is killed.
    ///
    /// # Errors
    ///
    /// Of the file system; the old copy is then still there.
    pub fn save(&self, source: &Source, tag: &str, der: &[u8]) -> io::Result<()> {
        let id = source.id();
        let unique = RandomState::new().hash_one(std::process::id());
        let temporary = self.folder.join(format!("{id}.{unique:016x}.tmp"));
        let written = write_synced(&temporary, der)
            .and_then(|()| fs::rename(&temporary, self.folder.join(format!("{id}.{tag}.crl"))));
        if written.is_err() {
            // Nothing more can be done about a file that does not go away; the first error is the one to report.
            let _ = fs::remove_file(&temporary);
        }
        written?;
        // The rename itself lives in the folder.
        File::open(&self.folder)?.sync_all()
    }

    /// Keeps the copy of this tag beside the next one: a delta that is still needed after a newer one has come.
    ///
    /// # Errors
    ///
    /// Of the file system, unless there is no such copy.
    pub fn set_aside(&self, source: &Source, tag: &str) -> io::Result<()> {
        let place = |name: &str| self.folder.join(format!("{}.{name}.crl", source.id()));
        match fs::rename(place(tag), place(&format!("{tag}-before"))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// The copies of a source, `MAX_COPIES` at most, sorted; none when the folder cannot be read.
    pub fn copies(&self, source: &Source) -> Vec<PathBuf> {
        let id = source.id();
        let of_source = |name: &str| name.strip_prefix(&id).is_some_and(|rest| rest.starts_with('.'));
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries
            .filter(|entry| entry.file_name().to_str().is_some_and(|name| of_source(name) && name.ends_with(".crl")))
            .map(|entry| entry.path())
            .collect();
        found.sort_unstable();
        found.truncate(MAX_COPIES);
        found
    }
}

/// Removes half-written files that nobody writes any more: killed often enough, they would fill the disk.
fn clear_abandoned(folder: &Path) {
    // The file system dates files by the machine's clock, so that is the one to compare with.
    let now = Duration::from_secs(u64::try_from(SystemClock.now().unix_seconds()).unwrap_or(0));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_temporary = entry.path().extension().is_some_and(|extension| extension == "tmp");
        let written = entry.metadata().and_then(|metadata| metadata.modified());
        let since_1970 = written.ok().and_then(|written| written.duration_since(SystemTime::UNIX_EPOCH).ok());
        let age = since_1970.and_then(|written| now.checked_sub(written));
        if is_temporary && age.is_some_and(|age| age > ABANDONED) {
            // What does not go away now is tried again at the next start.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
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
        assert!(disk.copies(&source).is_empty());
        disk.save(&source, "key", b"first").unwrap();
        disk.save(&source, "key", b"second").unwrap();
        let [copy] = disk.copies(&source).try_into().unwrap();
        assert_eq!(read_limited(&copy, 10).unwrap(), b"second");
        assert_eq!(read_limited(&copy, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(fs::read_dir(data.path().join("revocation")).unwrap().count(), 1);
        disk.save(&source, "another", b"third").unwrap();
        assert_eq!(disk.copies(&source).len(), 2);
        assert!(disk.copies(&Source::urls(&["http://b/x"]).unwrap()).is_empty());
    }

    #[test]
    fn what_a_killed_process_left_half_written_goes_away_and_what_is_being_written_stays() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("revocation");
        Disk::open(data.path()).unwrap();
        for (name, age) in [("old.1.tmp", 7200), ("new.2.tmp", 60), ("old.crl", 7200)] {
            let file = File::create(folder.join(name)).unwrap();
            let now = u64::try_from(SystemClock.now().unix_seconds()).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(now - age)).unwrap();
        }
        Disk::open(data.path()).unwrap();
        let mut left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["new.2.tmp", "old.crl"]);
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
