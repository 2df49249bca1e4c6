//! Attacks on XML signatures that have worked on others, one test each.
//!
//! The wrapping attacks are those of Somorovsky et al., «On Breaking SAML: Be Whoever You Want to Be» (2012), figure 6; the
//! document is an assertion in a response, signed by its identifier.

use rastau::signed::{Detached, FormatError};
use rastau::xmldsig;
use rastau_mint::xml::{self, ENVELOPED, EXCLUSIVE, Reference, Signing};

use super::{Person, accepted, content, judged, read, refusal};

const ASSERTION: &str = "<a:Assertion xmlns:a=\"urn:a\" ID=\"a1\"><a:n>good</a:n></a:Assertion>";
const EVIL: &str = "<a:Assertion xmlns:a=\"urn:a\" ID=\"e1\"><a:n>evil</a:n></a:Assertion>";
const RESPONSE: &str = "<r:Response xmlns:r=\"urn:r\" ID=\"r1\"><r:n>good</r:n></r:Response>";
const EVIL_RESPONSE: &str = "<r:Response xmlns:r=\"urn:r\" ID=\"e1\"><r:n>evil</r:n></r:Response>";

/// A signature over an element by its identifier, that stays good wherever it is put.
fn over(person: &Person, id: &str, element: &str, enveloped: bool) -> String {
    let transforms = if enveloped { vec![ENVELOPED, EXCLUSIVE] } else { vec![EXCLUSIVE] };
    let signing = Signing { canonicalization: EXCLUSIVE.into(), ..Signing::new(&person.key, &person.certificate) };
    signing.reference(Reference::to(&format!("#{id}"), &transforms, element)).sign()
}

fn in_response(inner: &str) -> String {
    format!("<r:Response xmlns:r=\"urn:r\">{inner}</r:Response>")
}

fn object(signature: &str, inner: &str) -> String {
    signature.replace("</ds:Signature>", &format!("<ds:Object>{inner}</ds:Object></ds:Signature>"))
}

/// Whatever is asked for, the root, the part that was signed or the one that was slipped in, nothing evil comes out.
fn nothing_evil_comes_of(xml: &str, person: &Person) {
    for part in [None, Some("a1"), Some("e1"), Some("r1")] {
        if let Ok(document) = judged(xmldsig::read(xml.as_bytes(), Detached::Absent, part), person) {
            assert!(part.is_some_and(|part| part != "e1"), "accepted as {part:?}: {xml}");
            assert!(!content(&document).contains("evil"), "{part:?}: {xml}");
        }
    }
}

#[test]
fn the_unattacked_document_holds() {
    let person = Person::quick();
    let signed = in_response(&xml::append(ASSERTION, &over(&person, "a1", ASSERTION, true)));
    assert_eq!(refusal(&signed, &person), "covers part element Assertion");
    let document = judged(xmldsig::read(signed.as_bytes(), Detached::Absent, Some("a1")), &person).unwrap();
    assert_eq!(content(&document), ASSERTION);
    let signed = xml::append(RESPONSE, &over(&person, "r1", RESPONSE, true));
    assert_eq!(content(&accepted(&signed, &person).unwrap()), RESPONSE);
}

#[test]
fn xsw_1_the_signed_response_in_the_signature_of_an_evil_one() {
    let person = Person::quick();
    for enveloped in [true, false] {
        let signature = object(&over(&person, "r1", RESPONSE, enveloped), RESPONSE);
        nothing_evil_comes_of(&xml::append(EVIL_RESPONSE, &signature), &person);
    }
}

#[test]
fn xsw_2_the_signed_response_beside_its_signature_in_an_evil_one() {
    let person = Person::quick();
    for enveloped in [true, false] {
        let signature = over(&person, "r1", RESPONSE, enveloped);
        nothing_evil_comes_of(&xml::append(EVIL_RESPONSE, &format!("{signature}{RESPONSE}")), &person);
        nothing_evil_comes_of(&xml::append(EVIL_RESPONSE, &format!("{RESPONSE}{signature}")), &person);
    }
    // The signature left in what it signs.
    let inner = xml::append(RESPONSE, &over(&person, "r1", RESPONSE, true));
    nothing_evil_comes_of(&xml::append(EVIL_RESPONSE, &inner), &person);
}

