//! The second person: a request waits, durably, until another client approves or withholds.

use std::sync::Arc;

use ring::rand::SecureRandom as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::SigningFault;
use super::issue::Job;
use super::kept::{Issued, WaitingPart};
use super::making::Task;
use super::original::Original;
use super::request::Terms;
use super::{Desk, SecondOpinion};
use crate::clock::Time;
use crate::crypto::{from_hexadecimal, hexadecimal, sha256};
use crate::journal::{AnswerKey, Event, Waiting};
use crate::service::Asker;
use crate::verdict::Language;

/// Octets of a document that may wait, and of the content beside it: it is held in memory when it is approved.
pub(super) const MAX_WAITING_OCTETS: u64 = 16 << 20;
/// Octets of all documents that wait.
const MAX_ALL_WAITING: u64 = 1 << 30;
/// Requests that may wait at once: two hours' work of a large authority. All of them are looked through for one.
pub(super) const MAX_WAITING: usize = 200;

/// A request that waits for a second person.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct Approval {
    /// To be named when approving, at `/v1/approvals/{id}`.
    pub id: String,
    /// Until when.
    pub expires_at: Time,
    /// Who signs.
    pub official: String,
    /// What it is.
    pub kind: String,
    /// Slug of the service.
    pub service: String,
    /// Number of the document.
    pub number: String,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 of the document, in hexadecimal.
    pub document_sha256: String,
    /// Length of the document in octets.
    pub octets: u64,
    /// The format of the signature.
    #[schema(value_type = String)]
    pub format: &'static str,
    /// Whether the signature will stand beside the document.
    pub detached: bool,
    /// Whether the document is signed already and gets one signature more.
    pub add: bool,
    /// The client that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
}

/// What waits, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Held {
    pub terms: Terms,
    pub key: String,
    pub request: String,
    pub asked_by: Option<String>,
    /// The document itself lies on the shelf.
    pub document_sha256: String,
    pub octets: u64,
    pub content_octets: Option<u64>,
}

impl Held {
    pub(super) fn answer_key(&self) -> Option<AnswerKey> {
        from_hexadecimal(&self.key).map(AnswerKey)
    }
}

/// What waits, read.
pub(super) struct Pending {
    pub id: [u8; 16],
    pub expires_at: Time,
    pub held: Held,
}

impl Pending {
    fn read(waiting: &Waiting) -> Option<Self> {
        let held = serde_json::from_slice(&waiting.body)
            .inspect_err(|error| tracing::error!(%error, "a request that waits for an approval cannot be read"))
            .ok()?;
        Some(Self { id: waiting.id, expires_at: waiting.expires_at, held })
    }

    /// As it is shown.
    pub(super) fn shown(&self) -> Approval {
        let terms = &self.held.terms;
        Approval {
            id: hexadecimal(&self.id),
            expires_at: self.expires_at,
            official: terms.official.clone(),
            kind: terms.kind.as_str().to_owned(),
            service: terms.service.clone(),
            number: terms.number.clone(),
            media_type: terms.media_type.clone(),
            document_sha256: self.held.document_sha256.clone(),
            octets: self.held.octets,
            format: terms.format.as_str(),
            detached: terms.detached,
            add: terms.add,
            asked_by: self.held.asked_by.clone(),
        }
    }
}

impl Desk {
    /// Everything that waits, oldest first.
    pub(super) async fn pending(&self) -> Result<Vec<Pending>, SigningFault> {
        let waiting = self.journal()?.waiting(self.service().now()).await?;
        let read = move || waiting.iter().filter_map(Pending::read).collect();
        tokio::task::spawn_blocking(read).await.map_err(|_panicked| SigningFault::Internal)
    }

    /// What waits for a second person.
    ///
    /// # Errors
    ///
    /// [`SigningFault::Journal`].
    pub async fn approvals(&self) -> Result<Vec<Approval>, SigningFault> {
        Ok(self.pending().await?.iter().map(Pending::shown).collect())
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
        let found = self.waiting_one(id).await?;
        let second = asker.client.clone();
        let is_asker = found.held.asked_by.as_deref() == second.as_deref();
        let language = language.unwrap_or(self.service().default_language());
        let job = self.job_of(found, asker, language).await?;
        let key = job.key;
        if is_asker {
            self.refused(&job, &SigningFault::ApproverIsAsker).await;
            return Err(SigningFault::ApproverIsAsker);
        }
        let _turn = self.turns.take(key).await;
        if opinion == SecondOpinion::Withhold {
            let mut record = self.record(&job, Event::ApprovalWithheld);
            record.settles = job.approved.as_ref().map(|(id, _)| *id);
            self.append(record).await?;
            self.forget_waiting(key).await;
            return Ok(None);
        }
        if let Some(issued) = self.answered(key, job.request).await? {
            return Ok(Some(issued));
        }
        match self.issue(&job).await {
            Ok(issued) => {
                self.forget_waiting(key).await;
                Ok(Some(issued))
            }
            Err(fault) => {
                self.refused(&job, &fault).await;
                Err(fault)
            }
        }
    }

    async fn waiting_one(&self, id: &str) -> Result<Pending, SigningFault> {
        let found = self.pending().await?.into_iter().find(|pending| hexadecimal(&pending.id) == id);
        found.ok_or(SigningFault::ApprovalUnknown)
    }

