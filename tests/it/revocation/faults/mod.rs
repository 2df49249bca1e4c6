//! A network, a disk and a clock that misbehave. After each fault: the right answer about a revoked and about a good
//! certificate, the last good list still there (in force, and in the data directory), the cause in the status and in
//! the log.

mod bodies;
mod clock;
mod day;
mod discovered;
mod disk;
mod log;
mod network;
mod panics;
mod processes;
pub(crate) mod server;

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rastau::clock::{Clock, Time};
use rastau::fetch::{Client, Limits};
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{FetchStatus, ListStatus, Offer, Source, Status, Store, StoreOptions, UnknownCause};
use rastau::x509::Certificate;
use rastau_mint::list::ListBuilder;

use self::server::{Answer, Server};
use super::{SERIAL, issuer, noon, time};

/// Limits of a client that has a fault to find, not a list of 21 MB to fetch.
const LIMITS: Limits = Limits {
    body: 1 << 20,
    connect: Duration::from_secs(5),
    first_byte: Duration::from_secs(5),
    idle: Duration::from_secs(5),
    total: Duration::from_secs(10),
};

/// A clock that a test sets.
#[derive(Debug)]
struct ManualClock(Mutex<Time>);

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap()
    }
}

/// A list of that number, issued on the first of July at that hour, good until the end of the year, that revokes
/// [`SERIAL`].
fn list(number: u64) -> ListBuilder {
    let this = format!("2026-07-01T{number:02}:00:00Z");
    issuer().list().number(number).updates(&this, "2027-01-01T00:00:00Z").revoke(&SERIAL, "2026-06-01T00:00:00Z", None)
}

fn signed(number: u64) -> Vec<u8> {
    issuer().sign(&list(number))
}

/// A store with a data directory, mirrors that misbehave, and the client that asks them.
struct World {
    data: tempfile::TempDir,
    mirrors: Vec<Server>,
    source: Source,
    clock: Arc<ManualClock>,
    store: Arc<Store>,
    refresher: Refresher,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new(mirrors: usize) -> Self {
        Self::with_limits(mirrors, LIMITS)
    }

    fn with_limits(mirrors: usize, limits: Limits) -> Self {
        log::start();
        let data = tempfile::tempdir().unwrap();
        let mirrors: Vec<_> = (0..mirrors).map(|_| Server::start()).collect();
        let urls: Vec<_> = mirrors.iter().map(Server::url).collect();
        let source = Source::urls(&urls).unwrap();
        let clock = Arc::new(ManualClock(Mutex::new(noon())));
        let store = Arc::new(store(&source, data.path(), noon(), limits.body));
        let client = Client::new::<&Path>(&[], limits).unwrap();
        let refresher = Refresher::new(Arc::clone(&store), Arc::new(client), clock.clone(), Schedule::default());
        let refresher = refresher.with_limits(limits);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { data, mirrors, source, clock, store, refresher, runtime }
    }

    /// A world whose first mirror has served list 5.
    fn settled(mirrors: usize) -> Self {
        let world = Self::new(mirrors);
        world.settle();
        world
    }

    fn settle(&self) {
        self.mirrors[0].say(Answer::body(signed(5)));
        assert_eq!(self.refresh(), Ok(Offer::Installed));
    }

    fn set_clock(&self, now: &str) {
        *self.clock.0.lock().unwrap() = time(now);
    }

    fn refresh(&self) -> Result<Offer, Arc<str>> {
        self.runtime.block_on(self.refresher.refresh(&self.source))
    }

    /// The same data directory, as the next start of the process finds it.
    fn restarted(&self) -> Store {
        store(&self.source, self.data.path(), self.clock.now(), LIMITS.body)
    }

    fn number(&self) -> Option<u64> {
        number_in_force(&self.store, &self.source)
    }

    fn row(&self) -> ListStatus {
        let [row] = self.store.status(self.clock.now()).try_into().unwrap();
        row
    }

    fn fetching(&self) -> FetchStatus {
        self.row().fetch.unwrap()
    }

    fn answers(&self) -> (&'static str, &'static str) {
        answers(&self.store, self.clock.now())
    }

    /// The next attempt fails with this cause, and list 5 stays in force.
    fn holds_against(&self, what: &str, answer: Answer, cause: &str) {
        self.mirrors[0].say(answer);
        let failures = self.fetching().failures;
        let Err(error) = self.refresh() else { panic!("{what}: taken") };
        assert!(error.contains(cause), "{what}: {error}");
        assert_eq!(self.number(), Some(5), "{what}");
        assert_eq!(self.answers(), ("revoked", "good"), "{what}");
        let row = self.row();
        let shown = row.error.unwrap_or_default();
        assert!(shown.contains(cause), "{what}: {shown}");
        assert!(row.last_success.is_some(), "{what}");
        let fetching = row.fetch.unwrap();
        assert_eq!(fetching.failures, failures + 1, "{what}");
        let mirror = &fetching.mirrors[0];
        assert!(mirror.error.as_deref().is_some_and(|error| error.contains(cause)), "{what}: {mirror:?}");
        assert!(log::has(&[&self.mirrors[0].url(), cause]), "{what}: not in the log");
        let again = self.restarted();
        assert_eq!(number_in_force(&again, &self.source), Some(5), "{what}");
        assert_eq!(answers(&again, self.clock.now()), ("revoked", "good"), "{what}");
    }
}

fn store(source: &Source, data: &Path, now: Time, max_bytes: usize) -> Store {
    let mut options = StoreOptions::new([issuer().certificate.clone()]).with_data(data).unwrap();
    options.max_bytes = max_bytes;
    Store::load(vec![source.clone()], options, now)
}

fn number_in_force(store: &Store, source: &Source) -> Option<u64> {
    store.newest_of(source)?.number()?.as_u64()
}

/// What is known about the revoked certificate and about another one.
fn answers(store: &Store, now: Time) -> (&'static str, &'static str) {
    static LEAVES: OnceLock<[Certificate; 2]> = OnceLock::new();
    let leaves = LEAVES.get_or_init(|| [issuer().leaf(), issuer().leaf_with(|builder| builder.serial(&[0x22; 20]))]);
    leaves
        .each_ref()
        .map(|leaf| match store.snapshot().status(leaf, &issuer().certificate, now, now) {
            Status::Good { .. } => "good",
            Status::Revoked { stale: false, .. } => "revoked",
            Status::Revoked { stale: true, .. } => "revoked, by a lapsed list",
            Status::Unknown { cause: UnknownCause::Stale { .. } } => "unknown: lapsed",
            Status::Unknown { cause: UnknownCause::NotYetValid { .. } } => "unknown: ahead of the clock",
            Status::Unknown { .. } => "unknown",
        })
        .into()
}
