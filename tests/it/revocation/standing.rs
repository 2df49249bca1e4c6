//! What proves a revocation stands, whatever else is at hand: what is silent, is not believed, has lapsed or comes later
//! takes nothing away.

use std::sync::{Arc, OnceLock};

use rastau::clock::Time;
use rastau::crypto::{HashAlgorithm, SignatureAlgorithm};
use rastau::revocation::{Accepts, Asked, Offer, RevocationList, Snapshot, Source, Status, Store, StoreOptions, When};
use rastau::x509::Certificate;
use rastau_mint::der;
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;

use super::{Issuer, SERIAL, time, word};

/// The moment asked about, which may be what the present is taken for.
pub const AT: &str = "2026-08-20T00:00:00Z";
/// What the clock shows.
pub const NOW: &str = "2026-09-05T00:00:00Z";
pub const NEXT: &str = "2027-01-01T00:00:00Z";
pub const HOLD: u8 = 6;
pub const REMOVE: u8 = 8;
pub const COMPROMISE: u8 = 1;
const SUPERSEDED: u8 = 4;

const LABEL: &str = "one key, two hashes";

/// One key, two hashes: what is signed with SHA-256 is not accepted.
pub fn key(hash: Hash) -> Key {
    Key::rsa_with(2048, hash, LABEL)
}

/// Whose lists these are.
pub fn issuer() -> &'static Issuer {
    static ISSUER: OnceLock<Issuer> = OnceLock::new();
    ISSUER.get_or_init(|| Issuer::new("standing", key(Hash::Sha384)))
}

/// The certificate asked about.
pub fn leaf() -> &'static Certificate {
    static LEAF: OnceLock<Certificate> = OnceLock::new();
    LEAF.get_or_init(|| issuer().leaf())
}

pub struct Sha384Alone;

impl Accepts for Sha384Alone {
    fn signature(&self, algorithm: SignatureAlgorithm) -> bool {
        algorithm.hash() == Some(HashAlgorithm::Sha384)
    }

    fn authority(&self, _: &Certificate) -> bool {
        true
    }
}

/// The list, signed with the algorithm that is accepted.
pub fn strong(list: &ListBuilder) -> Arc<RevocationList> {
    issuer().verified(list)
}

/// The list, signed with the same key and the algorithm that is not.
pub fn weak(list: &ListBuilder) -> Arc<RevocationList> {
    Arc::new(super::verify(list.sign(&key(Hash::Sha256)), &issuer().certificate).unwrap())
}

/// What these lists come to at the moment, where that is the present.
pub fn then(lists: &[Arc<RevocationList>]) -> Status {
    put_together(lists, time(AT))
}

/// What these lists come to at the moment, where the present is what the clock shows.
pub fn now(lists: &[Arc<RevocationList>]) -> Status {
    put_together(lists, time(NOW))
}

fn put_together(lists: &[Arc<RevocationList>], present: Time) -> Status {
    ask(&Snapshot::assemble_for(lists.iter().cloned(), present, time(NOW)), leaf(), present)
}

/// What lists say about a certificate at the moment.
pub fn ask(snapshot: &Snapshot, certificate: &Certificate, present: Time) -> Status {
    let asked = Asked { certificate, above: &[], anchor: &issuer().certificate };
    snapshot.status_under(&asked, When { at: time(AT), present, now: time(NOW) }, &Sha384Alone)
}

/// A full list, number 14.
pub fn full() -> ListBuilder {
    issuer().list().number(14).updates("2026-08-01T00:00:00Z", NEXT)
}

/// A delta that continues it.
pub fn delta(number: u64, this: &str) -> ListBuilder {
    issuer().list().number(number).delta_to(14).updates(this, NEXT)
}

/// A delta that needs a later full list.
pub fn ahead(number: u64, base: u64, this: &str) -> ListBuilder {
    delta(number, this).delta_to(base)
}

pub fn named(list: ListBuilder, date: &str, reason: u8) -> ListBuilder {
    list.revoke(&SERIAL, date, Some(reason))
}

pub fn in_august(day: u8) -> String {
    format!("2026-08-{day:02}T00:00:00Z")
}

