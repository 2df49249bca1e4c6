//! Timestamps over the document and evidence, for signatures that are there, without their keys.

use rastau::pdf;
use rastau::signed::{Embedded, Level, TimestampKind};
use rastau_mint::pdf::{CATALOG, Pdf, stream};

use super::{holds, pages, sign, stamped};
use crate::pdf::signed_once;
use crate::signer::Signer;

fn with_evidence(document: &[u8], evidence: &Embedded) -> Vec<u8> {
    let mut out = Vec::new();
    pdf::extend_with_evidence(document, evidence, &mut out).unwrap();
    assert!(out.starts_with(document), "what was there before was touched");
    out
}

fn evidence(certificates: &[&[u8]], lists: &[&[u8]], responses: &[&[u8]]) -> Embedded {
    let owned = |pieces: &[&[u8]]| pieces.iter().map(|piece| piece.to_vec()).collect();
    Embedded { certificates: owned(certificates), lists: owned(lists), responses: owned(responses) }
}

#[test]
fn a_signature_without_a_timestamp_is_extended_to_t_lt_and_lta() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    for page in pages() {
        let t = stamped(&sign(&page, &anna), &tsa);
        let lt = with_evidence(&t, &evidence(&[&anna.certificate, &tsa.certificate], &[b"a list"], &[b"a response"]));
        let lta = stamped(&lt, &tsa);
        for (bytes, level, stamps) in [(&t, Level::T, 1), (&lt, Level::Lt, 1), (&lta, Level::Lta, 2)] {
            let document = holds(bytes, &[&anna]);
            let signature = document.signatures.iter().next().unwrap();
            assert_eq!((signature.level, signature.timestamps.len()), (level, stamps));
            assert!(signature.timestamps.iter().all(|stamp| stamp.kind == TimestampKind::Archive));
            for stamp in &signature.timestamps {
                rastau::tsp::Token::read(&stamp.token).unwrap().check_imprint(&stamp.covered).unwrap();
            }
        }
        let embedded = holds(&lta, &[&anna]).signatures.iter().next().unwrap().embedded.clone();
        assert_eq!(embedded.certificates, [anna.certificate.clone(), tsa.certificate.clone()]);
        assert_eq!((&embedded.lists, &embedded.responses), (&vec![b"a list".to_vec()], &vec![b"a response".to_vec()]));
    }
}

#[test]
fn evidence_is_added_to_what_is_there_each_piece_once() {
    let anna = Signer::person("anna");
    for page in pages() {
        let signed = sign(&page, &anna);
        let first = with_evidence(&signed, &evidence(&[b"one", b"one"], &[], &[]));
        assert_eq!(with_evidence(&first, &evidence(&[b"one"], &[], &[])), first, "nothing new, nothing written");
        assert_eq!(with_evidence(&first, &Embedded::default()), first);
        let second = with_evidence(&first, &evidence(&[b"one", b"two"], &[b"three"], &[]));
        let document = holds(&second, &[&anna]);
        let embedded = &document.signatures.iter().next().unwrap().embedded;
        assert_eq!(embedded.certificates, [anna.certificate.clone(), b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(embedded.lists, [b"three"]);
        // Signing goes on after that.
        holds(&sign(&second, &anna), &[&anna, &anna]);
    }
}

#[test]
fn a_store_of_another_program_is_kept_whatever_its_form() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    for (store, more) in [
        ("<< /Certs [50 0 R] /VRI << /AB << /OCSP [51 0 R] >> >> >>", None),
        ("52 0 R", Some("<< /Certs 53 0 R /VRI << /AB << /OCSP [51 0 R] >> >> >>")),
    ] {
        let mut pdf = signed_once(&anna);
        pdf.catalog_entries = format!(" /DSS {store}");
        let catalog = pdf.catalog();
        let mut objects = vec![(CATALOG, catalog), (50, stream("", b"old")), (51, stream("", b"response"))];
        objects.extend(more.map(|store| (52, store.as_bytes().to_vec())));
        objects.push((53, b"[50 0 R]".to_vec()));
        pdf.append(&objects);
        let bytes = with_evidence(&pdf.bytes, &evidence(&[&tsa.certificate], &[b"a list"], &[b"response"]));
        let document = holds(&bytes, &[&anna]);
        let embedded = &document.signatures.iter().next().unwrap().embedded;
        assert_eq!(embedded.certificates, [anna.certificate.clone(), b"old".to_vec(), tsa.certificate.clone()]);
        assert_eq!((embedded.lists.len(), embedded.responses.len()), (1, 1));
    }
}

#[test]
fn a_timestamp_over_the_document_needs_its_token() {
    let anna = Signer::person("anna");
    let bytes = sign(&Pdf::one_page("x").bytes, &anna);
    let mut out = Vec::new();
    let refusal = pdf::extend_with_timestamp(&bytes, 4096).unwrap().write(None, &mut out).unwrap_err();
    assert!(refusal.to_string().contains("needs the token"), "{refusal}");
    let draft = pdf::extend_with_timestamp(&bytes, 100).unwrap();
    let token = anna.timestamp(draft.stamped());
    let refusal = draft.write(Some(&token), &mut out).unwrap_err();
    let words = format!("the timestamp token needs {} octets, 100 are reserved", token.len());
    assert_eq!(refusal.to_string(), words);
    assert!(out.is_empty());
}

#[test]
fn more_evidence_than_the_reader_takes_is_not_written() {
    let signed = sign(&Pdf::one_page("x").bytes, &Signer::person("anna"));
    let many = Embedded { lists: (0..600_u32).map(|n| n.to_be_bytes().to_vec()).collect(), ..Embedded::default() };
    let large = Embedded { lists: vec![vec![0; 65 << 20]], ..Embedded::default() };
    for (evidence, words) in
        [(many, "more than 512 pieces of evidence"), (large, "more than 67108864 bytes of evidence")]
    {
        let mut out = Vec::new();
        let refusal = pdf::extend_with_evidence(&signed, &evidence, &mut out).unwrap_err();
        assert_eq!(refusal.to_string(), words);
        assert!(out.is_empty(), "half a file");
    }
}
