//! Signed documents of any format: found out from the bytes, read by the format's module.

mod detect;

use std::borrow::Cow;
use std::io::Read as _;

use crate::signed::{ContentBytes, Detached, Document, Format, FormatError, SignedDocument};
use crate::tsp::Token;
use crate::{cms, container, pdf, xmldsig};

pub use detect::detect;

/// How a document is to be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The format, when the caller says so.
    pub format: Option<Format>,
    /// The content of a detached signature.
    pub detached: Detached<'a>,
    /// The Id of the element that must be covered (XML), instead of the root.
    pub part: Option<&'a str>,
}

/// How many octets tell the format.
const LOOK: usize = 1024;

/// Octets of a document that is given as a stream and of a format that has to be held in memory. XML has a limit of its own
/// below that.
const MAX_HELD: usize = 64 * 1024 * 1024;

/// Reads a signed document. One given as a stream is held in memory unless it is CMS.
///
/// # Errors
///
/// [`FormatError`].
pub fn read(document: Document<'_>, options: &Options<'_>) -> Result<SignedDocument, FormatError> {
    let format = match options.format {
        Some(format) => format,
        None => detect(&octets(document, LOOK)?).ok_or(FormatError::UnknownFormat)?,
    };
    if format == Format::Cms {
        return read_cms(document, options.detached);
    }
    match document {
        Document::Bytes(bytes) => read_held(bytes, format, options),
        Document::Stream(_) => {
            let held = octets(document, MAX_HELD + 1)?;
            if held.len() > MAX_HELD {
                return Err(FormatError::TooMuch { what: "bytes", limit: MAX_HELD as u64 });
            }
            let mut read = read_held(&held, format, options)?;
            // What lies in a stream is not at hand for the caller; here it still is.
            for content in &mut read.contents {
                if let ContentBytes::InDocument(place) = &content.bytes {
                    let bytes = held.get(place.clone()).unwrap_or_default().to_vec();
                    content.bytes = ContentBytes::Owned(bytes);
                }
            }
            Ok(read)
        }
    }
}

fn read_held(bytes: &[u8], format: Format, options: &Options<'_>) -> Result<SignedDocument, FormatError> {
    match format {
        Format::Cms => read_cms(Document::Bytes(bytes), options.detached),
        // Content is part of the question, and nobody would compare it.
        Format::Pdf if !matches!(options.detached, Detached::Absent) => {
            Err(FormatError::malformed("a PDF has its content inside; none may be given beside it"))
        }
        Format::Pdf => pdf::read(bytes),
        Format::Soap | Format::Xml => xmldsig::read(bytes, options.detached, options.part),
        Format::AsicE | Format::AsicS | Format::KazakhZip => container::read(Document::Bytes(bytes), options.detached),
    }
}

/// CMS, which may be a timestamp token.
fn read_cms(document: Document<'_>, detached: Detached<'_>) -> Result<SignedDocument, FormatError> {
    let mut read = cms::read(document, detached)?;
    if read.timestamp_token.is_some() {
        let form = held_token(document).and_then(|token| Token::check_form(&token));
        read.timestamp_token = Some(match form {
            Err(FormatError::Io(error)) => return Err(error.into()),
            form => form.map_err(|error| error.to_string()),
        });
    }
    Ok(read)
}

/// The document as octets in memory, PEM and base64 undone. Tokens are small: one that is given as a stream is held.
fn held_token(document: Document<'_>) -> Result<Cow<'_, [u8]>, FormatError> {
    let bytes = match document {
        Document::Bytes(bytes) => cms::armour(bytes)?,
        Document::Stream(_) => Cow::Owned(octets(document, MAX_HELD + 1)?),
    };
    if bytes.len() > MAX_HELD {
        return Err(FormatError::TooMuch { what: "bytes of a timestamp token", limit: MAX_HELD as u64 });
    }
    Ok(bytes)
}

/// The first octets of a document, `limit` at most.
fn octets(document: Document<'_>, limit: usize) -> Result<Vec<u8>, FormatError> {
    match document {
        Document::Bytes(bytes) => Ok(bytes.get(..limit.min(bytes.len())).unwrap_or_default().to_vec()),
        Document::Stream(stream) => {
            let mut octets = Vec::new();
            stream.open()?.take(limit as u64).read_to_end(&mut octets)?;
            Ok(octets)
        }
    }
}