/// In whichever order they come.
pub fn every_order(lists: &[Arc<RevocationList>], answer: impl Fn(&[Arc<RevocationList>]) -> Status, wanted: &str) {
    let mut turned = lists.to_vec();
    for _ in lists {
        turned.rotate_left(1);
        assert_eq!(word(&answer(&turned)), wanted);
        let reversed: Vec<_> = turned.iter().rev().cloned().collect();
        assert_eq!(word(&answer(&reversed)), wanted);
    }
}

#[test]
fn a_delta_that_is_not_accepted_takes_the_place_of_none_that_revokes() {
    let (first, second) = (in_august(10), in_august(12));
    for reason in [COMPROMISE, HOLD] {
        let revoking = strong(&named(delta(15, &first), &in_august(9), reason));
        let silent = delta(16, &second);
        every_order(&[strong(&full()), revoking.clone(), weak(&silent)], now, "revoked");
        // The authority's own later word is another matter: the hold is over.
        every_order(&[strong(&full()), revoking, strong(&silent)], now, "good");
    }
    // Nor does it hide what is ahead of the full list.
    let revoking = strong(&named(ahead(15, 15, &first), &in_august(9), COMPROMISE));
    every_order(&[strong(&full()), revoking, weak(&delta(16, &second))], now, "revoked");
    // The one before it counts in full: it carries the lapsed full list on, and lifts a hold.
    let lapsed = full().updates("2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z");
    let both = [strong(&lapsed), strong(&delta(15, &first)), weak(&delta(16, &second))];
    every_order(&both, now, "good");
    let held = named(full(), "2026-07-30T00:00:00Z", HOLD);
    let lifting = named(delta(15, &first), &in_august(9), REMOVE);
    every_order(&[strong(&held), strong(&lifting), weak(&delta(16, &second))], now, "good");
}

#[test]
fn a_delta_from_after_the_present_takes_the_place_of_none_from_before() {
    let held = named(delta(15, &in_august(10)), &in_august(9), HOLD);
    for later in [delta(16, &in_august(25)), named(delta(16, &in_august(25)), &in_august(24), REMOVE)] {
        every_order(&[strong(&full()), strong(&held), strong(&later)], then, "revoked");
    }
    // Nor does one that has lapsed since.
    let lapsed = delta(16, &in_august(12)).updates(&in_august(12), &in_august(13));
    every_order(&[strong(&full()), strong(&held), strong(&lapsed)], then, "revoked");
}

#[test]
fn a_delta_that_is_not_accepted_lifts_no_hold_in_a_delta() {
    let held = named(ahead(21, 15, &in_august(10)), &in_august(9), HOLD);
    let lifting = named(ahead(22, 16, &in_august(12)), &in_august(11), REMOVE);
    for (lists, wanted) in [(vec![strong(&full())], "good"), (Vec::new(), "unsupported")] {
        let with = |lifting| [lists.clone(), vec![strong(&held), lifting]].concat();
        every_order(&with(strong(&lifting)), now, wanted);
        every_order(&with(weak(&lifting)), now, "revoked");
        let later = lifting.clone().updates(&in_august(25), NEXT);
        every_order(&with(strong(&later)), then, "revoked");
    }
}

#[test]
fn what_has_effect_on_the_moment_counts_before_what_has_none() {
    let later = |list| named(list, "2026-09-01T00:00:00Z", SUPERSEDED);
    let compromise = |list| named(list, &in_august(15), COMPROMISE);
    let of_september = "2026-09-02T00:00:00Z";
    for (what, full, delta) in [
        (
            "a hold, and later superseded",
            named(full(), "2026-07-30T00:00:00Z", HOLD),
            later(ahead(21, 15, of_september)),
        ),
        ("superseded later, and a compromise before", later(full()), compromise(ahead(21, 15, of_september))),
        ("a compromise that reaches back", named(full(), &in_august(25), COMPROMISE), later(delta(15, of_september))),
    ] {
        for delta in [strong(&delta), weak(&delta)] {
            let status = now(&[strong(&full), delta]);
            assert_eq!(word(&status).replace(" later", ""), "revoked", "{what}");
            let Status::Revoked { revoked, .. } = status else { panic!("{what}") };
            assert!(revoked.has_effect(time(AT)), "{what}: {revoked:?}");
        }
    }
}

