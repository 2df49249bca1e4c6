//! Enveloped signatures, as NCANode and NCALayer make them.

use rastau::crypto::{KeyAlgorithm, SignatureAlgorithm};
use rastau::signed::{Coverage, Detached, Integrity, Level, SignatureFault};
use rastau::xmldsig;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::xml::{
    self, ENVELOPED, EXCLUSIVE, INCLUSIVE, INCLUSIVE_11, INCLUSIVE_WITH_COMMENTS, Reference, Signing,
};

use super::{Person, accepted, content, read, refusal};

const DOCUMENT: &str = "<a xmlns:x=\"urn:x\"><b>қол қою</b></a>";

#[test]
fn every_algorithm_in_use_holds() {
    for (key, algorithm) in [
        (Key::gost512("signer"), SignatureAlgorithm::Gost2015_512),
        (Key::gost256("signer"), SignatureAlgorithm::Gost2015_256),
        (Key::gost2004("signer"), SignatureAlgorithm::Gost2004),
        (Key::rsa("signer"), SignatureAlgorithm::RsaPkcs1Sha256),
        (Key::rsa_with(2048, Hash::Sha384, "signer"), SignatureAlgorithm::RsaPkcs1Sha384),
        (Key::rsa_with(2048, Hash::Sha512, "signer"), SignatureAlgorithm::RsaPkcs1Sha512),
        (Key::p256("signer"), SignatureAlgorithm::EcdsaSha256),
        (Key::p384("signer"), SignatureAlgorithm::EcdsaSha384),
        (Key::ed25519("signer"), SignatureAlgorithm::Ed25519),
    ] {
        let person = Person::new(key);
        let signing =
            Signing { scope: vec![("x".into(), "urn:x".into())], ..Signing::new(&person.key, &person.certificate) };
        let reference = Reference::to("", &[ENVELOPED, INCLUSIVE_WITH_COMMENTS], DOCUMENT);
        let signed = xml::append(DOCUMENT, &signing.reference(reference).sign());
        let document = accepted(&signed, &person).unwrap_or_else(|why| panic!("{algorithm}: {why}"));
        assert_eq!(content(&document), DOCUMENT);
        let signature = document.signatures.iter().next().unwrap();
        assert_eq!(signature.verify(&person.parsed()).unwrap().algorithm(), algorithm);
        assert_eq!(signature.level, Level::Bare);
        let digest = signature.content_digest.unwrap();
        assert_eq!(digest, rastau::crypto::hash(digest.algorithm(), DOCUMENT.as_bytes()));
    }
}

/// A document with another value of its signature.
fn with_value(signed: &str, value: &[u8]) -> String {
    let (before, rest) = signed.split_once("<ds:SignatureValue>").unwrap();
    let (_, after) = rest.split_once("</ds:SignatureValue>").unwrap();
    format!("{before}<ds:SignatureValue>{}</ds:SignatureValue>{after}", xml::base64(value))
}

#[test]
fn r_and_s_stand_side_by_side_in_the_width_of_the_curve_and_no_other_way() {
    let mut lengths = std::collections::BTreeSet::new();
    for (key, width) in [(Key::p256("signer"), 32), (Key::p384("signer"), 48)] {
        let person = Person::new(key);
        for round in 0..24 {
            let document = format!("<a>{round}</a>");
            let signing = Signing::new(&person.key, &person.certificate);
            let signing = signing.reference(Reference::to("", &[ENVELOPED], &document));
            let signed = xml::append(&document, &signing.sign());
            let sides = signing.value();
            assert!(accepted(&with_value(&signed, &sides), &person).is_ok());
            let (r, s) = sides.split_at(width);
            let padded = [&[0; 16][..], r, &[0; 16], s].concat();
            let wide = [&[0][..], r, &[0], s].concat();
            // What certificates have: its length is odd for every second signature.
            let der =
                KeyAlgorithm::value_from_sides(person.parsed().public_key().unwrap().algorithm(), &sides).unwrap();
            lengths.insert(der.len() % 2);
            let without_zeros = [r.strip_prefix(&[0]).unwrap_or(r), s].concat();
            for wrong in [&padded[..], &wide, &der, &sides[1..], &[&sides[..], &[0]].concat(), &[]] {
                let said = refusal(&with_value(&signed, wrong), &person);
                assert!(said.to_lowercase().contains("signature"), "{said}");
            }
            assert_eq!(accepted(&with_value(&signed, &without_zeros), &person).is_ok(), without_zeros == sides);
        }
    }
    assert_eq!(lengths.len(), 2, "both lengths were tried");
}

