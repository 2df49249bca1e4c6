//! Documents put together at random: nothing panics, what is signed holds, and what was there before is there after.

use std::sync::LazyLock;

use proptest::prelude::*;
use rastau::signed::{Coverage, Detached, Embedded, Integrity};
use rastau::xmldsig::{self, Form, Signing, extend_with_evidence, extend_with_timestamp};
use rastau_mint::xml::{self, SOAP_11, WSSE, WSU};

use super::super::read;
use super::{Hand, extended, make, terms, token, xades};

static HAND: LazyLock<Hand> = LazyLock::new(Hand::quick);

/// Documents to begin with: none, some and several signatures, envelopes.
static DOCUMENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let person = &HAND.person;
    let once = xml::enveloped("<a><b Id=\"b\">x</b></a>", &person.key, &person.certificate);
    let envelope = format!(
        "<s:Envelope xmlns:s=\"{SOAP_11}\" xmlns:o=\"{WSSE}\" xmlns:u=\"{WSU}\"><s:Header><o:Security></o:Security></s:Header>\
         <s:Body u:Id=\"b\"><a/></s:Body></s:Envelope>"
    );
    let in_envelope = make(&Signing { form: Form::Wsse, ..xades(&HAND, &envelope) }).unwrap();
    let twice = make(&xades(&HAND, &once)).unwrap();
    vec!["<a><b>x</b><c/></a>".into(), "<a/>".into(), once, twice, envelope, in_envelope]
});

/// What markup is made of.
fn scrap() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "<",
        ">",
        "/>",
        "</a>",
        "<b/>",
        "<!-- c -->",
        "<?x?>",
        "<![CDATA[x]]>",
        "&#13;",
        "\"",
        " ",
        "\r\n",
        "\r",
        "қ",
        " xmlns=\"urn:x\"",
        " xmlns:s=\"urn:x\"",
        " xmlns:u=\"urn:x\"",
        " xmlns:ds=\"urn:x\"",
        " xmlns:xades=\"urn:x\"",
        " xml:space=\"preserve\"",
        " Id=\"b\"",
        " u:Id=\"c\"",
        "<s:Body/>",
        "<s:Header/>",
        "<o:Security/>",
        "<ds:Signature/>",
        "<ds:Object/>",
        "<ds:Object Id=\"b\"><x/></ds:Object>",
        "<xades:UnsignedProperties/>",
    ])
}

fn changed() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..4usize, scrap());
    (any::<prop::sample::Index>(), proptest::collection::vec(change, 0..3)).prop_map(|(which, changes)| {
        let mut characters: Vec<char> = which.get(&DOCUMENTS).chars().collect();
        for (at, removed, inserted) in changes {
            let at = at.index(characters.len() + 1);
            let end = (at + removed).min(characters.len());
            characters.splice(at..end, inserted.chars());
        }
        characters.into_iter().collect()
    })
}

/// Whether `longer` is `shorter` with something put in, up to its end tags that stood for nothing.
fn contains_in_order(longer: &str, shorter: &str) -> bool {
    let mut rest = longer.chars();
    shorter.chars().all(|wanted| rest.any(|one| one == wanted))
}

/// Integrity and coverage of each signature, none where there is none.
fn states(document: &str) -> Vec<(Integrity, Coverage)> {
    let signatures = read(document).map(|document| document.signatures.into_vec()).unwrap_or_default();
    signatures.into_iter().map(|signature| (signature.integrity, signature.covers)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_holds_and_disturbs_nothing(document in changed(), wsse in any::<bool>(), with_xades in any::<bool>()) {
        let form = if wsse { Form::Wsse } else { Form::Enveloped };
        let signing =
            Signing { signer: &*HAND, terms: terms(), document: document.as_bytes(), form, xades: with_xades };
        let Ok(draft) = xmldsig::sign(&signing) else { return Ok(()) };
        let (token, mut signed) = (token(draft.stamped()), Vec::new());
        draft.write(Some(&token), &mut signed).unwrap();
        let signed = String::from_utf8(signed).unwrap();
        prop_assert!(contains_in_order(&signed, &document.replace("/>", "")), "{document}\n{signed}");
        let mut after = states(&signed);
        let read = read(&signed).unwrap();
        let own = read.signatures.iter().position(|signature| signature.verify(&HAND.person.parsed()).is_ok()
            && signature.timestamps.iter().any(|timestamp| timestamp.token == token));
        prop_assert!(own.is_some(), "{signed}");
        let (integrity, covers) = after.remove(own.unwrap());
        prop_assert_eq!(integrity, Integrity::Intact);
        prop_assert!(covers.is_enough(), "{}", covers);
        prop_assert_eq!(after, states(&document), "{}", document);
    }

    #[test]
    fn what_is_extended_disturbs_nothing(document in changed(), which in 0..3usize) {
        let evidence = Embedded { certificates: vec![b"certificate".to_vec()], ..Embedded::default() };
        for extended in
            [extended(document.as_bytes(), which), extend_with_evidence(document.as_bytes(), which, &evidence)]
        {
            let Ok(extended) = extended else { continue };
            let extended = String::from_utf8(extended).unwrap();
            prop_assert!(contains_in_order(&extended, &document.replace("/>", "")));
            prop_assert_eq!(states(&extended), states(&document), "{}", document);
        }
    }

    #[test]
    fn any_octets_are_refused_without_a_panic(document in proptest::collection::vec(any::<u8>(), 0..200), wsse in any::<bool>()) {
        let form = if wsse { Form::Wsse } else { Form::Enveloped };
        let _ = xmldsig::sign(&Signing { signer: &*HAND, terms: terms(), document: &document, form, xades: true }).map(|_| ());
        let _ = extend_with_timestamp(&document, 0, b"token");
        let _ = extended(&document, 0);
        let _ = xmldsig::read(&document, Detached::Absent, None);
    }
}
