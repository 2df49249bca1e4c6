//! The store: loading, replacing, keeping; and the fetching into it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rastau::clock::{FixedClock, Time};
use rastau::fetch::{FakeFetch, FetchError};
use rastau::revocation::refresh::{Refresher, Schedule, Situation};
use rastau::revocation::{ListState, LoadError, Offer, Source, Status, Store, StoreOptions, UnknownCause};
use rastau_mint::list::ListBuilder;
use rastau_mint::{der, extension, pem};

use super::{Issuer, SERIAL, issuer, noon, time};

const URL: &str = "http://crl.invalid/full.crl";
const MIRROR: &str = "http://crl1.invalid/full.crl";

fn source() -> Source {
    Source::urls(&[URL, MIRROR]).unwrap()
}

fn options() -> StoreOptions {
    StoreOptions::new([issuer().certificate.clone()])
}

fn store_in(data: &Path, now: Time) -> Store {
    Store::load(vec![source()], options().with_data(data).unwrap(), now)
}

fn numbered(number: u64, this: &str) -> ListBuilder {
    issuer().list().number(number).updates(this, "2027-01-01T00:00:00Z")
}

fn july(number: u64) -> Vec<u8> {
    issuer().sign(&numbered(number, "2026-07-10T00:00:00Z"))
}

fn number_in_force(store: &Store) -> Option<u64> {
    store.newest_of(&store.sources()[0])?.number()?.as_u64()
}

#[test]
fn files_folders_and_what_is_wrong_with_them_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.crl"), july(3)).unwrap();
    fs::write(folder.path().join("b.pem"), pem::encode("X509 CRL", &july(4))).unwrap();
    fs::write(folder.path().join("c.crl"), b"").unwrap();
    let stranger = Issuer::new("БАСҚА КО", rastau_mint::key::Key::p256("stranger"));
    fs::write(folder.path().join("d.crl"), stranger.sign(&stranger.list())).unwrap();
    let sources = vec![Source::path(folder.path()), Source::path(folder.path().join("absent.crl"))];
    let store = Store::load(sources, options(), noon());
    let rows = store.status(noon());
    let shown: Vec<(String, ListState, bool)> = rows
        .iter()
        .map(|row| {
            let name = Path::new(&row.source).file_name().unwrap().to_str().unwrap().to_owned();
            (name, row.state, row.error.is_some())
        })
        .collect();
    let wanted = [
        ("a.crl", ListState::Fresh, false),
        ("b.pem", ListState::Fresh, false),
        ("c.crl", ListState::Missing, true),
        ("d.crl", ListState::Missing, true),
        ("absent.crl", ListState::Missing, true),
    ];
    assert_eq!(shown, wanted.map(|(name, state, error)| (name.to_owned(), state, error)));
    assert!(rows[3].error.as_deref().is_some_and(|error| error.contains("no certificate of its issuer")));
    assert_eq!(store.snapshot().bases().count(), 1, "the older one waits behind the newer");
    let json = serde_json::to_value(&rows[0]).unwrap();
    assert_eq!((json["number"].as_u64(), json["state"].as_str()), (Some(3), Some("fresh")));
    assert_eq!(json["this_update"].as_str(), Some("2026-07-10T00:00:00Z"));
}

#[test]
fn a_file_read_again_may_bring_a_newer_list_and_not_an_older_or_broken_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.crl");
    fs::write(&file, july(3)).unwrap();
    let source = Source::path(&file);
    let store = Store::load(vec![source.clone()], options(), noon());
    for (bytes, wanted, failed) in [
        (july(4), 4, false),
        (july(2), 4, true),
        (b"<html>".to_vec(), 4, true),
        (july(4)[..100].to_vec(), 4, true),
        (july(5), 5, false),
    ] {
        fs::write(&file, bytes).unwrap();
        store.reload(&source, noon());
        assert_eq!(number_in_force(&store), Some(wanted));
        assert_eq!(store.status(noon())[0].error.is_some(), failed);
    }
    fs::remove_file(&file).unwrap();
    store.reload(&source, noon());
    assert_eq!(number_in_force(&store), Some(5), "a file that went away takes no list with it");
}

