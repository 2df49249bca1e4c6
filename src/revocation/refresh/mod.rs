//! Keeps the lists of addresses fresh, in the background.
//!
//! One task a source: at start, then at most every few hours and when four fifths of the list's period have passed, with
//! retries that back off. Of several lists from one address the one that falls due first counts. The mirrors of a
//! source are asked in turn, the one that worked last first; what a mirror sent last is asked for conditionally. A
//! mirror that fails, lies or lags behind is passed over; when a newer list should be there and the first mirror has
//! none, the others are asked too. Whatever goes wrong, the list in force stays and the cause is kept for the
//! operator. Requests never wait for any of this.
//!
//! Waiting is done in short naps, after each of which the clock is looked at: when it was set, the schedule is made anew.

mod schedule;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use std::hash::{BuildHasher as _, RandomState};

use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use self::schedule::{Schedule, Situation};
use super::snapshot::CLOCK_SKEW;
use super::source::{Origin, Source};
use super::store::{AddSourceError, LoadError, Offer, Question, Store};
use crate::clock::{Clock, Time};
use crate::fetch::{Fetch, FetchError, Get, Got, Limits, shown};

/// Longest sleep between two looks at the clock.
const NAP: Duration = Duration::from_secs(30);

/// Most fetches at a time from addresses that certificates named: they wait for each other, never the configured ones
/// for them.
const DISCOVERED_AT_ONCE: usize = 2;

/// Fetches the lists of addresses into a store.
pub struct Refresher {
    store: Arc<Store>,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    limits: Limits,
    /// One attempt at a time for each source.
    turns: Mutex<HashMap<Source, Arc<tokio::sync::Mutex<()>>>>,
    discovered: Semaphore,
    added: Notify,
}

impl Refresher {
    /// Fetches for `store` with the default limits of a list.
    #[must_use]
    pub fn new(store: Arc<Store>, fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>, schedule: Schedule) -> Self {
        let limits = Limits { body: store.max_bytes(), ..Limits::LIST };
        let discovered = Semaphore::new(DISCOVERED_AT_ONCE);
        Self { store, fetch, clock, schedule, limits, turns: Mutex::default(), discovered, added: Notify::new() }
    }

