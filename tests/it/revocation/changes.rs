//! Deltas that have not begun, that are from before a later full list, that somebody brought, or that are as new as each other.

use std::sync::Arc;

use rastau::revocation::{Asked, DeltaProblem, ParsedList, RevocationList, Snapshot, Source, Status, When};
use rastau_mint::list::ListBuilder;

use super::standing::{
    COMPROMISE, HOLD, NEXT, NOW, REMOVE, Sha384Alone, ahead, ask, delta, every_order, full, in_august, issuer, leaf,
    named, now, strong, weak,
};
use super::{time, word};

#[test]
fn a_hold_in_a_delta_from_before_a_full_list_from_after_the_moment_was_in_force() {
    let held = strong(&named(ahead(101, 100, &in_august(10)), &in_august(9), HOLD));
    let after = strong(&full().number(102).updates(&in_august(25), NEXT));
    let before = |day| strong(&full().number(100).updates(&in_august(day), NEXT));
    every_order(&[held.clone(), after.clone()], now, "revoked");
    every_order(&[held.clone(), after.clone(), before(8)], now, "revoked");
    // A full list from between knows better, and so does one that the delta does not come after.
    every_order(&[held.clone(), after.clone(), strong(&full().number(101).updates(&in_august(12), NEXT))], now, "good");
    // One that is not believed does not.
    every_order(
        &[held.clone(), after.clone(), weak(&full().number(101).updates(&in_august(12), NEXT))],
        now,
        "revoked",
    );
    // The hold began after the moment.
    let later = strong(&named(ahead(101, 100, &in_august(22)), &in_august(21), HOLD));
    every_order(&[later, after.clone()], now, "good");
    // It was over by the moment.
    let over = strong(&ahead(103, 100, &in_august(12)));
    every_order(&[held, over, after], now, "good");
}

#[test]
fn a_delta_that_has_begun_since_the_lists_were_put_together_counts() {
    let (noon, two) = (time("2026-08-20T12:00:00Z"), time("2026-08-20T14:00:00Z"));
    let ahead_of_noon = || delta(15, "2026-08-20T13:00:00Z");
    let asked = Asked { certificate: leaf(), above: &[], anchor: &issuer().certificate };
    for (what, full, delta, (first, second)) in [
        ("revoked", full(), named(ahead_of_noon(), "2026-08-20T12:30:00Z", COMPROMISE), ("good", "revoked")),
        (
            "without a full list",
            full().number(99),
            named(ahead_of_noon(), "2026-08-20T12:30:00Z", HOLD),
            ("good", "revoked"),
        ),
        (
            "lifted",
            named(full(), &in_august(1), HOLD),
            named(ahead_of_noon(), &in_august(1), REMOVE),
            ("revoked", "good"),
        ),
        ("nothing", full(), ahead_of_noon(), ("good", "good")),
    ] {
        let snapshot = Snapshot::assemble([strong(&full), strong(&delta)], noon);
        let ask = |now| snapshot.status_under(&asked, When::new(now, now), &Sha384Alone);
        assert_eq!((word(&ask(noon)), word(&ask(two))), (first, second), "{what}");
        let (Status::Good { basis, .. } | Status::Revoked { basis, .. }) = ask(two) else { panic!("{what}") };
        assert!(basis.delta.is_some(), "{what}");
        assert!(basis.left_out.is_none(), "{what}");
        // And until then the answer names it.
        let (Status::Good { basis, .. } | Status::Revoked { basis, .. }) = ask(noon) else { panic!("{what}") };
        let why = basis.left_out.map(|left| left.why);
        assert!(matches!(why, Some(DeltaProblem::NotYetValid)), "{what}: {why:?}");
    }
}

#[test]
fn a_delta_that_somebody_brought_lifts_no_hold_of_a_list_at_hand() {
    let of = |lists: &[&ListBuilder]| Snapshot::assemble(lists.iter().map(|list| strong(list)), time(NOW));
    let (clean, held) = (full(), named(full(), "2026-07-30T00:00:00Z", HOLD));
    let holding = named(delta(15, &in_august(10)), &in_august(9), HOLD);
    let lifting = named(delta(16, &in_august(12)), &in_august(11), REMOVE);
    let lifted = named(delta(15, &in_august(10)), &in_august(9), REMOVE);
    let compromised = named(delta(16, &in_august(12)), &in_august(11), COMPROMISE);
    for (what, own, brought, wanted) in [
        ("of a delta", vec![&clean, &holding], vec![&lifting], "revoked"),
        ("of a delta, in silence", vec![&clean, &holding], vec![], "revoked"),
        ("all is at hand", vec![&clean, &holding, &lifting], vec![&lifting], "good"),
        ("of a full list", vec![&held], vec![&lifting], "revoked"),
        ("lifted by one at hand", vec![&held, &lifted], vec![&lifting], "good"),
        ("all was brought", vec![], vec![&held, &holding, &lifting], "good"),
        ("it revokes", vec![&clean], vec![&compromised], "revoked"),
        ("it is silent", vec![&clean], vec![&lifting], "good"),
    ] {
        let snapshot = of(&own).beside_brought(&of(&brought), time(NOW));
        assert_eq!(word(&ask(&snapshot, leaf(), time(NOW))), wanted, "{what}");
    }
}

