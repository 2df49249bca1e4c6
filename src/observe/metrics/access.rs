//! Metrics of who was not let in, and of the files that say who is.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{CauseLabels, Metrics};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReadingLabels {
    files: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CertificateLabels {
    certificate: &'static str,
}

/// The metrics of access.
#[derive(Debug, Default)]
pub(super) struct AccessMetrics {
    refusals: Family<CauseLabels, Counter>,
    handshakes: Family<CauseLabels, Counter>,
    readings: Family<ReadingLabels, Counter>,
    /// A family, so that there is no value without TLS.
    not_after: Family<CertificateLabels, Gauge>,
}

impl AccessMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("access_refusals", "Requests that were not let in, by cause", self.refusals.clone());
        registry.register(
            "tls_handshake_failures",
            "Connections without a handshake, by cause",
            self.handshakes.clone(),
        );
        registry.register("access_readings", "Files read again, by outcome", self.readings.clone());
        let help = "When the certificate of the service ends, in Unix seconds";
        registry.register("tls_certificate_not_after_timestamp_seconds", help, self.not_after.clone());
    }
}

impl Metrics {
    /// A request was not let in; `cause` is the name of an enumeration.
    pub fn access_refused(&self, cause: &'static str) {
        self.access.refusals.get_or_create(&CauseLabels { cause }).inc();
    }

    /// A connection ended before its handshake did.
    pub fn tls_handshake_failed(&self, cause: &'static str) {
        self.access.handshakes.get_or_create(&CauseLabels { cause }).inc();
    }

    /// Files of access (`tls`, `tokens`) were read again, and could be used or not.
    pub fn access_reloaded(&self, files: &'static str, good: bool) {
        let outcome = if good { "good" } else { "bad" };
        self.access.readings.get_or_create(&ReadingLabels { files, outcome }).inc();
    }

    /// Sets when the certificate of the service ends, in Unix seconds.
    pub fn set_tls_not_after(&self, unix_seconds: i64) {
        self.access.not_after.get_or_create(&CertificateLabels { certificate: "service" }).set(unix_seconds);
    }
}
