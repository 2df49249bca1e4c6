//! `ASiC` with XML signatures over its files.

use rastau::signed::{Format, FormatError};
use rastau_mint::xml::{Reference, Signing};

use super::{MIME_E, MIME_S, archive, covers, read};
use crate::signer::{Signer, verify};

const A: (&str, &[u8]) = ("a.txt", b"first");
const B: (&str, &[u8]) = ("b \u{431}.txt", b"second");

/// An XML signature over files.
fn signature(signer: &Signer, files: &[(&str, &[u8])]) -> String {
    let mut signing = Signing::new(&signer.key, &signer.certificate);
    signing.canonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#".to_owned();
    for (uri, content) in files {
        signing = signing.reference(Reference::to(uri, &[], std::str::from_utf8(content).unwrap()));
    }
    signing.sign()
}

fn signatures(inside: &str) -> String {
    format!("<asic:XAdESSignatures xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\">{inside}</asic:XAdESSignatures>")
}

const NAME: &str = "META-INF/signatures.xml";

#[test]
fn a_signature_covers_the_files_it_refers_to() {
    let (anna, boris) = (Signer::rsa("anna"), Signer::rsa("boris"));
    let escaped = ("b%20%D0%B1.txt", B.1);
    let text = signatures(&(signature(&anna, &[A, escaped]) + &signature(&boris, &[A])));
    let document = read(&archive(&[("mimetype", MIME_E.as_bytes()), A, B, (NAME, text.as_bytes())])).unwrap();
    assert_eq!((document.format, document.signatures.len()), (Format::AsicE, 2));
    verify(&document, 0, &anna).unwrap();
    verify(&document, 1, &boris).unwrap();
    let left_out = format!("part files of the container without {}", B.0);
    assert_eq!(covers(&document), ["whole document".to_owned(), left_out]);
    assert_eq!(document.contents.len(), 2);
}

#[test]
fn asic_s_may_have_an_xml_signature() {
    let anna = Signer::rsa("anna");
    let text = signatures(&signature(&anna, &[A]));
    let document = read(&archive(&[("mimetype", MIME_S.as_bytes()), A, (NAME, text.as_bytes())])).unwrap();
    assert_eq!((document.format, covers(&document)), (Format::AsicS, vec!["whole document".to_owned()]));
    verify(&document, 0, &anna).unwrap();
}

#[test]
fn a_file_that_was_changed_or_taken_out_is_seen() {
    let anna = Signer::rsa("anna");
    let text = signatures(&signature(&anna, &[A, ("b.txt", b"second")]));
    let mime: (&str, &[u8]) = ("mimetype", MIME_E.as_bytes());
    let own: (&str, &[u8]) = (NAME, text.as_bytes());
    for files in [
        vec![mime, ("a.txt", b"other".as_slice()), ("b.txt", b"second"), own],
        vec![mime, A, own],
        vec![mime, ("c.txt", b"first"), ("b.txt", b"second"), own],
    ] {
        let document = read(&archive(&files)).unwrap();
        assert!(verify(&document, 0, &anna).is_err(), "{files:?}");
    }
}

#[test]
fn a_signature_that_refers_to_no_file_covers_nothing() {
    let anna = Signer::rsa("anna");
    let text = signatures("");
    assert!(matches!(read(&archive(&[A, (NAME, text.as_bytes())])), Err(FormatError::NoSignature)));
    // A signature over the signature of somebody else says nothing about the files.
    let text = signatures(&signature(&anna, &[("META-INF/signature.p7s", b"x")]));
    let mime: (&str, &[u8]) = ("mimetype", MIME_E.as_bytes());
    let document = read(&archive(&[mime, A, (NAME, text.as_bytes()), ("META-INF/other.txt", b"x")])).unwrap();
    assert_eq!(covers(&document), ["part files of the container without a.txt"]);
}
