//! Real messages of the National CA's test systems, where the machine has them.

use std::fs;

use rastau::cms::read;
use rastau::crypto::{HashAlgorithm, SignatureAlgorithm, hash};
use rastau::signed::{Detached, Document, Level, SignatureFault, SignedDocument, TimestampKind};
use rastau::tsp::{Response, Status, Token};
use rastau::x509::Certificate;

use super::{all_hold, certificate_of, verdicts, verify};
use crate::interop::folder;

fn file(name: &str) -> Option<Vec<u8>> {
    Some(fs::read(folder()?.join(name)).unwrap())
}

fn attached(name: &str) -> Option<(Vec<u8>, SignedDocument)> {
    let bytes = file(name)?;
    let document = read(Document::Bytes(&bytes), Detached::Absent).unwrap();
    Some((bytes, document))
}

#[test]
fn ncanode_s_attached_messages_hold_and_give_their_content() {
    let gost = SignatureAlgorithm::Gost2015_512;
    let rsa = SignatureAlgorithm::RsaPkcs1Sha256;
    for (name, content, algorithms) in [
        ("cms/ncanode_CmsServiceTest_SIGNED_CMS.cms", "test123", &[gost, rsa][..]),
        ("cms/ncanode_CmsServiceTest_SIGNED_CMS_ONE_SIGNER.cms", "test123", &[rsa]),
        ("cms/ncanode_CmsIntegrationTest_SIGNED_CMS.cms", "lol_kek", &[rsa]),
    ] {
        let Some((bytes, document)) = attached(name) else { return };
        let found: Vec<_> =
            document.signatures.iter().map(|signature| verify(signature).unwrap().algorithm()).collect();
        assert_eq!(found.len(), algorithms.len(), "{name}");
        assert!(algorithms.iter().all(|algorithm| found.contains(algorithm)), "{name}: {found:?}");
        assert_eq!(document.contents[0].bytes(Document::Bytes(&bytes)), Some(content.as_bytes()), "{name}");
        assert!(document.signatures.iter().all(|signature| signature.claimed_time.is_some()));
    }
}

#[test]
fn a_detached_message_holds_with_its_content_only() {
    let Some(bytes) = file("cms/ncanode_CmsServiceTest_SIGNED_DETACHED_CMS.cms") else { return };
    let ask = |detached| read(Document::Bytes(&bytes), detached).unwrap();
    assert!(all_hold(&ask(Detached::Bytes(b"test123"))));
    for wrong in [&b""[..], b"test124", b"test1234"] {
        for verdict in verdicts(&ask(Detached::Bytes(wrong))) {
            assert!(matches!(verdict, Err(SignatureFault::Altered(_))), "{verdict:?}");
        }
    }
    for verdict in verdicts(&ask(Detached::Absent)) {
        assert_eq!(verdict, Err(SignatureFault::ContentMissing));
    }
    let digests = [HashAlgorithm::Streebog512, HashAlgorithm::Sha256].map(|algorithm| hash(algorithm, b"test123"));
    assert!(all_hold(&ask(Detached::Digests(&digests))));
    let wrong = [HashAlgorithm::Streebog512, HashAlgorithm::Sha256].map(|algorithm| hash(algorithm, b"other"));
    assert!(verdicts(&ask(Detached::Digests(&wrong))).iter().all(Result::is_err));
}

#[test]
fn ncalayer_s_messages_of_2026_hold_with_their_timestamps() {
    let Some(text) = file("cms/individual_document.txt") else { return };
    for (name, detached) in
        [("cms/individual_attached.der", Detached::Absent), ("cms/individual_detached.der", Detached::Bytes(&text))]
    {
        let bytes = file(name).unwrap();
        let document = read(Document::Bytes(&bytes), detached).unwrap();
        let signature = document.signatures.iter().next().unwrap();
        let verified = verify(signature).unwrap();
        assert_eq!(verified.algorithm(), SignatureAlgorithm::Gost2015_512, "{name}");
        assert_eq!(signature.signing_certificate.len(), 1, "{name}");
        assert_eq!(signature.level, Level::T, "{name}");
        let [stamp] = signature.timestamps.as_slice() else { panic!("{name}: one timestamp") };
        assert_eq!(stamp.kind, TimestampKind::Signature);
        let token = Token::read(&stamp.token).unwrap();
        assert_eq!(token.check_imprint(&stamp.covered), Ok(()), "{name}");
        assert!(verify(&token.signature).is_ok(), "{name}: {:?}", verify(&token.signature));
        assert_eq!(token.policy.to_string(), "1.2.398.3.3.2.6.4");
        assert!(token.gen_time >= signature.claimed_time.unwrap());
        if name.contains("attached") {
            assert_eq!(document.contents[0].bytes(Document::Bytes(&bytes)), Some(&text[..]));
        }
    }
}

#[test]
fn a_token_of_2022_holds_and_its_sha_1_imprint_is_not_allowed() {
    let Some(bytes) = file("tsp/tsp_token.bin") else { return };
    let token = Token::read(&bytes).unwrap();
    assert_eq!(token.gen_time.to_string(), "2022-09-18T13:20:14Z");
    assert_eq!(token.policy.to_string(), "1.2.398.3.3.2.6.1");
    assert_eq!(token.imprint.clone().unwrap_err().name, Some("sha-1"));
    assert!(verify(&token.signature).is_ok());
    let issuer = file("certs/nca_gost_test_2004.cer").unwrap();
    let issuer = rastau::der::armour::decode_one(&issuer, rastau::der::armour::Label::Certificate).unwrap();
    let own = certificate_of(&token.signature, &[]).unwrap();
    assert_eq!(own.issuer(), Certificate::from_der(&issuer).unwrap().subject());
    let response = Response::read(&file("tsp/tsp_response.bin").unwrap()).unwrap();
    assert_eq!((response.status, response.text), (Status::Granted, None));
    assert_eq!(response.token.unwrap().gen_time, token.gen_time);
    assert_eq!(response.token_bytes, Some(bytes));
}
