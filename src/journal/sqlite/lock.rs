//! One process writes a journal: a lock on a file beside it, which the system gives back however the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::OpenError;

/// Held for as long as the journal is open.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock.
    pub fn take(path: &Path) -> Result<Self, OpenError> {
        let broken = |error: std::io::Error| OpenError::File { path: path.to_owned(), problem: error.to_string() };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(broken)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who holds it is told if it can be; the lock is what counts.
                let _ = (&mut file).take(32).read_to_string(&mut holder);
                let holder = holder.trim().parse::<u32>().ok();
                return Err(OpenError::InUse { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(broken(error)),
        }
        file.set_len(0).map_err(broken)?;
        file.rewind().map_err(broken)?;
        // On a full disk the lock still holds.
        let _ = writeln!(file, "{}", std::process::id());
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would not do: a program that is being started has every descriptor of ours until its own code
        // begins, and the lock lives for as long as one of them does. When this fails, closing is what is left.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::Lock;

    #[test]
    fn a_program_that_is_just_being_started_does_not_keep_the_lock_of_a_journal_that_was_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.lock");
        let first = Lock::take(&path).unwrap();
        let inherited = first.file.try_clone().unwrap();
        assert!(Lock::take(&path).is_err(), "held for as long as it lives");
        drop(first);
        assert!(Lock::take(&path).is_ok());
        drop(inherited);
    }
}
