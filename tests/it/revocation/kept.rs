//! Deltas in the store: what is kept of them, for how long, and over a restart.

use std::fs;
use std::path::Path;

use rastau::clock::Time;
use rastau::revocation::{ListState, LoadError, Offer, Source, Store, StoreOptions, Unusable};
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::{der, extension};

use super::delta::{BASE_NEXT, BASE_THIS, HELD_ON, HOLD, LIFTED_ON, REMOVE, base, delta, unnumbered};
use super::{Issuer, SERIAL, issuer, noon, time, word};

const FULL: &str = "http://crl.invalid/full.crl";
const CHANGES: &str = "http://crl.invalid/delta.crl";

pub fn full_source() -> Source {
    Source::urls(&[FULL]).unwrap()
}

pub fn delta_source() -> Source {
    Source::urls(&[CHANGES]).unwrap().of_deltas(true)
}

pub fn store_in(data: &Path) -> Store {
    let options = StoreOptions::new([issuer().certificate.clone()]).with_data(data).unwrap();
    Store::load(vec![full_source(), delta_source()], options, noon())
}

pub fn word_in(store: &Store) -> &'static str {
    word_at(store, noon())
}

pub fn word_at(store: &Store, now: Time) -> &'static str {
    word(&store.snapshot().status(&issuer().leaf(), &issuer().certificate, now, now))
}

#[test]
fn a_store_keeps_both_and_says_what_each_counts_for() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path());
    let held = base().revoke(&SERIAL, HELD_ON, HOLD);
    store.offer(&full_source(), issuer().sign(&held), noon()).unwrap();
    store.offer(&delta_source(), issuer().sign(&delta().revoke(&SERIAL, LIFTED_ON, REMOVE)), noon()).unwrap();
    for store in [store, store_in(data.path())] {
        assert_eq!(word_in(&store), "good");
        let rows = store.status(noon());
        let [full, changes] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((full.in_force, full.delta, &full.warning), (true, false, &None));
        assert_eq!((changes.in_force, changes.delta, &changes.warning), (true, true, &None));
        assert_eq!(changes.base_number.and_then(|number| number.as_u64()), Some(14));
        assert_eq!(changes.applies_to.and_then(|number| number.as_u64()), Some(14));
        let rows = store.status(time("2026-08-20T18:00:00Z"));
        assert!(rows[0].in_force && !rows[1].in_force);
        assert_eq!((rows[1].state, rows[1].applies_to), (ListState::Stale, None));
        for row in &rows {
            assert!(row.warning.as_deref().is_some_and(|warning| warning.contains("has lapsed")), "{row:?}");
        }
    }
}

#[test]
fn an_older_delta_never_takes_the_place_of_a_newer_one() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path());
    store.offer(&full_source(), issuer().sign(&base().revoke(&SERIAL, HELD_ON, HOLD)), noon()).unwrap();
    let lifting = delta().number(20).revoke(&SERIAL, LIFTED_ON, REMOVE);
    let holding = delta().number(21).revoke(&SERIAL, LIFTED_ON, HOLD);
    store.offer(&delta_source(), issuer().sign(&holding), noon()).unwrap();
    assert_eq!(word_in(&store), "revoked");
    let older = issuer().sign(&lifting);
    assert!(matches!(store.offer(&delta_source(), older.clone(), noon()), Err(LoadError::Older)));
    assert_eq!(word_in(&store), "revoked");
    let restarted = store_in(data.path());
    assert!(matches!(restarted.offer(&delta_source(), older, noon()), Err(LoadError::Older)));
    assert_eq!(word_in(&restarted), "revoked");
}

#[test]
fn a_delta_from_the_wrong_address_and_a_full_list_from_a_delta_address_change_nothing() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path());
    let held = base().revoke(&SERIAL, HELD_ON, HOLD);
    store.offer(&full_source(), issuer().sign(&held), noon()).unwrap();
    // Whoever sits on the line answers one address with what another one serves.
    let lifting = issuer().sign(&delta().revoke(&SERIAL, LIFTED_ON, REMOVE));
    assert!(matches!(store.offer(&full_source(), lifting, noon()), Err(LoadError::Unusable(Unusable::Delta))));
    let full = issuer().sign(&base().number(99));
    assert_eq!(store.offer(&delta_source(), full, noon()).unwrap(), Offer::Installed);
    assert_eq!(word_in(&store), "revoked");
    let rows = store.status(noon());
    assert!(rows[1].unusable.as_deref().is_some_and(|why| why.contains("does not say which full list")), "{rows:?}");
    // A real delta takes the place of what was never one, and the other way round it does not work.
    store.offer(&delta_source(), issuer().sign(&delta()), noon()).unwrap();
    let again = issuer().sign(&base().number(100));
    assert!(matches!(store.offer(&delta_source(), again, noon()), Err(LoadError::Unusable(_))));
}

