//! Delta lists: which one continues a full list, what the two say together, and what happens when it does not.

use std::slice::from_ref;
use std::sync::Arc;

use rastau::revocation::{DeltaProblem, ParsedList, Reason, RevocationList, Snapshot, Source, Status, Unusable};
use rastau_mint::der;
use rastau_mint::extension::{self, Extension};
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;

use super::{Issuer, REVOKED_ON, SERIAL, issuer, noon, status, time, word};

pub const HELD_ON: &str = "2026-08-10T00:00:00Z";
pub const LIFTED_ON: &str = "2026-08-19T12:00:00Z";
pub const HOLD: Option<u8> = Some(6);
pub const REMOVE: Option<u8> = Some(8);
/// Of the full list.
pub const BASE_THIS: &str = "2026-08-19T20:00:00Z";
pub const BASE_NEXT: &str = "2026-08-20T23:00:00Z";
/// Of the delta.
const DELTA_THIS: &str = "2026-08-20T10:00:00Z";
const DELTA_NEXT: &str = "2026-08-20T17:30:00Z";

/// The full list, number 14, as often as the National CA issues them.
pub fn base() -> ListBuilder {
    issuer().list().number(14).updates(BASE_THIS, BASE_NEXT)
}

/// A delta to it, number 20.
pub fn delta() -> ListBuilder {
    issuer().list().number(20).delta_to(14).updates(DELTA_THIS, DELTA_NEXT)
}

fn verified(list: &ListBuilder) -> Arc<RevocationList> {
    issuer().verified(list)
}

/// The answer about the leaf, whichever list comes first.
fn answer(base: &ListBuilder, delta: &ListBuilder, at: &str) -> Status {
    let (base, delta) = (verified(base), verified(delta));
    let first = status(&[base.clone(), delta.clone()], &issuer().leaf(), time(at));
    let second = status(&[delta, base], &issuer().leaf(), time(at));
    assert_eq!(word(&first), word(&second), "the order of the lists counts");
    first
}

fn now_answer(base: &ListBuilder, delta: &ListBuilder) -> &'static str {
    word(&answer(base, delta, "2026-08-20T12:00:00Z"))
}

/// Why the delta was left out of a good answer, if it was.
fn left_out(status: &Status) -> Option<DeltaProblem> {
    match status {
        Status::Good { basis, .. } | Status::Revoked { basis, .. } => {
            assert!(basis.left_out.is_none() || basis.delta.is_none());
            basis.left_out.as_ref().map(|left| left.why.clone())
        }
        Status::Unknown { cause } => panic!("{cause:?}"),
    }
}

#[test]
fn a_delta_revokes_what_the_full_list_does_not_name() {
    let status = answer(&base(), &delta().revoke(&SERIAL, LIFTED_ON, Some(4)), "2026-08-20T12:00:00Z");
    let Status::Revoked { basis, revoked, stale: false, after_at: false } = status else { panic!("{status:?}") };
    assert_eq!((revoked.date, revoked.reason), (time(LIFTED_ON), Some(Reason::Superseded)));
    assert_eq!(basis.list.number().and_then(|number| number.as_u64()), Some(14));
    assert_eq!(basis.delta.and_then(|delta| delta.number()).and_then(|number| number.as_u64()), Some(20));
}

#[test]
fn good_names_the_full_list_and_the_delta() {
    let Status::Good { basis, beside, after_expiry: false } = answer(&base(), &delta(), "2026-08-20T12:00:00Z") else {
        panic!("not good");
    };
    assert_eq!(basis.list.this_update(), time(BASE_THIS));
    assert_eq!(basis.delta.map(|delta| delta.this_update()), Some(time(DELTA_THIS)));
    assert!(beside.is_empty() && basis.left_out.is_none());
}

