//! The desk where officials sign: what is asked, whether it may be, the signature, its check, the entry in the journal, the
//! answer. In that order, and nothing leaves before its entry is durable.
//!
//! A [`Desk`] stands beside a [`Service`], whose verifier it uses before (the official's certificate) and after (the result).
//! Keys are in the [`Register`]; requests name officials, never keys.

mod approval;
mod fault;
mod fitness;
mod format;
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
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SecureRandom as _;

pub use approval::Approval;
pub use fault::SigningFault;
pub use fitness::by_itself;
pub use format::{ToSign, draft};
pub use kept::{Base64Pieces, Issued, IssuedSummary};
pub use officials::{ExpiryWatch, KeyReport, OfficialReport};
pub use original::{Made, Original};
pub use register::{Entry, HeldKey, NotOpened, Open, OpenKey, Register};
pub use request::{PreparedSigning, SignFormat, SignRequest};
pub use self_check::{judge_ours, our_signature};
pub use start::{DeskError, Opened};

use approval::{Held, MAX_WAITING, MAX_WAITING_OCTETS};
use fitness::{Fit, fit_key};
use kept::Shelf;
use making::Task;
use self_check::{Expected, self_check};
use turns::Turns;

use super::recording::{Asker, Recorder, evidence_of};
use super::{RequestError, Service};
use crate::clock::Time;
use crate::config::WithoutTimestamp;
use crate::crypto::{SignatureAlgorithm, from_hexadecimal, hexadecimal, sha256};
use crate::journal::{Answer, AnswerKey, Event, Identity, Journal, JournalError, Receipt, Record, Waiting};
use crate::signed::Document;
use crate::verdict::{Language, SignatureReport};

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
}

