//! Evidence added to signatures that are there, without their keys.

use rastau::signed::{Covered, Embedded, Level, Signer as _, TimestampKind};
use rastau::xmldsig::{extend_with_evidence, extend_with_timestamp, to_be_stamped};
use rastau_mint::key::Key;
use rastau_mint::xml::{self, ENVELOPED, INCLUSIVE, Reference, SIGNED_PROPERTIES, Signing, XADES};

use super::super::{Person, accepted, read};
use super::{Hand, enveloped, extended, make, stamped, token, wsse, xades};

fn extended_once(signed: &str, which: usize) -> String {
    String::from_utf8(extended(signed.as_bytes(), which).unwrap()).unwrap()
}

fn with_evidence(signed: &str, which: usize, evidence: &Embedded) -> String {
    String::from_utf8(extend_with_evidence(signed.as_bytes(), which, evidence).unwrap()).unwrap()
}

fn why_not(signed: &str, which: usize) -> String {
    extended(signed.as_bytes(), which).unwrap_err().to_string()
}

fn evidence() -> Embedded {
    Embedded {
        certificates: vec![b"authority".to_vec(), b"root".to_vec(), b"root".to_vec()],
        lists: vec![b"list".to_vec()],
        responses: vec![b"response".to_vec()],
    }
}

/// `XAdES` by the tests' writer, with unsigned properties as they are given.
fn theirs(person: &Person, unsigned: &str) -> String {
    let named = xml::signing_certificate_v2(&person.certificate, "");
    let properties = xml::signed_properties("p", "2026-08-20T10:00:00Z", &named);
    let signing = Signing::new(&person.key, &person.certificate).reference(Reference::to("", &[ENVELOPED], "<a></a>"));
    let mut signing = signing.reference(Reference::to("#p", &[INCLUSIVE], &properties).of_kind(SIGNED_PROPERTIES));
    signing.id = Some("s".into());
    let object = xml::qualifying_properties("s", &properties, "");
    let object = object.replace("</xades:QualifyingProperties>", &format!("{unsigned}</xades:QualifyingProperties>"));
    signing.objects.push(object);
    xml::append("<a></a>", &signing.sign())
}

#[test]
fn a_timestamp_makes_any_signature_one_with_a_time() {
    let hand = Hand::quick();
    let envelope = format!("<s:Envelope xmlns:s=\"{}\"><s:Body/></s:Envelope>", xml::SOAP_11);
    let documents = [
        (make(&enveloped(&hand, "<a/>")).unwrap(), Level::Bare),
        (make(&xades(&hand, "<a/>")).unwrap(), Level::T),
        (make(&xades(&hand, "<a xmlns:y=\"u\">\r\n</a>\r\n")).unwrap(), Level::T),
        (make(&wsse(&hand, &envelope)).unwrap(), Level::Bare),
        (xml::enveloped("<a></a>", &hand.person.key, &hand.person.certificate), Level::Bare),
        (theirs(&hand.person, ""), Level::T),
        (theirs(&hand.person, "<xades:UnsignedProperties/>"), Level::T),
        (theirs(&hand.person, "<xades:UnsignedProperties></xades:UnsignedProperties>"), Level::T),
        (
            theirs(
                &hand.person,
                "<xades:UnsignedProperties><xades:UnsignedSignatureProperties/></xades:UnsignedProperties>",
            ),
            Level::T,
        ),
        (
            theirs(
                &hand.person,
                "<xades:UnsignedProperties>\r\n<xades:UnsignedDataObjectProperties></xades:UnsignedDataObjectProperties>\
                 </xades:UnsignedProperties>",
            ),
            Level::T,
        ),
    ];
    for (signed, level) in documents {
        let over = to_be_stamped(signed.as_bytes(), 0).unwrap();
        let once = extended_once(&signed, 0);
        let another = crate::signer::Signer::rsa("another tsa").timestamp(&over);
        let twice = extend_with_timestamp(once.as_bytes(), 0, &another).unwrap();
        let twice = String::from_utf8(twice).unwrap();
        let document = accepted(&twice, &hand.person).unwrap_or_else(|why| panic!("{why}: {twice}"));
        let signature = document.signatures.iter().next().unwrap();
        assert_eq!(signature.level, level, "{twice}");
        let tokens: Vec<&[u8]> = signature.timestamps.iter().map(|timestamp| &*timestamp.token).collect();
        assert_eq!(tokens, [token(&over), another]);
        for timestamp in &signature.timestamps {
            assert_eq!(timestamp.kind, TimestampKind::Signature);
            assert!(matches!(&timestamp.covered, Covered::Bytes(bytes) if *bytes == over));
        }
        assert_eq!(to_be_stamped(twice.as_bytes(), 0).unwrap(), over);
    }
}