#[test]
fn remove_from_crl_lifts_a_hold_and_nothing_else() {
    let removing = delta().revoke(&SERIAL, LIFTED_ON, REMOVE);
    for (reason, wanted) in [
        (HOLD, "good"),
        (None, "revoked"),
        (Some(0), "revoked"),
        (Some(1), "revoked"),
        (Some(3), "revoked"),
        (Some(4), "revoked"),
        (Some(7), "revoked"),
        (Some(8), "revoked"),
        (Some(9), "revoked"),
    ] {
        assert_eq!(now_answer(&base().revoke(&SERIAL, HELD_ON, reason), &removing), wanted, "{reason:?}");
    }
    // Held and lifted since the full list: there is nothing to lift.
    assert_eq!(now_answer(&base(), &removing), "good");
    assert_eq!(now_answer(&base().revoke(&[9], HELD_ON, HOLD), &delta().revoke(&[9], LIFTED_ON, REMOVE)), "good");
    assert_eq!(now_answer(&base().revoke(&SERIAL, HELD_ON, HOLD), &delta().revoke(&[9], LIFTED_ON, REMOVE)), "revoked");
}

#[test]
fn a_hold_that_a_delta_turns_into_a_revocation_stays() {
    let held = base().revoke(&SERIAL, HELD_ON, HOLD);
    let status = answer(&held, &delta().revoke(&SERIAL, LIFTED_ON, Some(4)), "2026-08-20T12:00:00Z");
    let Status::Revoked { revoked, .. } = status else { panic!("{status:?}") };
    assert_eq!(revoked.reason, Some(Reason::Superseded));
    // Between the two dates it was held.
    let status = answer(&held, &delta().revoke(&SERIAL, LIFTED_ON, Some(4)), "2026-08-15T00:00:00Z");
    let Status::Revoked { revoked, after_at: false, .. } = status else { panic!("{status:?}") };
    assert_eq!(revoked.reason, Some(Reason::CertificateHold));
}

#[test]
fn a_delta_that_lifts_and_revokes_at_once_revokes() {
    let held = base().revoke(&SERIAL, HELD_ON, HOLD);
    let lifted_first = delta().revoke(&SERIAL, HELD_ON, REMOVE).revoke(&SERIAL, LIFTED_ON, Some(1));
    let revoked_first = delta().revoke(&SERIAL, LIFTED_ON, Some(1)).revoke(&SERIAL, HELD_ON, REMOVE);
    for delta in [lifted_first, revoked_first] {
        assert_eq!(now_answer(&held, &delta), "revoked");
    }
}

#[test]
fn a_lifted_hold_was_in_force_until_it_was_lifted() {
    let held = base().revoke(&SERIAL, HELD_ON, HOLD);
    let removing = delta().revoke(&SERIAL, LIFTED_ON, REMOVE);
    for (at, wanted) in [
        // Before the hold: it has come and gone.
        ("2026-08-09T23:59:59Z", "good"),
        // On hold then; nothing proves when it ended, save that it had before the delta.
        (HELD_ON, "revoked"),
        ("2026-08-15T00:00:00Z", "revoked"),
        ("2026-08-19T21:00:00Z", "revoked"),
        ("2026-08-20T09:54:59Z", "revoked"),
        // The authority's clock may be ahead of ours.
        ("2026-08-20T09:55:00Z", "good"),
        (DELTA_THIS, "good"),
        ("2026-08-20T12:00:00Z", "good"),
    ] {
        assert_eq!(word(&answer(&held, &removing, at)), wanted, "{at}");
    }
}

#[test]
fn a_revocation_in_a_delta_has_the_same_effect_on_a_moment_as_one_in_a_full_list() {
    for (at, wanted) in [("2026-06-02T09:14:59Z", "revoked later"), (REVOKED_ON, "revoked")] {
        assert_eq!(word(&answer(&base(), &delta().revoke(&SERIAL, REVOKED_ON, Some(4)), at)), wanted, "{at}");
    }
}

