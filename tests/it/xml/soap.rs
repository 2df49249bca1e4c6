//! SOAP envelopes under WS-Security.

use rastau::signed::{Coverage, Detached, Format, SignerName};
use rastau::xmldsig;
use rastau_mint::xml::{self, ENVELOPED, EXCLUSIVE, Reference, SOAP_11, SOAP_12, Signing, WSSE, WSU};

use super::{Person, accepted, content, judged, read, refusal};

const X509: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#";
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// An envelope being put together, its pieces in reach of the tests.
struct Envelope {
    soap: &'static str,
    body: String,
    key_info: String,
    in_security: String,
    timestamp: Option<String>,
}

impl Envelope {
    fn new(person: &Person) -> Envelope {
        let identifier = format!(
            "<wsse:KeyIdentifier EncodingType=\"{BASE64}\" ValueType=\"{X509}X509v3\">{}</wsse:KeyIdentifier>",
            xml::base64(&person.certificate)
        );
        Envelope {
            soap: SOAP_11,
            body: "<x>good</x>".into(),
            key_info: token(&identifier),
            in_security: String::new(),
            timestamp: None,
        }
    }

    /// The Body in exclusive canonical form.
    fn canonical_body(&self) -> String {
        format!("<soap:Body xmlns:soap=\"{}\" xmlns:wsu=\"{WSU}\" wsu:Id=\"id-1\">{}</soap:Body>", self.soap, self.body)
    }

    fn body(&self) -> String {
        format!("<soap:Body wsu:Id=\"id-1\">{}</soap:Body>", self.body)
    }

    fn signature(&self, person: &Person) -> String {
        let signing = Signing {
            canonicalization: EXCLUSIVE.into(),
            key_info: Some(self.key_info.clone()),
            ..Signing::new(&person.key, &person.certificate)
        };
        let mut signing = signing.reference(Reference::to("#id-1", &[EXCLUSIVE], &self.canonical_body()));
        if let Some(timestamp) = &self.timestamp {
            let canonical = timestamp.replace("<wsu:Timestamp", &format!("<wsu:Timestamp xmlns:wsu=\"{WSU}\""));
            signing = signing.reference(Reference::to("#t-1", &[EXCLUSIVE], &canonical));
        }
        signing.sign()
    }

    fn header(&self, person: &Person) -> String {
        let timestamp = self.timestamp.as_deref().unwrap_or_default();
        format!(
            "<soap:Header><wsse:Security xmlns:wsse=\"{WSSE}\" soap:mustUnderstand=\"1\">{}{timestamp}{}</wsse:Security>\
             </soap:Header>",
            self.in_security,
            self.signature(person)
        )
    }

    fn around(&self, inner: &str) -> String {
        format!("<soap:Envelope xmlns:soap=\"{}\" xmlns:wsu=\"{WSU}\">{inner}</soap:Envelope>", self.soap)
    }

    fn sign(&self, person: &Person) -> String {
        self.around(&format!("{}{}", self.header(person), self.body()))
    }
}

fn token(inner: &str) -> String {
    format!("<wsse:SecurityTokenReference xmlns:wsse=\"{WSSE}\">{inner}</wsse:SecurityTokenReference>")
}

#[test]
fn the_body_is_the_whole_in_both_versions_of_soap() {
    let person = Person::quick();
    for soap in [SOAP_11, SOAP_12] {
        let envelope = Envelope { soap, ..Envelope::new(&person) };
        let document = accepted(&envelope.sign(&person), &person).unwrap();
        assert_eq!(document.format, Format::Soap);
        assert_eq!(content(&document), envelope.canonical_body());
        assert_eq!(document.signatures.iter().next().unwrap().signer, SignerName::Embedded(vec![0]));
    }
    let changed = Envelope::new(&person).sign(&person).replace("good", "evil");
    assert!(refusal(&changed, &person).contains("differs"));
}