#[test]
fn a_final_revocation_counts_before_a_hold_wherever_either_stands() {
    let users = |list: ListBuilder| list.issuing_distribution_point(&[der::implicit(1, &[0xff])]);
    let held = |list| named(list, &in_august(9), HOLD);
    let revoked = |list| named(list, "2026-07-30T00:00:00Z", COMPROMISE);
    let lapsed = |list: ListBuilder| list.updates("2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z");
    for (what, lists) in [
        ("a lone delta holds", vec![held(users(delta(15, &in_august(10)))), revoked(full())]),
        ("a list of another scope holds", vec![held(users(full()).updates(&in_august(10), NEXT)), revoked(full())]),
        ("the final one has lapsed", vec![held(users(full())), revoked(lapsed(full()))]),
        ("a delta that continues it holds", vec![held(delta(15, &in_august(10))), revoked(full())]),
        ("a delta ahead of it holds", vec![held(ahead(21, 16, &in_august(10))), revoked(full())]),
        (
            "of deltas ahead the newer holds",
            vec![full(), revoked(ahead(21, 16, &in_august(10))), held(ahead(22, 17, &in_august(11)))],
        ),
    ] {
        for sign in [strong, weak] {
            let status = now(&lists.iter().map(sign).collect::<Vec<_>>());
            let Status::Revoked { revoked, .. } = status else { panic!("{what}") };
            assert!(!revoked.is_hold(), "{what}");
        }
    }
}

#[test]
fn of_two_holds_the_later_word_is_named() {
    let users = |list: ListBuilder| list.issuing_distribution_point(&[der::implicit(1, &[0xff])]);
    let held = |list| named(list, "2026-07-30T00:00:00Z", HOLD);
    let later = users(full()).updates(&in_august(10), &in_august(11));
    let lists = [strong(&held(full())), strong(&held(later))];
    for lists in [lists.clone(), [lists[1].clone(), lists[0].clone()]] {
        let Status::Revoked { basis, .. } = now(&lists) else { panic!() };
        assert_eq!(basis.list.this_update(), time(&in_august(10)));
    }
}

#[test]
fn a_full_list_that_is_not_accepted_takes_the_place_of_none_that_is() {
    let newer = full().number(15).updates(&in_august(10), NEXT);
    for (reason, wanted) in [(HOLD, "revoked"), (COMPROMISE, "revoked")] {
        let older = strong(&named(full(), "2026-07-30T00:00:00Z", reason));
        every_order(&[older.clone(), weak(&newer)], now, wanted);
        every_order(&[older, strong(&newer)], now, "good");
    }
    // And the accepted one still clears.
    every_order(&[strong(&full()), weak(&newer)], now, "good");
    every_order(&[weak(&full()), strong(&newer)], now, "good");
    every_order(&[weak(&named(full(), "2026-07-30T00:00:00Z", HOLD)), strong(&newer)], now, "good");
    // One that comes with a document neither.
    let revoking = named(full(), "2026-07-30T00:00:00Z", COMPROMISE);
    let of = |list| Snapshot::assemble([list], time(NOW));
    let beside = of(strong(&revoking)).beside_brought(&of(weak(&newer)), time(NOW));
    let asked = Asked { certificate: leaf(), above: &[], anchor: &issuer().certificate };
    let when = When::new(time(AT), time(NOW));
    assert_eq!(word(&beside.status_under(&asked, when, &Sha384Alone)), "revoked");
    let beside = of(weak(&newer)).beside_brought(&of(strong(&revoking)), time(NOW));
    assert_eq!(word(&beside.status_under(&asked, when, &Sha384Alone)), "revoked");
}

