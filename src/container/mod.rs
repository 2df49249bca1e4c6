//! Zip containers: `ASiC` (EN 319 162-1) and the Kazakh one.

use crate::signed::{Detached, Document, FormatError, SignedDocument};

/// Reads a signed container.
///
/// # Errors
///
/// [`FormatError`].
pub fn read(_document: Document<'_>, _detached: Detached<'_>) -> Result<SignedDocument, FormatError> {
    Err(FormatError::Unsupported("containers".into()))
}
