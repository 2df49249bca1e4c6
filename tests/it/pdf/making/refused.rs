//! What is not signed, and why.

use proptest::prelude::*;
use rastau::pdf;
use rastau::signed::{Coverage, Embedded, MakeError, SignedDocument};
use rastau_mint::pdf::{CATALOG, Field, PAGE, Pdf, stream};

use super::{holds, pages, sign, stamped, try_sign};
use crate::pdf::signed_once;
use crate::signer::Signer;

/// Why a file is not signed.
fn refusal(bytes: &[u8], field: Option<&str>) -> String {
    match try_sign(bytes, &Signer::person("boris"), field, None) {
        Err(MakeError::Document(words)) => words,
        Err(MakeError::Format(error)) => error.to_string(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("signed"),
    }
}

/// A page with other objects.
fn with(objects: &[(u32, &str)]) -> Vec<u8> {
    let mut pdf = Pdf::one_page("x");
    let objects: Vec<_> = objects.iter().map(|(number, body)| (*number, body.as_bytes().to_vec())).collect();
    pdf.append(&objects);
    pdf.bytes
}

#[test]
fn an_encrypted_file_is_refused_by_name() {
    for page in pages() {
        let at = page.windows(5).rposition(|window| window == b"/Root").unwrap();
        // A stream's length does not count its dictionary, so that nothing else changes.
        let encrypted = [&page[..at], b"/Encrypt 9 0 R ", &page[at..]].concat();
        assert_eq!(refusal(&encrypted, None), "not supported: encrypted PDF");
        assert!(pdf::extend_with_timestamp(&encrypted, 100).is_err());
        let mut out = Vec::new();
        assert!(pdf::extend_with_evidence(&encrypted, &Embedded::default(), &mut out).is_err());
        assert!(out.is_empty());
    }
}

#[test]
fn a_document_certified_against_changes_gets_no_signature_but_timestamps_and_evidence() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    let certified = |permission: u8| {
        let parameters = format!("<< /Type /TransformParams /P {permission} /V /1.2 >>");
        let reference = format!("/Reference [<< /TransformMethod /DocMDP /TransformParams {parameters} >>]");
        let field = Field { entries: reference, ..Field::new("First") };
        Pdf::one_page("x").sign(&field, &|bytes| anna.cms(bytes)).bytes
    };
    assert_eq!(refusal(&certified(1), None), "the signature in field First forbids any change");
    holds(&stamped(&certified(1), &tsa), &[&anna]);
    let evidence = Embedded { lists: vec![b"a list".to_vec()], ..Embedded::default() };
    let mut out = Vec::new();
    pdf::extend_with_evidence(&certified(1), &evidence, &mut out).unwrap();
    holds(&out, &[&anna]);
    holds(&sign(&certified(2), &tsa), &[&anna, &tsa]);
}

#[test]
fn files_without_a_page_to_sign_on_are_refused() {
    for (objects, why) in [
        (&[(2, "<< /Type /Pages /Kids [] /Count 0 >>")][..], "it has no page"),
        (&[(2, "<< /Type /Pages /Kids [2 0 R] /Count 1 >>")], "circle"),
        (&[(2, "<< /Type /Pages /Kids [90 0 R 91 0 R] /Count 1 >>")], "it has no page"),
        (&[(2, "<< /Type /Pages /Kids [<< /Type /Page >>] /Count 1 >>")], "not an object of its own"),
        (&[(2, "<< /Type /Pages /Kids 3 0 R /Count 1 >>")], "array"),
        (&[(2, "null")], "no dictionary"),
        (&[(PAGE, "<< /Type /Page /Length 0 >>\nstream\n\nendstream")], "no dictionary"),
        (&[(CATALOG, "<< /Type /Catalog >>")], "it has no page"),
        (&[(CATALOG, "<< /Type /Catalog /Pages 2 0 R /Length 0 >>\nstream\n\nendstream")], "stream"),
    ] {
        let words = refusal(&with(objects), None);
        assert!(words.contains(why), "{why}: {words}");
    }
    let nodes: Vec<String> = (10..2000).map(|node| format!("{node} 0 R")).collect();
    let tree = format!("<< /Type /Pages /Kids [{}] /Count 1 >>", nodes.join(" "));
    assert!(refusal(&with(&[(2, &tree)]), None).contains("nodes before the first PDF page"));
}

