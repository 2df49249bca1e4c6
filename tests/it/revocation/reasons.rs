//! Lists about some reasons only, parts of a list, and the distribution points that say which is which.

use std::slice::from_ref;
use std::sync::Arc;

use rastau::clock::Time;
use rastau::revocation::{RevocationList, Status, UnknownCause};
use rastau::x509::Certificate;
use rastau_mint::der;
use rastau_mint::extension::{Extension, Point, directory_name, full_name, reason_flags, relative_name, uri};
use rastau_mint::list::ListBuilder;

use super::{REVOKED_ON, SERIAL, issuer, noon, status, time, word};

/// keyCompromise and cACompromise.
const KEYS: &[usize] = &[1, 2];
/// Everything else.
const REST: &[usize] = &[3, 4, 5, 6, 7, 8];

fn partial(bits: &[usize]) -> ListBuilder {
    issuer().list().some_reasons(bits)
}

/// A moment before the revocation.
fn before() -> Time {
    time("2026-05-01T00:00:00Z")
}

fn answer(lists: &[&ListBuilder]) -> Status {
    answer_about(&issuer().leaf(), lists)
}

fn answer_about(leaf: &Certificate, lists: &[&ListBuilder]) -> Status {
    let mut lists: Vec<Arc<RevocationList>> = lists.iter().map(|list| issuer().verified(list)).collect();
    let first = status(&lists, leaf, noon());
    lists.reverse();
    assert_eq!(word(&first), word(&status(&lists, leaf, noon())), "the order of the lists counts");
    first
}

#[test]
fn lists_about_some_reasons_prove_goodness_only_all_together() {
    let (keys, rest) = (partial(KEYS), partial(REST));
    let Status::Unknown { cause: UnknownCause::SomeReasons { missing, .. } } = answer(&[&keys]) else {
        panic!("one part is not the whole");
    };
    assert_eq!(missing.names().count(), REST.len());
    assert_eq!(word(&answer(&[&rest])), "some reasons");
    let Status::Good { beside, .. } = answer(&[&keys, &rest]) else { panic!("not good") };
    assert_eq!(beside.len(), 1, "both are named");
    for short in [&[3, 4, 5, 6, 7][..], &[4, 5, 6, 7, 8], &[0], &[]] {
        let word = word(&answer(&[&keys, &partial(short)]));
        assert!(matches!(word, "some reasons"), "{short:?}: {word}");
    }
    assert_eq!(word(&answer(&[&partial(&[])])), "out of scope");
    assert_eq!(word(&answer(&[&partial(&[0])])), "out of scope", "the unused bit is no reason");
    assert_eq!(word(&answer(&[&partial(&[1, 2, 3, 4, 5, 6, 7, 8])])), "good");
}

#[test]
fn any_part_revokes() {
    let (keys, rest) = (partial(KEYS), partial(REST));
    let revoking = partial(REST).revoke(&SERIAL, REVOKED_ON, Some(4));
    assert_eq!(word(&answer(&[&revoking])), "revoked");
    assert_eq!(word(&answer(&[&keys, &revoking])), "revoked");
    assert_eq!(word(&answer(&[&partial(KEYS).revoke(&SERIAL, REVOKED_ON, Some(1)), &rest])), "revoked");
    // A full list beside them does not hush them up, nor the other way round.
    assert_eq!(word(&answer(&[&issuer().list(), &revoking])), "revoked");
    assert_eq!(word(&answer(&[&keys, &rest, &issuer().list().revoke(&SERIAL, REVOKED_ON, Some(4))])), "revoked");
    assert_eq!(word(&answer(&[&issuer().list(), &keys])), "good");
}

