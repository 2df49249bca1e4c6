//! Days of refreshing, in as much time as the signatures take: the clock of the runtime passes when nobody works.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rastau::clock::{Clock, Time};
use rastau::fetch::{Asked, Fetch, FetchError, Fetched, Get, Got, Limits, Post, Validators};
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{ListState, Source, Store, StoreOptions};
use rastau_mint::key::Key;
use tokio::time::Instant;

use super::super::{Issuer, SERIAL, issuer, time};
use super::{answers, number_in_force};

const A: &str = "http://crl.invalid/full.crl";
const B: &str = "http://crl1.invalid/full.crl";
const DELTA: &str = "http://crl.invalid/delta.crl";
const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// More requests to one address within an hour would be hammering: a look every 13.5 minutes, one before and one at
/// falling due, four more when failures begin, as many when they begin again.
const STORM: usize = 12;

/// Another authority whose lists are believed.
fn other() -> &'static Issuer {
    static OTHER: OnceLock<Issuer> = OnceLock::new();
    OTHER.get_or_init(|| Issuer::new("ЕКІНШІ КО", Key::p256("second")))
}

/// Midnight of the first day.
fn start() -> Time {
    time("2026-08-20T00:00:00Z")
}

/// The time that passes in the runtime, and what the clock of the machine shows beside it.
struct Sky {
    since: Instant,
    wrong_by: AtomicI64,
}

impl Sky {
    /// Seconds since the start, really.
    fn passed(&self) -> i64 {
        i64::try_from(self.since.elapsed().as_secs()).unwrap()
    }
}

impl Clock for Sky {
    fn now(&self) -> Time {
        start().plus_seconds(self.passed() + self.wrong_by.load(Ordering::Relaxed))
    }
}

/// What is wrong, and when: (from, to) in seconds.
type Fault = fn(url: &str, passed: i64) -> Option<Trouble>;

enum Trouble {
    /// No answer.
    Out,
    /// The list of that number, whatever the hour.
    Serves(u64),
    /// A valid list of another known authority, good for months.
    ServesAnothers,
    /// «Unchanged» to whoever asks whether something has changed.
    AlwaysUnchanged,
}

/// Full lists at midnight for 27 hours, deltas every six hours for seven and a half. Number `n` of a full list is that
/// of day `n`, from 1; of a delta the period of six hours, from 1.
struct Network {
    sky: Arc<Sky>,
    fault: Fault,
    signed: Mutex<HashMap<(bool, u64), Vec<u8>>>,
    /// Requests by address and outcome.
    counts: Mutex<HashMap<(String, &'static str), usize>>,
    /// When requests came, to find bursts.
    moments: Mutex<Vec<(String, i64)>>,
}

impl Network {
    fn list(&self, delta: bool, number: u64) -> Vec<u8> {
        let mut signed = self.signed.lock().unwrap();
        let make = || {
            let (period, life) = if delta { (6 * HOUR, 15 * HOUR / 2) } else { (24 * HOUR, 27 * HOUR) };
            let this = start().plus_seconds((i64::try_from(number).unwrap() - 1) * period);
            let list = issuer().list().updates(&this.to_string(), &this.plus_seconds(life).to_string()).number(number);
            let list = list.revoke(&SERIAL, "2026-06-01T00:00:00Z", None);
            issuer().sign(&if delta { list.delta_to(1) } else { list })
        };
        signed.entry((delta, number)).or_insert_with(make).clone()
    }

    fn answer(&self, question: &Get<'_>) -> (&'static str, Result<Got, FetchError>) {
        let passed = self.sky.passed();
        self.moments.lock().unwrap().push((question.url.to_owned(), passed));
        let delta = question.url == DELTA;
        let period = if delta { 6 * HOUR } else { 24 * HOUR };
        let mut number = u64::try_from(passed / period).unwrap() + 1;
        match (self.fault)(question.url, passed) {
            Some(Trouble::Out) => return ("failed", Err(FetchError::Timeout)),
            Some(Trouble::AlwaysUnchanged) if question.known.is_some() => return ("unchanged", Ok(Got::Unchanged)),
            Some(Trouble::Serves(old)) => number = old,
            Some(Trouble::ServesAnothers) => {
                let list = other().list().updates("2026-08-01T00:00:00Z", "2027-03-01T00:00:00Z");
                let validators = Validators::new(Some("\"another\""), None);
                return ("another's", Ok(Got::Body { body: other().sign(&list), validators }));
            }
            _ => {}
        }
        let tag = format!("\"{number}\"");
        if question.known.is_some_and(|known| known.etag() == Some(&tag)) {
            return ("unchanged", Ok(Got::Unchanged));
        }
        ("whole", Ok(Got::Body { body: self.list(delta, number), validators: Validators::new(Some(&tag), None) }))
    }

