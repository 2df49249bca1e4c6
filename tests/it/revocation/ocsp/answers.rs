//! What verified responses come to.

use std::sync::Arc;

use rastau::revocation::ocsp::{
    AskError, AskFailure, MAX_VERIFIED, OcspError, OcspRules, OcspStatus, ParsedResponse, Responses, Unavailable,
};
use rastau::x509::Certificate;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::ocsp::{ARCHIVE_CUTOFF, ResponseBuilder, cert_id, generalized, good, revoked, unknown};

use super::{NOON, SERIAL, noon, scene, short, time};

/// A response of the delegate given at `when` with one answer, good until `until` if that is named.
fn given(when: &str, status: Vec<u8>, until: Option<&str>) -> Vec<u8> {
    let scene = scene();
    let mut single = scene.single(status);
    single.this_update = generalized(when);
    single.next_update = until.map(generalized);
    scene.delegated_at(when).answer(single).sign(&scene.responder_key)
}

fn hold(date: &str) -> Vec<u8> {
    revoked(date, Some(6))
}

fn at(responses: &[Vec<u8>], moment: &str, now: &str) -> String {
    let scene = scene();
    let (responses, _) = Responses::read(responses, OcspRules::default());
    short(&responses.status(&scene.leaf, &scene.issuer, time(moment), time(now)))
}

#[test]
fn the_three_statuses_are_told_apart_and_the_evidence_is_named() {
    let scene = scene();
    assert_eq!(short(&scene.status(&[scene.answer(good())])), "good");
    assert_eq!(short(&scene.status(&[scene.answer(unknown())])), "unknown");
    let der = scene.answer(revoked("2026-06-02T09:15:00Z", Some(4)));
    let status = scene.status(std::slice::from_ref(&der));
    assert_eq!(short(&status), "revoked 2026-06-02T09:15:00Z, superseded");
    let OcspStatus::Revoked { answer, .. } = status else { unreachable!() };
    assert_eq!((answer.this_update(), answer.next_update()), (noon(), None));
    assert_eq!(answer.covers_until(&OcspRules::default()), time("2026-08-20T12:10:00Z"));
    let response = answer.response();
    assert_eq!(response.produced_at(), noon());
    assert_eq!(&**response.issuer_text(), "CN=СЫНАҚ КО, C=KZ");
    assert_eq!(&**response.responder_text(), "CN=OCSP RESPONDER, C=KZ");
    let sha256: String = Hash::Sha256.digest(&der).iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(**response.sha256_text(), *sha256);
    assert_eq!(short(&scene.status(&[])), "unavailable: NoResponse");
}

#[test]
fn never_issued_is_no_revocation_of_1970() {
    let scene = scene();
    let epoch = "1970-01-01T00:00:00Z";
    assert_eq!(short(&scene.status(&[scene.answer(hold(epoch))])), "never issued");
    // Without the extension extended-revoke as well.
    let bare = ResponseBuilder { extensions: Vec::new(), ..scene.delegated() };
    let bare = bare.answer(scene.single(hold(epoch))).sign(&scene.responder_key);
    assert_eq!(short(&scene.status(&[bare])), "never issued");
    // Another reason, no reason, or another second is a revocation.
    for (status, wanted) in [
        (revoked(epoch, Some(1)), "revoked 1970-01-01T00:00:00Z, keyCompromise"),
        (revoked(epoch, None), "revoked 1970-01-01T00:00:00Z, no reason"),
        (hold("1970-01-01T00:00:01Z"), "revoked 1970-01-01T00:00:01Z, certificateHold"),
    ] {
        assert_eq!(short(&scene.status(&[scene.answer(status)])), wanted);
    }
}

#[test]
fn an_answer_about_another_certificate_is_no_answer() {
    let scene = scene();
    let authority = &scene.authority;
    let bits = authority.key.public_bits();
    let other_bits = rastau_mint::key::Key::p256("x").public_bits();
    let id = |hash, name: &[u8], bits: &[u8]| cert_id(hash, name, bits, &SERIAL);
    let with = |id: Vec<u8>| {
        let mut single = scene.single(good());
        single.id = id;
        short(&scene.status(&[scene.delegated().answer(single).sign(&scene.responder_key)]))
    };
    for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
        assert_eq!(with(id(hash, &authority.name, &bits)), "good");
    }
    let none = "unavailable: NoResponse";
    assert_eq!(with(authority.cert_id(&[0x22; 20])), none, "serial");
    assert_eq!(with(authority.cert_id(&SERIAL[1..])), none, "a shorter serial");
    assert_eq!(with(id(Hash::Sha256, &scene.responder, &bits)), none, "name");
    assert_eq!(with(id(Hash::Sha256, &authority.name, &other_bits)), none, "key");
    assert_eq!(with(id(Hash::Streebog256, &authority.name, &bits)), none, "a hash that is not known");
    // SHA-256 hashes that call themselves something else.
    let lie = authority.cert_id(&SERIAL);
    let lie: Vec<u8> = [&lie[..14], &[3], &lie[15..]].concat();
    assert_eq!(with(lie), none);
}

