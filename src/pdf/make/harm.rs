//! A look at the file as it will be, before anybody signs it: whether a signature over the file as it was would go on holding.
//!
//! What the reader would hold against an earlier signature is found here, with nothing signed: objects that cannot be read,
//! which nobody looks at until a second revision is compared with the first, or references by mistake to the number of an
//! object that is new now.

use crate::pdf::changes;
use crate::pdf::file::File;
use crate::signed::MakeError;

/// Compares the first `before` octets of a file with all of it.
pub(super) fn check(file: &[u8], before: usize) -> Result<(), MakeError> {
    let file = File::read(file)?;
    let Some(old) = file.revision(before)? else {
        return Err(MakeError::Document("what it ends with is no revision".to_owned()));
    };
    let changes = changes::between(&old, &file.newest()?)?;
    if changes.others.is_empty() {
        return Ok(());
    }
    let list = changes.others.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(MakeError::Document(format!("a signature over it would not outlast an addition: changed would be {list}")))
}
