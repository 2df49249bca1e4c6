//! Whose signature it is: certificates inside and outside the document, several signers, identity, extraction.

use rastau::service::DocumentRequest;
use rastau::signed::Detached;
use rastau::verdict::Decision;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::extension::Extension;
use rastau_mint::identity;
use rastau_mint::key::Key;
use rastau_mint::tsp::TokenBuilder;

use super::{CONTENT, World, accepted, check, claim, json, refused, undetermined};

#[test]
fn the_certificate_may_be_configured_instead_of_carried() {
    let mut world = World::new();
    let document = Cms::over(CONTENT).signer(world.signer()).encode();
    undetermined(&world.ask(&document), "issuer-unknown");
    world.trusted.push(world.leaf.clone());
    accepted(&world.ask(&document));
}

#[test]
fn altered_content_is_refused_even_when_the_certificate_is_missing() {
    let world = World::new();
    let document = Cms::over(CONTENT).detached().signer(world.signer()).encode();
    let wrong = Detached::Bytes(b"something else");
    refused(&world.ask_with(&document, wrong, &DocumentRequest::default()), "signature-invalid");
    refused(&world.ask(&document), "signature-invalid");
    let right = Detached::Bytes(CONTENT);
    undetermined(&world.ask_with(&document, right, &DocumentRequest::default()), "issuer-unknown");
}

#[test]
fn a_detached_signature_asked_about_again_without_content_fails_again() {
    let world = World::new();
    let document = Cms::over(CONTENT).detached().certificate(&world.leaf).signer(world.signer()).encode();
    let ask = |content| world.ask_with(&document, content, &DocumentRequest::default());
    refused(&ask(Detached::Bytes(b"wrong")), "signature-invalid");
    refused(&ask(Detached::Absent), "signature-invalid");
    refused(&ask(Detached::Bytes(b"")), "signature-invalid");
    accepted(&ask(Detached::Bytes(CONTENT)));
}