#[test]
fn xsw_3_an_evil_assertion_before_the_signed_one() {
    let person = Person::quick();
    let signed = xml::append(ASSERTION, &over(&person, "a1", ASSERTION, true));
    nothing_evil_comes_of(&in_response(&format!("{EVIL}{signed}")), &person);
    nothing_evil_comes_of(&in_response(&format!("{signed}{EVIL}")), &person);
}

#[test]
fn xsw_4_the_signed_assertion_in_an_evil_one() {
    let person = Person::quick();
    let signed = xml::append(ASSERTION, &over(&person, "a1", ASSERTION, true));
    nothing_evil_comes_of(&in_response(&xml::append(EVIL, &signed)), &person);
    nothing_evil_comes_of(&xml::append(EVIL, &signed), &person);
}

#[test]
fn xsw_5_the_signature_in_an_evil_assertion_the_signed_one_elsewhere() {
    let person = Person::quick();
    for enveloped in [true, false] {
        let evil = xml::append(EVIL, &over(&person, "a1", ASSERTION, enveloped));
        nothing_evil_comes_of(&in_response(&format!("{evil}{ASSERTION}")), &person);
    }
}

#[test]
fn xsw_6_the_signed_assertion_in_its_signature_in_an_evil_one() {
    let person = Person::quick();
    for enveloped in [true, false] {
        let signature = object(&over(&person, "a1", ASSERTION, enveloped), ASSERTION);
        nothing_evil_comes_of(&in_response(&xml::append(EVIL, &signature)), &person);
    }
}

#[test]
fn xsw_7_an_evil_assertion_of_the_same_identifier_in_an_extension() {
    let person = Person::quick();
    let signed = xml::append(ASSERTION, &over(&person, "a1", ASSERTION, true));
    let evil = EVIL.replace("e1", "a1");
    for xml in [
        in_response(&format!("<r:Extensions>{evil}</r:Extensions>{signed}")),
        in_response(&format!("{signed}<r:Extensions>{evil}</r:Extensions>")),
    ] {
        assert!(refusal(&xml, &person).contains("the same Id"));
        nothing_evil_comes_of(&xml, &person);
    }
}

#[test]
fn xsw_8_an_object_with_the_signed_assertion_under_an_evil_one_of_the_same_identifier() {
    let person = Person::quick();
    for enveloped in [true, false] {
        let signature = object(&over(&person, "a1", ASSERTION, enveloped), ASSERTION);
        let xml = in_response(&xml::append(&EVIL.replace("e1", "a1"), &signature));
        assert!(refusal(&xml, &person).contains("the same Id"));
        nothing_evil_comes_of(&xml, &person);
    }
}

#[test]
fn the_same_identifier_under_two_attribute_names() {
    let person = Person::quick();
    let signature = over(&person, "a1", ASSERTION, false);
    let wsu = format!("xmlns:wsu=\"{}\" wsu:Id", xml::WSU);
    for name in ["Id", "ID", "id", "xml:id", &wsu] {
        let other = format!("<b {name}=\"a1\"/>");
        for xml in [
            in_response(&format!("{other}{ASSERTION}{signature}")),
            in_response(&format!("{ASSERTION}{signature}{other}")),
        ] {
            assert!(refusal(&xml, &person).contains("the same Id"), "{name}");
        }
        // Neither may an identifier stand twice that nothing refers to.
        let others = format!("<b {name}=\"x\"/><c Id=\"x\"/>");
        assert!(refusal(&in_response(&format!("{others}{ASSERTION}{signature}")), &person).contains("the same Id"));
    }
}

#[test]
fn an_attribute_that_only_looks_like_an_identifier_is_none() {
    let person = Person::quick();
    let signature = over(&person, "a1", ASSERTION, false);
    for name in ["iD", "xmlns:ID", "x:Id", "x:ID", "Identifier"] {
        let element = ASSERTION.replace("ID", name).replace("<a:Assertion", "<a:Assertion xmlns:x=\"urn:x\"");
        assert!(refusal(&in_response(&format!("{element}{signature}")), &person).contains("not there"), "{name}");
    }
}

