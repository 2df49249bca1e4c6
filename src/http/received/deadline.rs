//! How long a body may take: the time of any request, and more as more of it arrives.

use std::time::Duration;

use tokio::time::Instant;

/// The slowest that a large body may arrive, or that of an answer be taken, in octets a second, once the time of a usual one
/// is over. A gigabyte then has four and a half hours; whoever sends or takes less than that holds a place for nothing.
pub(in crate::http) const SLOWEST_BODY: u64 = 64 * 1024;

/// How long nothing need arrive, at most, of a body of which much has: what was sent at once buys no more.
const PAUSE: Duration = Duration::from_secs(30);

/// The moment until which a body may go on arriving; it moves with what has arrived.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Deadline {
    moment: Instant,
    usual: Duration,
}

impl Deadline {
    /// For a request that begins now and has `usual` whatever its size.
    pub(in crate::http) fn starting(usual: Duration) -> Self {
        Self { moment: Instant::now() + usual, usual }
    }

    /// Moves it.
    pub(in crate::http) fn received(&mut self, bytes: usize) {
        let longer = Duration::from_micros((bytes as u64).saturating_mul(1_000_000) / SLOWEST_BODY);
        let now = Instant::now();
        // What is there when the moment is over was kept waiting by us.
        self.moment = (self.moment.max(now) + longer).min(now + self.usual.max(PAUSE));
    }

    /// The moment.
    pub(in crate::http) fn moment(&self) -> Instant {
        self.moment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_has_a_second_more_with_every_64_kib_and_never_much_of_a_pause() {
        let start = Instant::now();
        let mut deadline = Deadline::starting(Duration::from_secs(10));
        deadline.received(64 * 1024 * 3 / 2);
        assert_eq!(deadline.moment() - start, Duration::from_millis(11_500));
        deadline.received(64 << 20);
        assert_eq!(deadline.moment() - start, PAUSE, "and no quarter of an hour");
        for _ in 0..1000 {
            tokio::time::advance(Duration::from_secs(1)).await;
            deadline.received(64 * 1024);
        }
        assert_eq!(deadline.moment() - start, PAUSE + Duration::from_secs(1000), "whoever goes on may go on");
    }
}
