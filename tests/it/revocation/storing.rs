//! What the data directory says is what memory says: whatever could not be stored when it came is stored later, and no copy goes
//! before what makes it superfluous is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rastau::clock::FixedClock;
use rastau::fetch::FakeFetch;
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{LoadError, Offer, Source, Store, StoreOptions};
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;

use super::delta::{BASE_THIS, LIFTED_ON, base, delta, unnumbered};
use super::kept::{copies, copy_with, delta_source, full_source, since, store_in, word_at, word_in};
use super::{Issuer, SERIAL, issuer, noon, time};

fn revoking(list: ListBuilder) -> Vec<u8> {
    issuer().sign(&list.revoke(&SERIAL, LIFTED_ON, Some(1)))
}

/// The full list number 14, good for a week.
fn full() -> ListBuilder {
    base().updates(BASE_THIS, "2026-08-27T00:00:00Z")
}

/// The next one.
fn next_full() -> ListBuilder {
    base().number(15).updates("2026-08-20T11:12:00Z", "2026-08-27T00:00:00Z")
}

/// A data directory that cannot be written for a while.
struct Data {
    data: tempfile::TempDir,
}

impl Data {
    fn new() -> Self {
        Self { data: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.data.path()
    }

    /// Whatever is done meanwhile finds no folder to write to.
    fn without_folder<T>(&self, work: impl FnOnce() -> T) -> T {
        let (folder, away) = (self.path().join("revocation"), self.path().join("away"));
        fs::rename(&folder, &away).unwrap();
        let done = work();
        fs::rename(&away, &folder).unwrap();
        done
    }

    /// Keeps this one list of the full source from being stored: something is in its way.
    fn bar(&self, list: &[u8]) {
        let elsewhere = tempfile::tempdir().unwrap();
        store_in(elsewhere.path()).offer(&full_source(), list.to_vec(), noon()).unwrap();
        let [copy] = copies(elsewhere.path()).try_into().unwrap();
        let way: PathBuf = self.path().join("revocation").join(copy.file_name().unwrap());
        fs::create_dir(&way).unwrap();
        fs::write(way.join("in the way"), b"").unwrap();
    }

    fn settled() -> (Self, Store) {
        let data = Self::new();
        let store = store_in(data.path());
        store.offer(&full_source(), issuer().sign(&full()), noon()).unwrap();
        (data, store)
    }

    fn restarted(&self) -> &'static str {
        word_in(&store_in(self.path()))
    }

    fn files(&self) -> Vec<PathBuf> {
        copies(self.path()).into_iter().filter(|copy| copy.is_file()).collect()
    }
}

fn storage_errors(store: &Store) -> usize {
    let rows = store.status(noon()).into_iter();
    rows.filter(|row| row.fetch.as_ref().is_some_and(|fetch| fetch.storage_error.is_some())).count()
}

fn attempt(store: &Arc<Store>, source: &Source, fetch: &Arc<FakeFetch>) -> Result<Offer, Arc<str>> {
    let clock = Arc::new(FixedClock(noon()));
    let refresher = Refresher::new(Arc::clone(store), Arc::clone(fetch) as _, clock, Schedule::default());
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(refresher.refresh(source))
}

#[test]
fn no_copy_of_a_delta_goes_while_the_full_list_that_overtook_it_is_in_memory_alone() {
    let (data, store) = Data::settled();
    let first = revoking(since(14, 20, 10));
    store.offer(&delta_source(), first.clone(), noon()).unwrap();
    let next = revoking(next_full());
    data.without_folder(|| store.offer(&full_source(), next.clone(), noon()).unwrap());
    assert_eq!((word_in(&store), storage_errors(&store)), ("revoked", 1));
    for number in [21, 22] {
        store.offer(&delta_source(), issuer().sign(&since(15, number, number)), noon()).unwrap();
        assert!(copy_with(data.path(), &first).is_some(), "{number}");
        assert_eq!((word_in(&store), data.restarted()), ("revoked", "revoked"), "{number}");
    }
    // Now the full list is stored, and nobody needs the delta.
    store.offer(&full_source(), next, noon()).unwrap();
    assert_eq!((word_in(&store), data.restarted(), storage_errors(&store)), ("revoked", "revoked", 0));
    assert_eq!(data.files().len(), 2);
}

