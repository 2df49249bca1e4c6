//! Timestamps and the moment of checking (500/НҚ p. 14 and 17).

use rastau::policy::Reading;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{CONTENT_TIMESTAMP, Signed, Signer, attribute};
use rastau_mint::der;
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::tsp::TokenBuilder;

use super::{NOW, SIGNED, World, accepted, ask_alone, check, json, refused, undetermined};

/// superseded: a reason that does not reach back.
const SUPERSEDED: Option<u8> = Some(4);
const KEY_COMPROMISE: Option<u8> = Some(1);
const AFTER: &str = "2026-08-01T00:00:00Z";
const BEFORE: &str = "2026-07-01T00:00:00Z";

#[test]
fn without_a_timestamp_the_moment_of_checking_is_now() {
    let world = World::new();
    let report = world.ask(&world.document(world.signer()));
    accepted(&report);
    assert_eq!(json(&report)["at"], NOW);
    assert_eq!(check(&report, "timestamp"), "skipped");
}

#[test]
fn a_trusted_timestamp_moves_the_moment_of_checking() {
    let world = World::new();
    let report = world.ask(&world.document(world.stamped(SIGNED)));
    accepted(&report);
    let json = json(&report);
    assert_eq!(json["at"], SIGNED);
    let timestamp = &json["signatures"][0]["timestamp"];
    assert_eq!((&timestamp["status"], &timestamp["gen_time"]), (&"passed".into(), &SIGNED.into()));
    assert_eq!(json["signatures"][0]["verified_level"], "T");
}

#[test]
fn a_timestamp_under_a_policy_too_large_to_be_held_proves_its_time_and_names_none() {
    let world = World::new();
    let (key, certificate) = (world.tsa.clone(), world.tsa_certificate.clone());
    let policy = der::tlv(0x06, &[&[0x69, 0x83][..], &[0xff; 17], &[0x7f]].concat());
    let stamped = world.signer().timestamp(move |value| {
        TokenBuilder { policy: policy.clone(), ..TokenBuilder::new(&key, &certificate, value, SIGNED) }.encode()
    });
    let report = world.ask(&world.document(stamped));
    accepted(&report);
    let json = json(&report);
    let timestamp = &json["signatures"][0]["timestamp"];
    assert_eq!((&json["at"], &timestamp["status"]), (&SIGNED.into(), &"passed".into()));
    assert!(timestamp["policy"].is_null(), "{timestamp}");
}

#[test]
fn a_certificate_revoked_after_a_proved_time_for_a_benign_reason_does_not_undo_the_signature() {
    let world = World::new();
    let world = World { ..world };
    let serial = world.serial.clone();
    let world = world.revoking(&serial, AFTER, SUPERSEDED);
    accepted(&world.ask(&world.document(world.stamped(SIGNED))));
    refused(&world.ask(&world.document(world.signer())), "certificate-revoked");
}

#[test]
fn reasons_that_reach_back_undo_it_whatever_the_timestamp_says() {
    // keyCompromise, cACompromise, certificateHold, aACompromise, unspecified, none given.
    for reason in [KEY_COMPROMISE, Some(2), Some(6), Some(10), Some(0), None] {
        let world = World::new();
        let serial = world.serial.clone();
        let world = world.revoking(&serial, AFTER, reason);
        refused(&world.ask(&world.document(world.stamped(SIGNED))), "certificate-revoked");
    }
}

#[test]
fn a_certificate_revoked_before_the_proved_time_is_refused() {
    let world = World::new();
    let serial = world.serial.clone();
    let world = world.revoking(&serial, BEFORE, SUPERSEDED);
    refused(&world.ask(&world.document(world.stamped(SIGNED))), "certificate-revoked");
}

#[test]
fn a_certificate_that_expired_after_a_proved_time_was_valid_when_it_signed() {
    let mut world = World::new();
    let iin = rastau_mint::identity::iin("650615", false, 1);
    let holder = CertificateBuilder::individual(&iin).key(&world.person);
    world.leaf = world.nca.issue(holder.valid("2026-01-01T00:00:00Z", "2026-08-01T00:00:00Z"));
    let report = world.ask(&world.document(world.stamped(SIGNED)));
    // The list of today does not speak about certificates that are over, unless it says so.
    undetermined(&report, "revocation-unknown");
    assert_eq!(check(&report, "validity-period"), "passed");
    refused(&world.ask(&world.document(world.signer())), "certificate-expired");
}

