//! Every metric, by name.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    decision: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabels {
    cause: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CacheLabels {
    cache: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

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

/// The states that a list can be in, as metrics name them.
const STATES: [&str; 4] = ["fresh", "due", "stale", "missing"];

/// All metrics of a process. Counters may be touched from anywhere at any time.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    checks: Family<CheckLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    requests: Family<RequestLabels, Counter>,
    in_flight: Gauge,
    connections: Gauge,
    overloads: Family<CauseLabels, Counter>,
    cached: Family<CacheLabels, Gauge>,
    path_cache: Family<ResultLabels, Counter>,
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
    ready: Gauge,
    demo: Gauge,
    panics: Counter<u64, AtomicU64>,
}

/// Upper bounds in seconds: a warm check takes tens of microseconds, a cold one milliseconds, a time-out ten seconds.
const BUCKETS: [f64; 14] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

fn latency_histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics at zero.
    pub fn new() -> Self {
        let mut this = Self {
            registry: Registry::with_prefix("rastau"),
            checks: Family::default(),
            durations: Family::new_with_constructor(latency_histogram),
            requests: Family::default(),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            overloads: Family::default(),
            cached: Family::default(),
            path_cache: Family::default(),
            list_entries: Family::default(),
            list_seconds: Family::default(),
            list_fresh: Family::default(),
            list_age: Family::default(),
            list_success: Family::default(),
            list_state: Family::default(),
            alarm: Family::default(),
            refresh_successes: Family::default(),
            refresh_failures: Family::default(),
            lookups: Family::default(),
            ready: Gauge::default(),
            demo: Gauge::default(),
            panics: Counter::default(),
        };
        this.register();
        this
    }

    fn register(&mut self) {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        let registry = &mut self.registry;
        registry.register("build", "The running program", build);
        registry.register("checks", "Checks by decision and refusal code", self.checks.clone());
        registry.register("http_request_duration_seconds", "Time to answer, by route", self.durations.clone());
        registry.register("http_requests", "Answers by route and status", self.requests.clone());
        registry.register("http_requests_in_flight", "Requests being worked on", self.in_flight.clone());
        registry.register("http_connections", "Open connections", self.connections.clone());
        registry.register("http_overloads", "Requests answered 503, by cause", self.overloads.clone());
        registry.register("http_panics", "Requests that failed by a defect of ours", self.panics.clone());
        registry.register("cache_entries", "Entries of a cache", self.cached.clone());
        registry.register("path_cache_lookups", "Checks by whether the path was known", self.path_cache.clone());
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
        registry.register("ready", "1 when the service is ready", self.ready.clone());
        registry.register("demo", "1 when the demo anchors are trusted", self.demo.clone());
    }

    /// A check ended; `code` is the refusal code, absent when accepted. Both are names of enumerations.
    pub fn check_concluded(&self, decision: &'static str, code: Option<&'static str>) {
        self.checks.get_or_create(&CheckLabels { decision, code: code.unwrap_or("") }).inc();
    }

    /// A request was answered. `route` is the template, never the path.
    pub fn request_answered(&self, route: &'static str, status: u16, duration: Duration) {
        self.durations.get_or_create(&RouteLabels { route }).observe(duration.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { route, status }).inc();
    }

    /// A request is worked on until the guard is dropped.
    pub fn request_in_flight(&self) -> GaugeGuard<'_> {
        self.in_flight.inc();
        GaugeGuard(&self.in_flight)
    }

    /// A connection is open until the guard is dropped.
    pub fn connection_open(&self) -> GaugeGuard<'_> {
        self.connections.inc();
        GaugeGuard(&self.connections)
    }

    /// A request was answered 503.
    pub fn overloaded(&self, cause: &'static str) {
        self.overloads.get_or_create(&CauseLabels { cause }).inc();
    }

    /// A handler panicked.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// The cache of verified paths was looked into.
    pub fn path_cache_lookup(&self, hit: bool) {
        let result = if hit { "hit" } else { "miss" };
        self.path_cache.get_or_create(&ResultLabels { result }).inc();
    }

    /// A check asked about revocation; `outcome` is `good`, `revoked` or `unknown`.
    pub fn revocation_looked_up(&self, outcome: &'static str) {
        self.lookups.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// Takes over the counts of attempts to fetch; done when the metrics are asked for.
    pub fn set_refreshes(&self, counts: &[RefreshCounts]) {
        for RefreshCounts { source, successes, failures } in counts {
            let labels = SourceLabels { source: source.clone() };
            self.refresh_successes.get_or_create(&labels).inner().store(*successes, Ordering::Relaxed);
            for (cause, count) in failures {
                let labels = FailureLabels { source: source.clone(), cause };
                self.refresh_failures.get_or_create(&labels).inner().store(*count, Ordering::Relaxed);
            }
        }
    }

    /// Sets how many entries the caches hold; done when the metrics are asked for.
    pub fn set_cached(&self, certificates: u64, paths: u64) {
        for (cache, entries) in [("certificates", certificates), ("paths", paths)] {
            self.cached.get_or_create(&CacheLabels { cache }).set(i64::try_from(entries).unwrap_or(i64::MAX));
        }
    }

    /// Sets the gauges of the lists, of readiness and of the demo; done when the metrics are asked for.
    pub fn set_state(&self, lists: &[ListGauges], ready: bool, demo: bool) {
        self.ready.set(i64::from(ready));
        self.demo.set(i64::from(demo));
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

    /// All metrics in the text format of `OpenMetrics`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _written = text::encode(&mut text, &self.registry);
        text
    }
}