/// CVE-2017-11427 and its kin: the comment cuts the text for a reader of the first text node.
#[test]
fn a_comment_in_signed_text_truncates_nothing() {
    let person = Person::quick();
    let signed = xml::enveloped("<a><iin>123456789012</iin></a>", &person.key, &person.certificate);
    let attacked = signed.replace("123456789012", "1234<!-- -->56789012");
    assert_eq!(content(&accepted(&attacked, &person).unwrap()), "<a><iin>123456789012</iin></a>");
}

#[test]
fn an_instruction_slipped_into_signed_content_is_seen() {
    let person = Person::quick();
    let signed = xml::enveloped("<a><b></b></a>", &person.key, &person.certificate);
    for attacked in [signed.replace("<b>", "<b><?x y?>"), format!("<?x y?>{signed}"), format!("{signed}<?x y?>")] {
        assert!(refusal(&attacked, &person).contains("differs"));
    }
    // A comment and the declaration are never signed and never handed out.
    let attacked = format!("<?xml version=\"1.0\"?><!-- x -->{signed}<!-- y -->");
    assert_eq!(content(&accepted(&attacked, &person).unwrap()), "<a><b></b></a>");
}

#[test]
fn a_namespace_slipped_in_is_seen() {
    let person = Person::quick();
    let signed = xml::enveloped("<a><b></b></a>", &person.key, &person.certificate);
    for (from, to) in [
        ("<a>", "<a xmlns=\"urn:evil\">"),
        ("<a>", "<a xmlns:x=\"urn:evil\">"),
        ("<b>", "<b xmlns=\"urn:evil\">"),
        ("<ds:SignedInfo>", "<ds:SignedInfo xmlns:x=\"urn:evil\">"),
    ] {
        assert_ne!(refusal(&signed.replacen(from, to, 1), &person), "", "{to}");
    }
    // A prefix bound to another namespace makes another element of the same letters.
    let response = "<r:a xmlns:r=\"urn:r\"><r:b></r:b></r:a>";
    let reference = Reference::to("", &[ENVELOPED, EXCLUSIVE], response);
    let signing = Signing { canonicalization: EXCLUSIVE.into(), ..Signing::new(&person.key, &person.certificate) };
    let signed = xml::append(response, &signing.reference(reference).sign());
    accepted(&signed, &person).unwrap();
    assert_ne!(refusal(&signed.replace("<r:b>", "<r:b xmlns:r=\"urn:evil\">"), &person), "");
}

/// CVE-2025-29774 (SAMLStorm): one `SignedInfo` for the value, another for the digests.
#[test]
fn samlstorm_two_signed_infos() {
    let person = Person::quick();
    let signed = xml::enveloped("<a>good</a>", &person.key, &person.certificate);
    let evil = xml::enveloped("<a>evil</a>", &Person::quick().key, &person.certificate);
    let info = |xml: &str| xml[xml.find("<ds:SignedInfo").unwrap()..xml.find("<ds:SignatureValue").unwrap()].to_owned();
    let own = info(&signed);
    for both in [format!("{own}{}", info(&evil)), format!("{}{own}", info(&evil))] {
        for good in ["good", "evil"] {
            let attacked = signed.replace(&own, &both).replace("good", good);
            assert!(
                refusal(&attacked, &person).contains("out of place")
                    || refusal(&attacked, &person).contains("in its place")
            );
        }
    }
}

/// CVE-2025-29775: a comment in `DigestValue`, which one reader skips and another one reads as the end of the text.
#[test]
fn a_digest_in_a_comment() {
    let person = Person::quick();
    let signed = xml::enveloped("<a>good</a>", &person.key, &person.certificate);
    let evil = xml::enveloped("<a>evil</a>", &person.key, &person.certificate);
    let digest = |xml: &str| {
        let from = xml.find("<ds:DigestValue>").unwrap() + "<ds:DigestValue>".len();
        xml[from..from + 44].to_owned()
    };
    let (own, forged) = (digest(&signed), digest(&evil));
    for both in [
        format!("<!--{forged}-->{own}"),
        format!("{own}<!--{forged}-->"),
        format!("<!--{own}-->{forged}"),
        format!("<?x {forged}?>{own}"),
        format!("<![CDATA[{forged}]]>"),
        format!("<x>{forged}</x>{own}"),
    ] {
        for good in ["good", "evil"] {
            let attacked = signed.replace(&own, &both).replace("good", good);
            assert!(refusal(&attacked, &person).contains("does not belong there"), "{both}");
        }
    }
    for element in ["ds:SignatureValue", "ds:X509Certificate", "ds:SignedInfo", "ds:Reference", "ds:Transforms"] {
        for stray in ["<!-- -->", "<?x?>", "<![CDATA[]]>"] {
            let attacked = signed.replacen(&format!("</{element}>"), &format!("{stray}</{element}>"), 1);
            assert!(refusal(&attacked, &person).contains("does not belong there"), "{stray} in {element}");
        }
    }
}