/// Where officials sign.
pub struct Desk {
    parts: DeskParts,
    shelf: Shelf,
    turns: Turns,
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

/// What runs through the steps of one order.
struct Job {
    task: Task,
    entry: Arc<Entry>,
    language: Language,
    key: AnswerKey,
    request: [u8; 32],
    document: [u8; 32],
    asker: Asker,
    /// The waiting request that this settles, and who approved it.
    approved: Option<([u8; 16], Option<Arc<str>>)>,
}

impl Desk {
    /// Sets a desk up.
    #[must_use]
    pub fn new(parts: DeskParts) -> Self {
        Self { shelf: Shelf::new(parts.folder.clone()), turns: Turns::default(), parts }
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
        let (shelf, Ok(journal)) = (self.shelf.clone(), self.journal()) else { return };
        let Ok(Ok(keys)) = tokio::task::spawn_blocking(move || shelf.keys()).await else { return };
        for key in keys {
            // Under the turn of the key: a file of an answer that is being made has no entry yet.
            let _turn = self.turns.take(key).await;
            if matches!(journal.answer(key).await, Ok(None))
                && let Err(error) = self.shelf.remove(key)
            {
                tracing::warn!(%error, "a kept answer that nobody can ask for any more cannot be removed");
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
        let octets = order.original.octets();
        if octets > limit {
            return Err(SigningFault::TooLarge(limit));
        }
        let client = order.asker.client.as_deref().unwrap_or_default();
        let key = answer_key(client, &order.idempotency_key);
        let Order { prepared, original, content, asker, .. } = order;
        let task = Task { terms: prepared.terms, original, content, at: self.service().now() };
        let (task, document, request) = digests(task).await?;
        let (entry, language) = (prepared.official, prepared.language);
        let job = Job { task, entry, language, key, request, document, asker, approved: None };
        let _turn = self.turns.take(key).await;
        if let Some(issued) = self.answered(key, request).await? {
            return Ok(SigningOutcome::Issued(Box::new(issued)));
        }
        if let Some(waiting) = self.already_waiting(key, request).await? {
            return Ok(SigningOutcome::Waiting(Box::new(waiting)));
        }
        let outcome = self.carry_out(&job).await;
        if let Err(fault) = &outcome {
            self.refused(&job, fault).await;
        }
        outcome
    }

    /// What a second person says about a request that waits.
    ///
    /// # Errors
    ///
    /// [`SigningFault`]; a request that cannot be signed now goes on waiting.
    pub async fn settle(
        &self,
        id: &str,
        opinion: SecondOpinion,
        asker: Asker,
        language: Option<Language>,
    ) -> Result<Option<Issued>, SigningFault> {
        let pending = self.pending().await?;
        let found =
            pending.into_iter().find(|pending| hexadecimal(&pending.id) == id).ok_or(SigningFault::ApprovalUnknown)?;
        let held = found.held;
        if held.asked_by.as_deref() == asker.client.as_deref() {
            return Err(SigningFault::ApproverIsAsker);
        }
        let key = held.answer_key().ok_or(SigningFault::Internal)?;
        let request = from_hexadecimal(&held.request).ok_or(SigningFault::Internal)?;
        let document = from_hexadecimal(&held.document_sha256).ok_or(SigningFault::Internal)?;
        let decode = |text: &String| STANDARD.decode(text).map_err(|_| SigningFault::Internal);
        let content = held.content.as_ref().map(decode).transpose()?;
        let entry = self.register().get(&held.terms.official).ok_or(SigningFault::ApprovalUnknown)?;
        let task = Task {
            original: Arc::new(decode(&held.document)?),
            content: content.map(|content| Arc::new(content) as Arc<dyn Original>),
            at: self.service().now(),
            terms: held.terms,
        };
        let second = asker.client.clone();
        let asked_by = Asker { client: held.asked_by.as_deref().map(Arc::from), ..asker };
        let language = language.unwrap_or(self.service().default_language());
        let approved = Some((found.id, second.clone()));
        let job = Job { task, entry, language, key, request, document, asker: asked_by, approved };
        let _turn = self.turns.take(key).await;
        if opinion == SecondOpinion::Withhold {
            let mut record = self.record(&job, Event::ApprovalWithheld);
            record.settles = Some(found.id);
            record.details.push(("withheld-by", second.as_deref().unwrap_or_default().to_owned()));
            return self.append(record).await.map(|_receipt| None);
        }
        if let Some(issued) = self.answered(key, request).await? {
            return Ok(Some(issued));
        }
        match self.issue(&job).await {
            Ok(issued) => Ok(Some(issued)),
            Err(fault) => {
                self.refused(&job, &fault).await;
                Err(fault)
            }
        }
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

    async fn already_waiting(&self, key: AnswerKey, request: [u8; 32]) -> Result<Option<Approval>, SigningFault> {
        if !self.parts.register.iter().any(|entry| entry.official.second_person) {
            return Ok(None);
        }
        let pending = self.pending().await?;
        let Some(found) = pending.iter().find(|pending| pending.held.answer_key() == Some(key)) else {
            return Ok(None);
        };
        if found.held.request != hexadecimal(&request) {
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

    async fn wait(&self, job: &Job) -> Result<Approval, SigningFault> {
        if job.task.original.octets() > MAX_WAITING_OCTETS {
            return Err(SigningFault::TooLarge(MAX_WAITING_OCTETS));
        }
        if self.pending().await?.len() >= MAX_WAITING {
            return Err(SigningFault::TooManyWaiting);
        }
        let mut id = [0; 16];
        ring::rand::SystemRandom::new().fill(&mut id).map_err(|_| SigningFault::Internal)?;
        let held = Held {
            terms: job.task.terms.clone(),
            key: hexadecimal(&job.key.0),
            request: hexadecimal(&job.request),
            asked_by: job.asker.client.as_deref().map(str::to_owned),
            document: in_base64(&*job.task.original)?,
            content: job.task.content.as_deref().map(in_base64).transpose()?,
            document_sha256: hexadecimal(&job.document),
            octets: job.task.original.octets(),
        };
        let seconds = i64::try_from(self.parts.approval.as_secs()).unwrap_or(i64::MAX);
        let expires_at = Time::from_unix(job.task.at.unix_seconds().saturating_add(seconds));
        let body = serde_json::to_vec(&held).map_err(|_| SigningFault::Internal)?;
        let mut record = self.record(job, Event::ApprovalWanted);
        record.waits = Some(Waiting { id, expires_at, body });
        self.append(record).await?;
        Ok(approval::Pending { id, expires_at, held }.shown())
    }

    /// The steps of a signature: fit key, draft and timestamp, self-check, answer put away, entry.
    async fn issue(&self, job: &Job) -> Result<Issued, SigningFault> {
        let terms = &job.task.terms;
        job.entry.official.may_sign(terms.kind, &terms.service, &terms.media_type, job.task.at)?;
        // First of all: what cannot be written down is not signed.
        self.journal()?.head().await?;
        let fit = fit_key(self.service(), &job.entry, job.language).await?;
        let outcome = making::make(self, &job.task, &fit).await?;
        let made = Arc::new(outcome.made);
        let content = match (terms.detached, terms.add) {
            (true, false) => Some(Arc::clone(&job.task.original)),
            (true, true) => job.task.content.clone(),
            (false, _) => None,
        };
        let certificate = fit.open.signer.certificate().clone();
        let expected = Expected { certificate, stamped: outcome.stamped, language: job.language, content };
        let report = self_check(self.service(), Arc::clone(&made), terms, expected).await?;
        let made = Arc::into_inner(made).ok_or(SigningFault::Internal)?;
        self.release(job, &fit, &report, (made, outcome.warnings)).await
    }

    async fn release(
        &self,
        job: &Job,
        fit: &Fit,
        report: &SignatureReport,
        (made, warnings): (Made, Vec<String>),
    ) -> Result<Issued, SigningFault> {
        let stamp = report.timestamp.as_ref().and_then(|stamp| stamp.gen_time);
        let facts = IssuedSummary {
            certificate: STANDARD.encode(fit.open.signer.certificate().as_der()),
            signed_at: stamp.unwrap_or(job.task.at),
            level: report.verified_level.unwrap_or(report.level).to_owned(),
            demo: job.entry.demo,
            warnings,
        };
        let (shelf, key, told) = (self.shelf.clone(), job.key, facts.clone());
        let kept = tokio::task::spawn_blocking(move || {
            let signed = original::digest(made.document())?;
            shelf.keep(key, &made, &told).map(|body| (body, made, signed))
        });
        let (body, made, signed) = kept.await.map_err(|_panicked| SigningFault::Internal)?.map_err(|error| {
            tracing::error!(%error, "a signed document cannot be kept, so it is not released");
            SigningFault::Journal(JournalError::Unavailable(error.to_string()))
        })?;
        let mut record = self.record(job, Event::Signed);
        record.digests.push(("signed-document", signed));
        record.digests.push(("certificate", *fit.open.signer.certificate().sha256()));
        record.evidence = evidence_of(&fit.report);
        record.evidence.extend(evidence_of(&report.report));
        record.evidence.sort_unstable();
        record.evidence.dedup();
        record.decision = Some(report.report.decision().as_str());
        record.details.push(("key", fit.key.id().to_owned()));
        record.details.push(("level", facts.level.clone()));
        record.details.push(("signed-at", facts.signed_at.to_string()));
        if facts.demo {
            record.details.push(("demo", "true".to_owned()));
        }
        record.answer = Some(Answer { key: job.key, request: job.request, body });
        let receipt = self.append(record).await?;
        Ok(Issued { document: made, facts, receipt, replayed: false })
    }

    /// Writes down that nothing was signed; an alarm where our own check failed.
    async fn refused(&self, job: &Job, fault: &SigningFault) {
        if let SigningFault::SelfCheck(why) = fault {
            tracing::error!(
                official = job.entry.official.id,
                why,
                "ALARM: a signature of our own did not pass the check; nothing was released"
            );
        }
        if !fault.is_recorded() {
            return;
        }
        let mut record = self.record(job, Event::SigningRefused);
        record.decision = Some("refused");
        record.details.push(("code", fault.code().to_owned()));
        if let Err(error) = self.append(record).await {
            tracing::error!(%error, "that a signature was refused is not in the journal");
        }
    }

    fn record(&self, job: &Job, event: Event) -> Record {
        let terms = &job.task.terms;
        let mut record = self.parts.recorder.plain(event, job.task.at, &job.asker);
        record.digests.push(("document", job.document));
        record.identities.push(Identity { role: "holder", number: terms.holder.clone() });
        record.details.extend([
            ("official", terms.official.clone()),
            ("kind", terms.kind.as_str().to_owned()),
            ("service", terms.service.clone()),
            ("number", terms.number.clone()),
            ("format", terms.format.as_str().to_owned()),
            ("media-type", terms.media_type.clone()),
        ]);
        if let Some((id, second)) = &job.approved {
            record.settles = (event == Event::Signed).then_some(*id);
            if event == Event::Signed {
                record.details.push(("approved-by", second.as_deref().unwrap_or_default().to_owned()));
            }
        }
        record
    }

    async fn append(&self, record: Record) -> Result<Receipt, SigningFault> {
        match self.journal()?.append(record).await {
            Err(JournalError::Settled) => Err(SigningFault::ApprovalUnknown),
            other => Ok(other?),
        }
    }
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

fn in_base64(original: &dyn Original) -> Result<String, SigningFault> {
    match original.document() {
        Document::Bytes(bytes) => Ok(STANDARD.encode(bytes)),
        Document::Stream(stream) => {
            let read = || stream.open().and_then(|reader| kept::whole_in_base64(reader));
            read().map_err(|error| {
                tracing::error!(%error, "a document that is to wait cannot be read");
                SigningFault::Internal
            })
        }
    }
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
