//! Enveloped signatures: what is signed, and that the document stays what it was.

use rastau::signed::{Coverage, Detached, Integrity, Level, Signer as _, SignerName};
use rastau::x509::Certificate;
use rastau::xmldsig::{self, Signing};
use rastau_mint::authority::Authority;
use rastau_mint::key::Key;

use super::super::{accepted, content, judged, read, refusal};
use super::{Hand, enveloped, hands, make, terms, without_signature, xades};

/// With everything in it that a canonical form treats in its own way.
pub const AWKWARD: &str = "<?xml version=\"1.0\"?>\n<?pi x?><!-- c --><r xmlns='urn:1' xmlns:p=\"urn:&quot;2\" xml:lang=\"kk\" \
    xml:space='preserve'>\n<p:x p:b='1' a=\"&#9;&lt;&quot;'\" xmlns:q=\"urn:3\"><![CDATA[<&>]]>&#13;<!-- d --></p:x>\
    <b Id=\"part\" xmlns=\"\" p:y='z'><q:c xmlns:q='urn:4'/><e xmlns='urn:1'/>қол<?t  u ?></b> </r >\n<!-- e -->";

#[test]
fn every_algorithm_that_signs_holds_with_and_without_properties() {
    for hand in hands() {
        for signing in [enveloped(&hand, AWKWARD), xades(&hand, AWKWARD)] {
            let signed = make(&signing).unwrap();
            let document = accepted(&signed, &hand.person).unwrap_or_else(|why| panic!("{}: {why}", hand.algorithm()));
            let signature = document.signatures.iter().next().unwrap();
            assert_eq!(signature.signature_algorithm.clone().unwrap(), hand.algorithm());
            assert_eq!(signature.level, if signing.xades { Level::B } else { Level::Bare });
            assert_eq!(signature.signer, SignerName::Embedded(vec![0]));
            assert_eq!(without_signature(&signed), AWKWARD);
        }
    }
}

#[test]
fn nothing_but_the_signature_changes_in_the_document() {
    let hand = Hand::quick();
    for document in [
        "<a></a>",
        "<a>\r\n <b x='1'\r\n/>\r</a>\r\n",
        "\u{feff}<a>x</a>",
        "<?xml version='1.0' encoding='utf-8' standalone='yes'?><p:a xmlns:p='u'>]]&gt;</p:a\n>",
        "<a>&#xD;&#10;</a><!-- </a> -->",
        AWKWARD,
    ] {
        for signing in [enveloped(&hand, document), xades(&hand, document)] {
            let signed = make(&signing).unwrap();
            assert_eq!(without_signature(&signed), document);
            accepted(&signed, &hand.person).unwrap_or_else(|why| panic!("{why}: {signed}"));
        }
    }
}

#[test]
fn an_empty_root_element_is_opened() {
    let hand = Hand::quick();
    for (document, start, end) in [
        ("<a/>", "<a><ds:Signature ", "</ds:Signature></a>"),
        ("<p:a xmlns:p='u' b = \"/>\" />\n", "<p:a xmlns:p='u' b = \"/>\" ><ds:Signature ", "</ds:Signature></p:a>\n"),
    ] {
        let signed = make(&xades(&hand, document)).unwrap();
        assert!(signed.starts_with(start) && signed.ends_with(end), "{signed}");
        accepted(&signed, &hand.person).unwrap();
    }
}

#[test]
fn utf_16_stays_utf_16() {
    let hand = Hand::quick();
    let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<a>қол \u{1f58b}</a>\r\n";
    let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
    for unit in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        let document: Vec<u8> = units.iter().copied().flat_map(unit).collect();
        let signing = Signing { document: &document, ..xades(&hand, "") };
        let mut signed = Vec::new();
        xmldsig::sign(&signing).unwrap().write(None, &mut signed).unwrap();
        assert!(signed.starts_with(&document[..document.len() - 12]));
        let read = judged(xmldsig::read(&signed, Detached::Absent, None), &hand.person).unwrap();
        assert_eq!(content(&read), "<a>қол \u{1f58b}</a>");
    }
}

#[test]
fn anything_changed_afterwards_is_seen() {
    let hand = Hand::quick();
    let document = "<a><b c=\"1\">text</b></a>";
    let signed = make(&xades(&hand, document)).unwrap();
    for (from, to) in [
        ("text", "Text"),
        ("c=\"1\"", "c=\"2\""),
        ("<a>", "<a d=\"\">"),
        ("</b>", "</b><e/>"),
        ("<xades:SigningTime>2026", "<xades:SigningTime>2027"),
        ("text/xml", "text/xmm"),
        ("</ds:Signature>", "</ds:Signature> "),
        ("URI=\"\"", "URI=\"#x\""),
        ("c14n-20010315\"/><ds:SignatureMethod", "c14n-20010315#WithComments\"/><ds:SignatureMethod"),
    ] {
        let changed = signed.replacen(from, to, 1);
        assert_ne!(changed, signed, "{from}");
        assert_ne!(refusal(&changed, &hand.person), "", "{to}");
    }
}

#[test]
fn the_chain_stands_behind_the_signer() {
    let hand = Hand::quick();
    let root = Authority::root("ROOT", Key::p256("root"));
    let chain = [hand.certificate().clone(), Certificate::from_der(&root.certificate).unwrap()];
    let signing = Signing { terms: rastau::signed::Terms { chain: &chain, ..terms() }, ..enveloped(&hand, "<a/>") };
    let document = read(&make(&signing).unwrap()).unwrap();
    let signature = document.signatures.iter().next().unwrap();
    // The signer's own is not said twice.
    assert_eq!(signature.embedded.certificates, [hand.person.certificate.clone(), root.certificate.clone()]);
    signature.verify(hand.certificate()).unwrap();
}

#[test]
fn the_same_document_signed_twice_has_two_identifiers() {
    let hand = Hand::quick();
    let once = make(&xades(&hand, "<a/>")).unwrap();
    let twice = make(&xades(&hand, &once)).unwrap();
    let document = read(&twice).unwrap();
    assert_eq!(document.signatures.len(), 2);
    for signature in &document.signatures {
        assert_eq!((&signature.integrity, &signature.covers), (&Integrity::Intact, &Coverage::Whole));
        signature.verify(hand.certificate()).unwrap();
    }
}

#[test]
fn identifiers_that_repeat_do_no_harm_where_nothing_refers_to_them() {
    let hand = Hand::quick();
    let form = "<form><field id=\"1\">x</field><field id=\"1\">y</field></form>";
    let signed = make(&enveloped(&hand, form)).unwrap();
    accepted(&signed, &hand.person).unwrap();
    let why = super::refused(&xades(&hand, form));
    assert!(why.contains("the same Id on two elements"), "{why}");
}

#[test]
fn a_large_document_is_signed_and_one_too_large_for_the_reader_is_not() {
    let hand = Hand::quick();
    let of_length = |length: usize| format!("<a>{}</a>", "x".repeat(length));
    let large = of_length(8 << 20);
    accepted(&make(&enveloped(&hand, &large)).unwrap(), &hand.person).unwrap();
    // It can be read, but not with the signature in it.
    let just_too_large = of_length((16 << 20) - 100);
    let why = super::refused(&enveloped(&hand, &just_too_large));
    assert!(why.contains("more than 16777216 bytes"), "{why}");
}