#[test]
fn a_certificate_removed_because_it_has_expired_is_not_taken_for_lifted() {
    let expired = issuer().leaf_with(|builder| builder.valid("2025-08-20T00:00:00Z", "2026-08-20T00:00:00Z"));
    let lists =
        [verified(&base().revoke(&SERIAL, HELD_ON, HOLD)), verified(&delta().revoke(&SERIAL, LIFTED_ON, REMOVE))];
    assert_eq!(word(&status(&lists, &expired, noon())), "revoked");
}

#[test]
fn a_delta_that_does_not_continue_the_full_list_leaves_it_in_force_and_is_named() {
    let held = || base().revoke(&SERIAL, HELD_ON, HOLD);
    let removing = || delta().revoke(&SERIAL, LIFTED_ON, REMOVE);
    let point = |builder: ListBuilder| builder.issuing_distribution_point(&[der::implicit(1, &[0xff])]);
    let unnumbered = |builder: ListBuilder| builder.without(extension::LIST_NUMBER);
    let table = [
        ("number equal to the full list's", held(), removing().number(14), DeltaProblem::NotAbove),
        ("lower number", held(), removing().number(10), DeltaProblem::NotAbove),
        ("no number", held(), unnumbered(removing()), DeltaProblem::Unusable(Unusable::DeltaWithoutNumber)),
        (
            "no base number: marked by a critical freshest list alone",
            held(),
            removing()
                .without(extension::DELTA_INDICATOR)
                .with(Extension::freshest_list(&[&["http://crl.invalid/d.crl"]]).critical()),
            DeltaProblem::Unusable(Unusable::DeltaWithoutBase),
        ),
        ("not begun", held(), removing().updates("2026-08-20T12:05:01Z", BASE_NEXT), DeltaProblem::NotYetValid),
        ("lapsed", held(), removing().updates(DELTA_THIS, "2026-08-20T11:59:59Z"), DeltaProblem::Lapsed),
        ("without an end", held(), removing().without_next_update(), DeltaProblem::Lapsed),
        (
            "issued before the full list",
            held(),
            removing().updates("2026-08-19T19:59:59Z", DELTA_NEXT),
            DeltaProblem::Older,
        ),
        ("another scope", held(), point(removing()), DeltaProblem::Scope),
        ("a scope that the full list alone has", point(held()), removing(), DeltaProblem::Scope),
        ("a full list without a number", unnumbered(held()), removing(), DeltaProblem::BaseWithoutNumber),
        (
            "an unknown critical extension",
            held(),
            removing().with(Extension::new("1.2.3.4", der::null()).critical()),
            DeltaProblem::Unusable(Unusable::CriticalExtension("1.2.3.4".parse().unwrap())),
        ),
    ];
    for (what, base, delta, wanted) in table {
        let status = answer(&base, &delta, "2026-08-20T12:00:00Z");
        assert_eq!(word(&status), "revoked", "{what}");
        assert_eq!(left_out(&status), Some(wanted.clone()), "{what}");
        // And it revokes nobody by itself either, save one that has merely lapsed, whose full list is not there, or that is
        // later than the full list whatever its number, or without one.
        let clean = ListBuilder { entries: Vec::new(), ..base };
        let naming = ListBuilder { entries: Vec::new(), ..delta }.revoke(&SERIAL, LIFTED_ON, Some(1));
        let status = answer(&clean, &naming, "2026-08-20T12:00:00Z");
        let revokes = matches!(
            wanted,
            DeltaProblem::BaseWithoutNumber
                | DeltaProblem::Lapsed
                | DeltaProblem::NotAbove
                | DeltaProblem::Scope
                | DeltaProblem::Unusable(Unusable::DeltaWithoutBase | Unusable::DeltaWithoutNumber)
        );
        let named = if revokes { "revoked" } else { "good" };
        assert_eq!(word(&status), named, "{what}");
    }
    // One that is issued together with the full list and bears its number tells nothing else.
    let together = delta().number(14).updates(BASE_THIS, DELTA_NEXT).revoke(&SERIAL, LIFTED_ON, Some(1));
    assert_eq!(now_answer(&base(), &together), "good");
    let too_new = removing().delta_to(15);
    let status = answer(&held(), &too_new, "2026-08-20T12:00:00Z");
    assert_eq!(word(&status), "revoked");
    let why = left_out(&status).unwrap();
    assert!(matches!(why, DeltaProblem::BaseTooOld(number) if number.as_u64() == Some(15)), "{why}");
}