    /// The same with other limits on time; the limit on the body stays the store's.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits: Limits { body: self.limits.body, ..limits }, ..self }
    }

    /// Runs until `shutdown` turns true or its sender is gone. What is in the air then is dropped.
    pub async fn run(self: Arc<Self>, mut shutdown: watch::Receiver<bool>) {
        let mut tasks = JoinSet::new();
        let mut kept = HashMap::new();
        // An error means that nobody is left to ask for a shutdown.
        let mut stop = std::pin::pin!(shutdown.wait_for(|stop| *stop));
        loop {
            for source in self.store.sources() {
                if matches!(source.origin(), Origin::Urls(_)) && !kept.values().any(|there| *there == source) {
                    let task = tasks.spawn(Arc::clone(&self).keep_fresh(source.clone()));
                    kept.insert(task.id(), source);
                }
            }
            tokio::select! {
                _ = &mut stop => break,
                () = self.added.notified() => {}
                Some(ended) = tasks.join_next_with_id() => {
                    let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                    if let Some(source) = kept.remove(&id) {
                        let task = tasks.spawn(Arc::clone(&self).keep_fresh_again(source.clone()));
                        kept.insert(task.id(), source);
                    }
                }
                // Whoever adds to the store itself does not tell.
                () = tokio::time::sleep(NAP) => {}
            }
        }
        tasks.shutdown().await;
    }

    /// Adds addresses that a certificate of a verified path names, and fetches from them from now on; `false` when they
    /// are known.
    ///
    /// # Errors
    ///
    /// [`AddSourceError`].
    pub async fn add_source(&self, source: Source) -> Result<bool, AddSourceError> {
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        // A task that was cut short has added nothing.
        let added = tokio::task::spawn_blocking(move || store.add_source(source, now)).await.unwrap_or(Ok(false))?;
        if added {
            self.added.notify_one();
        }
        Ok(added)
    }

    /// Makes one attempt: the mirrors in turn, until one has a list that holds and should still be the newest.
    ///
    /// # Errors
    ///
    /// Of the last mirror, or of the last that sent something that does not hold; it is in the store's status as well, with
    /// those of the others.
    pub async fn refresh(&self, source: &Source) -> Result<Offer, Arc<str>> {
        let turn = self.turn_of(source);
        let _turn = turn.lock().await;
        let _place = if source.is_discovered() { self.discovered.acquire().await.ok() } else { None };
        if self.adopt(source).await {
            tracing::info!(%source, "revocation list taken over from another process");
            self.store.record_success(source);
            return Ok(Offer::Installed);
        }
        let mut last = LoadError::Stopped;
        let mut best = None;
        // A list that has lapsed may come and be kept, as the newest of such; but that is no success.
        let mut lapsed = true;
        for question in self.store.questions(source, self.clock.now()) {
            let mirror = shown(&question.url);
            match self.try_mirror(source, &question).await {
                Ok((offer, has_lapsed)) => {
                    lapsed &= has_lapsed;
                    tracing::info!(%source, %mirror, ?offer, "revocation list fetched");
                    best = Some(if best == Some(Offer::Installed) { Offer::Installed } else { offer });
                    if !self.store.wants_more(source, self.clock.now()) {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(%source, %mirror, %error, "revocation list not refreshed");
                    // That a mirror lies is worth more to know than that another is silent.
                    if error.cause().is_refusal() || !last.cause().is_refusal() {
                        last = error;
                    }
                }
            }
        }
        let now = self.clock.now();
        match best {
            Some(offer) if !lapsed => {
                self.store.record_success(source);
                return Ok(offer);
            }
            Some(_) => last = LoadError::Lapsed,
            None => {}
        }
        let text = last.to_string().into();
        self.store.record_failure(source, last, now);
        Err(text)
    }

    /// The other process on the same data directory may have fetched already.
    async fn adopt(&self, source: &Source) -> bool {
        let (store, source, now) = (Arc::clone(&self.store), source.clone(), self.clock.now());
        tokio::task::spawn_blocking(move || store.adopt_stored(&source, now)).await.unwrap_or(false)
    }

    /// Asks one mirror: what came of it, and whether what came has lapsed. One that says «unchanged» about a list
    /// that went while it was asked is asked once more.
    async fn try_mirror(&self, source: &Source, question: &Question) -> Result<(Offer, bool), LoadError> {
        let mut known = question.known.as_ref();
        loop {
            let get = Get {
                url: &question.url,
                limits: self.limits,
                known: known.map(|known| &known.validators),
                reach: source.reach(),
            };
            let got = self.fetch.ask(get).await;
            let now = self.clock.now();
            match (got, known.take()) {
                (Ok(Got::Body { body, validators }), _) => {
                    let (store, source, url) = (Arc::clone(&self.store), source.clone(), question.url.clone());
                    let work = move || store.offer_from(&source, &url, (body, validators), now);
                    return tokio::task::spawn_blocking(work).await.map_err(|_| LoadError::Stopped)?;
                }
                (Ok(Got::Unchanged), Some(sent)) => match self.store.unchanged(source, &question.url, sent, now) {
                    Err(LoadError::NothingAtHand) => {}
                    outcome => return outcome.map(|offer| (offer, false)),
                },
                (Ok(Got::Unchanged), None) => return Err(self.failed(source, question, FetchError::Status(304), now)),
                (Err(error), _) => return Err(self.failed(source, question, error, now)),
            }
        }
    }

    fn failed(&self, source: &Source, question: &Question, error: FetchError, now: Time) -> LoadError {
        let error = LoadError::from(error);
        self.store.mirror_failed(source, &question.url, &error, now);
        error
    }

    fn turn_of(&self, source: &Source) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(source.clone()).or_default())
    }

    async fn keep_fresh(self: Arc<Self>, source: Source) {
        let random = RandomState::new();
        let mut attempts = 0_u64;
        loop {
            // The outcome is in the state of the list and in the log.
            let _outcome = self.refresh(&source).await;
            attempts = attempts.wrapping_add(1);
            let [jitter, ..] = random.hash_one(attempts).to_le_bytes();
            self.wait_for_next(&source, jitter).await;
        }
    }

    /// After a task ended, which only a fault of the program does: that must not leave a list to lapse unseen. The fault
    /// may be there still, so the wait is that after a failure.
    async fn keep_fresh_again(self: Arc<Self>, source: Source) {
        tracing::error!(%source, "the task that keeps a revocation list fresh has failed; it begins again");
        let now = self.clock.now();
        self.store.record_failure(&source, LoadError::Stopped, now);
        let wait = self.schedule.after_failures(self.store.failures_of(&source));
        self.store.set_next_attempt(&source, now.plus_seconds(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)));
        tokio::time::sleep(wait).await;
        self.keep_fresh(source).await;
    }

    /// Sleeps until the next attempt, which moves when the clock is set or somebody else makes an attempt.
    async fn wait_for_next(&self, source: &Source, jitter: u8) {
        let attempted = Instant::now();
        let mut was_due = None;
        let mut was_set_ahead = false;
        loop {
            let now = self.clock.now();
            let list = self.store.awaited_of(source, now);
            let mut situation = Situation {
                list: list.as_deref(),
                delta: source.is_delta(),
                failures: self.store.failures_of(source),
                since: attempted.elapsed(),
                was_due: false,
                now,
                jitter,
            };
            let due = situation.is_due();
            situation.was_due = *was_due.get_or_insert(due);
            if was_set_ahead && due {
                // The moments that failures were counted by are gone, and so may be the reason for them.
                situation = Situation { failures: 0, was_due: false, ..situation };
            }
            let wait = self.schedule.wait(&situation);
            self.store.set_next_attempt(source, now.plus_seconds(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)));
            if wait.is_zero() {
                return;
            }
            let asleep = Instant::now();
            tokio::time::sleep(wait.min(NAP)).await;
            let slept = i64::try_from(asleep.elapsed().as_secs()).unwrap_or(i64::MAX);
            was_set_ahead |= self.clock.now().seconds_since(now) > slept.saturating_add(CLOCK_SKEW);
        }
    }
}
