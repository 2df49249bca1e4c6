//! Who is connected: so many at once, and so many from one neighbourhood of the network.
//!
//! When a place is wanted and none is free, a connection without a request under way makes room: one that has never had a
//! request in all its time, wherever it comes from, the oldest first; else one that has been without for long, of the network
//! that has many. Whoever holds thousands of silent connections, from one address or from thousands, loses one for each that
//! somebody else opens, and nobody waits for their time-outs.
//!
//! Newcomers are let in by the threads that serve, in rounds that they share with those who have not asked yet and those who leave
//! ([`Connections::door`]): the more of these there are, the slower others come in, and the system keeps them until then.
//!
//! A request is under way until the last octet of its answer has left this process, and no connection with one is told to
//! leave. One that is told keeps its descriptor until it has said goodbye: there are [`MAX_PARTING`] of those at most.

mod groups;
mod line;
mod neighbour;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use groups::Groups;
pub(super) use line::{Busy, Farewell, Haste, Line};
pub(super) use neighbour::Neighbour;
use neighbour::Network;

use super::fairness::Rounds;

/// Connections that have lost their place and still have their descriptor, at most: a newcomer waits where there are more.
pub(crate) const MAX_PARTING: usize = 64;

/// Of these, those that may take their time to say goodbye.
const MAX_POLITE: usize = 32;

/// Time in which a newcomer has to ask something before it is the first to leave: a handshake and a head over a bad line.
const GRACE: Duration = Duration::from_secs(1);

/// How much less time a peer has to take an answer while what it holds is needed: two seconds for thirty. A peer that takes
/// nothing costs one request each time, so that holding everything takes as many requests as any other flood.
const HURRY: u32 = 15;

/// Time between two looks for such peers: each looks at every connection.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The neighbour has all its places taken by requests under way.
    Neighbour,
    /// Every place is taken by requests under way, or by connections that are about to leave.
    Everywhere,
}

/// The open connections.
#[derive(Clone, Debug)]
pub(super) struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    total: usize,
    per_neighbour: usize,
    /// From where idleness is counted.
    start: Instant,
    open: Mutex<Open>,
    freed: Notify,
    /// The rounds of all that come and go.
    door: Rounds,
    /// Somebody waits for a place: whoever becomes idle says so.
    wanted: AtomicBool,
    /// How far a peer may be behind with its answers.
    patience: Duration,
}

#[derive(Debug, Default)]
struct Open {
    /// Number of the next connection; they are in the order of their numbers wherever that matters.
    next: u64,
    count: usize,
    /// Told to leave and not gone yet; not in `count`.
    parting: usize,
    /// Those that have had no request when somebody last looked.
    silent: BTreeMap<u64, Arc<Line>>,
    neighbours: Groups<Neighbour>,
    networks: Groups<Network>,
    /// The rounds of each neighbour that has a connection.
    rounds: HashMap<Neighbour, Rounds>,
    /// When all are looked at again for answers that are not taken, in milliseconds from the start.
    look_again: u64,
}

/// The place of a connection; free again when dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Line>);

impl Connections {
    /// Nobody yet. Who does not take an answer has `patience`, and [`HURRY`] times less while what it holds is needed.
    pub(super) fn new(total: usize, per_neighbour: usize, patience: Duration) -> Self {
        Self(Arc::new(Shared {
            total: total.max(1),
            per_neighbour: per_neighbour.max(1),
            start: Instant::now(),
            open: Mutex::default(),
            freed: Notify::new(),
            door: Rounds::at_the_door(),
            wanted: AtomicBool::new(false),
            patience,
        }))
    }

    /// The rounds in which connections are accepted, and do what comes before their first request and after their last.
    pub(super) fn door(&self) -> &Rounds {
        &self.0.door
    }

    /// A place for a connection from `address`, if need be that of another one; whether another one had to go. Waits while
    /// nobody can leave; refused where all places of the neighbour are taken by requests under way. For one caller at a time.
    pub(super) async fn enter_when_free(&self, address: IpAddr) -> Result<(Place, bool), Full> {
        match self.enter(address) {
            Ok(entered) => return Ok(entered),
            Err(Full::Neighbour) => {
                self.relieve(Some(Neighbour::of(address)));
                return Err(Full::Neighbour);
            }
            Err(Full::Everywhere) => {}
        }
        // Set before it is tried again: who becomes idle after that says so.
        let _wanted = Wanted::of(&self.0.wanted);
        loop {
            let freed = self.0.freed.notified();
            match self.enter(address) {
                Err(Full::Everywhere) => {
                    self.relieve(None);
                    // Freed or not: by then there may be others that take too long.
                    let _freed = tokio::time::timeout(LOOK_EVERY, freed).await;
                }
                other => return other,
            }
        }
    }

