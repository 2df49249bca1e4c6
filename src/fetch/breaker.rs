//! A circuit breaker for each address: one that fails again and again is left alone for a while.
//!
//! Closed, it lets everything through. After [`BreakerSettings::failures`] failures in a row it opens, and nothing goes
//! through; when its time is over one probe goes through, and closes it or opens it for twice as long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Time};

/// Most addresses watched; a National CA has two of each kind. Beyond it addresses are asked unwatched.
const MAX_ADDRESSES: usize = 1024;

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open the first time; twice as long each time that the probe fails.
    pub first: Duration,
    /// How long it stays open at most.
    pub longest: Duration,
}

impl Default for BreakerSettings {
    /// Five failures; ten seconds to five minutes: the National CA's servers fall silent for seconds.
    fn default() -> Self {
        Self { failures: 5, first: Duration::from_secs(10), longest: Duration::from_secs(300) }
    }
}

/// How things stand with one address.
#[derive(Clone, Copy, Debug, Default)]
struct Health {
    /// Failures since the last success.
    failures: u32,
    /// Times it has opened since the last success.
    opened: u32,
    /// From when to when it is open. A clock that was set back before the start ends it as well.
    closed_to: Option<(Time, Time)>,
    /// A probe is under way.
    probing: bool,
}

/// The breakers of all addresses.
#[derive(Debug)]
pub(crate) struct Breakers {
    settings: BreakerSettings,
    health: Mutex<HashMap<Arc<str>, Health>>,
}

/// Leave to ask an address once. What came of it is to be told; dropped without, as when the question is given up, it
/// says nothing about the address.
pub(crate) struct Permit<'a> {
    breakers: &'a Breakers,
    address: Arc<str>,
    /// It was given out while the address was left alone, to find out whether it is well again.
    is_probe: bool,
    told: bool,
}

impl Breakers {
    pub(crate) fn new(settings: BreakerSettings) -> Self {
        Self { settings, health: Mutex::default() }
    }

    /// Leave to ask `address`, unless its breaker is open or another probe is under way.
    pub(crate) fn permit(&self, address: &Arc<str>, now: Time) -> Option<Permit<'_>> {
        let mut all = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let mut is_probe = false;
        if let Some(health) = all.get_mut(address)
            && let Some((from, to)) = health.closed_to
        {
            if (from <= now && now < to) || health.probing {
                return None;
            }
            health.probing = true;
            is_probe = true;
        }
        Some(Permit { breakers: self, address: Arc::clone(address), is_probe, told: false })
    }

    /// Addresses whose breakers are open or being probed at `now`.
    pub(crate) fn open(&self) -> usize {
        let all = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().filter(|health| health.closed_to.is_some()).count()
    }

    fn update(&self, address: &Arc<str>, change: impl FnOnce(&mut Health)) {
        let mut all = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(address) && all.len() >= MAX_ADDRESSES {
            all.retain(|_, health| health.failures > 0);
            if all.len() >= MAX_ADDRESSES {
                return;
            }
        }
        change(all.entry(Arc::clone(address)).or_default());
    }

    fn open_for(&self, opened: u32) -> i64 {
        let wait = self.settings.first.saturating_mul(1_u32.checked_shl(opened.min(16)).unwrap_or(1));
        i64::try_from(wait.min(self.settings.longest).as_secs()).unwrap_or(i64::MAX).max(1)
    }
}