/// A delta as the profiles of 2026 mark it, by a critical freshestCRL alone.
pub fn unnumbered(this: &str) -> ListBuilder {
    let freshest = Extension::freshest_list(&[&["http://crl.invalid/d.crl"]]).critical();
    delta().without(extension::DELTA_INDICATOR).with(freshest).updates(this, DELTA_NEXT)
}

#[test]
fn a_delta_that_does_not_say_what_it_continues_revokes_and_does_nothing_else() {
    let (eight, nine, ten) = ("2026-08-20T08:00:00Z", "2026-08-20T09:00:00Z", "2026-08-20T10:00:00Z");
    let names = |list: ListBuilder, reason| list.revoke(&SERIAL, LIFTED_ON, reason);
    let held = base().revoke(&SERIAL, HELD_ON, HOLD);
    let critical = Extension::new("1.2.3.4", der::null()).critical();
    let odd_entry = rastau_mint::list::Entry {
        extensions: vec![critical.clone()],
        ..rastau_mint::list::Entry::new(&[9], LIFTED_ON, Some(1))
    };
    for (what, lists, wanted) in [
        ("it names", vec![base(), names(unnumbered(nine), Some(4))], "revoked"),
        ("it holds", vec![base(), names(unnumbered(nine), HOLD)], "revoked"),
        ("it is silent", vec![base(), unnumbered(nine)], "good"),
        ("it lifts", vec![held, names(unnumbered(nine), REMOVE)], "revoked"),
        ("from before the full list", vec![base(), names(unnumbered("2026-08-19T19:00:00Z"), Some(1))], "good"),
        ("a newer one is silent", vec![base(), names(unnumbered(nine), HOLD), unnumbered(ten)], "revoked"),
        ("a newer one lifts", vec![base(), names(unnumbered(nine), HOLD), names(unnumbered(ten), REMOVE)], "revoked"),
        ("a delta in use is newer", vec![base(), names(unnumbered(eight), HOLD), delta()], "good"),
        (
            "a delta in use is newer, and of lower number than what may be a full list's",
            vec![base(), names(unnumbered(eight).number(9999), HOLD), delta()],
            "good",
        ),
        (
            "another that is newer and of lower number lifts",
            vec![base(), names(unnumbered(eight).number(9999), HOLD), names(delta().delta_to(15), REMOVE)],
            "good",
        ),
        (
            "it is newer than the delta in use",
            vec![base(), delta(), names(unnumbered("2026-08-20T11:00:00Z"), HOLD)],
            "revoked",
        ),
        (
            "without a number either",
            vec![base(), names(unnumbered(nine).without(extension::LIST_NUMBER), None)],
            "revoked",
        ),
        ("alone", vec![names(unnumbered(nine), Some(1))], "revoked"),
        ("alone, and a newer one is silent", vec![names(unnumbered(nine), HOLD), unnumbered(ten)], "revoked"),
        ("alone and silent", vec![unnumbered(nine)], "unsupported"),
        ("another fault", vec![base(), names(unnumbered(nine).with(critical), Some(1))], "good"),
        ("another fault of an entry", vec![base(), names(unnumbered(nine).entry(odd_entry), Some(1))], "good"),
    ] {
        let mut lists: Vec<_> = lists.iter().map(verified).collect();
        for _ in 0..lists.len() {
            lists.rotate_left(1);
            assert_eq!(word(&status(&lists, &issuer().leaf(), noon())), wanted, "{what}");
        }
    }
}

