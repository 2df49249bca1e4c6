//! Turns at what is scarce, party by party.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Party;

/// Pieces of brief work that a party gets done between two turns while others wait for one, and in [`BRIEF_EVERY`] where none
/// ends: a millisecond or so together, where a turn takes some.
const BRIEF_AT_ONCE: u32 = 32;

/// The time after which a party gets as many again: a turn may take seconds, and where there is one core there is no other.
const BRIEF_EVERY: Duration = Duration::from_millis(5);

/// So many turns at once; those who wait get them party by party, and within a party in the order in which they came.
#[derive(Clone, Debug)]
pub(in crate::http) struct Turns(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    /// How many wait; changed under the lock alone, read without it to see whether anybody does.
    waiting: AtomicUsize,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// Number of the next who waits, or of the next place in the round.
    next: u64,
    waiting: HashMap<Party, Queue>,
    /// The parties that wait, each once; the next one to be served first.
    round: BTreeMap<u64, Party>,
    /// Brief work of each party since the last turn was handed on, or since [`BRIEF_EVERY`].
    brief: HashMap<Party, u32>,
    brief_since: Instant,
}

/// Those of one party that wait, in the order in which they came.
#[derive(Debug)]
struct Queue {
    /// Its place in the round.
    place: u64,
    senders: BTreeMap<u64, oneshot::Sender<Turn>>,
}

/// A turn; the next one's when dropped.
#[derive(Debug)]
pub(in crate::http) struct Turn(Option<Turns>);

/// Somebody who waits, and is forgotten when dropped.
struct Waiting<'a> {
    turns: &'a Turns,
    party: Party,
    number: u64,
    receiver: oneshot::Receiver<Turn>,
}

impl Turns {
    /// So many at once, at least one.
    pub(in crate::http) fn of(number: usize) -> Self {
        let (waiting, round, brief) = (HashMap::new(), BTreeMap::new(), HashMap::new());
        let brief_since = Instant::now();
        let state = Mutex::new(State { free: number.max(1), next: 0, waiting, round, brief, brief_since });
        Self(Arc::new(Inner { state, waiting: AtomicUsize::new(0) }))
    }