/// CVE-2024-45409: the digest was looked for by `XPath` anywhere in the document.
#[test]
fn a_digest_smuggled_elsewhere_is_not_found() {
    let person = Person::quick();
    let signed = xml::append(ASSERTION, &over(&person, "a1", ASSERTION, true));
    let evil = signed.replace("good", "evil");
    let forged = over(&Person::quick(), "a1", &ASSERTION.replace("good", "evil"), true);
    let reference = &forged[forged.find("<ds:Reference").unwrap()..forged.find("</ds:SignedInfo").unwrap()];
    let smuggled = format!("<x xmlns:ds=\"{}\">{reference}</x>", xml::DS);
    for xml in [in_response(&format!("{smuggled}{evil}")), in_response(&format!("{evil}{smuggled}"))] {
        nothing_evil_comes_of(&xml, &person);
    }
    let inside = evil.replace("</ds:Signature>", &format!("<ds:Object>{reference}</ds:Object></ds:Signature>"));
    nothing_evil_comes_of(&in_response(&inside), &person);
}

/// CVE-2025-25291 and CVE-2025-25292: two parsers that read a document type declaration, or namespaces, in two ways.
#[test]
fn what_two_parsers_read_in_two_ways_is_read_by_none() {
    let person = Person::quick();
    let signed = xml::enveloped("<a>good</a>", &person.key, &person.certificate);
    for declaration in [
        "<!DOCTYPE a>",
        "<!DOCTYPE a [<!ENTITY x \"--><a>evil</a><!--\">]>",
        "<!DOCTYPE a [<!-- \"'> --><!ATTLIST a Id ID #IMPLIED>]>",
        "<?xml version=\"1.0\"?><!DOCTYPE a SYSTEM \"http://127.0.0.1/x\">",
        "<!doctype a>",
    ] {
        let error = read(&format!("{declaration}{signed}")).unwrap_err();
        assert!(matches!(error, FormatError::Malformed(_)), "{declaration}: {error}");
    }
    for (from, to) in [
        ("<a>", "<a xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:ds=\"urn:x\">"),
        ("<a>", "<a x:y=\"\">"),
        ("<a>", "<x:a>"),
        ("<a>", "<a xmlns:p=\"urn:p\" xmlns:q=\"urn:p\" p:x=\"\" q:x=\"\">"),
        ("<a>", "<a x=\"\" x=\"\">"),
        ("<a>", "<a xmlns:xml=\"urn:x\">"),
        ("<a>", "<a xmlns:xmlns=\"urn:x\">"),
        ("<a>", "<a xmlns:p=\"\">"),
        ("<a>", "<a><xmlns:p/>"),
        ("<a>", "<a xmlns=\"http://www.w3.org/2000/xmlns/\">"),
        ("<a>", "<a xmlns:p=\"http://www.w3.org/2000/xmlns/\">"),
        ("<a>", "<a xmlns:p=\"http://www.w3.org/XML/1998/namespace\">"),
        ("<a>", "<a xmlns=\"http://www.w3.org/XML/1998/namespace\">"),
        ("<a>", "<a xmlns:p=\"urn:p\"><p:b:c/>"),
        ("<a>", "<a xmlns:p=\"urn:p\" p:b:c=\"\">"),
        ("<a>", "<a xmlns:p=\"urn:p\"><p:1b/>"),
        ("<a>", "<a xmlns:p=\"urn:p\" p:-b=\"\">"),
        ("<a>", "<a xmlns:1p=\"urn:p\">"),
        ("<a>", "<a><:b/>"),
        ("<a>", "<a :b=\"\">"),
        ("<a>", "<a xmlns:=\"urn:p\">"),
        ("<a>", "<a><?xml version=\"1.0\"?>"),
        ("<a>", "<a><?XML?>"),
        ("<a>", "<a><b x=\"<\"/>"),
        ("<a>", "<a>]]>"),
        ("<a>", "<a><!-- -- -->"),
        ("<a>", "<a><!-- --->"),
        ("<a>", "<a x=\"\"y=\"\">"),
        ("<a>", "<a>&;"),
        ("<a>", "<a>&#;"),
        ("<a>", "<a>&#x;"),
        ("<a>", "<a>&amp"),
        ("<a>", "<a>&Amp;"),
        ("<a>", "<a>&#X41;"),
        ("<a>", "<a x=\"&\">"),
    ] {
        assert!(matches!(read(&signed.replacen(from, to, 1)), Err(FormatError::Malformed(_))), "{to}");
    }
}

