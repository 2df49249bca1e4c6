//! Content hidden in signatures, which leave themselves out of what they sign; and work that writes little.

use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use rastau::signed::{Detached, FormatError, Reopen};
use rastau::xmldsig;
use rastau_mint::xml::{self, ENVELOPED, EXCLUSIVE, Reference, Signing};

use super::{Person, accepted, content, read, refusal};

const DOCUMENT: &str = "<form><sum>100</sum></form>";
const EVIL: &str = "<sum>999</sum>";

/// An enveloped signature, with something put in before one of its end tags.
fn with(person: &Person, end: &str, inner: &str) -> String {
    let signed = xml::enveloped(DOCUMENT, &person.key, &person.certificate);
    assert!(signed.contains(end), "{signed}");
    signed.replace(end, &format!("{inner}{end}"))
}

#[test]
fn content_in_an_enveloped_signature_that_no_reference_is_over() {
    let person = Person::quick();
    for (end, inner) in [
        ("</ds:Signature>", format!("<ds:Object>{EVIL}</ds:Object>")),
        ("</ds:Signature>", "<ds:Object>999</ds:Object>".to_owned()),
        ("</ds:Signature>", format!("<ds:Object><ds:Object>{EVIL}</ds:Object></ds:Object>")),
        ("</ds:KeyInfo>", format!("<ds:KeyValue>{EVIL}</ds:KeyValue>")),
        ("</ds:KeyInfo>", format!("<ds:KeyName>{EVIL}</ds:KeyName>")),
        ("</ds:X509Data>", format!("<ds:X509SubjectName>{EVIL}</ds:X509SubjectName>")),
    ] {
        let why = refusal(&with(&person, end, &inner), &person);
        assert!(why.contains("hidden in the signature"), "{inner}: {why}");
    }
    // What is a key or nothing is no content.
    let key = "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQ==</ds:Modulus></ds:RSAKeyValue></ds:KeyValue>";
    accepted(&with(&person, "</ds:KeyInfo>", key), &person).unwrap();
    accepted(&with(&person, "</ds:Signature>", "<ds:Object></ds:Object>"), &person).unwrap();
}

#[test]
fn content_among_unsigned_properties() {
    let person = Person::quick();
    let unsigned = format!("<xades:UnsignedSignatureProperties>{EVIL}</xades:UnsignedSignatureProperties>");
    let properties = format!(
        "<ds:Object><xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#s\">\
         <xades:UnsignedProperties>{unsigned}</xades:UnsignedProperties></xades:QualifyingProperties></ds:Object>"
    );
    let signed = with(&person, "</ds:Signature>", &properties);
    let signed = signed.replacen("<ds:Signature ", "<ds:Signature Id=\"s\" ", 1);
    assert!(refusal(&signed, &person).contains("hidden in the signature"));
    accepted(&signed.replace(EVIL, ""), &person).unwrap();
}

#[test]
fn a_later_signature_that_brings_content_of_its_own() {
    let (anna, boris) = (Person::quick(), Person::quick());
    let signed = xml::enveloped(DOCUMENT, &anna.key, &anna.certificate);
    let second = |objects: &[&str]| {
        let mut signing =
            Signing { canonicalization: EXCLUSIVE.into(), ..Signing::new(&boris.key, &boris.certificate) };
        signing = signing.reference(Reference::to("", &[ENVELOPED, EXCLUSIVE], &signed));
        for object in objects {
            let canonical = object.replacen("<ds:Object", &format!("<ds:Object xmlns:ds=\"{}\"", xml::DS), 1);
            signing = signing.reference(Reference::to("#o", &[EXCLUSIVE], &canonical));
        }
        signing.objects = objects.iter().map(|object| (*object).to_owned()).collect();
        xml::append(&signed, &signing.sign())
    };
    assert_eq!(content(&accepted(&second(&[]), &anna).unwrap()), DOCUMENT);
    let object = format!("<ds:Object Id=\"o\">{EVIL}</ds:Object>");
    let document = read(&second(&[&object])).unwrap();
    let second_one = document.signatures.iter().nth(1).unwrap();
    second_one.verify(&boris.parsed()).unwrap();
    assert!(document.signatures.iter().next().unwrap().verify(&anna.parsed()).is_err(), "the first did not sign that");
}

/// Detached content that counts how often it is read.
struct Shared(AtomicUsize);

impl Reopen for Shared {
    fn open(&self) -> io::Result<Box<dyn io::Read + '_>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(&b"content"[..]))
    }
}

