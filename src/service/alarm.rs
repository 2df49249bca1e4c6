//! Lists that are about to lapse: told once in the log, long before answers suffer, and once when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::{Lists, Service};
use crate::policy::RevocationRule;
use crate::revocation::{ListStatus, Outcomes};

/// Time between two looks. A list of the National CA is in alarm for more than an hour before it lapses.
const PAUSE: Duration = Duration::from_secs(30);

impl Service {
    /// Whether answers are undetermined without this list.
    #[must_use]
    pub fn is_required(&self, list: &ListStatus) -> bool {
        self.revocation == RevocationRule::Required && !list.delta
    }

    /// How attempts to fetch lists came out since the start, by source.
    #[must_use]
    pub fn refreshes(&self) -> BTreeMap<String, Outcomes> {
        match &self.grounds.lists {
            Lists::Live(store) => store.outcomes(),
            Lists::Fixed(_) => BTreeMap::new(),
        }
    }
}

/// One list: where it comes from, and who issued it, where that is known.
type Watched = (String, Option<String>);

/// Remembers which lists are in alarm.
#[derive(Debug)]
pub struct Watch {
    service: Arc<Service>,
    raised: BTreeSet<Watched>,
}

/// What a look found to have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Sources whose list has come into alarm.
    pub raised: Vec<String>,
    /// Sources whose list is well again, or not configured any more.
    pub cleared: Vec<String>,
}

impl Watch {
    /// Nothing is in alarm yet.
    #[must_use]
    pub fn new(service: Arc<Service>) -> Self {
        Self { service, raised: BTreeSet::new() }
    }

    /// Looks at every list and logs what has changed since the last look.
    pub fn look(&mut self) -> Change {
        let now = self.service.now();
        let lists = self.service.revocation();
        let alarming = |list: &&ListStatus| self.service.is_required(list) && list.is_alarming(now);
        let mut change = Change::default();
        let mut raised = BTreeSet::new();
        for list in lists.iter().filter(alarming) {
            let watched = (list.source.clone(), list.issuer.clone());
            if !self.raised.contains(&watched) && raised.insert(watched.clone()) {
                let (state, error) = (list.state.as_str(), list.error.as_deref().or(list.unusable.as_deref()));
                let next = list.next_update.map(|next| next.to_string());
                tracing::warn!(
                    source = list.source,
                    state,
                    next_update = next,
                    error,
                    "a required revocation list is about to lapse or is not in force, and no newer one has come"
                );
                change.raised.push(list.source.clone());
            }
            raised.insert(watched);
        }
        // A source that had no list at all and got one that has lapsed goes on to be in alarm, as another row.
        let over =
            self.raised.difference(&raised).filter(|(source, _)| raised.iter().all(|(there, _)| there != source));
        for (source, issuer) in over {
            tracing::info!(source, issuer, "the revocation list is not in alarm any more");
            change.cleared.push(source.clone());
        }
        self.raised = raised;
        change
    }

    /// Looks again and again, until it is dropped.
    pub async fn run(mut self) {
        let mut ticks = tokio::time::interval(PAUSE);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // The first fetch has its time before a list that was never there is called missing.
        ticks.tick().await;
        loop {
            ticks.tick().await;
            self.look();
        }
    }
}
