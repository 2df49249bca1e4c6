//! Places among all, and among those of a party.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Share, Shares};

/// So many places, of which one party gets its share.
#[derive(Clone, Debug)]
pub(in crate::http) struct Places {
    all: Arc<Semaphore>,
    shares: Shares,
}

/// A place; free again when dropped.
#[derive(Debug)]
pub(in crate::http) struct Placed {
    _share: Share,
    _permit: OwnedSemaphorePermit,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Taken {
    /// All are taken.
    All,
    /// The party has its share.
    Share,
}

impl Places {
    /// So many, of which one party gets `share` at most.
    pub(in crate::http) fn of(number: usize, share: usize) -> Self {
        let number = number.clamp(1, Semaphore::MAX_PERMITS);
        Self { all: Arc::new(Semaphore::new(number)), shares: Shares::of(share) }
    }

    /// A place for the party whose request is answered here; nobody waits for one.
    pub(in crate::http) fn take(&self) -> Result<Placed, Taken> {
        let permit = Arc::clone(&self.all).try_acquire_owned().map_err(|_| Taken::All)?;
        let share = self.shares.take(1).ok_or(Taken::Share)?;
        Ok(Placed { _share: share, _permit: permit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::fairness::Party;

    #[tokio::test]
    async fn a_party_has_its_share_and_the_others_what_is_left() {
        let places = Places::of(3, 2);
        let client = |name: &str| Party::Client(name.into());
        let greedy = client("greedy").answering(async { [places.take(), places.take(), places.take()] }).await;
        assert_eq!(greedy.iter().filter(|place| place.is_ok()).count(), 2);
        assert_eq!(greedy[2].as_ref().unwrap_err(), &Taken::Share);
        let modest = client("modest").answering(async { places.take() }).await;
        assert!(modest.is_ok());
        let third = client("third").answering(async { places.take() }).await;
        assert_eq!(third.unwrap_err(), Taken::All);
        drop(modest);
        assert!(client("third").answering(async { places.take() }).await.is_ok());
    }
}