#[test]
fn the_certificate_is_found_in_a_token_or_named() {
    let person = Person::quick();
    let certificate = person.parsed();
    let reference = token("<wsse:Reference URI=\"#token\"></wsse:Reference>");
    let binary = format!(
        "<wsse:BinarySecurityToken EncodingType=\"{BASE64}\" ValueType=\"{X509}X509v3\" wsu:Id=\"token\">{}\
         </wsse:BinarySecurityToken>",
        xml::base64(&person.certificate)
    );
    let envelope = Envelope { key_info: reference, in_security: binary.clone(), ..Envelope::new(&person) };
    let signed = envelope.sign(&person);
    let document = accepted(&signed, &person).unwrap();
    assert_eq!(document.signatures.iter().next().unwrap().signer, SignerName::Embedded(vec![0]));
    for (from, to) in [
        ("URI=\"#token\"", "URI=\"#nowhere\""),
        ("URI=\"#token\"", "URI=\"http://127.0.0.1/\""),
        ("URI=\"#token\"", "URI=\"#id-1\""),
        ("#X509v3", "#X509PKIPathv1"),
        ("#Base64Binary", "#HexBinary"),
    ] {
        assert_ne!(refusal(&signed.replace(from, to), &person), "", "{to}");
    }
    // A token outside of the Security header is none.
    let body = binary.replace("<wsse:BinarySecurityToken", &format!("<wsse:BinarySecurityToken xmlns:wsse=\"{WSSE}\""));
    let outside = Envelope { in_security: String::new(), body, ..envelope };
    assert!(refusal(&outside.sign(&person), &person).contains("not there"));

    let signer = |key_info: String| {
        let envelope = Envelope { key_info, ..Envelope::new(&person) };
        let document = accepted(&envelope.sign(&person), &person).unwrap();
        document.signatures.iter().next().unwrap().signer.clone()
    };
    // As the gateways answer: issuer in the order they like, and no certificate at all.
    let serial = num_bigint::BigUint::from_bytes_be(certificate.serial_number().as_bytes());
    let mut rdns: Vec<String> = certificate.issuer().to_string().split(", ").map(str::to_owned).collect();
    rdns.reverse();
    let named = token(&format!(
        "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>{}</ds:X509IssuerName><ds:X509SerialNumber>{serial}\
         </ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>",
        rdns.join(",")
    ));
    let name = signer(named);
    assert!(matches!(name, SignerName::IssuerText { .. }) && name.names(&certificate, None), "{name:?}");
    let key_id = xml::base64(certificate.extensions().subject_key_id.as_deref().unwrap());
    let named = token(&format!(
        "<wsse:KeyIdentifier EncodingType=\"{BASE64}\" ValueType=\"{X509}X509SubjectKeyIdentifier\">{key_id}</wsse:KeyIdentifier>"
    ));
    assert!(signer(named).names(&certificate, None));
}

#[test]
fn token_references_that_name_nothing_or_two_things_are_refused() {
    let person = Person::quick();
    let good = Envelope::new(&person).sign(&person);
    let from = good.find("<wsse:KeyIdentifier").unwrap();
    let to = good.find("</wsse:SecurityTokenReference").unwrap();
    let identifier = &good[from..to];
    for inner in [
        String::new(),
        identifier.repeat(2),
        "<wsse:Embedded></wsse:Embedded>".into(),
        identifier.replace("#X509v3", "#ThumbprintSHA1"),
        identifier.replace("ValueType", "Type"),
    ] {
        assert_ne!(refusal(&good.replace(identifier, &inner), &person), "", "{inner}");
    }
}

