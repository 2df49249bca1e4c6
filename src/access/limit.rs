//! How often a client may ask: one bucket for each, so that what is kept is bounded by the configuration.

use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// A limit on how often something may happen.
#[derive(Debug)]
pub(super) struct Limit {
    bucket: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Limit {
    /// So many a second in the long run, so many at once after a pause; at least one each.
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst));
        let clock = DefaultClock::default();
        Self { bucket: RateLimiter::direct_with_clock(quota, clock.clone()), clock }
    }

    /// Takes one.
    ///
    /// # Errors
    /// The seconds after which there is one again, rounded up: at least one.
    pub(super) fn take(&self) -> Result<(), u32> {
        self.bucket.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            let up = u64::from(wait.subsec_nanos() > 0);
            u32::try_from(wait.as_secs().saturating_add(up)).unwrap_or(u32::MAX).max(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;

    #[test]
    fn a_burst_is_let_through_and_then_one_has_to_wait() {
        let limit = Limit::new(1, 3);
        let outcomes: Vec<_> = (0..100).map(|_| limit.take()).collect();
        assert_eq!(outcomes[..3], [Ok(()); 3]);
        assert!(outcomes.contains(&Err(1)), "{outcomes:?}");
    }

    #[test]
    fn nothing_is_taken_for_one() {
        assert_eq!(Limit::new(0, 0).take(), Ok(()));
    }
}
