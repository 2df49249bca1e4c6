//! The second person: a request waits, durably, until another client approves or withholds.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SecureRandom as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::SigningFault;
use super::issue::Job;
use super::kept::{self, Issued};
use super::making::Task;
use super::original::Original;
use super::request::Terms;
use super::{Desk, SecondOpinion};
use crate::clock::Time;
use crate::crypto::{from_hexadecimal, hexadecimal};
use crate::journal::{AnswerKey, Event, Waiting};
use crate::service::Asker;
use crate::signed::Document;
use crate::verdict::Language;

/// Octets of a document that may wait: it is kept in the journal's database meanwhile.
pub(super) const MAX_WAITING_OCTETS: u64 = 16 << 20;
/// Requests that may wait at once: two hours' work of a large authority; all of them are looked through for one.
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
    /// Base64.
    pub document: String,
    /// Base64.
    pub content: Option<String>,
    pub document_sha256: String,
    pub octets: u64,
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

    pub(super) async fn wait(&self, job: &Job) -> Result<Approval, SigningFault> {
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
        Ok(Pending { id, expires_at, held }.shown())
    }
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
