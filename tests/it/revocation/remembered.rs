//! Whatever happens to lists, folder and processes, and in whichever order: what was revoked once is never good again, neither in a
//! process nor after a restart. The authority is consistent, so only what is forgotten could make it so.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rastau::clock::FixedClock;
use rastau::fetch::FakeFetch;
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{Source, Store};
use rastau_mint::list::ListBuilder;

use super::delta::{LIFTED_ON, base, delta, unnumbered};
use super::kept::{delta_source, full_source, store_in, word_in};
use super::{SERIAL, issuer, noon};

/// Minutes after eleven.
const MINUTES: u64 = 58;
/// Runs. Before copies were reconciled with memory the first failed.
const RUNS: u64 = 8;
/// A full list comes every so many minutes.
const PERIOD: u64 = 3;

/// A generator of numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// What an authority has issued, minute by minute, that revokes one certificate at some minute.
struct Issued {
    fulls: Vec<Vec<u8>>,
    deltas: Vec<Vec<u8>>,
}

impl Issued {
    fn new(revoked_at: u64, has_numbers: bool) -> Self {
        let this = |minute: u64| format!("2026-08-20T11:{minute:02}:00Z");
        let named = |list: ListBuilder, names_it: bool| {
            issuer().sign(&if names_it { list.revoke(&SERIAL, LIFTED_ON, Some(1)) } else { list })
        };
        let full = |place: u64| {
            let list = base().number(14 + place).updates(&this(place * PERIOD), "2026-08-27T00:00:00Z");
            named(list, place * PERIOD >= revoked_at)
        };
        let change = |minute: u64| {
            // Since the last full list; now and then since the one before it.
            let place = (minute / PERIOD).saturating_sub(u64::from(minute.is_multiple_of(5)));
            let names_it = minute >= revoked_at && place * PERIOD < revoked_at;
            let list = match has_numbers {
                true => delta().number(1000 + minute).delta_to(14 + place),
                false => unnumbered(&this(minute)),
            };
            named(list.updates(&this(minute), "2026-08-20T19:30:00Z"), names_it)
        };
        Self { fulls: (0..=MINUTES / PERIOD).map(full).collect(), deltas: (0..=MINUTES).map(change).collect() }
    }
}

/// An attempt to fetch that finds no network: it takes over what others have stored, and stores what is owed.
fn attempt(store: &Arc<Store>, source: &Source) {
    let clock = Arc::new(FixedClock(noon()));
    let fetch = Arc::new(FakeFetch::default());
    let refresher = Refresher::new(Arc::clone(store), fetch, clock, Schedule::default());
    let outcome = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(refresher.refresh(source));
    // Taking over is all that can succeed.
    assert!(outcome.is_err() || outcome == Ok(rastau::revocation::Offer::Installed));
}

fn open(data: &Path) -> Arc<Store> {
    Arc::new(store_in(data))
}

/// One run: two processes on a data directory, the folder of which is away at times.
fn run(seed: u64) {
    let mut chance = Chance(seed);
    let issued = Issued::new(5 + chance.below(20), !seed.is_multiple_of(3));
    let data = tempfile::tempdir().unwrap();
    let (folder, away) = (data.path().join("revocation"), data.path().join("away"));
    let mut stores = [open(data.path()), open(data.path())];
    stores[0].offer(&full_source(), issued.fulls[0].clone(), noon()).unwrap();
    let (mut seen, mut seen_on_disk) = ([false, false], false);
    let full_lists_are_rare = chance.one_in(2);
    for minute in 0..=MINUTES {
        let which = usize::try_from(chance.below(2)).unwrap();
        // Whoever is on the line may bring an older one.
        let late = if chance.one_in(6) { chance.below(minute + 1) } else { minute };
        if chance.one_in(if full_lists_are_rare { 25 } else { 4 }) {
            let list = issued.fulls[usize::try_from(late / PERIOD).unwrap()].clone();
            let _outcome = stores[which].offer(&full_source(), list, noon());
        }
        if !chance.one_in(3) {
            let list = issued.deltas[usize::try_from(late).unwrap()].clone();
            let _outcome = stores[which].offer(&delta_source(), list, noon());
        }
        match chance.below(12) {
            0 if folder.exists() => fs::rename(&folder, &away).unwrap(),
            0..=2 if away.exists() => fs::rename(&away, &folder).unwrap(),
            3 if folder.exists() => {
                // It is killed, and started again.
                let other = Arc::clone(&stores[1 - which]);
                stores[which] = other;
                stores[which] = open(data.path());
                seen[which] = seen_on_disk;
            }
            4..=6 if folder.exists() => {
                attempt(&stores[which], &full_source());
                attempt(&stores[which], &delta_source());
            }
            _ => {}
        }
        for (store, seen) in stores.iter().zip(&mut seen) {
            let word = word_in(store);
            *seen |= word == "revoked";
            assert!(!*seen || word != "good", "run {seed}, minute {minute}");
        }
        if !folder.exists() {
            continue;
        }
        let word = word_in(&store_in(data.path()));
        seen_on_disk |= word == "revoked";
        assert!(!seen_on_disk || word != "good", "run {seed}, minute {minute}: after a restart");
        if let Some(writer) = stores.iter().find(|store| store.stores()).filter(|_| chance.one_in(2)) {
            attempt(writer, &full_source());
            attempt(writer, &delta_source());
            let is_stored = |row: &rastau::revocation::ListStatus| row.fetch.as_ref().unwrap().storage_error.is_none();
            assert!(writer.status(noon()).iter().all(is_stored), "run {seed}, minute {minute}");
            let words = (word_in(writer), word_in(&store_in(data.path())));
            assert!(words.0 != "revoked" || words.1 != "good", "run {seed}, minute {minute}: it was stored");
        }
    }
    if away.exists() {
        fs::rename(&away, &folder).unwrap();
    }
    let copies = fs::read_dir(&folder).unwrap().flatten();
    let copies = copies.filter(|file| file.path().extension().is_some_and(|extension| extension == "crl")).count();
    assert!(copies <= 80, "run {seed}: {copies} copies");
}

#[test]
fn whatever_happens_to_lists_and_processes_what_was_revoked_is_never_good_again() {
    (0..RUNS).for_each(run);
}
