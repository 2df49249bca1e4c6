//! `XAdES`: what stands under a signature, and evidence beside it.

use rastau::crypto::HashAlgorithm;
use rastau::signed::{Coverage, Covered, Integrity, Level, Signature, SignatureFault, TimestampKind};
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::der;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::xml::{self, ENVELOPED, INCLUSIVE, Reference, SIGNED_PROPERTIES, Signing, XADES, XADES_141};

use super::{Person, accepted, content, read, refusal};

const DOCUMENT: &str = "<a></a>";
const TIME: &str = "2026-08-20T10:00:00+05:00";

/// What goes into a signature, to be changed by the tests.
struct Parts {
    properties: String,
    referred: bool,
    kind: Option<&'static str>,
    target: &'static str,
    unsigned: String,
    objects: String,
}

impl Parts {
    fn new(certificate: &str) -> Parts {
        Parts {
            properties: xml::signed_properties("p", TIME, certificate),
            referred: true,
            kind: Some(SIGNED_PROPERTIES),
            target: "s",
            unsigned: String::new(),
            objects: String::new(),
        }
    }

    fn signing<'k>(&self, person: &'k Person) -> Signing<'k> {
        let signing = Signing::new(&person.key, &person.certificate);
        let mut signing =
            Signing { id: Some("s".into()), ..signing }.reference(Reference::to("", &[ENVELOPED], DOCUMENT));
        if self.referred {
            let reference = Reference::to("#p", &[INCLUSIVE], &self.properties);
            signing = signing.reference(Reference { kind: self.kind.map(str::to_owned), ..reference });
        }
        signing.objects.push(xml::qualifying_properties(self.target, &self.properties, &self.unsigned));
        signing.objects.push(self.objects.clone());
        signing
    }

    fn sign(&self, person: &Person) -> String {
        xml::append(DOCUMENT, &self.signing(person).sign())
    }
}

fn signature_of(xml: &str) -> Signature {
    read(xml).unwrap().signatures.into_vec().remove(0)
}

fn fault(xml: &str, person: &Person) -> SignatureFault {
    signature_of(xml).verify(&person.parsed()).unwrap_err()
}

#[test]
fn level_b_names_its_certificate_in_either_version() {
    let person = Person::quick();
    let v2 = xml::signing_certificate_v2(&person.certificate, "");
    let signature = signature_of(&Parts::new(&v2).sign(&person));
    assert_eq!(signature.level, Level::B);
    assert_eq!(signature.claimed_time, Some("2026-08-20T05:00:00Z".parse().unwrap()));
    assert_eq!(signature.signing_certificate[0].algorithm, Some(HashAlgorithm::Sha256));
    assert_eq!(content(&accepted(&Parts::new(&v2).sign(&person), &person).unwrap()), DOCUMENT);

    let certificate = person.parsed();
    let serial = num_bigint::BigUint::from_bytes_be(certificate.serial_number().as_bytes());
    let v1 = |issuer: &str, digest: String| {
        format!(
            "<xades:SigningCertificate><xades:Cert>{digest}<xades:IssuerSerial><ds:X509IssuerName>{issuer}</ds:X509IssuerName>\
             <ds:X509SerialNumber>{serial}</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert></xades:SigningCertificate>"
        )
    };
    let sha1 = || xml::cert_digest("http://www.w3.org/2000/09/xmldsig#sha1", &Hash::Sha1.digest(&person.certificate));
    let gost = xml::cert_digest(
        "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-512",
        &Hash::Streebog512.digest(&person.certificate),
    );
    let issuer = certificate.issuer().to_string();
    for digest in [sha1(), gost] {
        accepted(&Parts::new(&v1(&issuer, digest)).sign(&person), &person).unwrap();
    }
    let other = fault(&Parts::new(&v1("CN=OTHER", sha1())).sign(&person), &person);
    assert_eq!(other, SignatureFault::WrongCertificate);
}

