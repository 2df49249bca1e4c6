//! Turns at what is scarce, party by party.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::Party;

/// So many turns at once; those who wait get them party by party, and within a party in the order in which they came.
#[derive(Clone, Debug)]
pub(in crate::http) struct Turns(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    free: usize,
    waiting: HashMap<Party, VecDeque<oneshot::Sender<Turn>>>,
    /// The parties that wait, each once; the next one to be served first.
    round: VecDeque<Party>,
}

/// A turn; the next one's when dropped.
#[derive(Debug)]
pub(in crate::http) struct Turn(Option<Turns>);

impl Turns {
    /// So many at once, at least one.
    pub(in crate::http) fn of(number: usize) -> Self {
        let (waiting, round) = (HashMap::new(), VecDeque::new());
        Self(Arc::new(Mutex::new(State { free: number.max(1), waiting, round })))
    }

    /// Waits for a turn, for the party whose request is answered here. Whoever stops waiting loses nothing and takes nothing.
    pub(in crate::http) async fn take(&self) -> Turn {
        let waiting = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Turn(Some(self.clone()));
            }
            let (sender, receiver) = oneshot::channel();
            state.wait(Party::current(), sender);
            receiver
        };
        match waiting.await {
            Ok(turn) => turn,
            // Not reached: senders are kept until they are used.
            Err(_) => Turn(None),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a turn that has become free to whoever is next.
    fn pass_on(&self) {
        loop {
            let mut state = self.state();
            let Some(next) = state.next() else {
                state.free += 1;
                return;
            };
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
    fn wait(&mut self, party: Party, sender: oneshot::Sender<Turn>) {
        let queue = self.waiting.entry(party.clone()).or_default();
        if queue.is_empty() {
            self.round.push_back(party);
        }
        queue.push_back(sender);
    }

    /// The next who waits.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some(party) = self.round.pop_front() {
            let Some(queue) = self.waiting.get_mut(&party) else { continue };
            let next = queue.pop_front();
            if queue.is_empty() {
                self.waiting.remove(&party);
            } else {
                self.round.push_back(party);
            }
            if next.is_some() {
                return next;
            }
        }
        None
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
        drop(busy);
        last.await.unwrap();
        assert_eq!(*done.lock().unwrap(), ["last0"]);
        let state = turns.state();
        assert_eq!((state.free, state.waiting.len(), state.round.len()), (1, 0, 0));
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
