//! What the service hands in.

use crate::clock::Time;

/// What happened.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Event {
    /// Somebody was kept from doing something: no token, no right, a limit.
    AccessRefused,
    /// A signature waits for a second person.
    ApprovalWanted,
    /// A second person refused.
    ApprovalWithheld,
    /// A certificate was checked.
    CertificateChecked,
    /// The chain was signed up to here; written by the journal itself.
    Checkpoint,
    /// A document was verified.
    DocumentVerified,
    /// A log-in was answered.
    LogIn,
    /// Answers past their retention were deleted; written by the journal itself.
    Retention,
    /// A document was signed.
    Signed,
    /// A document was not signed.
    SigningRefused,
    /// A submission was verified.
    SubmissionVerified,
}

impl Event {
    /// The name in entries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessRefused => "access-refused",
            Self::ApprovalWanted => "approval-wanted",
            Self::ApprovalWithheld => "approval-withheld",
            Self::CertificateChecked => "certificate-checked",
            Self::Checkpoint => "checkpoint",
            Self::DocumentVerified => "document-verified",
            Self::LogIn => "log-in",
            Self::Retention => "retention",
            Self::Signed => "signed",
            Self::SigningRefused => "signing-refused",
            Self::SubmissionVerified => "submission-verified",
        }
    }
}

/// An identity number: kept as a keyed hash, unless the journal is configured otherwise.
#[derive(Clone, Eq, PartialEq)]
pub struct Identity {
    /// Whose: `applicant`, `holder`, `signer`.
    pub role: &'static str,
    /// Twelve digits.
    pub number: String,
}

impl std::fmt::Debug for Identity {
    /// Without the number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("role", &self.role).finish_non_exhaustive()
    }
}

/// Under which an answer is kept: one client's idempotency key. SHA-256 over both, so that no key is kept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct AnswerKey(pub [u8; 32]);

/// The answer to a request that must not be done twice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// Under which it is kept.
    pub key: AnswerKey,
    /// SHA-256 of the request: another request under the same key is refused.
    pub request: [u8; 32],
    /// The answer's octets, as they are to be sent again.
    pub body: Vec<u8>,
}

/// What waits for a second person: durable, so that a restart loses nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Waiting {
    /// Drawn at random.
    pub id: [u8; 16],
    /// Until when it may be settled.
    pub expires_at: Time,
    /// What the service needs to go on; not part of the chain, deleted when settled or expired.
    pub body: Vec<u8>,
}

/// Something that happened. No document content, no names.
#[derive(Clone, Debug)]
pub struct Record {
    /// What.
    pub event: Event,
    /// When, by the service's clock.
    pub at: Time,
    /// Who asked: the name of the client in the configuration; `None` where nobody has to say.
    pub client: Option<String>,
    /// Of the request.
    pub request_id: Option<String>,
    /// `accepted`, `refused`, `undetermined`; `None` where nothing was decided.
    pub decision: Option<&'static str>,
    /// SHA-256 of what it is about: `document`, `certificate`, `signed-document`, `content`. In that order.
    pub digests: Vec<(&'static str, [u8; 32])>,
    /// SHA-256 of the lists and responses that the decision relied on.
    pub evidence: Vec<[u8; 32]>,
    /// Identity numbers.
    pub identities: Vec<Identity>,
    /// Anything else that is fixed in kind: `official`, `kind`, `service`, `number`, `format`, `code`, `policy`. No two alike.
    pub details: Vec<(&'static str, String)>,
    /// To be kept in the same transaction.
    pub answer: Option<Answer>,
    /// To wait from now on, in the same transaction.
    pub waits: Option<Waiting>,
    /// What waited and is settled by this, in the same transaction: once only.
    pub settles: Option<[u8; 16]>,
}

impl Record {
    /// A record of that event, with nothing else said.
    #[must_use]
    pub fn new(event: Event, at: Time) -> Self {
        Self {
            event,
            at,
            client: None,
            request_id: None,
            decision: None,
            digests: Vec::new(),
            evidence: Vec::new(),
            identities: Vec::new(),
            details: Vec::new(),
            answer: None,
            waits: None,
            settles: None,
        }
    }
}
