//! What is known about a certificate, from which list, at which moment.

use std::slice::from_ref;
use std::sync::Arc;

use rastau::revocation::{Reason, Snapshot, Status};
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::der;
use rastau_mint::extension::{Extension, uri};
use rastau_mint::key::Key;

use super::{Issuer, REVOKED_ON, SERIAL, issuer, noon, status, time, word};

/// X.509 8.5.2.12.
const EXPIRED_CERTS_ON_CRL: &str = "2.5.29.60";

#[test]
fn a_list_answers_for_the_certificates_of_its_issuer() {
    let leaf = issuer().leaf();
    let revoking = issuer().verified(&issuer().list().number(7).revoke(&SERIAL, REVOKED_ON, Some(4)));
    match status(&[revoking], &leaf, noon()) {
        Status::Revoked { basis, revoked, stale: false, after_at: false } => {
            assert_eq!(revoked.date, time(REVOKED_ON));
            assert_eq!(revoked.reason, Some(Reason::Superseded));
            assert_eq!(basis.list.number().and_then(|number| number.as_u64()), Some(7));
        }
        other => panic!("{other:?}"),
    }
    let empty = issuer().verified(&issuer().list());
    assert_eq!(word(&status(&[empty], &leaf, noon())), "good");
    assert_eq!(word(&status(&[], &leaf, noon())), "no list");
}

#[test]
fn a_lapsed_list_proves_nobody_good_and_keeps_the_revoked_revoked() {
    let after = time("2027-01-01T00:00:01Z");
    let at_the_end = time("2027-01-01T00:00:00Z");
    let empty = issuer().verified(&issuer().list());
    let revoking = issuer().verified(&issuer().list().revoke(&SERIAL, REVOKED_ON, Some(4)));
    let leaf = issuer().leaf();
    assert_eq!(word(&status(from_ref(&empty), &leaf, at_the_end)), "good");
    assert_eq!(word(&status(&[empty], &leaf, after)), "stale");
    assert_eq!(word(&status(from_ref(&revoking), &leaf, after)), "revoked, stale");
    assert_eq!(word(&status(&[revoking], &leaf, at_the_end)), "revoked");
    let endless = issuer().verified(&issuer().list().without_next_update());
    assert_eq!(word(&status(&[endless], &leaf, noon())), "stale");
}

#[test]
fn a_moment_before_the_list_or_before_the_revocation_is_answered_and_labelled() {
    let leaf = issuer().leaf();
    let revoking = issuer().verified(&issuer().list().revoke(&SERIAL, REVOKED_ON, Some(4)));
    for (at, wanted) in [
        ("2025-12-01T00:00:00Z", "revoked later"),
        ("2026-06-02T09:14:59Z", "revoked later"),
        ("2026-06-02T09:15:00Z", "revoked"),
    ] {
        assert_eq!(word(&status(from_ref(&revoking), &leaf, time(at))), wanted, "{at}");
    }
    let empty = issuer().verified(&issuer().list());
    assert_eq!(word(&status(&[empty], &leaf, time("2025-12-01T00:00:00Z"))), "good");
}

#[test]
fn silence_of_a_list_issued_after_the_expiry_is_labelled() {
    let expired = issuer().leaf_with(|builder| builder.valid("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"));
    let at = time("2024-06-01T00:00:00Z");
    let list = issuer().verified(&issuer().list());
    assert_eq!(word(&status(&[list], &expired, at)), "good, after expiry");
    for (what, value, wanted) in [
        ("before the expiry", der::generalized_time("20200101000000Z"), "good"),
        ("at the expiry", der::generalized_time("20250101000000Z"), "good"),
        ("after the expiry", der::generalized_time("20250101000001Z"), "good, after expiry"),
        ("no time", der::null(), "good, after expiry"),
        ("a short year", der::tlv(0x17, b"200101000000Z"), "good, after expiry"),
        ("a fraction", der::generalized_time("20200101000000.5Z"), "good, after expiry"),
        ("two times", [der::generalized_time("20200101000000Z"), der::null()].concat(), "good, after expiry"),
    ] {
        let list = issuer().verified(&issuer().list().with(Extension::new(EXPIRED_CERTS_ON_CRL, value)));
        assert_eq!(word(&status(&[list], &expired, at)), wanted, "{what}");
    }
}

