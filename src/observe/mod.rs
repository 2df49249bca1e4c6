//! Watching the service: the log, the ids of requests, the metrics. Nothing else defines a metric.
//!
//! Neither log nor labels ever carry an identity number, a name of a person, a key, a document or a query string.

mod log;
mod metrics;
mod request_id;

pub use log::{LogError, start_log};
pub use metrics::{GaugeGuard, ListGauges, Metrics, OcspCounts, RefreshCounts};
pub use request_id::{MAX_REQUEST_ID_BYTES, is_sane_request_id, new_request_id};