#[test]
fn line_ends_and_encodings_stay_what_they_are() {
    let hand = Hand::quick();
    let signed = make(&enveloped(&hand, "<?xml version=\"1.0\"?>\r\n<a>\r\n<b/>\r</a>\r\n")).unwrap();
    let signed = signed.replace("<ds:Signature ", "<ds:Signature\r\n ");
    let extended = extended_once(&signed, 0);
    let from = extended.find("<ds:Object ").unwrap();
    let to = extended.find("</ds:Object>").unwrap() + "</ds:Object>".len();
    let id = extended.find(" Id=\"S-").unwrap();
    assert!(extended[..id].ends_with("<ds:Signature"));
    let without = format!("{}{}{}{}", &extended[..id], &extended[id + 40..from], &extended[to..], "");
    assert_eq!(without, signed);
    accepted(&extended, &hand.person).unwrap();

    let units = |text: &str| -> Vec<u8> {
        let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
        units.iter().flat_map(|unit| unit.to_be_bytes()).collect()
    };
    let utf_16 = super::extended(&units(&signed), 0).unwrap();
    assert_eq!(utf_16, units(&extended));
}

#[test]
fn what_is_stamped_later_is_what_the_draft_says() {
    let hand = Hand::quick();
    let document = "<a xmlns=\"urn:1\" xmlns:x=\"urn:2\"/>";
    let draft = rastau::xmldsig::sign(&xades(&hand, document)).unwrap();
    let over = draft.stamped().to_vec();
    let mut signed = Vec::new();
    draft.write(None, &mut signed).unwrap();
    assert_eq!(to_be_stamped(&signed, 0).unwrap(), over);
}

#[test]
fn evidence_makes_level_lt_and_is_read_back() {
    let hand = Hand::quick();
    let signed = stamped(&xades(&hand, "<a/>")).unwrap();
    let extended = with_evidence(&signed, 0, &evidence());
    let document = accepted(&extended, &hand.person).unwrap();
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!(signature.level, Level::Lt);
    assert_eq!(
        signature.embedded.certificates,
        [hand.person.certificate.clone(), b"authority".to_vec(), b"root".to_vec()]
    );
    assert_eq!(signature.embedded.lists, [b"list"]);
    assert_eq!(signature.embedded.responses, [b"response"]);
    // Without a timestamp it is not that level, whatever it carries.
    let extended = with_evidence(&make(&xades(&hand, "<a/>")).unwrap(), 0, &evidence());
    assert_eq!(accepted(&extended, &hand.person).unwrap().signatures.iter().next().unwrap().level, Level::B);
}

#[test]
fn evidence_that_is_there_is_not_written_again() {
    let hand = Hand::quick();
    let signed = stamped(&xades(&hand, "<a/>")).unwrap();
    let once = with_evidence(&signed, 0, &evidence());
    let own = Embedded { certificates: vec![hand.person.certificate.clone()], ..evidence() };
    assert_eq!(with_evidence(&once, 0, &own), once);
    assert_eq!(with_evidence(&signed, 0, &Embedded::default()), signed);

    // What comes later stands in an element of its own, behind what an archive timestamp may be over.
    let more = Embedded { responses: vec![b"response".to_vec(), b"later".to_vec()], ..Embedded::default() };
    let twice = with_evidence(&once, 0, &more);
    assert!(twice.contains("<xades141:TimeStampValidationData "));
    assert_eq!(twice.matches("<xades:RevocationValues ").count(), 2);
    let document = accepted(&twice, &hand.person).unwrap();
    assert_eq!(document.signatures.iter().next().unwrap().embedded.responses, [&b"response"[..], b"later"]);
}

