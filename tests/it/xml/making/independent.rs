//! What is signed, computed again without a line of ours: canonical forms by libxml2, hashes and GOST by the tests' library.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rastau::signed::Terms;
use rastau::xmldsig::Signing;
use rastau_mint::gost::{Scheme, verify_digest};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::xml::{DS, SOAP_11, WSU, XADES};

use super::{Hand, facts, make, terms, without_signature, wsse, xades};

/// The canonical form by libxml2; `None` when there is no xmllint.
fn xmllint(option: &str, xml: &str) -> Option<Vec<u8>> {
    let mut child = Command::new("xmllint")
        .args([option, "--nonet", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .inspect_err(|_| println!("skipped: there is no xmllint (package libxml2-utils)"))
        .ok()?;
    child.stdin.take()?.write_all(xml.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    assert!(output.status.success(), "xmllint refuses {xml}");
    Some(output.stdout)
}

/// Everything from one tag to the end of another, the first time.
fn slice<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap();
    &text[start..start + text[start..].find(to).unwrap() + to.len()]
}

fn inner<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    &slice(text, from, to)[from.len()..slice(text, from, to).len() - to.len()]
}

fn digests(signed: &str) -> Vec<Vec<u8>> {
    let info = slice(signed, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let values = info.split("<ds:DigestValue>").skip(1).map(|rest| &rest[..rest.find('<').unwrap()]);
    values.map(|value| STANDARD.decode(value).unwrap()).collect()
}

/// Holds the value against `SignedInfo`, which stands alone here with what is in scope in the document.
fn value_holds(signed: &str, hand: &Hand, hash: Hash, option: &str, scope: &str) -> bool {
    let info = slice(signed, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let alone = info.replacen("<ds:SignedInfo>", &format!("<ds:SignedInfo xmlns:ds=\"{DS}\"{scope}>"), 1);
    let Some(message) = xmllint(option, &alone) else { return true };
    let value = STANDARD.decode(inner(signed, "<ds:SignatureValue>", "</ds:SignatureValue>")).unwrap();
    let Key::Gost(key) = &hand.person.key else { panic!() };
    verify_digest(key.scheme, &key.public_octets(), &hash.digest(&message), &value)
}

const KEYS: [(Scheme, Hash); 2] = [(Scheme::Gost512A, Hash::Streebog512), (Scheme::Gost256, Hash::Streebog256)];

#[test]
fn an_enveloped_gost_signature_holds_by_independent_code() {
    let document = "<r xmlns='urn:1' xmlns:p=\"urn:2\" xml:lang=\"kk\">\n<p:x b='1' a=\"&#9;&lt;&quot;'\"><![CDATA[<&>]]></p:x>қол</r>";
    let facts = facts();
    for (scheme, hash) in KEYS {
        let hand = Hand::new(Key::gost(scheme, "signer"));
        let signing = Signing { terms: Terms { facts: Some(&facts), ..terms() }, ..xades(&hand, document) };
        let signed = make(&signing).unwrap();
        let Some(content) = xmllint("--c14n", &without_signature(&signed)) else { return };
        let properties = slice(&signed, "<xades:SignedProperties ", "</xades:SignedProperties>");
        let alone = format!("<x xmlns:ds=\"{DS}\" xmlns:xades=\"{XADES}\">{properties}</x>");
        let Some(wrapped) = xmllint("--exc-c14n", &alone) else { return };
        let canonical = String::from_utf8(wrapped).unwrap();
        let canonical = canonical.strip_prefix("<x>").unwrap().strip_suffix("</x>").unwrap();
        assert_eq!(digests(&signed), [hash.digest(&content), hash.digest(canonical.as_bytes())]);
        let scope = " xmlns=\"urn:1\" xmlns:p=\"urn:2\" xml:lang=\"kk\"";
        assert!(value_holds(&signed, &hand, hash, "--c14n", scope));
        assert!(!value_holds(
            &signed.replace("text/xml", "text/xmm").replace("ProofOf", "ProofoF"),
            &hand,
            hash,
            "--c14n",
            ""
        ));
    }
}

#[test]
fn a_gost_signature_over_a_body_holds_by_independent_code() {
    let envelope = format!(
        "<soap:Envelope xmlns:soap=\"{SOAP_11}\" xmlns:x=\"urn:x\"><soap:Body><x:y>қ</x:y></soap:Body></soap:Envelope>"
    );
    for (scheme, hash) in KEYS {
        let hand = Hand::new(Key::gost(scheme, "signer"));
        let signed = make(&wsse(&hand, &envelope)).unwrap();
        let body = slice(&signed, "<soap:Body ", "</soap:Body>");
        let alone = body.replacen("<soap:Body", &format!("<soap:Body xmlns:soap=\"{SOAP_11}\" xmlns:x=\"urn:x\""), 1);
        let Some(canonical) = xmllint("--exc-c14n", &alone) else { return };
        let text = String::from_utf8_lossy(&canonical);
        assert!(
            text.starts_with(&format!("<soap:Body xmlns:soap=\"{SOAP_11}\" xmlns:wsu=\"{WSU}\" wsu:Id=\"id-")),
            "{text}"
        );
        assert_eq!(digests(&signed), [hash.digest(&canonical)]);
        assert!(value_holds(&signed, &hand, hash, "--exc-c14n", ""));
    }
}