#[test]
fn what_a_delta_revokes_is_not_undone_by_a_full_list_that_cannot_speak() {
    let revoking = strong(&named(delta(15, &in_august(10)), &in_august(9), COMPROMISE));
    let newer = full().number(20).updates(&in_august(12), NEXT);
    every_order(&[revoking.clone(), strong(&newer)], now, "good");
    every_order(&[revoking.clone(), weak(&newer)], now, "revoked");
    every_order(&[revoking, strong(&newer.updates(&in_august(25), NEXT))], then, "revoked");
}

#[test]
fn two_full_lists_of_one_number_and_date_both_count() {
    let revoking = strong(&named(full(), "2026-07-30T00:00:00Z", COMPROMISE));
    every_order(&[revoking, strong(&full())], now, "revoked");
    let revoking = strong(&named(delta(15, &in_august(10)), "2026-07-30T00:00:00Z", COMPROMISE));
    every_order(&[strong(&full()), revoking, strong(&delta(15, &in_august(10)))], now, "revoked");
}

#[test]
fn however_many_deltas_are_there_the_one_that_revokes_is_heard() {
    let mut lists = vec![strong(&full()), strong(&named(ahead(20, 16, &in_august(10)), &in_august(9), COMPROMISE))];
    lists.extend((0..130).map(|more| strong(&ahead(21 + more, 17, &in_august(11)))));
    every_order(&lists[..1].iter().chain(&lists[1..]).cloned().collect::<Vec<_>>(), now, "revoked");
    assert_eq!(word(&now(&lists[1..])), "revoked", "without the full list");
}

fn asked_about(certificate: &Certificate, lists: &[Arc<RevocationList>], at: &str) -> Status {
    let (at, now) = (time(at), time(NOW));
    let snapshot = Snapshot::assemble(lists.iter().cloned(), now);
    let asked = Asked { certificate, above: &[], anchor: &issuer().certificate };
    snapshot.status_under(&asked, When::new(at, now), &Sha384Alone)
}

#[test]
fn the_store_drops_no_list_for_one_of_another_algorithm() {
    let asked = Asked { certificate: leaf(), above: &[], anchor: &issuer().certificate };
    let (full_source, deltas) =
        (Source::urls(&["http://crl.invalid/full"]), Source::urls(&["http://crl.invalid/delta"]));
    let (full_source, deltas) = (full_source.unwrap(), deltas.unwrap().of_deltas(true));
    let sign = |list: &ListBuilder, hash| list.sign(&key(hash));
    let revoking = |list| named(list, "2026-07-30T00:00:00Z", COMPROMISE);
    let newer = full().number(15).updates(&in_august(12), NEXT);
    for (what, offers) in [
        (
            "full lists",
            vec![(&full_source, sign(&revoking(full()), Hash::Sha384)), (&full_source, sign(&newer, Hash::Sha256))],
        ),
        (
            "deltas",
            vec![
                (&full_source, sign(&full(), Hash::Sha384)),
                (&deltas, sign(&revoking(delta(15, &in_august(10))), Hash::Sha384)),
                (&deltas, sign(&delta(16, &in_august(12)), Hash::Sha256)),
            ],
        ),
    ] {
        let data = tempfile::tempdir().unwrap();
        let options = || StoreOptions::new([issuer().certificate.clone()]).with_data(data.path()).unwrap();
        let load = || Store::load(vec![full_source.clone(), deltas.clone()], options(), time(NOW));
        let status = |store: &Store| {
            let when = When::new(time(AT), time(NOW));
            word(&store.snapshot().status_under(&asked, when, &Sha384Alone))
        };
        let store = load();
        for (source, list) in &offers {
            assert_eq!(store.offer(source, list.clone(), time(NOW)).unwrap(), Offer::Installed, "{what}");
        }
        assert_eq!(status(&store), "revoked", "{what}");
        drop(store);
        assert_eq!(status(&load()), "revoked", "{what}, after a restart");
    }
}