    fn count(&self, url: &str, outcome: &'static str) -> usize {
        self.counts.lock().unwrap().get(&(url.to_owned(), outcome)).copied().unwrap_or_default()
    }

    fn total(&self, url: &str) -> usize {
        ["failed", "unchanged", "whole", "another's"].iter().map(|outcome| self.count(url, outcome)).sum()
    }

    /// Most requests to one address within an hour.
    fn busiest_hour(&self) -> usize {
        let moments = self.moments.lock().unwrap();
        let within = |(url, from): &(String, i64)| {
            moments.iter().filter(|(other, at)| other == url && (*from..from + HOUR).contains(at)).count()
        };
        moments.iter().map(within).max().unwrap_or_default()
    }
}

impl Fetch for Network {
    fn ask<'a>(&'a self, question: Get<'a>) -> Asked<'a> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let (outcome, answer) = self.answer(&question);
            *self.counts.lock().unwrap().entry((question.url.to_owned(), outcome)).or_default() += 1;
            answer
        })
    }

    fn post<'a>(&'a self, _: &'a str, _: Post, _: Limits) -> Fetched<'a> {
        Box::pin(async { Err(FetchError::Timeout) })
    }
}

/// Everything a simulated service consists of.
struct Sim {
    sky: Arc<Sky>,
    network: Arc<Network>,
    store: Arc<Store>,
    full: Source,
    delta: Source,
}

impl Sim {
    /// The states of the full list and of the delta (by its own date: what it is worth without a base is not asked).
    fn states(&self) -> (ListState, bool) {
        let now = self.sky.now();
        let name = self.full.to_string();
        let state = self.store.status(now).into_iter().find(|row| row.source == name).unwrap().state;
        (state, self.store.newest_of(&self.delta).is_some_and(|list| !list.is_stale(now)))
    }

    /// Lets time pass, looking every ten minutes.
    async fn pass(&self, seconds: i64, mut look: impl FnMut(&Self)) {
        let until = self.sky.passed() + seconds;
        while self.sky.passed() < until {
            tokio::time::sleep(Duration::from_secs(600)).await;
            look(self);
        }
    }
}

/// Runs a service against the network for as long as the scenario takes.
fn simulate<F: Future<Output = ()>>(fault: Fault, scenario: impl FnOnce(Arc<Sim>) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let sky = Arc::new(Sky { since: Instant::now(), wrong_by: AtomicI64::new(0) });
        let network = Network {
            sky: Arc::clone(&sky),
            fault,
            signed: Mutex::default(),
            counts: Mutex::default(),
            moments: Mutex::default(),
        };
        let network = Arc::new(network);
        let full = Source::urls(&[A, B]).unwrap();
        let delta = Source::urls(&[DELTA]).unwrap().of_deltas(true);
        let options = StoreOptions::new([issuer().certificate.clone(), other().certificate.clone()]);
        let store = Arc::new(Store::load(vec![full.clone(), delta.clone()], options, sky.now()));
        let refresher = Refresher::new(Arc::clone(&store), network.clone(), sky.clone(), Schedule::default());
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(Arc::new(refresher).run(stopped));
        scenario(Arc::new(Sim { sky, network, store, full, delta })).await;
        stop.send(true).unwrap();
        running.await.unwrap();
    });
}

fn always_fresh(sim: &Sim) {
    let (full, delta) = sim.states();
    assert!(matches!(full, ListState::Fresh | ListState::Due), "{} {full:?}", sim.sky.now());
    assert!(delta, "{}", sim.sky.now());
    assert_eq!(answers(&sim.store, sim.sky.now()), ("revoked", "good"), "{}", sim.sky.now());
}

