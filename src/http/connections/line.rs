//! A connection, as far as others see it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::{Connections, Neighbour};
use crate::http::received::SLOWEST_BODY;

/// In the count of requests under way: the connection has lost its place and takes no more of them.
const LEAVING: usize = 1 << (usize::BITS - 1);

/// A connection, as far as others see it.
#[derive(Debug)]
pub(in crate::http) struct Line {
    id: u64,
    neighbour: Neighbour,
    connections: Connections,
    /// Requests under way, and [`LEAVING`].
    busy: AtomicUsize,
    /// A request was made on it.
    served: AtomicBool,
    /// When there was one, or part of an answer was taken, the last time; in milliseconds from the start.
    idle_since: AtomicU64,
    told: Mutex<Told>,
    leave: Notify,
}

/// What requests and others tell the connection.
#[derive(Debug)]
struct Told {
    /// Number of the next answer.
    next: u64,
    /// The answers on their way to the peer, as many as it may have requests at once: the number of each, and the moment at
    /// which it would be as far as it is if it were taken no faster than it has to be, in milliseconds from the start.
    answers: Vec<(u64, u64)>,
    farewell: Farewell,
}

/// How a connection is to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Farewell {
    /// With a word to the peer.
    Polite,
    /// At once: too many others are leaving.
    AtOnce,
    /// At once: it does not take its answers, and what they hold is needed.
    Stalled,
}

/// A request under way on a line: until it is answered, and its answer gone.
#[derive(Debug)]
pub(in crate::http) struct Busy {
    line: Arc<Line>,
    /// The number of its answer, once there is one.
    answer: Option<u64>,
}

impl Line {
    pub(super) fn new(id: u64, neighbour: Neighbour, connections: Connections) -> Self {
        Self {
            id,
            neighbour,
            busy: AtomicUsize::new(0),
            served: AtomicBool::new(false),
            idle_since: AtomicU64::new(connections.now()),
            told: Mutex::new(Told { next: 0, answers: Vec::new(), farewell: Farewell::Polite }),
            leave: Notify::new(),
            connections,
        }
    }

    /// A request has begun; `None` on a connection that has just lost its place, where nothing may begin.
    pub(in crate::http) fn begin(self: &Arc<Self>) -> Option<Busy> {
        self.served.store(true, Ordering::Relaxed);
        let one_more = |busy| (busy & LEAVING == 0).then_some(busy + 1);
        self.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more).ok()?;
        Some(Busy { line: Arc::clone(self), answer: None })
    }

    /// Whether a request was made on it.
    pub(in crate::http) fn is_served(&self) -> bool {
        self.served.load(Ordering::Relaxed)
    }

    /// How long there has been no request under way; zero while there is one.
    pub(in crate::http) fn idle_for(&self) -> Duration {
        if self.is_idle() {
            Duration::from_millis(self.connections.now().saturating_sub(self.idle_since()))
        } else {
            Duration::ZERO
        }
    }

    /// Something went out: an answer that its peer takes slowly is no idleness.
    pub(in crate::http) fn touch(&self) {
        self.idle_since.store(self.connections.now(), Ordering::Relaxed);
    }

    /// How far the peer is behind with taking the answer that it takes least of; zero without answers.
    pub(in crate::http) fn behind(&self) -> Duration {
        let least = self.told().answers.iter().map(|(_, pace)| *pace).min();
        least.map_or(Duration::ZERO, |pace| Duration::from_millis(self.connections.now().saturating_sub(pace)))
    }

    /// Completes when the place is needed for somebody else.
    pub(in crate::http) async fn told_to_leave(&self) -> Farewell {
        self.leave.notified().await;
        self.told().farewell
    }

    /// Gives its place away if there is no request under way; there is none after that.
    pub(super) fn leave(&self) -> bool {
        self.busy.compare_exchange(0, LEAVING, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Tells the connection to end.
    pub(super) fn say_goodbye(&self, farewell: Farewell) {
        self.told().farewell = farewell;
        self.leave.notify_one();
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.busy.load(Ordering::SeqCst) & LEAVING != 0
    }

    pub(super) fn is_idle(&self) -> bool {
        self.busy.load(Ordering::SeqCst) & !LEAVING == 0
    }

    pub(super) fn idle_since(&self) -> u64 {
        self.idle_since.load(Ordering::Relaxed)
    }

    pub(super) const fn id(&self) -> u64 {
        self.id
    }

    pub(super) const fn neighbour(&self) -> Neighbour {
        self.neighbour
    }

    pub(super) const fn connections(&self) -> &Connections {
        &self.connections
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Busy {
    /// The request is answered: from now on the peer has to take the answer, so many octets a second.
    pub(in crate::http) fn answering(&mut self) {
        let now = self.line.connections.now();
        let mut told = self.line.told();
        let number = told.next;
        told.next += 1;
        told.answers.push((number, now));
        self.answer = Some(number);
    }

    /// So many octets of the answer are on their way.
    pub(in crate::http) fn taken(&self, octets: usize) {
        let longer = (octets as u64).saturating_mul(1000) / SLOWEST_BODY;
        if let Some((_, pace)) = self.line.told().answers.iter_mut().find(|(number, _)| Some(*number) == self.answer) {
            *pace = pace.saturating_add(longer);
        }
    }

    /// Tells connections that do not take their answers to end: what those hold is needed.
    pub(in crate::http) fn relieve(&self) {
        self.line.connections.relieve();
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let line = &self.line;
        if let Some(answer) = self.answer {
            let mut told = line.told();
            if let Some(at) = told.answers.iter().position(|(number, _)| *number == answer) {
                told.answers.swap_remove(at);
            }
        }
        line.touch();
        if line.busy.fetch_sub(1, Ordering::SeqCst) == 1 {
            line.connections.became_idle();
        }
    }
}
