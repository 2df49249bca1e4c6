//! The second person: a request waits, durably, until another client approves or withholds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Desk;
use super::fault::SigningFault;
use super::request::Terms;
use crate::clock::Time;
use crate::crypto::{from_hexadecimal, hexadecimal};
use crate::journal::{AnswerKey, Waiting};

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
}