#[test]
fn a_digest_may_stand_for_the_content() {
    let world = World::new();
    let document = Cms::over(CONTENT).detached().certificate(&world.leaf).signer(world.signer()).encode();
    let ask = |algorithm: &str, value: String| {
        let content_digest = Some(rastau::service::ContentDigest { algorithm: algorithm.into(), value });
        world.ask_with(&document, Detached::Absent, &DocumentRequest { content_digest, ..DocumentRequest::default() })
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    use rastau_mint::hash::Hash;
    accepted(&ask("sha-256", hex(&Hash::Sha256.digest(CONTENT))));
    refused(&ask("sha-256", hex(&Hash::Sha256.digest(b"other"))), "signature-invalid");
    // A digest by another hash says nothing about this signature.
    refused(&ask("sha-384", hex(&Hash::Sha384.digest(CONTENT))), "signature-invalid");
}

#[test]
fn the_document_is_as_good_as_its_worst_signature() {
    let world = World::new();
    let key = Key::p256("second");
    let holder = CertificateBuilder::individual(&identity::iin("700101", true, 1)).key(&key);
    let serial = holder.serial_contents();
    let second = world.nca.issue(holder);
    let both = |second_signer: Signer| {
        Cms::over(CONTENT)
            .certificate(&world.leaf)
            .certificate(&second)
            .signer(world.signer())
            .signer(second_signer)
            .encode()
    };
    let good = both(Signer::new(&key, &second));
    accepted(&world.ask(&good));
    let forged = both(Signer::new(&Key::p256("third"), &second));
    let report = world.ask(&forged);
    refused(&report, "signature-invalid");
    let decisions: Vec<Decision> = report.signatures().iter().map(|one| one.report.decision()).collect();
    assert_eq!(decisions, [Decision::Accepted, Decision::Refused]);
    let world = World::new().revoking(&serial, "2026-08-01T00:00:00Z", Some(1));
    refused(&world.ask(&good), "certificate-revoked");
}

#[test]
fn the_number_asked_for_is_every_signers() {
    let world = World::new();
    let document = world.document(world.signer());
    let ask = |iin: &str| world.ask_with(&document, Detached::Absent, &claim(iin));
    accepted(&ask(&identity::iin("650615", false, 1)));
    refused(&ask(&identity::iin("700101", true, 1)), "identity-mismatch");
}

#[test]
fn a_certificate_for_something_else_does_not_sign() {
    let mut world = World::new();
    let iin = identity::iin("650615", false, 1);
    let builder = CertificateBuilder::rsa_auth_2022(&iin).key(&world.person);
    world.leaf = world.nca.issue(builder);
    refused(&world.ask(&world.document(world.signer())), "key-usage-not-allowed");
}

#[test]
fn a_signature_that_names_another_certificate_of_the_same_key_is_refused() {
    let world = World::new();
    let iin = identity::iin("650615", false, 1);
    let twin =
        world.nca.issue(CertificateBuilder::individual(&iin).key(&world.person).with(Extension::key_usage(0xc0)));
    // Signed with the one, named in signingCertificateV2 the other.
    let signer = Signer { certificate: twin, ..world.signer() };
    refused(&world.ask(&world.document(signer)), "signature-invalid");
}

#[test]
fn the_content_is_handed_out_when_asked_for_and_only_if_not_refused() {
    use base64::Engine as _;
    let world = World::new();
    let request = DocumentRequest { extract: true, ..DocumentRequest::default() };
    let report = json(&world.ask_with(&world.document(world.signer()), Detached::Absent, &request));
    let bytes = base64::engine::general_purpose::STANDARD.decode(report["contents"][0]["base64"].as_str().unwrap());
    assert_eq!(bytes.unwrap(), CONTENT);
    let plain = json(&world.ask(&world.document(world.signer())));
    assert!(plain["contents"][0].get("base64").is_none());
    let forged = world.document(Signer::new(&Key::p256("third"), &world.leaf));
    let refusal = json(&world.ask_with(&forged, Detached::Absent, &request));
    assert!(refusal["contents"][0].get("base64").is_none(), "{refusal}");
}

#[test]
fn content_that_no_known_key_signed_is_not_handed_out() {
    let world = World::new();
    let request = DocumentRequest { extract: true, ..DocumentRequest::default() };
    let stranger = CertificateBuilder::individual(&identity::iin("700101", true, 1)).key(&Key::p256("second"));
    let signer = Signer::new(&Key::p256("third"), &world.nca.issue(stranger));
    let report = world.ask_with(&Cms::over(CONTENT).signer(signer).encode(), Detached::Absent, &request);
    undetermined(&report, "issuer-unknown");
    assert!(json(&report)["contents"][0].get("base64").is_none(), "{report:#?}");
}

#[test]
fn a_document_that_a_whole_meeting_signed_is_accepted() {
    let world = World::new();
    let mut message = Cms::over(CONTENT);
    for number in 0..40 {
        let key = Key::p256(&format!("member {number}"));
        let holder = CertificateBuilder::individual(&identity::iin("700101", true, number)).key(&key);
        let certificate = world.nca.issue(holder);
        message = message.certificate(&certificate).signer(Signer::new(&key, &certificate));
    }
    let report = world.ask(&message.encode());
    accepted(&report);
    assert_eq!(report.signatures().len(), 40);
}

#[test]
fn issuers_of_one_name_by_the_hundred_do_not_keep_a_search_busy_for_every_signer() {
    // Nobody trusted is among them: each would be tried for each signer.
    let world = World::new();
    let mut message = Cms::over(CONTENT);
    for number in 0..120 {
        let crowd = Authority::root("crowd", Key::p256(&format!("crowd {number}")));
        message = message.certificate(&crowd.certificate);
    }
    let issuer = Authority::root("crowd", Key::p256("nobody"));
    for number in 0..40 {
        let key = Key::p256(&format!("member {number}"));
        let holder = CertificateBuilder::individual(&identity::iin("700101", true, number)).key(&key);
        let certificate = issuer.issue(holder);
        message = message.certificate(&certificate).signer(Signer::new(&key, &certificate));
    }
    refused(&world.ask(&message.encode()), "issuer-not-trusted");
}

#[test]
fn what_is_no_signed_document_is_malformed() {
    let world = World::new();
    let good = world.document(world.signer());
    let cases: [&[u8]; 8] =
        [b"", b"hello", b"\x30\x80", b"<a/>", b"%PDF-1.7", b"PK\x03\x04", &good[..good.len() - 1], &[0x30; 10_000]];
    for case in cases {
        let report = world.ask(case);
        refused(&report, "document-malformed");
        assert!(report.signatures().is_empty());
    }
}

#[test]
fn the_cryptography_alone_can_be_asked_about() {
    let world = World { trusted: Vec::new(), ..World::new() };
    let service = world.service();
    let ask = |document: &[u8]| {
        let prepared = service.prepare_document(&DocumentRequest::default()).unwrap().signature_only();
        let document = rastau::signed::Document::Bytes(document);
        service.verify_document(&prepared, service.grounds(), document, Detached::Absent).unwrap()
    };
    let report = ask(&world.document(world.signer()));
    accepted(&report);
    assert_eq!(check(&report, "signature"), "passed");
    refused(&ask(&world.document(Signer::new(&Key::p256("third"), &world.leaf))), "signature-invalid");
    refused(&ask(b"nothing"), "document-malformed");

    // A timestamp proves no moment where trust is not asked, and has to be one over this signature.
    let report = ask(&world.document(world.stamped(super::SIGNED)));
    accepted(&report);
    assert_eq!((json(&report)["at"].as_str(), check(&report, "timestamp").as_str()), (Some(super::NOW), "skipped"));
    let (key, certificate) = (world.tsa.clone(), world.tsa_certificate.clone());
    let token = move |value: &[u8]| TokenBuilder::new(&key, &certificate, value, super::SIGNED).encode();
    let elsewhere = token(b"another value");
    refused(&ask(&world.document(world.signer().timestamp(move |_| elsewhere.clone()))), "timestamp-invalid");
    let certificate = world.tsa_certificate.clone();
    let forged = move |value: &[u8]| TokenBuilder::new(&Key::p256("x"), &certificate, value, super::SIGNED).encode();
    refused(&ask(&world.document(world.signer().timestamp(forged))), "timestamp-invalid");
    let report = ask(&world.document(world.signer().timestamp(token).timestamp(|_| vec![0x30, 0])));
    refused(&report, "timestamp-invalid");
}