#[test]
fn a_signed_timestamp_gives_the_claimed_time() {
    let person = Person::quick();
    let created = "<wsu:Timestamp wsu:Id=\"t-1\"><wsu:Created>2026-08-20T10:00:00Z</wsu:Created></wsu:Timestamp>";
    let envelope = Envelope { timestamp: Some(created.into()), ..Envelope::new(&person) };
    let signed = envelope.sign(&person);
    let document = accepted(&signed, &person).unwrap();
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!(signature.claimed_time, Some("2026-08-20T10:00:00Z".parse().unwrap()));
    assert!(signature.warnings.is_empty());
    assert!(refusal(&signed.replace("T10:", "T11:"), &person).contains("reference 2"));
    assert_ne!(refusal(&signed.replace(created, &created.repeat(2)), &person), "");

    // One that is not signed says nothing.
    let unsigned = Envelope::new(&person).sign(&person);
    let unsigned = unsigned.replace("<ds:Signature ", &format!("{created}<ds:Signature "));
    let document = accepted(&unsigned, &person).unwrap();
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!(signature.claimed_time, None);
    assert_eq!(signature.warnings[0].0, "timestamp-not-signed");
}

#[test]
fn the_body_moved_into_a_wrapper_and_another_in_its_place() {
    let person = Person::quick();
    let envelope = Envelope::new(&person);
    let evil = "<soap:Body wsu:Id=\"id-2\"><x>evil</x></soap:Body>";
    let nameless = "<soap:Body><x>evil</x></soap:Body>";
    let wrapped = format!("<wrapper>{}</wrapper>", envelope.body());
    let header = envelope.header(&person);
    let in_header = header.replace("</soap:Header>", &format!("{wrapped}</soap:Header>"));
    let in_security = header.replace("<ds:Signature ", &format!("{wrapped}<ds:Signature "));
    for new in [evil, nameless] {
        let body_in_body = new.replace("<x>", &format!("{wrapped}<x>"));
        for (inner, expected) in [
            (format!("{in_header}{new}"), "not where headers are"),
            (format!("{in_security}{new}"), "covers part element Body"),
            (format!("{header}{new}{wrapped}"), "beside Header and Body"),
            (format!("{header}{wrapped}{new}"), "beside Header and Body"),
            (format!("{header}{body_in_body}"), "covers part element Body"),
        ] {
            let why = refusal(&envelope.around(&inner), &person);
            assert!(why.contains(expected), "{why}");
        }
        for xml in [
            envelope.around(&format!("{header}{}{new}", envelope.body())),
            envelope.around(&format!("{header}{new}{}", envelope.body())),
        ] {
            assert!(refusal(&xml, &person).contains("exactly one Body"));
        }
    }
}

#[test]
fn the_identifier_of_the_body_on_a_wrapper() {
    let person = Person::quick();
    let envelope = Envelope::new(&person);
    let header = envelope.header(&person);
    let evil = "<soap:Body wsu:Id=\"id-1\"><x>evil</x></soap:Body>";
    for (wrapper, body) in [
        (envelope.body(), evil.to_owned()),
        (format!("<w Id=\"id-1\">{}</w>", envelope.body().replace(" wsu:Id=\"id-1\"", "")), evil.replace("id-1", "x")),
        (String::new(), format!("<w Id=\"id-1\"></w>{}", envelope.body())),
    ] {
        let header = header.replace("</soap:Header>", &format!("<w2>{wrapper}</w2></soap:Header>"));
        assert_ne!(refusal(&envelope.around(&format!("{header}{body}")), &person), "");
    }
}

#[test]
fn an_envelope_in_the_body_is_not_the_envelope() {
    let person = Person::quick();
    let envelope = Envelope::new(&person);
    let inner = envelope.sign(&person);
    // A whole signed envelope in an unsigned one.
    let outer = envelope.around(&format!("<soap:Body>{inner}</soap:Body>"));
    assert_ne!(refusal(&outer, &person), "");
    let outer = envelope.around(&format!("<soap:Header></soap:Header><soap:Body>{inner}</soap:Body>"));
    assert_ne!(refusal(&outer, &person), "");
}

