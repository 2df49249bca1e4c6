//! CMS signed data (RFC 5652) and `CAdES` (EN 319 122-1).

use crate::signed::{Detached, Document, FormatError, SignedDocument};

/// Reads a CMS document: DER or BER, PEM or base64 when it is held in memory.
///
/// # Errors
///
/// [`FormatError`].
pub fn read(_document: Document<'_>, _detached: Detached<'_>) -> Result<SignedDocument, FormatError> {
    Err(FormatError::Unsupported("CMS".into()))
}