#[test]
fn rsa_pss_is_read_by_the_identifiers_that_name_its_hash() {
    for (hash, name, salt) in [(Hash::Sha256, "sha256", 32), (Hash::Sha384, "sha384", 48), (Hash::Sha512, "sha512", 64)]
    {
        let key = Key::rsa_with(2048, hash, "signer");
        let Key::Rsa(rsa, _) = &key else { panic!("RSA") };
        let (rsa, person) = (rsa.clone(), Person::new(key.clone()));
        let method = format!("http://www.w3.org/2007/05/xmldsig-more#{name}-rsa-MGF1");
        let signing = Signing { method: Some(method), ..Signing::new(&person.key, &person.certificate) };
        let signing = signing.reference(Reference::to("", &[ENVELOPED], "<a></a>"));
        let signed = xml::append("<a></a>", &signing.sign());
        assert!(refusal(&signed, &person).contains("signature"), "{name}: the other padding");
        let digest = hash.digest(signing.message().as_bytes());
        let sign = |salt: usize| with_value(&signed, &rsa.sign_digest_pss(hash, &digest, &vec![7; salt]));
        let document = accepted(&sign(salt), &person).unwrap_or_else(|why| panic!("{name}: {why}"));
        let signature = document.signatures.iter().next().unwrap();
        assert_eq!(signature.verify(&person.parsed()).unwrap().algorithm().name(), format!("rsa-pss-{name}"));
        assert!(refusal(&sign(20), &person).contains("signature"), "{name}: a short salt");
    }
    let person = Person::new(Key::rsa("signer"));
    for name in ["rsa-pss", "sha1-rsa-MGF1", "sha224-rsa-MGF1"] {
        let method = format!("http://www.w3.org/2007/05/xmldsig-more#{name}");
        let signing = Signing { method: Some(method.clone()), ..Signing::new(&person.key, &person.certificate) };
        let signed = xml::append("<a></a>", &signing.reference(Reference::to("", &[ENVELOPED], "<a></a>")).sign());
        let said = refusal(&signed, &person);
        assert!(said.contains("rsa-pss") && said.contains(&method), "{said}");
    }
}

#[test]
fn weak_algorithms_are_refused_by_name() {
    let person = Person::new(Key::rsa_with(2048, Hash::Sha1, "signer"));
    let sign = |signing: Signing<'_>| {
        xml::append("<a></a>", &signing.reference(Reference::to("", &[ENVELOPED], "<a></a>")).sign())
    };
    let signing = || Signing::new(&person.key, &person.certificate);
    assert!(refusal(&sign(signing()), &person).contains("rsa-sha1"));
    for method in ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"] {
        let signed = sign(Signing { method: Some(method.into()), ..signing() });
        assert!(refusal(&signed, &person).contains(method));
    }
    let person = Person::quick();
    for digest in ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#sha1"] {
        let signing = Signing::new(&person.key, &person.certificate);
        let signed = sign(Signing { hash: Some((Hash::Sha1, digest.into())), ..signing });
        assert!(refusal(&signed, &person).contains("sha-1"));
    }
}

#[test]
fn every_canonicalization_is_read_and_comments_are_never_signed() {
    let person = Person::quick();
    let plain = "<a><b></b></a>";
    for canonicalization in [
        INCLUSIVE,
        INCLUSIVE_WITH_COMMENTS,
        INCLUSIVE_11,
        "http://www.w3.org/2006/12/xml-c14n11#WithComments",
        EXCLUSIVE,
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    ] {
        let signing =
            Signing { canonicalization: canonicalization.into(), ..Signing::new(&person.key, &person.certificate) };
        let signed =
            xml::append(plain, &signing.reference(Reference::to("", &[ENVELOPED, canonicalization], plain)).sign());
        let with_comment = signed.replace("<b>", "<b><!-- not signed -->");
        assert_eq!(content(&accepted(&with_comment, &person).unwrap()), plain, "{canonicalization}");
    }
}

#[test]
fn line_breaks_as_java_writes_them_are_part_of_what_is_signed() {
    let person = Person::quick();
    let signing = Signing::new(&person.key, &person.certificate);
    let signed = xml::append("<a></a>", &signing.reference(Reference::to("", &[ENVELOPED], "<a></a>")).sign());
    // In the value and the certificate they stand for nothing.
    let broken = signed.replace("</ds:SignatureValue>", "&#13;\n</ds:SignatureValue>").replace("MII", "MI&#13;\nI");
    accepted(&broken, &person).unwrap();
    // In SignedInfo they are signed.
    let broken = signed.replace("</ds:DigestValue>", "&#13;\n</ds:DigestValue>");
    assert_ne!(refusal(&broken, &person), "");
}

