//! XML signatures, `XAdES` and WS-Security.

use crate::signed::{Detached, FormatError, SignedDocument};

/// Reads a signed XML document or SOAP envelope; `part` is the Id of the element the caller wants covered, else the root
/// (for SOAP, the Body).
///
/// # Errors
///
/// [`FormatError`].
pub fn read(_document: &[u8], _detached: Detached<'_>, _part: Option<&str>) -> Result<SignedDocument, FormatError> {
    Err(FormatError::Unsupported("XML".into()))
}