    /// Ends answers that peers are behind with: those of one neighbour where it is its own share that is needed.
    fn relieve(&self, whose: Option<Neighbour>) {
        let now = self.now();
        let next = now.saturating_add(millis(LOOK_EVERY));
        let mut open = self.open();
        let again = match whose {
            Some(neighbour) => open.neighbours.look_again(neighbour),
            None => Some(&mut open.look_again),
        };
        match again {
            Some(again) if *again <= now => *again = next,
            _ => return,
        }
        let lines: Vec<_> = match whose {
            Some(neighbour) => open.neighbours.lines_of(neighbour).cloned().collect(),
            None => open.neighbours.lines().cloned().collect(),
        };
        drop(open);
        for line in lines {
            if line.ends_stalled(Haste::Needed) {
                line.say_goodbye(Farewell::Stalled);
            }
        }
    }

    /// As [`Connections::enter_when_free`], without waiting.
    fn enter(&self, address: IpAddr) -> Result<(Place, bool), Full> {
        let neighbour = Neighbour::of(address);
        let mut open = self.open();
        let own = open.neighbours.size(neighbour);
        let leaves = if own >= self.0.per_neighbour {
            if open.parting >= MAX_PARTING {
                return Err(Full::Everywhere);
            }
            Some(open.idle_of(neighbour).ok_or(Full::Neighbour)?)
        } else if open.count >= self.0.total {
            if open.parting >= MAX_PARTING {
                return Err(Full::Everywhere);
            }
            Some(open.idle(self.now()).ok_or(Full::Everywhere)?)
        } else {
            None
        };
        if let Some(line) = &leaves {
            open.forget(line);
            open.parting += 1;
            line.say_goodbye(if open.parting <= MAX_POLITE { Farewell::Polite } else { Farewell::AtOnce });
        }
        let id = open.next;
        open.next += 1;
        let rounds = open.rounds.entry(neighbour).or_default().clone();
        let line = Arc::new(Line::new(id, neighbour, rounds, self.clone()));
        open.add(&line);
        Ok((Place(line), leaves.is_some()))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        let open = self.open();
        open.count + open.parting
    }

    /// Completes when there are none.
    pub(super) async fn all_gone(&self) {
        loop {
            let freed = self.0.freed.notified();
            if self.count() == 0 {
                return;
            }
            freed.await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the start.
    fn now(&self) -> u64 {
        millis(self.0.start.elapsed())
    }

    fn patience(&self) -> Duration {
        self.0.patience
    }

    /// A connection has no request under way any more.
    fn became_idle(&self) {
        if self.0.wanted.load(Ordering::SeqCst) {
            self.0.freed.notify_one();
        }
    }
}

impl Open {
    fn add(&mut self, line: &Arc<Line>) {
        self.count += 1;
        self.silent.insert(line.id(), Arc::clone(line));
        self.neighbours.insert(line.neighbour(), line);
        self.networks.insert(line.neighbour().network(), line);
    }

    fn forget(&mut self, line: &Arc<Line>) {
        self.count -= 1;
        self.silent.remove(&line.id());
        self.neighbours.remove(line.neighbour(), line.id());
        self.networks.remove(line.neighbour().network(), line.id());
        if self.neighbours.size(line.neighbour()) == 0 {
            self.rounds.remove(&line.neighbour());
        }
    }

    /// One that leaves for a newcomer; it takes no request any more.
    fn idle(&mut self, now: u64) -> Option<Arc<Line>> {
        while let Some(oldest) = self.silent.first_entry() {
            if !oldest.get().is_served() && oldest.get().idle_for() < GRACE {
                break;
            }
            let line = oldest.remove();
            // Else it has had a request since, and is looked for among the others.
            if !line.is_served() && line.leave() {
                return Some(line);
            }
        }
        loop {
            let line = self.networks.idle_of_the_largest(now)?;
            // A request may have begun on it since.
            if line.leave() {
                return Some(line);
            }
        }
    }

    /// One of a neighbour, likewise.
    fn idle_of(&mut self, neighbour: Neighbour) -> Option<Arc<Line>> {
        loop {
            let line = self.neighbours.idle_of(neighbour)?;
            if line.leave() {
                return Some(line);
            }
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// That somebody waits for a place.
struct Wanted<'a>(&'a AtomicBool);

impl<'a> Wanted<'a> {
    fn of(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::SeqCst);
        Self(flag)
    }
}

impl Drop for Wanted<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Place {
    /// The connection that has it.
    pub(super) fn line(&self) -> &Arc<Line> {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let connections = self.0.connections();
        let mut open = connections.open();
        if self.0.is_leaving() {
            open.parting -= 1;
        } else {
            open.forget(&self.0);
        }
        drop(open);
        connections.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests;