#[test]
fn a_timestamp_over_another_value_is_refused() {
    let world = World::new();
    let (key, certificate) = (world.tsa.clone(), world.tsa_certificate.clone());
    let signer =
        world.signer().timestamp(move |_| TokenBuilder::new(&key, &certificate, b"something else", SIGNED).encode());
    let report = world.ask(&world.document(signer));
    refused(&report, "timestamp-invalid");
    assert_eq!(json(&report)["at"], NOW);
}

#[test]
fn a_token_whose_signature_is_broken_is_refused() {
    let world = World::new();
    let (stranger, certificate) = (Key::p256("stranger"), world.tsa_certificate.clone());
    let signer =
        world.signer().timestamp(move |value| TokenBuilder::new(&stranger, &certificate, value, SIGNED).encode());
    refused(&world.ask(&world.document(signer)), "timestamp-invalid");
}

#[test]
fn a_token_that_is_none_is_refused() {
    let world = World::new();
    let signer = world.signer().timestamp(|_| rastau_mint::der::sequence(&[rastau_mint::der::integer(1)]));
    refused(&world.ask(&world.document(signer)), "timestamp-invalid");
}

#[test]
fn a_signer_whose_key_usage_is_not_timestamps_alone_and_critical_gives_none() {
    type Change = fn(&CertificateBuilder) -> Vec<Extension>;
    let usages: [Change; 4] = [
        |_| vec![Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.8"])],
        |_| vec![Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.4"]).critical()],
        |_| vec![Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.4"]).critical()],
        |_| vec![],
    ];
    for (index, usage) in usages.into_iter().enumerate() {
        let mut world = World::new();
        let bare = CertificateBuilder::new(&rastau_mint::name::Name::authority("TSA"), &world.tsa);
        let extensions = usage(&bare);
        let builder = extensions.into_iter().fold(bare, |builder, extension| builder.with(extension));
        world.tsa_certificate = world.nca.issue(builder);
        let report = world.ask(&world.document(world.stamped(SIGNED)));
        refused(&report, "timestamp-invalid");
        assert_eq!(json(&report)["at"], NOW, "case {index}");
    }
}

#[test]
fn the_signer_cannot_stamp_its_own_signature() {
    let world = World::new();
    let (key, certificate) = (world.person.clone(), world.leaf.clone());
    let signer = world.signer().timestamp(move |value| TokenBuilder::new(&key, &certificate, value, SIGNED).encode());
    refused(&world.ask(&world.document(signer)), "timestamp-invalid");
}

#[test]
fn an_authority_of_timestamps_that_nobody_knows_leaves_the_moment_at_now() {
    let mut world = World::new();
    let stranger = Authority::root("stranger", Key::p256("stranger"));
    world.tsa_certificate = stranger.issue(stranger.timestamp_authority("TSA", &world.tsa));
    let report = world.ask(&world.document(world.stamped(SIGNED)));
    accepted(&report);
    let json = json(&report);
    assert_eq!((&json["at"], check(&report, "timestamp").as_str()), (&NOW.into(), "undetermined"));
    assert_eq!(json["signatures"][0]["verified_level"], "B");
    // A revoked certificate is not saved by it.
    let serial = world.serial.clone();
    let world = world.revoking(&serial, AFTER, SUPERSEDED);
    refused(&world.ask(&world.document(world.stamped(SIGNED))), "certificate-revoked");
}

#[test]
fn to_the_letter_a_timestamp_that_cannot_be_judged_leaves_everything_open() {
    let mut world = World::new();
    world.reading = Reading::StrictLetter;
    accepted(&world.ask(&world.document(world.stamped(SIGNED))));
    let stranger = Authority::root("stranger", Key::p256("stranger"));
    world.tsa_certificate = stranger.issue(stranger.timestamp_authority("TSA", &world.tsa));
    undetermined(&world.ask(&world.document(world.stamped(SIGNED))), "time-unknown");
}

#[test]
fn to_the_letter_the_timestamp_has_the_algorithm_of_the_signature() {
    let mut world = World::new();
    let other = Key::p384("tsa");
    world.tsa_certificate = world.nca.issue(world.nca.timestamp_authority("TSA 384", &other));
    world.tsa = other;
    accepted(&world.ask(&world.document(world.stamped(SIGNED))));
    world.reading = Reading::StrictLetter;
    refused(&world.ask(&world.document(world.stamped(SIGNED))), "timestamp-invalid");
}

#[test]
fn a_timestamp_of_a_revoked_authority_is_refused() {
    for (date, reason) in [(BEFORE, SUPERSEDED), (AFTER, KEY_COMPROMISE)] {
        let world = World::new();
        let serial = world.tsa_serial.clone();
        let world = world.revoking(&serial, date, reason);
        refused(&world.ask(&world.document(world.stamped(SIGNED))), "timestamp-invalid");
    }
}

#[test]
fn a_timestamp_from_outside_its_authoritys_period_is_refused() {
    let mut world = World::new();
    let builder =
        world.nca.timestamp_authority("TSA", &world.tsa).valid("2026-08-01T00:00:00Z", "2027-01-01T00:00:00Z");
    world.tsa_certificate = world.nca.issue(builder);
    refused(&world.ask(&world.document(world.stamped(SIGNED))), "timestamp-invalid");
}

#[test]
fn a_timestamp_ahead_of_the_clock_proves_nothing() {
    let world = World::new();
    let report = world.ask(&world.document(world.stamped("2026-08-21T00:00:00Z")));
    assert_eq!(json(&report)["at"], NOW);
    assert_eq!(check(&report, "timestamp"), "undetermined");
    // As far as clocks may differ it is believed, and no second more.
    for (moment, status) in [("2026-08-20T00:05:00Z", "passed"), ("2026-08-20T00:05:01Z", "undetermined")] {
        assert_eq!(check(&world.ask(&world.document(world.stamped(moment))), "timestamp"), status, "{moment}");
    }
}

#[test]
fn a_weak_imprint_proves_nothing_and_spoils_nothing() {
    let world = World::new();
    let (key, certificate) = (world.tsa.clone(), world.tsa_certificate.clone());
    let signer = world.signer().timestamp(move |value| {
        TokenBuilder::new(&key, &certificate, value, SIGNED).imprint(Hash::Sha1, &Hash::Sha1.digest(value)).encode()
    });
    let report = world.ask(&world.document(signer));
    accepted(&report);
    assert_eq!(json(&report)["at"], NOW);
}

#[test]
fn of_two_trusted_timestamps_the_earlier_counts_and_a_broken_one_beside_them_refuses() {
    let world = World::new();
    let stamp = |moment: &'static str| {
        let (key, certificate) = (world.tsa.clone(), world.tsa_certificate.clone());
        move |value: &[u8]| TokenBuilder::new(&key, &certificate, value, moment).encode()
    };
    let (key, certificate) = (world.tsa.clone(), world.tsa_certificate.clone());
    let signer = world.signer().timestamp(stamp("2026-07-25T00:00:00Z")).timestamp(stamp(SIGNED));
    let elsewhere = move |_: &[u8]| TokenBuilder::new(&key, &certificate, b"other", "2026-07-01T00:00:00Z").encode();
    let forged = {
        let certificate = world.tsa_certificate.clone();
        move |value: &[u8]| TokenBuilder::new(&Key::p256("x"), &certificate, value, SIGNED).encode()
    };
    for broken in [signer.clone().timestamp(elsewhere), signer.clone().timestamp(forged)] {
        refused_both_ways(&world, broken);
    }
    refused_both_ways(&world, signer.clone().timestamp(|_| vec![0x30, 0]));
    let report = world.ask(&world.document(signer));
    accepted(&report);
    let json = json(&report);
    assert_eq!(json["at"], SIGNED);
    assert_eq!(json["signatures"][0]["other_timestamps"].as_array().unwrap().len(), 1);
}

/// Asked with trust and without.
fn refused_both_ways(world: &World, signer: Signer) {
    let document = world.document(signer);
    refused(&world.ask(&document), "timestamp-invalid");
    refused(&ask_alone(world, &document), "timestamp-invalid");
}

/// Warnings about timestamps that were not used.
fn not_used(report: &rastau::verdict::DocumentReport) -> usize {
    let warnings = json(report)["signatures"][0]["warnings"].as_array().cloned().unwrap_or_default();
    warnings.iter().filter(|warning| warning["code"] == "timestamp-not-used").count()
}

/// A certificate for another purpose than timestamps, and its key.
fn no_authority(world: &World) -> (Key, Vec<u8>) {
    let key = Key::p256("no authority");
    let usage = Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.4"]).critical();
    let name = rastau_mint::name::Name::authority("no authority");
    let certificate = world.nca.issue(CertificateBuilder::new(&name, &key).with(usage));
    (key, certificate)
}

#[test]
fn a_timestamp_by_nobody_who_may_give_one_refuses_alone_and_is_pointed_out_beside_a_good_one() {
    let world = World::new();
    let (key, certificate) = no_authority(&world);
    let barred = move |value: &[u8]| TokenBuilder::new(&key, &certificate, value, SIGNED).encode();
    refused(&world.ask(&world.document(world.signer().timestamp(barred.clone()))), "timestamp-invalid");
    let report = world.ask(&world.document(world.stamped(SIGNED).timestamp(barred)));
    accepted(&report);
    assert_eq!((json(&report)["at"].as_str(), not_used(&report)), (Some(SIGNED), 1));
}

#[test]
fn a_timestamp_of_an_authority_by_another_name_is_refused() {
    let world = World::new();
    let named = |name: Vec<u8>| {
        let (key, certificate) = (world.tsa.clone(), world.tsa_certificate.clone());
        world.signer().timestamp(move |value| {
            let name = der::explicit(0, &der::explicit(4, &name));
            TokenBuilder::new(&key, &certificate, value, SIGNED).with(name).encode()
        })
    };
    refused(&world.ask(&world.document(named(world.nca.name.clone()))), "timestamp-invalid");
    let own = rastau::x509::Certificate::from_der(&world.tsa_certificate).unwrap().subject().as_der().to_vec();
    accepted(&world.ask(&world.document(named(own))));
}

#[test]
fn a_timestamp_over_the_content_is_judged_like_any_other_and_proves_no_moment() {
    let world = World::new();
    let with = |token: Vec<u8>| world.signer().with(Signed::Raw(attribute(CONTENT_TIMESTAMP, &[token])));
    let token = |over: &[u8]| TokenBuilder::new(&world.tsa, &world.tsa_certificate, over, SIGNED);
    // Over something else, signed by another key, with a reference to another certificate, and none at all.
    let elsewhere = token(b"something else").encode();
    let forged = TokenBuilder::new(&Key::p256("x"), &world.tsa_certificate, super::CONTENT, SIGNED).encode();
    let mut good = token(super::CONTENT);
    good.signer.certificate.clone_from(&world.leaf);
    for broken in [elsewhere, forged, good.encode(), vec![0x30, 0]] {
        refused_both_ways(&world, with(broken));
    }
    let (key, certificate) = no_authority(&world);
    let barred = with(TokenBuilder::new(&key, &certificate, super::CONTENT, SIGNED).encode());
    refused(&world.ask(&world.document(barred.clone())), "timestamp-invalid");
    accepted(&ask_alone(&world, &world.document(barred)));

    let fine = world.document(with(token(super::CONTENT).encode()));
    let report = world.ask(&fine);
    accepted(&report);
    assert_eq!((json(&report)["at"].as_str(), not_used(&report)), (Some(NOW), 0));
    accepted(&ask_alone(&world, &fine));
}

#[test]
fn a_timestamp_over_the_content_by_an_authority_that_nobody_knows_is_pointed_out() {
    let world = World::new();
    let stranger = Authority::root("stranger", Key::p256("stranger"));
    let certificate = stranger.issue(stranger.timestamp_authority("TSA", &world.tsa));
    let token = TokenBuilder::new(&world.tsa, &certificate, super::CONTENT, SIGNED);
    let signer = world.signer().with(Signed::Raw(attribute(CONTENT_TIMESTAMP, &[token.encode()])));
    let report = world.ask(&world.document(signer));
    accepted(&report);
    assert_eq!(not_used(&report), 1);
}

#[test]
fn a_timestamp_signed_by_an_algorithm_that_is_not_relied_on_proves_nothing_and_spoils_nothing() {
    let world = World::new();
    let (key, certificate) = (world.tsa.clone(), world.tsa_certificate.clone());
    let weak = move |value: &[u8]| {
        let mut token = TokenBuilder::new(&key, &certificate, value, SIGNED);
        token.signer.digest_algorithm = Some(der::sequence(&[der::oid(Hash::Sha1.oid()), der::null()]));
        token.encode()
    };
    let document = world.document(world.signer().timestamp(weak));
    for report in [world.ask(&document), ask_alone(&world, &document)] {
        accepted(&report);
        assert_eq!((json(&report)["at"].as_str(), not_used(&report)), (Some(NOW), 1));
    }
}

#[test]
fn the_claimed_time_proves_nothing() {
    let world = World::new();
    let serial = world.serial.clone();
    let world = world.revoking(&serial, AFTER, SUPERSEDED);
    // Its signingTime is of before the revocation.
    let report = world.ask(&world.document(world.signer()));
    refused(&report, "certificate-revoked");
    assert_eq!(json(&report)["signatures"][0]["claimed_signing_time"], SIGNED);
}
