//! The folder of stored lists, `<data>/revocation`: the last good copies of fetched lists,
//! `<id of its source>.<tag of the list>-<its SHA-256, begun>.crl`, so that a restart does not have to wait for the network,
//! and beside each the index of the list, `.index`, so that it does not have to wait for reading the list either. A list that
//! the operator keeps in a file has an index only, `<id of the file>.index`.
//!
//! A copy is as little trusted as a download: it is verified when it is read. An index is trusted as the configuration
//! is, see `stored`. Every list has a name of its own, so that no copy is ever lost to another: the new one is written first,
//! and what it makes superfluous goes afterwards (`store::saving`). Copies of other versions bear other names behind
//! the id, which are as good.
//!
//! Files are written under a name that nobody else uses, synced and renamed; a copy before its index. Killed between
//! the two, the next start finds no index and reads the copy.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::list::ListFile;
use super::source::Source;
use crate::clock::{Clock as _, SystemClock};

/// Most copies of one source that are read, those last written: more than a source holds lists of sixty kinds, each with all
/// the deltas that may stay beside it. There are as many only if somebody else put them there.
const MAX_COPIES: usize = 8192;

/// After so long a half-written file is not being written any more: its writer was killed.
const ABANDONED: Duration = Duration::from_secs(3600);

/// The folder of stored lists.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
    private: bool,
}

impl Disk {
    /// Uses `<data>/revocation`, creating it and clearing away what a killed process left half-written. Nobody but this
    /// user may look into it or write to it.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created.
    pub fn open(data: &Path) -> io::Result<Self> {
        let folder = data.join("revocation");
        fs::create_dir_all(&folder)?;
        let private = keep_private(&folder).unwrap_or_else(|error| {
            tracing::warn!(%error, folder = %folder.display(), "the folder of stored lists could not be made private");
            false
        });
        if !private {
            tracing::warn!(
                folder = %folder.display(),
                "somebody else can write to the folder of stored lists, so that its indexes are not used: lists are read \
                 and verified at every start; make the folder this user's own"
            );
        }
        clear_abandoned(&folder);
        Ok(Self { folder, private })
    }

    /// Whether nobody but this user and root can write to the folder. Only then are its indexes believed, and mapped; copies
    /// of lists are verified wherever they lie.
    pub(super) fn is_private(&self) -> bool {
        self.private
    }

    /// Where the copies are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a copy under that name; where it is then.
    ///
    /// # Errors
    ///
    /// Of the file system; what had that name is then still there.
    pub fn save(&self, source: &Source, name: &str, der: &[u8]) -> io::Result<PathBuf> {
        let copy = self.folder.join(format!("{}.{name}.crl", source.id()));
        self.replace(&copy, |file| file.write_all(der))?;
        Ok(copy)
    }

    /// Where the index of a list in a file of the operator's is.
    pub(super) fn index_of_file(&self, source: &Source) -> PathBuf {
        self.folder.join(format!("{}.index", source.id()))
    }

    /// Puts a file in the place of another: under a name that nobody else uses (not even a process with the same
    /// number, in another container), synced, then renamed, so that a reader finds the whole old or the whole new file,
    /// whenever the process is killed. Whoever has the old one open or mapped keeps it as it was.
    pub(super) fn replace(&self, path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
        let unique = RandomState::new().hash_one(std::process::id());
        let temporary = path.with_extension(format!("{unique:016x}.tmp"));
        let written = write_synced(&temporary, write).and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            // Nothing more can be done about a file that does not go away; the first error is the one to report.
            let _ = fs::remove_file(&temporary);
        }
        written?;
        // The rename itself lives in the folder.
        File::open(&self.folder)?.sync_all()
    }

    /// The copies of a source, the `MAX_COPIES` that were written last, sorted; none when the folder cannot be read.
    pub fn copies(&self, source: &Source) -> Vec<PathBuf> {
        let id = source.id();
        let of_source = |name: &str| name.strip_prefix(&id).is_some_and(|rest| rest.starts_with('.'));
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries
            .filter(|entry| entry.file_name().to_str().is_some_and(|name| of_source(name) && name.ends_with(".crl")))
            .map(|entry| entry.path())
            .collect();
        if found.len() > MAX_COPIES {
            let written = |copy: &PathBuf| copy.metadata().and_then(|metadata| metadata.modified()).ok();
            found.sort_by_cached_key(|copy| Reverse(written(copy)));
            found.truncate(MAX_COPIES);
        }
        found.sort_unstable();
        found
    }
}

/// Removes a copy and its index, if it is the one of that list; whether it is gone. The index goes first: it would be
/// found by nobody without the list.
pub(super) fn remove_copy(copy: &Path, sha256: &[u8; 32], max_bytes: usize) -> bool {
    match ListFile::read(copy, max_bytes) {
        Ok(file) if crate::crypto::sha256(file.bytes.as_bytes()) == *sha256 => remove_file(copy),
        // Something else has its name now.
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Removes a file of the folder and its index; whether it is gone.
pub(super) fn remove_file(copy: &Path) -> bool {
    let _ = fs::remove_file(index_beside(copy));
    fs::remove_file(copy).is_ok()
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

fn write_synced(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    write(&mut file)?;
    file.sync_all()
}

/// Takes the folder from everybody else; whether it is ours alone then. Root could change the mode of a folder that belongs to
/// somebody else, who could change it back.
#[cfg(unix)]
fn keep_private(folder: &Path) -> io::Result<bool> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let metadata = fs::metadata(folder)?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Ok(false);
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(true)
}

#[cfg(not(unix))]
fn keep_private(_: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Where the index of the list with that copy is.
pub(super) fn index_beside(copy: &Path) -> PathBuf {
    copy.with_extension("index")
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
        assert_eq!(fs::read(&copy).unwrap(), b"second");
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
