//! Real messages of the National CA's test systems, where the machine has them.

use std::fs;

use rastau::cms::{Signing, extend_with_evidence, extend_with_timestamp, read, sign};
use rastau::crypto::{HashAlgorithm, SignatureAlgorithm, hash};
use rastau::signed::{Detached, Document, Embedded, Level, SignatureFault, SignedDocument, TimestampKind};
use rastau::tsp::{Nonce, Request, RequestFault, Response, Status, Token};
use rastau::x509::Certificate;
use rastau_mint::tsp::TokenBuilder;

use super::making::{minted, signing, written};
use super::{all_hold, authority, certificate_of, p256, verdicts, verify};
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
        assert_eq!(token.policy.map(|policy| policy.to_string()).as_deref(), Some("1.2.398.3.3.2.6.4"));
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
    assert_eq!(token.policy.map(|policy| policy.to_string()).as_deref(), Some("1.2.398.3.3.2.6.1"));
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

#[test]
fn to_real_messages_a_signature_a_timestamp_and_evidence_are_added_and_they_stay() {
    let Some(folder) = folder() else { return };
    let key = minted(p256());
    let text = file("cms/individual_document.txt").unwrap();
    let mut added = 0;
    for entry in fs::read_dir(folder.join("cms")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let inside = [Detached::Absent, Detached::Bytes(&text), Detached::Bytes(b"test123")];
        let reads = |detached: &Detached<'_>| {
            read(Document::Bytes(&bytes), *detached).is_ok_and(|document| {
                document.signatures.iter().all(|signature| certificate_of(signature, &[]).is_some())
                    && all_hold(&document)
            })
        };
        let Some(detached) = inside.into_iter().find(reads) else { continue };
        let before = read(Document::Bytes(&bytes), detached).unwrap();
        let both = Signing { previous: Some(Document::Bytes(&bytes)), ..signing(&key, detached) };
        let both = written(sign(&both));
        let draft = extend_with_timestamp(Document::Bytes(&both), 0).unwrap();
        let stamp =
            TokenBuilder::new(&p256().key, &p256().certificate, draft.stamped(), "2026-11-20T09:08:10Z").encode();
        let mut stamped = Vec::new();
        draft.write(Some(&stamp), &mut stamped).unwrap();
        let evidence = Embedded { certificates: vec![authority().certificate.clone()], ..Embedded::default() };
        let mut long = Vec::new();
        extend_with_evidence(Document::Bytes(&stamped), &evidence, &mut long).unwrap();
        let after = read(Document::Bytes(&long), detached).unwrap();
        assert!(all_hold(&after), "{}: {:?}", path.display(), verdicts(&after));
        assert_eq!(after.signatures.len(), before.signatures.len() + 1, "{}", path.display());
        for (old, new) in before.signatures.iter().zip(&after.signatures) {
            assert_eq!((&old.value, old.claimed_time), (&new.value, new.claimed_time), "{}", path.display());
            assert!(old.timestamps.iter().all(|stamp| new.timestamps.iter().any(|other| other.token == stamp.token)));
        }
        added += 1;
    }
    println!("{added} real messages");
    assert!(added >= 6, "only {added} real messages could be signed in addition");
}

#[test]
fn the_authority_of_real_tokens_is_found_in_them() {
    let Some(text) = file("cms/individual_document.txt") else { return };
    let bytes = file("cms/individual_detached.der").unwrap();
    let document = read(Document::Bytes(&bytes), Detached::Bytes(&text)).unwrap();
    let stamp = &document.signatures.iter().next().unwrap().timestamps[0];
    let token = Token::read(&stamp.token).unwrap();
    let verified = token.verify().unwrap();
    assert_eq!(verified.algorithm(), SignatureAlgorithm::Gost2015_512);
    // The answer of a real authority is one to the request that it answered, and to no other.
    let response = Response::read(&file("tsp/tsp_response.bin").unwrap()).unwrap();
    let request = Request::new(hash(HashAlgorithm::Sha256, b"x"), Nonce::new([1; 8]));
    assert!(matches!(request.check(&response), Err(RequestFault::Nonce)));
}
