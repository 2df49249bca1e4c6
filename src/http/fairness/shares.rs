//! How much of something a party may hold at once.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Party;

/// Tables that parties are spread over: requests of different parties seldom meet at the same lock.
const TABLES: usize = 16;

/// What each party holds. As many entries as there are parties that hold something.
#[derive(Clone, Debug)]
pub(in crate::http) struct Shares(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    spread: RandomState,
    held: [Mutex<HashMap<Party, usize>>; TABLES],
}

/// Units that a party holds; given back when dropped.
#[derive(Debug)]
pub(in crate::http) struct Share {
    inner: Arc<Inner>,
    party: Party,
    table: usize,
    units: usize,
}

impl Shares {
    /// At most so many units for one party.
    pub(in crate::http) fn of(limit: usize) -> Self {
        let (spread, held) = (RandomState::new(), Default::default());
        Self(Arc::new(Inner { limit: limit.max(1), spread, held }))
    }

    /// Takes units for the party whose request is answered here; `None` when it would hold more than its share.
    pub(in crate::http) fn take(&self, units: usize) -> Option<Share> {
        let mut share = self.hold();
        share.grow(units).then_some(share)
    }

    /// Nothing yet, for that party.
    pub(in crate::http) fn hold(&self) -> Share {
        let party = Party::current();
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash do")]
        let table = self.0.spread.hash_one(&party) as usize % TABLES;
        Share { inner: Arc::clone(&self.0), party, table, units: 0 }
    }
}

impl Share {
    /// Takes more; nothing where that would be too much.
    pub(in crate::http) fn grow(&mut self, more: usize) -> bool {
        let Some(mut held) = self.inner.table(self.table) else { return false };
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

    /// Holds so many units from now on, be it more than the party may have.
    pub(in crate::http) fn settle(&mut self, units: usize) {
        let Some(mut held) = self.inner.table(self.table) else { return };
        let others = held.get(&self.party).copied().unwrap_or(0).saturating_sub(self.units);
        match others.saturating_add(units) {
            0 => held.remove(&self.party),
            sum => held.insert(self.party.clone(), sum),
        };
        self.units = units;
    }
}

impl Inner {
    fn table(&self, number: usize) -> Option<MutexGuard<'_, HashMap<Party, usize>>> {
        Some(self.held.get(number)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.settle(0);
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
        let kept: usize = shares.0.held.iter().map(|table| table.lock().unwrap().len()).sum();
        assert_eq!(kept, 0, "nothing is kept of parties that hold nothing");
    }
}