#[test]
fn states_follow_the_clock() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path(), noon());
    let state = |now: &str| store.status(time(now))[0].state;
    assert_eq!(state("2026-08-20T12:00:00Z"), ListState::Missing);
    let list = numbered(3, "2026-08-20T00:00:00Z").updates("2026-08-20T00:00:00Z", "2026-08-21T03:00:00Z");
    store.offer(&source(), issuer().sign(&list), noon()).unwrap();
    for (now, wanted) in [
        ("2026-08-20T12:00:00Z", ListState::Fresh),
        ("2026-08-20T21:36:00Z", ListState::Due),
        ("2026-08-21T03:00:00Z", ListState::Due),
        ("2026-08-21T03:00:01Z", ListState::Stale),
        // The clock was set back: the list is dated ahead of it.
        ("2026-08-19T12:00:00Z", ListState::Missing),
    ] {
        assert_eq!(state(now), wanted, "{now}");
    }
}

#[test]
fn nothing_takes_the_place_of_a_good_list_but_a_newer_good_one() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path(), noon());
    assert_eq!(store.offer(&source(), july(5), noon()).unwrap(), Offer::Installed);
    let generation = store.generation();
    assert_eq!(store.offer(&source(), july(5), noon()).unwrap(), Offer::Same);

    let mut flipped = july(6);
    let end = flipped.len() - 3;
    flipped[end] ^= 1;
    let stranger = Issuer::new("СЫНАҚ КО", rastau_mint::key::Key::p256("stranger"));
    let june = numbered(6, "2026-06-10T00:00:00Z");
    let refused = [
        ("an empty body", Vec::new()),
        ("a page", b"<html>try again</html>".to_vec()),
        ("half of it", july(6)[..200].to_vec()),
        ("a byte flipped", flipped),
        ("a namesake's", stranger.sign(&stranger.list().number(6))),
        ("a lower number", july(4)),
        ("a higher number, an earlier date", issuer().sign(&june)),
        ("ahead of the clock", issuer().sign(&numbered(6, "2026-09-01T00:00:00Z"))),
        ("a delta", issuer().sign(&numbered(6, "2026-08-01T00:00:00Z").delta_to(5))),
    ];
    for (what, body) in refused {
        assert!(store.offer(&source(), body, noon()).is_err(), "{what}");
        assert_eq!(number_in_force(&store), Some(5), "{what}");
    }
    assert!(matches!(store.offer(&source(), july(4), noon()), Err(LoadError::Older)));
    assert_eq!(store.generation(), generation);
    assert_eq!(store.offer(&source(), july(6), noon()).unwrap(), Offer::Installed);
    assert!(store.generation() > generation);

    // The last good copy outlives the process.
    let again = store_in(data.path(), noon());
    assert_eq!(number_in_force(&again), Some(6));
    let status = again.snapshot().status(&issuer().leaf(), &issuer().certificate, noon(), noon());
    assert!(matches!(status, Status::Good { .. }));
}