#[test]
fn what_a_delta_revokes_is_not_forgotten_while_the_next_full_list_is_on_its_way() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path());
    store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
    let revoking = delta().revoke(&SERIAL, LIFTED_ON, Some(4));
    store.offer(&delta_source(), issuer().sign(&revoking), noon()).unwrap();
    assert_eq!(word_in(&store), "revoked");
    // The next full list names it; its delta is here before it.
    let next_delta = delta().number(21).delta_to(15).updates("2026-08-20T11:30:00Z", "2026-08-20T19:00:00Z");
    store.offer(&delta_source(), issuer().sign(&next_delta), noon()).unwrap();
    assert_eq!(word_in(&store), "revoked");
    assert_eq!(word_in(&store_in(data.path())), "revoked", "nor over a restart");
    let one_more = delta().number(22).delta_to(15).updates("2026-08-20T11:31:00Z", "2026-08-20T19:00:00Z");
    store.offer(&delta_source(), issuer().sign(&one_more), noon()).unwrap();
    assert_eq!(word_in(&store_in(data.path())), "revoked", "however many come");
    let rows = store.status(noon());
    assert_eq!(rows.iter().filter(|row| row.in_force).count(), 2);
    assert!(rows.iter().any(|row| row.warning.as_deref().is_some_and(|why| why.contains("number 15"))), "{rows:?}");
    let next = base().number(15).updates("2026-08-20T11:00:00Z", "2026-08-21T14:00:00Z");
    store.offer(&full_source(), issuer().sign(&next.revoke(&SERIAL, LIFTED_ON, Some(4))), noon()).unwrap();
    assert_eq!(word_in(&store), "revoked");
    assert_eq!(store.status(noon()).len(), 2, "now that the newer one applies, that of the old full list has gone");
}

/// A delta since a full list, from some minute after eleven, good for eight hours.
pub fn since(base: u64, number: u64, minute: u64) -> ListBuilder {
    let this = format!("2026-08-20T11:{minute:02}:00Z");
    delta().number(number).delta_to(base).updates(&this, "2026-08-20T19:30:00Z")
}

#[test]
fn what_a_delta_revoked_is_not_forgotten_when_it_has_lapsed_before_the_full_list_comes() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path());
    let full = base().updates(BASE_THIS, "2026-08-27T00:00:00Z");
    store.offer(&full_source(), issuer().sign(&full), noon()).unwrap();
    let revoking = delta().revoke(&SERIAL, LIFTED_ON, Some(1));
    store.offer(&delta_source(), issuer().sign(&revoking), noon()).unwrap();
    // It lapses at half past five; the full list that names it does not get through.
    let evening = time("2026-08-20T18:00:00Z");
    let next = delta().number(21).delta_to(15).updates("2026-08-20T17:45:00Z", "2026-08-21T02:00:00Z");
    store.offer(&delta_source(), issuer().sign(&next), evening).unwrap();
    let load = |now| {
        let options = StoreOptions::new([issuer().certificate.clone()]).with_data(data.path()).unwrap();
        Store::load(vec![full_source(), delta_source()], options, now)
    };
    for (what, store) in [("at once", store), ("after a restart", load(evening))] {
        let status = store.snapshot().status(&issuer().leaf(), &issuer().certificate, evening, evening);
        assert_eq!(word(&status), "revoked", "{what}");
        // Another process that takes over what was stored, and a list about other certificates at the address.
        let users = delta().number(22).issuing_distribution_point(&[der::implicit(1, &[0xff])]);
        let users = users.updates("2026-08-20T17:50:00Z", "2026-08-21T02:00:00Z");
        store.offer(&delta_source(), issuer().sign(&users), evening).unwrap();
        let status = store.snapshot().status(&issuer().leaf(), &issuer().certificate, evening, evening);
        assert_eq!(word(&status), "revoked", "{what}, beside a delta about other certificates");
    }
    assert_eq!(word_at(&load(evening), evening), "revoked");
}