#[test]
fn a_signature_that_names_another_certificate_does_not_hold() {
    let person = Person::quick();
    let other = Person::new(Key::p384("other"));
    // The same key in another certificate.
    let authority = rastau_mint::authority::Authority::root("ROOT", Key::p256("root"));
    let twin = authority.issue(CertificateBuilder::individual("650615300017").key(&person.key).serial(&[0x11, 0x22]));
    for certificate in [&other.certificate, &twin] {
        let signed = Parts::new(&xml::signing_certificate_v2(certificate, "")).sign(&person);
        assert_eq!(fault(&signed, &person), SignatureFault::WrongCertificate);
    }
    // The signer's stands first.
    let (own, foreign) =
        (xml::signing_certificate_v2(&person.certificate, ""), xml::signing_certificate_v2(&other.certificate, ""));
    let both = |first: &str, second: &str| {
        let inner = second.replace("<xades:SigningCertificateV2>", "");
        Parts::new(&(first.replace("</xades:SigningCertificateV2>", "") + &inner)).sign(&person)
    };
    accepted(&both(&own, &foreign), &person).unwrap();
    assert_eq!(fault(&both(&foreign, &own), &person), SignatureFault::WrongCertificate);
}

#[test]
fn issuer_and_serial_number_in_der_are_compared() {
    let person = Person::quick();
    let certificate = person.parsed();
    let issuer_serial = |name: &[u8], serial: &[u8]| {
        let names = der::sequence(&[der::explicit(4, name)]);
        let value = der::sequence(&[names, der::integer_raw(serial)]);
        format!("<xades:IssuerSerialV2>{}</xades:IssuerSerialV2>", xml::base64(&value))
    };
    let signed = |more: &str| Parts::new(&xml::signing_certificate_v2(&person.certificate, more)).sign(&person);
    let (name, serial) = (certificate.issuer().as_der(), certificate.serial_number().as_bytes());
    accepted(&signed(&issuer_serial(name, serial)), &person).unwrap();
    for wrong in [issuer_serial(certificate.subject().as_der(), serial), issuer_serial(name, &[1])] {
        assert_eq!(fault(&signed(&wrong), &person), SignatureFault::WrongCertificate);
    }
    assert!(refusal(&signed("<xades:IssuerSerialV2>MAA=</xades:IssuerSerialV2>"), &person).contains("IssuerSerialV2"));
}

#[test]
fn a_hash_that_is_not_allowed_cannot_name_a_certificate() {
    let person = Person::quick();
    let digest = xml::cert_digest("http://www.w3.org/2001/04/xmldsig-more#md5", &[0; 16]);
    let named = format!("<xades:SigningCertificate><xades:Cert>{digest}</xades:Cert></xades:SigningCertificate>");
    assert!(refusal(&Parts::new(&named).sign(&person), &person).contains("md5"));
    for empty in [
        "<xades:SigningCertificate></xades:SigningCertificate>",
        "<xades:SigningCertificateV2></xades:SigningCertificateV2>",
    ] {
        assert!(refusal(&Parts::new(empty).sign(&person), &person).contains("names none"));
    }
}

#[test]
fn signed_properties_that_are_not_signed_do_not_hold() {
    let person = Person::quick();
    let named = xml::signing_certificate_v2(&person.certificate, "");
    let signed = Parts { referred: false, ..Parts::new(&named) }.sign(&person);
    assert!(refusal(&signed, &person).contains("not under the signature"));
    let changed = Parts::new(&named).sign(&person).replace("+05:00", "+06:00");
    assert!(refusal(&changed, &person).contains("reference 2"));
    // The type is what the standard asks for; that they are under the signature is what counts.
    accepted(&Parts { kind: None, ..Parts::new(&named) }.sign(&person), &person).unwrap();
}

