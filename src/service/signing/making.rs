//! Making the signature itself: the format's draft, the timestamp, the finished document.

use std::sync::Arc;

use super::Desk;
use super::fault::SigningFault;
use super::fitness::Fit;
use super::format::{ToSign, draft};
use super::original::{Made, Original};
use super::request::{SignFormat, Terms};
use crate::clock::Time;
use crate::config::WithoutTimestamp;
use crate::signed::{self, MakeError};

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
                Err(error) if without == WithoutTimestamp::Fail => return Err(SigningFault::Timestamp(error)),
                Err(error) => {
                    warnings.push(format!("signed without a timestamp: {error}"));
                    None
                }
            },
        };
        let mut made = Made::place(&*task.original, &folder).map_err(MakeError::Io)?;
        draft.write(token.as_deref(), &mut made)?;
        Ok(Outcome { made, stamped: token.is_some(), warnings })
    };
    tokio::task::spawn_blocking(work).await.map_err(|_panicked| SigningFault::Internal)?
}
