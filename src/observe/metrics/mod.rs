//! Every metric, by name.

mod access;
mod evidence;
mod signing;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use self::access::AccessMetrics;
use self::evidence::EvidenceMetrics;
pub use self::evidence::{ListGauges, OcspCounts, RefreshCounts};
use self::signing::SigningMetrics;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    decision: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DocumentLabels {
    call: &'static str,
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

/// All metrics of a process. Counters may be touched from anywhere at any time.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    checks: Family<CheckLabels, Counter>,
    documents: Family<DocumentLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    requests: Family<RequestLabels, Counter>,
    in_flight: Gauge,
    connections: Gauge,
    connections_ended: Family<CauseLabels, Counter>,
    overloads: Family<CauseLabels, Counter>,
    cached: Family<CacheLabels, Gauge>,
    path_cache: Family<ResultLabels, Counter>,
    evidence: EvidenceMetrics,
    signing: SigningMetrics,
    access: AccessMetrics,
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
            documents: Family::default(),
            durations: Family::new_with_constructor(latency_histogram),
            requests: Family::default(),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            connections_ended: Family::default(),
            overloads: Family::default(),
            cached: Family::default(),
            path_cache: Family::default(),
            evidence: EvidenceMetrics::default(),
            signing: SigningMetrics::default(),
            access: AccessMetrics::default(),
            ready: Gauge::default(),
            demo: Gauge::default(),
            panics: Counter::default(),
        };
        this.register();
        this
    }

    fn register(&mut self) {
        let build = Info::new([("version", crate::VERSION)]);
        let registry = &mut self.registry;
        registry.register("build", "The running program", build);
        registry.register("checks", "Checks by decision and refusal code", self.checks.clone());
        let help = "Documents, submissions and log-ins by decision and refusal code";
        registry.register("documents", help, self.documents.clone());
        registry.register("http_request_duration_seconds", "Time to answer, by route", self.durations.clone());
        registry.register("http_requests", "Answers by route and status", self.requests.clone());
        let help = "Requests being worked on, or their answers on their way";
        registry.register("http_requests_in_flight", help, self.in_flight.clone());
        registry.register("http_connections", "Open connections", self.connections.clone());
        let help = "Connections that the service ended or refused, by cause";
        registry.register("http_connections_ended", help, self.connections_ended.clone());
        registry.register(
            "http_overloads",
            "Requests refused for want of room or time, by cause",
            self.overloads.clone(),
        );
        registry.register("http_panics", "Requests that failed by a defect of ours", self.panics.clone());
        registry.register("cache_entries", "Entries of a cache", self.cached.clone());
        registry.register("path_cache_lookups", "Checks by whether the path was known", self.path_cache.clone());
        self.evidence.register(registry);
        self.signing.register(registry);
        self.access.register(registry);
        registry.register("ready", "1 when the service is ready", self.ready.clone());
        registry.register("demo", "1 when the demo anchors are trusted", self.demo.clone());
    }

    /// A check ended; `code` is the refusal code, absent when accepted. Both are names of enumerations.
    pub fn check_concluded(&self, decision: &'static str, code: Option<&'static str>) {
        self.checks.get_or_create(&CheckLabels { decision, code: code.unwrap_or("") }).inc();
    }

    /// A document, a submission or a log-in was judged; `call` says which. All are names of enumerations.
    pub fn document_concluded(&self, call: &'static str, decision: &'static str, code: Option<&'static str>) {
        self.documents.get_or_create(&DocumentLabels { call, decision, code: code.unwrap_or("") }).inc();
    }

    /// A request was answered. `route` is the template, never the path.
    pub fn request_answered(&self, route: &'static str, status: u16, duration: Duration) {
        self.durations.get_or_create(&RouteLabels { route }).observe(duration.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { route, status }).inc();
    }

    /// A request is worked on until the guard is dropped.
    pub fn request_in_flight(&self) -> GaugeGuard {
        GaugeGuard::one_more(&self.in_flight)
    }

    /// A connection is open until the guard is dropped.
    pub fn connection_open(&self) -> GaugeGuard {
        GaugeGuard::one_more(&self.connections)
    }

    /// A connection was ended, or none was made; `cause` is one of a few words.
    pub fn connection_ended(&self, cause: &'static str) {
        self.connections_ended.get_or_create(&CauseLabels { cause }).inc();
    }

    /// A request was answered 503 or 429 for want of room or time.
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
        self.evidence.set_lists(lists);
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
pub struct GaugeGuard(Gauge);

impl GaugeGuard {
    fn one_more(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for GaugeGuard {
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
        metrics.set_ocsp(&OcspCounts { asked: 3, failures: vec![("timeout", 1)], ..OcspCounts::default() });
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
            "rastau_ocsp_events_total{event=\"asked\"} 3",
            "rastau_ocsp_failures_total{cause=\"timeout\"} 1",
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
