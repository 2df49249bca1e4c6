//! `--extract`: what was signed, as a file; never half of it, and never what was not accepted.

use std::path::Path;

use super::super::files::Bytes;
use super::super::status::Failure;
use super::super::written::{Written, failed};

/// The bytes to write: the only content there is, which for a detached signature is what was `given` beside it. It is written
/// only when the answer is that it is what was signed.
pub fn only_content(contents: Vec<(Option<&str>, Option<&[u8]>)>, given: Option<&Bytes>) -> Result<Vec<u8>, Failure> {
    let about = "--extract";
    match (contents.as_slice(), given) {
        ([(_, Some(bytes))], _) => Ok(bytes.to_vec()),
        ([(None, None)], Some(given)) => given.read(about),
        ([(_, None)] | [], _) => Err(Failure::new(about, "the document does not carry what was signed")
            .remedy("the content of a detached signature is the file that --content names")),
        (several, _) => Err(Failure::new(about, format!("{} files were signed, not one", several.len()))
            .remedy("unpack the container: every file that the report lists is what was signed")),
    }
}

/// Writes them.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut written = Written::create("--extract", path)?;
    written.fill(|out| out.write_all(bytes)).map_err(|error| failed("--extract", path, &error))?;
    written.keep()
}
