//! `--extract`: what was signed, as a file; never half of it, and never what was not accepted.

use std::io::Write as _;
use std::path::Path;

use super::super::input;
use super::super::status::Failure;

/// The bytes to write: the only content there is.
pub fn only_content(contents: Vec<(Option<&str>, Option<&[u8]>)>) -> Result<Vec<u8>, Failure> {
    let about = "--extract";
    match contents.as_slice() {
        [(_, Some(bytes))] => Ok(bytes.to_vec()),
        [(_, None)] | [] => Err(Failure::new(about, "the document does not carry what was signed")
            .remedy("the content of a detached signature is the file that --content names")),
        several => Err(Failure::new(about, format!("{} files were signed, not one", several.len()))
            .remedy("unpack the container: every file that the report lists is what was signed")),
    }
}

/// Writes them under a name that cannot be guessed, then gives them theirs.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(input::label("--extract", path), format!("cannot be written: {error}"))
            .remedy("name a file in a folder that can be written to")
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new().prefix(".rastau-").tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
