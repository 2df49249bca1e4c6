//! Making the signature itself: the format's draft, the timestamp, the finished document.

use std::io::Read as _;
use std::sync::Arc;

use super::Desk;
use super::fault::SigningFault;
use super::fitness::Fit;
use super::format::{ToSign, draft};
use super::original::{Made, Original};
use super::request::{SignFormat, Terms};
use crate::clock::Time;
use crate::config::WithoutTimestamp;
use crate::signed::{self, Document, MakeError};

/// What is to be signed.
#[derive(Clone)]
pub(super) struct Task {
    pub terms: Terms,
    pub original: Arc<dyn Original>,
    /// The content of a detached signature that gets one more.
    pub content: Option<Arc<dyn Original>>,
    pub at: Time,
}

/// What came out.
pub(super) struct Outcome {
    pub made: Made,
    /// The value of the new signature, to find it again by.
    pub value: Vec<u8>,
    /// Whether there is a timestamp in it.
    pub stamped: bool,
    pub warnings: Vec<String>,
}

/// Signs, stamps where that is wanted, and writes the document.
pub(super) async fn make(desk: &Desk, task: &Task, fit: &Fit) -> Result<Outcome, SigningFault> {
    let wanted = match (task.terms.timestamp, desk.stamps()) {
        (Some(true), None) => return Err(SigningFault::NoTimestampAuthority),
        // WS-Security has no place for a timestamp.
        (Some(false), _) | (None, None) => None,
        (None, Some(_)) if task.terms.format == SignFormat::Wsse => None,
        (Some(true) | None, Some(stamps)) => Some(stamps),
    };
    let folder = desk.folder().to_owned();
    let runtime = tokio::runtime::Handle::current();
    let (task, signer) = (task.clone(), Arc::clone(&fit.open.signer));
    let (stamps, without) = (wanted.cloned(), desk.without_timestamp());
    let work = move || {
        if !task.terms.add && !looks_like(&task.terms.media_type, task.original.document())? {
            let text = format!("it is not {}", task.terms.media_type);
            return Err(SigningFault::Document(text));
        }
        let facts = task.terms.facts();
        let said = signed::Terms { signing_time: task.at, chain: &[], facts: Some(&facts) };
        let order = ToSign {
            format: task.terms.format,
            document: task.original.document(),
            detached: task.terms.detached,
            add: task.terms.add,
            content: task.content.as_deref().map(Original::document),
            stamped: stamps.is_some(),
        };
        let draft = draft(&order, &*signer, said)?;
        let mut warnings = Vec::new();
        let token = match stamps {
            None => None,
            // The draft borrows the document, so that it stays on this thread, which may wait.
            Some(stamps) => match runtime.block_on(stamps.stamp(draft.stamped(), signer.algorithm())) {
                Ok(token) => Some(token),
                Err(error) if without == WithoutTimestamp::Fail || task.terms.timestamp == Some(true) => {
                    return Err(SigningFault::Timestamp(error));
                }
                Err(error) => {
                    warnings.push(format!("signed without a timestamp: {error}"));
                    None
                }
            },
        };
        if task.terms.format == SignFormat::Wsse {
            warnings
                .push("number, kind, service and holder are not signed: WS-Security has no place for them".to_owned());
        }
        let value = draft.value().to_vec();
        let mut made = Made::place(&*task.original, &folder).map_err(MakeError::Io)?;
        draft.write(token.as_deref(), &mut made)?;
        Ok(Outcome { made, value, stamped: token.is_some(), warnings })
    };
    tokio::task::spawn_blocking(work).await.map_err(|_panicked| SigningFault::Internal)?
}

/// Octets at the beginning that tell what a document is.
const BEGINNING: usize = 1024;

/// Whether a document can be of a media type, where that shows at its beginning: what an official may sign is a question of
/// the type. Of types other than PDF and XML the caller's word is taken.
fn looks_like(media_type: &str, document: Document<'_>) -> Result<bool, MakeError> {
    let mut beginning = Vec::with_capacity(BEGINNING);
    match document {
        Document::Bytes(bytes) => beginning.extend_from_slice(bytes.get(..BEGINNING).unwrap_or(bytes)),
        Document::Stream(stream) => {
            stream.open()?.take(BEGINNING as u64).read_to_end(&mut beginning)?;
        }
    }
    let is_xml = matches!(media_type, "application/xml" | "text/xml") || media_type.ends_with("+xml");
    Ok(if media_type == "application/pdf" {
        beginning.windows(5).any(|window| window == b"%PDF-")
    } else if is_xml {
        // UTF-16 has a zero beside every character of the markup; a mark of the order of octets may stand in front.
        let text = beginning.iter().filter(|byte| !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff));
        text.copied().find(|byte| !byte.is_ascii_whitespace()) == Some(b'<')
    } else {
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_another_type_than_it_is_said_to_be_is_noticed() {
        for (media_type, document, expected) in [
            ("application/pdf", &b"%PDF-1.7\n"[..], true),
            ("application/pdf", b"\n\n%PDF-1.7\n", true),
            ("application/pdf", b"a licence", false),
            ("application/pdf", b"", false),
            ("application/xml", b"\xef\xbb\xbf <a/>", true),
            ("text/xml", b"\xff\xfe<\0a\0/\0>\0", true),
            ("application/soap+xml", b"<a/>", true),
            ("application/xml", b"%PDF-1.7", false),
            ("text/plain", b"anything", true),
        ] {
            assert_eq!(looks_like(media_type, Document::Bytes(document)).unwrap(), expected, "{media_type}");
        }
    }
}
