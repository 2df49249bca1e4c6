//! Other forms: enveloping and detached signatures, ways to name the certificate, structures that are refused.

use rastau::crypto::{Digest, HashAlgorithm, hash};
use rastau::signed::{Coverage, Detached, FormatError, Integrity, SignatureFault, SignerName};
use rastau::xmldsig;
use rastau_mint::key::Key;
use rastau_mint::xml::{self, ENVELOPED, INCLUSIVE, Reference, Signing};

use super::{Person, accepted, content, judged, read, refusal};

/// A signature that is the root of its document, around one object.
fn enveloping(person: &Person, object: &str, referred: &str) -> String {
    let canonical = referred.replacen("<ds:Object", &format!("<ds:Object xmlns:ds=\"{}\"", xml::DS), 1);
    let canonical = if referred.starts_with("<ds:Object") {
        canonical
    } else {
        referred.replacen(" Id", &format!(" xmlns:ds=\"{}\" Id", xml::DS), 1)
    };
    let signing =
        Signing::new(&person.key, &person.certificate).reference(Reference::to("#o", &[INCLUSIVE], &canonical));
    Signing { objects: vec![object.to_owned()], ..signing }.sign()
}

/// The files `a`, which is `1`, and `b`, unless that is empty.
struct TwoFiles {
    second: &'static [u8],
}

impl xmldsig::Files for TwoFiles {
    fn digest(&self, uri: &str, algorithm: HashAlgorithm) -> Option<Digest> {
        self.octets(uri).map(|octets| hash(algorithm, octets))
    }

    fn octets(&self, uri: &str) -> Option<&[u8]> {
        match uri {
            "a" => Some(b"1"),
            "b" if !self.second.is_empty() => Some(self.second),
            _ => None,
        }
    }
}

#[test]
fn an_enveloping_signature_covers_its_object() {
    let person = Person::quick();
    let object = "<ds:Object Id=\"o\">text <b></b></ds:Object>";
    let document = accepted(&enveloping(&person, object, object), &person).unwrap();
    assert_eq!(content(&document), format!("<ds:Object xmlns:ds=\"{}\" Id=\"o\">text <b></b></ds:Object>", xml::DS));
    let inner = "<b Id=\"o\">text</b>";
    let document = accepted(&enveloping(&person, &format!("<ds:Object>{inner}</ds:Object>"), inner), &person).unwrap();
    assert_eq!(content(&document), format!("<b xmlns:ds=\"{}\" Id=\"o\">text</b>", xml::DS));
}

#[test]
fn an_object_that_is_not_covered_makes_an_enveloping_signature_a_partial_one() {
    let person = Person::quick();
    let object = "<ds:Object Id=\"o\">text</ds:Object>";
    let signed = enveloping(&person, object, object);
    for more in ["<ds:Object>more</ds:Object>", "<ds:Object Id=\"p\"><c/></ds:Object>"] {
        let signed = signed.replace("</ds:Signature>", &format!("{more}</ds:Signature>"));
        assert!(refusal(&signed, &person).starts_with("covers part"), "{more}");
    }
    // Beside the element that is referred to there may be nothing else in its object.
    let inner = "<b Id=\"o\">text</b>";
    let signed = enveloping(&person, &format!("<ds:Object>{inner}<c></c></ds:Object>"), inner);
    assert!(refusal(&signed, &person).starts_with("covers part"));
}

#[test]
fn a_detached_signature_needs_its_content() {
    let person = Person::quick();
    let reference =
        Reference { uri: Some("file.txt".into()), kind: None, transforms: Vec::new(), octets: b"x".to_vec() };
    let nameless = Reference { uri: None, ..reference.clone() };
    for reference in [reference, nameless] {
        let signed = Signing::new(&person.key, &person.certificate).reference(reference).sign();
        let with = |detached| xmldsig::read(signed.as_bytes(), detached, None);
        let digest = Digest::new(HashAlgorithm::Sha256, rastau::crypto::hash(HashAlgorithm::Sha256, b"x").as_bytes());
        let digests = [digest.unwrap()];
        judged(with(Detached::Bytes(b"x")), &person).unwrap();
        judged(with(Detached::Digests(&digests)), &person).unwrap();
        let fault = |document: Result<rastau::signed::SignedDocument, FormatError>| {
            document.unwrap().signatures.iter().next().unwrap().verify(&person.parsed()).unwrap_err()
        };
        assert_eq!(fault(with(Detached::Absent)), SignatureFault::ContentMissing);
        assert_eq!(fault(with(Detached::Digests(&[]))), SignatureFault::ContentMissing);
        assert!(matches!(fault(with(Detached::Bytes(b"y"))), SignatureFault::Altered(_)));
        assert!(matches!(fault(with(Detached::Bytes(b""))), SignatureFault::Altered(_)));
    }
}

