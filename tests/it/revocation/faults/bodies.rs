//! Bodies that are no list, not this list, or no longer the list.

use rastau::revocation::{LoadError, Offer};
use rastau_mint::key::Key;
use rastau_mint::pem;

use super::super::{Issuer, issuer, noon};
use super::server::Answer;
use super::{World, answers, list, number_in_force, signed};

#[test]
fn what_is_no_list_of_the_authority_replaces_nothing() {
    let world = World::settled(1);
    let page = b"<!DOCTYPE html><html><title>Try again</title></html>";
    let impostor = Issuer::new("СЫНАҚ КО", Key::p256("impostor"));
    let stranger = Issuer::new("БАСҚА КО", Key::p256("stranger"));
    let mut flipped = signed(6);
    let end = flipped.len() - 3;
    flipped[end] ^= 1;
    for (what, body, cause) in [
        ("zero bytes", Vec::new(), "empty"),
        ("a page", page.to_vec(), "neither DER nor PEM"),
        ("a page in PEM", pem::encode("X509 CRL", page).into(), "not a revocation list"),
        ("a certificate", issuer().authority.certificate.clone(), "unexpected tag"),
        ("half a list", signed(6)[..150].to_vec(), "not DER"),
        ("a list and a half", [signed(6), signed(6)[..9].to_vec()].concat(), "not DER"),
        ("a flipped byte", flipped, "signature"),
        ("the list of a namesake", impostor.sign(&impostor.list().number(6)), "signature"),
        ("the list of somebody else", stranger.sign(&stranger.list()), "no certificate of its issuer"),
        ("a lower number", signed(4), "older than the one in force"),
        ("a delta", issuer().sign(&list(6).delta_to(5)), "cannot be used"),
        (
            "a list from tomorrow",
            issuer().sign(&list(6).updates("2026-08-21T12:00:00Z", "2027-01-01T00:00:00Z")),
            "ahead",
        ),
        (
            "a lapsed newer list",
            issuer().sign(&list(6).updates("2026-07-01T06:00:00Z", "2026-07-02T06:00:00Z")),
            "lapsed",
        ),
        (
            "a lower number with a newer date",
            issuer().sign(&list(4).updates("2026-08-01T00:00:00Z", "2027-01-01T00:00:00Z")),
            "older",
        ),
        (
            "a higher number with an older date",
            issuer().sign(&list(6).updates("2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z")),
            "older",
        ),
        ("more than the limit", vec![0x30; super::LIMITS.body + 1], "larger than"),
    ] {
        world.holds_against(what, Answer::body(body), cause);
    }
    world.mirrors[0].say(Answer::body(signed(6)));
    assert_eq!(world.refresh(), Ok(Offer::Installed), "and a good one is taken afterwards");
    assert_eq!((world.fetching().failures, world.row().error), (0, None));
}

#[test]
fn without_a_list_before_none_of_it_makes_anything_good() {
    let world = World::new(1);
    for body in [Vec::new(), b"<html>".to_vec(), signed(6)[..150].to_vec()] {
        world.mirrors[0].say(Answer::body(body));
        assert!(world.refresh().is_err());
        assert_eq!(world.answers(), ("unknown", "unknown"));
        assert_eq!(answers(&world.restarted(), noon()), ("unknown", "unknown"));
    }
}

#[test]
fn a_list_cut_off_anywhere_is_no_list() {
    let world = World::settled(1);
    let whole = signed(6);
    for length in 0..whole.len() {
        let offered = world.store.offer(&world.source, whole[..length].to_vec(), noon());
        assert!(matches!(offered, Err(LoadError::List(_))), "{length}: {offered:?}");
    }
    assert_eq!(number_in_force(&world.restarted(), &world.source), Some(5));
}

#[test]
fn a_list_with_any_byte_changed_is_no_list() {
    let world = World::settled(1);
    let whole = signed(6);
    for position in 0..whole.len() {
        for mask in [0x01, 0x80] {
            let mut flipped = whole.clone();
            flipped[position] ^= mask;
            let offered = world.store.offer(&world.source, flipped, noon());
            assert!(matches!(offered, Err(LoadError::List(_))), "{position} {mask}: {offered:?}");
        }
    }
    assert_eq!(world.answers(), ("revoked", "good"));
    assert_eq!(number_in_force(&world.restarted(), &world.source), Some(5));
}

#[test]
fn of_lapsed_lists_the_newest_is_kept_and_makes_nothing_good() {
    let world = World::new(1);
    let lapsed = |number: u64| {
        issuer().sign(&list(number).updates(&format!("2026-07-0{number}T00:00:00Z"), "2026-08-01T00:00:00Z"))
    };
    for (number, outcome) in [(3, 3), (5, 5), (4, 5), (5, 5)] {
        world.mirrors[0].say(Answer::body(lapsed(number)));
        assert!(world.refresh().is_err(), "a lapsed list is no success");
        assert_eq!(world.number(), Some(outcome));
        assert_eq!(world.answers(), ("revoked, by a lapsed list", "unknown: lapsed"));
    }
    assert_eq!(world.fetching().failures, 3, "from the last list that was news on");
}
