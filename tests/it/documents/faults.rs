//! Signatures that do not hold, or cannot be verified: what is said of each, and that it is said in so many words.

use rastau::policy::algorithms::AlgorithmTable;
use rastau::verdict::DocumentReport;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::{der, identity, xml};
use serde_json::Value;

use super::{CONTENT, World, accepted, ask_alone, json, refused};
use crate::signing::under_a_bare_key_of;

/// An algorithm that nobody has.
const UNKNOWN: &str = "1.3.6.1.4.1.32473.9";

/// Asked with trust and without.
fn both(world: &World, document: &[u8]) -> [DocumentReport; 2] {
    [world.ask(document), ask_alone(world, document)]
}

/// The names of the checks that failed, and the message in English.
fn told(report: &DocumentReport) -> (Vec<String>, String) {
    let json = json(report);
    let checks = json["signatures"][0]["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["status"] == "failed");
    let message = json["refusal"]["messages"]["en"].as_str().unwrap().to_owned();
    (failed.map(|check| check["name"].as_str().unwrap().to_owned()).collect(), message)
}

fn sub_indication(report: &DocumentReport) -> Value {
    json(report)["signatures"][0]["sub_indication"].clone()
}

fn algorithm(oid: &str) -> Vec<u8> {
    der::sequence(&[der::oid(oid), der::null()])
}

/// A document of the world's person whose certificate has this key.
fn keyed(spki: Vec<u8>) -> (World, Vec<u8>) {
    let mut world = World::new();
    let holder = CertificateBuilder::individual(&identity::iin("650615", false, 1)).key(&world.person);
    world.leaf = world.nca.issue(CertificateBuilder { spki, ..holder });
    let document = world.document(world.signer());
    (world, document)
}

fn spki(parameters: &[Vec<u8>], key: &[u8]) -> Vec<u8> {
    der::sequence(&[der::sequence(parameters), der::bit_string(key)])
}

#[test]
fn an_algorithm_that_is_not_accepted_is_named_or_numbered() {
    let world = World::new();
    let own = world.signer();
    for (signer, name) in [
        (Signer { digest_algorithm: Some(algorithm(Hash::Sha1.oid())), ..own.clone() }, "sha-1"),
        (Signer { digest_algorithm: Some(algorithm(UNKNOWN)), ..own.clone() }, UNKNOWN),
        (Signer { signature_algorithm: Some(algorithm("1.2.840.113549.1.1.5")), ..own.clone() }, "rsa-sha1"),
        (Signer { signature_algorithm: Some(algorithm(UNKNOWN)), ..own }, UNKNOWN),
    ] {
        for report in both(&world, &world.document(signer.clone())) {
            refused(&report, "algorithm-not-allowed");
            let (failed, message) = told(&report);
            assert_eq!(failed, ["algorithm"], "{name}");
            assert!(message.contains(name), "{name}: {message}");
            assert_eq!(sub_indication(&report), "CRYPTO_CONSTRAINTS_FAILURE", "{name}");
        }
    }
}

#[test]
fn a_certificate_whose_key_is_not_accepted_is_refused_by_the_name_of_the_key() {
    let dsa = spki(&[der::oid("1.2.840.10040.4.1"), der::null()], &der::integer(7));
    let p521 = spki(&[der::oid("1.2.840.10045.2.1"), der::oid("1.3.132.0.35")], &[4; 133]);
    let unknown = spki(&[der::oid(UNKNOWN)], &[7; 32]);
    let short = Key::rsa_with(1024, Hash::Sha256, "short").spki();
    for (spki, name) in [(dsa, "dsa"), (p521, "ecdsa-p521"), (unknown, UNKNOWN), (short, "rsa-1024")] {
        let (world, document) = keyed(spki);
        for report in both(&world, &document) {
            refused(&report, "algorithm-not-allowed");
            let (failed, message) = told(&report);
            assert_eq!(failed, ["algorithm"], "{name}");
            assert!(message.contains(name), "{name}: {message}");
        }
    }
}

#[test]
fn a_certificate_whose_key_cannot_be_read_is_malformed() {
    let (world, document) = keyed(spki(&[der::oid("1.3.101.112")], &[7; 31]));
    for report in both(&world, &document) {
        refused(&report, "certificate-malformed");
        assert_eq!((told(&report).0, sub_indication(&report)), (vec!["algorithm".to_owned()], "FORMAT_FAILURE".into()));
    }
}

#[test]
fn a_bare_key_is_refused_by_its_name_and_one_that_cannot_be_read_holds_nothing() {
    let world = World::new();
    let person = Key::p256("bare");
    accepted(&ask_alone(&world, under_a_bare_key_of(&person, &person.spki()).as_bytes()));
    let short = Key::rsa_with(1024, Hash::Sha256, "short");
    let by_short = under_a_bare_key_of(&short, &short.spki());
    let by_unknown = under_a_bare_key_of(&person, &spki(&[der::oid(UNKNOWN)], &[7; 32]));
    for (document, name) in [(by_short, "rsa-1024"), (by_unknown, UNKNOWN)] {
        let report = ask_alone(&world, document.as_bytes());
        refused(&report, "algorithm-not-allowed");
        let (failed, message) = told(&report);
        assert_eq!(failed, ["algorithm"], "{name}");
        assert!(message.contains(name), "{name}: {message}");
    }
    let unread = under_a_bare_key_of(&person, &spki(&[der::oid("1.3.101.112")], &[7; 31]));
    let report = ask_alone(&world, unread.as_bytes());
    refused(&report, "signature-invalid");
    assert_eq!(told(&report).0, ["signature"]);
}

#[test]
fn content_that_is_not_what_was_signed_is_a_failure_of_its_hash() {
    let world = World::new();
    let other = Cms { content: b"another".to_vec(), ..Cms::over(CONTENT) }.certificate(&world.leaf);
    let signed = world.document(world.signer());
    let position = signed.windows(CONTENT.len()).position(|window| window == CONTENT).unwrap();
    let mut altered = signed.clone();
    altered[position] ^= 1;
    let detached = other.signer(world.signer()).detached().encode();
    for document in [altered, detached] {
        for report in both(&world, &document) {
            refused(&report, "signature-invalid");
            assert_eq!(
                (told(&report).0, sub_indication(&report)),
                (vec!["signature".to_owned()], "HASH_FAILURE".into())
            );
        }
    }
    // A value of somebody else's, and a reference to another certificate, are failures of the signature itself.
    let value = Signer { value: Some(Key::p256("other").sign(b"x")), ..world.signer() };
    let wrong = Signer { certificate: world.tsa_certificate.clone(), ..world.signer() };
    for signer in [value, wrong] {
        for report in both(&world, &world.document(signer.clone())) {
            refused(&report, "signature-invalid");
            let told = (told(&report).0, sub_indication(&report));
            assert_eq!(told, (vec!["signature".to_owned()], "SIG_CRYPTO_FAILURE".into()));
        }
    }
}

#[test]
fn a_fault_does_not_hide_that_only_a_part_is_covered() {
    let world = World::new();
    let (document, part) = ("<a><b Id=\"x\">1</b></a>", "<b Id=\"x\">1</b>");
    let reference = xml::Reference::to("#x", &[xml::INCLUSIVE], part);
    let signature = xml::Signing::new(&world.person, &world.leaf).reference(reference).sign();
    let whole = xml::append(document, &signature);
    let not_allowed = whole.replace(xml::signature_method(&world.person), "http://www.w3.org/2000/09/xmldsig#rsa-sha1");
    assert_ne!(whole, not_allowed);
    for report in both(&world, not_allowed.as_bytes()) {
        refused(&report, "signature-invalid");
        assert_eq!(told(&report).0, ["algorithm", "signature"]);
        assert_eq!(sub_indication(&report), "SIG_CONSTRAINTS_FAILURE");
    }
}

#[test]
fn a_key_that_is_shorter_than_the_operator_wants_is_refused_by_its_length() {
    let world = |bits: u32| {
        let rows = format!("[[key]]\nname = \"rsa\"\nminimum_bits = {bits}\nreason = \"test\"");
        let algorithms = std::sync::Arc::new(AlgorithmTable::from_toml(&rows).unwrap());
        World { algorithms, ..World::new() }.with_person(Key::rsa("person"))
    };
    let short = world(3072);
    for report in both(&short, &short.document(short.signer())) {
        refused(&report, "algorithm-not-allowed");
        let (failed, message) = told(&report);
        assert_eq!(failed, ["algorithm"]);
        assert!(message.contains("rsa-2048"), "{message}");
    }
    let enough = world(2048);
    both(&enough, &enough.document(enough.signer())).iter().for_each(accepted);
}
