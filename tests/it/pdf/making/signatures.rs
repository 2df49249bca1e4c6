//! Signatures that are written, and read again.

use rastau::pdf::{self, Signing, TOKEN_ROOM};
use rastau::signed::{IssuedFacts, Level, MakeError, TimestampKind};
use rastau::tsp::Token;
use rastau_mint::tsp::TokenBuilder;

use super::{NOW, dictionary, holds, identity, pages, sign, terms, try_sign, write};
use crate::signer::Signer;

#[test]
fn a_signature_that_was_written_is_read_and_holds() {
    for page in pages() {
        for signer in [Signer::person("anna"), Signer::rsa("anna"), Signer::gost("anna")] {
            let document = holds(&sign(&page, &signer), &[&signer]);
            let signature = document.signatures.iter().next().unwrap();
            assert_eq!(signature.label, "field Signature1");
            assert_eq!(signature.level, Level::B);
            assert_eq!(signature.claimed_time.unwrap().to_string(), NOW);
            assert!(signature.warnings.is_empty(), "{:?}", signature.warnings);
            assert!(document.warnings.is_empty());
        }
    }
}

#[test]
fn a_second_and_a_third_signature_leave_those_before_as_they_are() {
    let (anna, boris) = (Signer::person("anna"), Signer::gost("boris"));
    for page in pages() {
        let once = sign(&page, &anna);
        let twice = sign(&once, &boris);
        let thrice = sign(&twice, &anna);
        let document = holds(&thrice, &[&anna, &boris, &anna]);
        let labels: Vec<_> = document.signatures.iter().map(|one| one.label.clone()).collect();
        assert_eq!(labels, ["field Signature1", "field Signature2", "field Signature3"]);
        let first = document.signatures.iter().next().unwrap();
        let [(code, words)] = first.warnings.as_slice() else { panic!("{:?}", first.warnings) };
        assert_eq!(*code, "pdf-later-revision");
        assert_eq!(words, "added after this signature: signature field Signature2, signature field Signature3");
    }
}

#[test]
fn a_timestamp_goes_into_the_signature() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    for page in pages() {
        let signed = try_sign(&page, &anna, None, Some(&tsa)).unwrap();
        let document = holds(&signed, &[&anna]);
        let signature = document.signatures.iter().next().unwrap();
        let [stamp] = signature.timestamps.as_slice() else { panic!("one timestamp") };
        assert_eq!((signature.level, stamp.kind), (Level::T, TimestampKind::Signature));
        Token::read(&stamp.token).unwrap().check_imprint(&stamp.covered).unwrap();
    }
}

#[test]
fn room_for_a_timestamp_that_did_not_come_is_no_harm() {
    let anna = Signer::person("anna");
    let [page, _] = pages();
    let anna_signs = identity(&anna);
    let signing =
        Signing { signer: &anna_signs, terms: terms(None), document: &page, field: None, token_room: TOKEN_ROOM };
    let signed = write(pdf::sign(&signing).unwrap(), None).unwrap();
    assert_eq!(holds(&signed, &[&anna]).signatures.iter().next().unwrap().level, Level::B);
}

#[test]
fn a_timestamp_larger_than_its_place_is_refused_with_both_numbers() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    let anna_signs = identity(&anna);
    let [page, _] = pages();
    let signing = Signing { signer: &anna_signs, terms: terms(None), document: &page, field: None, token_room: 0 };
    let draft = pdf::sign(&signing).unwrap();
    // A token that brings a hundred certificates.
    let mut token = TokenBuilder::new(&tsa.key, &tsa.certificate, draft.stamped(), "2026-11-22T09:08:09Z");
    token.message.certificates = vec![tsa.certificate.clone(); 100];
    let token = token.encode();
    let mut out = Vec::new();
    match draft.write(Some(&token), &mut out) {
        Err(MakeError::TokenTooLarge { needed, reserved }) => {
            assert_eq!(needed, token.len());
            assert!((1000..needed).contains(&reserved), "{reserved}");
        }
        Err(error) => panic!("{error}"),
        Ok(()) => panic!("written"),
    }
    assert!(out.is_empty(), "half a file");
}