#[test]
fn a_stored_copy_that_was_tampered_with_is_not_believed() {
    let data = tempfile::tempdir().unwrap();
    let list = issuer().sign(&numbered(5, "2026-07-10T00:00:00Z").revoke(&SERIAL, "2026-07-01T00:00:00Z", None));
    store_in(data.path(), noon()).offer(&source(), list, noon()).unwrap();
    let mut files = fs::read_dir(data.path().join("revocation")).unwrap().map(|entry| entry.unwrap().path());
    let copy = files.find(|file| file.extension().unwrap() == "crl").unwrap();
    let mut bytes = fs::read(&copy).unwrap();
    let middle = bytes.windows(SERIAL.len()).position(|window| window == SERIAL).unwrap();
    bytes[middle] ^= 1;
    fs::write(&copy, bytes).unwrap();
    let store = store_in(data.path(), noon());
    assert_eq!(store.snapshot().lists().count(), 0);
    assert!(store.status(noon())[0].error.is_some());
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn refresher(store: &Arc<Store>, fetch: Arc<FakeFetch>) -> Refresher {
    Refresher::new(Arc::clone(store), fetch, Arc::new(FixedClock(noon())), Schedule::default())
}

#[test]
fn mirrors_are_tried_in_turn_and_the_last_error_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let store = Arc::new(store_in(data.path(), noon()));
    let fetch = Arc::new(FakeFetch::default());
    fetch.answer(URL, Err(FetchError::Status(303)));
    fetch.answer(MIRROR, Ok(july(5)));
    fetch.answer(MIRROR, Ok(b"<html>".to_vec()));
    let refresher = refresher(&store, fetch);
    assert_eq!(run(refresher.refresh(&source())), Ok(Offer::Installed));
    assert_eq!(store.status(noon())[0].error, None);
    assert_eq!(store.status(noon())[0].last_success, Some(noon()));
    assert!(run(refresher.refresh(&source())).is_err());
    let row = &store.status(noon())[0];
    assert_eq!((row.state, row.number.and_then(|number| number.as_u64())), (ListState::Fresh, Some(5)));
    assert!(row.error.is_some());
}

#[test]
fn the_background_task_fetches_at_once_and_ends_when_told() {
    let data = tempfile::tempdir().unwrap();
    let store = Arc::new(store_in(data.path(), noon()));
    let fetch = Arc::new(FakeFetch::default());
    fetch.answer(URL, Ok(july(5)));
    let refresher = Arc::new(refresher(&store, fetch));
    run(async {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let task = tokio::spawn(Arc::clone(&refresher).run(stopped));
        while store.generation() < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.send(true).unwrap();
        task.await.unwrap();
    });
    assert_eq!(number_in_force(&store), Some(5));
}

#[test]
fn the_schedule_looks_before_the_list_lapses_and_backs_off() {
    let schedule = Schedule::default();
    let day = issuer().verified(&issuer().list().updates("2026-08-20T00:00:00Z", "2026-08-21T03:00:00Z"));
    let at = |now: &str| Situation {
        list: Some(&day),
        delta: false,
        failures: 0,
        since: Duration::ZERO,
        was_due: true,
        now: time(now),
        jitter: 0,
    };
    let wait = |situation: Situation<'_>| schedule.wait(&situation).as_secs();
    let midnight = at("2026-08-20T00:00:00Z");
    assert_eq!(wait(midnight), 6 * 3600, "never longer than six hours");
    assert_eq!(wait(Situation { since: Duration::from_secs(3600), ..midnight }), 5 * 3600, "since the last look");
    assert_eq!(wait(Situation { delta: true, ..midnight }), 3600, "a delta more often");
    let evening = at("2026-08-20T20:36:00Z");
    assert_eq!(wait(evening), 3600, "until it is due");
    assert!(wait(Situation { jitter: 255, ..evening }) < 3600, "spread");
    let due = at("2026-08-21T01:00:00Z");
    assert_eq!(wait(due), 900, "due, and no newer one yet");
    assert_eq!(wait(Situation { was_due: false, ..due }), 60, "it has fallen due since the last look");
    let hour = Duration::from_secs(3600);
    assert_eq!(wait(Situation { was_due: false, since: hour, ..due }), 0, "and that was long ago");
    let failed = |failures| wait(Situation { failures, ..midnight });
    assert_eq!([1, 2, 3, 4, 5, 6].map(failed), [60, 120, 240, 480, 900, 900]);
    assert_eq!(failed(u32::MAX), 900);
    assert_eq!(wait(Situation { list: None, ..midnight }), 900);
    assert_eq!(wait(Situation { since: Duration::MAX, failures: 1, ..midnight }), 0);
}

