//! A connection, as far as others see it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::AbortHandle;
use tokio::sync::Notify;

use super::{Connections, HURRY, Neighbour, millis};
use crate::http::fairness::{InRounds, Rounds, Taken};
use crate::http::received::SLOWEST_BODY;
use crate::http::streams;

/// In the count of requests under way: the connection has lost its place and takes no more of them.
const LEAVING: usize = 1 << (usize::BITS - 1);

/// A connection, as far as others see it.
#[derive(Debug)]
pub(in crate::http) struct Line {
    id: u64,
    neighbour: Neighbour,
    connections: Connections,
    /// Those of its neighbourhood.
    rounds: Rounds,
    /// Requests under way, and [`LEAVING`].
    busy: AtomicUsize,
    /// A request was made on it.
    served: AtomicBool,
    /// When there was one the last time, in milliseconds from the start.
    idle_since: AtomicU64,
    told: Mutex<Told>,
    leave: Notify,
}

/// What requests and others tell the connection.
#[derive(Debug)]
struct Told {
    /// Number of the next answer.
    next: u64,
    /// Those on their way to the peer, as many as it may have requests at once.
    answers: Vec<Untaken>,
    farewell: Farewell,
}

/// An answer on its way. Its paces are the moments at which it would be as far as it is if it were taken no faster than it has
/// to be, in milliseconds from the start; never further ahead than a peer may be behind, so that no answer buys more by its size.
#[derive(Debug)]
struct Untaken {
    number: u64,
    /// Where all answers of the connection together have to be taken so fast: several at once may each be slower.
    shared: u64,
    /// Where each has to be, for when what it holds is needed.
    alone: u64,
    /// Ends it alone; `None` where only the connection can end, or this has been tried.
    end: Option<AbortHandle>,
}

/// How soon answers have to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Haste {
    /// All of a connection together, in the time that a peer has.
    Usual,
    /// Each, in much less than that: what they hold is needed.
    Needed,
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
    pub(super) fn new(id: u64, neighbour: Neighbour, rounds: Rounds, connections: Connections) -> Self {
        Self {
            id,
            neighbour,
            rounds,
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

    /// How far the peer is behind with taking the answer that it takes least of; zero without answers.
    pub(in crate::http) fn behind(&self) -> Duration {
        let least = self.told().answers.iter().map(|answer| answer.shared).min();
        least.map_or(Duration::ZERO, |pace| Duration::from_millis(self.connections.now().saturating_sub(pace)))
    }

    /// Ends the answers that the peer is too far behind with. Whether the connection has to end instead: because one of them
    /// cannot end alone, and either nothing else moves or what it holds is needed.
    pub(in crate::http) fn ends_stalled(&self, haste: Haste) -> bool {
        let limit = match haste {
            Haste::Usual => self.connections.patience(),
            Haste::Needed => self.connections.patience() / HURRY,
        };
        let now = self.connections.now();
        let (mut stuck, mut moves) = (false, false);
        for answer in &mut self.told().answers {
            let pace = if haste == Haste::Usual { answer.shared } else { answer.alone };
            if Duration::from_millis(now.saturating_sub(pace)) <= limit {
                moves = true;
            } else if let Some(end) = answer.end.take() {
                // Its octets are gone when the connection has been about it.
                end.abort();
                moves = true;
            } else {
                stuck = true;
            }
        }
        stuck && (haste == Haste::Needed || !moves)
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

    /// Whether there is no request under way.
    pub(in crate::http) fn is_idle(&self) -> bool {
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

impl InRounds for Arc<Line> {
    /// Those of its neighbourhood; before its first request, and when it is to leave, those of all at the door.
    fn rounds(&self) -> (&Rounds, Option<Neighbour>) {
        let is_at_the_door = !self.is_served() || self.is_leaving();
        (if is_at_the_door { self.connections.door() } else { &self.rounds }, Some(self.neighbour))
    }
}

impl Busy {
    /// The request is answered: from now on the peer has to take the answer, so many octets a second.
    pub(in crate::http) fn answering(&mut self) {
        let now = self.line.connections.now();
        let mut told = self.line.told();
        let number = told.next;
        told.next += 1;
        told.answers.push(Untaken { number, shared: now, alone: now, end: streams::end_of_this_one() });
        self.answer = Some(number);
    }

    /// So many octets of the answer are on their way.
    pub(in crate::http) fn taken(&self, octets: usize) {
        let longer = (octets as u64).saturating_mul(1000) / SLOWEST_BODY;
        self.moved(|together| (longer.saturating_mul(together), longer));
    }

    /// For so long there was nothing of the answer that could have been taken.
    pub(in crate::http) fn excused(&self, time: Duration) {
        let longer = millis(time);
        self.moved(|_| (longer, longer));
    }

    /// Ends answers that are not taken: what those hold is needed, of everybody where there is no more for anybody.
    pub(in crate::http) fn relieve(&self, taken: Taken) {
        let whose = (taken == Taken::Share).then_some(self.line.neighbour);
        self.line.connections.relieve(whose);
    }

    /// Moves the paces of the answer by what comes of the number of answers of the connection.
    fn moved(&self, by: impl FnOnce(u64) -> (u64, u64)) {
        let latest = self.line.connections.now().saturating_add(millis(self.line.connections.patience()));
        let mut told = self.line.told();
        let (shared, alone) = by(told.answers.len() as u64);
        if let Some(answer) = told.answers.iter_mut().find(|answer| Some(answer.number) == self.answer) {
            answer.shared = answer.shared.saturating_add(shared).min(latest);
            answer.alone = answer.alone.saturating_add(alone).min(latest);
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let line = &self.line;
        if let Some(answer) = self.answer {
            let mut told = line.told();
            if let Some(at) = told.answers.iter().position(|untaken| untaken.number == answer) {
                told.answers.swap_remove(at);
            }
        }
        line.idle_since.store(line.connections.now(), Ordering::Relaxed);
        if line.busy.fetch_sub(1, Ordering::SeqCst) == 1 {
            line.connections.became_idle();
        }
    }
}
