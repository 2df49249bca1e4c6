//! `[algorithms]`: a table of the operator over the built-in one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::shown;
use crate::config::reader::Reader;
use crate::policy::algorithms::AlgorithmTable;

/// Largest table read; the built-in one, comments and all, is under 4 KiB.
const MAX_BYTES: u64 = 1 << 20;

/// Read at once, so that `config check` tells what is wrong with it.
pub(super) fn algorithms(reader: &mut Reader<'_>) -> Arc<AlgorithmTable> {
    let Some(found) = reader.find("algorithms", "file") else { return AlgorithmTable::builtin() };
    let known = reader.problems.len();
    let paths = reader.paths_of(&found);
    reader.record("algorithms.file", shown(&paths), found.origin.clone());
    let Ok([path]) = <[PathBuf; 1]>::try_from(paths) else {
        if reader.problems.len() == known {
            reader.blame(&found, "not one file", "Name one file with the table of algorithms");
        }
        return AlgorithmTable::builtin();
    };
    match read(&path) {
        Ok(table) => Arc::new(table),
        Err(problem) => {
            reader.blame(&found, problem, "docs/ALGORITHMS.md describes the file and its names");
            AlgorithmTable::builtin()
        }
    }
}

fn read(path: &Path) -> Result<AlgorithmTable, String> {
    let metadata = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("not a file".to_owned());
    }
    if metadata.len() > MAX_BYTES {
        return Err(format!("larger than {MAX_BYTES} bytes"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    AlgorithmTable::from_toml(&text).map_err(|error| error.to_string())
}