#[test]
fn three_days_of_an_authority_that_behaves_cost_a_download_a_list_and_few_questions() {
    simulate(
        |_, _| None,
        async |sim| {
            sim.pass(3 * 24 * HOUR - 30 * MINUTE, always_fresh).await;
            let network = &sim.network;
            let figures = |url| (network.total(url), network.count(url, "whole"), network.count(url, "unchanged"));
            println!("three days: full {:?}, mirror {:?}, delta {:?}", figures(A), figures(B), figures(DELTA));
            assert_eq!(
                (network.count(A, "whole"), network.count(B, "whole")),
                (3, 0),
                "each list comes once, from one mirror"
            );
            assert!((12..=60).contains(&network.total(A)), "{:?}", figures(A));
            assert_eq!(network.count(DELTA, "whole"), 12);
            assert!((72..=160).contains(&network.total(DELTA)), "{:?}", figures(DELTA));
            assert_eq!(network.count(A, "failed") + network.count(B, "failed"), 0);
            assert!(network.busiest_hour() <= STORM, "{}", network.busiest_hour());
        },
    );
}

#[test]
fn outages_shorter_than_what_is_left_of_a_list_are_not_noticed() {
    // The first mirror is away for twenty hours, both from ten in the evening to half past two; the deltas for an hour
    // before each is issued and ten minutes after.
    let fault: Fault = |url, passed| {
        let out = match url {
            A => (20 * HOUR..40 * HOUR).contains(&passed),
            B => (46 * HOUR..50 * HOUR + 30 * MINUTE).contains(&passed),
            _ => passed > HOUR && !(10 * MINUTE..5 * HOUR).contains(&(passed % (6 * HOUR))),
        };
        let both = url == A && (46 * HOUR..50 * HOUR + 30 * MINUTE).contains(&passed);
        (out || both).then_some(Trouble::Out)
    };
    simulate(fault, async |sim| {
        sim.pass(4 * 24 * HOUR - HOUR, always_fresh).await;
        assert!(sim.network.count(B, "whole") >= 1, "the second mirror stood in");
        assert!(sim.network.busiest_hour() <= STORM, "{}", sim.network.busiest_hour());
    });
}

#[test]
fn an_authority_that_falls_silent_leaves_a_lapsed_list_and_is_found_again_within_minutes() {
    simulate(
        |_, passed| (10 * HOUR..40 * HOUR).contains(&passed).then_some(Trouble::Out),
        async |sim| {
            sim.pass(27 * HOUR - 20 * MINUTE, |sim| {
                assert_eq!(answers(&sim.store, sim.sky.now()), ("revoked", "good"))
            })
            .await;
            sim.pass(30 * MINUTE, |_| {}).await;
            sim.pass(12 * HOUR, |sim| {
                assert_eq!(sim.states().0, ListState::Stale);
                assert_eq!(answers(&sim.store, sim.sky.now()), ("revoked, by a lapsed list", "unknown: lapsed"));
            })
            .await;
            let [row, _] = sim.store.status(sim.sky.now()).try_into().unwrap();
            let fetching = row.fetch.unwrap();
            assert!(row.error.unwrap().contains("in time"));
            assert!(fetching.failures > 50, "{}", fetching.failures);
            let next = fetching.next_attempt.unwrap().seconds_since(sim.sky.now());
            assert!((0..=15 * MINUTE).contains(&next), "{next}");
            assert!(sim.network.busiest_hour() <= STORM, "{}", sim.network.busiest_hour());
            sim.pass(HOUR + 10 * MINUTE, |_| {}).await;
            assert_eq!(sim.states(), (ListState::Fresh, true));
            assert_eq!(number_in_force(&sim.store, &sim.full), Some(2));
        },
    );
}

#[test]
fn a_mirror_that_is_stuck_or_replays_yesterday_holds_nobody_back() {
    for fault in
        [(|url, passed| (url == A && passed > HOUR).then_some(Trouble::AlwaysUnchanged)) as Fault, |url, passed| {
            (url == A && passed > HOUR).then_some(Trouble::Serves(1))
        }]
    {
        simulate(fault, async |sim| {
            sim.pass(3 * 24 * HOUR, always_fresh).await;
            assert!(number_in_force(&sim.store, &sim.full) >= Some(3));
            assert!(sim.network.count(A, "whole") <= 6, "{}", sim.network.count(A, "whole"));
        });
    }
}