#[test]
fn without_next_update_an_answer_is_good_for_its_age() {
    let der = [given(NOON, good(), None)];
    for (moment, wanted) in [
        (NOON, "good"),
        ("2026-08-20T12:10:00Z", "good"),
        ("2026-08-20T12:10:01Z", "unavailable: Stale"),
        ("2026-08-21T12:00:00Z", "unavailable: Stale"),
    ] {
        assert_eq!(at(&der, moment, moment), wanted, "{moment}");
    }
    let scene = scene();
    let (responses, _) = Responses::read(&der, OcspRules { max_age: 60 });
    let moment = time("2026-08-20T12:01:01Z");
    assert_eq!(short(&responses.status(&scene.leaf, &scene.issuer, moment, moment)), "unavailable: Stale");
}

#[test]
fn with_next_update_it_is_good_until_then() {
    let der = [given(NOON, good(), Some("2026-08-21T12:00:00Z"))];
    assert_eq!(at(&der, "2026-08-21T12:00:00Z", "2026-08-21T12:00:00Z"), "good");
    assert_eq!(at(&der, "2026-08-21T12:00:01Z", "2026-08-21T12:00:01Z"), "unavailable: Stale");
    let at_once = [given(NOON, good(), Some(NOON))];
    assert_eq!(at(&at_once, NOON, NOON), "good");
}

#[test]
fn evidence_covers_the_moment_or_is_newer() {
    let der = [given(NOON, good(), None)];
    let much_later = "2027-05-01T00:00:00Z";
    // Newer than the moment, whatever the clock shows now.
    assert_eq!(at(&der, "2026-03-01T00:00:00Z", NOON), "good");
    assert_eq!(at(&der, "2026-03-01T00:00:00Z", much_later), "good");
    assert_eq!(at(&der, "2026-08-20T12:05:00Z", much_later), "good");
    // Older than it.
    assert_eq!(at(&der, "2026-08-20T12:10:01Z", much_later), "unavailable: Stale");
}

#[test]
fn what_is_dated_ahead_of_the_clock_is_not_believed() {
    let ahead = |seconds: i64| {
        let now = noon().plus_seconds(-seconds).to_string();
        at(&[given(NOON, good(), Some("2026-08-21T12:00:00Z"))], &now, &now)
    };
    assert_eq!(ahead(300), "good");
    assert_eq!(ahead(301), "unavailable: NotYetValid");
    let now = "2026-08-20T11:00:00Z";
    assert_eq!(
        at(&[given(NOON, revoked("2026-01-01T00:00:00Z", Some(1)), None)], now, now),
        "unavailable: NotYetValid"
    );
    // thisUpdate ahead of producedAt by more than clocks differ.
    let scene = scene();
    let single = |when| {
        let mut single = scene.single(good());
        single.this_update = generalized(when);
        scene.delegated_at("2026-08-20T10:00:00Z").answer(single).sign(&scene.responder_key)
    };
    assert_eq!(at(&[single("2026-08-20T10:05:00Z")], NOON, NOON), "unavailable: Stale");
    assert_eq!(at(&[single("2026-08-20T11:59:00Z")], NOON, NOON), "unavailable: NotYetValid");
    // That keeps it from clearing; whom it names is revoked.
    let mut naming = scene.single(revoked("2026-06-02T09:15:00Z", Some(1)));
    naming.this_update = generalized("2026-08-20T11:59:00Z");
    let naming = scene.delegated_at("2026-08-20T10:00:00Z").answer(naming).sign(&scene.responder_key);
    assert_eq!(at(&[naming], NOON, NOON), "revoked 2026-06-02T09:15:00Z, keyCompromise");
}

#[test]
fn what_is_revoked_stays_revoked_in_an_old_answer_and_unknown_does_not_stay() {
    let late = "2026-08-21T00:00:00Z";
    assert_eq!(
        at(&[given(NOON, revoked("2026-06-02T09:15:00Z", Some(4)), None)], late, late),
        "revoked 2026-06-02T09:15:00Z, superseded, stale"
    );
    assert_eq!(at(&[given(NOON, unknown(), None)], late, late), "unavailable: Stale");
    assert_eq!(at(&[given(NOON, hold("1970-01-01T00:00:00Z"), None)], late, late), "unavailable: Stale");
}

#[test]
fn a_revocation_after_the_moment_is_marked() {
    let der = [given(NOON, revoked("2026-06-02T09:15:00Z", Some(4)), None)];
    assert_eq!(at(&der, "2026-06-02T09:15:00Z", NOON), "revoked 2026-06-02T09:15:00Z, superseded");
    assert_eq!(at(&der, "2026-06-02T09:14:59Z", NOON), "revoked 2026-06-02T09:15:00Z, superseded, later");
}

