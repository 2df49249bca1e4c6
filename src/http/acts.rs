//! Work that goes on when the caller has hung up, and that a shutdown waits for: signatures on their way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// What is being done.
#[derive(Clone, Debug, Default)]
pub(super) struct Acts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    count: AtomicUsize,
    ended: Notify,
}

/// Something being done; over when dropped.
#[derive(Debug)]
pub(super) struct Act(Acts);

impl Acts {
    /// Something begins. The act goes with the task that does it.
    pub(super) fn begin(&self) -> Act {
        self.0.count.fetch_add(1, Ordering::AcqRel);
        Act(self.clone())
    }

    /// How many go on.
    pub(super) fn count(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
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
}

impl Drop for Act {
    fn drop(&mut self) {
        let inner = &self.0.0;
        inner.count.fetch_sub(1, Ordering::AcqRel);
        inner.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_over_when_the_last_one_is() {
        let acts = Acts::default();
        acts.over().await;
        let (one, two) = (acts.begin(), acts.begin());
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
}