#[test]
fn properties_of_another_signature_are_refused() {
    let person = Person::quick();
    let named = xml::signing_certificate_v2(&person.certificate, "");
    let signed = Parts { target: "other", ..Parts::new(&named) }.sign(&person);
    assert!(refusal(&signed, &person).contains("another signature"));
    let twice = Parts { objects: xml::qualifying_properties("s", "", ""), ..Parts::new(&named) }.sign(&person);
    assert!(refusal(&twice, &person).contains("several QualifyingProperties"));
    let old = Parts::new(&named).sign(&person).replace(
        "<xades:QualifyingProperties",
        "<o:QualifyingProperties xmlns:o=\"http://uri.etsi.org/01903/v1.1.1#\"",
    );
    let old = old.replace("</xades:QualifyingProperties", "</o:QualifyingProperties");
    assert!(refusal(&old, &person).contains("before version 1.3.2"));
    // The reference that says it is to the properties is to something else of the same signature.
    let decoy =
        "<ds:Object><xades:SignedProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Id=\"q\"/></ds:Object>";
    let parts = Parts { objects: decoy.into(), referred: false, ..Parts::new(&named) };
    let canonical = format!(
        "<xades:SignedProperties xmlns:ds=\"{}\" xmlns:xades=\"{XADES}\" Id=\"q\"></xades:SignedProperties>",
        xml::DS
    );
    let reference = Reference::to("#q", &[INCLUSIVE], &canonical).of_kind(SIGNED_PROPERTIES);
    let signed = xml::append(DOCUMENT, &parts.signing(&person).reference(reference).sign());
    assert!(refusal(&signed, &person).contains("to something else"));
}

#[test]
fn level_t_carries_what_its_timestamp_is_over() {
    let person = Person::quick();
    let named = xml::signing_certificate_v2(&person.certificate, "");
    for (method, declarations) in [
        ("", format!(" xmlns:ds=\"{}\"", xml::DS)),
        (
            "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>",
            format!(" xmlns:ds=\"{}\"", xml::DS),
        ),
    ] {
        let unsigned = format!(
            "<xades:SignatureTimeStamp>{method}<xades:EncapsulatedTimeStamp>dG9rZW4=</xades:EncapsulatedTimeStamp>\
             </xades:SignatureTimeStamp>"
        );
        let parts = Parts { unsigned, ..Parts::new(&named) };
        let signature = signature_of(&parts.sign(&person));
        assert_eq!(signature.level, Level::T);
        let [timestamp] = &signature.timestamps[..] else { panic!() };
        assert_eq!((timestamp.kind, timestamp.token.as_slice()), (TimestampKind::Signature, b"token".as_slice()));
        let Covered::Bytes(over) = &timestamp.covered else { panic!("{:?}", timestamp.covered) };
        assert_eq!(String::from_utf8_lossy(over), parts.signing(&person).signature_value(&declarations));
    }
    let parts = Parts {
        unsigned: "<xades:SignatureTimeStamp><xades:Include URI=\"#x\"/><xades:EncapsulatedTimeStamp>dG9rZW4=\
                   </xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>"
            .into(),
        ..Parts::new(&named)
    };
    assert!(matches!(signature_of(&parts.sign(&person)).timestamps[0].covered, Covered::Unknown(_)));
}

#[test]
fn levels_lt_and_lta_carry_their_evidence() {
    let person = Person::quick();
    let named = xml::signing_certificate_v2(&person.certificate, "");
    let time_stamp =
        |name: &str| format!("<{name}><xades:EncapsulatedTimeStamp>dG9rZW4=</xades:EncapsulatedTimeStamp></{name}>");
    let values = "<xades:CertificateValues><xades:EncapsulatedX509Certificate>Y2VydA==</xades:EncapsulatedX509Certificate>\
        </xades:CertificateValues><xades:RevocationValues><xades:CRLValues><xades:EncapsulatedCRLValue>Y3Js\
        </xades:EncapsulatedCRLValue></xades:CRLValues><xades:OCSPValues><xades:EncapsulatedOCSPValue>b2NzcA==\
        </xades:EncapsulatedOCSPValue></xades:OCSPValues></xades:RevocationValues>";
    let unsigned = time_stamp("xades:SignatureTimeStamp") + values;
    let signature = signature_of(&Parts { unsigned: unsigned.clone(), ..Parts::new(&named) }.sign(&person));
    assert_eq!(signature.level, Level::Lt);
    assert_eq!(signature.embedded.certificates, [person.certificate.clone(), b"cert".to_vec()]);
    assert_eq!(
        (signature.embedded.lists.as_slice(), signature.embedded.responses.as_slice()),
        ([b"crl".to_vec()].as_slice(), [b"ocsp".to_vec()].as_slice())
    );

    let archive = time_stamp("x141:ArchiveTimeStamp").replacen(
        "<x141:ArchiveTimeStamp",
        &format!("<x141:ArchiveTimeStamp xmlns:x141=\"{XADES_141}\""),
        1,
    );
    let parts = Parts { unsigned: unsigned.clone() + &archive, ..Parts::new(&named) };
    let signature = signature_of(&parts.sign(&person));
    assert_eq!(signature.level, Level::Lta);
    let Covered::Bytes(over) = &signature.timestamps[1].covered else { panic!() };
    let over = String::from_utf8_lossy(over);
    assert!(over.starts_with(&format!("{DOCUMENT}<xades:SignedProperties")));
    assert!(over.contains("</ds:KeyInfo><xades:SignatureTimeStamp") && over.ends_with("</xades:RevocationValues>"));

    // Without the certificate named under the signature it is none of these levels.
    let signature = signature_of(&Parts { unsigned, ..Parts::new("") }.sign(&person));
    assert_eq!(signature.level, Level::Bare);
}

