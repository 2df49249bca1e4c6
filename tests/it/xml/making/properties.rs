//! The properties of `XAdES` that are signed, and the timestamp that is not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rastau::crypto::HashAlgorithm;
use rastau::signed::{Covered, Level, Signer as _, Terms, TimestampKind};
use rastau::xmldsig::{self, Signing};
use rastau_mint::hash::Hash;

use super::super::{accepted, read, refusal};
use super::{Hand, enveloped, facts, make, refused, terms, token, xades};

#[test]
fn level_b_names_certificate_and_time() {
    let hand = Hand::quick();
    let signed = make(&xades(&hand, "<a/>")).unwrap();
    let document = accepted(&signed, &hand.person).unwrap();
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!(signature.claimed_time, Some(terms().signing_time));
    let [named] = &signature.signing_certificate[..] else { panic!() };
    assert_eq!(named.algorithm, Some(HashAlgorithm::Sha256));
    assert_eq!(named.digest, Hash::Sha256.digest(&hand.person.certificate));
    assert!(signature.warnings.is_empty(), "{:?}", signature.warnings);
}

#[test]
fn facts_of_an_issued_document_are_signed_word_for_word() {
    let hand = Hand::quick();
    let facts = facts();
    let signing = Signing { terms: Terms { facts: Some(&facts), ..terms() }, ..xades(&hand, "<a/>") };
    let signed = make(&signing).unwrap();
    accepted(&signed, &hand.person).unwrap();
    assert!(signed.contains(
        "<r:issued xmlns:r=\"urn:rastau:issued:1\" kind=\"licence\" service=\"construction\" \
         number=\"№ 15-&quot;КЗ&quot; &amp; &lt;1&gt;&#9;&#13;&#10;\" holder=\"650615300017\"/>"
    ));
    for (from, to) in [("holder=\"65", "holder=\"66"), ("kind=\"licence\"", "kind=\"refusal\""), ("№", "N")] {
        assert!(refusal(&signed.replace(from, to), &hand.person).contains("reference 2"), "{to}");
    }
    // A plain signature has no place for them.
    let plain = make(&Signing { xades: false, ..signing }).unwrap();
    assert!(!plain.contains("issued"));
}

#[test]
fn facts_that_xml_cannot_carry_are_refused_by_name() {
    let hand = Hand::quick();
    for number in ["1\u{0}", "\u{1b}[1m", "\u{ffff}"] {
        let facts = rastau::signed::IssuedFacts { number: number.into(), ..facts() };
        let signing = Signing { terms: Terms { facts: Some(&facts), ..terms() }, ..xades(&hand, "<a/>") };
        assert!(refused(&signing).contains("the number of the issued document"));
    }
}

#[test]
fn facts_may_not_be_hidden_elsewhere_in_a_signature() {
    let hand = Hand::quick();
    let signed = make(&xades(&hand, "<a/>")).unwrap();
    let issued = "<r:issued xmlns:r=\"urn:rastau:issued:1\" kind=\"licence\"/>";
    for place in ["</ds:KeyInfo>", "</ds:Signature>", "</xades:QualifyingProperties>"] {
        for inner in [issued.to_owned(), format!("<ds:Object>{issued}</ds:Object>")] {
            let hidden = signed.replace(place, &format!("{inner}{place}"));
            assert_ne!(refusal(&hidden, &hand.person), "", "{hidden}");
        }
    }
}

#[test]
fn a_token_makes_level_t_and_is_over_what_was_to_be_stamped() {
    let hand = Hand::quick();
    for (signing, level) in
        [(xades(&hand, "<a xmlns:x='u'/>"), Level::T), (enveloped(&hand, "<a xmlns:x='u'/>"), Level::Bare)]
    {
        let draft = xmldsig::sign(&signing).unwrap();
        let stamped = draft.stamped().to_vec();
        let (token, mut signed) = (token(&stamped), Vec::new());
        draft.write(Some(&token), &mut signed).unwrap();
        let signed = String::from_utf8(signed).unwrap();
        let document = accepted(&signed, &hand.person).unwrap();
        let signature = document.signatures.iter().next().unwrap();
        assert_eq!(signature.level, level);
        let [timestamp] = &signature.timestamps[..] else { panic!() };
        assert_eq!((timestamp.kind, &timestamp.token), (TimestampKind::Signature, &token));
        let Covered::Bytes(over) = &timestamp.covered else { panic!("{:?}", timestamp.covered) };
        assert_eq!(String::from_utf8_lossy(over), String::from_utf8_lossy(&stamped));
        // The value as it is written, which is what everybody else stamps (EN 319 132-1 5.3).
        let value = &signed[signed.find("<ds:SignatureValue>").unwrap()..signed.find("<ds:KeyInfo>").unwrap()];
        let declared = value.replacen('>', " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", 1);
        assert_eq!(String::from_utf8_lossy(over), declared);
    }
}

#[test]
fn a_token_that_is_exchanged_leaves_the_signature_as_it_is() {
    let hand = Hand::quick();
    let draft = xmldsig::sign(&xades(&hand, "<a/>")).unwrap();
    let (token, mut signed) = (STANDARD.encode(token(draft.stamped())), Vec::new());
    draft.write(Some(&STANDARD.decode(&token).unwrap()), &mut signed).unwrap();
    let signed = String::from_utf8(signed).unwrap();
    assert!(signed.contains(&token));
    let other = signed.replace(&token, "b3RoZXI=");
    let document = read(&other).unwrap();
    document.signatures.iter().next().unwrap().verify(hand.certificate()).unwrap();
}
