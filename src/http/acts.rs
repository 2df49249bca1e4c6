//! Work that goes on when the caller has hung up, and that a shutdown waits for: signatures on their way.

use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// What is being done.
#[derive(Clone, Debug, Default)]
pub(super) struct Acts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    count: usize,
    closed: bool,
}

/// Something being done; over when dropped.
#[derive(Debug)]
pub(super) struct Act(Acts);

impl Acts {
    /// Something begins. The act goes with the task that does it. `None` when nothing may begin any more.
    pub(super) fn begin(&self) -> Option<Act> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        state.count += 1;
        Some(Act(self.clone()))
    }

    /// From now on nothing begins: what is waited for afterwards is all there is.
    pub(super) fn close(&self) {
        self.state().closed = true;
    }

    /// How many go on.
    pub(super) fn count(&self) -> usize {
        self.state().count
    }

    /// Completes when nothing goes on.
    pub(super) async fn over(&self) {
        loop {
            let ended = self.0.ended.notified();
            if self.count() == 0 {
                return;
            }
            ended.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Act {
    fn drop(&mut self) {
        self.0.state().count -= 1;
        self.0.0.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_over_when_the_last_one_is() {
        let acts = Acts::default();
        acts.over().await;
        let (one, two) = (acts.begin().unwrap(), acts.begin().unwrap());
        let waiting = tokio::spawn({
            let acts = acts.clone();
            async move { acts.over().await }
        });
        tokio::task::yield_now().await;
        drop(one);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(two);
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn nothing_begins_once_the_end_is_waited_for() {
        let acts = Acts::default();
        let last = acts.begin().unwrap();
        acts.close();
        assert!(acts.begin().is_none());
        assert_eq!(acts.count(), 1);
        drop(last);
        acts.over().await;
    }
}