#[test]
fn an_object_with_two_roles_is_refused() {
    let catalog = |entries: &str| format!("<< /Type /Catalog /Pages 2 0 R {entries} >>");
    for entries in ["/AcroForm 1 0 R", "/Extensions 1 0 R", "/AcroForm << /Fields [] >> /Extensions << /ESIC 1 0 R >>"]
    {
        let bytes = with(&[(CATALOG, &catalog(entries))]);
        let words = refusal(&bytes, None);
        assert!(words.contains("two roles"), "{entries}: {words}");
    }
}

#[test]
fn a_document_whose_signatures_would_not_outlast_an_addition_is_refused_before() {
    // Object 7 is new with the signature, and object 4 cannot be read, which nobody looks at the first time.
    let shows = |entry: &str| format!("<< /Type /Page /Parent 2 0 R {entry} >>");
    let dangling = refusal(&with(&[(PAGE, &shows("/Thumb 7 0 R"))]), None);
    assert!(dangling.contains("would not outlast an addition: changed would be"), "{dangling}");
    let page = Pdf::one_page("x").bytes;
    let at = page.windows(10).position(|window| window == b"/Length 32").unwrap();
    let broken = [&page[..at], b"/Length 99", &page[at + 10..]].concat();
    assert_eq!(refusal(&broken, None), "PDF: a stream that does not end where it should");
}

