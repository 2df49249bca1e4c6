//! The desk where officials sign: what is asked, whether it may be, the signature, its check, the entry in the journal, the
//! answer. In that order, and nothing leaves before its entry is durable.
//!
//! A [`Desk`] stands beside a [`Service`], whose verifier it uses before (the official's certificate) and after (the result).
//! Keys are in the [`Register`]; requests name officials, never keys.

mod approval;
mod fault;
mod fitness;
mod format;
mod issue;
mod kept;
mod making;
mod officials;
mod original;
mod register;
mod request;
mod self_check;
mod start;
mod turns;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Semaphore;

pub use approval::Approval;
pub use fault::SigningFault;
pub use fitness::by_itself;
pub use format::{ToSign, draft};
pub use kept::{Issued, IssuedSummary};
pub use officials::{ExpiryWatch, KeyReport, OfficialReport};
pub use original::{Made, Original};
pub use register::{Entry, HeldKey, NotOpened, Open, OpenKey, Register};
pub use request::{PreparedSigning, SignFormat, SignRequest};
pub use self_check::{judge_ours, our_signature};
pub use start::{DeskError, Opened};

use approval::MAX_WAITING_OCTETS;
use fitness::fit_key;
use issue::Job;
use kept::Shelf;
use making::Task;
use turns::Turns;

use super::recording::{Asker, Recorder};
use super::{RequestError, Service};
use crate::clock::Time;
use crate::config::WithoutTimestamp;
use crate::crypto::{SignatureAlgorithm, hexadecimal, sha256};
use crate::journal::{AnswerKey, Journal, JournalError};

/// A timestamp token, later; or why there is none, in plain words.
pub type Stamping<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send + 'a>>;

/// Whoever gives timestamps.
pub trait Stamps: Send + Sync {
    /// A token over a signature value that was made with that algorithm.
    fn stamp<'a>(&'a self, value: &'a [u8], algorithm: SignatureAlgorithm) -> Stamping<'a>;
}

/// What a desk is made of.
pub struct DeskParts {
    /// Verifies.
    pub service: Arc<Service>,
    /// Who signs.
    pub register: Register,
    /// Writes down.
    pub recorder: Recorder,
    /// Gives timestamps; `None` where nobody is configured.
    pub stamps: Option<Arc<dyn Stamps>>,
    /// When no timestamp can be had.
    pub without_timestamp: WithoutTimestamp,
    /// Where large answers are kept.
    pub folder: PathBuf,
    /// How long a request waits for a second person.
    pub approval: Duration,
    /// Largest document, in octets.
    pub max_octets: u64,
    /// Octets of all answers that are kept in files.
    pub max_kept: u64,
    /// When the process started, by the system: unfinished files that are older are nobody's any more.
    pub started: Time,
}

/// Signatures that are made at once, for each core. Most of the time they wait: for a timestamp, a token, the disk.
const PLACES: usize = 8;
/// How long one waits for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where officials sign.
pub struct Desk {
    parts: DeskParts,
    shelf: Shelf,
    turns: Turns,
    /// Held while a request begins to wait.
    waiting: tokio::sync::Mutex<()>,
    /// Signatures that are made at once.
    places: Arc<Semaphore>,
    started: SystemTime,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("register", &self.parts.register).finish_non_exhaustive()
    }
}

/// A request with its document, ready to be done.
pub struct Order {
    /// The parsed fields.
    pub prepared: PreparedSigning,
    /// The document.
    pub original: Arc<dyn Original>,
    /// The content of a detached signature that gets one more.
    pub content: Option<Arc<dyn Original>>,
    /// The caller's idempotency key: the same key and request get the same answer.
    pub idempotency_key: String,
    /// Who asks.
    pub asker: Asker,
}

/// What a request comes to.
#[derive(Debug)]
pub enum SigningOutcome {
    /// Signed, now or before.
    Issued(Box<Issued>),
    /// Waits for a second person.
    Waiting(Box<Approval>),
}

/// What a second person says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SecondOpinion {
    /// To be signed.
    Approve,
    /// Not to be signed.
    Withhold,
}

