//! Zip containers: `ASiC` (EN 319 162-1) and the Kazakh one.
//!
//! `layout` refuses archives that two readers could read in two ways, `archive` unpacks, `manifest` reads which signature is
//! over which files, and `reading` tells the kinds apart and puts the signatures together. A signature covers the container
//! ([`Whole`](crate::signed::Coverage::Whole)) when it covers every file in it outside `META-INF`, `mimetype` aside.

mod archive;
mod kind;
mod layout;
mod manifest;
mod reading;

use crate::signed::{Detached, Document, FormatError, SignedDocument};

/// Reads a signed container. The files are its content, so `detached` has to be absent.
///
/// # Errors
///
/// [`FormatError`]; a container read as a stream is [`FormatError::Unsupported`], because the directory of a zip archive
/// stands at its end.
pub fn read(document: Document<'_>, detached: Detached<'_>) -> Result<SignedDocument, FormatError> {
    reading::read(document, detached)
}
