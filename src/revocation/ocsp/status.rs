//! What is asked of answers, and what they come to.

use std::sync::Arc;

use super::client::AskError;
use super::error::OcspError;
use super::response::{OcspResponse, Signer, SingleResponse};
use crate::clock::Time;
use crate::revocation::reason::Revoked;

/// How long an answer without nextUpdate is good for, in seconds: the responders of the National CA sign each answer
/// when they are asked, and name no end.
const DEFAULT_MAX_AGE: i64 = 600;

/// What is asked of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspRules {
    /// Seconds after thisUpdate that an answer without nextUpdate is good for.
    pub max_age: i64,
}

impl Default for OcspRules {
    fn default() -> Self {
        Self { max_age: DEFAULT_MAX_AGE }
    }
}

/// What the caller knows about a delegated responder's certificate, from its issuer's lists (RFC 6960 4.2.2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A list in force does not name it.
    Good,
    /// A list names it.
    Revoked,
    /// A list names it, since then and in good order, which is after the moment asked about: what it signed before stands.
    RevokedSince(Time),
    /// Nothing is known: enough only for a certificate with id-pkix-ocsp-nocheck.
    Unknown,
}

/// One answer of a verified response about one certificate: the evidence.
#[derive(Clone, Debug)]
pub struct Answer {
    response: Arc<OcspResponse>,
    /// Which of its answers. In bounds by construction.
    position: usize,
}

impl Answer {
    pub(super) fn new(response: &Arc<OcspResponse>, position: usize) -> Self {
        Self { response: Arc::clone(response), position }
    }

    /// The response that it stands in.
    #[must_use]
    pub fn response(&self) -> &Arc<OcspResponse> {
        &self.response
    }

    pub(super) fn single(&self) -> Option<&SingleResponse> {
        self.response.parsed().singles().get(self.position)
    }

    /// thisUpdate.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.single().map_or(self.response.produced_at(), SingleResponse::this_update)
    }

    /// nextUpdate; the responders of the National CA name none.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.single().and_then(SingleResponse::next_update)
    }

    /// The last moment that it tells about: nextUpdate or the end of its age, and never past the end of the delegate's
    /// certificate, so that a key that has outlived it cannot sign answers for years to come.
    #[must_use]
    pub fn covers_until(&self, rules: &OcspRules) -> Time {
        let end = self.next_update().unwrap_or_else(|| self.this_update().plus_seconds(rules.max_age));
        match self.response.signer() {
            Signer::Delegate(certificate) => end.min(certificate.validity().not_after),
            Signer::Issuer => end,
        }
    }
}

/// What is known about a certificate from responses.
#[derive(Clone, Debug)]
pub enum OcspStatus {
    /// An answer that covers the moment, or is newer, says good.
    Good {
        /// The answer relied on.
        answer: Answer,
        /// It was given after the certificate had expired, and the responder does not say (archiveCutoff) that it still
        /// knows about such certificates: weak evidence about a moment before the expiry.
        after_expiry: bool,
    },
    /// An answer says revoked.
    Revoked {
        /// The answer relied on.
        answer: Answer,
        /// Date and reason.
        revoked: Revoked,
        /// The answer had lapsed at the moment asked about; what it says is revoked stays so.
        stale: bool,
        /// The revocation is dated after the moment asked about.
        after_at: bool,
    },
    /// The authority does not know the certificate. No list makes up for that.
    Unknown {
        /// The answer relied on.
        answer: Answer,
        /// It says that no such certificate was ever issued (RFC 6960 2.2), not only that it knows none.
        never_issued: bool,
    },
    /// There is no answer that counts.
    Unavailable {
        /// Why, the most telling reason of several.
        cause: Unavailable,
    },
}

impl OcspStatus {
    /// The answer, if it says nothing against the certificate at the moment `at`: good, or revoked later in good order.
    #[must_use]
    pub fn favourable(&self, at: Time) -> Option<&Answer> {
        match self {
            Self::Good { answer, .. } => Some(answer),
            Self::Revoked { answer, revoked, .. } if !revoked.has_effect(at) => Some(answer),
            Self::Revoked { .. } | Self::Unknown { .. } | Self::Unavailable { .. } => None,
        }
    }
}

/// Why there is no answer that counts, the least telling first.
#[derive(Clone, Debug)]
pub enum Unavailable {
    /// No response about the certificate is at hand, and nobody was asked.
    NoResponse,
    /// Nobody who was asked gave an answer that holds.
    Failed {
        /// What went wrong.
        why: Arc<AskError>,
    },
    /// The answer had lapsed at the moment asked about.
    Stale {
        /// The answer.
        answer: Answer,
        /// When.
        since: Time,
    },
    /// The answer is dated ahead of the clock, or ahead of its own signature.
    NotYetValid {
        /// The answer.
        answer: Answer,
    },
    /// It, or the certificate of the delegate that signed it, rests on an algorithm that is not accepted.
    NotAccepted {
        /// The answer.
        answer: Answer,
    },
    /// Signed by a delegate that nothing vouches for: no nocheck, and no list tells about it.
    ResponderUnchecked {
        /// The answer.
        answer: Answer,
    },
    /// Signed by a delegate whose own certificate is revoked.
    ResponderRevoked {
        /// The answer.
        answer: Answer,
    },
    /// A response about the certificate is at hand, and does not hold.
    Rejected {
        /// What is wrong with it.
        why: Arc<OcspError>,
    },
    /// More responses about the certificate are at hand than are verified: any of the rest may say that it is revoked.
    Unread {
        /// The limit.
        why: Arc<OcspError>,
    },
}

impl Unavailable {
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::NoResponse => 0,
            Self::Failed { why } if why.is_silence() => 1,
            Self::Stale { .. } => 2,
            Self::NotYetValid { .. } => 3,
            Self::ResponderUnchecked { .. } => 4,
            Self::NotAccepted { .. } => 5,
            // An answer that came and does not hold: an older one that has lapsed must not make silence of it.
            Self::Failed { .. } => 6,
            Self::ResponderRevoked { .. } => 7,
            Self::Rejected { .. } => 8,
            Self::Unread { .. } => 9,
        }
    }

    /// Whether nobody with authority has spoken, so that a fresh list may be asked instead. An answer that was given and
    /// does not hold (signature, nonce, another certificate) is not silence.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match self {
            Self::NoResponse
            | Self::NotYetValid { .. }
            | Self::NotAccepted { .. }
            | Self::ResponderUnchecked { .. }
            | Self::Stale { .. } => true,
            Self::Failed { why } => why.is_silence(),
            Self::Rejected { why } => why.is_silence(),
            Self::ResponderRevoked { .. } | Self::Unread { .. } => false,
        }
    }

    /// The answer concerned, if there is one.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::NoResponse | Self::Failed { .. } | Self::Rejected { .. } | Self::Unread { .. } => None,
            Self::Stale { answer, .. }
            | Self::NotYetValid { answer }
            | Self::NotAccepted { answer }
            | Self::ResponderUnchecked { answer }
            | Self::ResponderRevoked { answer } => Some(answer),
        }
    }
}