#[test]
fn a_configured_or_fetched_list_that_does_not_hold_is_told_from_no_list_at_all() {
    let word = |store: &Store| {
        let leaf = issuer().leaf();
        match store.snapshot().status(&leaf, &issuer().certificate, noon(), noon()) {
            Status::Unknown { cause: UnknownCause::NoList } => "no list",
            Status::Unknown { cause: UnknownCause::Rejected { .. } } => "rejected",
            Status::Good { .. } => "good",
            _ => "something else",
        }
    };
    let impostor = Issuer::new("СЫНАҚ КО", rastau_mint::key::Key::p256("impostor"));
    let forged = impostor.sign(&impostor.list());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("forged.crl");
    fs::write(&file, &forged).unwrap();
    assert_eq!(word(&Store::load(vec![Source::path(&file)], options(), noon())), "rejected");

    let store = Store::load(vec![source()], options(), noon());
    assert_eq!(word(&store), "no list");
    assert!(store.offer(&source(), forged, noon()).is_err());
    assert_eq!(word(&store), "rejected");
    store.offer(&source(), july(1), noon()).unwrap();
    assert_eq!(word(&store), "good");
}

#[test]
fn a_list_of_another_known_authority_at_the_same_address_opens_no_way_back_to_an_older_list() {
    let other = Issuer::new("ЕКІНШІ КО", rastau_mint::key::Key::p256("second"));
    let issuers = [issuer().certificate.clone(), other.certificate.clone()];
    let data = tempfile::tempdir().unwrap();
    let store = || {
        let options = StoreOptions::new(issuers.clone()).with_data(data.path()).unwrap();
        Store::load(vec![source()], options, noon())
    };
    let revoking = numbered(5, "2026-07-10T00:00:00Z").revoke(&SERIAL, "2026-07-01T00:00:00Z", None);
    let running = store();
    running.offer(&source(), issuer().sign(&revoking), noon()).unwrap();
    // Lists travel over plain http: whoever sits on the line can answer with any list that was ever signed.
    running.offer(&source(), other.sign(&other.list().number(1)), noon()).unwrap();
    let restarted = store();
    for store in [running, restarted] {
        assert!(matches!(store.offer(&source(), july(4), noon()), Err(LoadError::Older)));
        let status = store.snapshot().status(&issuer().leaf(), &issuer().certificate, noon(), noon());
        assert!(matches!(status, Status::Revoked { .. }), "{status:?}");
        let leaf = other.leaf_with(|builder| builder.serial(&[0x22; 20]));
        let status = store.snapshot().status(&leaf, &other.certificate, noon(), noon());
        assert!(matches!(status, Status::Good { .. }), "{status:?}");
    }
}

#[test]
fn a_list_that_lapsed_before_another_authoritys_came_is_neither_forgotten_nor_rolled_back() {
    let other = Issuer::new("ЕКІНШІ КО", rastau_mint::key::Key::p256("second"));
    let issuers = [issuer().certificate.clone(), other.certificate.clone()];
    let data = tempfile::tempdir().unwrap();
    let later = time("2026-08-22T00:00:00Z");
    let store = |now| {
        let options = StoreOptions::new(issuers.clone()).with_data(data.path()).unwrap();
        Store::load(vec![source()], options, now)
    };
    let short = numbered(5, "2026-08-20T00:00:00Z").updates("2026-08-20T00:00:00Z", "2026-08-21T00:00:00Z");
    let revoking = short.revoke(&SERIAL, "2026-07-01T00:00:00Z", None);
    let running = store(noon());
    running.offer(&source(), issuer().sign(&revoking), noon()).unwrap();
    // Whoever sits on the line lets it lapse, brings what another authority signed, and then an older list with a
    // longer life.
    running.offer(&source(), other.sign(&other.list().number(1)), later).unwrap();
    let restarted = store(later);
    for store in [running, restarted] {
        let answer = |leaf| store.snapshot().status(&leaf, &issuer().certificate, later, later);
        assert!(matches!(answer(issuer().leaf()), Status::Revoked { stale: true, .. }));
        assert!(matches!(store.offer(&source(), july(4), later), Err(LoadError::Older)));
        assert!(matches!(answer(issuer().leaf()), Status::Revoked { stale: true, .. }));
        // «There never was a list» would be passed over where none is demanded.
        let unnamed = answer(issuer().leaf_with(|builder| builder.serial(&[0x22; 20])));
        assert!(matches!(unnamed, Status::Unknown { cause: UnknownCause::Stale { .. } }), "{unnamed:?}");
        assert_eq!(store.status(later).len(), 1);
    }
}