    /// Waits for a turn, for the party whose request is answered here. Whoever stops waiting loses nothing and takes nothing.
    pub(in crate::http) async fn take(&self) -> Turn {
        let mut waiting = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Turn(Some(self.clone()));
            }
            self.wait(&mut state)
        };
        // Not reached without a turn: senders are kept until they are used.
        (&mut waiting.receiver).await.unwrap_or(Turn(None))
    }

    /// For work of some tens of microseconds, which needs no turn as long as nobody waits for one. While somebody does, a
    /// party gets so much of it done between two turns, and waits for a turn with the rest.
    pub(in crate::http) async fn take_for_brief_work(&self) -> Option<Turn> {
        if self.0.waiting.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut waiting = {
            let mut state = self.state();
            if state.brief_since.elapsed() >= BRIEF_EVERY {
                state.brief.clear();
                state.brief_since = Instant::now();
            }
            let done = state.brief.entry(Party::current()).or_default();
            if *done < BRIEF_AT_ONCE {
                *done += 1;
                return None;
            }
            if state.free > 0 {
                state.free -= 1;
                return Some(Turn(Some(self.clone())));
            }
            self.wait(&mut state)
        };
        (&mut waiting.receiver).await.ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, state: &mut State) -> Waiting<'_> {
        let (sender, receiver) = oneshot::channel();
        let party = Party::current();
        let number = state.wait(party.clone(), sender);
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting { turns: self, party, number, receiver }
    }

    /// Hands a turn that has become free to whoever is next.
    fn pass_on(&self) {
        loop {
            let mut state = self.state();
            state.brief.clear();
            let Some(next) = state.next() else {
                state.free += 1;
                return;
            };
            self.0.waiting.fetch_sub(1, Ordering::Relaxed);
            // Outside the lock: a turn that nobody takes any more is dropped there, which would come back to here.
            drop(state);
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                Err(mut unclaimed) => unclaimed.0 = None,
            }
        }
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Queues somebody; the number under which that is.
    fn wait(&mut self, party: Party, sender: oneshot::Sender<Turn>) -> u64 {
        let number = self.number();
        let round = &mut self.round;
        let queue = self.waiting.entry(party).or_insert_with_key(|party| {
            round.insert(number, party.clone());
            Queue { place: number, senders: BTreeMap::new() }
        });
        queue.senders.insert(number, sender);
        number
    }

    /// The next who waits.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let place = self.number();
        let (_, party) = self.round.pop_first()?;
        let queue = self.waiting.get_mut(&party)?;
        let next = queue.senders.pop_first();
        if queue.senders.is_empty() {
            self.waiting.remove(&party);
        } else {
            queue.place = place;
            self.round.insert(place, party);
        }
        next.map(|(_, sender)| sender)
    }

    /// Forgets somebody who waits; whether that was so.
    fn forget(&mut self, party: &Party, number: u64) -> bool {
        let Some(queue) = self.waiting.get_mut(party) else { return false };
        let waited = queue.senders.remove(&number).is_some();
        if queue.senders.is_empty() {
            self.round.remove(&queue.place);
            self.waiting.remove(party);
        }
        waited
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // Whoever has got the turn is not there any more; the turn goes on with the receiver if it was not taken.
        if self.turns.state().forget(&self.party, self.number) {
            self.turns.0.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(turns: &Turns, name: &str, number: usize, done: &Arc<Mutex<Vec<String>>>) -> tokio::task::JoinHandle<()> {
        let (turns, done, told) = (turns.clone(), Arc::clone(done), format!("{name}{number}"));
        tokio::spawn(Party::Client(name.into()).answering(async move {
            let _turn = turns.take().await;
            done.lock().unwrap().push(told);
        }))
    }

    #[tokio::test]
    async fn one_request_waits_for_one_of_the_flood_and_not_for_all_of_it() {
        let (turns, done) = (Turns::of(1), Arc::default());
        let busy = turns.take().await;
        let mut tasks = Vec::new();
        for number in 0..50 {
            tasks.push(wait(&turns, "flood", number, &done));
            tokio::task::yield_now().await;
        }
        tasks.push(wait(&turns, "other", 0, &done));
        tokio::task::yield_now().await;
        drop(busy);
        for task in tasks {
            task.await.unwrap();
        }
        let done = done.lock().unwrap().clone();
        assert_eq!(done[..4], ["flood0", "other0", "flood1", "flood2"]);
        assert_eq!(done.len(), 51);
    }

    #[tokio::test]
    async fn whoever_gives_up_leaves_the_turn_to_the_next() {
        let (turns, done) = (Turns::of(1), Arc::default());
        let busy = turns.take().await;
        let given_up: Vec<_> = (0..1000).map(|number| wait(&turns, "gone", number, &done)).collect();
        let last = wait(&turns, "last", 0, &done);
        tokio::task::yield_now().await;
        given_up.iter().for_each(tokio::task::JoinHandle::abort);
        for task in given_up {
            assert!(task.await.unwrap_err().is_cancelled());
        }
        // Nothing of them is kept while nobody's turn ends.
        let kept = |turns: &Turns| {
            let state = turns.state();
            let senders: usize = state.waiting.values().map(|queue| queue.senders.len()).sum();
            (state.free, senders, state.waiting.len(), state.round.len(), turns.0.waiting.load(Ordering::Relaxed))
        };
        assert_eq!(kept(&turns), (0, 1, 1, 1, 1));
        drop(busy);
        last.await.unwrap();
        assert_eq!(*done.lock().unwrap(), ["last0"]);
        assert_eq!(kept(&turns), (1, 0, 0, 0, 0));
    }

    #[tokio::test]
    async fn a_party_whose_first_gives_up_keeps_its_place_in_the_round() {
        let (turns, done) = (Turns::of(1), Arc::default());
        let busy = turns.take().await;
        let first = wait(&turns, "one", 0, &done);
        tokio::task::yield_now().await;
        let mut tasks = vec![wait(&turns, "other", 0, &done), wait(&turns, "one", 1, &done)];
        tokio::task::yield_now().await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        tasks.push(wait(&turns, "third", 0, &done));
        tokio::task::yield_now().await;
        drop(busy);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*done.lock().unwrap(), ["one1", "other0", "third0"]);
    }

    #[tokio::test(start_paused = true)]
    async fn brief_work_goes_on_while_a_turn_takes_long() {
        let (turns, done) = (Turns::of(1), Arc::default());
        let _long = turns.take().await;
        let waiting = wait(&turns, "other", 0, &done);
        tokio::task::yield_now().await;
        for _ in 0..3 {
            for _ in 0..BRIEF_AT_ONCE {
                assert!(turns.take_for_brief_work().await.is_none());
            }
            let one_more = turns.take_for_brief_work();
            assert!(futures_util::poll!(std::pin::pin!(one_more)).is_pending());
            tokio::time::advance(BRIEF_EVERY).await;
        }
        waiting.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn brief_work_needs_no_turn_until_somebody_waits_and_then_little_of_it_does() {
        let (turns, done) = (Turns::of(1), Arc::default());
        let busy = turns.take().await;
        let client = |name: &str| Party::Client(name.into());
        let flood = async {
            for _ in 0..10 * BRIEF_AT_ONCE {
                assert!(turns.take_for_brief_work().await.is_none(), "nobody waits");
            }
        };
        client("flood").answering(flood).await;
        let waiting = wait(&turns, "other", 0, &done);
        tokio::task::yield_now().await;
        let flood = async {
            for _ in 0..BRIEF_AT_ONCE {
                assert!(turns.take_for_brief_work().await.is_none());
            }
            let told = Arc::clone(&done);
            let turn = turns.take_for_brief_work().await;
            told.lock().unwrap().push("flood".to_owned());
            turn
        };
        let flood = client("flood").answering(flood);
        let mut flood = std::pin::pin!(flood);
        assert!(futures_util::poll!(&mut flood).is_pending());
        let modest = client("modest").answering(turns.take_for_brief_work());
        assert!(modest.await.is_none(), "one piece is no flood");
        drop(busy);
        waiting.await.unwrap();
        assert!(flood.await.is_some());
        assert_eq!(*done.lock().unwrap(), ["other0", "flood"]);
    }

    #[tokio::test]
    async fn there_are_never_more_turns_than_there_are() {
        let turns = Turns::of(2);
        let (one, two) = (turns.take().await, turns.take().await);
        let third = turns.take();
        let mut third = std::pin::pin!(third);
        assert!(futures_util::poll!(&mut third).is_pending());
        drop(one);
        let third = third.await;
        assert_eq!(turns.state().free, 0);
        drop((two, third));
        assert_eq!(turns.state().free, 2);
    }
}