#[test]
fn the_signatures_of_a_container_refer_to_its_files() {
    let person = Person::quick();
    let to = |uri: &str, octets: &[u8]| Reference {
        uri: Some(uri.into()),
        kind: None,
        transforms: Vec::new(),
        octets: octets.to_vec(),
    };
    let signing = Signing::new(&person.key, &person.certificate).reference(to("a", b"1")).reference(to("b", b"2"));
    let asic = "http://uri.etsi.org/02918/v1.2.1#";
    // The scope of the signature is that of the list around it.
    let signing = Signing { scope: vec![("asic".into(), asic.into())], ..signing };
    let signed = format!("<asic:XAdESSignatures xmlns:asic=\"{asic}\">{}</asic:XAdESSignatures>", signing.sign());
    let with = |second: &'static [u8]| xmldsig::read_with_files(signed.as_bytes(), &TwoFiles { second }).unwrap();
    judged(Ok(with(b"2")), &person).unwrap();
    let integrity = |second| with(second).signatures.iter().next().unwrap().integrity.clone();
    assert!(matches!(integrity(b"3"), Integrity::Altered(_)));
    assert_eq!(integrity(b""), Integrity::ContentMissing);
}

#[test]
fn the_certificate_can_be_named_in_several_ways() {
    let person = Person::quick();
    let certificate = person.parsed();
    let serial = num_bigint::BigUint::from_bytes_be(certificate.serial_number().as_bytes());
    let issuer = certificate.issuer().to_string();
    let by_name = format!(
        "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>{issuer}</ds:X509IssuerName><ds:X509SerialNumber>{serial}\
         </ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>"
    );
    let key_id = xml::base64(certificate.extensions().subject_key_id.as_deref().unwrap());
    let named = |key_info: Option<String>| {
        let signing = Signing { key_info, ..Signing::new(&person.key, &person.certificate) };
        let signed = xml::append("<a></a>", &signing.reference(Reference::to("", &[ENVELOPED], "<a></a>")).sign());
        let document = accepted(&signed, &person).unwrap();
        document.signatures.iter().next().unwrap().signer.clone()
    };
    let name = named(Some(by_name));
    assert!(matches!(name, SignerName::IssuerText { .. }) && name.names(&certificate, None), "{name:?}");
    let name = named(Some(format!("<ds:X509Data><ds:X509SKI>{key_id}</ds:X509SKI></ds:X509Data>")));
    assert!(matches!(name, SignerName::KeyId(_)) && name.names(&certificate, None));
    for unnamed in [None, Some("<ds:KeyName>x</ds:KeyName>".into()), Some("<ds:KeyValue></ds:KeyValue>".into())] {
        assert_eq!(named(unnamed), SignerName::Unnamed);
    }
    let other = Person::new(Key::p384("other"));
    let both =
        xml::x509_data(&other.certificate) + &xml::x509_data(&person.certificate) + &xml::x509_data(&other.certificate);
    assert_eq!(named(Some(both)), SignerName::Embedded(vec![0, 1, 0]));
}

#[test]
fn serial_numbers_that_are_none_are_refused() {
    let person = Person::quick();
    for serial in ["", "-1", "0x10", "1 2", "१", &"9".repeat(156)] {
        let key_info = format!(
            "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>C=KZ</ds:X509IssuerName><ds:X509SerialNumber>{serial}\
             </ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>"
        );
        let signing = Signing { key_info: Some(key_info), ..Signing::new(&person.key, &person.certificate) };
        let signed = xml::append("<a></a>", &signing.reference(Reference::to("", &[ENVELOPED], "<a></a>")).sign());
        assert!(refusal(&signed, &person).contains("X509SerialNumber"), "{serial}");
    }
}

#[test]
fn what_no_allow_list_names_is_refused_by_name() {
    let person = Person::quick();
    for (transform, name) in [
        ("http://www.w3.org/TR/1999/REC-xslt-19991116", "XSLT"),
        ("http://www.w3.org/TR/1999/REC-xpath-19991116", "XPath"),
        ("http://www.w3.org/2002/06/xmldsig-filter2", "XPath filter 2.0"),
        ("http://www.w3.org/2000/09/xmldsig#base64", "base64 transform beside"),
        (
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
            "STR-Transform",
        ),
        ("urn:unheard-of", "an unknown transform"),
    ] {
        let reference = Reference::to("", &[ENVELOPED, transform], "<a></a>");
        let signed = Signing::new(&person.key, &person.certificate).reference(reference).sign();
        let error = read(&xml::append("<a></a>", &signed)).unwrap_err();
        assert!(matches!(&error, FormatError::Unsupported(what) if what.contains(name)), "{error}");
    }
    let signed = xml::enveloped("<a></a>", &person.key, &person.certificate);
    for (from, to) in [
        (INCLUSIVE, "urn:unheard-of"),
        ("URI=\"\"", "URI=\"#xpointer(/a)\""),
        ("URI=\"\"", "URI=\"#xpointer(id('a')/b)\""),
        ("URI=\"\"", "URI=\"#xpointer(id(a))\""),
        ("URI=\"\"", "URI=\"\" Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\""),
    ] {
        let error = read(&signed.replacen(from, to, 1)).unwrap_err();
        assert!(matches!(error, FormatError::Unsupported(_)), "{to}: {error}");
    }
}