impl Desk {
    /// Sets a desk up.
    #[must_use]
    pub fn new(parts: DeskParts) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            shelf: Shelf::new(parts.folder.clone(), parts.max_kept),
            turns: Turns::default(),
            waiting: tokio::sync::Mutex::new(()),
            places: Arc::new(Semaphore::new(PLACES * cores)),
            started: SystemTime::UNIX_EPOCH
                + Duration::from_secs(u64::try_from(parts.started.unix_seconds()).unwrap_or(0)),
            parts,
        }
    }

    /// A desk at which nobody signs.
    #[must_use]
    pub fn empty(service: Arc<Service>) -> Self {
        Self::new(DeskParts {
            service,
            register: Register::default(),
            recorder: Recorder::none(),
            stamps: None,
            without_timestamp: WithoutTimestamp::Fail,
            folder: PathBuf::new(),
            approval: Duration::ZERO,
            max_octets: 0,
            max_kept: 0,
            started: Time::from_unix(0),
        })
    }

    /// The officials.
    #[must_use]
    pub fn register(&self) -> &Register {
        &self.parts.register
    }

    /// Largest document that is signed, in octets.
    #[must_use]
    pub fn max_octets(&self) -> u64 {
        self.parts.max_octets
    }

    fn service(&self) -> &Arc<Service> {
        &self.parts.service
    }

    fn stamps(&self) -> Option<&Arc<dyn Stamps>> {
        self.parts.stamps.as_ref()
    }

    fn without_timestamp(&self) -> WithoutTimestamp {
        self.parts.without_timestamp
    }

    fn folder(&self) -> &Path {
        self.shelf.folder()
    }

    fn journal(&self) -> Result<&Arc<dyn Journal>, SigningFault> {
        let none = || JournalError::Unavailable("it is switched off; set journal.enabled = true".to_owned());
        self.parts.recorder.journal().ok_or_else(|| SigningFault::Journal(none()))
    }

    /// Removes kept answers that no entry of the journal knows: they were never given, or are past their retention.
    pub async fn tidy(&self) {
        let (shelf, started, Ok(journal)) = (self.shelf.clone(), self.started, self.journal()) else { return };
        let Ok(Ok(files)) = tokio::task::spawn_blocking(move || shelf.files(started)).await else { return };
        for file in files {
            // Under the turn of the key: a file of an answer that is being made has no entry yet.
            let _turn = self.turns.take(file.key).await;
            let stays = if file.waits {
                let pending = self.pending().await;
                pending.map_or(true, |all| all.iter().any(|one| one.held.answer_key() == Some(file.key)))
            } else {
                let answer = journal.answer(file.key).await;
                answer.map_or(true, |found| found.is_some_and(|(answer, _)| self.shelf.belongs(&file, &answer.body)))
            };
            if !stays && let Err(error) = std::fs::remove_file(&file.path) {
                tracing::warn!(%error, "a kept file that nobody can ask for any more cannot be removed");
            }
        }
    }

    /// Signs, or answers as before, or lets the request wait for a second person.
    ///
    /// # Errors
    ///
    /// [`SigningFault`]: nothing was signed, or nothing was released.
    pub async fn sign(&self, order: Order) -> Result<SigningOutcome, SigningFault> {
        let limit = self.parts.max_octets;
        let content_octets = order.content.as_ref().map_or(0, |content| content.octets());
        if order.original.octets().max(content_octets) > limit {
            return Err(SigningFault::TooLarge(limit));
        }
        let client = order.asker.client.as_deref().unwrap_or_default();
        let key = answer_key(client, &order.idempotency_key);
        let Order { prepared, original, content, asker, .. } = order;
        let task = Task { terms: prepared.terms, original, content, at: self.service().now() };
        let (task, document, request) = digests(task).await?;
        let (entry, language) = (prepared.official, prepared.language);
        let mut job = Job { task, entry, language, key, request, document, asker, approved: None };
        let _turn = self.turns.take(key).await;
        // What waited for its turn signs now, not when it came.
        job.task.at = self.service().now();
        if let Some(issued) = self.answered(key, request).await? {
            return Ok(SigningOutcome::Issued(Box::new(issued)));
        }
        if let Some(waiting) = self.already_waiting(&job).await? {
            return Ok(SigningOutcome::Waiting(Box::new(waiting)));
        }
        let outcome = self.carry_out(&job).await;
        if let Err(fault) = &outcome {
            self.refused(&job, fault).await;
        }
        outcome
    }

    /// The answer that was given under a key before.
    async fn answered(&self, key: AnswerKey, request: [u8; 32]) -> Result<Option<Issued>, SigningFault> {
        let Some((answer, receipt)) = self.journal()?.answer(key).await? else { return Ok(None) };
        if answer.request != request {
            return Err(SigningFault::KeyReused);
        }
        let shelf = self.shelf.clone();
        let taken = tokio::task::spawn_blocking(move || shelf.take(key, &answer.body, receipt)).await;
        match taken.map_err(|_panicked| SigningFault::Internal)? {
            Ok(issued) => Ok(Some(issued)),
            Err(error) => {
                tracing::error!(%error, sequence = receipt.sequence, "a kept answer cannot be read");
                Err(SigningFault::Internal)
            }
        }
    }

    async fn already_waiting(&self, job: &Job) -> Result<Option<Approval>, SigningFault> {
        if !job.entry.official.second_person {
            return Ok(None);
        }
        let pending = self.pending().await?;
        let Some(found) = pending.iter().find(|pending| pending.held.answer_key() == Some(job.key)) else {
            return Ok(None);
        };
        if found.held.request != hexadecimal(&job.request) {
            return Err(SigningFault::KeyReused);
        }
        Ok(Some(found.shown()))
    }

    async fn carry_out(&self, job: &Job) -> Result<SigningOutcome, SigningFault> {
        let terms = &job.task.terms;
        job.entry.official.may_sign(terms.kind, &terms.service, &terms.media_type, job.task.at)?;
        if job.entry.official.second_person {
            // Who would not be able to sign is told now, not the second person later.
            fit_key(self.service(), &job.entry, job.language).await?;
            return self.wait(job).await.map(|approval| SigningOutcome::Waiting(Box::new(approval)));
        }
        self.issue(job).await.map(|issued| SigningOutcome::Issued(Box::new(issued)))
    }
}

