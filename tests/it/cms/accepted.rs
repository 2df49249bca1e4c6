//! What we sign, OpenSSL accepts, and what it signs we add to; for the keys that it knows. Of GOST see `making`.

use std::fs;
use std::path::Path;
use std::process::Command;

use rastau::cms::{Profile, Signing, extend_with_evidence, extend_with_timestamp, sign};
use rastau::crypto::{HashAlgorithm, hash};
use rastau::signed::{Detached, Document, Embedded};
use rastau::tsp::{Nonce, Request, RequestFault, Response};
use rastau_mint::tsp::TokenBuilder;

use super::making::{CONTENT, minted, signing, written};
use super::{all_hold, authority, holders, p256, read_bytes};
use crate::programs::openssl;

/// A folder with content and the trust anchor; `None` without OpenSSL.
fn folder() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("content"), CONTENT).unwrap();
    fs::write(folder.path().join("other"), b"other").unwrap();
    fs::write(folder.path().join("root.pem"), rastau_mint::pem::certificate(&authority().certificate)).unwrap();
    openssl(folder.path(), &["version"]).then_some(folder)
}

/// Whether OpenSSL verifies a message, with signingCertificateV2, and gives its content.
fn accepts(folder: &Path, message: &[u8], content: Option<&str>) -> bool {
    fs::write(folder.join("message"), message).unwrap();
    let mut arguments =
        vec!["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "message", "-purpose", "any"];
    arguments.extend(["-CAfile", "root.pem", "-out", "out"]);
    if let Some(content) = content {
        arguments.extend(["-content", content]);
    }
    let output = Command::new("openssl").current_dir(folder).args(&arguments).output().unwrap();
    if !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success() && fs::read(folder.join("out")).unwrap() == CONTENT
}

#[test]
fn openssl_verifies_every_form_that_we_write() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    for holder in holders().iter().filter(|holder| ["p256", "rsa", "p384"].contains(&holder.name)) {
        let key = minted(holder);
        let attached = written(sign(&signing(&key, Detached::Bytes(CONTENT))));
        assert!(accepts(folder, &attached, None), "{} attached", holder.name);
        for profile in [Profile::Cades, Profile::Pades] {
            let beside = Signing { detached: true, profile, ..signing(&key, Detached::Bytes(CONTENT)) };
            let outside = written(sign(&beside));
            assert!(accepts(folder, &outside, Some("content")), "{} {profile:?}", holder.name);
            assert!(!accepts(folder, &outside, Some("other")), "{} {profile:?}: other content", holder.name);
        }
        let tsa = rastau_mint::key::Key::p256("cms tsa");
        let authority_certificate = authority().issue(authority().timestamp_authority("ТЕСТ TSA", &tsa));
        let draft = extend_with_timestamp(Document::Bytes(&attached), 0).unwrap();
        let token = TokenBuilder::new(&tsa, &authority_certificate, draft.stamped(), "2026-11-20T09:08:10Z").encode();
        let mut stamped = Vec::new();
        draft.write(Some(&token), &mut stamped).unwrap();
        assert!(accepts(folder, &stamped, None), "{} with a timestamp", holder.name);
        let evidence = Embedded {
            certificates: vec![authority().certificate.clone()],
            lists: vec![authority().list().sign(&authority().key)],
            responses: vec![rastau_mint::der::sequence(&[rastau_mint::der::tlv(0x0a, &[6])])],
        };
        let mut long = Vec::new();
        extend_with_evidence(Document::Bytes(&stamped), &evidence, &mut long).unwrap();
        assert!(accepts(folder, &long, None), "{} with evidence", holder.name);
        let second = minted(p256());
        let both = Signing { previous: Some(Document::Bytes(&long)), ..signing(&second, Detached::Absent) };
        assert!(accepts(folder, &written(sign(&both)), None), "{} and another", holder.name);
    }
}