#[test]
fn the_list_of_a_key_that_is_no_longer_used_goes_when_it_has_lapsed() {
    let old = Issuer::new("СЫНАҚ КО", rastau_mint::key::Key::p256("the key before"));
    let data = tempfile::tempdir().unwrap();
    let options = StoreOptions::new([issuer().certificate.clone(), old.certificate.clone()]);
    let store = Store::load(vec![source()], options.clone().with_data(data.path()).unwrap(), noon());
    let lapsing = old.list().number(9).updates("2026-08-20T00:00:00Z", "2026-08-21T00:00:00Z");
    store.offer(&source(), old.sign(&lapsing), noon()).unwrap();
    store.offer(&source(), july(1), noon()).unwrap();
    assert_eq!(store.snapshot().lists().count(), 2, "while the key changes there are lists of both");
    let later = time("2026-08-22T00:00:00Z");
    store.offer(&source(), july(2), later).unwrap();
    assert_eq!(store.status(later).len(), 1);
    let again = Store::load(vec![source()], options.with_data(data.path()).unwrap(), later);
    assert_eq!(again.status(later).len(), 1);
}

#[test]
fn a_delta_that_came_by_mistake_does_not_bar_the_full_list_after_it() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path(), noon());
    let delta = numbered(8, "2026-08-01T00:00:00Z").delta_to(5);
    store.offer(&source(), issuer().sign(&delta), noon()).unwrap();
    assert_eq!(store.offer(&source(), july(7), noon()).unwrap(), Offer::Installed);
    assert_eq!(number_in_force(&store), Some(7));
    assert_eq!(store.status(noon()).len(), 1);
}

#[test]
fn of_two_lists_that_arrive_together_the_stored_copy_is_the_newer_and_whole() {
    for _ in 0..20 {
        let data = tempfile::tempdir().unwrap();
        let store = store_in(data.path(), noon());
        std::thread::scope(|scope| {
            for number in 1..=6 {
                let store = &store;
                scope.spawn(move || store.offer(&source(), july(number), noon()));
            }
        });
        let in_force = number_in_force(&store);
        assert_eq!(in_force, Some(6));
        assert_eq!(number_in_force(&store_in(data.path(), noon())), in_force);
        assert_eq!(fs::read_dir(data.path().join("revocation")).unwrap().count(), 2, "the list and its index");
    }
}

#[test]
fn reading_a_half_broken_file_again_and_again_gathers_no_lists() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("both.pem");
    let stranger = Issuer::new("БАСҚА КО", rastau_mint::key::Key::p256("stranger"));
    let bad = pem::encode("X509 CRL", &stranger.sign(&stranger.list()));
    fs::write(&file, [pem::encode("X509 CRL", &july(3)), bad.clone(), bad].concat()).unwrap();
    let source = Source::path(&file);
    let store = Store::load(vec![source.clone()], options(), noon());
    let rows = store.status(noon()).len();
    for _ in 0..3 {
        store.reload(&source, noon());
    }
    assert_eq!(store.status(noon()).len(), rows);
}