#[test]
fn an_archive_timestamp_stays_over_what_it_was_over() {
    let hand = Hand::quick();
    let signed = with_evidence(&stamped(&xades(&hand, "<a/>")).unwrap(), 0, &evidence());
    let archive = "<x:ArchiveTimeStamp xmlns:x=\"http://uri.etsi.org/01903/v1.4.1#\"><xades:EncapsulatedTimeStamp>YXJjaGl2ZQ==\
        </xades:EncapsulatedTimeStamp></x:ArchiveTimeStamp></xades:UnsignedSignatureProperties>";
    let archived = signed.replace("</xades:UnsignedSignatureProperties>", archive);
    let over = |signed: &str| {
        let signature = read(signed).unwrap().signatures.into_vec().remove(0);
        let archive =
            signature.timestamps.into_iter().find(|timestamp| timestamp.kind == TimestampKind::Archive).unwrap();
        let Covered::Bytes(bytes) = archive.covered else { panic!() };
        bytes
    };
    let more = Embedded { lists: vec![b"newer".to_vec()], ..Embedded::default() };
    assert_eq!(over(&archived), over(&with_evidence(&archived, 0, &more)));
}

#[test]
fn the_last_signature_can_be_extended_and_those_under_it_cannot() {
    let (first, second) = (Hand::quick(), Hand::new(Key::p384("second")));
    let once = make(&xades(&first, "<a/>")).unwrap();
    let twice = make(&xades(&second, &once)).unwrap();
    let extended = extended_once(&twice, 1);
    let document = read(&extended).unwrap();
    for (signature, hand) in document.signatures.iter().zip([&first, &second]) {
        signature.verify(hand.certificate()).unwrap();
    }
    assert_eq!(
        why_not(&twice, 0),
        "the document cannot be signed so: signature 2 is over what would be changed and would no longer hold"
    );
    assert!(extend_with_evidence(twice.as_bytes(), 0, &evidence()).unwrap_err().to_string().contains("signature 2"));
    assert!(why_not(&twice, 2).contains("no signature 3"));
    assert!(why_not(&twice, usize::MAX).contains("no signature"));
}

#[test]
fn signatures_of_an_envelope_are_extended_in_any_order() {
    let (first, second) = (Hand::quick(), Hand::new(Key::p384("second")));
    let envelope = format!("<s:Envelope xmlns:s=\"{}\"><s:Body/></s:Envelope>", xml::SOAP_12);
    let twice = make(&wsse(&second, &make(&wsse(&first, &envelope)).unwrap())).unwrap();
    let extended = extended_once(&extended_once(&twice, 0), 1);
    for (signature, hand) in read(&extended).unwrap().signatures.iter().zip([&first, &second]) {
        signature.verify(hand.certificate()).unwrap();
        assert_eq!(signature.timestamps.len(), 1);
    }
}

#[test]
fn a_signature_over_its_own_unsigned_properties_is_not_extended() {
    let person = Person::quick();
    let named = xml::signing_certificate_v2(&person.certificate, "");
    let properties = xml::signed_properties("p", "2026-08-20T10:00:00Z", &named);
    let object = xml::qualifying_properties("s", &properties, "").replace("<ds:Object>", "<ds:Object Id=\"o\">");
    let inner = properties.replacen(&format!(" xmlns:ds=\"{}\" xmlns:xades=\"{XADES}\"", xml::DS), "", 1);
    let canonical =
        object.replace("<ds:Object ", &format!("<ds:Object xmlns:ds=\"{}\" ", xml::DS)).replace(&properties, &inner);
    let object = object.replace(&properties, &inner);
    let signing = Signing::new(&person.key, &person.certificate).reference(Reference::to("", &[ENVELOPED], "<a></a>"));
    let mut signing = signing.reference(Reference::to("#o", &[INCLUSIVE], &canonical));
    signing.id = Some("s".into());
    signing.objects.push(object);
    let signed = xml::append("<a></a>", &signing.sign());
    accepted(&signed, &person).unwrap();
    let why = why_not(&signed, 0);
    assert!(why.contains("signature 1 is over what would be changed"), "{why}");
}

