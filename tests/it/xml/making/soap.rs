//! WS-Security: the Body of an envelope, whatever the envelope looks like.

use rastau::signed::{Coverage, Format, Integrity, Level, Signer as _, SignerName};
use rastau::xmldsig::Signing;
use rastau_mint::key::Key;
use rastau_mint::xml::{SOAP_11, SOAP_12, WSSE, WSU};

use super::super::{accepted, content, read, refusal};
use super::{Hand, hands, make, refused, stamped, without_signature, wsse};

/// Envelopes of every kind, the Body with `x` in it.
fn envelopes() -> Vec<String> {
    let mut all = Vec::new();
    for soap in [SOAP_11, SOAP_12] {
        for (open, close) in [
            ("", ""),
            ("<soap:Header/>", ""),
            ("<soap:Header ></soap:Header>\r\n", "\r\n"),
            ("<soap:Header><w:To xmlns:w=\"urn:w\" soap:mustUnderstand=\"1\">y</w:To></soap:Header>", ""),
            ("<soap:Header xmlns:o=\"WSSE\"><o:Security/></soap:Header>", ""),
            ("<soap:Header><Security xmlns=\"WSSE\" ><!-- c --></Security></soap:Header>", ""),
        ] {
            let open = open.replace("WSSE", WSSE);
            for body in [
                "<soap:Body><x>1</x></soap:Body>",
                "<soap:Body\r\n a='1'\r\n><x/>\r\n</soap:Body\r\n>",
                "<soap:Body wsu:Id=\"b\" xmlns:wsu=\"WSU\"><x/></soap:Body>",
            ] {
                let body = body.replace("WSU", WSU);
                all.push(format!("<soap:Envelope xmlns:soap=\"{soap}\">{open}{body}{close}</soap:Envelope>"));
            }
        }
        all.push(format!("<Envelope xmlns=\"{soap}\"><Body><x xmlns=\"\"/></Body></Envelope>"));
        all.push(format!("<Envelope xmlns=\"{soap}\"><Header/><Body/></Envelope>"));
        // The usual prefixes stand for something else.
        all.push(format!(
            "<e:Envelope xmlns:e=\"{soap}\" xmlns:wsu=\"urn:1\" xmlns:wsse=\"urn:2\" xmlns:ds=\"urn:3\" xmlns:soap=\"urn:4\" \
             xmlns:xades=\"urn:5\"><e:Body><wsu:x ds:y=\"\"><wsse:z/></wsu:x></e:Body></e:Envelope>"
        ));
        // A prefix with the name of an element in it.
        let odd = "my.Envelope-Body";
        all.push(format!("<{odd}:Envelope xmlns:{odd}=\"{soap}\"><{odd}:Body/></{odd}:Envelope>"));
        all.push(format!("<soap:Envelope xmlns:soap=\"{soap}\" xmlns:u=\"{WSU}\"><soap:Body/></soap:Envelope>"));
    }
    all
}

/// What is covered of an envelope.
fn body() -> Coverage {
    Coverage::Enough(Coverage::BODY.to_owned())
}

#[test]
fn the_body_of_every_envelope_is_signed() {
    let hand = Hand::quick();
    for envelope in envelopes() {
        for xades in [false, true] {
            let signed =
                make(&Signing { xades, ..wsse(&hand, &envelope) }).unwrap_or_else(|why| panic!("{why}: {envelope}"));
            let document = accepted(&signed, &hand.person).unwrap_or_else(|why| panic!("{why}: {signed}"));
            assert_eq!(document.format, Format::Soap);
            let signature = document.signatures.iter().next().unwrap();
            assert_eq!((&signature.covers, &signature.signer), (&body(), &SignerName::Embedded(vec![0])));
            assert_eq!(signature.level, if xades { Level::B } else { Level::Bare });
            assert!(content(&document).contains("Body"));
        }
    }
}

