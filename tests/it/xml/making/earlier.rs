//! Documents that are signed already: the signatures that are there go on holding, or nothing is signed.

use rastau::signed::{Coverage, Integrity, SignedDocument, Signer as _, Terms};
use rastau::xmldsig::Signing;
use rastau_mint::key::Key;
use rastau_mint::xml::{self, ENVELOPED, EXCLUSIVE, Reference};

use super::super::{Person, content, read};
use super::{Hand, enveloped, facts, make, refused, terms, wsse, xades};

fn all_hold(signed: &str, hands: &[&Person]) -> SignedDocument {
    let document = read(signed).unwrap();
    assert_eq!(document.signatures.len(), hands.len());
    for (signature, person) in document.signatures.iter().zip(hands) {
        assert_eq!((&signature.integrity, &signature.covers), (&Integrity::Intact, &Coverage::Whole), "{signed}");
        signature.verify(&person.parsed()).unwrap();
    }
    document
}

#[test]
fn a_second_and_a_third_signature_leave_the_earlier_octets_as_they_are() {
    let (first, second, third) = (Hand::quick(), Hand::new(Key::p384("second")), Hand::new(Key::gost512("third")));
    let document = "<a>\r\n  <b/>\r\n</a>";
    for (one, two, three) in [(false, false, false), (true, true, true), (false, true, false), (true, false, true)] {
        let once = make(&Signing { xades: one, ..enveloped(&first, document) }).unwrap();
        let twice = make(&Signing { xades: two, ..enveloped(&second, &once) }).unwrap();
        let thrice = make(&Signing { xades: three, ..enveloped(&third, &twice) }).unwrap();
        // Each is put in before the end of the root element, and nothing else is touched.
        for (earlier, later) in [(&once, &twice), (&twice, &thrice)] {
            assert!(later.starts_with(&earlier[..earlier.len() - "</a>".len()]) && later.ends_with("</a>"));
        }
        let read = all_hold(&thrice, &[&first.person, &second.person, &third.person]);
        assert_eq!(content(&read), "<a>\n  <b></b>\n</a>");
    }
}

#[test]
fn an_issued_document_may_be_signed_by_several_officials() {
    let (first, second) = (Hand::quick(), Hand::new(Key::p384("second")));
    let facts = facts();
    let terms = Terms { facts: Some(&facts), ..terms() };
    let once = make(&Signing { terms, ..xades(&first, "<a/>") }).unwrap();
    let twice = make(&Signing { terms, ..xades(&second, &once) }).unwrap();
    all_hold(&twice, &[&first.person, &second.person]);
}

#[test]
fn what_others_signed_is_signed_in_addition() {
    let (theirs, hand) = (Person::new(Key::p384("theirs")), Hand::quick());
    let signed = xml::enveloped("<a><b></b></a>", &theirs.key, &theirs.certificate);
    for signing in [enveloped(&hand, &signed), xades(&hand, &signed)] {
        all_hold(&make(&signing).unwrap(), &[&theirs, &hand.person]);
    }
}

#[test]
fn a_part_that_was_signed_stays_a_part() {
    let (theirs, hand) = (Person::new(Key::p384("theirs")), Hand::quick());
    let signing =
        xml::Signing { canonicalization: EXCLUSIVE.into(), ..xml::Signing::new(&theirs.key, &theirs.certificate) };
    let signature = signing.reference(Reference::to("#b", &[EXCLUSIVE], "<b Id=\"b\"></b>")).sign();
    let signed = make(&xades(&hand, &format!("<a><b Id=\"b\"></b>{signature}</a>"))).unwrap();
    let document = read(&signed).unwrap();
    let [part, whole] = document.signatures.iter().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!(part.covers, Coverage::Part("element b".into()));
    part.verify(&theirs.parsed()).unwrap();
    assert_eq!(whole.covers, Coverage::Whole);
    whole.verify(hand.certificate()).unwrap();
}

#[test]
fn a_signature_that_would_be_broken_keeps_the_document_from_being_signed() {
    let (theirs, hand) = (Person::new(Key::p384("theirs")), Hand::quick());
    // Over the element that the new signature would be put into, with nothing left out of it.
    let id = |inner: &str| format!("<a Id=\"a\">{inner}</a>");
    let signing =
        xml::Signing { canonicalization: EXCLUSIVE.into(), ..xml::Signing::new(&theirs.key, &theirs.certificate) };
    let inner = signing.clone().reference(Reference::to("#a", &[ENVELOPED, EXCLUSIVE], &id("<b></b>"))).sign();
    // In another place than beside it, so that the later one is not left out.
    let document = format!("<a Id=\"a\"><b>{inner}</b></a>");
    read(&document).unwrap().signatures.iter().next().unwrap().verify(&theirs.parsed()).unwrap();
    let why = refused(&enveloped(&hand, &document));
    assert!(why.contains("signature 1 is over what would be changed"), "{why}");
}

#[test]
fn a_document_with_a_signature_that_cannot_be_read_is_not_signed() {
    let (theirs, hand) = (Person::quick(), Hand::quick());
    let signed = xml::enveloped("<a><b></b></a>", &theirs.key, &theirs.certificate);
    let xslt = signed.replace(ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116");
    assert!(refused(&enveloped(&hand, &xslt)).contains("XSLT"));
    let nested = signed.replace("</ds:Signature>", "<ds:Object><ds:Signature/></ds:Object></ds:Signature>");
    assert!(refused(&enveloped(&hand, &nested)).contains("inside another one"));
}

#[test]
fn a_signature_that_is_broken_already_is_not_made_good() {
    let (theirs, hand) = (Person::new(Key::p384("theirs")), Hand::quick());
    let signed = xml::enveloped("<a><b></b></a>", &theirs.key, &theirs.certificate).replace("<b>", "<b>x");
    let document = read(&make(&enveloped(&hand, &signed)).unwrap()).unwrap();
    let [broken, own] = document.signatures.iter().collect::<Vec<_>>()[..] else { panic!() };
    assert!(matches!(broken.integrity, Integrity::Altered(_)));
    own.verify(hand.certificate()).unwrap();
}

#[test]
fn an_enveloped_signature_over_an_envelope_keeps_its_body_from_getting_an_identifier() {
    let hand = Hand::quick();
    let envelope = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body/></s:Envelope>";
    let signed = make(&enveloped(&hand, envelope)).unwrap();
    let why = refused(&wsse(&hand, &signed));
    assert!(why.contains("signature 1 is over what would be changed"), "{why}");
}