    /// The document that waits, for the second person to look at.
    ///
    /// # Errors
    ///
    /// [`SigningFault::ApprovalUnknown`]; [`SigningFault::Internal`] when it is not what was handed in any more.
    pub async fn waiting_document(&self, id: &str) -> Result<(String, Vec<u8>), SigningFault> {
        let found = self.waiting_one(id).await?;
        let key = found.held.answer_key().ok_or(SigningFault::Internal)?;
        let bytes = self.take_waiting(key, WaitingPart::Document).await?;
        if hexadecimal(&sha256(&bytes)) != found.held.document_sha256 {
            return Err(altered());
        }
        Ok((found.held.terms.media_type, bytes))
    }

    /// What waits, ready to be worked on: the document is the one that was handed in, or nothing is done.
    async fn job_of(&self, found: Pending, asker: Asker, language: Language) -> Result<Job, SigningFault> {
        let held = found.held;
        let key = held.answer_key().ok_or(SigningFault::Internal)?;
        let entry = self.register().get(&held.terms.official).ok_or(SigningFault::ApprovalUnknown)?;
        let original = self.take_waiting(key, WaitingPart::Document).await?;
        let content = match held.content_octets {
            Some(_) => Some(Arc::new(self.take_waiting(key, WaitingPart::Content).await?) as Arc<dyn Original>),
            None => None,
        };
        let task = Task { original: Arc::new(original), content, at: self.service().now(), terms: held.terms };
        let (task, document, request) = super::digests(task).await?;
        if hexadecimal(&document) != held.document_sha256 || hexadecimal(&request) != held.request {
            return Err(altered());
        }
        let approved = Some((found.id, asker.client.clone()));
        let asker = Asker { client: held.asked_by.as_deref().map(Arc::from), ..asker };
        Ok(Job { task, entry, language, key, request, document, asker, approved })
    }

    async fn take_waiting(&self, key: AnswerKey, part: WaitingPart) -> Result<Vec<u8>, SigningFault> {
        let shelf = self.shelf.clone();
        let taken = tokio::task::spawn_blocking(move || shelf.take_waiting(key, part)).await;
        taken.map_err(|_panicked| SigningFault::Internal)?.map_err(|error| {
            tracing::error!(%error, "a document that waits cannot be read");
            SigningFault::Internal
        })
    }

    async fn forget_waiting(&self, key: AnswerKey) {
        let shelf = self.shelf.clone();
        // What stays is removed by the next tidying.
        let _ = tokio::task::spawn_blocking(move || shelf.forget_waiting(key)).await;
    }

    /// Puts the document away and lets the request wait, both durably.
    pub(super) async fn wait(&self, job: &Job) -> Result<Approval, SigningFault> {
        let content_octets = job.task.content.as_ref().map(|content| content.octets());
        let octets = job.task.original.octets();
        if octets.max(content_octets.unwrap_or(0)) > MAX_WAITING_OCTETS {
            return Err(SigningFault::TooLarge(MAX_WAITING_OCTETS));
        }
        // One at a time: two that come together must not both be the last that fits.
        let _one = self.waiting.lock().await;
        let pending = self.pending().await?;
        let all = |sum: u64, one: &Pending| sum + one.held.octets + one.held.content_octets.unwrap_or(0);
        let sum = pending.iter().fold(octets + content_octets.unwrap_or(0), all);
        if pending.len() >= MAX_WAITING || sum > MAX_ALL_WAITING {
            return Err(SigningFault::TooManyWaiting);
        }
        let mut id = [0; 16];
        ring::rand::SystemRandom::new().fill(&mut id).map_err(|_| SigningFault::Internal)?;
        let held = Held {
            terms: job.task.terms.clone(),
            key: hexadecimal(&job.key.0),
            request: hexadecimal(&job.request),
            asked_by: job.asker.client.as_deref().map(str::to_owned),
            document_sha256: hexadecimal(&job.document),
            octets,
            content_octets,
        };
        let seconds = i64::try_from(self.parts.approval.as_secs()).unwrap_or(i64::MAX);
        let expires_at = Time::from_unix(job.task.at.unix_seconds().saturating_add(seconds));
        let body = serde_json::to_vec(&held).map_err(|_| SigningFault::Internal)?;
        let (shelf, key, task) = (self.shelf.clone(), job.key, job.task.clone());
        let put = tokio::task::spawn_blocking(move || {
            shelf.keep_waiting(key, WaitingPart::Document, &*task.original)?;
            task.content.as_deref().map_or(Ok(()), |content| shelf.keep_waiting(key, WaitingPart::Content, content))
        });
        put.await.map_err(|_panicked| SigningFault::Internal)?.map_err(|error| super::not_kept(&error))?;
        let mut record = self.record(job, Event::ApprovalWanted);
        record.waits = Some(Waiting { id, expires_at, body });
        self.append(record).await?;
        Ok(Pending { id, expires_at, held }.shown())
    }
}

/// A document on the shelf that is not what was handed in.
fn altered() -> SigningFault {
    tracing::error!("ALARM: a document that waits for a second person was altered on the disk; it is not signed");
    SigningFault::Internal
}