#[test]
fn what_comes_after_the_expiry_undoes_nothing_from_before_it() {
    let expiring = issuer().leaf_with(|builder| builder.valid("2025-08-15T00:00:00Z", &in_august(15)));
    let at = in_august(12);
    let revoking = |list| named(list, &in_august(9), COMPROMISE);
    let after = delta(16, &in_august(20));
    let ask = |lists: &[Arc<RevocationList>]| asked_about(&expiring, lists, &at);
    for later in [after.clone(), named(after.clone(), &in_august(15), REMOVE)] {
        let lists = [strong(&full()), strong(&revoking(delta(15, &in_august(10)))), strong(&later)];
        every_order(&lists, ask, "revoked");
        // The full list tells about the moment by itself, and the later delta takes nothing from it.
        every_order(&[strong(&full()), strong(&later)], ask, "good");
    }
    let next = full().number(16).updates(&in_august(20), NEXT);
    every_order(&[strong(&revoking(full())), strong(&next)], ask, "revoked");
    every_order(&[strong(&next), strong(&revoking(delta(15, &in_august(10))))], ask, "revoked");
    assert_eq!(word(&ask(&[strong(&next)])), "good, after expiry");
}

#[test]
fn what_a_full_list_keeps_its_delta_need_not() {
    let expiring = issuer().leaf_with(|builder| builder.valid("2025-08-15T00:00:00Z", &in_august(15)));
    let ask = |lists: &[Arc<RevocationList>]| asked_about(&expiring, lists, &in_august(12));
    let keeping = |list: ListBuilder, since: &str| list.with(Extension::new("2.5.29.60", der::generalized_time(since)));
    let lapsed = keeping(full(), "20260101000000Z").updates(&in_august(1), &in_august(11));
    let after = delta(16, &in_august(20));
    every_order(&[strong(&lapsed), strong(&after)], ask, "stale");
    every_order(&[strong(&lapsed), strong(&keeping(after.clone(), "20260901000000Z"))], ask, "stale");
    every_order(&[strong(&lapsed), strong(&keeping(after, "20260101000000Z"))], ask, "good");
}

#[test]
fn a_hold_that_is_over_since_was_in_force_at_the_moment() {
    let held = |list| named(list, &in_august(9), HOLD);
    let since = delta(16, &in_august(25));
    for later in [since.clone(), named(since.clone(), &in_august(24), REMOVE)] {
        every_order(&[strong(&full()), strong(&held(delta(15, &in_august(10)))), strong(&later)], now, "revoked");
        // It began after the moment.
        let began_later = named(delta(15, &in_august(22)), &in_august(21), HOLD);
        every_order(&[strong(&full()), strong(&began_later), strong(&later)], now, "good");
        // It was over by then.
        let over = delta(16, &in_august(12));
        let lists = [held(delta(15, &in_august(10))), over, later.number(17)].map(|list| strong(&list));
        every_order(&[&[strong(&full())][..], &lists].concat(), now, "good");
    }
    let next = full().number(16);
    let held = strong(&held(full()));
    every_order(&[held.clone(), strong(&next.clone().updates(&in_august(25), NEXT))], now, "revoked");
    every_order(&[held, strong(&next.updates(&in_august(12), NEXT))], now, "good");
}

#[test]
fn of_two_holds_the_earlier_beginning_is_named() {
    let users = |list: ListBuilder| list.issuing_distribution_point(&[der::implicit(1, &[0xff])]);
    let first = |list| named(list, "2026-07-30T00:00:00Z", HOLD);
    let second = |list| named(list, &in_august(25), HOLD);
    let day = in_august(26);
    for (what, lists) in [
        ("of two scopes", [first(full()), second(users(full()).updates(&day, NEXT))]),
        ("in the delta in use", [first(full()), second(delta(15, &day))]),
        ("in a delta ahead", [first(full()), second(ahead(21, 16, &day))]),
        ("in deltas alone", [first(ahead(20, 16, &in_august(10))), second(ahead(21, 17, &day))]),
    ] {
        let mut lists = lists.map(|list| strong(&list));
        for _ in 0..2 {
            lists.reverse();
            let Status::Revoked { revoked, basis, .. } = now(&lists) else { panic!("{what}") };
            assert_eq!(revoked.date, time("2026-07-30T00:00:00Z"), "{what}");
            let word = basis.delta.as_ref().unwrap_or(&basis.list);
            assert!(what == "in deltas alone" || word.this_update() == time(&day), "{what}");
        }
    }
}
