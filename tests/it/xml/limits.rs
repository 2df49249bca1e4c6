//! What a document may cost. None of these tests measures time: what is over a limit is refused by count.

use std::fmt::Write as _;

use rastau::signed::{Detached, FormatError};
use rastau::xmldsig;
use rastau_mint::xml::{self, ENVELOPED, Reference, Signing};

use super::{Person, accepted, read};

/// What there was too much of.
fn too_much(xml: &str) -> &'static str {
    match read(xml) {
        Err(FormatError::TooMuch { what, .. }) => what,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("accepted"),
    }
}

#[test]
fn size_nesting_markup_attributes_and_namespaces_are_bounded() {
    let document = |inner: &str| format!("<r>{inner}</r>");
    assert_eq!(too_much(&document(&" ".repeat(16 << 20))), "bytes");
    assert_eq!(too_much(&format!("{}{}", "<a>".repeat(200), "</a>".repeat(200))), "levels of nesting");
    assert_eq!(too_much(&"<a>".repeat(1 << 18)), "levels of nesting");
    assert_eq!(too_much(&document(&"<a/>".repeat(1 << 18))), "pieces of XML markup");
    assert_eq!(too_much(&document(&"<!---->".repeat(1 << 18))), "pieces of XML markup");
    assert_eq!(too_much(&document(&"<?x?>".repeat(1 << 18))), "pieces of XML markup");
    let mut attributes = String::new();
    for index in 0..129 {
        write!(attributes, " a{index}=''").unwrap();
    }
    assert_eq!(too_much(&document(&format!("<a{attributes}/>"))), "attributes of an XML element");
    // Namespaces count along the way down.
    let mut nested = String::new();
    for index in 0..65 {
        write!(nested, "<a xmlns:p{index}='u' xmlns:q{index}='u'>").unwrap();
    }
    assert_eq!(too_much(&nested), "XML namespaces in scope");
}

#[test]
fn the_names_of_namespaces_are_bounded_where_they_are_in_scope() {
    let long = |octets: usize| "u".repeat(octets);
    assert_eq!(too_much(&format!("<r xmlns='{}'/>", long(16 << 10))), "bytes of XML namespaces in scope");
    assert_eq!(too_much(&format!("<r xmlns:{}='u'/>", long(16 << 10))), "bytes of XML namespaces in scope");
    // They count along the way down, and no longer than they are in scope.
    let inner = format!("<a xmlns:p='{}'>", long(6 << 10));
    assert_eq!(too_much(&format!("<r>{}", inner.repeat(3))), "bytes of XML namespaces in scope");
    let person = Person::quick();
    let beside = format!("<r>{}</r>", format!("<a xmlns:p=\"{}\"></a>", long(15 << 10)).repeat(3));
    accepted(&xml::enveloped(&beside, &person.key, &person.certificate), &person).unwrap();
    // What has a reference in it is copied for every element and every attribute.
    let copied = "bytes of XML namespaces with references in them";
    for name in ["&#x75;", "urn:a&amp;b", "&lt;"] {
        let name = format!("{name}{}", long(1 << 10));
        assert_eq!(too_much(&format!("<r xmlns='{name}'>{}</r>", "<a/>".repeat(1024))), copied);
        let attributes: String = (0..100).map(|index| format!(" p:a{index}=''")).collect();
        assert_eq!(
            too_much(&format!("<r xmlns:p = \"{name}\">{}</r>", format!("<a{attributes}/>").repeat(12))),
            copied
        );
    }
    let few = format!("<r xmlns=\"urn:a&amp;b\">{}</r>", "<a></a>".repeat(64));
    let signing = Signing::new(&person.key, &person.certificate).reference(Reference::to("", &[ENVELOPED], &few));
    let scope = vec![(String::new(), "urn:a&amp;b".to_owned())];
    accepted(&xml::append(&few, &Signing { scope, ..signing }.sign()), &person).unwrap();
}

#[test]
fn the_limits_themselves_are_allowed() {
    let mut wide = String::new();
    for index in 0..128 {
        write!(wide, " a{index:03}=\"\"").unwrap();
    }
    let person = Person::quick();
    let document = format!("<r><a{wide}></a>{}{}</r>", "<a>".repeat(120), "</a>".repeat(120));
    accepted(&xml::enveloped(&document, &person.key, &person.certificate), &person).unwrap();
}

#[test]
fn references_transforms_and_signatures_are_bounded() {
    let person = Person::quick();
    let reference = Reference::to("", &[ENVELOPED], "<a></a>");
    let many = |references: usize, transforms: usize| {
        let mut signing = Signing::new(&person.key, &person.certificate);
        let transforms = vec![ENVELOPED.to_owned(); transforms];
        signing.references = vec![Reference { transforms, ..reference.clone() }; references];
        signing.sign()
    };
    assert_eq!(too_much(&xml::append("<a></a>", &many(17, 1))), "references in a signature");
    assert_eq!(too_much(&xml::append("<a></a>", &many(1, 5))), "transforms in a reference");
    accepted(&xml::append("<a></a>", &many(16, 4)), &person).unwrap();
    assert_eq!(too_much(&xml::append("<a></a>", &many(1, 1).repeat(33))), "signatures");
}

#[test]
fn the_canonical_forms_of_all_signatures_together_are_bounded() {
    let person = Person::quick();
    let document = format!("<a>{}</a>", "x".repeat(10 << 20));
    let mut signing = Signing::new(&person.key, &person.certificate);
    signing.references = vec![Reference::to("", &[ENVELOPED], &document); 16];
    assert_eq!(too_much(&xml::append(&document, &signing.sign())), "bytes of canonical XML");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let xml = |bytes: &[u8]| xmldsig::read(bytes, Detached::Absent, None).map(|_| ()).unwrap_err();
    for bytes in [
        &b""[..],
        b"<a>\xff</a>",
        b"\xff\xfe<",
        b"\xff\xfe\x3c\x00\x00",
        b"\xfe\xff\xd8\x00",
        b"\xef\xbb\xbf\xef\xbb\xbf<a/>",
        b"<a/><a/>",
        b"<a></b>",
        b"<a",
        b"<a b>",
        b"<a b=c/>",
        b"<a b='c/>",
        b"<!-- <a/>",
        b"<a><![CDATA[</a>",
        b"</a>",
        b"text",
        b"<a/>text",
        b"<1/>",
        b"\x00<a/>",
    ] {
        assert!(matches!(xml(bytes), FormatError::Malformed(_)), "{bytes:?}: {}", xml(bytes));
    }
    for bytes in [
        "<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\u{43a}</a>".as_bytes(),
        b"<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>",
        b"<?xml version=\"1.0\" encoding=\"ISO-2022-JP\"?><a/>",
        b"<?xml version=\"1.1\"?><a/>",
        b"<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>",
    ] {
        assert!(matches!(xml(bytes), FormatError::Unsupported(_)), "{bytes:?}: {}", xml(bytes));
    }
}

#[test]
fn errors_do_not_quote_the_document() {
    for xml in ["<secret></other>", "<a>&secret;</a>", "<a secret='1' secret='2'/>", "<secret:a/>", "<a><secret</a>"] {
        let error = read(xml).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
