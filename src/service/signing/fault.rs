//! Why nothing is signed.

use crate::crypto::SignError;
use crate::journal::JournalError;
use crate::licence::Forbidden;
use crate::signed::MakeError;
use crate::verdict::Report;

/// Why nothing is signed, or nothing is released.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningFault {
    /// Too many signatures at once.
    #[error("too many documents are being signed at once")]
    Busy,
    /// The one who asked may not be the one who approves.
    #[error("who asked for a signature cannot approve it")]
    ApproverIsAsker,
    /// There is no such request waiting.
    #[error("no request of this id waits for an approval")]
    ApprovalUnknown,
    /// The document is not one that can be signed in that format.
    #[error("{0}")]
    Document(String),
    /// The official's certificate is not good: the report says why.
    #[error("the certificate of the official is not good, so nothing was signed")]
    Certificate(Box<Report>),
    /// What is known does not suffice to say that the official's certificate is good.
    #[error("it cannot be said whether the certificate of the official is good, so nothing was signed")]
    CertificateUnknown(Box<Report>),
    /// The official does not sign this.
    #[error("{0}")]
    Forbidden(#[from] Forbidden),
    /// A fault of our own, told in the log.
    #[error("the service failed; nothing was signed")]
    Internal,
    /// The journal cannot be written: nothing that cannot be accounted for is released.
    #[error("the journal cannot be written, so nothing was signed")]
    Journal(JournalError),
    /// The key cannot be used now.
    #[error("the key of the official cannot be used: {0}")]
    Key(String),
    /// The same idempotency key with another request.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// The signature does not verify, or is not what it should be.
    #[error("the signature did not pass the check of our own verifier; nothing was released")]
    SelfCheck(String),
    /// A timestamp is wanted and none can be had.
    #[error("no timestamp can be had, so nothing was signed: {0}")]
    Timestamp(String),
    /// Larger than allowed.
    #[error("documents of more than {0} octets are not signed")]
    TooLarge(u64),
    /// Too many requests wait for a second person.
    #[error("too many requests wait for an approval already")]
    TooManyWaiting,
    /// A timestamp is asked for and no authority is configured.
    #[error("a timestamp is asked for, and no timestamp authority is configured")]
    NoTimestampAuthority,
}

impl SigningFault {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Busy => "signing-busy",
            Self::ApproverIsAsker => "approver-is-asker",
            Self::ApprovalUnknown => "approval-unknown",
            Self::Document(_) => "document-not-signable",
            Self::Certificate(_) => "official-certificate-refused",
            Self::CertificateUnknown(_) => "official-certificate-undetermined",
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::Internal => "internal-error",
            Self::Journal(_) => "journal-unavailable",
            Self::Key(_) => "key-unavailable",
            Self::KeyReused => "idempotency-key-reused",
            Self::SelfCheck(_) => "self-check-failed",
            Self::Timestamp(_) => "timestamp-unavailable",
            Self::TooLarge(_) => "document-too-large",
            Self::TooManyWaiting => "too-many-waiting",
            Self::NoTimestampAuthority => "no-timestamp-authority",
        }
    }

    /// Whether it is worth being written down: whoever asked and did not get.
    pub(super) const fn is_recorded(&self) -> bool {
        !matches!(self, Self::Journal(_) | Self::Internal)
    }
}

impl From<MakeError> for SigningFault {
    fn from(error: MakeError) -> Self {
        match error {
            // A fault of machine or token, maybe one that somebody caused: never «try again».
            MakeError::Sign(SignError::NotVerified) => Self::SelfCheck("the value does not verify".to_owned()),
            MakeError::Sign(error) => {
                tracing::warn!(%error, "the key of an official cannot be used");
                Self::Key(
                    match error {
                        SignError::Refused(_) => "its token or HSM refuses",
                        _ => "its token or HSM does not answer",
                    }
                    .to_owned(),
                )
            }
            MakeError::Io(error) => {
                tracing::error!(%error, "a document cannot be read or written while it is signed");
                Self::Internal
            }
            MakeError::TokenTooLarge { .. } => Self::Timestamp(error.to_string()),
            other => Self::Document(other.to_string()),
        }
    }
}

impl From<JournalError> for SigningFault {
    fn from(error: JournalError) -> Self {
        tracing::error!(%error, "the journal does not do what it should");
        Self::Journal(error)
    }
}
