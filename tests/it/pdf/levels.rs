//! Timestamps and evidence in the file.

use rastau::signed::{Coverage, Covered, Level, TimestampKind};
use rastau::tsp::Token;
use rastau_mint::pdf::{CATALOG, CONTENT, Field, Pdf, stream};

use super::{read, signed_once};
use crate::signer::Signer;

/// Adds a document security store with a certificate and a list in it.
fn with_store(mut pdf: Pdf, certificate: &[u8]) -> Pdf {
    let next = pdf.next();
    pdf.catalog_entries = format!(
        " /DSS << /Certs [{next} 0 R] /CRLs [{} 0 R] /VRI << /AB << /Cert [{next} 0 R] /OCSP [{} 0 R] >> >> >>",
        next + 1,
        next + 2
    );
    let catalog = pdf.catalog();
    let objects = [
        (CATALOG, catalog),
        (next, stream("", certificate)),
        (next + 1, stream("", b"a list")),
        (next + 2, stream("", b"a response")),
    ];
    pdf.append(&objects);
    pdf
}

#[test]
fn a_document_timestamp_is_over_everything_before_it() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    let pdf = signed_once(&anna).sign(&Field::timestamp("Stamp"), &|bytes| tsa.timestamp(bytes));
    let document = read(&pdf);
    assert_eq!(document.signatures.len(), 1, "a timestamp is no signature");
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!((signature.level, signature.covers.clone()), (Level::T, Coverage::Whole));
    let [stamp] = signature.timestamps.as_slice() else { panic!("one timestamp") };
    assert_eq!(stamp.kind, TimestampKind::Archive);
    assert!(matches!(stamp.covered, Covered::Digests(_)));
    Token::read(&stamp.token).unwrap().check_imprint(&stamp.covered).unwrap();
}

#[test]
fn a_document_timestamp_over_other_bytes_is_seen() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    let pdf = signed_once(&anna).sign(&Field::timestamp("Stamp"), &|_| tsa.timestamp(b"something else"));
    let document = read(&pdf);
    let stamp = &document.signatures.iter().next().unwrap().timestamps[0];
    assert!(Token::read(&stamp.token).unwrap().check_imprint(&stamp.covered).is_err());
}

#[test]
fn a_timestamp_before_the_signature_is_not_about_it() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    let pdf = Pdf::one_page("x").sign(&Field::timestamp("Stamp"), &|bytes| tsa.timestamp(bytes));
    let pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    let document = read(&pdf);
    let signature = document.signatures.iter().next().unwrap();
    assert!(signature.timestamps.is_empty());
    assert_eq!(signature.level, Level::B);
}

#[test]
fn the_store_is_evidence_each_piece_once() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    let stamped = signed_once(&anna).sign(&Field::timestamp("Stamp"), &|bytes| tsa.timestamp(bytes));
    let pdf = with_store(stamped, &tsa.certificate);
    let document = read(&pdf);
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!((signature.level, signature.covers.clone()), (Level::Lt, Coverage::Whole));
    assert_eq!(signature.embedded.certificates, [anna.certificate.clone(), tsa.certificate.clone()]);
    assert_eq!(signature.embedded.lists, [b"a list"]);
    assert_eq!(signature.embedded.responses, [b"a response"]);
    // A timestamp over the store makes it last.
    let pdf = pdf.sign(&Field::timestamp("Archive"), &|bytes| tsa.timestamp(bytes));
    let document = read(&pdf);
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!(signature.level, Level::Lta);
    assert_eq!(signature.timestamps.len(), 2);
    assert_eq!(signature.covers, Coverage::Whole);
}

#[test]
fn evidence_without_any_time_proves_no_level() {
    let anna = Signer::person("anna");
    let pdf = with_store(signed_once(&anna), &anna.certificate);
    let document = read(&pdf);
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!(signature.level, Level::B);
    assert_eq!(signature.embedded.certificates.len(), 1, "the same certificate twice");
}

#[test]
fn a_change_under_cover_of_a_timestamp_is_a_change() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    let content = stream("", b"BT (Another application) Tj ET");
    let unsigned = signed_once(&anna).prepare(&Field::timestamp("Stamp"), &[(CONTENT, content)]);
    let pdf = unsigned.fill(&|bytes| tsa.timestamp(bytes));
    let document = read(&pdf);
    assert!(matches!(&document.signatures.iter().next().unwrap().covers, Coverage::Part(_)));
}
