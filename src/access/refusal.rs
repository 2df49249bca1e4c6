//! That a request was not let in, and who hears of it.

use std::net::IpAddr;
use std::sync::Arc;

/// Why a request was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalCause {
    /// It names no client.
    Missing,
    /// What it says of its client cannot be read: another scheme than `Bearer`, no token of ours, two of them.
    Malformed,
    /// Nobody's token.
    UnknownToken,
    /// A certificate of no client.
    UnknownCertificate,
    /// Token and certificate are those of different clients.
    Disagreement,
    /// The client, its token or its certificate has expired.
    Expired,
    /// None of the client's roles may do this.
    Forbidden,
    /// The client asked too often.
    TooOften {
        /// Seconds to wait, at least one.
        retry_after: u32,
    },
    /// There is no such call. Told to clients only; nobody else hears of it.
    NoSuchCall,
}

impl RefusalCause {
    /// The name in log, metrics and journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::UnknownToken => "unknown-token",
            Self::UnknownCertificate => "unknown-certificate",
            Self::Disagreement => "disagreement",
            Self::Expired => "expired",
            Self::Forbidden => "forbidden",
            Self::TooOften { .. } => "too-often",
            Self::NoSuchCall => "no-such-call",
        }
    }
}

/// That a request was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub cause: RefusalCause,
    /// The client, where it is known who asked.
    pub client: Option<Arc<str>>,
}

/// What is recorded of a refusal: nothing of the request's content, and no part of a token.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// Why.
    pub cause: RefusalCause,
    /// The client, where it is known who asked.
    pub client: Option<&'a str>,
    /// The template of the route, `(none)` for what is none.
    pub route: &'static str,
    /// The method.
    pub method: &'static str,
    /// The other end of the connection: the machine of a caller, or of a proxy.
    pub peer: Option<IpAddr>,
    /// The id of the request, as in its answer.
    pub request_id: &'a str,
    /// Refusals before this one that were counted and not recorded, because there were too many.
    pub suppressed: u64,
}

/// Who records refusals, beside log and metrics; the journal, say.
pub trait RefusalSink: Send + Sync {
    /// Records one. Called on the threads that serve connections: it must neither block nor wait.
    fn refused(&self, refused: &Refused<'_>);
}