#[test]
fn revoked_later_by_a_part_is_no_proof_that_nothing_was_wrong_before() {
    let later = partial(REST).revoke(&SERIAL, REVOKED_ON, Some(4));
    let lapsed = partial(KEYS).updates("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let (keys, compromised) = (partial(KEYS), partial(KEYS).revoke(&SERIAL, REVOKED_ON, Some(1)));
    for (lists, wanted) in [
        (vec![&later], "some reasons"),
        (vec![&later, &lapsed], "stale"),
        (vec![&later, &keys], "revoked later"),
        (vec![&later, &compromised], "revoked later"),
    ] {
        let verified: Vec<_> = lists.iter().map(|list| issuer().verified(list)).collect();
        let status = status(&verified, &issuer().leaf(), before());
        assert_eq!(word(&status), wanted);
        let by = matches!(&status, Status::Revoked { revoked, .. } if revoked.reaches_back());
        assert_eq!(by, lists.len() == 2 && std::ptr::eq(lists[1], &compromised));
    }
}

#[test]
fn revoked_later_beside_the_silence_of_a_part_from_after_the_expiry_is_no_proof() {
    let expiring = issuer().leaf_with(|builder| builder.valid("2025-06-01T00:00:00Z", "2026-06-01T00:00:00Z"));
    let at = before();
    // Superseded after the moment, by a list that keeps it, though that need not.
    let in_july = |bits| partial(bits).updates("2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let later = in_july(REST).revoke(&SERIAL, "2026-05-20T00:00:00Z", Some(4));
    for (what, keys, wanted) in [
        ("from before the expiry", partial(KEYS), "revoked later"),
        ("from after it", in_july(KEYS), "good, after expiry"),
        ("names it", in_july(KEYS).revoke(&SERIAL, "2026-05-20T00:00:00Z", Some(4)), "revoked later"),
        ("a compromise", in_july(KEYS).revoke(&SERIAL, "2026-05-20T00:00:00Z", Some(1)), "revoked later"),
    ] {
        for lists in [[&later, &keys], [&keys, &later]] {
            let lists = lists.map(|list| issuer().verified(list));
            assert_eq!(word(&status(&lists, &expiring, at)), wanted, "{what}");
        }
    }
    // With the silence of the other part as well.
    let lists = [in_july(REST), partial(KEYS)].map(|list| issuer().verified(&list));
    assert_eq!(word(&status(&lists, &expiring, at)), "good, after expiry");
    // What is about all reasons and from before the expiry proves it alone.
    let all = issuer().list();
    let lists = [&all, &in_july(KEYS), &later].map(|list| issuer().verified(list));
    assert_eq!(word(&status(&lists, &expiring, at)), "revoked later");
}

#[test]
fn a_part_that_has_lapsed_or_cannot_be_used_leaves_the_whole_open() {
    let lapsed = partial(REST).updates("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    assert_eq!(word(&answer(&[&partial(KEYS), &lapsed])), "stale");
    assert_eq!(
        word(&answer(&[&partial(KEYS), &partial(REST).with(Extension::new("1.2.3.4", der::null()).critical())])),
        "some reasons"
    );
    let ahead = partial(REST).updates("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z");
    assert_eq!(word(&answer(&[&partial(KEYS), &ahead])), "not yet valid");
}

#[test]
fn a_delta_continues_the_part_it_is_about_and_no_other() {
    let held = || partial(REST).number(5).revoke(&SERIAL, REVOKED_ON, Some(6));
    let keys = partial(KEYS).number(5);
    let removing = |bits| {
        let delta = partial(bits).number(9).delta_to(5).updates("2026-08-20T00:00:00Z", "2026-08-21T00:00:00Z");
        delta.revoke(&SERIAL, REVOKED_ON, Some(8))
    };
    assert_eq!(word(&answer(&[&keys, &held()])), "revoked");
    assert_eq!(word(&answer(&[&keys, &held(), &removing(REST)])), "good");
    assert_eq!(word(&answer(&[&keys, &held(), &removing(KEYS)])), "revoked");
    assert_eq!(word(&answer(&[&keys, &held(), &removing(&[6])])), "revoked");
}

fn pointing(points: &[Point]) -> Certificate {
    issuer().leaf_with(|builder| builder.replace(Extension::points(points)))
}

fn at(url: &str) -> Point {
    Point::named(&[uri(url)])
}

const ONE: &str = "http://crl.invalid/1.crl";
const TWO: &str = "http://crl.invalid/2.crl";

/// A list for the point with this name.
fn part(name: &[Vec<u8>], more: &[Vec<u8>]) -> ListBuilder {
    let name = der::explicit(0, &full_name(name));
    issuer().list().issuing_distribution_point(&[vec![name], more.to_vec()].concat())
}

#[test]
fn every_distribution_point_of_a_certificate_is_looked_at() {
    let second = part(&[uri(TWO)], &[]);
    assert_eq!(word(&answer_about(&pointing(&[at(ONE), at(TWO)]), &[&second])), "good");
    assert_eq!(word(&answer_about(&pointing(&[at(TWO), at(ONE)]), &[&second])), "good");
    assert_eq!(word(&answer_about(&pointing(&[at(ONE)]), &[&second])), "out of scope");
    let revoking = part(&[uri(TWO)], &[]).revoke(&SERIAL, REVOKED_ON, None);
    assert_eq!(word(&answer_about(&pointing(&[at(ONE), at(TWO)]), &[&part(&[uri(ONE)], &[]), &revoking])), "revoked");
    assert_eq!(word(&answer_about(&pointing(&[at(ONE)]), &[&revoking])), "out of scope");
    assert_eq!(word(&answer_about(&issuer().leaf_with(|leaf| leaf.without("2.5.29.31")), &[&second])), "out of scope");
}

#[test]
fn names_inside_one_point_are_one_list() {
    let mirrored = || Point::named(&[uri(ONE), uri(TWO)]);
    for name in [&[uri(ONE)][..], &[uri(TWO)], &[uri(TWO), uri(ONE)], &[uri("http://other.invalid/"), uri(TWO)]] {
        assert_eq!(word(&answer_about(&pointing(&[mirrored()]), &[&part(name, &[])])), "good");
    }
    assert_eq!(
        word(&answer_about(&pointing(&[mirrored()]), &[&part(&[uri("http://other.invalid/")], &[])])),
        "out of scope"
    );
}

#[test]
fn the_reasons_of_a_point_bound_what_its_list_proves() {
    let (one, two) = (part(&[uri(ONE)], &[]), part(&[uri(TWO)], &[]));
    let split = pointing(&[at(ONE).reasons(KEYS), at(TWO).reasons(REST)]);
    assert_eq!(word(&answer_about(&split, &[&one])), "some reasons");
    assert_eq!(word(&answer_about(&split, &[&one, &two])), "good");
    assert_eq!(word(&answer_about(&split, &[&one, &part(&[uri(TWO)], &[reason_flags(3, &[4])])])), "some reasons");
    // A list for both points is about the reasons of both, and one that names no point belongs to each.
    assert_eq!(word(&answer_about(&split, &[&part(&[uri(ONE), uri(TWO)], &[])])), "good");
    assert_eq!(word(&answer_about(&split, &[&issuer().list()])), "good");
    let keys_only = pointing(&[at(ONE).reasons(KEYS)]);
    assert_eq!(word(&answer_about(&keys_only, &[&one])), "some reasons");
    assert_eq!(word(&answer_about(&keys_only, &[&issuer().list()])), "some reasons");
    let revoking = issuer().list().revoke(&SERIAL, REVOKED_ON, Some(4));
    assert_eq!(word(&answer_about(&keys_only, &[&revoking])), "revoked");
}

#[test]
fn points_are_compared_by_directory_names_and_relative_names_too() {
    let whole = |common_name: &str| {
        let rdn = der::set(&[der::sequence(&[der::oid("2.5.4.3"), der::utf8(common_name)])]);
        let own = &issuer().authority.name;
        // The contents of the issuer's name, whose header is two or three octets.
        let header = if own[1] & 0x80 == 0 { 2 } else { 3 };
        directory_name(&der::sequence(&[own[header..].to_vec(), rdn]))
    };
    let relative = |common_name| Point { name: relative_name(common_name), ..Point::default() };
    let relative_part =
        |common_name| issuer().list().issuing_distribution_point(&[der::explicit(0, &relative_name(common_name))]);
    for (point, list, wanted) in [
        (relative("Бөлік 1"), relative_part("Бөлік 1"), "good"),
        (relative("Бөлік 1"), relative_part("бөлік  1"), "good"),
        (relative("Бөлік 1"), relative_part("Бөлік 2"), "out of scope"),
        (Point::named(&[whole("Бөлік 1")]), relative_part("Бөлік 1"), "good"),
        (relative("Бөлік 1"), part(&[whole("Бөлік 1")], &[]), "good"),
        (relative("Бөлік 1"), part(&[whole("Бөлік 2")], &[]), "out of scope"),
        (at(ONE), relative_part("Бөлік 1"), "out of scope"),
    ] {
        assert_eq!(word(&answer_about(&pointing(&[point]), &[&list])), wanted);
    }
    // A point that bears the issuer's own name is the one that is assumed when nothing else helps.
    let assumed = part(&[directory_name(&issuer().authority.name)], &[]);
    assert_eq!(word(&answer_about(&pointing(&[at(ONE)]), &[&assumed])), "good");
}

#[test]
fn names_of_forms_that_are_not_read_match_nothing() {
    let odd = || der::implicit_constructed(3, &[der::null()]);
    let point = Point::named(&[odd(), uri(ONE)]);
    assert_eq!(word(&answer_about(&pointing(from_ref(&point)), &[&part(&[odd(), uri(TWO)], &[])])), "out of scope");
    assert_eq!(word(&answer_about(&pointing(&[point]), &[&part(&[odd(), uri(ONE)], &[])])), "good");
}

#[test]
fn a_list_about_attribute_certificates_or_about_nobody_says_nothing() {
    let attributes = issuer().list().issuing_distribution_point(&[der::implicit(5, &[0xff])]);
    assert_eq!(word(&answer(&[&attributes])), "unsupported");
    let nobody = issuer().list().issuing_distribution_point(&[der::implicit(1, &[0xff]), der::implicit(2, &[0xff])]);
    assert_eq!(word(&answer(&[&nobody])), "out of scope");
}
