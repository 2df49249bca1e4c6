//! Keys without a certificate, and content in base64.

use rastau::crypto::KeyAlgorithm;
use rastau::signed::{Coverage, Detached, Integrity, Signature, SignatureFault};
use rastau::xmldsig;
use rastau_mint::key::Key;
use rastau_mint::xml::{self, ENVELOPED, INCLUSIVE, Reference, Signing};

use super::{Person, accepted, content, read, refusal};

const DS11: &str = "http://www.w3.org/2009/xmldsig11#";
const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";

/// The octets of a key, as certificates have them.
fn der_encoded(key: &Key) -> String {
    format!("<d:DEREncodedKeyValue xmlns:d=\"{DS11}\">{}</d:DEREncodedKeyValue>", xml::base64(&key.spki()))
}

fn ec_key_value(key: &Key, curve: &str) -> String {
    format!(
        "<ds:KeyValue><d:ECKeyValue xmlns:d=\"{DS11}\"><d:NamedCurve URI=\"urn:oid:{curve}\"></d:NamedCurve><d:PublicKey>{}\
         </d:PublicKey></d:ECKeyValue></ds:KeyValue>",
        xml::base64(&key.public_bits())
    )
}

fn rsa_key_value(key: &Key) -> String {
    // SEQUENCE { modulus INTEGER, publicExponent INTEGER }, of 2048 bits: headers of 4 octets, a zero before the modulus.
    let bits = key.public_bits();
    let (modulus, exponent) = (&bits[8..8 + 257], &bits[8 + 257 + 2..]);
    format!(
        "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{}</ds:Modulus><ds:Exponent>{}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>",
        xml::base64(modulus),
        xml::base64(exponent)
    )
}

fn signed_with(key: &Key, key_info: &str) -> String {
    let signing = Signing { key_info: Some(key_info.to_owned()), ..Signing::new(key, b"") };
    xml::append("<a>1</a>", &signing.reference(Reference::to("", &[ENVELOPED], "<a>1</a>")).sign())
}

fn only(xml: &str) -> Signature {
    read(xml).expect("a signed document").signatures.into_vec().remove(0)
}

#[test]
fn a_signature_holds_under_the_key_beside_it() {
    let (p256, p384, rsa) = (Key::p256("bare"), Key::p384("bare"), Key::rsa("bare"));
    for (key, key_info, kind) in [
        (&p256, ec_key_value(&p256, "1.2.840.10045.3.1.7"), KeyAlgorithm::EcdsaP256),
        (&p384, ec_key_value(&p384, "1.3.132.0.34"), KeyAlgorithm::EcdsaP384),
        (&rsa, rsa_key_value(&rsa), KeyAlgorithm::Rsa { bits: 2048 }),
        (&p256, der_encoded(&p256), KeyAlgorithm::EcdsaP256),
        (&rsa, format!("<ds:KeyName>x</ds:KeyName>{}", der_encoded(&rsa)), KeyAlgorithm::Rsa { bits: 2048 }),
        (&rsa, rsa_key_value(&rsa) + &der_encoded(&rsa), KeyAlgorithm::Rsa { bits: 2048 }),
    ] {
        let good = signed_with(key, &key_info);
        let held = only(&good).verify_bare().expect("a key").expect("holds");
        assert_eq!(held.key, kind, "{key_info}");
        let altered = only(&good.replace(">1<", ">2<"));
        assert!(matches!(altered.verify_bare(), Some(Err(SignatureFault::Altered(_)))), "{key_info}");
    }
}

#[test]
fn another_key_or_one_that_cannot_be_used_holds_nothing() {
    let (key, other) = (Key::p256("bare"), Key::p256("another"));
    let under = |key_info: &str| only(&signed_with(&key, key_info)).verify_bare();
    assert!(matches!(under(&der_encoded(&other)), Some(Err(SignatureFault::Value(_)))));
    let good = ec_key_value(&key, "1.2.840.10045.3.1.7");
    let off_curve = xml::base64(&[&key.public_bits()[..64], &[0]].concat());
    for wrong in [
        "<ds:KeyValue></ds:KeyValue>".to_owned(),
        "<ds:KeyValue><ds:RSAKeyValue></ds:RSAKeyValue></ds:KeyValue>".to_owned(),
        "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus></ds:Modulus><ds:Exponent></ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
            .to_owned(),
        "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>/w==</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
            .to_owned(),
        "<ds:KeyValue><ds:DSAKeyValue><ds:Y>AQ==</ds:Y></ds:DSAKeyValue></ds:KeyValue>".to_owned(),
        "<ds:KeyValue><x:Key xmlns:x=\"urn:x\"></x:Key></ds:KeyValue>".to_owned(),
        good.replace("d:NamedCurve", "d:ECParameters"),
        good.replace("urn:oid:1.2.840.10045.3.1.7", "urn:oid:1.3.132.0.34"),
        good.replace("urn:oid:1.2.840.10045.3.1.7", "urn:oid:1.3.132.0.35"),
        good.replace("urn:oid:", ""),
        good.replace(&xml::base64(&key.public_bits()), &off_curve),
        good.replace(&xml::base64(&key.public_bits()), "!"),
        format!("<d:DEREncodedKeyValue xmlns:d=\"{DS11}\">{}</d:DEREncodedKeyValue>", xml::base64(&[0; 5000])),
        format!("<d:DEREncodedKeyValue xmlns:d=\"{DS11}\">MA==</d:DEREncodedKeyValue>"),
    ] {
        assert!(matches!(under(&wrong), Some(Err(SignatureFault::BareKey(_)))), "{wrong}");
    }
    assert!(under("<ds:KeyName>x</ds:KeyName>").is_none());
    let two = der_encoded(&key) + &der_encoded(&other);
    assert!(read(&signed_with(&key, &two)).unwrap_err().to_string().contains("two different keys"));
}