#[test]
fn of_several_answers_in_one_response_the_worst_counts() {
    let scene = scene();
    let statuses = [good(), unknown(), hold("1970-01-01T00:00:00Z"), hold("2026-01-01T00:00:00Z")];
    let names = ["good", "unknown", "never issued", "revoked 2026-01-01T00:00:00Z, certificateHold"];
    for (worse, wanted) in names.iter().enumerate() {
        for better in 0..=worse {
            for pair in [[worse, better], [better, worse]] {
                let builder = pair
                    .iter()
                    .fold(scene.delegated(), |builder, index| builder.answer(scene.single(statuses[*index].clone())));
                let der = builder.sign(&scene.responder_key);
                assert_eq!(short(&scene.status(&[der])), *wanted);
            }
        }
    }
    // Others in it do not concern us.
    let mut other = scene.single(revoked("2026-01-01T00:00:00Z", Some(1)));
    other.id = scene.authority.cert_id(&[0x22; 20]);
    let der = scene.delegated().answer(other).answer(scene.single(good())).sign(&scene.responder_key);
    assert_eq!(short(&scene.status(&[der])), "good");
    // One that is good and lapsed spoils one that is good and fresh: which of them is meant?
    let mut old = scene.single(good());
    old.this_update = generalized("2026-08-01T12:00:00Z");
    let der = scene.delegated().answer(scene.single(good())).answer(old).sign(&scene.responder_key);
    assert_eq!(short(&scene.status(&[der])), "unavailable: Stale");
}

#[test]
fn of_several_responses_the_newest_counts_but_a_revocation_is_for_ever() {
    let (early, late) = ("2026-08-20T11:55:00Z", "2026-08-20T11:58:00Z");
    let old_good = given(early, good(), None);
    let new_good = given(late, good(), None);
    let compromised = |when| given(when, revoked("2026-08-20T11:00:00Z", Some(1)), None);
    for responses in [[compromised(early), new_good.clone()], [new_good.clone(), compromised(early)]] {
        assert_eq!(at(&responses, NOON, NOON), "revoked 2026-08-20T11:00:00Z, keyCompromise");
    }
    for responses in
        [[old_good.clone(), given(late, unknown(), None)], [given(late, unknown(), None), old_good.clone()]]
    {
        assert_eq!(at(&responses, NOON, NOON), "unknown");
    }
    assert_eq!(at(&[given(early, unknown(), None), new_good.clone()], NOON, NOON), "good");
    assert_eq!(at(&[given(late, unknown(), None), new_good.clone()], NOON, NOON), "unknown");
    // A lapsed good answer does not matter beside a fresh unknown one, nor a forged one beside a good one.
    let lapsed = given("2026-08-19T00:00:00Z", good(), None);
    assert_eq!(at(&[lapsed, given(early, unknown(), None)], NOON, NOON), "unknown");
    let scene = scene();
    let forged = scene.delegated().answer(scene.single(good())).sign(&rastau_mint::key::Key::p256("a stranger"));
    assert_eq!(at(&[forged.clone(), new_good.clone()], NOON, NOON), "good");
    assert_eq!(at(&[forged], NOON, NOON), "unavailable: Rejected");
}

#[test]
fn a_hold_is_lifted_by_a_newer_good_answer_from_before_the_moment() {
    let on_hold = given("2026-08-20T09:00:00Z", hold("2026-08-20T08:00:00Z"), None);
    let lifted = given("2026-08-20T11:58:00Z", good(), None);
    let held = "revoked 2026-08-20T08:00:00Z, certificateHold, stale";
    for responses in [[on_hold.clone(), lifted.clone()], [lifted.clone(), on_hold.clone()]] {
        assert_eq!(at(&responses, NOON, NOON), "good");
        // At nine it was on hold, whatever came later.
        let held_then = "revoked 2026-08-20T08:00:00Z, certificateHold";
        assert_eq!(at(&responses, "2026-08-20T09:00:00Z", NOON), held_then);
    }
    // Not by an older answer, nor by a lapsed one.
    let older = given("2026-08-20T08:30:00Z", good(), Some("2026-08-21T00:00:00Z"));
    assert_eq!(at(&[on_hold.clone(), older], NOON, NOON), held);
    let lapsed = given("2026-08-20T10:00:00Z", good(), None);
    assert_eq!(at(&[on_hold, lapsed], NOON, NOON), held);
}