#[test]
fn a_later_signature_covers_the_earlier_ones() {
    let (first, second) = (Person::new(Key::p256("first")), Person::new(Key::p384("second")));
    let once = xml::enveloped("<a><b></b></a>", &first.key, &first.certificate);
    // What we write is canonical, but for the namespace of ds, which stands on the element itself.
    let twice = xml::enveloped(&once, &second.key, &second.certificate);
    let document = read(&twice).unwrap();
    let signatures: Vec<_> = document.signatures.iter().collect();
    for (signature, person) in signatures.iter().zip([&first, &second]) {
        assert_eq!((&signature.integrity, &signature.covers), (&Integrity::Intact, &Coverage::Whole));
        signature.verify(&person.parsed()).unwrap();
    }
    assert_eq!(content(&document), "<a><b></b></a>");
    // Three of them as well.
    let thrice = xml::enveloped(&twice, &first.key, &first.certificate);
    assert!(read(&thrice).unwrap().signatures.iter().all(|signature| signature.integrity == Integrity::Intact));

    // A changed first signature is seen by the second, and no longer left out of what the first was over.
    let changed = twice.replacen("<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>x</ds:KeyName>", 1);
    assert!(read(&changed).unwrap().signatures.iter().all(|signature| signature.integrity != Integrity::Intact));
    // So is content put in between.
    let at = twice.rfind("<ds:Signature ").unwrap();
    let between = format!("{}<c/>{}", &twice[..at], &twice[at..]);
    assert!(read(&between).unwrap().signatures.iter().all(|signature| signature.integrity != Integrity::Intact));
}

#[test]
fn a_signature_beside_the_first_that_covers_less_than_all_is_not_left_out() {
    let person = Person::quick();
    let once = xml::enveloped("<a><b Id=\"b\"></b></a>", &person.key, &person.certificate);
    let partial =
        Signing::new(&person.key, &person.certificate).reference(Reference::to("#b", &[], "<b Id=\"b\"></b>"));
    let document = read(&xml::append(&once, &partial.sign())).unwrap();
    let [first, second] = document.signatures.iter().collect::<Vec<_>>()[..] else { panic!() };
    assert!(matches!(first.integrity, Integrity::Altered(_)));
    assert_eq!(second.covers, Coverage::Part("element b".into()));
    second.verify(&person.parsed()).unwrap();
}

#[test]
fn a_part_counts_only_when_the_caller_names_it() {
    let person = Person::quick();
    let signing = Signing::new(&person.key, &person.certificate);
    let reference = Reference::to("#part", &[INCLUSIVE_WITH_COMMENTS], "<b Id=\"part\">x</b>");
    let signature = Signing { canonicalization: EXCLUSIVE.into(), ..signing }.reference(reference).sign();
    let signed = xml::append("<a><b Id=\"part\">x</b><c></c></a>", &signature);
    assert_eq!(refusal(&signed, &person), "covers part element b");
    let named = |part| xmldsig::read(signed.as_bytes(), Detached::Absent, Some(part)).unwrap();
    let document = named("part");
    assert_eq!(content(&document), "<b Id=\"part\">x</b>");
    let asked = "element b, which was asked for".to_owned();
    assert_eq!(document.signatures.iter().next().unwrap().covers, Coverage::Enough(asked));
    for other in ["", "elsewhere", "x"] {
        assert!(named(other).signatures.iter().all(|signature| !signature.covers.is_enough()));
    }
}

