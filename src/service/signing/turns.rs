//! One at a time for each idempotency key: of two concurrent retries the second waits for the first and gets its answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

use crate::journal::AnswerKey;

/// Locks by key, kept only as long as somebody holds or wants one.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<AnswerKey, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Waits for the turn of a key.
    pub(super) async fn take(&self, key: AnswerKey) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(lock) = locks.get(&key).and_then(Weak::upgrade) {
                lock
            } else {
                locks.retain(|_, lock| lock.strong_count() > 0);
                let lock = Arc::new(tokio::sync::Mutex::new(()));
                locks.insert(key, Arc::downgrade(&lock));
                lock
            }
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_of_a_key_waits_and_another_key_does_not() {
        let turns = Arc::new(Turns::default());
        let first = turns.take(AnswerKey([1; 32])).await;
        let _other = turns.take(AnswerKey([2; 32])).await;
        let waiting = Arc::clone(&turns);
        let second = tokio::spawn(async move { drop(waiting.take(AnswerKey([1; 32])).await) });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap();
    }

    #[tokio::test]
    async fn locks_that_nobody_wants_are_forgotten() {
        let turns = Turns::default();
        for number in 0..100_u8 {
            drop(turns.take(AnswerKey([number; 32])).await);
        }
        assert!(turns.0.lock().unwrap().len() <= 2);
    }
}
