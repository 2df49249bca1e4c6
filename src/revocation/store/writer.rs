//! Who writes to the data directory: one process at a time.
//!
//! Every file in it is replaced as a whole by a rename, so two processes could not corrupt one. But the slower of them
//! could put an older list over the newer one of the other. So the first locks `<data>/revocation.lock` for as long as
//! it lives (the system releases the lock of a process that was killed); the others keep their lists in memory, take
//! over what the first has stored, and one of them becomes the writer when it has gone.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    lock: Mutex<Option<File>>,
    /// Whether the directory was ours from the start, so that nobody can have written to it since.
    alone: bool,
}

impl Writer {
    /// Asks for the directory whose lists are in `folder`.
    pub fn of(folder: &Path) -> Self {
        let mut writer = Self { path: folder.with_extension("lock"), lock: Mutex::new(None), alone: false };
        writer.alone = writer.may_write();
        if !writer.alone {
            tracing::info!(
                lock = %writer.path.display(),
                "another process keeps the lists in this data directory; this one reads what it stores"
            );
        }
        writer
    }

    /// Whether somebody else may have stored newer lists since they were loaded.
    pub fn may_have_missed_some(&self) -> bool {
        !self.alone
    }

    /// Whether this process is the one that writes; it becomes so when the one before has ended.
    pub fn may_write(&self) -> bool {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if lock.is_some() {
            return true;
        }
        // What is in the file does not matter; it is there to be locked.
        let Ok(file) = OpenOptions::new().create(true).truncate(false).write(true).open(&self.path) else {
            // Then the lists cannot be written either, and that error is the one to show.
            return true;
        };
        match file.try_lock() {
            Ok(()) => {
                *lock = Some(file);
                true
            }
            Err(TryLockError::WouldBlock) => false,
            // A file system without locks: renames alone have to do.
            Err(TryLockError::Error(_)) => true,
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(file) = self.lock.get_mut().unwrap_or_else(PoisonError::into_inner) {
            // Closing alone would not do: a program that is being started has every descriptor of ours until its own
            // code begins, and the lock lives for as long as one of them does. When this fails, closing is what is left.
            let _ = file.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::PoisonError;

    use super::Writer;

    #[test]
    fn one_writes_and_the_next_when_it_has_gone() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("revocation");
        let first = Writer::of(&folder);
        let second = Writer::of(&folder);
        assert!(first.may_write() && !first.may_have_missed_some());
        assert!(!second.may_write() && second.may_have_missed_some());
        drop(first);
        assert!(second.may_write());
        assert!(second.may_have_missed_some(), "what the first has stored is still to be read");
        assert!(!Writer::of(&folder).may_write());
    }

    #[test]
    fn a_program_that_is_just_being_started_does_not_keep_the_lock_of_one_that_has_gone() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("revocation");
        let first = Writer::of(&folder);
        let inherited =
            first.lock.lock().unwrap_or_else(PoisonError::into_inner).as_ref().unwrap().try_clone().unwrap();
        drop(first);
        assert!(Writer::of(&folder).may_write());
        drop(inherited);
    }

    #[test]
    fn where_no_lock_can_be_made_the_writing_itself_tells_why() {
        let data = tempfile::tempdir().unwrap();
        assert!(Writer::of(&data.path().join("absent").join("revocation")).may_write());
    }
}
