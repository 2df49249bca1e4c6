//! What is read of an untouched file.

use rastau::pdf;
use rastau::signed::{Coverage, Format, FormatError, Level};
use rastau_mint::pdf::{CONTENT, Field, Pdf, stream};

use super::{covers, read, signed_once};
use crate::signer::{Signer, content, verify};

#[test]
fn a_signed_page_is_read_and_holds() {
    for signer in [Signer::person("anna"), Signer::gost("anna")] {
        let pdf = signed_once(&signer);
        let document = read(&pdf);
        assert_eq!(document.format, Format::Pdf);
        assert_eq!(document.signatures.len(), 1);
        let signature = document.signatures.iter().next().unwrap();
        assert_eq!(signature.label, "field Signature1");
        assert_eq!(signature.covers, Coverage::Whole);
        assert_eq!(signature.level, Level::B);
        assert_eq!(signature.claimed_time.unwrap().to_string(), "2026-08-20T05:00:00Z");
        assert!(signature.warnings.is_empty(), "{:?}", signature.warnings);
        verify(&document, 0, &signer).unwrap();
        assert!(verify(&document, 0, &Signer::person("another")).is_err());
        assert_eq!(content(&document, &pdf.bytes), Some(pdf.bytes.as_slice()));
    }
}

#[test]
fn cross_reference_streams_are_read_as_tables_are() {
    let signer = Signer::person("anna");
    let pdf = Pdf::with_objects("An application", &[], true).sign(&Field::new("S"), &|bytes| signer.cms(bytes));
    let document = read(&pdf);
    verify(&document, 0, &signer).unwrap();
    assert_eq!(covers(&document, 0), "whole document");
}

#[test]
fn a_signature_without_signed_attributes_holds_over_both_parts() {
    let signer = Signer::person("anna");
    let field = Field { sub_filter: "adbe.pkcs7.detached".into(), ..Field::new("S") };
    let pdf = Pdf::one_page("x").sign(&field, &|bytes| signer.message(bytes, signer.info().bare()).detached().encode());
    let document = read(&pdf);
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!(signature.level, Level::Bare);
    verify(&document, 0, &signer).unwrap();
}

#[test]
fn every_changed_octet_under_the_signature_breaks_it() {
    let signer = Signer::person("anna");
    let unsigned = Pdf::one_page("x").prepare(&Field { room: 1024, ..Field::new("S") }, &[]);
    let gap = unsigned.gap.clone();
    let pdf = unsigned.fill(&|bytes| signer.cms(bytes));
    assert!(super::passes(&pdf.bytes, &signer));
    // Where the structure is, every octet; every third of the rest.
    for at in (0..pdf.bytes.len()).filter(|at| !gap.contains(at) && (*at > gap.start - 300 || at % 3 == 0)) {
        let mut bytes = pdf.bytes.clone();
        bytes[at] ^= 1;
        assert!(!super::passes(&bytes, &signer), "octet {at}");
    }
}

#[test]
fn what_is_not_supported_is_said() {
    let signer = Signer::person("anna");
    for sub_filter in ["adbe.x509.rsa_sha1", "adbe.pkcs7.sha1", "Nothing.Known"] {
        let field = Field { sub_filter: sub_filter.into(), ..Field::new("S") };
        let pdf = Pdf::one_page("x").sign(&field, &|bytes| signer.cms(bytes));
        let Err(FormatError::Unsupported(what)) = pdf::read(&pdf.bytes) else { panic!("{sub_filter}: read") };
        assert!(what.contains(sub_filter), "{what}");
    }
    let mut encrypted = signed_once(&signer);
    let at = encrypted.bytes.windows(7).rposition(|window| window == b"trailer").unwrap();
    encrypted.bytes.splice(at + 11..at + 11, *b"/Encrypt 5 0 R ");
    assert!(matches!(pdf::read(&encrypted.bytes), Err(FormatError::Unsupported(what)) if what == "encrypted PDF"));
}

#[test]
fn nothing_signed_is_no_signature() {
    let mut pdf = Pdf::one_page("x");
    assert!(matches!(pdf::read(&pdf.bytes), Err(FormatError::NoSignature)));
    pdf.add_empty_field("Empty");
    assert!(matches!(pdf::read(&pdf.bytes), Err(FormatError::NoSignature)));
    // A timestamp alone says when, not who.
    let authority = Signer::person("tsa");
    let stamped = pdf.sign(&Field::timestamp("Stamp"), &|bytes| authority.timestamp(bytes));
    assert!(matches!(pdf::read(&stamped.bytes), Err(FormatError::NoSignature)));
}

#[test]
fn a_value_with_two_signers_or_with_content_is_refused() {
    let signer = Signer::person("anna");
    let attached = |bytes: &[u8]| signer.message(bytes, signer.info()).encode();
    let twice = |bytes: &[u8]| signer.message(bytes, signer.info()).signer(signer.info()).detached().encode();
    let makers: [&dyn Fn(&[u8]) -> Vec<u8>; 2] = [&attached, &twice];
    for cms in makers {
        let pdf = Pdf::one_page("x").sign(&Field::new("S"), cms);
        assert!(matches!(pdf::read(&pdf.bytes), Err(FormatError::Malformed(_))));
    }
}

#[test]
fn an_object_that_a_stream_length_refers_to_is_found() {
    let signer = Signer::person("anna");
    let content = b"BT (x) Tj ET";
    let body = String::from_utf8(stream("", content)).unwrap().replace(&content.len().to_string(), "6 0 R");
    let length = content.len().to_string().into_bytes();
    let pdf = Pdf::with_objects("x", &[(6, length)], false);
    let unsigned = pdf.prepare(&Field::new("S"), &[(CONTENT, body.into_bytes())]);
    let pdf = unsigned.fill(&|bytes| signer.cms(bytes));
    let document = read(&pdf);
    verify(&document, 0, &signer).unwrap();
    assert_eq!(covers(&document, 0), "whole document");
}
