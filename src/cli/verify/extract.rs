//! `--extract`: what was signed, as a file; never half of it, and never what was not accepted.

use std::path::Path;

use super::super::status::Failure;
use super::super::written::{Written, failed};

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

/// Writes them.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut written = Written::create("--extract", path)?;
    written.fill(|out| out.write_all(bytes)).map_err(|error| failed("--extract", path, &error))?;
    written.keep()
}
