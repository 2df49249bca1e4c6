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
    answers: Mutex<Answers>,
    leave: Notify,
    /// There is time to say goodbye.
    polite: AtomicBool,
}

/// The answers on their way to the peer: until when each has to be taken, in milliseconds from the start.
#[derive(Debug, Default)]
struct Answers {
    next: u64,
    /// Number and moment. As many as the peer may have requests at once.
    due: Vec<(u64, u64)>,
}

/// How a connection is to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Farewell {
    /// With a word to the peer.
    Polite,
    /// At once: too many others are leaving.
    AtOnce,
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
            answers: Mutex::default(),
            leave: Notify::new(),
            polite: AtomicBool::new(true),
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

    /// How long until the peer has taken too little of some answer for too long; zero when it has, `None` without answers.
    pub(in crate::http) fn patience_left(&self) -> Option<Duration> {
        let first = self.answers().due.iter().map(|(_, due)| *due).min()?;
        Some(Duration::from_millis(first.saturating_sub(self.connections.now())))
    }

    /// Completes when the place is needed for somebody else.
    pub(in crate::http) async fn told_to_leave(&self) -> Farewell {
        self.leave.notified().await;
        if self.polite.load(Ordering::Acquire) { Farewell::Polite } else { Farewell::AtOnce }
    }

    /// Gives its place away if there is no request under way; there is none after that.
    pub(super) fn leave(&self) -> bool {
        self.busy.compare_exchange(0, LEAVING, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Tells the connection that its place was given away.
    pub(super) fn say_goodbye(&self, polite: bool) {
        self.polite.store(polite, Ordering::Release);
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

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Busy {
    /// The request is answered: from now on the peer has to take the answer, within `patience` and as much longer as
    /// [`Busy::taken`] adds.
    pub(in crate::http) fn answering(&mut self, patience: Duration) {
        let due = self.line.connections.now().saturating_add(milliseconds(patience.as_millis()));
        let mut answers = self.line.answers();
        let number = answers.next;
        answers.next += 1;
        answers.due.push((number, due));
        self.answer = Some(number);
    }

    /// So many octets of the answer are on their way.
    pub(in crate::http) fn taken(&self, octets: usize) {
        let longer = milliseconds(octets as u128 * 1000 / u128::from(SLOWEST_BODY));
        if let Some((_, due)) = self.line.answers().due.iter_mut().find(|(number, _)| Some(*number) == self.answer) {
            *due = due.saturating_add(longer);
        }
    }
}

fn milliseconds(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl Drop for Busy {
    fn drop(&mut self) {
        let line = &self.line;
        if let Some(answer) = self.answer {
            let mut answers = line.answers();
            if let Some(at) = answers.due.iter().position(|(number, _)| *number == answer) {
                answers.due.swap_remove(at);
            }
        }
        line.touch();
        if line.busy.fetch_sub(1, Ordering::SeqCst) == 1 {
            line.connections.became_idle();
        }
    }
}
