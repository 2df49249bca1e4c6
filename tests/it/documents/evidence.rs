//! Evidence inside documents: lists and OCSP responses, verified like any other.

use std::slice::from_ref;
use std::sync::Arc;

use rastau::clock::FixedClock;
use rastau::revocation::Snapshot;
use rastau::service::{DocumentRequest, Grounds, Lists, Parts, Service};
use rastau::signed::{Detached, Document};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::cms::{Cms, REVOCATION_VALUES, Signer, attribute};
use rastau_mint::der;
use rastau_mint::extension::EXTENDED_KEY_USAGE;
use rastau_mint::key::Key;
use rastau_mint::name::Name;
use rastau_mint::ocsp::{ResponseBuilder, Single, good, revoked};
use rastau_mint::world as mint;

use super::{CONTENT, NOW, SIGNED, World, accepted, json, refused, time, undetermined};

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
fn a_list_inside_finds_its_issuer_among_the_intermediates_of_the_question() {
    let person = Key::p256("person");
    let world = mint::World::of_two_names("nca", "other").with_leaf(|leaf| leaf.key(&person));
    let [root, first, second] =
        [&world.root, &world.first, &world.second].map(|one| Certificate::from_der(&one.certificate).unwrap());
    let (lists, _) = Snapshot::read([world.of_root()], from_ref(&root), time(NOW));
    let pool = Pool::builder().anchor(Anchor::new(root, Purposes::ALL, false)).build();
    let grounds = Grounds::new(Arc::new(pool), Lists::Fixed(Arc::new(lists)));
    let service = Service::new(Parts::new(Arc::new(FixedClock(time(NOW))), grounds));
    let list = world.of_first(|list| list.updates("2026-08-19T00:30:00Z", "2026-08-20T03:30:00Z"));
    let signer = Signer::new(&person, &world.leaf);
    let document = Cms::over(CONTENT).certificate(&world.leaf).revocation(&list).signer(signer).encode();
    let ask = |sent: Vec<Certificate>| {
        let prepared = service.prepare_document(&DocumentRequest::default()).unwrap().with_intermediates(sent);
        let document = Document::Bytes(&document);
        service.verify_document(&prepared, service.grounds(), document, Detached::Absent).unwrap()
    };
    accepted(&ask(vec![second.clone(), first]));
    refused(&ask(vec![second]), "issuer-not-trusted");
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

#[test]
fn the_certificate_of_a_responder_may_stand_among_those_of_the_document() {
    let world = World { has_list: false, ..World::new() };
    let key = Key::p256("a responder that sends no certificate");
    let given = "2026-08-19T23:59:00Z";
    let single = Single::new(world.nca.cert_id(&world.serial), good(), given).until("2026-08-20T12:00:00Z");
    let response = ResponseBuilder::new(&Name::authority("OCSP RESPONDER").encode(), given).answer(single);
    let response = response.sign_basic(&key);
    let ask = |certificate: &[u8]| {
        let response = response.clone();
        let signer = world.signer().unsigned(move |_| responses(&response));
        world.ask(&Cms::over(CONTENT).certificate(&world.leaf).certificate(certificate).signer(signer).encode())
    };
    let report = ask(&world.nca.issue(world.nca.responder("OCSP RESPONDER", &key)));
    accepted(&report);
    let stranger = Authority::root("nca", Key::p256("stranger"));
    for wrong in [
        stranger.issue(stranger.responder("OCSP RESPONDER", &key)),
        world.nca.issue(world.nca.responder("OCSP RESPONDER", &key).without(EXTENDED_KEY_USAGE)),
        world.nca.issue(world.nca.responder("OCSP RESPONDER", &Key::p256("another key"))),
        world.nca.issue(world.nca.responder("ANOTHER RESPONDER", &key)),
    ] {
        undetermined(&ask(&wrong), "revocation-unknown");
    }
}
