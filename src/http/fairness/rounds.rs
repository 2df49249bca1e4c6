//! Rounds of the runtime, in each of which the connections of one neighbourhood get so much done.
//!
//! The runtime runs what is ready in the order in which it became so. Whoever has hundreds of connections ready would have
//! everybody else wait for all of them: what is short for one is long for hundreds. So beyond [`AT_ONCE`] of them the rest
//! waits here, where that costs next to nothing, until the runtime has looked who else is ready.
//!
//! Connections that have not asked anything yet have rounds of their own, all of them together with accepting them and with seeing
//! those off that leave: thousands from as many neighbourhoods would otherwise keep those waiting that are served. In these rounds
//! neighbourhoods take turns.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use super::queue::Queue;
use crate::http::connections::Neighbour;

/// Times in a round that connections of a neighbourhood go on: some tens of microseconds each.
const AT_ONCE: u32 = 8;

/// Times that those at the door do: of a millisecond or less together, where with fewer a storm of them would keep looking for others
/// more than at its own work, and all that come with it waiting.
const AT_THE_DOOR: u32 = 32;

/// Rounds of one neighbourhood, or of all at the door.
#[derive(Clone, Debug)]
pub(in crate::http) struct Rounds(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How often what is done in a round goes on in it.
    at_once: u32,
    /// Asked for in this round; set to nothing under the lock alone.
    asked: AtomicU32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Queue<Option<Neighbour>, Waiting>,
    /// The end of the round has been called for.
    ends: bool,
}

#[derive(Debug)]
struct Waiting {
    waker: Waker,
    is_waiting: Arc<AtomicBool>,
}

/// Whose work is done in rounds.
pub(in crate::http) trait InRounds: Clone + Unpin {
    /// The rounds in which it goes on, which may be others the next time; and to whom it counts among those that wait.
    fn rounds(&self) -> (&Rounds, Option<Neighbour>);

    /// Does work in its rounds. What wakes it must stay the same: it is to be spawned, or not to be moved from task to task.
    fn pace<F: Future>(&self, work: F) -> Paced<Self, F> {
        Paced { whose: self.clone(), work: Box::pin(work), is_waiting: None }
    }
}

/// Nobody's in particular.
impl InRounds for Rounds {
    fn rounds(&self) -> (&Rounds, Option<Neighbour>) {
        (self, None)
    }
}

/// Work that goes on so often in a round.
pub(in crate::http) struct Paced<W, F> {
    whose: W,
    work: Pin<Box<F>>,
    /// Whether it is among those that wait; made when it first is.
    is_waiting: Option<Arc<AtomicBool>>,
}

impl Default for Rounds {
    /// Those of one neighbourhood.
    fn default() -> Self {
        Self::of(AT_ONCE)
    }
}

impl Rounds {
    /// Those of connections that come and go, wherever they come from.
    pub(in crate::http) fn at_the_door() -> Self {
        Self::of(AT_THE_DOOR)
    }

    fn of(at_once: u32) -> Self {
        Self(Arc::new(Inner { at_once, asked: AtomicU32::new(0), state: Mutex::default() }))
    }

    /// Whether there is something left of this round.
    fn goes_on(&self) -> bool {
        let before = self.0.asked.fetch_add(1, Ordering::SeqCst);
        if before + 1 == self.0.at_once {
            self.call_for_the_end(&mut self.state());
        }
        before < self.0.at_once
    }

    /// Waits for another round; `false` if one has begun meanwhile.
    fn wait(&self, whose: Option<Neighbour>, waker: &Waker, is_waiting: &Arc<AtomicBool>) -> bool {
        let mut state = self.state();
        if self.0.asked.load(Ordering::SeqCst) < self.0.at_once {
            return false;
        }
        is_waiting.store(true, Ordering::SeqCst);
        state.waiting.push(whose, Waiting { waker: waker.clone(), is_waiting: Arc::clone(is_waiting) });
        self.call_for_the_end(&mut state);
        true
    }