#[test]
fn several_headers_are_refused() {
    let person = Person::quick();
    let envelope = Envelope::new(&person);
    let (header, body) = (envelope.header(&person), envelope.body());
    let second = format!("<wsse:Security xmlns:wsse=\"{WSSE}\"></wsse:Security>");
    let twice = header.replace("</soap:Header>", &format!("{second}</soap:Header>"));
    assert!(refusal(&envelope.around(&format!("{twice}{body}")), &person).contains("several Security"));
    let in_body = body.replace("<x>", &format!("{second}<x>"));
    assert!(refusal(&envelope.around(&format!("{header}{in_body}")), &person).contains("several Security"));
    assert!(
        refusal(&envelope.around(&format!("{header}<soap:Header/>{body}")), &person).contains("exactly one Header")
    );
    assert!(refusal(&envelope.around(&header), &person).contains("exactly one Body"));
    let outside = header.replace("<soap:Header>", "<soap:Header><w>").replace("</soap:Header>", "</w></soap:Header>");
    assert!(refusal(&envelope.around(&format!("{outside}{body}")), &person).contains("outside of the Header"));
}

#[test]
fn a_signature_moved_out_of_the_header_covers_the_root_or_nothing() {
    let person = Person::quick();
    let envelope = Envelope::new(&person);
    let moved = envelope.around(&format!("{}{}", envelope.body(), envelope.signature(&person)));
    assert_eq!(refusal(&moved, &person), "covers part element Body");
    assert_eq!(read(&moved).unwrap().format, Format::Xml);
}

#[test]
fn an_envelope_signed_as_any_other_document_is_one() {
    let person = Person::quick();
    let document = format!("<soap:Envelope xmlns:soap=\"{SOAP_11}\"><soap:Body><x></x></soap:Body></soap:Envelope>");
    let reference = Reference::to("", &[ENVELOPED], &document);
    let signing =
        Signing { scope: vec![("soap".into(), SOAP_11.into())], ..Signing::new(&person.key, &person.certificate) };
    let signed = xml::append(&document, &signing.reference(reference).sign());
    assert_eq!(content(&accepted(&signed, &person).unwrap()), document);
}

#[test]
fn a_part_of_an_envelope_can_be_asked_for() {
    let person = Person::quick();
    let created = "<wsu:Timestamp wsu:Id=\"t-1\"><wsu:Created>2026-08-20T10:00:00Z</wsu:Created></wsu:Timestamp>";
    let envelope = Envelope { timestamp: Some(created.into()), ..Envelope::new(&person) };
    let signed = envelope.sign(&person);
    for (part, whole) in [("t-1", true), ("id-1", true), ("nowhere", false)] {
        let document = xmldsig::read(signed.as_bytes(), Detached::Absent, Some(part));
        assert_eq!(judged(document, &person).is_ok(), whole, "{part}");
    }
    let document = read(&signed).unwrap();
    assert_eq!(document.signatures.iter().next().unwrap().covers.to_string(), "part Body of the envelope");
    let asked = xmldsig::read(signed.as_bytes(), Detached::Absent, Some("t-1")).unwrap();
    let covers = &asked.signatures.iter().next().unwrap().covers;
    assert_eq!(*covers, Coverage::Enough("element Timestamp, which was asked for".to_owned()));
}

#[test]
fn something_beside_header_and_body() {
    let person = Person::quick();
    let envelope = Envelope::new(&person);
    let (header, body) = (envelope.header(&person), envelope.body());
    for inner in [
        format!("{header}{body}<x>evil</x>"),
        format!("<x>evil</x>{header}{body}"),
        format!("{header}<x>evil</x>{body}"),
    ] {
        let why = refusal(&envelope.around(&inner), &person);
        assert!(why.contains("beside Header and Body"), "{why}");
    }
}