#[test]
fn of_two_deltas_ahead_of_the_full_list_the_later_revokes_whichever_comes_first() {
    let lifting = verified(&delta().delta_to(16).number(21).revoke(&SERIAL, LIFTED_ON, REMOVE));
    let revoking = verified(&delta().delta_to(15).number(22).revoke(&SERIAL, LIFTED_ON, Some(1)));
    let full = verified(&base());
    let noon = time("2026-08-20T12:00:00Z");
    for lists in [[&full, &lifting, &revoking], [&full, &revoking, &lifting], [&revoking, &lifting, &full]] {
        assert_eq!(word(&status(&lists.map(Arc::clone), &issuer().leaf(), noon)), "revoked");
    }
}

#[test]
fn of_several_deltas_ahead_of_the_full_list_the_newest_that_names_the_certificate_decides() {
    let ahead = |number, base| delta().number(number).delta_to(base);
    let (older, newer) = (ahead(21, 15), ahead(22, 16));
    let names = |list: &ListBuilder, reason: u8| list.clone().revoke(&SERIAL, LIFTED_ON, Some(reason));
    let table = [
        ("only the older names it", names(&older, 1), newer.clone(), "revoked"),
        ("only the newer names it", older.clone(), names(&newer, 1), "revoked"),
        ("the newer lifts the hold of the older", names(&older, 6), names(&newer, 8), "good"),
        ("the newer lifts what is no hold", names(&older, 1), names(&newer, 8), "revoked"),
        ("the newer holds what the older lifted", names(&older, 8), names(&newer, 6), "revoked"),
        ("neither names it", older.clone(), newer.clone(), "good"),
    ];
    let full = verified(&base());
    for (what, older, newer, wanted) in table {
        let (older, newer) = (verified(&older), verified(&newer));
        for lists in [[&full, &older, &newer], [&newer, &full, &older], [&newer, &older, &full]] {
            let status = status(&lists.map(Arc::clone), &issuer().leaf(), time("2026-08-20T12:00:00Z"));
            assert_eq!(word(&status), wanted, "{what}");
        }
    }
    // The one that decided is named, and a final reason in any of them comes before a hold of the full list.
    let lists = [base().revoke(&SERIAL, HELD_ON, HOLD), names(&older, 4), newer].map(|list| verified(&list));
    let Status::Revoked { basis, revoked, .. } = status(&lists, &issuer().leaf(), noon()) else {
        panic!("not revoked")
    };
    assert_eq!(revoked.reason, Some(Reason::Superseded));
    assert_eq!(basis.delta.and_then(|delta| delta.number()).and_then(|number| number.as_u64()), Some(21));
}

#[test]
fn a_hold_between_two_deltas_ahead_was_in_force_until_the_second() {
    let held = delta().number(21).delta_to(15).updates("2026-08-20T08:00:00Z", DELTA_NEXT);
    let held = held.revoke(&SERIAL, "2026-08-20T07:00:00Z", HOLD);
    let lifting = delta().number(22).delta_to(16).revoke(&SERIAL, "2026-08-20T09:00:00Z", REMOVE);
    let lists = [base(), held, lifting].map(|list| verified(&list));
    for (at, wanted) in [("2026-08-20T08:30:00Z", "revoked"), ("2026-08-20T12:00:00Z", "good")] {
        assert_eq!(word(&status(&lists, &issuer().leaf(), time(at))), wanted, "{at}");
    }
}

#[test]
fn a_delta_ahead_that_the_one_in_use_came_after_decides_nothing() {
    // What it held was lifted before the one in use, which continues the full list.
    let held = verified(&delta().number(19).delta_to(15).revoke(&SERIAL, LIFTED_ON, HOLD));
    let lists = [verified(&base()), held, verified(&delta())];
    assert_eq!(word(&status(&lists, &issuer().leaf(), noon())), "good");
}