#[test]
fn the_root_by_its_identifier_is_the_whole() {
    let person = Person::quick();
    for name in ["Id", "ID", "id", "xml:id"] {
        let document = format!("<a {name}=\"r\"><b></b></a>");
        let reference = Reference::to("#r", &[ENVELOPED, EXCLUSIVE], &document);
        let signing = Signing { canonicalization: EXCLUSIVE.into(), ..Signing::new(&person.key, &person.certificate) };
        let signed = xml::append(&document, &signing.reference(reference).sign());
        accepted(&signed, &person).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn content_given_beside_an_enveloped_signature_is_not_overlooked() {
    let person = Person::quick();
    let signed = xml::enveloped("<a></a>", &person.key, &person.certificate);
    let document = xmldsig::read(signed.as_bytes(), Detached::Bytes(b"other"), None).unwrap();
    let fault = document.signatures.iter().next().unwrap().verify(&person.parsed()).unwrap_err();
    assert!(matches!(fault, SignatureFault::Altered(_)), "{fault}");
}

#[test]
fn utf_16_and_a_byte_order_mark_are_read() {
    let person = Person::quick();
    let signed = format!("<?xml version=\"1.0\"?>{}", xml::enveloped("<a>қ</a>", &person.key, &person.certificate));
    let units = signed.replace("\"1.0\"", "\"1.0\" encoding=\"UTF-16\"");
    let units: Vec<u16> = std::iter::once(0xfeff).chain(units.encode_utf16()).collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let marked = [b"\xef\xbb\xbf".as_slice(), signed.as_bytes()].concat();
    for bytes in [little, big, marked] {
        let document = super::judged(xmldsig::read(&bytes, Detached::Absent, None), &person).unwrap();
        assert_eq!(content(&document), "<a>қ</a>");
    }
}

#[test]
fn a_signature_moved_into_a_text_parts_it() {
    let person = Person::quick();
    let signed = xml::enveloped("<a><sum>1000</sum></a>", &person.key, &person.certificate);
    let from = signed.find("<ds:Signature ").unwrap();
    let to = signed.rfind("</a>").unwrap();
    let (signature, unsigned) = (&signed[from..to], format!("{}</a>", &signed[..from]));
    let moved = |to: &str| unsigned.replace("1000", to).replace('*', signature);
    for split in ["1*000", "1<!-- -->*<!-- -->000", "1*<![CDATA[000]]>", "<![CDATA[1]]>*000", "100<!---->*0"] {
        assert!(refusal(&moved(split), &person).contains("in the middle of a text"), "{split}");
    }
    // On one side of it there may be text.
    for whole in ["*1000", "1000*", "1000*<!-- -->"] {
        accepted(&moved(whole), &person).unwrap();
    }
}

#[test]
fn white_space_in_attributes_is_as_xml_has_it() {
    let person = Person::quick();
    let signed = xml::enveloped("<a b=\"x y  z\"></a>", &person.key, &person.certificate);
    for other in ["x\ny\t\tz", "x\r\ny\r z", "x y\n z"] {
        let written = signed.replace("x y  z", other);
        assert_eq!(content(&accepted(&written, &person).unwrap()), "<a b=\"x y  z\"></a>", "{other:?}");
    }
    // What a reference names stays what it is.
    let referred = xml::enveloped("<a b=\"x&#xA;y&#x9;\"></a>", &person.key, &person.certificate);
    accepted(&referred, &person).unwrap();
    accepted(&referred.replace("&#xA;", "&#10;"), &person).unwrap();
    assert!(refusal(&referred.replace("&#xA;", "\n"), &person).contains("differs"));
    // In texts it stays as well.
    let text = xml::enveloped("<a>x\n\ty</a>", &person.key, &person.certificate);
    assert_eq!(content(&accepted(&text, &person).unwrap()), "<a>x\n\ty</a>");
}

#[test]
fn an_encoding_that_no_character_is_in_need_of_does_no_harm() {
    let person = Person::quick();
    let plain = xml::enveloped("<a>1</a>", &person.key, &person.certificate);
    let russian = xml::enveloped("<a>\u{43a}</a>", &person.key, &person.certificate);
    let declared = |document: &str, name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?>{document}");
    for name in ["UTF-7", "UTF-16", "UCS-4", "ISO-2022-KR", "EBCDIC-CP-US", "unheard-of"] {
        assert!(read(&declared(&plain, name)).is_err(), "{name}");
    }
    for name in ["ISO-8859-1", "windows-1251", "Windows-1252", "KOI8-R", "cp1251", "US-ASCII"] {
        accepted(&declared(&plain, name), &person).unwrap();
        if name != "US-ASCII" {
            assert!(read(&declared(&russian, name)).is_err(), "{name}");
        }
    }
    for name in ["UTF8", "utf-8"] {
        accepted(&declared(&russian, name), &person).unwrap();
    }
}

#[test]
fn an_identifier_under_two_names_of_one_element_is_still_its_own() {
    let person = Person::quick();
    let document = "<a Id=\"r\" id=\"r\">1</a>";
    let sign = |document: &str| {
        let reference = Reference::to("#r", &[ENVELOPED], document);
        xml::append(document, &Signing::new(&person.key, &person.certificate).reference(reference).sign())
    };
    assert_eq!(content(&accepted(&sign(document), &person).unwrap()), document);
    let twice = sign(document).replace("<ds:Signature ", "<b id=\"r\"/><ds:Signature ");
    assert!(refusal(&twice, &person).contains("the same Id"));
}

#[test]
fn base64_without_its_padding_and_an_instruction_with_a_colon() {
    let person = Person::quick();
    let signed = xml::enveloped("<a>1</a>", &person.key, &person.certificate);
    let (begin, end) = ("<ds:DigestValue>", "=</ds:DigestValue>");
    assert!(signed.contains(end));
    assert!(refusal(&signed.replace(end, &end[1..]), &person).contains("not base64"));
    assert!(refusal(&signed.replace(begin, "<ds:DigestValue>="), &person).contains("not base64"));
    for target in ["a:b", ":a", "a:"] {
        for at in ["<a>", "<ds:Signature "] {
            let with = signed.replacen(at, &format!("<?{target} x?>{at}"), 1);
            assert!(refusal(&with, &person).contains("colon out of place"), "{target}");
        }
    }
}