    fn call_for_the_end(&self, state: &mut State) {
        if !std::mem::replace(&mut state.ends, true) {
            let rounds = self.clone();
            tokio::spawn(async move {
                // Which comes back when the runtime has looked for what became ready.
                tokio::task::yield_now().await;
                while rounds.next() {
                    tokio::task::yield_now().await;
                }
            });
        }
    }

    /// Begins a round; whether there are more than go on in it.
    fn next(&self) -> bool {
        let (now, more) = {
            let mut state = self.state();
            self.0.asked.store(0, Ordering::SeqCst);
            let now: Vec<_> = (0..self.0.at_once).map_while(|_| state.waiting.pop()).collect();
            // Some of them may be gone, and then nobody would ask for as many as it takes to end the round.
            let more = !state.waiting.is_empty();
            state.ends = more;
            (now, more)
        };
        for Waiting { waker, is_waiting } in now {
            is_waiting.store(false, Ordering::SeqCst);
            waker.wake();
        }
        more
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: InRounds, F: Future> Paced<W, F> {
    fn poll_round(&mut self, context: &Context<'_>) -> Poll<()> {
        if self.is_waiting.as_ref().is_some_and(|waiting| waiting.load(Ordering::SeqCst)) {
            return Poll::Pending;
        }
        let (rounds, whose) = self.whose.rounds();
        while !rounds.goes_on() {
            if rounds.wait(whose, context.waker(), self.is_waiting.get_or_insert_default()) {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }
}

impl<W: InRounds, F: Future> Future for Paced<W, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        ready!(self.poll_round(context));
        self.work.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes on so many times, and says each time who it is.
    async fn work(name: char, times: usize, done: Arc<Mutex<String>>) {
        for _ in 0..times {
            done.lock().unwrap().push(name);
            // Ready at once.
            let mut is_first = true;
            std::future::poll_fn(|context| {
                context.waker().wake_by_ref();
                if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
        }
    }

    #[tokio::test]
    async fn one_connection_waits_for_few_of_hundreds_of_another_neighbour() {
        let (flood, modest, done) = (Rounds::default(), Rounds::default(), Arc::default());
        let mut tasks: Vec<_> = (0..300).map(|_| tokio::spawn(flood.pace(work('f', 5, Arc::clone(&done))))).collect();
        tasks.push(tokio::spawn(modest.pace(work('m', 5, Arc::clone(&done)))));
        for task in tasks {
            task.await.unwrap();
        }
        let done = done.lock().unwrap().clone();
        assert_eq!(done.len(), 301 * 5);
        let ahead = done.match_indices('m').map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(ahead.len(), 5);
        assert!(ahead[0] <= 2 * AT_ONCE as usize && ahead[4] <= 12 * AT_ONCE as usize, "{ahead:?}");
    }

    /// A newcomer of a neighbourhood, at the door of all.
    #[derive(Clone)]
    struct Newcomer(Rounds, Neighbour);

    impl InRounds for Newcomer {
        fn rounds(&self) -> (&Rounds, Option<Neighbour>) {
            (&self.0, Some(self.1))
        }
    }

    fn neighbour(number: u16) -> Neighbour {
        let [high, low] = number.to_be_bytes();
        Neighbour::of([10, 0, high, low].into())
    }

    #[tokio::test]
    async fn whoever_is_served_waits_for_few_newcomers_of_hundreds_of_neighbourhoods() {
        let (door, modest, done) = (Rounds::default(), Rounds::default(), Arc::default());
        let newcomer = |number| Newcomer(door.clone(), neighbour(number)).pace(work('n', 3, Arc::clone(&done)));
        let mut tasks: Vec<_> = (0..300).map(|number| tokio::spawn(newcomer(number))).collect();
        tasks.push(tokio::spawn(modest.pace(work('m', 5, Arc::clone(&done)))));
        for task in tasks {
            task.await.unwrap();
        }
        let done = done.lock().unwrap().clone();
        let ahead = done.match_indices('m').map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!((done.len(), ahead.len()), (300 * 3 + 5, 5));
        assert!(ahead[0] <= 2 * AT_ONCE as usize && ahead[4] <= 12 * AT_ONCE as usize, "{ahead:?}");
    }

    #[tokio::test]
    async fn a_newcomer_waits_for_few_of_hundreds_of_another_neighbourhood_and_so_does_accepting() {
        let (door, done) = (Rounds::default(), Arc::default());
        let newcomer = |name, number| Newcomer(door.clone(), neighbour(number)).pace(work(name, 3, Arc::clone(&done)));
        let mut tasks: Vec<_> = (0..300).map(|_| tokio::spawn(newcomer('n', 1))).collect();
        tasks.push(tokio::spawn(newcomer('m', 2)));
        tasks.push(tokio::spawn(door.pace(work('a', 3, Arc::clone(&done)))));
        for task in tasks {
            task.await.unwrap();
        }
        let done = done.lock().unwrap().clone();
        for name in ['m', 'a'] {
            let last = done.rfind(name).unwrap();
            assert!(last <= 8 * AT_ONCE as usize, "{name} {last}");
        }
    }

    #[tokio::test]
    async fn whose_rounds_change_goes_on_in_the_new_ones() {
        /// At the door until it is told otherwise.
        #[derive(Clone)]
        struct Line(Rounds, Rounds, Arc<AtomicBool>);
        impl InRounds for Line {
            fn rounds(&self) -> (&Rounds, Option<Neighbour>) {
                (if self.2.load(Ordering::SeqCst) { &self.1 } else { &self.0 }, None)
            }
        }
        let (door, done) = (Rounds::default(), Arc::default());
        let line = Line(door.clone(), Rounds::default(), Arc::default());
        let (served, told) = (Arc::clone(&line.2), Arc::clone(&done));
        let mut tasks = vec![tokio::spawn(line.pace(async move {
            served.store(true, Ordering::SeqCst);
            work('l', 5, told).await;
        }))];
        tasks.extend((0..300).map(|_| tokio::spawn(door.pace(work('n', 3, Arc::clone(&done))))));
        for task in tasks {
            task.await.unwrap();
        }
        let last = done.lock().unwrap().rfind('l').unwrap();
        assert!(last <= 12 * AT_ONCE as usize, "{last}");
    }

    #[tokio::test]
    async fn a_few_connections_go_on_as_without_rounds() {
        let (rounds, done) = (Rounds::default(), Arc::default());
        let tasks: Vec<_> =
            ('a'..='c').map(|name| tokio::spawn(rounds.pace(work(name, 2, Arc::clone(&done))))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*done.lock().unwrap(), "abcabc");
    }

    #[tokio::test]
    async fn those_that_end_while_they_wait_hold_nobody_up() {
        let (rounds, done) = (Rounds::default(), Arc::default());
        let first: Vec<_> = (0..100).map(|_| tokio::spawn(rounds.pace(work('f', 1, Arc::clone(&done))))).collect();
        let last = tokio::spawn(rounds.pace(work('l', 3, Arc::clone(&done))));
        tokio::task::yield_now().await;
        first.iter().for_each(tokio::task::JoinHandle::abort);
        last.await.unwrap();
        assert!(done.lock().unwrap().ends_with("lll"));
        for task in first {
            // Some had their turn before.
            let _ended = task.await;
        }
        let state = rounds.state();
        assert!(state.waiting.is_empty(), "{state:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn nobody_is_forgotten_on_several_threads() {
        let (rounds, done) = (Rounds::default(), Arc::default());
        let tasks: Vec<_> = (0..200).map(|_| tokio::spawn(rounds.pace(work('x', 50, Arc::clone(&done))))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(done.lock().unwrap().len(), 10_000);
    }
}