#[test]
fn every_algorithm_that_signs_holds_in_an_envelope() {
    for hand in hands() {
        for envelope in envelopes().iter().take(2) {
            accepted(&make(&wsse(&hand, envelope)).unwrap(), &hand.person).unwrap();
        }
    }
}

#[test]
fn the_header_is_as_ncanode_writes_it() {
    let hand = Hand::quick();
    let envelope = format!("<soap:Envelope xmlns:soap=\"{SOAP_11}\"><soap:Body>x</soap:Body></soap:Envelope>");
    let signed = make(&wsse(&hand, &envelope)).unwrap();
    let from = signed.find("wsu:Id=\"").unwrap() + "wsu:Id=\"".len();
    let id = &signed[from..from + signed[from..].find('"').unwrap()];
    assert!(id.starts_with("id-") && id.len() == 35, "{id}");
    assert!(signed.starts_with(&format!(
        "<soap:Envelope xmlns:soap=\"{SOAP_11}\"><soap:Header><wsse:Security xmlns:wsse=\"{WSSE}\" soap:mustUnderstand=\"1\">\
         <ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>"
    )));
    assert!(signed.contains(&format!(
        "<ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
         </ds:Transforms>"
    )));
    assert!(signed.contains("#X509v3\">") && signed.contains("<wsse:KeyIdentifier EncodingType="));
    assert!(signed.ends_with(&format!(
        "</ds:Signature></wsse:Security></soap:Header><soap:Body xmlns:wsu=\"{WSU}\" wsu:Id=\"{id}\">x</soap:Body></soap:Envelope>"
    )));
    assert_ne!(refusal(&signed.replace(">x<", ">y<"), &hand.person), "");
}

#[test]
fn a_second_signature_joins_the_first_in_its_header() {
    let (first, second) = (Hand::quick(), Hand::new(Key::gost512("second")));
    for envelope in envelopes() {
        let once = make(&wsse(&first, &envelope)).unwrap();
        let twice = make(&wsse(&second, &once)).unwrap();
        assert_eq!(
            twice.matches(":Security").count() + twice.matches("<Security").count(),
            { once.matches(":Security").count() + once.matches("<Security").count() } + 2
        );
        let document = read(&twice).unwrap();
        assert_eq!(document.signatures.len(), 2);
        for (signature, hand) in document.signatures.iter().zip([&first, &second]) {
            assert_eq!((&signature.integrity, &signature.covers), (&Integrity::Intact, &body()));
            signature.verify(hand.certificate()).unwrap();
        }
        // The same again by the same: another identifier under properties.
        let thrice = make(&Signing { xades: true, ..wsse(&second, &twice) }).unwrap();
        let again = make(&Signing { xades: true, ..wsse(&second, &thrice) }).unwrap();
        assert_eq!(read(&again).unwrap().signatures.len(), 4);
    }
}

#[test]
fn a_body_with_an_identifier_that_others_refer_to_keeps_it() {
    let (first, second) = (Hand::quick(), Hand::new(Key::p384("second")));
    // As somebody signs it who does not know wsu:Id.
    let envelope =
        format!("<soap:Envelope xmlns:soap=\"{SOAP_11}\"><soap:Body Id=\"body\">x</soap:Body></soap:Envelope>");
    let own = make(&wsse(&first, &envelope)).unwrap();
    assert!(own.contains("wsu:Id="));
    let theirs = own.replace("Id=\"body\"", "").replace(&format!("xmlns:wsu=\"{WSU}\" wsu:Id"), "Id");
    let theirs = rastau_resigned(&theirs, &first);
    let both = make(&wsse(&second, &theirs)).unwrap();
    assert!(!both.contains("wsu:Id="));
    for (signature, hand) in read(&both).unwrap().signatures.iter().zip([&first, &second]) {
        signature.verify(hand.certificate()).unwrap();
    }
}