#[test]
fn of_deltas_since_full_lists_that_did_not_come_none_is_forgotten() {
    for revoking in 0..3 {
        let data = tempfile::tempdir().unwrap();
        let store = store_in(data.path());
        store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
        for (place, (number, continued)) in [(20, 14), (21, 15), (22, 16), (23, 17)].into_iter().enumerate() {
            let delta = since(continued, number, number);
            let delta = if place == revoking { delta.revoke(&SERIAL, LIFTED_ON, Some(1)) } else { delta };
            store.offer(&delta_source(), issuer().sign(&delta), noon()).unwrap();
        }
        assert_eq!(word_in(&store), "revoked", "{revoking}");
        assert_eq!(word_in(&store_in(data.path())), "revoked", "{revoking}, after a restart");
        // The full list that the newest continues, and from after all of them, knows better.
        let full = base().number(17).updates("2026-08-20T11:30:00Z", BASE_NEXT);
        store.offer(&full_source(), issuer().sign(&full), noon()).unwrap();
        assert_eq!((word_in(&store), store.status(noon()).len()), ("good", 2), "{revoking}");
        assert_eq!(word_in(&store_in(data.path())), "good", "{revoking}, after a restart");
        store.offer(&delta_source(), issuer().sign(&since(17, 24, 45)), noon()).unwrap();
        let copies = std::fs::read_dir(data.path().join("revocation")).unwrap().flatten();
        let copies = copies.filter(|file| file.path().extension().is_some_and(|extension| extension == "crl"));
        assert_eq!(copies.count(), 2, "{revoking}");
    }
}

#[test]
fn a_delta_that_does_not_say_what_it_continues_takes_the_place_of_none_that_does() {
    let offer = |store: &Store, list: &ListBuilder| store.offer(&delta_source(), issuer().sign(list), noon());
    let names = |list: ListBuilder| list.revoke(&SERIAL, LIFTED_ON, Some(1));
    for (what, first, then, again) in [
        ("the one before revokes", names(since(14, 20, 10)), unnumbered("2026-08-20T11:20:00Z"), since(15, 22, 30)),
        ("it revokes itself", since(14, 20, 10), names(unnumbered("2026-08-20T11:20:00Z")), since(15, 22, 30)),
        (
            "two of its kind",
            names(unnumbered("2026-08-20T11:10:00Z")),
            unnumbered("2026-08-20T11:20:00Z"),
            since(15, 22, 30),
        ),
        (
            "all of its kind",
            names(unnumbered("2026-08-20T11:10:00Z")),
            unnumbered("2026-08-20T11:20:00Z"),
            unnumbered("2026-08-20T11:30:00Z"),
        ),
        (
            "the next is dated before it",
            since(14, 20, 10),
            names(unnumbered("2026-08-20T11:40:00Z")),
            since(15, 22, 30),
        ),
    ] {
        let data = tempfile::tempdir().unwrap();
        let store = store_in(data.path());
        store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
        for list in [&first, &then, &again] {
            assert_eq!(offer(&store, list).unwrap(), Offer::Installed, "{what}");
        }
        assert_eq!((word_in(&store), word_in(&store_in(data.path()))), ("revoked", "revoked"), "{what}");
        // An older one is not let in again.
        let older = unnumbered("2026-08-20T11:05:00Z");
        assert!(matches!(offer(&store, &older), Err(LoadError::Older | LoadError::Unusable(_))), "{what}");
        let full = base().number(15).updates("2026-08-20T11:45:00Z", BASE_NEXT);
        store.offer(&full_source(), issuer().sign(&full), noon()).unwrap();
        assert_eq!(
            (word_in(&store), word_in(&store_in(data.path()))),
            ("good", "good"),
            "{what}, a full list has come"
        );
    }
}

#[test]
fn what_an_address_brings_of_others_makes_nobody_forget_the_list_of_its_own_issuer() {
    let others: Vec<Issuer> =
        (0..12).map(|place| Issuer::new(&format!("БАСҚА {place}"), Key::p256(&format!("other {place}")))).collect();
    let issuers: Vec<_> =
        others.iter().map(|other| other.certificate.clone()).chain([issuer().certificate.clone()]).collect();
    let data = tempfile::tempdir().unwrap();
    let load = |now| {
        let options = StoreOptions::new(issuers.clone()).with_data(data.path()).unwrap();
        Store::load(vec![full_source()], options, now)
    };
    let store = load(noon());
    let revoking = base().revoke(&SERIAL, HELD_ON, Some(1));
    store.offer(&full_source(), issuer().sign(&revoking), noon()).unwrap();
    // It has lapsed, and whoever sits on the line brings lists of all others, most of which have lapsed later.
    let later = time("2026-08-25T00:00:00Z");
    for (place, other) in others.iter().enumerate() {
        let next = if place == 0 { "2026-09-30T00:00:00Z" } else { "2026-08-24T00:00:00Z" };
        let list = other.list().updates("2026-08-22T00:00:00Z", next);
        store.offer(&full_source(), other.sign(&list), later).unwrap();
    }
    assert_eq!(word_at(&store, later), "revoked, stale");
    assert_eq!(word_at(&load(later), later), "revoked, stale");
}

