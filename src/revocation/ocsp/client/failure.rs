//! Why a question was not answered.

use std::fmt;
use std::sync::Arc;

use crate::fetch::{FetchError, shown};
use crate::revocation::ocsp::error::OcspError;

/// Why a responder, or all of them, gave no answer that holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskFailure {
    /// Not asked: it has failed too often of late.
    #[error("not asked, because it has failed too often of late")]
    BreakerOpen,
    /// The exchange failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// There is nobody to ask.
    #[error("no address of a responder is known")]
    NoAddress,
    /// The request could not be made: the issuer's key cannot be named, or the system has no random numbers.
    #[error("the request could not be made")]
    NoRequest,
    /// The time for the question ran out.
    #[error("no answer in the time given")]
    OutOfTime,
    /// What came back is no answer, or one that does not hold.
    #[error("{0}")]
    Response(#[from] OcspError),
    /// The service is stopping.
    #[error("stopped")]
    Stopped,
    /// As many questions as may be asked at once are under way, and none of them ended in the time given.
    #[error("too many questions under way")]
    TooMany,
}

impl AskFailure {
    /// The most telling of several mirrors' failures has the highest.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::NoAddress | Self::NoRequest | Self::Stopped | Self::TooMany => 0,
            Self::BreakerOpen => 1,
            Self::OutOfTime => 2,
            Self::Fetch(_) => 3,
            Self::Response(error) if error.is_silence() => 4,
            Self::Response(_) => 5,
        }
    }
}

/// A question that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskError {
    /// Why, of several mirrors the most telling.
    pub failure: AskFailure,
    /// Which address it concerns.
    pub address: Option<Arc<str>>,
}

impl fmt::Display for AskError {
    /// Without the address's query: it stands in reports and logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => write!(f, "{}: {}", shown(address), self.failure),
            None => self.failure.fmt(f),
        }
    }
}

impl std::error::Error for AskError {}

impl AskError {
    pub(super) fn new(failure: impl Into<AskFailure>, address: &Arc<str>) -> Self {
        Self { failure: failure.into(), address: Some(Arc::clone(address)) }
    }

    /// Whether nobody with authority has spoken: see [`OcspError::is_silence`].
    #[must_use]
    pub fn is_silence(&self) -> bool {
        match &self.failure {
            AskFailure::Response(error) => error.is_silence(),
            _ => true,
        }
    }
}
