//! When to look for a new list.

use std::time::Duration;

use crate::clock::Time;
use crate::revocation::list::RevocationList;
use crate::revocation::status::due_at;

/// When to look for a new list.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Longest time between two looks, however long the list is good for: revocations are wanted soon.
    pub at_most: Duration,
    /// The same for deltas, which are small, and are there for nothing else than being recent.
    pub at_most_delta: Duration,
    /// Shortest time between two looks, and the first wait after a failure; doubled with every further failure.
    pub at_least: Duration,
    /// Longest wait after a failure, and the wait while a list is due and no newer one has come.
    pub backoff: Duration,
}

impl Default for Schedule {
    /// Six hours, one hour, one minute, a quarter of an hour: a list of 27 hours is looked for some twenty times between
    /// falling due and lapsing, a delta of 7.5 hours seven times.
    fn default() -> Self {
        Self {
            at_most: Duration::from_secs(6 * 3600),
            at_most_delta: Duration::from_secs(3600),
            at_least: Duration::from_secs(60),
            backoff: Duration::from_secs(900),
        }
    }
}

/// What the next look depends on.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The list that a newer one is wanted of first.
    pub list: Option<&'a RevocationList>,
    /// Whether deltas come from there.
    pub delta: bool,
    /// Attempts that have failed since the last success.
    pub failures: u32,
    /// How long ago the last attempt was.
    pub since: Duration,
    /// Whether the list was due then already: if it has fallen due since, there is no reason to wait.
    pub was_due: bool,
    /// The clock.
    pub now: Time,
    /// 0 to 255: shortens the wait by up to a tenth, so that many services do not ask at once.
    pub jitter: u8,
}

impl Situation<'_> {
    /// Whether a newer list is expected any time now.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due_in().is_none()
    }

    /// Until then, if it is still ahead.
    fn due_in(&self) -> Option<Duration> {
        let seconds = self.list.and_then(due_at)?.seconds_since(self.now);
        u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs)
    }
}

impl Schedule {
    /// How long after the last of so many attempts in a row that failed.
    pub(super) fn after_failures(&self, failures: u32) -> Duration {
        self.at_least.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(self.backoff)
    }

    /// How long to wait from now on.
    #[must_use]
    pub fn wait(&self, situation: &Situation<'_>) -> Duration {
        let since = situation.since;
        let at_most = if situation.delta { self.at_most_delta.min(self.at_most) } else { self.at_most };
        // All measured from the last attempt.
        let whole = match situation.due_in() {
            _ if situation.failures > 0 => self.after_failures(situation.failures),
            Some(due) => due.saturating_add(since).min(at_most),
            None if situation.was_due => self.backoff,
            None => Duration::ZERO,
        };
        let whole = whole.saturating_sub(whole / 10 * u32::from(situation.jitter) / 255);
        whole.max(self.at_least).saturating_sub(since)
    }
}