#[test]
fn no_copy_of_a_delta_goes_for_a_full_list_that_the_next_start_does_not_ask_for() {
    let (data, store) = Data::settled();
    let first = revoking(since(14, 20, 10));
    store.offer(&delta_source(), first.clone(), noon()).unwrap();
    assert_eq!(store.add_source(Source::urls(&["http://crl.invalid/found.crl"]).unwrap(), noon()), Ok(true));
    let found = store.sources().pop().unwrap();
    store.offer(&found, revoking(next_full()), noon()).unwrap();
    for number in [21, 22, 23] {
        store.offer(&delta_source(), issuer().sign(&since(15, number, number)), noon()).unwrap();
        assert!(copy_with(data.path(), &first).is_some(), "{number}");
        assert_eq!((word_in(&store), data.restarted()), ("revoked", "revoked"), "{number}");
    }
    assert!(data.files().len() <= 5);
}

#[test]
fn a_delta_that_could_not_be_stored_is_stored_though_it_stays_beside_a_newer_one_by_then() {
    let (data, store) = Data::settled();
    let first = revoking(since(14, 20, 10));
    data.without_folder(|| store.offer(&delta_source(), first.clone(), noon()).unwrap());
    assert_eq!(storage_errors(&store), 1);
    store.offer(&delta_source(), issuer().sign(&since(15, 21, 20)), noon()).unwrap();
    assert!(copy_with(data.path(), &first).is_some());
    assert_eq!((word_in(&store), data.restarted(), storage_errors(&store)), ("revoked", "revoked", 0));
}

#[test]
fn however_many_deltas_come_while_something_is_not_stored_the_copies_are_few_and_say_who_is_revoked() {
    for (what, base_of) in
        [("all since one full list", (|_| 15) as fn(u64) -> u64), ("each since another", |place| 15 + place)]
    {
        for barred in ["the full list", "a delta"] {
            let (data, store) = Data::settled();
            store.offer(&delta_source(), revoking(since(14, 20, 10)), noon()).unwrap();
            if barred == "the full list" {
                let next = revoking(next_full());
                data.bar(&next);
                store.offer(&full_source(), next, noon()).unwrap();
                assert_eq!(storage_errors(&store), 1);
            } else {
                let second = issuer().sign(&since(15, 21, 11));
                data.without_folder(|| store.offer(&delta_source(), second, noon()).unwrap());
            }
            for place in 0..30 {
                let next = since(base_of(place), 22 + place, 20 + place);
                store.offer(&delta_source(), issuer().sign(&next), noon()).unwrap();
            }
            assert!(data.files().len() <= 12, "{what}, {barred}: {}", data.files().len());
            let expected = if what.starts_with("all") { "revoked" } else { "behind" };
            assert_eq!(data.restarted(), expected, "{what}, {barred}");
        }
    }
}

#[test]
fn deltas_that_pushed_others_out_leave_no_older_full_list_good() {
    for (what, deltas, named) in [("numbered", 20, 2), ("without numbers", 140, 3)] {
        let (data, store) = Data::settled();
        for place in 0..deltas {
            let list = match what {
                "numbered" => since(14 + place, 20 + place, place),
                _ => {
                    let this = format!("2026-08-20T09:{:02}:{:02}Z", place / 60, place % 60);
                    unnumbered(&this)
                }
            };
            let list = if place == named { revoking(list) } else { issuer().sign(&list) };
            store.offer(&delta_source(), list, noon()).unwrap();
        }
        assert_eq!((word_in(&store), data.restarted()), ("behind", "behind"), "{what}");
        let warning = store.status(noon())[0].warning.clone().unwrap();
        assert!(warning.contains("it clears nobody"), "{warning}");
        // A full list from after what was forgotten, and one that the newest continues.
        for (number, minute) in [(31, 16), (60, 50)] {
            let this = format!("2026-08-20T11:{minute}:00Z");
            let later = base().number(number).updates(&this, "2026-08-27T00:00:00Z");
            store.offer(&full_source(), issuer().sign(&later), noon()).unwrap();
            assert_eq!((word_in(&store), data.restarted()), ("good", "good"), "{what}, {number}");
        }
    }
}

