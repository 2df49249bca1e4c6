//! Files that a command writes: whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::input;
use super::status::Failure;

/// A file under a name that cannot be guessed, beside the one that it is to become; gone when it is dropped before.
pub struct Written {
    file: NamedTempFile,
    option: &'static str,
    path: PathBuf,
}

impl Written {
    /// Starts a file that is to have a name; `option` gives that name. A folder that cannot be written to is found out here,
    /// before the work.
    pub fn create(option: &'static str, path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Err(Failure::new(input::label(option, path), "is a folder").remedy("name a file"));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".rastau-");
        // As any other file of the user: what the mask leaves.
        #[cfg(unix)]
        let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(|error| failed(option, path, &error))?;
        Ok(Self { file, option, path: path.to_owned() })
    }

    /// Where it is now.
    pub fn place(&self) -> &Path {
        self.file.path()
    }

    /// Writes to it. What `work` says is wrong is its own; what the file says is a failure of the command.
    pub fn fill<E: From<io::Error>>(&mut self, work: impl FnOnce(&mut dyn Write) -> Result<(), E>) -> Result<(), E> {
        let mut out = BufWriter::new(self.file.as_file_mut());
        work(&mut out)?;
        Ok(out.flush()?)
    }

    /// Gives it its name.
    pub fn keep(self) -> Result<(), Failure> {
        let Self { file, option, path } = self;
        file.as_file().sync_all().map_err(|error| failed(option, &path, &error))?;
        file.persist(&path).map_err(|error| failed(option, &path, &error.error))?;
        Ok(())
    }
}

/// The complaint about a file that could not be written.
pub fn failed(option: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(input::label(option, path), format!("cannot be written: {error}"))
        .remedy("name a file in a folder that can be written to, with room on the disk")
}