impl Permit<'_> {
    /// The address has answered as it should.
    pub(crate) fn succeeded(mut self) {
        self.told = true;
        self.breakers.update(&self.address, |health| *health = Health::default());
    }

    /// It has not. Answers whether the breaker opened for it.
    pub(crate) fn failed(mut self, clock: &dyn Clock) -> bool {
        self.told = true;
        let mut opens = false;
        self.breakers.update(&self.address, |health| {
            health.failures = health.failures.saturating_add(1);
            let of_probe = self.is_probe && std::mem::take(&mut health.probing);
            // Requests that were under way when it opened change nothing more.
            opens = of_probe || (health.closed_to.is_none() && health.failures >= self.breakers.settings.failures);
            if opens {
                let now = clock.now();
                health.closed_to = Some((now, now.plus_seconds(self.breakers.open_for(health.opened))));
                health.opened = health.opened.saturating_add(1);
            }
        });
        opens
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_probe && !self.told {
            self.breakers.update(&self.address, |health| health.probing = false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    const SETTINGS: BreakerSettings =
        BreakerSettings { failures: 3, first: Duration::from_secs(10), longest: Duration::from_secs(35) };

    fn at(second: i64) -> Time {
        Time::from_unix(1_787_184_000 + second)
    }

    fn fail(breakers: &Breakers, address: &Arc<str>, second: i64) -> bool {
        breakers.permit(address, at(second)).expect("a permit").failed(&FixedClock(at(second)))
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_a_probe_closes_it() {
        let (breakers, address) = (Breakers::new(SETTINGS), Arc::from("http://one"));
        assert!(!fail(&breakers, &address, 0) && !fail(&breakers, &address, 0));
        breakers.permit(&address, at(0)).expect("a permit").succeeded();
        assert!(!fail(&breakers, &address, 1) && !fail(&breakers, &address, 1));
        assert!(fail(&breakers, &address, 1));
        assert!(breakers.permit(&address, at(1)).is_none() && breakers.permit(&address, at(10)).is_none());
        assert!(breakers.permit(&Arc::from("http://two"), at(2)).is_some(), "others are not concerned");
        let probe = breakers.permit(&address, at(11)).expect("a probe");
        assert!(breakers.permit(&address, at(11)).is_none(), "one probe at a time");
        probe.succeeded();
        assert!(breakers.permit(&address, at(11)).is_some());
        assert_eq!(breakers.open(), 0);
    }

    #[test]
    fn each_failed_probe_doubles_the_wait_up_to_the_longest() {
        let (breakers, address) = (Breakers::new(SETTINGS), Arc::from("http://one"));
        for _ in 0..3 {
            fail(&breakers, &address, 0);
        }
        let mut second = 0;
        for wait in [10, 20, 35, 35] {
            assert!(breakers.permit(&address, at(second + wait - 1)).is_none(), "{wait}");
            second += wait;
            assert!(fail(&breakers, &address, second), "a probe that fails opens it again");
        }
    }

    #[test]
    fn a_probe_that_is_given_up_makes_room_for_another() {
        let (breakers, address) = (Breakers::new(SETTINGS), Arc::from("http://one"));
        for _ in 0..3 {
            fail(&breakers, &address, 0);
        }
        drop(breakers.permit(&address, at(10)).expect("a probe"));
        assert!(breakers.permit(&address, at(10)).is_some());
    }

    #[test]
    fn only_the_probe_itself_makes_room_for_another() {
        let (breakers, address) = (Breakers::new(SETTINGS), Arc::from("http://one"));
        let [given_up, failing] = [(); 2].map(|()| breakers.permit(&address, at(0)).expect("a permit"));
        for _ in 0..3 {
            fail(&breakers, &address, 0);
        }
        let probe = breakers.permit(&address, at(10)).expect("a probe");
        drop(given_up);
        assert!(breakers.permit(&address, at(10)).is_none(), "a request from before was given up");
        assert!(!failing.failed(&FixedClock(at(10))), "a request from before failed");
        assert!(breakers.permit(&address, at(10)).is_none());
        assert!(probe.failed(&FixedClock(at(10))));
        assert!(breakers.permit(&address, at(29)).is_none() && breakers.permit(&address, at(30)).is_some());
    }

    #[test]
    fn late_failures_do_not_prolong_an_open_one_and_a_clock_set_back_does_not_keep_it_open() {
        let (breakers, address) = (Breakers::new(SETTINGS), Arc::from("http://one"));
        let late = breakers.permit(&address, at(0)).expect("a permit");
        for _ in 0..3 {
            fail(&breakers, &address, 0);
        }
        assert!(!late.failed(&FixedClock(at(9))));
        assert!(breakers.permit(&address, at(10)).is_some());
        let other = Arc::from("http://two");
        for _ in 0..3 {
            fail(&breakers, &other, 1000);
        }
        assert!(breakers.permit(&other, at(1005)).is_none());
        assert!(breakers.permit(&other, at(0)).is_some());
    }

    #[test]
    fn endless_addresses_take_no_endless_memory() {
        let breakers = Breakers::new(SETTINGS);
        for number in 0..3000 {
            fail(&breakers, &Arc::from(format!("http://{number}")), 0);
        }
        assert_eq!(breakers.health.lock().unwrap().len(), MAX_ADDRESSES);
    }
}
