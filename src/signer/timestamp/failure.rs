//! Why there is no timestamp.

use std::fmt;
use std::sync::Arc;

use crate::clock::Time;
use crate::fetch::{FetchError, shown};
use crate::tsp::{AuthorityFault, RequestFault};

/// Why an authority, or all of them, gave no token that holds.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StampFailure {
    /// The token is not one of the authority that it names.
    #[error("the token does not hold: {0}")]
    Authority(#[from] AuthorityFault),
    /// Not asked: it has failed too often of late.
    #[error("not asked, because it has failed too often of late")]
    BreakerOpen,
    /// The moment of the token and the clock here are far apart.
    #[error("the token states {stated}, the clock here says {now}: set the clock, or ask another authority")]
    Clock {
        /// genTime.
        stated: Time,
        /// The clock.
        now: Time,
    },
    /// The exchange failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What came back is no answer to a request for a timestamp.
    #[error("what came back is no timestamp: {0}")]
    Malformed(String),
    /// There is nobody to ask.
    #[error("no address of a timestamp authority is configured")]
    NoAddress,
    /// The system has no random numbers for a nonce.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The time ran out.
    #[error("no token in the time given")]
    OutOfTime,
    /// Refused, or an answer to something else.
    #[error(transparent)]
    Request(#[from] RequestFault),
    /// The service is stopping.
    #[error("stopped")]
    Stopped,
}

impl StampFailure {
    /// The most telling of several has the highest.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::NoAddress | Self::NoRandomness | Self::Stopped => 0,
            Self::BreakerOpen => 1,
            Self::OutOfTime => 2,
            Self::Fetch(_) => 3,
            Self::Malformed(_) => 4,
            Self::Authority(_) | Self::Clock { .. } | Self::Request(_) => 5,
        }
    }

    /// Whether asking the same address again soon comes to the same: it says so, or nothing was sent.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Request(fault) => fault.is_final(),
            Self::Fetch(fault) => {
                matches!(fault, FetchError::NoRoots | FetchError::NotPublic(_) | FetchError::Scheme(_))
            }
            Self::Authority(_) | Self::BreakerOpen | Self::Clock { .. } | Self::NoRandomness | Self::Stopped => true,
            Self::Malformed(_) | Self::NoAddress | Self::OutOfTime => false,
        }
    }

    /// «I do not take such requests» is about the request, not about the health of the authority; nor is what the clock or
    /// the system here did.
    pub(super) fn speaks_against_address(&self) -> bool {
        match self {
            Self::Request(fault) => !fault.is_final(),
            Self::Clock { .. } | Self::NoRandomness | Self::Stopped => false,
            _ => true,
        }
    }
}

/// No timestamp.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimestampError {
    /// Why, of several addresses the most telling.
    pub failure: StampFailure,
    /// Which address it concerns.
    pub address: Option<Arc<str>>,
}

impl fmt::Display for TimestampError {
    /// Without what may be secret in the address: it stands in answers and logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Some(address) => write!(f, "{}: {}", shown(address), self.failure),
            None => self.failure.fmt(f),
        }
    }
}

impl std::error::Error for TimestampError {}