#[test]
fn a_key_beside_a_certificate_takes_its_place_in_nothing() {
    let person = Person::quick();
    let stranger = Key::p256("stranger");
    // The stranger signs, and shows somebody else's certificate with the key of his own.
    let both = xml::x509_data(&person.certificate) + &der_encoded(&stranger);
    assert_ne!(refusal(&signed_with(&stranger, &both), &person), "");
    // And the other way round the certificate is what counts.
    accepted(&signed_with(&person.key, &both), &person).unwrap();
}

#[test]
fn a_signature_that_names_a_certificate_is_not_held_by_a_bare_key() {
    let person = Person::quick();
    let mut signature = only(&signed_with(&person.key, &der_encoded(&person.key)));
    assert!(signature.verify_bare().is_some());
    signature.signing_certificate = vec![rastau::signed::CertificateReference {
        algorithm: Some(rastau::crypto::HashAlgorithm::Sha256),
        digest: vec![0; 32],
        issuer_serial: None,
        issuer_text: None,
    }];
    assert!(signature.verify_bare().is_none());
}

/// An object in base64, as `XAdES` programs enclose files.
fn enclosing(person: &Person, inside: &str, octets: &[u8], transforms: &[&str]) -> String {
    let object = format!("<ds:Object xmlns:ds=\"{}\" Id=\"o\">{inside}</ds:Object>", xml::DS);
    let reference = Reference { octets: octets.to_vec(), ..Reference::to("#o", transforms, "") };
    let mut signing = Signing::new(&person.key, &person.certificate).reference(reference);
    signing.objects.push(object);
    signing.sign()
}

#[test]
fn what_an_object_holds_in_base64_is_what_was_signed() {
    let person = Person::quick();
    let signed = enclosing(&person, "aGVs\nbG8=", b"hello", &[BASE64]);
    let document = accepted(&signed, &person).unwrap();
    assert_eq!(content(&document), "hello");
    let altered = signed.replace("bG8=", "bGE=");
    assert!(refusal(&altered, &person).contains("digest"));
    assert!(matches!(only(&altered).integrity, Integrity::Altered(_)));
}

#[test]
fn what_two_readers_would_decode_in_two_ways_is_decoded_by_none() {
    let person = Person::quick();
    for inside in ["aGVs<!-- x -->bG8=", "aGVs<x/>bG8=", "<x>aGVsbG8=</x>", "aGVsbG8=aGVsbG8=", "!"] {
        let signed = enclosing(&person, inside, b"hello", &[BASE64]);
        assert!(read(&signed).is_err(), "{inside}");
    }
    for transforms in [&[BASE64, INCLUSIVE][..], &[INCLUSIVE, BASE64], &[BASE64, BASE64], &[ENVELOPED, BASE64]] {
        let signed = enclosing(&person, "aGVsbG8=", b"hello", transforms);
        assert!(read(&signed).is_err(), "{transforms:?}");
    }
}

#[test]
fn base64_of_an_element_is_not_the_element() {
    let person = Person::quick();
    // Only the text of the form is signed, not that it is a form.
    let reference = Reference { octets: b"hello".to_vec(), ..Reference::to("#f", &[BASE64], "") };
    let signature = Signing::new(&person.key, &person.certificate).reference(reference).sign();
    let document = format!("<r><form Id=\"f\">aGVsbG8=</form>{signature}</r>");
    let part = xmldsig::read(document.as_bytes(), Detached::Absent, Some("f")).unwrap();
    let signature = part.signatures.iter().next().unwrap();
    assert!(matches!(signature.covers, Coverage::Part(_)), "{:?}", signature.covers);
    let whole = Reference { octets: b"".to_vec(), ..Reference::to("", &[BASE64], "") };
    let signature = Signing::new(&person.key, &person.certificate).reference(whole).sign();
    assert!(read(&xml::append("<a></a>", &signature)).is_err());
}