/// What could not be put away durably is not released.
fn not_kept(error: &std::io::Error) -> SigningFault {
    tracing::error!(%error, "a document cannot be kept, so nothing is released");
    SigningFault::Journal(JournalError::Unavailable(error.to_string()))
}

/// Hashes the document, and the request as a whole. Costs a pass over the document.
async fn digests(task: Task) -> Result<(Task, [u8; 32], [u8; 32]), SigningFault> {
    let work = move || {
        let document = original::digest(task.original.document())?;
        let content = task.content.as_deref().map(|content| original::digest(content.document())).transpose()?;
        let terms = serde_json::to_vec(&(&task.terms, document, content)).map_err(std::io::Error::other)?;
        Ok((task, document, sha256(&terms)))
    };
    let done: std::io::Result<_> =
        tokio::task::spawn_blocking(work).await.map_err(|_panicked| SigningFault::Internal)?;
    done.map_err(|error| {
        tracing::error!(%error, "a document that is to be signed cannot be read");
        SigningFault::Internal
    })
}

/// The key that an answer is kept under: the client's own, so that nobody guesses another's answer.
fn answer_key(client: &str, idempotency_key: &str) -> AnswerKey {
    let mut text = b"rastau answer 1\0".to_vec();
    text.extend_from_slice(client.as_bytes());
    text.push(0);
    text.extend_from_slice(idempotency_key.as_bytes());
    AnswerKey(sha256(&text))
}

impl Desk {
    /// The idempotency key of a request, from its header.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub fn check_idempotency_key(key: Option<&str>) -> Result<String, RequestError> {
        let good = |key: &&str| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        key.filter(good).map(str::to_owned).ok_or_else(|| RequestError {
            errors: vec![super::FieldError::new(
                "idempotency-key",
                if key.is_none() { "missing-field" } else { "unusable" },
                "the header has to name this request, so that a retry does not sign twice",
                "send 1 to 255 printable ASCII characters, such as a UUID, the same ones when you try again",
            )],
            malformed: false,
        })
    }
}
