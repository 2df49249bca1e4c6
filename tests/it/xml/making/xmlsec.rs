//! What is signed here holds under xmlsec1, where the machine has it.

use std::fs;
use std::process::Command;

use rastau::signed::Terms;
use rastau::xmldsig::{Signing, extend_with_evidence};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::xml::SOAP_11;

use super::enveloped::AWKWARD;
use super::{Hand, enveloped, extended, facts, make, terms, wsse, xades};

/// What xmlsec1 says of the first signature in a document; `None` when there is no xmlsec1.
fn verified(signed: &str, hand: &Hand) -> Option<bool> {
    let folder = tempfile::tempdir().unwrap();
    let (pem, file) = (folder.path().join("own.pem"), folder.path().join("signed.xml"));
    fs::write(&pem, rastau_mint::pem::certificate(&hand.person.certificate)).unwrap();
    fs::write(&file, signed).unwrap();
    let mut command = Command::new("xmlsec1");
    command.args(["--verify", "--pubkey-cert-pem"]).arg(&pem);
    for node in ["http://uri.etsi.org/01903/v1.3.2#:SignedProperties", &format!("{SOAP_11}:Body")] {
        command.args(["--id-attr:Id", node]);
    }
    let Ok(output) = command.arg(&file).output() else {
        println!("skipped: there is no xmlsec1");
        return None;
    };
    if !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Some(output.status.success())
}

fn keys() -> [Key; 5] {
    [
        Key::rsa("signer"),
        Key::rsa_with(2048, Hash::Sha384, "signer"),
        Key::rsa_with(2048, Hash::Sha512, "signer"),
        Key::p256("signer"),
        Key::p384("signer"),
    ]
}

#[test]
fn enveloped_signatures_hold_under_xmlsec() {
    let facts = facts();
    for key in keys() {
        let hand = Hand::new(key);
        // libxml2 wants namespaces to be addresses.
        let awkward = AWKWARD.replace("urn:&quot;2", "urn:2");
        for document in [&awkward, "<a/>", "<p:a xmlns:p='urn:u'>\r\n</p:a>"] {
            let signing = Signing { terms: Terms { facts: Some(&facts), ..terms() }, ..xades(&hand, document) };
            for signing in [enveloped(&hand, document), signing] {
                let signed = make(&signing).unwrap();
                let Some(holds) = verified(&signed, &hand) else { return };
                assert!(holds, "{signed}");
                let stamped = extended(signed.as_bytes(), 0).unwrap();
                let evidence = rastau::signed::Embedded { lists: vec![b"list".to_vec()], ..Default::default() };
                let extended = String::from_utf8(extend_with_evidence(&stamped, 0, &evidence).unwrap()).unwrap();
                assert_eq!(verified(&extended, &hand), Some(true), "{extended}");
                let changed = signed.replacen("</ds:Signature>", "</ds:Signature>x", 1);
                assert_eq!(verified(&changed, &hand), Some(false));
            }
        }
    }
}

#[test]
fn signatures_over_a_body_hold_under_xmlsec() {
    for key in keys() {
        let hand = Hand::new(key);
        for envelope in [
            format!(
                "<soap:Envelope xmlns:soap=\"{SOAP_11}\" xmlns:x=\"urn:x\"><soap:Body><x:y>қ</x:y></soap:Body></soap:Envelope>"
            ),
            format!("<Envelope xmlns=\"{SOAP_11}\">\r\n<Header/>\r\n<Body/></Envelope>"),
        ] {
            for xades in [false, true] {
                let signed = make(&Signing { xades, ..wsse(&hand, &envelope) }).unwrap();
                let Some(holds) = verified(&signed, &hand) else { return };
                assert!(holds, "{signed}");
                let changed = signed.replacen("Body xmlns", "Body a=\"\" xmlns", 1);
                assert_eq!(verified(&changed, &hand), Some(false));
            }
        }
    }
}