#[test]
fn deltas_without_numbers_push_out_neither_each_other_nor_those_that_have_them() {
    for named in [0, 1, 4] {
        let (data, store) = Data::settled();
        for place in 0..11 {
            let list =
                if place == 0 { since(14, 20, 10) } else { unnumbered(&format!("2026-08-20T11:{}:00Z", 20 + place)) };
            let list = if place == named { revoking(list) } else { issuer().sign(&list) };
            store.offer(&delta_source(), list, noon()).unwrap();
        }
        store.offer(&delta_source(), issuer().sign(&since(15, 21, 40)), noon()).unwrap();
        assert_eq!((word_in(&store), data.restarted()), ("revoked", "revoked"), "{named}");
    }
}

#[test]
fn what_a_follower_fetched_is_stored_when_it_becomes_the_writer() {
    for again in ["the same", "nothing"] {
        let data = Data::new();
        let open = || Arc::new(store_in(data.path()));
        let (first, second) = (open(), open());
        first.offer(&full_source(), issuer().sign(&full()), noon()).unwrap();
        let fetch = Arc::new(FakeFetch::default());
        let address = full_source().mirrors()[0].to_string();
        fetch.answer(&address, Ok(revoking(next_full())));
        for what in ["what the first has stored", "what is newer"] {
            assert_eq!(attempt(&second, &full_source(), &fetch), Ok(Offer::Installed), "{what}");
        }
        assert_eq!(attempt(&second, &full_source(), &fetch), Ok(Offer::Same));
        assert_eq!((word_in(&second), data.restarted(), storage_errors(&second)), ("revoked", "good", 0));
        drop(first);
        if again == "nothing" {
            fetch.answer(&address, Err(rastau::fetch::FetchError::Timeout));
        }
        let _outcome = attempt(&second, &full_source(), &fetch);
        assert_eq!((word_in(&second), data.restarted()), ("revoked", "revoked"), "{again}");
        assert_eq!(data.files().len(), 1, "{again}");
    }
}

#[test]
fn what_a_follower_overtook_in_memory_is_not_removed_when_it_becomes_the_writer() {
    let data = Data::new();
    let (first, second) = (store_in(data.path()), store_in(data.path()));
    first.offer(&full_source(), issuer().sign(&full()), noon()).unwrap();
    first.offer(&delta_source(), revoking(since(14, 20, 10)), noon()).unwrap();
    second.offer(&full_source(), revoking(next_full()), noon()).unwrap();
    drop(first);
    for number in [21, 22] {
        second.offer(&delta_source(), issuer().sign(&since(15, number, number)), noon()).unwrap();
        assert_eq!((word_in(&second), data.restarted()), ("revoked", "revoked"), "{number}");
    }
}

