//! Evidence inside documents: lists and OCSP responses, verified like any other.

use rastau_mint::authority::Authority;
use rastau_mint::cms::{Cms, REVOCATION_VALUES, attribute};
use rastau_mint::der;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{ResponseBuilder, Single, good, revoked};

use super::{CONTENT, SIGNED, World, accepted, json, refused, undetermined};

/// revocationValues with lists.
pub(super) fn lists(lists: &[Vec<u8>]) -> Vec<u8> {
    attribute(REVOCATION_VALUES, &[der::sequence(&[der::explicit(0, &der::sequence(lists))])])
}

#[test]
fn without_any_evidence_nothing_is_decided() {
    let world = World { has_list: false, ..World::new() };
    undetermined(&world.ask(&world.document(world.signer())), "revocation-unknown");
}

#[test]
fn a_list_inside_the_document_stands_in_for_one_at_hand() {
    let world = World { has_list: false, ..World::new() };
    let list = world.list();
    let embedded = world.stamped(SIGNED).unsigned(move |_| lists(std::slice::from_ref(&list)));
    let report = world.ask(&world.document(embedded));
    accepted(&report);
    assert_eq!(json(&report)["signatures"][0]["verified_level"], "LT");
}

#[test]
fn a_list_beside_the_certificates_counts_as_well() {
    let world = World { has_list: false, ..World::new() };
    let document = Cms::over(CONTENT).certificate(&world.leaf).revocation(&world.list()).signer(world.signer());
    accepted(&world.ask(&document.encode()));
}

#[test]
fn a_newer_list_inside_that_revokes_is_believed_against_the_one_at_hand() {
    let world = World::new();
    let newer = world.nca.list().number(8).updates("2026-08-19T12:00:00Z", "2026-08-20T15:00:00Z");
    let newer = world.nca.sign_list(&newer.revoke(&world.serial, "2026-07-01T00:00:00Z", Some(1)));
    let embedded = world.signer().unsigned(move |_| lists(std::slice::from_ref(&newer)));
    refused(&world.ask(&world.document(embedded)), "certificate-revoked");
}

#[test]
fn a_list_of_somebody_else_is_no_evidence() {
    let world = World { has_list: false, ..World::new() };
    let stranger = Authority::root("nca", Key::p256("stranger"));
    let list = stranger.sign_list(&stranger.list().number(9).updates("2026-08-19T00:30:00Z", "2026-08-21T00:30:00Z"));
    let embedded = world.signer().unsigned(move |_| lists(std::slice::from_ref(&list)));
    undetermined(&world.ask(&world.document(embedded)), "revocation-unknown");
}

#[test]
fn a_list_that_was_over_before_the_moment_is_no_evidence() {
    let world = World { has_list: false, ..World::new() };
    let old = world.nca.list().number(5).updates("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let old = world.nca.sign_list(&old);
    let embedded = world.stamped(SIGNED).unsigned(move |_| lists(std::slice::from_ref(&old)));
    undetermined(&world.ask(&world.document(embedded)), "revocation-unknown");
}

#[test]
fn an_older_list_inside_does_not_hide_the_newer_one_at_hand() {
    let clean = World::new().nca.list().number(6).updates("2026-08-18T00:00:00Z", "2026-08-25T00:00:00Z");
    let clean = World::new().nca.sign_list(&clean);
    let world = World::new();
    let serial = world.serial.clone();
    let world = world.revoking(&serial, "2026-08-18T12:00:00Z", Some(1));
    let embedded = world.signer().unsigned(move |_| lists(std::slice::from_ref(&clean)));
    refused(&world.ask(&world.document(embedded)), "certificate-revoked");
}

#[test]
fn a_list_inside_of_a_higher_number_takes_nothing_back_that_the_one_at_hand_revokes() {
    // What a document brings is picked by whoever made it: a list of changes without its marks, for one.
    let clean = World::new().nca.list().number(8).updates("2026-08-19T12:00:00Z", "2026-08-25T00:00:00Z");
    let clean = World::new().nca.sign_list(&clean);
    let world = World::new();
    let serial = world.serial.clone();
    let world = world.revoking(&serial, "2026-08-18T12:00:00Z", Some(1));
    let embedded = world.signer().unsigned(move |_| lists(std::slice::from_ref(&clean)));
    refused(&world.ask(&world.document(embedded)), "certificate-revoked");
}

/// revocationValues with a `BasicOCSPResponse`, which is what `CAdES` carries.
fn responses(basic: &[u8]) -> Vec<u8> {
    attribute(REVOCATION_VALUES, &[der::sequence(&[der::explicit(1, &der::sequence(&[basic]))])])
}

#[test]
fn an_ocsp_response_inside_the_document_counts() {
    let mut world = World { has_list: false, ..World::new() };
    // The timestamp authority is not asked about here.
    world.tsa_serial = Vec::new();
    let single =
        Single::new(world.nca.cert_id(&world.serial), good(), "2026-08-19T23:59:00Z").until("2026-08-20T12:00:00Z");
    let response =
        ResponseBuilder::new(&world.nca.name, "2026-08-19T23:59:00Z").answer(single).sign_basic(&world.nca.key);
    let embedded = world.signer().unsigned(move |_| responses(&response));
    accepted(&world.ask(&world.document(embedded)));
}

#[test]
fn an_ocsp_response_inside_that_revokes_refuses_although_the_list_is_clean() {
    let world = World::new();
    let single =
        Single::new(world.nca.cert_id(&world.serial), revoked("2026-08-19T01:00:00Z", Some(1)), "2026-08-19T23:59:00Z");
    let response =
        ResponseBuilder::new(&world.nca.name, "2026-08-19T23:59:00Z").answer(single).sign_basic(&world.nca.key);
    let embedded = world.signer().unsigned(move |_| responses(&response));
    refused(&world.ask(&world.document(embedded)), "certificate-revoked");
}
