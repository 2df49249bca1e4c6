//! How much of something a party may hold at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Party;

/// The share of one party in what there is: three quarters. One alone has nearly all of it, and a second one finds some left.
pub(in crate::http) const fn share_of(all: usize) -> usize {
    all - all / 4
}

/// What each party holds. As many entries as there are parties that hold something.
#[derive(Clone, Debug)]
pub(in crate::http) struct Shares(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    held: Mutex<HashMap<Party, usize>>,
}

/// Units that a party holds; given back when dropped.
#[derive(Debug)]
pub(in crate::http) struct Share {
    inner: Arc<Inner>,
    party: Party,
    units: usize,
}

impl Shares {
    /// At most so many units for one party.
    pub(in crate::http) fn of(limit: usize) -> Self {
        Self(Arc::new(Inner { limit: limit.max(1), held: Mutex::default() }))
    }

    /// Takes units for the party whose request is answered here; `None` when it would hold more than its share.
    pub(in crate::http) fn take(&self, units: usize) -> Option<Share> {
        let mut share = Share { inner: Arc::clone(&self.0), party: Party::current(), units: 0 };
        share.grow(units).then_some(share)
    }
}

impl Share {
    /// Takes more; nothing where that would be too much.
    pub(in crate::http) fn grow(&mut self, more: usize) -> bool {
        let mut held = self.inner.held();
        let now = held.get(&self.party).copied().unwrap_or(0);
        match now.checked_add(more) {
            Some(sum) if sum <= self.inner.limit => {
                held.insert(self.party.clone(), sum);
                self.units += more;
                true
            }
            _ => false,
        }
    }
}

impl Inner {
    fn held(&self) -> MutexGuard<'_, HashMap<Party, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.inner.held();
        if let Some(now) = held.get_mut(&self.party) {
            *now = now.saturating_sub(self.units);
            if *now == 0 {
                held.remove(&self.party);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(name: &str) -> Party {
        Party::Client(name.into())
    }

    #[tokio::test]
    async fn a_party_at_its_limit_does_not_keep_another_from_its_own() {
        let shares = Shares::of(3);
        let taken = client("greedy").answering(async { (shares.take(2), shares.take(1), shares.take(1)) }).await;
        assert!(taken.0.is_some() && taken.1.is_some() && taken.2.is_none());
        let other = client("other").answering(async { shares.take(3) }).await;
        assert!(other.is_some());
        drop(taken);
        let mut again = client("greedy").answering(async { shares.take(2) }).await.unwrap();
        assert!(again.grow(1) && !again.grow(1) && !again.grow(usize::MAX));
        drop((again, other));
        assert!(shares.0.held().is_empty(), "nothing is kept of parties that hold nothing");
    }
}
