//! Which level of evidence is proved, whatever the form of the signature promises.

use std::collections::BTreeSet;

use rastau::policy::{Policy, Profile, Purpose};
use rastau::service::DocumentRequest;
use rastau::signed::{Detached, Document};
use rastau::trust::policy::PolicyInputs;
use rastau::verdict::DocumentReport;
use rastau::x509::{Certificate, oid};
use rastau_mint::archive::{self, HashIndex};
use rastau_mint::authority::Authority;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::key::Key;
use rastau_mint::tsp::TokenBuilder;

use super::evidence::lists;
use super::{CONTENT, SIGNED, World, accepted, json, refused};

/// What the form has, and what of it is proved.
fn levels(report: &DocumentReport) -> (String, String) {
    let signature = &json(report)["signatures"][0];
    let text = |name: &str| signature[name].as_str().unwrap().to_owned();
    (text("level"), text("verified_level"))
}

fn pair(form: &str, verified: &str) -> (String, String) {
    (form.to_owned(), verified.to_owned())
}

/// The list of the world's authority inside the signature.
fn with_list(world: &World, signer: Signer) -> Signer {
    let list = world.list();
    signer.unsigned(move |_| lists(std::slice::from_ref(&list)))
}

#[test]
fn lists_without_a_moment_are_no_evidence_that_lasts() {
    let world = World::new();
    let report = world.ask(&world.document(with_list(&world, world.signer())));
    accepted(&report);
    assert_eq!(levels(&report).1, "B");
}