#[test]
fn a_follower_that_has_the_newer_delta_takes_the_one_that_stays_beside_it_too() {
    let data = Data::new();
    let (first, second) = (Arc::new(store_in(data.path())), Arc::new(store_in(data.path())));
    let fetch = Arc::new(FakeFetch::default());
    for (source, list) in [(full_source(), issuer().sign(&full())), (delta_source(), issuer().sign(&since(15, 21, 20)))]
    {
        second.offer(&source, list.clone(), noon()).unwrap();
        if source == full_source() {
            first.offer(&source, list, noon()).unwrap();
        }
    }
    first.offer(&delta_source(), revoking(since(14, 20, 10)), noon()).unwrap();
    first.offer(&delta_source(), issuer().sign(&since(15, 21, 20)), noon()).unwrap();
    assert_eq!(word_in(&second), "good");
    let _outcome = attempt(&second, &delta_source(), &fetch);
    assert_eq!((word_in(&first), word_in(&second)), ("revoked", "revoked"));
    // And lapsed beside one that it is older than.
    let (data, evening) = (Data::new(), time("2026-08-20T18:00:00Z"));
    let options = || StoreOptions::new([issuer().certificate.clone()]).with_data(data.path()).unwrap();
    let open = || Arc::new(Store::load(vec![full_source(), delta_source()], options(), evening));
    let (first, second) = (open(), open());
    let lapsing = revoking(delta().number(22).updates("2026-08-20T10:30:00Z", "2026-08-20T17:30:00Z"));
    for store in [&first, &second] {
        store.offer(&full_source(), issuer().sign(&full()), noon()).unwrap();
    }
    second
        .offer(
            &delta_source(),
            issuer().sign(&since(14, 20, 10).updates("2026-08-20T10:00:00Z", "2026-08-20T23:00:00Z")),
            noon(),
        )
        .unwrap();
    first.offer(&delta_source(), lapsing, noon()).unwrap();
    first.offer(&delta_source(), issuer().sign(&since(15, 23, 40)), noon()).unwrap();
    let clock = Arc::new(FixedClock(evening));
    let refresher = Refresher::new(Arc::clone(&second), fetch as _, clock, Schedule::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _outcome = runtime.block_on(refresher.refresh(&delta_source()));
    assert_eq!((word_at(&first, evening), word_at(&second, evening)), ("revoked", "revoked"));
}

#[test]
fn a_process_that_becomes_the_writer_looks_at_what_the_one_before_stored_before_it_stores() {
    let data = Data::new();
    let (first, second) = (store_in(data.path()), store_in(data.path()));
    let thirteen = issuer().sign(&base().number(13).updates("2026-08-18T20:00:00Z", "2026-08-27T00:00:00Z"));
    second.offer(&full_source(), thirteen, noon()).unwrap();
    let fifteen = revoking(next_full());
    first.offer(&full_source(), fifteen.clone(), noon()).unwrap();
    drop(first);
    let lagging = second.offer(&full_source(), issuer().sign(&full()), noon());
    assert!(matches!(lagging, Err(LoadError::Older)), "{lagging:?}");
    assert!(copy_with(data.path(), &fifteen).is_some());
    assert_eq!((word_in(&second), data.restarted()), ("revoked", "revoked"));
}

#[test]
fn a_file_that_holds_no_list_goes_once_there_is_one_and_stays_as_long_as_it_is_all_there_is() {
    let (data, store) = Data::settled();
    let [copy] = data.files().try_into().unwrap();
    drop(store);
    let broken = copy.with_file_name(copy.file_name().unwrap().to_str().unwrap().replace(".crl", "-before-14.crl"));
    fs::write(&broken, b"no list").unwrap();
    let damaged = fs::read(&copy).unwrap();
    fs::write(&copy, &damaged[..100]).unwrap();
    let store = store_in(data.path());
    assert!(store.status(noon())[0].error.is_some());
    assert_eq!(data.files().len(), 2);
    store.offer(&full_source(), revoking(next_full()), noon()).unwrap();
    assert_eq!(data.files().len(), 1);
    let again = store_in(data.path());
    assert_eq!((word_in(&again), &again.status(noon())[0].error), ("revoked", &None));
}

#[test]
fn a_copy_left_by_a_process_that_was_killed_before_it_removed_it_goes_at_the_next_start() {
    let (data, store) = Data::settled();
    let [old] = data.files().try_into().unwrap();
    let (fourteen, fifteen) = (fs::read(&old).unwrap(), revoking(next_full()));
    store.offer(&full_source(), fifteen.clone(), noon()).unwrap();
    drop(store);
    fs::write(&old, &fourteen).unwrap();
    for _ in 0..2 {
        let store = store_in(data.path());
        assert_eq!((word_in(&store), store.status(noon()).len()), ("revoked", 2));
        assert_eq!(data.files(), [copy_with(data.path(), &fifteen).unwrap()]);
    }
    // Nor does the old one come back from an address.
    let refused = store_in(data.path()).offer(&full_source(), fourteen, noon());
    assert!(matches!(refused, Err(LoadError::Older)));
}

#[test]
fn what_an_address_brings_of_many_others_keeps_no_copy_from_being_read() {
    let others: Vec<Issuer> = (0..16)
        .map(|place| Issuer::new(&format!("БАСҚА {place}"), Key::p256(&format!("one of many {place}"))))
        .collect();
    let data = Data::new();
    let load = || {
        let issuers: Vec<_> = others.iter().map(|other| other.certificate.clone()).collect();
        let issuers = [vec![issuer().certificate.clone()], issuers].concat();
        let options = StoreOptions::new(issuers).with_data(data.path()).unwrap();
        Store::load(vec![full_source(), delta_source()], options, noon())
    };
    let store = load();
    store.offer(&full_source(), issuer().sign(&full()), noon()).unwrap();
    store.offer(&delta_source(), revoking(since(14, 20, 10)), noon()).unwrap();
    store.offer(&delta_source(), issuer().sign(&since(15, 21, 20)), noon()).unwrap();
    for place in 0..9 {
        for other in &others {
            let this = format!("2026-08-20T11:3{place}:00Z");
            let list = other.list().number(20 + place).delta_to(10 + place).updates(&this, "2026-08-20T19:30:00Z");
            store.offer(&delta_source(), other.sign(&list), noon()).unwrap();
        }
    }
    assert!(data.files().len() > 128);
    assert_eq!((word_in(&store), word_in(&load())), ("revoked", "revoked"));
}

#[test]
fn a_delta_that_lapsed_and_comes_again_changes_nothing() {
    let other = Issuer::new("БАСҚА", Key::p256("another key"));
    let evening = time("2026-08-20T18:00:00Z");
    let options = StoreOptions::new([issuer().certificate.clone(), other.certificate.clone()]);
    let store = Store::load(vec![full_source(), delta_source()], options, evening);
    store.offer(&full_source(), issuer().sign(&full()), noon()).unwrap();
    let naming = revoking(unnumbered("2026-08-20T11:10:00Z"));
    store.offer(&delta_source(), naming.clone(), noon()).unwrap();
    let brought = other.list().number(3).delta_to(2).updates("2026-08-20T11:30:00Z", "2026-08-21T02:00:00Z");
    store.offer(&delta_source(), other.sign(&brought), evening).unwrap();
    let generation = store.generation();
    for _ in 0..2 {
        assert!(matches!(store.offer(&delta_source(), naming.clone(), evening), Err(LoadError::Lapsed)));
    }
    assert_eq!((word_at(&store, evening), store.generation()), ("revoked", generation));
}

#[test]
fn of_a_file_of_deltas_that_is_replaced_those_stay_that_the_new_one_need_not_say() {
    let folder = tempfile::tempdir().unwrap();
    let (full_file, delta_file) = (folder.path().join("full.crl"), folder.path().join("delta.crl"));
    fs::write(&full_file, issuer().sign(&full())).unwrap();
    fs::write(&delta_file, revoking(since(14, 20, 10))).unwrap();
    let sources = [Source::path(&full_file), Source::path(&delta_file).of_deltas(true)];
    let store = Store::load(sources.to_vec(), StoreOptions::new([issuer().certificate.clone()]), noon());
    assert_eq!(word_in(&store), "revoked");
    for number in [21, 22] {
        fs::write(&delta_file, issuer().sign(&since(15, number, number))).unwrap();
        store.reload(&sources[1], noon());
        assert_eq!((word_in(&store), store.status(noon()).len()), ("revoked", 3), "{number}");
    }
    fs::write(&full_file, issuer().sign(&base().number(15).updates("2026-08-20T11:15:00Z", "2026-08-27T00:00:00Z")))
        .unwrap();
    store.reload(&sources[0], noon());
    assert_eq!((word_in(&store), store.status(noon()).len()), ("good", 2));
    // A file that is gone takes its lists with it.
    fs::write(&delta_file, revoking(since(15, 23, 30))).unwrap();
    store.reload(&sources[1], noon());
    assert_eq!(word_in(&store), "revoked");
    fs::remove_file(&delta_file).unwrap();
    store.reload(&sources[1], noon());
    assert_eq!(word_in(&store), "revoked", "as before: what cannot be read keeps its list");
}