/// The copies in the data directory.
pub fn copies(data: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(data.join("revocation")).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|extension| extension == "crl")).collect();
    files.sort();
    files
}

#[test]
fn copies_that_another_version_named_otherwise_are_as_good() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path());
    let (full, kept) = (issuer().sign(&base()), issuer().sign(&since(14, 20, 10).revoke(&SERIAL, LIFTED_ON, Some(1))));
    let newest = issuer().sign(&since(15, 21, 20));
    store.offer(&full_source(), full.clone(), noon()).unwrap();
    for delta in [&kept, &newest] {
        store.offer(&delta_source(), delta.clone(), noon()).unwrap();
    }
    drop(store);
    // <source>.<tag>.crl, and beside it <source>.<tag>-before-<number>.crl or, still older, <source>.<tag>-before.crl.
    for (list, name) in [(&full, ""), (&kept, "-before-14"), (&newest, "")] {
        let copy = copy_with(data.path(), list).unwrap();
        let file = copy.file_name().unwrap().to_str().unwrap();
        let (source, _) = file.split_once('.').unwrap();
        for extension in ["crl", "index"] {
            let old = copy.with_file_name(format!("{source}.{}{name}.{extension}", "0".repeat(32)));
            fs::rename(copy.with_extension(extension), old).unwrap();
        }
    }
    let store = store_in(data.path());
    assert_eq!((word_in(&store), copies(data.path()).len()), ("revoked", 3));
    assert_eq!(store.audit(noon()).dropped, 0);
    assert_eq!(word_in(&store), "revoked", "after the audit");
    // Those of this version take their places.
    store.offer(&delta_source(), issuer().sign(&since(15, 22, 30)), noon()).unwrap();
    assert_eq!((word_in(&store_in(data.path())), copies(data.path()).len()), ("revoked", 3));
    assert!(copy_with(data.path(), &newest).is_none() && copy_with(data.path(), &kept).is_some());
    let next = issuer().sign(&base().number(16).updates("2026-08-20T11:50:00Z", BASE_NEXT));
    store.offer(&full_source(), next.clone(), noon()).unwrap();
    assert_eq!((word_in(&store_in(data.path())), copies(data.path()).len()), ("good", 2));
    assert!(copy_with(data.path(), &next).is_some());
}

#[test]
fn a_delta_that_was_set_aside_before_it_was_verified_again_stays() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path());
    store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
    let revoking = since(14, 20, 10).revoke(&SERIAL, LIFTED_ON, Some(1));
    store.offer(&delta_source(), issuer().sign(&revoking), noon()).unwrap();
    drop(store);
    let restarted = store_in(data.path());
    restarted.offer(&delta_source(), issuer().sign(&since(15, 21, 20)), noon()).unwrap();
    assert_eq!(restarted.audit(noon()).dropped, 0);
    assert_eq!(word_in(&restarted), "revoked");
    assert_eq!(restarted.status(noon()).len(), 3);
}

#[test]
fn however_many_full_lists_do_not_come_the_deltas_that_stay_are_few() {
    let data = tempfile::tempdir().unwrap();
    let store = store_in(data.path());
    store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
    for place in 0..20 {
        let delta = since(14 + place, 20 + place, place);
        let delta = if place == 11 { delta.revoke(&SERIAL, LIFTED_ON, Some(1)) } else { delta };
        store.offer(&delta_source(), issuer().sign(&delta), noon()).unwrap();
    }
    for store in [store, store_in(data.path())] {
        assert_eq!(word_in(&store), "revoked");
        assert_eq!(store.status(noon()).len(), 1 + 1 + 8);
    }
    // A delta since an older full list than all of them says whatever they say.
    let store = store_in(data.path());
    store.offer(&delta_source(), issuer().sign(&since(14, 50, 50)), noon()).unwrap();
    assert_eq!((word_in(&store), store.status(noon()).len()), ("good", 2));
    assert_eq!(word_in(&store_in(data.path())), "good");
}

