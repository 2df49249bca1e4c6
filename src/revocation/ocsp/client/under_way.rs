//! Questions under way: equal ones make one flight, and only so many flights go on at once.
//!
//! A flight is a task of its own. Whoever waits for it may hang up; it goes on, so that its answer is remembered and
//! the breaker of the address is told. Otherwise a caller who sends and hangs up would cost the responder a request
//! each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::remembered::{Key, Remembered};

/// What a flight comes to, once it has ended.
pub(super) type Outcome = watch::Receiver<Option<Remembered>>;

/// All flights of a client.
pub(super) struct UnderWay {
    flights: Mutex<HashMap<Key, Outcome>>,
    places: Arc<Semaphore>,
}

/// The one flight for a question. Dropped, as by a panic, it makes room for another; who waits for it is told that
/// nothing came.
pub(super) struct Flight {
    all: Arc<UnderWay>,
    key: Key,
    outcome: watch::Sender<Option<Remembered>>,
    _place: OwnedSemaphorePermit,
}

impl UnderWay {
    /// Nothing is under way, and no more than `most` flights will be, but one at least.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            flights: Mutex::default(),
            places: Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS))),
        })
    }

    /// The flight for the question, if there is one.
    pub(super) fn find(&self, key: &Key) -> Option<Outcome> {
        self.lock().get(key).cloned()
    }

    /// Waits for a place; `None` never comes, since the places are never taken away.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// Begins a flight, unless somebody has begun it meanwhile.
    pub(super) fn begin(self: &Arc<Self>, key: Key, place: OwnedSemaphorePermit) -> (Outcome, Option<Flight>) {
        let mut flights = self.lock();
        if let Some(outcome) = flights.get(&key) {
            return (outcome.clone(), None);
        }
        let (sender, outcome) = watch::channel(None);
        flights.insert(key, outcome.clone());
        (outcome, Some(Flight { all: Arc::clone(self), key, outcome: sender, _place: place }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Outcome>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// The question's.
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Tells all who wait.
    pub(super) fn lands(self, with: Remembered) {
        self.outcome.send_replace(Some(with));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.all.lock().remove(&self.key);
    }
}