/// XML 1.0, 2.2: libxml2 reads none of these, so no canonical form of ours may hold one.
#[test]
fn what_is_no_character_of_xml_is_read_nowhere() {
    let person = Person::quick();
    let signed = xml::enveloped("<a>good</a>", &person.key, &person.certificate);
    let written = ["\u{0}", "\u{1}", "\u{8}", "\u{b}", "\u{c}", "\u{e}", "\u{1c}", "\u{1f}", "\u{fffe}", "\u{ffff}"];
    let named = ["&#0;", "&#1;", "&#x1F;", "&#xB;", "&#xD800;", "&#xDFFF;", "&#xFFFE;", "&#xFFFF;", "&#x110000;"];
    for no_character in written {
        for to in [
            format!("<a>{no_character}"),
            format!("<a><![CDATA[{no_character}]]>"),
            format!("<a><!--{no_character}-->"),
            format!("<a><?p {no_character}?>"),
            format!("<a x=\"{no_character}\">"),
            format!("<a x=\"{no_character}&#65;\">"),
            format!("<a xmlns:p=\"urn:{no_character}&#65;\">"),
            format!("<a{no_character}>"),
        ] {
            assert!(matches!(read(&signed.replacen("<a>", &to, 1)), Err(FormatError::Malformed(_))), "{to:?}");
        }
    }
    for no_character in named {
        for to in [
            format!("<a>{no_character}"),
            format!("<a x=\"{no_character}\">"),
            format!("<a xmlns:p=\"urn:{no_character}\">"),
        ] {
            assert!(matches!(read(&signed.replacen("<a>", &to, 1)), Err(FormatError::Malformed(_))), "{to}");
        }
    }
    for character in
        ["\t", "\n", "\r", " ", "\u{7f}", "\u{85}", "\u{d7ff}", "\u{e000}", "\u{fffd}", "\u{10ffff}", "&#13;"]
    {
        let signed = xml::enveloped("<a x=\"&#65;\">good</a>", &person.key, &person.certificate);
        read(&signed.replacen("&#65;", character, 1)).unwrap();
    }
}

/// CVE-2025-66567 and CVE-2025-66568: the canonical form failed without a word, and nothing was digested.
#[test]
fn a_digest_of_nothing_is_no_digest_of_the_document() {
    let person = Person::quick();
    for namespace in ["1", "../x", "urn:x y", ""] {
        let document = format!("<a xmlns=\"{namespace}\">evil</a>");
        let reference = Reference::to("", &[ENVELOPED], "");
        let signing = Signing {
            scope: vec![(String::new(), namespace.into())],
            ..Signing::new(&person.key, &person.certificate)
        };
        let signed = xml::append(&document, &signing.reference(reference).sign());
        assert!(refusal(&signed, &person).contains("differs"), "{namespace}");
    }
}

#[test]
fn a_signature_over_its_own_object_says_nothing_of_the_root() {
    let person = Person::quick();
    let inner = format!("<ds:Object xmlns:ds=\"{}\" Id=\"o\">x</ds:Object>", xml::DS);
    let signing = Signing { canonicalization: EXCLUSIVE.into(), ..Signing::new(&person.key, &person.certificate) };
    let signing = signing.reference(Reference::to("#o", &[EXCLUSIVE], &inner));
    let signature = Signing { objects: vec!["<ds:Object Id=\"o\">x</ds:Object>".into()], ..signing }.sign();
    accepted(&signature, &person).unwrap();
    assert_eq!(refusal(&format!("<a>evil{signature}</a>"), &person), "covers part element Object");
}