#[test]
fn what_does_not_hold_or_is_no_signature_is_not_extended() {
    let hand = Hand::quick();
    let signed = make(&xades(&hand, "<a>x</a>")).unwrap();
    assert!(why_not(&signed.replace(">x<", ">y<"), 0).contains("signature 1 does not hold"));
    assert!(why_not("<a/>", 0).contains("no signature"));
    assert!(why_not("<!DOCTYPE a><a/>", 0).contains("document type declaration"));
    assert!(why_not("", 0).contains("not well-formed"));
    for (from, to) in
        [("Target=\"#", "Target=\"#x"), ("<xades:SignedProperties ", "<xades:Other/><xades:SignedProperties ")]
    {
        assert_ne!(why_not(&signed.replace(from, to), 0), "");
    }
    let empty = xml::enveloped("<a></a>", &hand.person.key, &hand.person.certificate);
    let empty = empty.replace("<ds:Signature ", "<ds:Signature Id=\"\" ");
    assert!(why_not(&empty, 0).contains("empty Id"));
    let large = Embedded { lists: vec![vec![0; 13 << 20]], ..Embedded::default() };
    let why = extend_with_evidence(signed.as_bytes(), 0, &large).unwrap_err().to_string();
    assert!(why.contains("more than 16777216 bytes"), "{why}");
}

#[test]
fn a_detached_signature_is_extended_without_its_content() {
    let person = Person::quick();
    let signed = super::super::forms_signature(&person);
    let extended = extended_once(&signed, 0);
    let document = rastau::xmldsig::read(extended.as_bytes(), rastau::signed::Detached::Bytes(b"x"), None).unwrap();
    let signature = document.signatures.iter().next().unwrap();
    signature.verify(&person.parsed()).unwrap();
    assert_eq!(signature.timestamps.len(), 1);
}

#[test]
fn a_token_that_is_not_over_this_signature_is_not_put_into_it() {
    let hand = Hand::quick();
    let signing = xades(&hand, "<a/>");
    let signed = make(&signing).unwrap();
    let over = to_be_stamped(signed.as_bytes(), 0).unwrap();
    for (what, token) in [
        ("over something else", token(b"something else")),
        ("over the value without its element", token(rastau::xmldsig::sign(&signing).unwrap().value())),
        ("no token", b"token".to_vec()),
        ("nothing", Vec::new()),
        ("something behind it", [token(&over), vec![0]].concat()),
    ] {
        let why = extend_with_timestamp(signed.as_bytes(), 0, &token).unwrap_err().to_string();
        assert!(why.contains("the timestamp token cannot be used"), "{what}: {why}");
        let draft = rastau::xmldsig::sign(&signing).unwrap();
        let mut out = Vec::new();
        let why = draft.write(Some(&token), &mut out).unwrap_err().to_string();
        assert!(why.contains("the timestamp token cannot be used") && out.is_empty(), "{what}: {why}");
    }
}

#[test]
fn the_new_signature_is_found_by_its_value() {
    for hand in super::hands() {
        let first = Hand::quick();
        let once = make(&xades(&first, "<a/>")).unwrap();
        let draft = rastau::xmldsig::sign(&xades(&hand, &once)).unwrap();
        let value = draft.value().to_vec();
        let mut twice = Vec::new();
        draft.write(None, &mut twice).unwrap();
        let document = read(std::str::from_utf8(&twice).unwrap()).unwrap();
        let is_new: Vec<bool> = document.signatures.iter().map(|signature| signature.value == value).collect();
        assert_eq!(is_new, [false, true]);
    }
}