#[test]
fn a_counter_signature_is_reported_and_must_be_over_the_value() {
    let person = Person::quick();
    let other = Person::new(Key::p384("other"));
    let named = xml::signing_certificate_v2(&person.certificate, "");
    let parts = Parts::new(&named);
    let outer = parts.signing(&person);
    let value = outer.signature_value(&format!(" xmlns:ds=\"{}\" Id=\"v\"", xml::DS));
    let counter = |uri: &str, octets: &str| {
        let signing =
            Signing { canonicalization: xml::EXCLUSIVE.into(), ..Signing::new(&other.key, &other.certificate) };
        let signature = signing.reference(Reference::to(uri, &[xml::EXCLUSIVE], octets)).sign();
        let unsigned = format!("<xades:CounterSignature>{signature}</xades:CounterSignature>");
        let parts = Parts { unsigned, ..Parts::new(&named) };
        let signed = xml::append(DOCUMENT, &parts.signing(&person).sign());
        // The identifier of the value: that of the outer signature only, which comes first.
        signed.replacen("<ds:SignatureValue>", "<ds:SignatureValue Id=\"v\">", 1)
    };
    let signed = counter("#v", &value);
    accepted(&signed, &person).unwrap();
    let signature = signature_of(&signed);
    let [inner] = &signature.counter_signatures[..] else { panic!() };
    assert_eq!(inner.integrity, Integrity::Intact);
    assert!(matches!(inner.covers, Coverage::Part(_)));
    inner.verify(&other.parsed()).unwrap();

    let elsewhere = counter("#p", &parts.properties);
    let signature = signature_of(&elsewhere);
    assert!(matches!(&signature.counter_signatures[0].integrity, Integrity::Altered(_)));
}

#[test]
fn a_counter_signature_in_another_place_is_a_signature_in_a_signature() {
    let person = Person::quick();
    let inner = Signing::new(&person.key, &person.certificate).reference(Reference::to("", &[ENVELOPED], "")).sign();
    let objects = format!(
        "<ds:Object><xades:CounterSignature xmlns:xades=\"{XADES}\">{inner}</xades:CounterSignature></ds:Object>"
    );
    let parts = Parts { objects, ..Parts::new("") };
    assert!(refusal(&parts.sign(&person), &person).contains("inside another one"));
}

#[test]
fn both_properties_must_name_the_same_certificate() {
    let person = Person::quick();
    let other = Person::new(Key::p384("other"));
    let v1 = |certificate: &[u8]| {
        let digest = xml::cert_digest("http://www.w3.org/2001/04/xmlenc#sha256", &Hash::Sha256.digest(certificate));
        format!("<xades:SigningCertificate><xades:Cert>{digest}</xades:Cert></xades:SigningCertificate>")
    };
    let both = |first: &Person, second: &Person| {
        let named = v1(&first.certificate) + &xml::signing_certificate_v2(&second.certificate, "");
        Parts::new(&named).sign(&person)
    };
    accepted(&both(&person, &person), &person).unwrap();
    assert_eq!(fault(&both(&person, &other), &person), SignatureFault::WrongCertificate);
    assert_eq!(fault(&both(&other, &person), &person), SignatureFault::WrongCertificate);
}