/// The same envelope, its Body with an `Id` of its own, under a signature of the tests' writer.
fn rastau_resigned(envelope: &str, hand: &Hand) -> String {
    use rastau_mint::xml::{EXCLUSIVE, Reference, Signing};
    let body = "<soap:Body xmlns:soap=\"SOAP\" Id=\"body\">x</soap:Body>".replace("SOAP", SOAP_11);
    let signing =
        Signing { canonicalization: EXCLUSIVE.into(), ..Signing::new(&hand.person.key, &hand.person.certificate) };
    let signature = signing.reference(Reference::to("#body", &[EXCLUSIVE], &body)).sign();
    let (from, to) = (envelope.find("<ds:Signature ").unwrap(), envelope.find("</wsse:Security>").unwrap());
    let tail = &envelope[to..];
    let tail =
        format!("{}<soap:Body Id=\"body\">x</soap:Body></soap:Envelope>", &tail[..tail.find("<soap:Body").unwrap()]);
    format!("{}{signature}{tail}", &envelope[..from])
}

#[test]
fn a_timestamp_goes_into_the_signature() {
    let hand = Hand::quick();
    for envelope in envelopes() {
        let signed = stamped(&Signing { xades: true, ..wsse(&hand, &envelope) }).unwrap();
        let document = accepted(&signed, &hand.person).unwrap();
        assert_eq!(document.signatures.iter().next().unwrap().level, Level::T);
    }
}

#[test]
fn nothing_but_header_and_identifier_changes_in_the_envelope() {
    let hand = Hand::quick();
    let envelope = format!(
        "<?xml version='1.0'?>\r\n<soap:Envelope xmlns:soap='{SOAP_11}'>\r\n <soap:Header>\r\n  <o:Security xmlns:o='{WSSE}'>\r\n  \
         </o:Security>\r\n </soap:Header>\r\n <soap:Body\r\n  xmlns:w='{WSU}' w:Id='b'>\r\n <x/></soap:Body>\r\n</soap:Envelope>\r\n"
    );
    let signed = make(&wsse(&hand, &envelope)).unwrap();
    assert_eq!(without_signature(&signed), envelope);
    accepted(&signed, &hand.person).unwrap();
}

#[test]
fn envelopes_that_leave_a_choice_are_not_signed() {
    let hand = Hand::quick();
    let around = |inner: &str| {
        format!("<s:Envelope xmlns:s=\"{SOAP_11}\" xmlns:o=\"{WSSE}\" xmlns:u=\"{WSU}\">{inner}</s:Envelope>")
    };
    for (envelope, why) in [
        ("<a/>".to_owned(), "no SOAP Envelope"),
        ("<Envelope><Body/></Envelope>".to_owned(), "no SOAP Envelope"),
        (around(""), "exactly one Body"),
        (around("<s:Body/><s:Body/>"), "exactly one Body"),
        (around("<Body/>"), "exactly one Body"),
        (around("<s:Header/><s:Header/><s:Body/>"), "exactly one Header"),
        (around("<s:Header><o:Security/><o:Security/></s:Header><s:Body/>"), "several Security"),
        (around("<s:Header><o:Security/></s:Header><s:Body><o:Security/></s:Body>"), "several Security"),
        (around("<s:Body><o:Security/></s:Body>"), "outside of the Header"),
        (around("<s:Body u:Id=\"\"/>"), "is no name"),
        (around("<s:Body u:Id=\"xpointer(id('x'))\"/>"), "is no name"),
        (around("<s:Body u:Id=\"a%20&amp;&quot;\"/>"), "is no name"),
        (around("<s:Body u:Id=\"b\"><x Id=\"b\"/></s:Body>"), "the same Id"),
        (around("<s:Body><x id=\"1\"/><x id=\"1\"/></s:Body>"), "the same Id"),
    ] {
        let found = refused(&wsse(&hand, &envelope));
        assert!(found.contains(why), "{envelope}: {found}");
    }
}