#[test]
fn forms_that_are_none_are_refused() {
    for form in ["1", "[]", "/Form", "<< /Fields 1 >>", "<< /Fields << >> >>", "<< /Fields [(x)] >>", "3 0 R 4"] {
        let bytes = with(&[(CATALOG, &format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {form} >>"))]);
        assert!(!refusal(&bytes, None).is_empty());
    }
    assert!(!refusal(&with(&[(PAGE, "<< /Type /Page /Parent 2 0 R /Annots << >> >>")]), None).is_empty());
}

#[test]
fn a_field_that_cannot_be_signed_is_refused_by_name() {
    let mut pdf = signed_once(&Signer::person("anna"));
    for (name, entry) in [("Rules", "/SV << /Type /SV >>"), ("Locks", "/Lock << /Type /SigFieldLock /Action /All >>")] {
        let number = pdf.add_empty_field(name);
        let place = format!("<< /Subtype /Widget /FT /Sig /T ({name}) /P 3 0 R /Rect [0 0 0 0] {entry} >>");
        pdf.append(&[(number, place.into_bytes())]);
    }
    pdf.add_empty_field("Twice");
    pdf.add_empty_field("Twice");
    for (name, words) in [
        ("Signature1", "its signature field Signature1 is signed already"),
        ("Nobody", "its signature field Nobody does not exist"),
        ("Twice", "its signature field Twice is there more than once"),
        ("Rules", "its signature field Rules has rules for its signature (SV), which is not supported"),
        ("Locks", "its signature field Locks locks other fields (Lock), which is not supported"),
    ] {
        assert_eq!(refusal(&pdf.bytes, Some(name)), words);
    }
}

#[test]
fn what_the_reader_would_not_take_is_not_made() {
    let anna = Signer::person("anna");
    let old = Field { sub_filter: "adbe.pkcs7.sha1".into(), ..Field::new("Old") };
    let pdf = Pdf::one_page("x").sign(&old, &|bytes| anna.cms(bytes));
    assert_eq!(refusal(&pdf.bytes, None), "not supported: PDF signature adbe.pkcs7.sha1");
    let mut bytes = Pdf::one_page("x").bytes;
    for _ in 0..24 {
        bytes = sign(&bytes, &anna);
    }
    holds(&bytes, &[&anna; 24]);
    assert_eq!(refusal(&bytes, None), "more than 24 signatures");
    let room = pdf::extend_with_timestamp(&Pdf::one_page("x").bytes, usize::MAX).err().unwrap();
    assert!(room.to_string().contains("reserved"), "{room}");
}

#[test]
fn files_that_are_no_pdf_or_broken_are_refused() {
    let [page, _] = pages();
    let tail = [page.as_slice(), b"and more"].concat();
    for bytes in [&b""[..], b"%PDF-1.7\n", b"<xml/>", &page[..page.len() - 10], &page[1..], &tail] {
        assert!(!refusal(bytes, None).is_empty());
    }
    // No number is left for a new object.
    let full = with(&[(8_388_607, "null")]);
    assert!(refusal(&full, None).contains("object numbers beyond"));
}

#[test]
fn a_number_that_the_file_says_to_be_free_is_not_used() {
    let mut pdf = Pdf::one_page("x");
    // What refers to object 6 by mistake must not find a signature there now.
    pdf.append(&[(PAGE, String::from_utf8(pdf.page()).unwrap().replace("/Page ", "/Page /Thumb 6 0 R ").into_bytes())]);
    let bytes = String::from_utf8_lossy(&pdf.bytes).into_owned();
    let at = bytes.rfind("/Size 6").unwrap();
    let at = pdf.bytes.len() - (bytes.len() - at);
    pdf.bytes.splice(at..at + 7, *b"/Size 9");
    let anna = Signer::person("anna");
    let signed = sign(&pdf.bytes, &anna);
    holds(&sign(&signed, &anna), &[&anna, &anna]);
    assert!(!String::from_utf8_lossy(&signed).contains("\n6 0 obj"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Nothing that comes in makes a panic, and what comes out begins with what came in.
    #[test]
    fn broken_files_are_signed_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        with_streams: bool,
    ) {
        let mut pdf = Pdf::with_objects("x", &[(6, stream("", b"x"))], with_streams);
        pdf.add_empty_field("Empty");
        let mut bytes = pdf.bytes;
        for (at, octet) in changes {
            let at = at.index(bytes.len());
            bytes[at] = octet;
        }
        let anna = Signer::person("anna");
        for field in [None, Some("Empty")] {
            if let Ok(signed) = try_sign(&bytes, &anna, field, None) {
                prop_assert!(signed.starts_with(&bytes));
            }
        }
        let evidence = Embedded { lists: vec![b"a list".to_vec()], ..Embedded::default() };
        let mut out = Vec::new();
        let _ = pdf::extend_with_evidence(&bytes, &evidence, &mut out);
    }

    /// What the reader takes, it takes with one signature more, and says the same of those before.
    #[test]
    fn broken_files_that_are_read_are_read_after_signing(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        with_streams: bool,
    ) {
        let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
        let pdf = Pdf::with_objects("x", &[], with_streams);
        let mut bytes = pdf.sign(&Field { room: 1024, ..Field::new("First") }, &|bytes| anna.cms(bytes)).bytes;
        for (at, octet) in changes {
            let at = at.index(bytes.len());
            bytes[at] = octet;
        }
        if let (Ok(before), Ok(signed)) = (pdf::read(&bytes), try_sign(&bytes, &boris, None, None)) {
            let after = pdf::read(&signed).unwrap_or_else(|error| panic!("{error}"));
            // One without a place in the file is put at the end: told by its field.
            let covers = |document: &SignedDocument, field: &str| -> Vec<bool> {
                let named = document.signatures.iter().filter(|one| one.label == field);
                named.map(|one| one.covers == Coverage::Whole).collect()
            };
            prop_assert_eq!(after.signatures.len(), 2);
            for signature in &before.signatures {
                prop_assert_eq!(covers(&before, &signature.label), covers(&after, &signature.label));
            }
            prop_assert_eq!(covers(&after, "field Signature1"), [true]);
        }
    }
}

#[test]
fn beside_a_signature_that_cannot_be_read_no_other_is_put() {
    let page = signed_once(&Signer::person("anna")).bytes;
    // The first length inside the value: 30 82 becomes 30 85, which is no length.
    let at = page.windows(13).position(|window| window == b"/Contents <30").unwrap() + 13;
    let mut broken = page.clone();
    broken[at + 1] = b'5';
    assert!(pdf::read(&broken).is_err());
    assert!(try_sign(&broken, &Signer::person("boris"), None, None).is_err());
    assert!(pdf::extend_with_timestamp(&broken, 100).is_err());
    assert!(try_sign(&page, &Signer::person("boris"), None, None).is_ok());
}