#[test]
fn a_signature_over_its_own_parts_is_over_nothing() {
    let person = Person::quick();
    let key_info = format!("<ds:KeyInfo xmlns:ds=\"{}\">{}</ds:KeyInfo>", xml::DS, xml::x509_data(&person.certificate));
    let with_id = key_info
        .replace("<ds:KeyInfo", "<ds:KeyInfo Id=\"k\"")
        .replace(&format!("Id=\"k\" xmlns:ds=\"{}\"", xml::DS), &format!("xmlns:ds=\"{}\" Id=\"k\"", xml::DS));
    let signing = Signing { canonicalization: EXCLUSIVE.into(), ..Signing::new(&person.key, &person.certificate) };
    let signature = signing.reference(Reference::to("#k", &[EXCLUSIVE], &with_id)).sign();
    let signature = signature.replace("<ds:KeyInfo>", "<ds:KeyInfo Id=\"k\">");
    for xml in [signature.clone(), format!("<a>evil{signature}</a>")] {
        assert_eq!(refusal(&xml, &person), "covers part nothing of the document");
    }
}

#[test]
fn entities_and_characters_that_are_none() {
    let person = Person::quick();
    let signed = xml::enveloped("<a>good</a>", &person.key, &person.certificate);
    for trick in
        ["&x;", "&#0;", "&#x1F;", "&#xD800;", "&#xFFFE;", "&", "&#;", "&#x110000;", "\u{0}", "\u{b}", "\u{fffe}", "]]>"]
    {
        let error = read(&signed.replace("good", trick)).unwrap_err();
        assert!(matches!(error, FormatError::Malformed(_)), "{trick:?}: {error}");
    }
    // Another spelling of the same characters is the same document.
    for same in ["g&#111;od", "<![CDATA[good]]>", "go<![CDATA[od]]>", "g&#x6f;&#x6F;d"] {
        assert_eq!(content(&accepted(&signed.replace("good", same), &person).unwrap()), "<a>good</a>");
    }
}

#[test]
fn a_reference_that_leads_nowhere() {
    let person = Person::quick();
    let signed = xml::enveloped("<a>good</a>", &person.key, &person.certificate);
    for uri in ["#", "#nowhere", "#a#b"] {
        assert!(refusal(&signed.replace("URI=\"\"", &format!("URI=\"{uri}\"")), &person).contains("not there"));
    }
    // Nothing is ever fetched.
    for uri in ["http://127.0.0.1/x", "file:///etc/passwd", "x.xml#a", " "] {
        assert_ne!(refusal(&signed.replace("URI=\"\"", &format!("URI=\"{uri}\"")), &person), "", "{uri}");
    }
    assert_ne!(refusal(&signed.replace(" URI=\"\"", ""), &person), "");
}

#[test]
fn a_transform_after_the_canonicalization() {
    let person = Person::quick();
    for transforms in [[EXCLUSIVE, ENVELOPED], [EXCLUSIVE, EXCLUSIVE]] {
        let signing =
            Signing::new(&person.key, &person.certificate).reference(Reference::to("", &transforms, "<a></a>"));
        assert!(refusal(&xml::append("<a></a>", &signing.sign()), &person).contains("after a canonicalization"));
    }
}

#[test]
fn a_second_signature_by_somebody_else_does_not_pass_for_the_first() {
    let (person, other) = (Person::quick(), Person::new(rastau_mint::key::Key::p384("other")));
    let signed = xml::enveloped("<a>good</a>", &person.key, &person.certificate);
    // The attacker changes the content, and signs what came of it: both signatures are judged, and the first fails.
    let attacked = xml::enveloped(&signed.replace("good", "evil"), &other.key, &other.certificate);
    let document = read(&attacked).unwrap();
    assert_eq!(document.signatures.len(), 2);
    let [first, second] = document.signatures.iter().collect::<Vec<_>>()[..] else { panic!() };
    first.verify(&person.parsed()).unwrap_err();
    second.verify(&other.parsed()).unwrap();
    // Without the first signature there is only the attacker's.
    let alone = xml::enveloped("<a>evil</a>", &other.key, &other.certificate);
    assert_eq!(refusal(&alone, &person), "another certificate");
}
