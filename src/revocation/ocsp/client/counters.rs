//! What the client has done, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{AskError, AskFailure};
use crate::fetch::FetchError;
use crate::revocation::ocsp::error::OcspError;

/// Why a responder gave no answer that holds, one label a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FailureCause {
    /// The circuit breaker of the address is open: it was not asked.
    BreakerOpen,
    /// Too many questions were under way.
    Busy,
    /// The connection was refused, reset or cut, or the name is unknown.
    Connection,
    /// tryLater, internalError and the other error statuses.
    ErrorStatus,
    /// Another HTTP status than 200, or a page.
    Http,
    /// A nonce that is not ours, or none where one is demanded.
    Nonce,
    /// Bytes that are no response.
    NotAResponse,
    /// Lapsed, or ahead of the clock.
    Stale,
    /// No time left.
    Timeout,
    /// Signed by somebody who may not, or not signed at all.
    Untrusted,
    /// About another certificate.
    WrongCertificate,
    /// Anything else: no usable address, no random numbers, our own fault.
    Other,
}

impl FailureCause {
    /// Every cause.
    pub const ALL: [Self; 12] = [
        Self::BreakerOpen,
        Self::Busy,
        Self::Connection,
        Self::ErrorStatus,
        Self::Http,
        Self::Nonce,
        Self::NotAResponse,
        Self::Stale,
        Self::Timeout,
        Self::Untrusted,
        Self::WrongCertificate,
        Self::Other,
    ];

    /// The label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BreakerOpen => "breaker-open",
            Self::Busy => "busy",
            Self::Connection => "connection",
            Self::ErrorStatus => "error-status",
            Self::Http => "http",
            Self::Nonce => "nonce",
            Self::NotAResponse => "not-a-response",
            Self::Stale => "stale",
            Self::Timeout => "timeout",
            Self::Untrusted => "untrusted",
            Self::WrongCertificate => "wrong-certificate",
            Self::Other => "other",
        }
    }

    /// The cause of an error.
    #[must_use]
    pub fn of(error: &AskError) -> Self {
        match &error.failure {
            AskFailure::BreakerOpen => Self::BreakerOpen,
            AskFailure::TooMany => Self::Busy,
            AskFailure::OutOfTime | AskFailure::Fetch(FetchError::Timeout) => Self::Timeout,
            AskFailure::Fetch(FetchError::Connection(_)) => Self::Connection,
            AskFailure::Fetch(FetchError::Status(_) | FetchError::ContentType(_)) => Self::Http,
            AskFailure::Fetch(FetchError::TooLarge { .. }) => Self::NotAResponse,
            AskFailure::Fetch(_) | AskFailure::NoAddress | AskFailure::NoRequest | AskFailure::Stopped => Self::Other,
            AskFailure::Response(error) => Self::of_response(error),
        }
    }

    fn of_response(error: &OcspError) -> Self {
        match error {
            OcspError::Status(_) => Self::ErrorStatus,
            OcspError::NonceDiffers | OcspError::NonceMissing => Self::Nonce,
            OcspError::NotAbout => Self::WrongCertificate,
            OcspError::Stale(_) | OcspError::NotYetValid(_) => Self::Stale,
            OcspError::AlgorithmNotAllowed(_)
            | OcspError::Delegate(_)
            | OcspError::Key(_)
            | OcspError::Signature(_)
            | OcspError::SignerUnknown => Self::Untrusted,
            _ => Self::NotAResponse,
        }
    }
}

/// Running totals of a client.
#[derive(Debug, Default)]
pub struct Counters {
    asked: AtomicU64,
    cache_hits: AtomicU64,
    requests: AtomicU64,
    answers: AtomicU64,
    breakers_opened: AtomicU64,
    failures: [AtomicU64; FailureCause::ALL.len()],
}

/// [`Counters`] at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspFigures {
    /// Questions put to the client.
    pub asked: u64,
    /// Questions answered without a request of their own: from the cache, or together with an equal question.
    pub cache_hits: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests that brought an answer that holds.
    pub answers: u64,
    /// Times that a circuit breaker opened.
    pub breakers_opened: u64,
    /// Attempts that brought none, by cause.
    pub failures: Vec<(FailureCause, u64)>,
}

impl Counters {
    /// The totals so far.
    #[must_use]
    pub fn figures(&self) -> OcspFigures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        OcspFigures {
            asked: read(&self.asked),
            cache_hits: read(&self.cache_hits),
            requests: read(&self.requests),
            answers: read(&self.answers),
            breakers_opened: read(&self.breakers_opened),
            failures: FailureCause::ALL.into_iter().zip(self.failures.iter().map(read)).collect(),
        }
    }

    /// Attempts that failed for `cause`.
    #[must_use]
    pub fn failed(&self, cause: FailureCause) -> u64 {
        self.failures.get(usize::from(cause as u8)).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    pub(super) fn count_asked(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_hit(&self) {
        self.cache_hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_answer(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_opened(&self) {
        self.breakers_opened.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_failure(&self, error: &AskError) {
        if let Some(counter) = self.failures.get(usize::from(FailureCause::of(error) as u8)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}