#[test]
fn a_list_that_keeps_those_who_expired_later_takes_the_place_of_none_from_before_the_expiry() {
    let expiring = issuer().leaf_with(|builder| builder.valid("2025-06-01T00:00:00Z", "2026-06-01T00:00:00Z"));
    let list = |number, this: &str| issuer().list().number(number).updates(this, "2027-01-01T00:00:00Z");
    let revoking = issuer().verified(&list(1, "2026-05-02T00:00:00Z").revoke(&SERIAL, "2026-05-01T00:00:00Z", Some(1)));
    // Before the later list nothing undoes what the first says.
    let (before, after) = (time("2026-05-20T00:00:00Z"), noon());
    for (since, wanted) in [("20260601000000Z", "good"), ("20260601000001Z", "revoked"), ("20260801000000Z", "revoked")]
    {
        let keeping = Extension::new(EXPIRED_CERTS_ON_CRL, der::generalized_time(since));
        let later = issuer().verified(&list(9, "2026-08-09T00:00:00Z").with(keeping));
        for lists in [[revoking.clone(), later.clone()], [later, revoking.clone()]] {
            assert_eq!(word(&status(&lists, &expiring, after)), wanted, "{since}");
            assert_eq!(word(&status(&lists, &expiring, before)), "revoked", "{since}");
        }
    }
}

#[test]
fn a_hold_that_the_same_list_ends_in_good_order_was_in_force_since_it_began() {
    let (began, ended) = ("2024-06-01T00:00:00Z", "2026-06-01T00:00:00Z");
    let list = issuer().list().revoke(&SERIAL, ended, Some(4)).revoke(&SERIAL, began, Some(6));
    let other_way = issuer().list().revoke(&SERIAL, began, Some(6)).revoke(&SERIAL, ended, Some(4));
    for list in [list, other_way] {
        let list = issuer().verified(&list);
        for (at, wanted) in [("2024-05-31T23:59:59Z", "revoked later"), (began, "revoked"), (ended, "revoked")] {
            assert_eq!(word(&status(from_ref(&list), &issuer().leaf(), time(at))), wanted, "{at}");
        }
    }
}

#[test]
fn a_list_dated_ahead_of_the_clock_is_none() {
    let leaf = issuer().leaf();
    let ahead = |this: &str| issuer().verified(&issuer().list().number(9).updates(this, "2027-01-01T00:00:00Z"));
    assert_eq!(word(&status(&[ahead("2026-08-20T12:05:00Z")], &leaf, noon())), "good");
    assert_eq!(word(&status(&[ahead("2026-08-20T12:05:01Z")], &leaf, noon())), "not yet valid");
    // It does not displace the one in force.
    let current = issuer().verified(&issuer().list().number(8).revoke(&SERIAL, REVOKED_ON, None));
    for lists in [[current.clone(), ahead("2026-09-01T00:00:00Z")], [ahead("2026-09-01T00:00:00Z"), current]] {
        assert_eq!(word(&status(&lists, &leaf, noon())), "revoked");
    }
}

#[test]
fn a_namesake_with_another_key_says_nothing() {
    let namesake = Issuer::new("СЫНАҚ КО", Key::p256("namesake"));
    let foreign = namesake.verified(&namesake.list().revoke(&SERIAL, REVOKED_ON, Some(1)));
    assert_eq!(word(&status(from_ref(&foreign), &issuer().leaf(), noon())), "no list");
    let own = issuer().verified(&issuer().list());
    assert_eq!(word(&status(&[foreign, own], &issuer().leaf(), noon())), "good");
}

#[test]
fn a_certificate_paired_with_an_issuer_it_does_not_name_is_unknown() {
    let stranger = Issuer::new("БАСҚА КО", Key::p256("stranger"));
    let list = stranger.verified(&stranger.list());
    let snapshot = Snapshot::assemble([list], noon());
    assert_eq!(word(&snapshot.status(&issuer().leaf(), &stranger.certificate, noon(), noon())), "no list");
}

#[test]
fn of_several_lists_the_newest_by_number_then_date_counts() {
    let leaf = issuer().leaf();
    let list = |number: Option<u64>, this: &str, revoked: bool| {
        let builder = issuer().list().updates(this, "2027-01-01T00:00:00Z");
        let builder = match number {
            Some(number) => builder.number(number),
            None => builder.without(rastau_mint::extension::LIST_NUMBER),
        };
        issuer().verified(&if revoked { builder.revoke(&SERIAL, REVOKED_ON, None) } else { builder })
    };
    let (june, july) = ("2026-06-10T00:00:00Z", "2026-07-10T00:00:00Z");
    let table = [
        ("higher number", list(Some(1), june, true), list(Some(2), july, false), "good"),
        ("same number, later", list(Some(2), june, true), list(Some(2), july, false), "good"),
        ("lower number, later", list(Some(2), june, true), list(Some(1), july, false), "revoked"),
        ("no numbers, later", list(None, june, true), list(None, july, false), "good"),
        ("a number lost, later", list(Some(5), june, true), list(None, july, false), "good"),
        ("a number lost, earlier", list(Some(5), july, true), list(None, june, false), "revoked"),
    ];
    for (what, first, second, wanted) in table {
        assert_eq!(word(&status(&[first.clone(), second.clone()], &leaf, noon())), wanted, "{what}");
        assert_eq!(word(&status(&[second, first], &leaf, noon())), wanted, "{what}, the other way round");
    }
}