#[test]
fn a_list_inside_that_had_lapsed_proves_the_moment_and_no_more() {
    let world = World::new();
    let old = world.nca.list().number(5).updates("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let old = world.nca.sign_list(&old);
    let signer = world.stamped(SIGNED).unsigned(move |_| lists(std::slice::from_ref(&old)));
    let report = world.ask(&world.document(signer));
    accepted(&report);
    assert_eq!(levels(&report), pair("LT", "T"), "the list at hand is not the document's");
}

#[test]
fn the_timestamps_authority_needs_evidence_inside_as_the_signer_does() {
    // Both authorities are trusted; the document brings the list of the signer's alone, the other is at hand.
    let mut world = World::new();
    let other = Authority::root("stamps", Key::p256("stamps"));
    world.tsa_certificate = other.issue(other.timestamp_authority("TSA", &world.tsa));
    world.trusted.push(other.certificate.clone());
    let of_other = other.sign_list(&other.list().number(3).updates("2026-08-19T00:30:00Z", "2026-08-20T03:30:00Z"));
    world.other_lists.push((other.certificate.clone(), of_other.clone()));
    let report = world.ask(&world.document(with_list(&world, world.stamped(SIGNED))));
    accepted(&report);
    assert_eq!(levels(&report), pair("LT", "T"));
    let both = [world.list(), of_other];
    let report = world.ask(&world.document(world.stamped(SIGNED).unsigned(move |_| lists(&both))));
    assert_eq!(levels(&report), pair("LT", "LT"));
}

#[test]
fn certificates_that_only_the_verifier_has_are_no_evidence_of_the_document() {
    let root = Authority::root("root", Key::p256("root"));
    let mut world = World::new();
    let nca = root.subordinate("nca", Key::p256("nca"));
    let reissued = Certificate::from_der(&nca.certificate).unwrap();
    assert_eq!(reissued.subject().as_der(), Certificate::from_der(&world.nca.certificate).unwrap().subject().as_der());
    world.trusted = vec![root.certificate.clone()];
    world.intermediates = vec![nca.certificate.clone()];
    let of_root = root.sign_list(&root.list().number(3).updates("2026-08-19T00:30:00Z", "2026-08-20T03:30:00Z"));
    let of_nca = world.list();
    world.other_lists.push((root.certificate.clone(), of_root.clone()));
    let both = [of_nca, of_root];
    let signer = |both: [Vec<u8>; 2]| world.stamped(SIGNED).unsigned(move |_| lists(&both));
    let without = world.ask(&world.document(signer(both.clone())));
    accepted(&without);
    assert_eq!(levels(&without), pair("LT", "T"));
    let document = Cms::over(CONTENT).certificate(&world.leaf).certificate(&nca.certificate).signer(signer(both));
    let carried = world.ask(&document.encode());
    assert_eq!(levels(&carried), pair("LT", "LT"));
}

#[test]
fn policies_that_the_signer_is_asked_for_are_not_asked_of_the_timestamps_authority() {
    let world = World::new();
    let policies = |der: &[u8]| Certificate::from_der(der).unwrap().extensions().policies.to_vec();
    let asked = policies(&world.leaf).into_iter().find(|policy| !policies(&world.tsa_certificate).contains(policy));
    let initial_policies: BTreeSet<_> = asked.into_iter().collect();
    assert!(!initial_policies.is_empty(), "the signer has a policy that the other has not");
    let policies = PolicyInputs { initial_policies, require_explicit_policy: true, ..PolicyInputs::default() };
    let policy = Policy { policies, ..Policy::of(Profile::Rfc5280, Purpose::Sign) };
    lasts_under(&world, policy);
}

#[test]
fn extended_key_usages_that_the_signer_is_asked_for_are_not_asked_of_the_timestamps_authority() {
    let world = World::new();
    // The authority has timeStamping alone.
    let extended_key_usages = BTreeSet::from([oid::EKU_EMAIL_PROTECTION]);
    lasts_under(&world, Policy { extended_key_usages, ..Policy::of(Profile::Rfc5280, Purpose::Sign) });
}

/// The world's signer with a timestamp and all evidence is accepted under the policy, with the level proved.
fn lasts_under(world: &World, policy: Policy) {
    let document = world.document(with_list(world, world.stamped(SIGNED)));
    let service = world.service();
    let prepared = service.prepare_document_under(&DocumentRequest::default(), policy).unwrap();
    let document = Document::Bytes(&document);
    let report = service.verify_document(&prepared, service.grounds(), document, Detached::Absent).unwrap();
    accepted(&report);
    assert_eq!(levels(&report), pair("LT", "LT"));
}

/// A message of the world's signer with a timestamp and these lists beside it, and an archive timestamp over all of it by
/// `authority`, whose index and content can be changed.
fn archived(
    world: &World,
    lists: &[Vec<u8>],
    authority: (&Key, &[u8]),
    change: impl FnOnce(&mut HashIndex, &mut Vec<u8>),
) -> Vec<u8> {
    let message = Cms::over(CONTENT).certificate(&world.leaf).signer(world.stamped(SIGNED));
    let message = lists.iter().fold(message, |message, list| message.revocation(list));
    let (mut index, mut content) = (HashIndex::of(&message), CONTENT.to_vec());
    change(&mut index, &mut content);
    let stamped = archive::stamped(&message, &content, &index);
    let token = TokenBuilder::new(authority.0, authority.1, &stamped, "2026-08-01T00:00:00Z");
    archive::attach(message, token, Some(index.encode())).encode()
}

#[test]
fn an_archive_timestamp_over_all_the_evidence_proves_the_long_term() {
    let world = World::new();
    let own = (&world.tsa, &world.tsa_certificate[..]);
    let ask = |change: fn(&mut HashIndex, &mut Vec<u8>)| {
        let report = world.ask(&archived(&world, &[world.list()], own, change));
        accepted(&report);
        levels(&report)
    };
    assert_eq!(ask(|_, _| {}), pair("LTA", "LTA"));
    let out = pair("LTA", "LT");
    assert_eq!(ask(|index, _| index.revocation.clear()), out, "the list could be another one since");
    assert_eq!(ask(|index, _| index.certificates.clear()), out);
    assert_eq!(ask(|index, _| index.attributes.clear()), out, "the signature's timestamp");
    assert_eq!(ask(|index, _| index.revocation = vec![vec![0; 32]]), out, "of something that is not there");
    let elsewhere = archived(&world, &[world.list()], own, |_, content| content.push(b'!'));
    refused(&world.ask(&elsewhere), "timestamp-invalid");
}

#[test]
fn an_archive_timestamp_of_an_authority_that_is_not_known_proves_nothing() {
    let world = World::new();
    let other = Authority::root("stamps", Key::p256("stamps"));
    let certificate = other.issue(other.timestamp_authority("TSA", &world.tsa));
    let document = archived(&world, &[world.list()], (&world.tsa, &certificate), |_, _| {});
    let report = world.ask(&document);
    accepted(&report);
    // Its own authority has no evidence inside either, so that nothing of the evidence is known to last.
    assert_eq!(levels(&report), pair("LTA", "T"));
}

#[test]
fn an_archive_timestamp_makes_no_evidence_of_what_had_lapsed_or_is_about_others() {
    let world = World::new();
    let own = (&world.tsa, &world.tsa_certificate[..]);
    let old = world.nca.list().number(5).updates("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let stranger = Authority::root("stranger", Key::p256("stranger"));
    for list in [world.nca.sign_list(&old), stranger.sign_list(&stranger.list())] {
        let report = world.ask(&archived(&world, &[list], own, |_, _| {}));
        accepted(&report);
        assert_eq!(levels(&report), pair("LTA", "T"));
    }
}

#[test]
fn the_form_of_an_archive_without_a_trusted_moment_proves_no_more_than_a_signature() {
    let mut world = World::new();
    let other = Authority::root("stamps", Key::p256("stamps"));
    world.tsa_certificate = other.issue(other.timestamp_authority("TSA", &world.tsa));
    let own = (&world.tsa, &world.tsa_certificate[..]);
    let report = world.ask(&archived(&world, &[world.list()], own, |_, _| {}));
    accepted(&report);
    assert_eq!(levels(&report), pair("LTA", "B"), "nobody knows the authority of either timestamp");
}