#[test]
fn a_delta_without_its_numbers_is_not_forgotten_for_a_list_of_another_key() {
    let other = Issuer::new("БАСҚА", Key::p256("another key"));
    let evening = time("2026-08-20T18:00:00Z");
    let of_other = |list: ListBuilder| list.updates("2026-08-20T11:30:00Z", "2026-08-21T02:00:00Z");
    let delta_of_other = other.sign(&of_other(other.list().number(3).delta_to(2)));
    let full_of_other = other.sign(&of_other(other.list().number(3)));
    for (what, now, brought) in [
        ("a delta", noon(), &delta_of_other),
        ("a full list", noon(), &full_of_other),
        ("a delta, and it has lapsed", evening, &delta_of_other),
        ("a full list, and it has lapsed", evening, &full_of_other),
    ] {
        let data = tempfile::tempdir().unwrap();
        let load = || {
            let issuers = [issuer().certificate.clone(), other.certificate.clone()];
            let options = StoreOptions::new(issuers).with_data(data.path()).unwrap();
            Store::load(vec![full_source(), delta_source()], options, now)
        };
        let store = load();
        store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
        let naming = unnumbered("2026-08-20T11:10:00Z").revoke(&SERIAL, LIFTED_ON, Some(1));
        store.offer(&delta_source(), issuer().sign(&naming), noon()).unwrap();
        assert_eq!(word_at(&store, now), "revoked", "{what}, before");
        assert_eq!(store.offer(&delta_source(), brought.clone(), now).unwrap(), Offer::Installed, "{what}");
        assert_eq!(word_at(&store, now), "revoked", "{what}");
        drop(store);
        let store = load();
        assert_eq!(word_at(&store, now), "revoked", "{what}, after a restart");
        let older = issuer().sign(&unnumbered("2026-08-20T11:05:00Z"));
        let refused = store.offer(&delta_source(), older, now);
        assert!(matches!(refused, Err(LoadError::Older | LoadError::Unusable(_))), "{what}: {refused:?}");
        // Its number bars none that has all: it does not say what it is about.
        let honest = issuer().sign(&since(14, 19, 5));
        assert_eq!(store.offer(&delta_source(), honest, now).unwrap(), Offer::Installed, "{what}");
        assert_eq!((word_at(&store, now), word_at(&load(), now)), ("revoked", "revoked"), "{what}, and an honest one");
    }
}

#[test]
fn a_delta_that_has_lapsed_is_not_forgotten_for_one_without_its_numbers() {
    let data = tempfile::tempdir().unwrap();
    let evening = time("2026-08-20T19:40:00Z");
    let load = || {
        let options = StoreOptions::new([issuer().certificate.clone()]).with_data(data.path()).unwrap();
        Store::load(vec![full_source(), delta_source()], options, evening)
    };
    let store = load();
    store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
    let revoking = since(14, 20, 10).revoke(&SERIAL, LIFTED_ON, Some(1));
    store.offer(&delta_source(), issuer().sign(&revoking), noon()).unwrap();
    let later = unnumbered("2026-08-20T11:20:00Z").updates("2026-08-20T19:35:00Z", "2026-08-21T02:00:00Z");
    store.offer(&delta_source(), issuer().sign(&later), evening).unwrap();
    assert_eq!((word_at(&store, evening), word_at(&load(), evening)), ("revoked", "revoked"));
}