#[test]
fn a_delta_without_any_full_list_revokes_whom_it_names_and_proves_nobody_good() {
    let noon = time("2026-08-20T12:00:00Z");
    let answer = |lists: &[&ListBuilder]| {
        let lists: Vec<_> = lists.iter().map(|list| verified(list)).collect();
        status(&lists, &issuer().leaf(), noon)
    };
    for (what, reason, wanted) in [
        ("a compromise", Some(1), "revoked"),
        ("no reason", None, "revoked"),
        ("a hold", HOLD, "revoked"),
        ("taken off the list", REMOVE, "unsupported"),
    ] {
        assert_eq!(word(&answer(&[&delta().revoke(&SERIAL, LIFTED_ON, reason)])), wanted, "{what}");
    }
    assert_eq!(word(&answer(&[&delta().revoke(&[9], LIFTED_ON, Some(1))])), "unsupported", "another's");
    let Status::Revoked { basis, .. } = answer(&[&delta().revoke(&SERIAL, LIFTED_ON, Some(1))]) else { panic!() };
    assert!(basis.list.is_delta() && basis.delta.is_none() && basis.left_out.is_none());
    let lapsed = delta().updates(DELTA_THIS, "2026-08-20T11:00:00Z").revoke(&SERIAL, LIFTED_ON, Some(1));
    assert_eq!(word(&answer(&[&lapsed])), "revoked, stale");
    let ahead = delta().updates("2026-08-20T12:06:00Z", DELTA_NEXT).revoke(&SERIAL, LIFTED_ON, Some(1));
    assert_eq!(word(&answer(&[&ahead])), "unsupported", "dated ahead of the clock");
    let late = delta().revoke(&SERIAL, "2026-08-20T12:30:00Z", Some(4));
    assert_eq!(word(&answer(&[&late])), "unsupported", "revoked later in good order is no silence to rest on");
    let unknown = delta().with(Extension::new("1.2.3.4", der::null()).critical());
    assert_eq!(word(&answer(&[&unknown.revoke(&SERIAL, LIFTED_ON, Some(1))])), "unsupported");
}

#[test]
fn a_delta_whose_full_list_of_the_same_scope_is_missing_revokes_beside_full_lists_of_others() {
    let authorities = |list: ListBuilder| list.issuing_distribution_point(&[der::implicit(2, &[0xff])]);
    let users = |list: ListBuilder| list.issuing_distribution_point(&[der::implicit(1, &[0xff])]);
    let noon = time("2026-08-20T12:00:00Z");
    let naming = || delta().revoke(&SERIAL, LIFTED_ON, Some(1));
    for (what, full, delta, wanted) in [
        ("a full list of authorities", authorities(base()), naming(), "revoked"),
        ("a delta for users", authorities(base()), users(naming()), "revoked"),
        ("a delta for authorities is not about the leaf", users(base()), authorities(naming()), "good"),
    ] {
        let lists = [verified(&full), verified(&delta)];
        assert_eq!(word(&status(&lists, &issuer().leaf(), noon)), wanted, "{what}");
    }
    let ahead = base().number(99).updates("2026-08-25T00:00:00Z", "2026-08-26T00:00:00Z");
    let lists = [verified(&ahead), verified(&naming())];
    assert_eq!(word(&status(&lists, &issuer().leaf(), noon)), "revoked", "the full list is dated ahead of the clock");
    // Of deltas alone the newest decides, as of those that are ahead.
    let lifting = delta().number(22).delta_to(16).revoke(&SERIAL, LIFTED_ON, REMOVE);
    let held = delta().revoke(&SERIAL, HELD_ON, HOLD);
    for (older, wanted) in [(held, "unsupported"), (naming(), "revoked")] {
        let lists = [verified(&lifting), verified(&older)];
        assert_eq!(word(&status(&lists, &issuer().leaf(), noon)), wanted);
    }
}