#[test]
fn content_that_many_references_are_to_is_read_once() {
    let person = Person::quick();
    let mut signing = Signing::new(&person.key, &person.certificate);
    signing.references = vec![Reference::to("file", &[], "content"); 16];
    let signed = signing.sign();
    let shared = Shared(0.into());
    let document = xmldsig::read(signed.as_bytes(), Detached::Stream(&shared), None).unwrap();
    document.signatures.iter().next().unwrap().verify(&person.parsed()).unwrap();
    assert_eq!(shared.0.into_inner(), 1);
}

#[test]
fn what_is_looked_at_without_being_written_is_bounded_too() {
    // Each element declares again what is declared around it: hardly anything of it is in the canonical form.
    let person = Person::quick();
    let mut declarations = String::new();
    for index in 0..60 {
        write!(declarations, " xmlns:a{index}=\"u\"").unwrap();
    }
    let document = format!("<r{declarations}>{}</r>", format!("<a{declarations}></a>").repeat(10_000));
    let mut signing = Signing::new(&person.key, &person.certificate);
    signing.references = vec![Reference::to("", &[ENVELOPED], &document); 8];
    let refused = read(&xml::append(&document, &signing.sign()));
    assert!(matches!(refused, Err(FormatError::TooMuch { what: "bytes of canonical XML", .. })));
}

#[test]
fn a_body_of_another_namespace_beside_the_true_one() {
    let envelope = |inner: &str| {
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header></s:Header>{inner}</s:Envelope>"
        )
    };
    let signature = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>";
    for other in ["<Body/>", "<t:Body xmlns:t=\"http://www.w3.org/2003/05/soap-envelope\"/>"] {
        let error = read(&envelope(&format!("<s:Body>{signature}</s:Body>{other}"))).unwrap_err().to_string();
        assert!(error.contains("exactly one Body"), "{error}");
        let error = read(&envelope(&format!("{other}<s:Body>{signature}</s:Body>"))).unwrap_err().to_string();
        assert!(error.contains("exactly one Body"), "{error}");
    }
}

#[test]
fn content_in_the_namespaces_of_signatures() {
    let person = Person::quick();
    let sum = |namespace: &str| format!("<sum xmlns=\"{namespace}\">999</sum>");
    let of_keys = |name: &str| format!("<ds:KeyValue><ds:{name}>999</ds:{name}></ds:KeyValue>");
    let mut cases: Vec<String> = [
        xml::DS,
        "http://www.w3.org/2009/xmldsig11#",
        EXCLUSIVE,
        xml::WSSE,
        xml::WSU,
        xml::XADES,
        xml::XADES_141,
        "http://www.w3.org/2001/04/xmldsig-more#",
        "http://www.w3.org/1999/evil/xmldsig-more#",
        "http://www.w3.org/2021/04/xmldsig-more#",
    ]
    .map(sum)
    .into();
    cases.extend(["Object", "Manifest", "SignatureProperty", "Reference", "SignedInfo"].map(of_keys));
    let token = |local: &str, namespace: &str| format!("<w:{local} xmlns:w=\"{namespace}\">999</w:{local}>");
    cases.extend([
        token("UsernameToken", xml::WSSE),
        token("BinarySecurityToken", xml::WSSE),
        token("Timestamp", xml::WSU),
        token("Reference", xml::WSSE),
        token("City", xml::XADES),
        token("SignedProperties", xml::XADES),
        format!("<ds:PGPData><ds:Object>{EVIL}</ds:Object></ds:PGPData>"),
    ]);
    for inner in cases {
        let why = refusal(&with(&person, "</ds:KeyInfo>", &inner), &person);
        assert!(why.contains("hidden in the signature"), "{inner}: {why}");
    }
}

#[test]
fn content_of_another_name_among_unsigned_properties() {
    let person = Person::quick();
    let unsigned = |inner: &str| {
        let properties = xml::qualifying_properties("s", "", inner);
        let signed = with(&person, "</ds:Signature>", &properties);
        signed.replacen("<ds:Signature ", "<ds:Signature Id=\"s\" ", 1)
    };
    for inner in [
        "<xades:sum>999</xades:sum>",
        "<xades:City>999</xades:City>",
        "<xades:Foo><ds:Object Id=\"sum\">999</ds:Object></xades:Foo>",
        "<xades:SignedProperties><xades:City>999</xades:City></xades:SignedProperties>",
    ] {
        let why = refusal(&unsigned(inner), &person);
        assert!(why.contains("hidden in the signature"), "{inner}: {why}");
    }
    accepted(&unsigned("<xades:CompleteCertificateRefs><xades:CertRefs/></xades:CompleteCertificateRefs>"), &person)
        .unwrap();
}
