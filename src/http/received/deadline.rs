//! How long a body may take: the time of any request, and more as more of it arrives.

use std::time::Duration;

use tokio::time::Instant;

/// The slowest that a large body may arrive, or that of an answer be taken, in octets a second, once the time of a usual one
/// is over. A gigabyte then has four and a half hours; whoever sends or takes less than that holds a place for nothing.
pub(in crate::http) const SLOWEST_BODY: u64 = 64 * 1024;

/// The moment until which a body may go on arriving; it moves with what has arrived.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Deadline {
    start: Instant,
    usual: Duration,
    received: u64,
}

impl Deadline {
    /// For a request that begins now and has `usual` whatever its size.
    pub(in crate::http) fn starting(usual: Duration) -> Self {
        Self { start: Instant::now(), usual, received: 0 }
    }

    /// Moves it.
    pub(in crate::http) fn received(&mut self, bytes: usize) {
        self.received = self.received.saturating_add(bytes as u64);
    }

    /// The moment.
    pub(in crate::http) fn moment(&self) -> Instant {
        self.start + self.usual + Duration::from_secs(self.received / SLOWEST_BODY)
    }
}