#[test]
fn a_signature_is_added_to_what_openssl_signed_and_both_hold_for_both() {
    let Some(folder) = folder() else { return };
    let path = folder.path();
    let request = ["req", "-x509", "-nodes", "-subj", "/CN=test", "-newkey", "rsa:2048", "-keyout", "rsa.key"];
    openssl(path, &[&request[..], &["-days", "30", "-out", "rsa.pem"]].concat());
    let [root, own] = ["root.pem", "rsa.pem"].map(|name| fs::read(path.join(name)).unwrap());
    fs::write(path.join("root.pem"), [root, own].concat()).unwrap();
    let key = minted(p256());
    for options in [&["-cades"][..], &["-cades", "-stream"], &["-cades", "-keyid"]] {
        let sign_first = ["cms", "-sign", "-binary", "-in", "content", "-outform", "DER", "-out", "one", "-signer"];
        openssl(path, &[&sign_first[..], &["rsa.pem", "-inkey", "rsa.key", "-nodetach"], options].concat());
        let one = fs::read(path.join("one")).unwrap();
        let both = Signing { previous: Some(Document::Bytes(&one)), ..signing(&key, Detached::Absent) };
        let both = written(sign(&both));
        assert!(all_hold(&read_bytes(&both).unwrap()), "{options:?}");
        assert!(accepts(path, &both, None), "{options:?}");
    }
}

const TSA: &str = "[tsa]\nserial = serial\ndefault_policy = 1.2.398.3.3.2.6.2\nother_policies = 1.2.398.3.3.2.6.4\n\
                   digests = sha256, sha512\nsigner_digest = sha256\ness_cert_id_alg = sha256\n";

#[test]
fn openssl_answers_our_requests() {
    let Some(folder) = folder() else { return };
    let path = folder.path();
    fs::write(path.join("tsa.cnf"), TSA).unwrap();
    fs::write(path.join("serial"), "01\n").unwrap();
    let subject = ["req", "-x509", "-nodes", "-subj", "/CN=tsa", "-newkey", "rsa:2048", "-keyout", "tsa.key"];
    let usage = ["-out", "tsa.pem", "-addext", "extendedKeyUsage = critical, timeStamping"];
    openssl(path, &[&subject[..], &usage].concat());
    let ask = |request: &Request| {
        fs::write(path.join("query"), request.to_der()).unwrap();
        let reply = ["ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query"];
        openssl(path, &[&reply[..], &["-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply"]].concat());
        Response::read(&fs::read(path.join("reply")).unwrap()).unwrap()
    };
    let imprint = hash(HashAlgorithm::Sha256, CONTENT);
    for octets in [[0; 8], [0xff; 8], [1, 2, 3, 4, 5, 6, 7, 8]] {
        let request = Request::new(imprint, Nonce::new(octets));
        let response = ask(&request);
        let token = request.check(&response).unwrap();
        assert!(token.verify().is_ok(), "{:?}", token.verify());
        let other = Request::new(imprint, Nonce::new([9; 8]));
        assert!(matches!(other.check(&response), Err(RequestFault::Nonce)));
    }
    let policy = |number: &str| Some(rastau::der::Oid::new_unwrap(number));
    let request = Request::new(imprint, Nonce::new([7; 8])).under(policy("1.2.398.3.3.2.6.4"));
    assert!(request.check(&ask(&request)).is_ok());
    let request = Request::new(imprint, Nonce::new([7; 8])).under(policy("1.2.398.3.3.2.6.9"));
    let fault = request.check(&ask(&request)).unwrap_err();
    assert!(fault.to_string().contains("unacceptedPolicy") && fault.is_final(), "{fault}");
    let request = Request::new(hash(HashAlgorithm::Streebog512, CONTENT), Nonce::new([7; 8]));
    let fault = request.check(&ask(&request)).unwrap_err();
    assert!(fault.to_string().contains("badAlg") && fault.is_final(), "{fault}");
}