#[test]
fn a_delta_without_a_number_of_its_own_gives_way_to_none_that_need_not_say_what_it_says() {
    let numberless = |base, minute| since(base, 1, minute).without(extension::LIST_NUMBER);
    for (what, base_of_first, next, expected) in [
        ("since the same full list, dated before it", 14, since(14, 22, 30), "revoked"),
        ("since the same full list, later", 14, since(14, 22, 50), "good"),
        ("since a later one", 14, since(15, 22, 50), "revoked"),
        ("since an older one, later", 15, since(14, 22, 50), "good"),
        ("since nobody knows what", 14, unnumbered("2026-08-20T11:50:00Z"), "revoked"),
        ("without a number either, later", 14, numberless(14, 50), "good"),
        ("without a number either, since a later one", 14, numberless(15, 50), "revoked"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let store = store_in(data.path());
        store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
        let naming = numberless(base_of_first, 40).revoke(&SERIAL, LIFTED_ON, Some(1));
        store.offer(&delta_source(), issuer().sign(&naming), noon()).unwrap();
        assert_eq!(word_in(&store), "revoked", "{what}, before");
        assert_eq!(store.offer(&delta_source(), issuer().sign(&next), noon()).unwrap(), Offer::Installed, "{what}");
        assert_eq!(word_in(&store), expected, "{what}");
        assert_eq!(word_in(&store_in(data.path())), expected, "{what}, after a restart");
    }
}

/// The copy that holds this.
pub fn copy_with(data: &Path, bytes: &[u8]) -> Option<std::path::PathBuf> {
    copies(data).into_iter().find(|copy| std::fs::read(copy).unwrap() == bytes)
}

#[test]
fn a_copy_of_a_delta_that_this_process_did_not_put_there_is_neither_overwritten_nor_removed() {
    let first = issuer().sign(&since(14, 20, 10));
    let foreign = issuer().sign(&since(16, 25, 40).revoke(&SERIAL, LIFTED_ON, Some(1)));
    for (what, in_place, aside) in [
        ("in its place", Some(&foreign[..]), None),
        ("in the place it would be set aside to", None, Some(&foreign[..])),
        ("beside what is no list", Some(&b"no list"[..]), Some(&foreign[..])),
    ] {
        let data = tempfile::tempdir().unwrap();
        let store = store_in(data.path());
        store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
        store.offer(&delta_source(), first.clone(), noon()).unwrap();
        let copy = copy_with(data.path(), &first).unwrap();
        if let Some(bytes) = in_place {
            std::fs::write(&copy, bytes).unwrap();
        }
        if let Some(bytes) = aside {
            let name = copy.file_name().unwrap().to_str().unwrap().replace(".crl", "-before-14.crl");
            std::fs::write(copy.with_file_name(name), bytes).unwrap();
        }
        for (number, continued) in [(21, 15), (22, 15), (23, 15)] {
            let next = issuer().sign(&since(continued, number, number));
            store.offer(&delta_source(), next.clone(), noon()).unwrap();
            assert!(copy_with(data.path(), &next).is_some(), "{what}, {number}");
            assert!(copy_with(data.path(), &foreign).is_some(), "{what}, {number}");
            assert!(in_place.is_some() || copy_with(data.path(), &first).is_some(), "{what}, {number}");
        }
        assert_eq!(word_in(&store_in(data.path())), "revoked", "{what}");
    }
}

#[test]
fn a_delta_that_could_not_be_stored_when_it_came_is_stored_beside_the_one_that_stays() {
    let data = tempfile::tempdir().unwrap();
    let (folder, away) = (data.path().join("revocation"), data.path().join("away"));
    let store = store_in(data.path());
    store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
    let revoking = issuer().sign(&since(14, 20, 10).revoke(&SERIAL, LIFTED_ON, Some(1)));
    store.offer(&delta_source(), revoking.clone(), noon()).unwrap();
    std::fs::rename(&folder, &away).unwrap();
    let next = issuer().sign(&since(15, 21, 20));
    assert_eq!(store.offer(&delta_source(), next.clone(), noon()).unwrap(), Offer::Installed);
    std::fs::rename(&away, &folder).unwrap();
    assert_eq!(store.offer(&delta_source(), next.clone(), noon()).unwrap(), Offer::Same);
    for list in [&revoking, &next] {
        assert!(copy_with(data.path(), list).is_some());
    }
    assert_eq!((word_in(&store), word_in(&store_in(data.path()))), ("revoked", "revoked"));
}

#[test]
fn what_is_stored_of_a_delta_stays_until_what_came_after_it_is_stored_too() {
    let data = tempfile::tempdir().unwrap();
    let (folder, away) = (data.path().join("revocation"), data.path().join("away"));
    let store = store_in(data.path());
    store.offer(&full_source(), issuer().sign(&base()), noon()).unwrap();
    let naming = |number| issuer().sign(&since(14, number, number).revoke(&SERIAL, LIFTED_ON, Some(1)));
    let (first, second) = (naming(20), naming(21));
    store.offer(&delta_source(), first.clone(), noon()).unwrap();
    // The second says what the first says, and is in memory alone.
    std::fs::rename(&folder, &away).unwrap();
    store.offer(&delta_source(), second.clone(), noon()).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    for number in [22, 23] {
        store.offer(&delta_source(), issuer().sign(&since(15, number, number)), noon()).unwrap();
        let copies = [&first, &second].map(|list| copy_with(data.path(), list).is_some());
        assert_eq!(copies, [false, true], "{number}: the second was stored before the first went");
    }
    assert_eq!((word_in(&store), word_in(&store_in(data.path()))), ("revoked", "revoked"));
}