#[test]
fn an_unusable_list_is_named_as_the_cause_and_displaces_nothing() {
    let leaf = issuer().leaf();
    let delta = issuer().verified(&issuer().list().number(99).delta_to(1));
    assert_eq!(word(&status(from_ref(&delta), &leaf, noon())), "unsupported");
    let base = issuer().verified(&issuer().list().number(2).revoke(&SERIAL, REVOKED_ON, None));
    assert_eq!(word(&status(&[delta.clone(), base.clone()], &leaf, noon())), "revoked");
    assert_eq!(Snapshot::assemble([delta, base], noon()).lists().count(), 2);
}

#[test]
fn a_list_answers_only_within_its_scope() {
    let leaf = issuer().leaf();
    let authority = issuer().leaf_with(|_| CertificateBuilder::issuing_ca("АРАЛЫҚ", &Key::p256("sub")).serial(&SERIAL));
    let point = |fields: &[Vec<u8>]| issuer().verified(&issuer().list().issuing_distribution_point(fields));
    let users = point(&[der::implicit(1, &[0xff])]);
    assert_eq!(word(&status(from_ref(&users), &leaf, noon())), "good");
    assert_eq!(word(&status(&[users], &authority, noon())), "out of scope");
    let authorities = point(&[der::implicit(2, &[0xff])]);
    assert_eq!(word(&status(from_ref(&authorities), &leaf, noon())), "out of scope");
    assert_eq!(word(&status(&[authorities], &authority, noon())), "good");

    // A part of the list: only for certificates that name it.
    let name = |url: &str| der::implicit_constructed(0, &[der::implicit_constructed(0, &[uri(url)])]);
    let pointing = |url: &str| issuer().leaf_with(|builder| builder.replace(Extension::distribution_points(&[&[url]])));
    let part = point(&[name("http://crl.invalid/1.crl")]);
    assert_eq!(word(&status(from_ref(&part), &pointing("http://crl.invalid/1.crl"), noon())), "good");
    assert_eq!(word(&status(&[part], &pointing("http://crl.invalid/2.crl"), noon())), "out of scope");
}

#[test]
fn lists_of_different_scope_stand_beside_each_other() {
    let users = issuer().verified(
        &issuer()
            .list()
            .number(1)
            .revoke(&SERIAL, REVOKED_ON, None)
            .issuing_distribution_point(&[der::implicit(1, &[0xff])]),
    );
    let authorities =
        issuer().verified(&issuer().list().number(9).issuing_distribution_point(&[der::implicit(2, &[0xff])]));
    let lists = [users, authorities];
    assert_eq!(word(&status(&lists, &issuer().leaf(), noon())), "revoked");
    // A fresh answer is preferred to a stale one that says the same.
    let stale = issuer().verified(
        &issuer()
            .list()
            .number(2)
            .updates("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
            .revoke(&SERIAL, REVOKED_ON, None),
    );
    let both = [stale, Arc::clone(&lists[0])];
    assert_eq!(word(&status(&both, &issuer().leaf(), noon())), "revoked");
}

#[test]
fn lists_of_a_request_are_read_at_once_and_the_bad_ones_are_named() {
    let good = issuer().sign(&issuer().list().revoke(&SERIAL, REVOKED_ON, None));
    let lists = [b"<html>".to_vec(), good, Vec::new()];
    let (snapshot, rejected) = Snapshot::read(lists, from_ref(&issuer().certificate), noon());
    let sources: Vec<String> = rejected.iter().map(|(source, _)| source.to_string()).collect();
    assert_eq!(sources, ["request:0", "request:2"]);
    let status = snapshot.status(&issuer().leaf(), &issuer().certificate, noon(), noon());
    assert_eq!(word(&status), "revoked");
}

#[test]
fn the_silence_of_a_list_proves_nothing_about_a_negative_serial_number() {
    let negative = [0x80, 0x01];
    let leaf = issuer().leaf_with(|builder| builder.serial(&negative));
    let naming = issuer().verified(&issuer().list().revoke(&negative, REVOKED_ON, Some(1)));
    assert_eq!(word(&status(&[naming], &leaf, noon())), "out of scope");
    let empty = issuer().verified(&issuer().list());
    assert_eq!(word(&status(&[empty], &leaf, noon())), "out of scope");
}