/// Holds a gauge one up.
#[derive(Debug)]
pub struct GaugeGuard<'a>(&'a Gauge);

impl Drop for GaugeGuard<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_can_be_read() {
        let metrics = Metrics::new();
        metrics.check_concluded("refused", Some("certificate-revoked"));
        metrics.request_answered("/v1/certificates/check", 200, Duration::from_micros(70));
        metrics.path_cache_lookup(true);
        metrics.set_cached(3, 2);
        metrics.overloaded("concurrency");
        let list = ListGauges {
            issuer: "CN=\"a\\b\"\nc".into(),
            source: "a.crl".into(),
            entries: 7,
            seconds_to_next_update: Some(-3),
            fresh: false,
            age_seconds: Some(90),
            last_success: Some(1_780_000_000),
            state: "stale",
            alarm: true,
        };
        metrics.set_state(std::slice::from_ref(&list), true, false);
        metrics.revocation_looked_up("unknown");
        let counts = |failures| RefreshCounts { source: "http://a/x".into(), successes: 2, failures };
        metrics.set_refreshes(&[counts(vec![("timeout", 4)])]);
        metrics.set_refreshes(&[counts(vec![("timeout", 5)])]);
        let guard = metrics.request_in_flight();
        let text = metrics.text();
        for line in [
            "rastau_checks_total{decision=\"refused\",code=\"certificate-revoked\"} 1",
            "rastau_http_request_duration_seconds_bucket{le=\"0.0001\",route=\"/v1/certificates/check\"} 1",
            "rastau_http_requests_total{route=\"/v1/certificates/check\",status=\"200\"} 1",
            "rastau_http_requests_in_flight 1",
            "rastau_path_cache_lookups_total{result=\"hit\"} 1",
            "rastau_cache_entries{cache=\"paths\"} 2",
            "rastau_list_next_update_seconds{issuer=\"CN=\\\"a\\\\b\\\"\\nc\",source=\"a.crl\"} -3",
            "rastau_list_age_seconds{issuer=\"CN=\\\"a\\\\b\\\"\\nc\",source=\"a.crl\"} 90",
            "rastau_list_state{issuer=\"CN=\\\"a\\\\b\\\"\\nc\",source=\"a.crl\",state=\"stale\"} 1",
            "rastau_list_state{issuer=\"CN=\\\"a\\\\b\\\"\\nc\",source=\"a.crl\",state=\"fresh\"} 0",
            "rastau_revocation_alarm{issuer=\"CN=\\\"a\\\\b\\\"\\nc\",source=\"a.crl\"} 1",
            "rastau_list_refresh_successes_total{source=\"http://a/x\"} 2",
            "rastau_list_refresh_failures_total{source=\"http://a/x\",cause=\"timeout\"} 5",
            "rastau_revocation_lookups_total{outcome=\"unknown\"} 1",
            "rastau_ready 1",
        ] {
            assert!(text.lines().any(|candidate| candidate == line), "{line} is not in\n{text}");
        }
        drop(guard);
        metrics.set_state(&[], false, false);
        let text = metrics.text();
        assert!(text.contains("rastau_http_requests_in_flight 0\n"), "{text}");
        assert!(!text.contains("a.crl"), "{text}");
    }
}
