//! What kind of thing keeps a list away, in the few words that metrics, exit statuses and remedies tell apart.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use utoipa::ToSchema;

use super::error::ListError;
use super::store::LoadError;
use crate::fetch::FetchError;

/// The kinds, few and fixed: they are labels of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// Dated ahead of the clock: either may be wrong.
    Clock,
    /// The file system.
    Disk,
    /// Nobody known has issued it.
    Issuer,
    /// It has lapsed, and no newer one came.
    Lapsed,
    /// No connection, no name, a connection that broke off.
    Network,
    /// Older than the list in force.
    Older,
    /// Another answer than a list: a status, a redirect.
    Server,
    /// Not signed by its issuer, or not in a way that is accepted.
    Signature,
    /// The work on it was cut short.
    Stopped,
    /// No complete answer in time.
    Timeout,
    /// Larger than the limit.
    TooLarge,
    /// Not a list: a page, a torso, nothing.
    Unreadable,
    /// A list of a kind that is not supported, where one that is is in force, or one list too many.
    Unsupported,
}

impl Cause {
    /// As metrics and JSON name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Disk => "disk",
            Self::Issuer => "issuer",
            Self::Lapsed => "lapsed",
            Self::Network => "network",
            Self::Older => "older",
            Self::Server => "server",
            Self::Signature => "signature",
            Self::Stopped => "stopped",
            Self::Timeout => "timeout",
            Self::TooLarge => "too-large",
            Self::Unreadable => "unreadable",
            Self::Unsupported => "unsupported",
        }
    }

    /// Whether something came and was not good enough, as opposed to nothing having come.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        match self {
            Self::Clock
            | Self::Issuer
            | Self::Lapsed
            | Self::Older
            | Self::Signature
            | Self::TooLarge
            | Self::Unreadable
            | Self::Unsupported => true,
            Self::Disk | Self::Network | Self::Server | Self::Stopped | Self::Timeout => false,
        }
    }

    /// What an operator can do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Clock => "compare the clock of this machine with the true time",
            Self::Disk => "make room, and let the user that runs rastau write to the data directory",
            Self::Issuer => "configure the certificate of the authority that issued it",
            Self::Lapsed => "ask another mirror, or the authority why it has not issued a new one",
            Self::Network => "check the address, the name server and the way out of this network",
            Self::Older => "ask another mirror; this one lags behind, or somebody replays an old list",
            Self::Server => "check the address in a browser; redirects are not followed",
            Self::Signature => "do not use it: it was damaged or forged, or the authority has changed its key",
            Self::Stopped => "try again",
            Self::Timeout => "try again, or ask another mirror",
            Self::TooLarge => "check the address, or raise revocation.max_list_bytes",
            Self::Unreadable => "look at what the address delivers; `rastau inspect` tells what a file is",
            Self::Unsupported => "check that the address is that of a full list",
        }
    }
}

impl LoadError {
    /// What kind of thing it is.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::Fetch(error) => of_fetch(error),
            Self::Io(_) => Cause::Disk,
            Self::Lapsed => Cause::Lapsed,
            Self::List(error) => of_list(error),
            Self::NothingAtHand => Cause::Server,
            Self::NotYetValid => Cause::Clock,
            Self::Older => Cause::Older,
            Self::Stopped => Cause::Stopped,
            Self::TooMany | Self::Unusable(_) => Cause::Unsupported,
        }
    }
}

fn of_fetch(error: &FetchError) -> Cause {
    match error {
        FetchError::Connection(_) | FetchError::NoRoots | FetchError::NotPublic(_) | FetchError::Scheme(_) => {
            Cause::Network
        }
        FetchError::ContentType(_) | FetchError::Encoded | FetchError::Status(_) => Cause::Server,
        FetchError::Timeout => Cause::Timeout,
        FetchError::TooLarge { .. } => Cause::TooLarge,
    }
}

fn of_list(error: &ListError) -> Cause {
    match error {
        ListError::AlgorithmNotAllowed(_)
        | ListError::AlgorithmsDiffer
        | ListError::IssuerMayNotSign
        | ListError::Key(_)
        | ListError::Signature(_) => Cause::Signature,
        ListError::IssuerName | ListError::IssuerUnknown => Cause::Issuer,
        ListError::TooLarge { .. } => Cause::TooLarge,
        ListError::Armour(_)
        | ListError::Der(_)
        | ListError::Empty
        | ListError::Extension { .. }
        | ListError::Name
        | ListError::Structure(_)
        | ListError::TooManyExtensions(_) => Cause::Unreadable,
    }
}

/// How often attempts to refresh one source came out how, since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Attempts that brought a list that holds, or that had it already.
    pub successes: u64,
    /// Those that did not, by cause.
    pub failures: BTreeMap<Cause, u64>,
}

/// The outcomes of all sources, by their names.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<BTreeMap<String, Outcomes>>);

impl Tally {
    /// Counts one attempt; `None` is a success.
    pub(super) fn count(&self, source: String, failure: Option<Cause>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = all.entry(source).or_default();
        let counter = match failure {
            None => &mut outcomes.successes,
            Some(cause) => outcomes.failures.entry(cause).or_default(),
        };
        *counter = counter.saturating_add(1);
    }

    pub(super) fn all(&self) -> BTreeMap<String, Outcomes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Tally};

    #[test]
    fn a_label_is_the_name_in_json() {
        for cause in [Cause::Clock, Cause::TooLarge, Cause::Unreadable, Cause::Signature] {
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.as_str());
        }
    }

    #[test]
    fn attempts_are_counted_by_source_and_cause() {
        let tally = Tally::default();
        tally.count("a".into(), None);
        tally.count("a".into(), Some(Cause::Older));
        tally.count("a".into(), Some(Cause::Older));
        tally.count("b".into(), Some(Cause::Network));
        let all = tally.all();
        assert_eq!((all["a"].successes, all["a"].failures[&Cause::Older]), (1, 2));
        assert_eq!((all["b"].successes, all["b"].failures.len()), (0, 1));
    }
}
