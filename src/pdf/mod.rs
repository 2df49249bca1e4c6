//! PDF signatures (ISO 32000-2 section 12.8) and `PAdES` (EN 319 142-1).
//!
//! From the bottom up:
//! * `lexer` finds where values begin and end, `object` has lopdf read them
//! * `xref` reads cross references strictly, `file` puts them together to the states of the file after each revision
//! * `field` finds signatures, `byte_range` what they are over by their place in the file
//! * `changes` tells what came after a signature, `evidence` reads the document security store
//! * `reading` makes a [`SignedDocument`] of it
//!
//! `make` goes the other way: it appends signatures, timestamps and evidence as revisions.

mod byte_range;
mod changes;
mod evidence;
mod field;
mod file;
mod lexer;
mod make;
mod object;
mod reading;
mod xref;

pub use make::{Signing, TOKEN_ROOM, extend_with_evidence, extend_with_timestamp, sign};

use crate::signed::{FormatError, SignedDocument};

/// Reads a signed PDF.
///
/// A signature covers the document ([`Whole`](crate::signed::Coverage::Whole)) when its bytes are one revision from the
/// first octet to the end, without its own value, and when later revisions add nothing but further signatures, timestamps
/// and evidence; those are named in its warnings. Anything else that came later makes it cover a part, with the changes
/// named. Encrypted files, and the signature formats that stand on SHA-1 by definition, are
/// [`FormatError::Unsupported`].
///
/// # Errors
///
/// [`FormatError`]. A signature whose `ByteRange` does not say what its place in the file says is no such error, but
/// [`Altered`](crate::signed::Integrity::Altered).
pub fn read(document: &[u8]) -> Result<SignedDocument, FormatError> {
    reading::read(document)
}