#[test]
fn a_timestamp_over_something_else_is_refused() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    let anna_signs = identity(&anna);
    let [page, _] = pages();
    let signing =
        Signing { signer: &anna_signs, terms: terms(None), document: &page, field: None, token_room: TOKEN_ROOM };
    let foreign = tsa.timestamp(b"something else");
    for token in [foreign.as_slice(), b"", b"no token"] {
        for draft in [pdf::sign(&signing).unwrap(), pdf::extend_with_timestamp(&page, TOKEN_ROOM).unwrap()] {
            let mut out = Vec::new();
            let refusal = draft.write(Some(token), &mut out).unwrap_err().to_string();
            assert!(refusal.contains("the timestamp token cannot be used"), "{refusal}");
            assert!(out.is_empty(), "half a file");
        }
    }
}

#[test]
fn what_was_issued_is_said_in_the_dictionary_and_not_in_the_message() {
    let anna = Signer::person("anna");
    for (number, reason) in [
        ("KZ42-17", "/Reason (licence KZ42-17) "),
        ("/ByteRange [0 0 0 0] /Contents <00> >>", "/Reason (licence /ByteRange [0 0 0 0] /Contents <00> >>) "),
        ("№ 5)", "/Reason <feff006c006900630065006e0063006500202116002000350029> "),
    ] {
        let facts = IssuedFacts {
            kind: "licence".into(),
            service: "mining".into(),
            number: number.into(),
            holder: "123456789012".into(),
        };
        let anna_signs = identity(&anna);
        let [page, _] = pages();
        let signing =
            Signing { signer: &anna_signs, terms: terms(Some(&facts)), document: &page, field: None, token_room: 0 };
        let signed = write(pdf::sign(&signing).unwrap(), None).unwrap();
        holds(&signed, &[&anna]);
        let text = dictionary(&signed);
        assert!(text.contains("/M (D:20261122090807Z)"), "{text}");
        let whole = String::from_utf8_lossy(&signed);
        assert!(whole.contains(reason), "{text}");
        // The holder is nobody's business who looks at the signature panel: it is signed, but not the reason.
        assert_eq!(whole.matches("123456789012").count(), 1);
        let number = if number == "№ 5)" { "<feff2116002000350029>".to_owned() } else { format!("({number})") };
        let ours = format!("/Rastau << /Kind (licence) /Service (mining) /Number {number} /Holder (123456789012) >> ");
        assert!(whole.contains(&ours), "{whole}");
        // Whoever is put in for the holder, the signature does not hold any more.
        let at = signed.windows(12).position(|window| window == b"123456789012").unwrap();
        let mut another = signed.clone();
        another[at] = b'9';
        let document = super::read_bytes(&another);
        crate::signer::verify(&document, 0, &anna).unwrap_err();
        // The content hints of ESS, which EN 319 142-1 forbids: 1.2.840.113549.1.9.16.2.4 in hexadecimal.
        assert!(!whole.contains("060b2a864886f70d0109100204"));
    }
}

#[test]
fn facts_with_characters_that_end_a_string_stay_inside_it() {
    let anna = Signer::person("anna");
    let text = "a) /Holder (0) >> \\ <00> №\r\n";
    let all = text.to_owned();
    let facts = IssuedFacts { kind: all.clone(), service: all.clone(), number: all.clone(), holder: all };
    let anna_signs = identity(&anna);
    for page in pages() {
        let signing =
            Signing { signer: &anna_signs, terms: terms(Some(&facts)), document: &page, field: None, token_room: 0 };
        let signed = write(pdf::sign(&signing).unwrap(), None).unwrap();
        holds(&signed, &[&anna]);
        let encoded: String = text.encode_utf16().map(|unit| format!("{unit:04x}")).collect();
        let whole = String::from_utf8_lossy(&signed);
        for key in ["Kind", "Service", "Number", "Holder"] {
            assert!(whole.contains(&format!("/{key} <feff{encoded}> ")), "{whole}");
        }
    }
}

#[test]
fn the_new_signature_of_a_file_is_found_by_its_value() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    let boris_signs = identity(&boris);
    for page in pages() {
        let once = sign(&page, &anna);
        let signing = Signing { signer: &boris_signs, terms: terms(None), document: &once, field: None, token_room: 0 };
        let draft = pdf::sign(&signing).unwrap();
        let value = draft.value().to_vec();
        let document = holds(&write(draft, None).unwrap(), &[&anna, &boris]);
        let is_new: Vec<bool> = document.signatures.iter().map(|signature| signature.value == value).collect();
        assert_eq!(is_new, [false, true]);
        assert!(pdf::extend_with_timestamp(&once, 0).unwrap().value().is_empty());
    }
}

#[test]
fn the_same_again_gives_the_same_file() {
    let anna = Signer::gost("anna");
    for page in pages() {
        assert!(sign(&page, &anna) == sign(&page, &anna));
    }
}