#[test]
fn a_list_that_retired_is_asked_of_every_mirror_until_a_newer_one_comes() {
    let other = Issuer::new("ЕКІНШІ КО", rastau_mint::key::Key::p256("second"));
    let options = StoreOptions::new([issuer().certificate.clone(), other.certificate.clone()]);
    let store = Arc::new(Store::load(vec![source()], options, noon()));
    let short = numbered(5, "2026-08-20T00:00:00Z").updates("2026-08-20T00:00:00Z", "2026-08-21T03:00:00Z");
    store.offer(&source(), issuer().sign(&short), noon()).unwrap();
    let later = time("2026-08-21T12:00:00Z");
    let anothers = other.sign(&other.list().number(1).updates("2026-08-20T18:00:00Z", "2027-01-01T00:00:00Z"));
    store.offer(&source(), anothers.clone(), later).unwrap();
    let states = || store.status(later).iter().map(|row| row.state).collect::<Vec<_>>();
    assert_eq!(states(), [ListState::Fresh, ListState::Stale]);

    let fetch = Arc::new(FakeFetch::default());
    fetch.answer(URL, Ok(anothers));
    let newer = numbered(6, "2026-08-21T00:00:00Z").updates("2026-08-21T00:00:00Z", "2026-08-22T03:00:00Z");
    fetch.answer(MIRROR, Ok(issuer().sign(&newer)));
    let refresher = Refresher::new(Arc::clone(&store), fetch, Arc::new(FixedClock(later)), Schedule::default());
    assert_eq!(run(refresher.refresh(&source())), Ok(Offer::Installed));
    assert_eq!(states(), [ListState::Fresh, ListState::Fresh]);
    assert_eq!(number_in_force(&store), Some(6));
}

/// A list about the certificates of that distribution point only.
fn of_point(point: usize, this: &str, next: &str) -> Vec<u8> {
    let name = der::implicit(6, format!("http://crl.invalid/{point}").as_bytes());
    let fields = [der::explicit(0, &extension::full_name(&[name]))];
    issuer().sign(&issuer().list().number(1).updates(this, next).issuing_distribution_point(&fields))
}

#[test]
fn an_address_that_brings_ever_other_lists_fills_no_memory_and_displaces_nothing_in_force() {
    let store = Store::load(vec![source()], options(), noon());
    store.offer(&source(), july(5), noon()).unwrap();
    let newer = |point| of_point(point, "2026-08-01T00:00:00Z", "2026-08-21T00:00:00Z");
    for point in 1..32 {
        assert_eq!(store.offer(&source(), newer(point), noon()).unwrap(), Offer::Installed, "{point}");
    }
    assert!(matches!(store.offer(&source(), newer(32), noon()), Err(LoadError::TooMany)));
    assert_eq!(store.snapshot().lists().count(), 32);
    // The oldest of them all is there still, may be replaced, and is not rolled back.
    assert!(matches!(store.offer(&source(), july(4), noon()), Err(LoadError::Older)));
    assert_eq!(store.offer(&source(), july(6), noon()).unwrap(), Offer::Installed);
    // When the others have lapsed there is room.
    let later = time("2026-08-22T00:00:00Z");
    assert_eq!(
        store.offer(&source(), of_point(32, "2026-08-21T00:00:00Z", "2027-01-01T00:00:00Z"), later).unwrap(),
        Offer::Installed
    );
    assert_eq!(store.snapshot().lists().count(), 2 + 8, "a few of those that lapsed are kept");
    let status = store.snapshot().status(&issuer().leaf(), &issuer().certificate, later, later);
    assert!(matches!(status, Status::Good { .. }), "{status:?}");
}

#[test]
fn of_too_many_lists_that_have_all_lapsed_the_oldest_go() {
    let store = Store::load(vec![source()], options(), noon());
    for point in 1..=40 {
        let this = format!("2026-08-01T00:{point:02}:00Z");
        store.offer(&source(), of_point(point, &this, "2026-08-02T00:00:00Z"), noon()).unwrap();
    }
    let there: Vec<_> = store.status(noon()).iter().map(|row| row.this_update.unwrap()).collect();
    assert_eq!(there.len(), 32);
    assert_eq!(there.iter().min(), Some(&time("2026-08-01T00:09:00Z")));
}
