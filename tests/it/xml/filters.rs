//! Transforms and references that are written in `XPath` and say no more than those without.

use rastau::signed::FormatError;
use rastau_mint::xml::{self, ENVELOPED, INCLUSIVE, INCLUSIVE_WITH_COMMENTS, Reference, Signing};

use super::{Person, accepted, content, read, refusal};

const DOCUMENT: &str = "<a Id=\"r\"><b>1</b></a>";
const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";
const FILTER: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
const ITSELF: &str = "count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1]) &gt; \
                      count(ancestor-or-self::ds:Signature)";

/// A transform with something in it, which is canonical, and canonical XML after it.
fn with(algorithm: &str, inner: &str) -> String {
    format!("{algorithm}\">{inner}</ds:Transform><ds:Transform Algorithm=\"{INCLUSIVE}")
}

fn xpath(expression: &str) -> String {
    with(XPATH, &format!("<ds:XPath>{expression}</ds:XPath>"))
}

fn filter(how: &str, expression: &str) -> String {
    with(FILTER, &format!("<f:XPath xmlns:f=\"{FILTER}\" Filter=\"{how}\">{expression}</f:XPath>"))
}

/// A document with a signature over `octets` by that reference.
fn signed(person: &Person, document: &str, uri: &str, transform: &str, octets: &str) -> String {
    let reference = Reference::to(uri, &[transform], octets);
    xml::append(document, &Signing::new(&person.key, &person.certificate).reference(reference).sign())
}

#[test]
fn an_expression_that_is_not_one_of_those_known_is_refused_by_name() {
    let person = Person::quick();
    for transform in [
        xpath("not(ancestor-or-self::ds:Object)"),
        xpath("not(ancestor-or-self::x:Signature)"),
        xpath("not(ancestor-or-self::Signature)"),
        xpath("not(ancestor-or-self::ds:Signature) or true()"),
        xpath("not(ancestor-or- self::ds:Signature)"),
        xpath("not(ancestor::ds:Signature)"),
        xpath("ancestor-or-self::ds:Signature"),
        xpath("true()"),
        xpath(""),
        xpath("not(ancestor-or-self::ds:Signature)<x></x>"),
        with(XPATH, ""),
        with(XPATH, "not(ancestor-or-self::ds:Signature)"),
        with(XPATH, &"<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>".repeat(2)),
        with(XPATH, "<f:XPath xmlns:f=\"urn:f\">not(ancestor-or-self::ds:Signature)</f:XPath>"),
        with(XPATH, "<ds:XPath xmlns:ds=\"urn:x\">not(ancestor-or-self::ds:Signature)</ds:XPath>"),
        // What the one transform says is not said in the other.
        xpath("/descendant::ds:Signature"),
        filter("subtract", "not(ancestor-or-self::ds:Signature)"),
        filter("intersect", "/descendant::ds:Signature"),
        filter("union", "/descendant::ds:Signature"),
        filter("subtract", "/descendant::ds:Object"),
        filter("subtract", "//ds:Signature/ds:Object"),
        with(FILTER, "<ds:XPath Filter=\"subtract\">/descendant::ds:Signature</ds:XPath>"),
        with(FILTER, &format!("<f:XPath xmlns:f=\"{FILTER}\">/descendant::ds:Signature</f:XPath>")),
    ] {
        let error = read(&signed(&person, DOCUMENT, "", &transform, DOCUMENT)).unwrap_err();
        assert!(matches!(&error, FormatError::Unsupported(what) if what.contains("XPath")), "{transform}: {error}");
    }
}

#[test]
fn a_signature_that_leaves_signatures_out_by_an_expression_is_enveloped() {
    let person = Person::quick();
    for transform in [
        xpath("not(ancestor-or-self::ds:Signature)"),
        xpath("\n not( ancestor-or-self::ds:Signature )\n"),
        xpath(ITSELF),
        filter("subtract", "/descendant::ds:Signature"),
        filter("subtract", "//ds:Signature"),
        filter("subtract", " here()/ancestor::ds:Signature[1] "),
    ] {
        for uri in ["", "#r"] {
            let good = signed(&person, DOCUMENT, uri, &transform, DOCUMENT);
            assert_eq!(content(&accepted(&good, &person).unwrap()), DOCUMENT, "{transform}");
            assert!(refusal(&good.replace("<b>1", "<b>2"), &person).contains("differs"));
            // Content does not hide in it either.
            let hidden = good.replace("</ds:KeyInfo>", "<b xmlns=\"urn:evil\">2</b></ds:KeyInfo>");
            assert!(refusal(&hidden, &person).contains("hidden in the signature"), "{hidden}");
        }
    }
}

#[test]
fn other_signatures_are_not_left_out_by_an_expression() {
    let person = Person::quick();
    let first = xml::enveloped(DOCUMENT, &person.key, &person.certificate);
    for transform in [xpath("not(ancestor-or-self::ds:Signature)"), filter("subtract", "/descendant::ds:Signature")] {
        let error = read(&signed(&person, &first, "", &transform, DOCUMENT)).unwrap_err();
        assert!(matches!(&error, FormatError::Unsupported(what) if what.contains("other signatures")), "{error}");
    }
    // That which leaves out itself alone is over the first one.
    let second = signed(&person, &first, "", &xpath(ITSELF), &first);
    assert_eq!(accepted(&second, &person).unwrap().signatures.len(), 2);
}

#[test]
fn an_expression_over_something_without_signatures_takes_nothing_out() {
    let person = Person::quick();
    let document = "<a><b Id=\"r\">1</b></a>";
    let beside = signed(&person, document, "#r", &xpath("not(ancestor-or-self::ds:Signature)"), "<b Id=\"r\">1</b>");
    assert_eq!(refusal(&beside, &person), "covers part element b");
    // In the signature itself nothing would be left.
    let inside = "<ds:Object Id=\"o\">1</ds:Object>";
    let reference = Reference::to("#o", &[&xpath("not(ancestor-or-self::ds:Signature)")], "");
    let signing = Signing::new(&person.key, &person.certificate).reference(reference);
    let error = read(&Signing { objects: vec![inside.to_owned()], ..signing }.sign()).unwrap_err();
    assert!(matches!(error, FormatError::Unsupported(_)), "{error}");
}

#[test]
fn the_two_pointers_of_the_standard_keep_comments() {
    let person = Person::quick();
    let document = "<a Id=\"r\"><!-- x --><b>1</b></a>";
    for uri in ["#xpointer(/)", "#xpointer(id('r'))", "#xpointer(id(\"r\"))"] {
        let uri = uri.replace('"', "&quot;");
        let sign = |method: &str, octets: &str| {
            let reference = Reference::to(&uri, &[ENVELOPED, method], octets);
            xml::append(document, &Signing::new(&person.key, &person.certificate).reference(reference).sign())
        };
        let good = sign(INCLUSIVE_WITH_COMMENTS, document);
        assert_eq!(content(&accepted(&good, &person).unwrap()), document);
        assert!(refusal(&good.replace(" x ", " y "), &person).contains("differs"), "{uri}");
        let without = sign(INCLUSIVE, "<a Id=\"r\"><b>1</b></a>");
        accepted(&without, &person).unwrap();
    }
    for uri in
        ["#xpointer(id('q'))", "#xpointer(id(''))", "#xpointer(id('r)'))", "#xpointer(id('r'))x", "#xpointer( / )"]
    {
        let signed = signed(&person, document, uri, ENVELOPED, document);
        assert!(read(&signed).is_err(), "{uri}");
    }
}
