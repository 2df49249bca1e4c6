//! Metrics of what answers rest on: revocation lists, their refreshes, OCSP.

use std::sync::atomic::Ordering;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{CauseLabels, Metrics};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListLabels {
    issuer: String,
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    issuer: String,
    source: String,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabels {
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    source: String,
    cause: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    event: &'static str,
}

/// What is shown of one revocation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListGauges {
    /// Distinguished name of the authority; never a person.
    pub issuer: String,
    /// File name or host: where it comes from.
    pub source: String,
    /// Entries.
    pub entries: u64,
    /// Seconds until the next one is due, negative when overdue; `None` when it does not say or is missing.
    pub seconds_to_next_update: Option<i64>,
    /// Whether it can be relied on.
    pub fresh: bool,
    /// Seconds since it was issued; `None` when it is missing.
    pub age_seconds: Option<i64>,
    /// When it was last read or fetched with success, in Unix seconds.
    pub last_success: Option<i64>,
    /// One of the names of its states.
    pub state: &'static str,
    /// Whether it is required, and about to lapse or worse.
    pub alarm: bool,
}

/// How attempts to fetch from one source came out since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshCounts {
    /// File name or host: where it comes from.
    pub source: String,
    /// Attempts that brought a list that holds.
    pub successes: u64,
    /// Those that did not, by cause: a name of an enumeration.
    pub failures: Vec<(&'static str, u64)>,
}

/// What asking OCSP responders came to since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OcspCounts {
    /// Questions put.
    pub asked: u64,
    /// Questions answered without a request of their own.
    pub cache_hits: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests that brought an answer that holds.
    pub answers: u64,
    /// Times that a circuit breaker opened.
    pub breakers_opened: u64,
    /// Attempts that brought none, by cause: a name of an enumeration.
    pub failures: Vec<(&'static str, u64)>,
}

/// The states that a list can be in, as metrics name them.
const STATES: [&str; 4] = ["fresh", "due", "stale", "missing"];

/// The metrics of lists and of OCSP.
#[derive(Debug, Default)]
pub(super) struct EvidenceMetrics {
    list_entries: Family<ListLabels, Gauge>,
    list_seconds: Family<ListLabels, Gauge>,
    list_fresh: Family<ListLabels, Gauge>,
    list_age: Family<ListLabels, Gauge>,
    list_success: Family<ListLabels, Gauge>,
    list_state: Family<StateLabels, Gauge>,
    alarm: Family<ListLabels, Gauge>,
    refresh_successes: Family<SourceLabels, Counter>,
    refresh_failures: Family<FailureLabels, Counter>,
    lookups: Family<OutcomeLabels, Counter>,
    ocsp: Family<EventLabels, Counter>,
    ocsp_failures: Family<CauseLabels, Counter>,
}

impl Metrics {
    /// A check asked about revocation; `outcome` is `good`, `revoked` or `unknown`.
    pub fn revocation_looked_up(&self, outcome: &'static str) {
        self.evidence.lookups.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// Takes over the counts of attempts to fetch; done when the metrics are asked for.
    pub fn set_refreshes(&self, counts: &[RefreshCounts]) {
        for RefreshCounts { source, successes, failures } in counts {
            let labels = SourceLabels { source: source.clone() };
            self.evidence.refresh_successes.get_or_create(&labels).inner().store(*successes, Ordering::Relaxed);
            for (cause, count) in failures {
                let labels = FailureLabels { source: source.clone(), cause };
                self.evidence.refresh_failures.get_or_create(&labels).inner().store(*count, Ordering::Relaxed);
            }
        }
    }

    /// Takes over the counts of the OCSP client; done when the metrics are asked for.
    pub fn set_ocsp(&self, counts: &OcspCounts) {
        for (event, count) in [
            ("asked", counts.asked),
            ("cache-hit", counts.cache_hits),
            ("request", counts.requests),
            ("answer", counts.answers),
            ("breaker-opened", counts.breakers_opened),
        ] {
            self.evidence.ocsp.get_or_create(&EventLabels { event }).inner().store(count, Ordering::Relaxed);
        }
        for (cause, count) in &counts.failures {
            self.evidence.ocsp_failures.get_or_create(&CauseLabels { cause }).inner().store(*count, Ordering::Relaxed);
        }
    }
}

impl EvidenceMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("list_entries", "Entries of a revocation list", self.list_entries.clone());
        let help = "Seconds until the next list is due, negative when overdue";
        registry.register("list_next_update_seconds", help, self.list_seconds.clone());
        registry.register("list_fresh", "1 when the list can be relied on", self.list_fresh.clone());
        registry.register("list_age_seconds", "Seconds since a list was issued", self.list_age.clone());
        let help = "When a list was last read or fetched with success";
        registry.register("list_last_success_timestamp_seconds", help, self.list_success.clone());
        registry.register("list_state", "1 for the state that a list is in", self.list_state.clone());
        let help = "1 when a required list is about to lapse without a newer one, or has";
        registry.register("revocation_alarm", help, self.alarm.clone());
        let help = "Attempts to fetch that brought a list that holds";
        registry.register("list_refresh_successes", help, self.refresh_successes.clone());
        let help = "Attempts to fetch that did not, by cause";
        registry.register("list_refresh_failures", help, self.refresh_failures.clone());
        let help = "Checks that asked about revocation, by what is known";
        registry.register("revocation_lookups", help, self.lookups.clone());
        registry.register("ocsp_events", "What asking responders came to", self.ocsp.clone());
        let help = "Attempts to ask a responder that brought no answer that holds, by cause";
        registry.register("ocsp_failures", help, self.ocsp_failures.clone());
    }

    /// Sets the gauges of the lists; those of lists that are not there any more go.
    pub(super) fn set_lists(&self, lists: &[ListGauges]) {
        let all = [&self.list_entries, &self.list_seconds, &self.list_fresh, &self.list_age, &self.list_success];
        for family in all.into_iter().chain([&self.alarm]) {
            family.clear();
        }
        self.list_state.clear();
        for list in lists {
            let labels = ListLabels { issuer: list.issuer.clone(), source: list.source.clone() };
            self.list_entries.get_or_create(&labels).set(i64::try_from(list.entries).unwrap_or(i64::MAX));
            self.list_fresh.get_or_create(&labels).set(i64::from(list.fresh));
            self.alarm.get_or_create(&labels).set(i64::from(list.alarm));
            for (family, value) in [
                (&self.list_seconds, list.seconds_to_next_update),
                (&self.list_age, list.age_seconds),
                (&self.list_success, list.last_success),
            ] {
                if let Some(value) = value {
                    family.get_or_create(&labels).set(value);
                }
            }
            for state in STATES {
                let labels = StateLabels { issuer: list.issuer.clone(), source: list.source.clone(), state };
                self.list_state.get_or_create(&labels).set(i64::from(state == list.state));
            }
        }
    }
}