#[test]
fn what_is_a_delta_by_its_address_is_no_full_list_for_coming_with_a_document() {
    let unmarked = issuer().sign(&full().number(99).updates(&in_august(12), NEXT));
    let read = |source: Source| {
        let list = ParsedList::read(unmarked.clone(), source).unwrap().verify(&issuer().certificate).unwrap();
        Arc::new(list)
    };
    let by_address = read(Source::urls(&["http://crl.invalid/d"]).unwrap().of_deltas(true));
    let of = |lists: Vec<Arc<RevocationList>>| Snapshot::assemble(lists, time(NOW));
    let lapsed = strong(&full().updates(&in_august(1), &in_august(2)));
    let own = of(vec![by_address.clone(), lapsed]);
    let brought = of(vec![read(Source::request(0))]);
    assert_eq!(word(&ask(&own, leaf(), time(NOW))), "stale");
    assert_eq!(word(&ask(&own.beside_brought(&brought, time(NOW)), leaf(), time(NOW))), "stale");
    for joined in [own.joined_by(&brought, (time(NOW), time(NOW))), brought.joined_by(&own, (time(NOW), time(NOW)))] {
        assert_eq!(word(&ask(&joined, leaf(), time(NOW))), "stale");
    }
    // The store has it as a full list too.
    let both = of(vec![by_address, read(Source::urls(&["http://crl.invalid/f"]).unwrap())]);
    assert_eq!(word(&ask(&both.beside_brought(&brought, time(NOW)), leaf(), time(NOW))), "good");
    assert_eq!(word(&ask(&brought.joined_by(&both, (time(NOW), time(NOW))), leaf(), time(NOW))), "good");
}

#[test]
fn of_two_deltas_of_one_number_and_date_both_have_to_lift_a_hold() {
    let removing = named(delta(15, &in_august(10)), &in_august(9), REMOVE);
    for silent in [delta(15, &in_august(10)), named(delta(15, &in_august(10)), &in_august(9), HOLD)] {
        // Whichever comes first by its octets.
        for next in 1..5 {
            let silent = silent.clone().updates(&in_august(10), &format!("2027-01-{next:02}T00:00:00Z"));
            let held = named(full(), "2026-07-30T00:00:00Z", HOLD);
            every_order(&[strong(&held), strong(&silent), strong(&removing)], now, "revoked");
            // An older hold of a delta alone.
            let before = named(ahead(14, 14, &in_august(5)), &in_august(4), HOLD);
            every_order(
                &[strong(&before), strong(&silent), strong(&removing)],
                now,
                word(&now(&[strong(&before), strong(&silent)])),
            );
        }
    }
    let held = named(full(), "2026-07-30T00:00:00Z", HOLD);
    let again = removing.clone().updates(&in_august(10), "2027-02-01T00:00:00Z");
    every_order(&[strong(&held), strong(&again), strong(&removing)], now, "good");
    // One that is not believed is not asked.
    every_order(&[strong(&held), weak(&delta(15, &in_august(10))), strong(&removing)], now, "good");
}

#[test]
fn a_later_delta_since_the_same_full_list_speaks_in_the_place_of_one_before() {
    let held = strong(&named(ahead(300, 299, &in_august(10)), &in_august(9), HOLD));
    let later = ahead(301, 299, &in_august(12));
    let with = |other: Arc<RevocationList>| [strong(&full().number(298)), held.clone(), other];
    every_order(&with(strong(&later)), now, "good");
    for other in [
        weak(&later),
        strong(&ahead(301, 300, &in_august(12))),
        strong(&later.clone().updates(&in_august(25), NEXT)),
        strong(&later.clone().updates(&in_august(12), &in_august(13))),
    ] {
        every_order(&with(other), now, "revoked");
    }
    let revoked = strong(&named(ahead(300, 299, &in_august(10)), &in_august(9), COMPROMISE));
    every_order(&[strong(&full().number(298)), revoked, strong(&later)], now, "revoked");
}
