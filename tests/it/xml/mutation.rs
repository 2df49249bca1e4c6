//! Documents changed at random: nothing panics, and nothing but what was signed is ever handed out as signed.

use std::sync::LazyLock;

use proptest::prelude::*;
use rastau::signed::Detached;
use rastau::xmldsig;
use rastau_mint::xml::{self, ENVELOPED, EXCLUSIVE, Reference, Signing};

use super::{Person, accepted, content, judged};

static PERSON: LazyLock<Person> = LazyLock::new(Person::quick);

/// Signed documents of several forms, and what each signs.
static DOCUMENTS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let plain = "<a xmlns:x=\"urn:x\"><b Id=\"b\">text</b><c x:y=\"z\"></c></a>".to_owned();
    let scoped =
        Signing { scope: vec![("x".into(), "urn:x".into())], ..Signing::new(&PERSON.key, &PERSON.certificate) };
    let inclusive = scoped.clone().reference(Reference::to("", &[ENVELOPED], &plain)).sign();
    let exclusive = "<a Id=\"r\"><b></b></a>".to_owned();
    let signing = Signing { canonicalization: EXCLUSIVE.into(), id: Some("s".into()), ..scoped };
    let properties =
        xml::signed_properties("p", "2026-08-20T10:00:00Z", &xml::signing_certificate_v2(&PERSON.certificate, ""));
    let by_id = Signing { objects: vec![xml::qualifying_properties("s", &properties, "")], ..signing }
        .reference(Reference::to("#r", &[ENVELOPED, EXCLUSIVE], &exclusive))
        .reference(Reference::to("#p", &[xml::INCLUSIVE], &properties).of_kind(xml::SIGNED_PROPERTIES))
        .sign();
    vec![(xml::append(&plain, &inclusive), plain), (xml::append(&exclusive, &by_id), exclusive)]
});

#[test]
fn they_hold_unchanged() {
    for (signed, plain) in DOCUMENTS.iter() {
        assert_eq!(content(&accepted(signed, &PERSON).unwrap()), plain);
    }
}

/// What markup is made of.
fn scrap() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        proptest::sample::select(vec![
            "<",
            ">",
            "/>",
            "</a>",
            "<a>",
            "<b/>",
            "<!--",
            "-->",
            "<?x?>",
            "<![CDATA[",
            "]]>",
            "&#13;",
            "&amp;",
            "\"",
            "'",
            "=",
            " ",
            "\r\n",
            "xmlns=\"urn:x\"",
            " xmlns:ds=\"urn:x\"",
            " Id=\"r\"",
            "<ds:Object/>",
            "<ds:Reference URI=\"\"/>",
            "#",
            "evil",
            "<!DOCTYPE a>",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_document_holds_only_with_the_content_that_was_signed(
        which in 0..2usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0..6usize, scrap()), 1..4),
    ) {
        let (signed, plain) = &DOCUMENTS[which];
        let mut bytes = signed.clone().into_bytes();
        for (at, removed, inserted) in changes {
            let at = at.index(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, inserted);
        }
        if let Ok(document) = judged(xmldsig::read(&bytes, Detached::Absent, None), &PERSON) {
            prop_assert_eq!(content(&document), plain, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn any_octets_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = xmldsig::read(&bytes, Detached::Bytes(b""), Some("x"));
    }

    #[test]
    fn any_scraps_of_markup_are_read_without_a_panic(scraps in proptest::collection::vec(scrap(), 0..60)) {
        let bytes = [b"<a>".as_slice(), &scraps.concat(), b"</a>"].concat();
        let _ = xmldsig::read(&bytes, Detached::Absent, None);
        let signature = [b"<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">".as_slice(), &bytes].concat();
        let _ = xmldsig::read(&signature, Detached::Absent, None);
    }
}