#[test]
fn a_clock_set_ahead_is_noticed_and_set_back_is_survived_without_a_storm() {
    simulate(
        |_, _| None,
        async |sim| {
            sim.pass(2 * HOUR, always_fresh).await;
            let before = sim.network.total(A);
            sim.sky.wrong_by.store(48 * HOUR, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(120)).await;
            assert!(sim.network.total(A) > before, "what has lapsed is looked for at once");
            assert_eq!(answers(&sim.store, sim.sky.now()), ("revoked, by a lapsed list", "unknown: lapsed"));
            sim.pass(2 * HOUR, |_| {}).await;
            assert!(sim.network.busiest_hour() <= STORM, "{}", sim.network.busiest_hour());

            sim.sky.wrong_by.store(-48 * HOUR, Ordering::Relaxed);
            sim.pass(2 * HOUR, |sim| {
                assert_eq!(answers(&sim.store, sim.sky.now()).1, "unknown: ahead of the clock");
                assert_eq!(number_in_force(&sim.store, &sim.full), Some(1), "it is kept");
            })
            .await;
            sim.sky.wrong_by.store(0, Ordering::Relaxed);
            assert_eq!(answers(&sim.store, sim.sky.now()), ("revoked", "good"));
            sim.pass(30 * HOUR, always_fresh).await;
            assert_eq!(number_in_force(&sim.store, &sim.full), Some(2));
            assert!(sim.network.busiest_hour() <= STORM, "{}", sim.network.busiest_hour());
        },
    );
}

#[test]
fn a_mirror_that_serves_a_valid_list_of_another_authority_keeps_nobody_from_the_honest_one() {
    simulate(
        |url, passed| (url == A && passed > HOUR).then_some(Trouble::ServesAnothers),
        async |sim| {
            let known = |sim: &Sim| assert_eq!(answers(&sim.store, sim.sky.now()), ("revoked", "good"));
            sim.pass(4 * 24 * HOUR, known).await;
            assert!(sim.network.count(A, "another's") > 0);
            assert!(sim.network.count(B, "whole") >= 3, "{}", sim.network.count(B, "whole"));
            assert!(sim.network.busiest_hour() <= STORM, "{}", sim.network.busiest_hour());
        },
    );
}

#[test]
fn a_list_that_lapsed_beside_anothers_is_alarming_and_found_again_within_minutes() {
    let fault: Fault = |url, passed| match url {
        A => (passed > HOUR).then_some(Trouble::ServesAnothers),
        B => (passed < 45 * HOUR).then_some(Trouble::Out),
        // A delta in force would go on speaking for the full list.
        _ => Some(Trouble::Out),
    };
    simulate(fault, async |sim| {
        sim.pass(27 * HOUR + 10 * MINUTE, |_| {}).await;
        sim.pass(17 * HOUR, |sim| {
            let now = sim.sky.now();
            assert_eq!(answers(&sim.store, now), ("revoked, by a lapsed list", "unknown: lapsed"));
            let rows = sim.store.status(now);
            assert!(rows.iter().any(|row| row.state == ListState::Stale && row.is_alarming(now)), "{now}");
        })
        .await;
        sim.pass(HOUR + 10 * MINUTE, |_| {}).await;
        assert_eq!(answers(&sim.store, sim.sky.now()), ("revoked", "good"));
        assert!(sim.store.status(sim.sky.now()).iter().all(|row| !row.is_alarming(sim.sky.now())));
        assert!(sim.network.busiest_hour() <= STORM, "{}", sim.network.busiest_hour());
    });
}

#[test]
fn an_authority_that_never_issues_again_under_a_key_is_not_asked_for_ever() {
    simulate(
        |url, passed| {
            if url == DELTA { Some(Trouble::Out) } else { (passed > HOUR).then_some(Trouble::ServesAnothers) }
        },
        async |sim| {
            sim.pass(54 * HOUR + 30 * MINUTE, |_| {}).await;
            assert!(sim.network.busiest_hour() <= STORM, "{}", sim.network.busiest_hour());
            let before = [A, B].map(|url| sim.network.total(url));
            sim.pass(48 * HOUR, |sim| {
                let revoked = answers(&sim.store, sim.sky.now());
                assert_eq!(revoked, ("revoked, by a lapsed list", "unknown: lapsed"), "it still answers");
            })
            .await;
            let asked: usize =
                [A, B].map(|url| sim.network.total(url)).iter().sum::<usize>() - before.iter().sum::<usize>();
            assert!((8..=12).contains(&asked), "every six hours, one mirror: {asked}");
        },
    );
}