#[test]
fn a_delta_that_is_ahead_of_the_full_list_revokes_and_proves_nobody_good() {
    let ahead = delta().delta_to(15).number(21);
    let noon = "2026-08-20T12:00:00Z";
    let status = answer(&base(), &ahead.clone().revoke(&SERIAL, LIFTED_ON, Some(1)), noon);
    let Status::Revoked { basis, .. } = &status else { panic!("{status:?}") };
    assert_eq!(basis.delta.as_ref().and_then(|delta| delta.number()).and_then(|number| number.as_u64()), Some(21));
    // A final reason counts before the hold of the full list, which a response could lift.
    let held = base().revoke(&SERIAL, HELD_ON, HOLD);
    let status = answer(&held, &ahead.clone().revoke(&SERIAL, LIFTED_ON, Some(1)), noon);
    assert!(matches!(status, Status::Revoked { revoked, .. } if revoked.reason == Some(Reason::KeyCompromise)));
    // It lifts nothing, and a certificate that it does not name is as the full list says.
    assert_eq!(now_answer(&held, &ahead.clone().revoke(&SERIAL, LIFTED_ON, REMOVE)), "revoked");
    assert_eq!(now_answer(&base(), &ahead.clone().revoke(&SERIAL, LIFTED_ON, REMOVE)), "good");
    assert_eq!(now_answer(&base(), &ahead), "good");
    // One from before the full list tells nothing that the full list does not know better.
    let old = ahead.updates("2026-08-19T10:00:00Z", DELTA_NEXT).revoke(&SERIAL, LIFTED_ON, Some(1));
    assert_eq!(now_answer(&base(), &old), "good");
}

#[test]
fn numbers_at_the_edges_decide_as_the_standard_says() {
    let table = [
        (14, 14, 15, "good"),
        (14, 13, 15, "good"),
        (14, 0, 15, "good"),
        (14, 15, 16, "revoked"),
        (14, 14, 14, "revoked"),
        (15, 14, 15, "revoked"),
    ];
    for (full, continued, number, wanted) in table {
        let held = base().number(full).revoke(&SERIAL, HELD_ON, HOLD);
        let removing = delta().number(number).delta_to(continued).revoke(&SERIAL, LIFTED_ON, REMOVE);
        assert_eq!(now_answer(&held, &removing), wanted, "{continued} <= {full} < {number}");
    }
}

#[test]
fn a_delta_of_another_key_changes_nothing() {
    let namesake = Issuer::new("СЫНАҚ КО", Key::p256("namesake of deltas"));
    let held = verified(&base().revoke(&SERIAL, HELD_ON, HOLD));
    let removing = namesake.verified(&delta().revoke(&SERIAL, LIFTED_ON, REMOVE));
    let status = status(&[held, removing], &issuer().leaf(), noon());
    assert_eq!(word(&status), "revoked");
    assert_eq!(left_out(&status), None);
}

#[test]
fn a_delta_alone_says_nothing_however_it_is_marked() {
    let freshest = Extension::freshest_list(&[&["http://crl.invalid/d.crl"]]).critical();
    let from_delta_address = Source::urls(&["http://crl.invalid/d.crl"]).unwrap().of_deltas(true);
    let plain = ParsedList::read(issuer().sign(&issuer().list().number(99)), from_delta_address).unwrap();
    let plain = Arc::new(plain.verify(&issuer().certificate).unwrap());
    for list in [verified(&delta()), verified(&issuer().list().number(99).with(freshest)), plain] {
        assert!(list.is_delta());
        assert_eq!(word(&status(from_ref(&list), &issuer().leaf(), noon())), "unsupported");
        // The highest number of all, and it un-revokes nobody.
        let full = verified(&base().revoke(&SERIAL, HELD_ON, Some(4)));
        let snapshot = Snapshot::assemble([list, full], noon());
        let status = snapshot.status(&issuer().leaf(), &issuer().certificate, noon(), noon());
        assert_eq!(word(&status), "revoked");
    }
}