#[test]
fn hints_that_nobody_follows_are_passed_over_and_hide_nothing() {
    let person = Person::quick();
    let signed = xml::enveloped("<a></a>", &person.key, &person.certificate);
    let with = |hint: &str| signed.replacen("<ds:X509Data>", hint, 1);
    accepted(&with("<ds:RetrievalMethod URI=\"http://127.0.0.1/key\"/><ds:X509Data>"), &person).unwrap();
    accepted(&with("<ds:PGPData></ds:PGPData><ds:X509Data><ds:X509SubjectName>CN=A</ds:X509SubjectName>"), &person)
        .unwrap();
    for hint in ["<x/><ds:X509Data>", "<ds:X509Data><x/>", "<ds:KeyValue><form/></ds:KeyValue><ds:X509Data>"] {
        assert!(refusal(&with(hint), &person).contains("hidden in the signature"), "{hint}");
    }
}

#[test]
fn a_signature_of_another_shape_is_malformed() {
    let person = Person::quick();
    let signed = xml::enveloped("<a></a>", &person.key, &person.certificate);
    let info = &signed[signed.find("<ds:SignedInfo").unwrap()..signed.find("<ds:SignatureValue").unwrap()];
    let reference = &info[info.find("<ds:Reference").unwrap()..info.find("</ds:SignedInfo").unwrap()];
    let cases = [
        ("two SignedInfo", signed.replace(info, &info.repeat(2))),
        ("no SignedInfo", signed.replace(info, "")),
        ("no Reference", signed.replace(reference, "")),
        ("no SignatureValue", signed.replace("ds:SignatureValue", "ds:KeyName")),
        ("SignatureValue first", signed.replace(info, "").replace("<ds:KeyInfo>", &format!("{info}<ds:KeyInfo>"))),
        ("two KeyInfo", signed.replace("<ds:KeyInfo>", "<ds:KeyInfo></ds:KeyInfo><ds:KeyInfo>")),
        ("a stranger", signed.replace("<ds:KeyInfo>", "<ds:Manifest/><ds:KeyInfo>")),
        ("a stranger of no namespace", signed.replace("<ds:KeyInfo>", "<x/><ds:KeyInfo>")),
        ("text", signed.replace("<ds:KeyInfo>", "x<ds:KeyInfo>")),
        ("no digest", signed.replacen("<ds:DigestValue>", "<ds:DigestValue></ds:DigestValue><ds:DigestValue>", 1)),
        ("empty Transforms", {
            let from = signed.find("<ds:Transforms>").unwrap();
            let to = signed.find("</ds:Transforms>").unwrap();
            format!("{}<ds:Transforms>{}", &signed[..from], &signed[to..])
        }),
        ("no Algorithm", signed.replacen("<ds:SignatureMethod Algorithm", "<ds:SignatureMethod Algorism", 1)),
        (
            "HMACOutputLength",
            signed.replace(
                "></ds:SignatureMethod>",
                "><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>",
            ),
        ),
        ("another namespace of SignedInfo", signed.replacen("<ds:SignedInfo", "<ds:SignedInfo xmlns:ds=\"urn:x\"", 1)),
        (
            "another namespace of a child",
            signed.replace("ds:DigestMethod", "x:DigestMethod").replacen("<a>", "<a xmlns:x=\"urn:x\">", 1),
        ),
        ("a signature in a signature", {
            let inner =
                Signing::new(&person.key, &person.certificate).reference(Reference::to("", &[ENVELOPED], "")).sign();
            signed.replace("</ds:Signature>", &format!("<ds:Object>{inner}</ds:Object></ds:Signature>"))
        }),
        ("letters in base64", signed.replace("<ds:DigestValue>", "<ds:DigestValue>*")),
    ];
    for (why, bad) in cases {
        assert_ne!(bad, signed, "{why}: not changed");
        let error = read(&bad).map(|_| ()).unwrap_err();
        assert!(matches!(error, FormatError::Malformed(_)), "{why}: {error}");
    }
}

#[test]
fn a_document_without_a_signature_is_not_a_signed_one() {
    for xml in ["<a/>", "<Signature/>", "<a><Signature xmlns=\"urn:x\"/></a>"] {
        assert!(matches!(read(xml), Err(FormatError::NoSignature)));
    }
}

#[test]
fn an_enveloped_signature_must_lie_in_what_it_signs() {
    let person = Person::quick();
    let reference = Reference::to("#b", &[ENVELOPED], "<b Id=\"b\"></b>");
    let signed = Signing::new(&person.key, &person.certificate).reference(reference).sign();
    let document = xml::append("<a><b Id=\"b\"></b></a>", &signed);
    assert!(refusal(&document, &person).contains("outside of what it signs"));
}

#[test]
fn covers_is_told_in_words_without_content() {
    let person = Person::quick();
    let reference = Reference::to("#secret", &[], "<b Id=\"secret\"></b>");
    let signed = Signing::new(&person.key, &person.certificate).reference(reference).sign();
    let document = read(&xml::append("<a><b Id=\"secret\"></b></a>", &signed)).unwrap();
    assert_eq!(document.signatures.iter().next().unwrap().covers, Coverage::Part("element b".into()));
    assert!(!format!("{document:?}").contains("secret"));
}
