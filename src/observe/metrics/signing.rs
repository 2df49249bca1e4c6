//! Metrics of the desk where officials sign, and of the journal.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{Metrics, ResultLabels};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KeyLabels {
    official: String,
    key: String,
}

#[derive(Debug, Default)]
pub(super) struct SigningMetrics {
    requests: Family<ResultLabels, Counter>,
    days_left: Family<KeyLabels, Gauge>,
    journal: Gauge,
}

impl SigningMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("signings", "Requests to sign, by how they ended", self.requests.clone());
        let help = "Whole days until the certificate of an official's key expires";
        registry.register("official_key_days_left", help, self.days_left.clone());
        registry.register("journal_open", "1 when the journal can be written", self.journal.clone());
    }
}

impl Metrics {
    /// A request to sign ended: `signed`, `replayed`, `waiting`, or the code of a fault.
    pub fn signing_concluded(&self, result: &'static str) {
        self.signing.requests.get_or_create(&ResultLabels { result }).inc();
    }

    /// Sets the days left of the keys: the id of the official, of the key, days; done when the metrics are asked for.
    pub fn set_officials<'a>(&self, keys: impl Iterator<Item = (&'a str, &'a str, i64)>) {
        self.signing.days_left.clear();
        for (official, key, days) in keys {
            let labels = KeyLabels { official: official.to_owned(), key: key.to_owned() };
            self.signing.days_left.get_or_create(&labels).set(days);
        }
    }

    /// Sets whether the journal can be written; done when the metrics are asked for.
    pub fn set_journal(&self, open: bool) {
        self.signing.journal.set(i64::from(open));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_requests_to_sign_ended_and_how_long_keys_last_can_be_read() {
        let metrics = Metrics::new();
        metrics.signing_concluded("signed");
        metrics.signing_concluded("timestamp-unavailable");
        metrics.set_officials([("head", "k1", 59), ("head", "k2", -1)].into_iter());
        metrics.set_officials([("head", "k2", 365)].into_iter());
        metrics.set_journal(true);
        let text = metrics.text();
        for line in [
            "rastau_signings_total{result=\"signed\"} 1",
            "rastau_signings_total{result=\"timestamp-unavailable\"} 1",
            "rastau_official_key_days_left{official=\"head\",key=\"k2\"} 365",
            "rastau_journal_open 1",
        ] {
            assert!(text.lines().any(|candidate| candidate == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("k1"), "a key that is gone is forgotten");
    }
}
