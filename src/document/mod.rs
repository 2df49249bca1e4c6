//! Signed documents of any format: found out from the bytes, read by the format's module.

use crate::signed::{Detached, Document, Format, FormatError, SignedDocument};
use crate::{cms, container, pdf, xmldsig};

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

/// Reads a signed document.
///
/// # Errors
///
/// [`FormatError`].
pub fn read(document: Document<'_>, options: &Options<'_>) -> Result<SignedDocument, FormatError> {
    let head = head(document)?;
    let format = match options.format {
        Some(format) => format,
        None => detect(&head).ok_or(FormatError::UnknownFormat)?,
    };
    let whole = || match document {
        Document::Bytes(bytes) => Ok(bytes),
        Document::Stream(_) => Err(FormatError::Unsupported(format!("{} read as a stream", format.as_str()))),
    };
    match format {
        Format::Cms => cms::read(document, options.detached),
        Format::Pdf => pdf::read(whole()?),
        Format::Soap | Format::Xml => xmldsig::read(whole()?, options.detached, options.part),
        Format::AsicE | Format::AsicS | Format::KazakhZip => container::read(document, options.detached),
    }
}

fn head(document: Document<'_>) -> Result<Vec<u8>, FormatError> {
    use std::io::Read as _;
    match document {
        Document::Bytes(bytes) => Ok(bytes.get(..LOOK.min(bytes.len())).unwrap_or_default().to_vec()),
        Document::Stream(stream) => {
            let mut head = Vec::new();
            stream.open()?.take(LOOK as u64).read_to_end(&mut head)?;
            Ok(head)
        }
    }
}

/// The format of a document that begins with `head`; of a container any of the three.
#[must_use]
pub fn detect(head: &[u8]) -> Option<Format> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if head.starts_with(b"PK\x03\x04") {
        Some(Format::AsicE)
    } else if text.starts_with(b"<") || head.starts_with(b"\xff\xfe<") || head.starts_with(b"\xfe\xff\0<") {
        Some(Format::Xml)
    } else if head.windows(5).any(|window| window == b"%PDF-") {
        Some(Format::Pdf)
    } else if head.first() == Some(&0x30)
        || text.starts_with(b"-----BEGIN ")
        || (!text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=\r\n\t ".contains(byte)))
    {
        Some(Format::Cms)
    } else {
        None
    }
}
