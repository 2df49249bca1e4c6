//! Keeps the lists of configured addresses fresh, in the background.
//!
//! One task a source: at start, then when four fifths of the list's period have passed, with retries that back off.
//! The mirrors of a source are tried in turn. Whatever goes wrong, the list in force stays and the cause is kept for
//! the operator. Requests never wait for any of this.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::list::RevocationList;
use super::source::{Origin, Source};
use super::status::due_at;
use super::store::{LoadError, Offer, Store};
use crate::clock::{Clock, Time};
use crate::fetch::{Fetch, Limits};

/// When to look for a new list.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Longest time between two looks, however long the list is good for: revocations are wanted soon.
    pub at_most: Duration,
    /// Shortest time between two looks, and the first wait after a failure; doubled with every further failure.
    pub at_least: Duration,
    /// Longest wait after a failure.
    pub backoff: Duration,
}

impl Default for Schedule {
    /// Six hours, one minute, a quarter of an hour: a list of 27 hours is looked for some twenty times between falling
    /// due and lapsing.
    fn default() -> Self {
        Self {
            at_most: Duration::from_secs(6 * 3600),
            at_least: Duration::from_secs(60),
            backoff: Duration::from_secs(900),
        }
    }
}

impl Schedule {
    /// How long to wait at `now`, with this list in force and after so many failures in a row. `jitter`, 0 to 255,
    /// shortens the wait by up to a tenth, so that many services do not ask at once.
    #[must_use]
    pub fn wait(&self, list: Option<&RevocationList>, failures: u32, now: Time, jitter: u8) -> Duration {
        let wait = if failures > 0 {
            self.at_least.saturating_mul(1 << (failures - 1).min(16)).min(self.backoff)
        } else {
            let due = list.and_then(due_at).map_or(0, |due| due.seconds_since(now));
            match u64::try_from(due) {
                Ok(seconds) if seconds > 0 => Duration::from_secs(seconds).min(self.at_most),
                // Due, and the authority has not issued a new one yet.
                _ => self.backoff,
            }
        };
        wait.saturating_sub(wait / 10 * u32::from(jitter) / 255).max(self.at_least)
    }
}

/// Fetches the lists of configured addresses into a store.
pub struct Refresher {
    store: Arc<Store>,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    limits: Limits,
}

impl Refresher {
    /// Fetches for `store` with the default limits of a list.
    #[must_use]
    pub fn new(store: Arc<Store>, fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>, schedule: Schedule) -> Self {
        let limits = Limits { body: store.max_bytes(), ..Limits::LIST };
        Self { store, fetch, clock, schedule, limits }
    }

    /// Runs until `shutdown` turns true or its sender is gone. What is in the air then is dropped.
    pub async fn run(self: Arc<Self>, mut shutdown: watch::Receiver<bool>) {
        let mut tasks = JoinSet::new();
        for source in self.store.sources() {
            if matches!(source.origin(), Origin::Urls(_)) {
                let refresher = Arc::clone(&self);
                tasks.spawn(async move { refresher.keep_fresh(source).await });
            }
        }
        // An error means that nobody is left to ask for a shutdown.
        let _ = shutdown.wait_for(|stop| *stop).await;
        tasks.shutdown().await;
    }

    /// Makes one attempt: the mirrors in turn, until one has a list that holds.
    ///
    /// # Errors
    ///
    /// Of the last mirror, or of the last that sent something that does not hold; it is in the store's status as well.
    pub async fn refresh(&self, source: &Source) -> Result<Offer, Arc<str>> {
        let mut last = LoadError::Stopped;
        for url in source.mirrors() {
            match self.try_mirror(source, url).await {
                Ok(offer) => {
                    tracing::info!(%source, mirror = %url, ?offer, "revocation list fetched");
                    self.store.record_success(source);
                    return Ok(offer);
                }
                Err(error) => {
                    tracing::warn!(%source, mirror = %url, %error, "revocation list not refreshed");
                    // That a mirror lies is worth more to know than that another is silent.
                    if error.cause().is_refusal() || !last.cause().is_refusal() {
                        last = error;
                    }
                }
            }
        }
        let text = last.to_string().into();
        self.store.record_failure(source, last, self.clock.now());
        Err(text)
    }

    async fn try_mirror(&self, source: &Source, url: &str) -> Result<Offer, LoadError> {
        let body = self.fetch.get(url, self.limits).await?;
        let (store, source, now) = (Arc::clone(&self.store), source.clone(), self.clock.now());
        tokio::task::spawn_blocking(move || store.offer(&source, body, now)).await.map_err(|_| LoadError::Stopped)?
    }

    async fn keep_fresh(self: Arc<Self>, source: Source) {
        let random = RandomState::new();
        let mut failures = 0_u32;
        let mut attempts = 0_u64;
        loop {
            failures = if self.refresh(&source).await.is_ok() { 0 } else { failures.saturating_add(1) };
            attempts = attempts.wrapping_add(1);
            let [jitter, ..] = random.hash_one(attempts).to_le_bytes();
            let list = self.store.newest_of(&source);
            let wait = self.schedule.wait(list.as_deref(), failures, self.clock.now(), jitter);
            tokio::time::sleep(wait).await;
        }
    }
}
