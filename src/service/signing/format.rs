//! From a document to a draft, whatever the format.

use super::original::as_content;
use super::request::SignFormat;
use crate::cms;
use crate::pdf;
use crate::signed::{Detached, Document, Draft, MakeError, Signer, Terms};
use crate::xmldsig;

/// What is to be signed, and in which form.
#[derive(Clone, Copy)]
pub struct ToSign<'a> {
    /// The form.
    pub format: SignFormat,
    /// The document; with [`Self::add`] the message that is signed already.
    pub document: Document<'a>,
    /// Whether the signature stands beside the document (CMS only).
    pub detached: bool,
    /// Whether the document is a signed message that gets one signature more (CMS only).
    pub add: bool,
    /// The content of a message that has none inside and gets one signature more.
    pub content: Option<Document<'a>>,
    /// Whether there will be a timestamp: PDF keeps a place for it.
    pub stamped: bool,
}

/// Signs: everything but the timestamp, and the writing of the document. Blocking.
///
/// # Errors
///
/// [`MakeError`]; nothing was signed then.
pub fn draft<'a>(
    order: &ToSign<'a>,
    signer: &'a dyn Signer,
    terms: Terms<'a>,
) -> Result<Box<dyn Draft + 'a>, MakeError> {
    let document = order.document;
    match order.format {
        SignFormat::Cms => {
            let (content, previous) = match (order.add, order.content) {
                (false, _) => (as_content(document), None),
                (true, None) => (Detached::Absent, Some(document)),
                (true, Some(content)) => (as_content(content), Some(document)),
            };
            let detached = order.detached;
            cms::sign(&cms::Signing { signer, terms, content, detached, previous, profile: cms::Profile::Cades })
        }
        SignFormat::Pdf => pdf::sign(&pdf::Signing {
            signer,
            terms,
            document: whole(document)?,
            field: None,
            token_room: if order.stamped { pdf::TOKEN_ROOM } else { 0 },
        }),
        SignFormat::Xml | SignFormat::Wsse => {
            let form = match order.format {
                SignFormat::Wsse => xmldsig::Form::Wsse,
                _ => xmldsig::Form::Enveloped,
            };
            // WS-Security has no place for signed properties.
            let xades = order.format == SignFormat::Xml;
            xmldsig::sign(&xmldsig::Signing { signer, terms, document: whole(document)?, form, xades })
        }
    }
}

fn whole(document: Document<'_>) -> Result<&[u8], MakeError> {
    match document {
        Document::Bytes(bytes) => Ok(bytes),
        Document::Stream(_) => Err(MakeError::Document("documents of that size are signed as cms only".to_owned())),
    }
}