#[test]
fn a_signed_header_moved_to_make_room_for_another() {
    let person = Person::quick();
    let created = "<wsu:Timestamp wsu:Id=\"t-1\"><wsu:Created>2026-08-20T10:00:00Z</wsu:Created></wsu:Timestamp>";
    let envelope = Envelope { timestamp: Some(created.into()), ..Envelope::new(&person) };
    let signed = envelope.sign(&person);
    let (without, evil) = (signed.replace(created, ""), created.replace(" wsu:Id=\"t-1\"", "").replace("2026", "2030"));
    let moved = |wrapped: &str, evil: &str| {
        without
            .replace("<soap:Header>", &format!("<soap:Header>{wrapped}"))
            .replace("<ds:Signature ", &format!("{evil}<ds:Signature "))
    };
    for evil in [&evil, ""] {
        let why = refusal(&moved(&format!("<w>{created}</w>"), evil), &person);
        assert!(why.contains("not where headers are"), "{why}");
    }
    // A header of its own is one that was signed.
    accepted(&moved(created, ""), &person).unwrap();
}

#[test]
fn an_envelope_signed_as_a_whole_has_nothing_put_into_its_signature() {
    let person = Person::quick();
    let envelope = |inner: &str| {
        format!(
            "<s:Envelope xmlns:s=\"{SOAP_11}\"><s:Header><w:Security xmlns:w=\"{WSSE}\">{inner}</w:Security></s:Header>\
             <s:Body><x></x></s:Body></s:Envelope>"
        )
    };
    let signing = Signing { canonicalization: EXCLUSIVE.into(), ..Signing::new(&person.key, &person.certificate) };
    let signature = signing.reference(Reference::to("", &[ENVELOPED], &envelope(""))).sign();
    let document = accepted(&envelope(&signature), &person).unwrap();
    assert_eq!(document.signatures.iter().next().unwrap().covers, Coverage::Whole);
    for local in ["UsernameToken", "BinarySecurityToken"] {
        let evil = format!("<w:{local}>evil</w:{local}></ds:KeyInfo>");
        let why = refusal(&envelope(&signature.replace("</ds:KeyInfo>", &evil)), &person);
        assert!(why.contains("hidden in the signature"), "{why}");
    }
}

#[test]
fn a_token_that_is_named_and_not_referred_to() {
    let person = Person::quick();
    let other = Person::new(rastau_mint::key::Key::p256("other"));
    let certificate = person.parsed();
    let binary = |octets: &[u8], id: &str| {
        format!(
            "<wsse:BinarySecurityToken EncodingType=\"{BASE64}\" ValueType=\"{X509}X509v3\" wsu:Id=\"{id}\">{}\
             </wsse:BinarySecurityToken>",
            xml::base64(octets)
        )
    };
    let tokens =
        [binary(&other.certificate, "one"), binary(&person.certificate, "two"), binary(b"x", "three")].concat();
    let by = |key_info: &str, in_security: &str| {
        let envelope =
            Envelope { key_info: token(key_info), in_security: in_security.to_owned(), ..Envelope::new(&person) };
        let document = read(&envelope.sign(&person)).unwrap();
        document.signatures.iter().next().unwrap().clone()
    };
    let identifier = |kind: &str, octets: &[u8]| {
        format!("<wsse:KeyIdentifier ValueType=\"{kind}\">{}</wsse:KeyIdentifier>", xml::base64(octets))
    };
    let thumbprint = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1";
    let named = by(&identifier(thumbprint, &rastau::crypto::sha1_of_certificate(&person.certificate)), &tokens);
    assert_eq!(named.signer, SignerName::Embedded(vec![1]));
    // Of a certificate that is not here: nobody's.
    let nobody = by(&identifier(thumbprint, &[0; 20]), &tokens);
    assert_eq!(nobody.signer, SignerName::Unnamed);
    let key_id = certificate.extensions().subject_key_id.as_deref().unwrap();
    let named = by(&identifier(&format!("{X509}X509SubjectKeyIdentifier"), key_id), &tokens);
    assert!(named.embedded.certificates.contains(&person.certificate));
    assert!(named.signer.names(&certificate, None));
}