#[test]
fn an_answer_after_the_expiry_is_weak_unless_the_archive_reaches_back() {
    let scene = scene();
    let builder = CertificateBuilder::individual("900101300017").serial(&SERIAL);
    let builder = builder.valid("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
    let leaf = Certificate::from_der(&scene.authority.issue(builder)).unwrap();
    let cutoff = |when| Some(Extension::new(ARCHIVE_CUTOFF, generalized(when)));
    for (extension, wanted) in [
        (None, "good, after expiry"),
        (cutoff("2020-01-01T00:00:00Z"), "good"),
        (cutoff("2026-01-01T00:00:00Z"), "good"),
        (cutoff("2026-01-01T00:00:01Z"), "good, after expiry"),
    ] {
        let single = extension.into_iter().fold(scene.single(good()), rastau_mint::ocsp::Single::with);
        let der = scene.delegated().answer(single).sign(&scene.responder_key);
        let (responses, _) = Responses::read([&der], OcspRules::default());
        let status = responses.status(&leaf, &scene.issuer, time("2025-06-01T00:00:00Z"), noon());
        assert_eq!(short(&status), wanted);
    }
}

#[test]
fn what_cannot_be_read_is_told_beside_what_can() {
    let scene = scene();
    let (responses, unread) = Responses::read(
        [scene.answer(good()), b"<html>".to_vec(), Vec::new(), rastau_mint::ocsp::error_status(3)],
        OcspRules::default(),
    );
    assert_eq!((responses.len(), responses.is_empty()), (1, false));
    assert_eq!(unread.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(short(&responses.status(&scene.leaf, &scene.issuer, noon(), noon())), "good");
}

#[test]
fn a_flood_of_responses_is_not_verified_and_proves_nothing() {
    let scene = scene();
    let stranger = rastau_mint::key::Key::p256("a stranger");
    let forged = |count| vec![scene.delegated().answer(scene.single(good())).sign(&stranger); count];
    let mut all = forged(MAX_VERIFIED - 1);
    all.push(scene.answer(good()));
    assert_eq!(short(&scene.status(&all)), "good");
    let mut all = forged(MAX_VERIFIED);
    all.push(scene.answer(good()));
    let status = scene.status(&all);
    assert!(matches!(status, OcspStatus::Unavailable { cause: Unavailable::Unread { .. } }));
    // It hides no revocation, wherever that is.
    let revoking = scene.answer(revoked("2026-06-02T09:15:00Z", Some(1)));
    for place in [0, all.len()] {
        let mut all = all.clone();
        all.insert(place, revoking.clone());
        assert_eq!(short(&scene.status(&all)), "revoked 2026-06-02T09:15:00Z, keyCompromise");
    }
    // Of those that revoke nobody the newest are read.
    let mut old = vec![given("2026-08-20T11:51:00Z", good(), None); MAX_VERIFIED];
    old.push(given("2026-08-20T11:52:00Z", revoked("2026-06-02T09:15:00Z", Some(4)), None));
    assert_eq!(at(&old, NOON, NOON), "revoked 2026-06-02T09:15:00Z, superseded");
}

#[test]
fn what_became_of_another_question_makes_no_silence_of_an_answer_that_does_not_hold() {
    let scene = scene();
    let failed = |failure| Err(Arc::new(AskError { failure, address: None }));
    let forged = || failed(AskFailure::Response(OcspError::NonceDiffers));
    let silent = || failed(AskFailure::OutOfTime);
    let is_silence = |responses: &Responses| match responses.status(&scene.leaf, &scene.issuer, noon(), noon()) {
        OcspStatus::Unavailable { cause } => cause.is_silence(),
        other => panic!("{}", short(&other)),
    };
    let mut responses = Responses::default();
    responses.push_fetched(&scene.issuer, forged());
    assert!(is_silence(&responses), "the answer about its issuer is not about it");
    responses.push_fetched(&scene.leaf, forged());
    responses.push_fetched(&scene.leaf, silent());
    responses.push_fetched(&scene.issuer, silent());
    assert!(!is_silence(&responses));
    // Nor does an old response.
    let lapsed = given("2026-08-20T10:00:00Z", good(), None);
    responses.push(ParsedResponse::read(&lapsed).unwrap());
    assert!(!is_silence(&responses));
}

#[test]
fn what_was_verified_once_is_not_verified_again() {
    let scene = scene();
    let (responses, _) = Responses::read([scene.answer(good())], OcspRules::default());
    let response = |responses: &Responses| match responses.status(&scene.leaf, &scene.issuer, noon(), noon()) {
        OcspStatus::Good { answer, .. } => Arc::clone(answer.response()),
        other => panic!("{}", short(&other)),
    };
    let (first, second) = (response(&responses), response(&responses.clone()));
    assert!(Arc::ptr_eq(&first, &second));
    let mut fetched = Responses::new(OcspRules::default());
    fetched.push_fetched(&scene.leaf, Ok(Arc::clone(&first)));
    assert!(Arc::ptr_eq(&first, &response(&fetched)));
}
