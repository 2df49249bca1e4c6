//! PDF signatures (ISO 32000-2 section 12.8) and `PAdES` (EN 319 142-1).

use crate::signed::{FormatError, SignedDocument};

/// Reads a signed PDF.
///
/// # Errors
///
/// [`FormatError`].
pub fn read(_document: &[u8]) -> Result<SignedDocument, FormatError> {
    Err(FormatError::Unsupported("PDF".into()))
}