#[test]
fn a_fresh_delta_carries_a_full_list_past_its_end_and_a_lapsed_one_takes_nothing_away() {
    let at = "2026-08-20T12:00:00Z";
    let (ended, lasting) = ("2026-08-20T11:00:00Z", "2026-08-20T13:00:00Z");
    let full = |next: &str| base().updates(BASE_THIS, next);
    let change = |next: &str| delta().updates(DELTA_THIS, next);
    for (full_next, delta_next, wanted) in
        [(lasting, lasting, "good"), (ended, lasting, "good"), (lasting, ended, "good"), (ended, ended, "stale")]
    {
        assert_eq!(word(&answer(&full(full_next), &change(delta_next), at)), wanted, "{full_next} {delta_next}");
    }
    // What either names stays revoked, lapsed or not.
    let names = |list: ListBuilder| list.revoke(&SERIAL, HELD_ON, Some(4));
    assert_eq!(word(&answer(&names(full(ended)), &change(lasting), at)), "revoked");
    assert_eq!(word(&answer(&names(full(ended)), &change(ended), at)), "revoked, stale");
    assert_eq!(word(&answer(&full(lasting), &names(change(ended)), at)), "revoked");
    assert_eq!(word(&answer(&full(ended), &names(change(ended)), at)), "revoked, stale");
    // A full list that has not begun is none, delta or not.
    let ahead = base().updates("2026-08-20T12:06:00Z", lasting);
    assert_eq!(word(&answer(&ahead, &delta().updates("2026-08-20T12:04:00Z", lasting), at)), "not yet valid");
}

#[test]
fn of_several_deltas_the_newest_that_continues_the_full_list_counts() {
    let held = verified(&base().revoke(&SERIAL, HELD_ON, HOLD));
    let lifts = |number, base, this: &str| {
        verified(&delta().number(number).delta_to(base).updates(this, DELTA_NEXT).revoke(&SERIAL, LIFTED_ON, REMOVE))
    };
    let holds = |number, this: &str| {
        verified(&delta().number(number).updates(this, DELTA_NEXT).revoke(&SERIAL, LIFTED_ON, HOLD))
    };
    let (ten, eleven) = ("2026-08-20T10:00:00Z", "2026-08-20T11:00:00Z");
    let table = [
        ("held again", vec![lifts(20, 14, ten), holds(21, eleven)], "revoked"),
        ("lifted at last", vec![holds(20, ten), lifts(21, 14, eleven)], "good"),
        ("the newer one is to a later full list", vec![holds(20, ten), lifts(21, 15, eleven)], "revoked"),
        (
            "the newer one is to a later full list, the other way",
            vec![lifts(20, 14, ten), lifts(21, 15, eleven)],
            "good",
        ),
    ];
    for (what, deltas, wanted) in table {
        for reversed in [false, true] {
            let mut lists: Vec<_> = deltas.iter().cloned().chain([held.clone()]).collect();
            if reversed {
                lists.reverse();
            }
            assert_eq!(word(&status(&lists, &issuer().leaf(), noon())), wanted, "{what}");
        }
    }
}

#[test]
fn a_clock_set_back_takes_a_delta_away_that_has_not_begun() {
    let lists =
        [verified(&base().revoke(&SERIAL, HELD_ON, HOLD)), verified(&delta().revoke(&SERIAL, LIFTED_ON, REMOVE))];
    let snapshot = Snapshot::assemble(lists, noon());
    for (now, wanted) in [("2026-08-20T12:00:00Z", "good"), ("2026-08-20T09:00:00Z", "revoked")] {
        let now = time(now);
        let status = snapshot.status(&issuer().leaf(), &issuer().certificate, noon(), now);
        assert_eq!(word(&status), wanted, "{now}");
    }
}
