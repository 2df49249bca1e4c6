//! What later revisions may add, and what they may not.

use rastau::signed::Coverage;
use rastau_mint::pdf::{CATALOG, CONTENT, Field, PAGE, Pdf, stream};

use super::{covers, read, signed_once};
use crate::signer::{Signer, verify};

/// Everything about the first signature holds, and this is said of what it covers.
fn changed(pdf: &Pdf, signer: &Signer) -> String {
    let document = read(pdf);
    verify(&document, 0, signer).unwrap();
    covers(&document, 0)
}

#[test]
fn a_second_signature_leaves_the_first_whole_and_is_named() {
    let (anna, boris) = (Signer::person("anna"), Signer::gost("boris"));
    let pdf = signed_once(&anna).sign(&Field::new("Signature2"), &|bytes| boris.cms(bytes));
    let document = read(&pdf);
    assert_eq!(document.signatures.len(), 2);
    verify(&document, 0, &anna).unwrap();
    verify(&document, 1, &boris).unwrap();
    assert_eq!((covers(&document, 0), covers(&document, 1)), ("whole document".into(), "whole document".into()));
    let first = document.signatures.iter().next().unwrap();
    assert_eq!(
        first.warnings,
        [("pdf-later-revision", "added after this signature: signature field Signature2".into())]
    );
    assert_eq!(document.contents[0].bytes(rastau::signed::Document::Bytes(&pdf.bytes)).unwrap().len(), pdf.bytes.len());
}

#[test]
fn a_field_that_was_there_may_be_signed_later() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    let mut pdf = Pdf::one_page("x");
    let number = pdf.add_empty_field("Second");
    let pdf = pdf.sign(&Field::new("First"), &|bytes| anna.cms(bytes));
    let pdf = pdf.prepare_existing(number, &Field::new("Second")).fill(&|bytes| boris.cms(bytes));
    let document = read(&pdf);
    verify(&document, 0, &anna).unwrap();
    verify(&document, 1, &boris).unwrap();
    assert_eq!(covers(&document, 0), "whole document");
    let first = document.signatures.iter().next().unwrap();
    assert_eq!(first.warnings[0].1, "added after this signature: signature in field Second");
}

#[test]
fn evidence_and_metadata_may_be_added() {
    let anna = Signer::person("anna");
    let mut pdf = signed_once(&anna);
    let next = pdf.next();
    pdf.catalog_entries = format!(" /DSS << /Certs [{next} 0 R] >> /Extensions << /ESIC << /ExtensionLevel 5 >> >>");
    let catalog = pdf.catalog();
    pdf.append(&[(CATALOG, catalog), (next, stream("", &anna.certificate))]);
    let document = read(&pdf);
    let signature = document.signatures.iter().next().unwrap();
    assert_eq!(signature.covers, Coverage::Whole);
    assert_eq!(signature.warnings[0].1, "added after this signature: document security store, extensions used");
}

#[test]
fn what_changes_the_document_is_named() {
    let anna = Signer::person("anna");
    let other_content = stream("", b"BT /F1 24 Tf 72 720 Td (Another application) Tj ET");
    let page = |with: &str| {
        let page = String::from_utf8(signed_once(&anna).page()).unwrap();
        page.replace("/Type /Page ", &format!("/Type /Page {with} ")).into_bytes()
    };
    let catalog = |with: &str| {
        let mut pdf = signed_once(&anna);
        pdf.catalog_entries = with.to_owned();
        pdf.catalog()
    };
    let annotated = String::from_utf8(signed_once(&anna).page()).unwrap();
    let annotated = annotated.replace("/Annots [6 0 R]", "/Annots [6 0 R 8 0 R]").into_bytes();
    let table: Vec<(&str, Vec<(u32, Vec<u8>)>, &str)> = vec![
        ("page content", vec![(CONTENT, other_content)], "object 4"),
        ("a font", vec![(5, b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>".to_vec())], "object 5 (Font)"),
        ("the size of the page", vec![(PAGE, page("/CropBox [0 0 1 1]"))], "page object 3, entry CropBox"),
        ("a note", vec![(PAGE, annotated)], "annotations of page object 3"),
        ("pages", vec![(2, b"<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>".to_vec())], "object 2 (Pages)"),
        ("an action on opening", vec![(CATALOG, catalog(" /OpenAction 9 0 R"))], "catalog entry OpenAction"),
        (
            "the place of the signature",
            vec![(6, b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (X) >>".to_vec())],
            "field",
        ),
        ("optional content", vec![(CATALOG, catalog(" /OCProperties << >>"))], "catalog entry OCProperties"),
    ];
    for (why, objects, named) in table {
        let mut pdf = signed_once(&anna);
        pdf.append(&objects);
        match rastau::pdf::read(&pdf.bytes) {
            Ok(document) => {
                let covers = covers(&document, 0);
                assert!(covers.starts_with("part bytes 0 to "), "{why}: {covers}");
                assert!(covers.contains("changed later: ") && covers.contains(named), "{why}: {covers}");
            }
            // A field without its signature is nothing signed any more.
            Err(error) => assert!(why.contains("place") && matches!(error, rastau::signed::FormatError::NoSignature)),
        }
    }
}

#[test]
fn defaults_for_texts_may_be_added_where_nothing_writes_texts() {
    let anna = Signer::person("anna");
    let with_defaults = |mut pdf: Pdf, defaults: &str| {
        let catalog = String::from_utf8(pdf.catalog()).unwrap();
        let written = catalog.replace(" /SigFlags 3", &format!(" /SigFlags 3 {defaults}"));
        assert_ne!(written, catalog);
        pdf.append(&[(CATALOG, written.into_bytes())]);
        changed(&pdf, &anna)
    };
    for defaults in ["/DA (/Helv 0 Tf 0 g)", "/DR << /Font << /Helv 5 0 R >> >>", "/DA (/Helv 0 Tf) /DR << >>"] {
        assert_eq!(with_defaults(signed_once(&anna), defaults), "whole document", "{defaults}");
    }
    // Fonts may come to those that were there, which stay as they were.
    let grown = |first: &str, then: &str| {
        let mut pdf = Pdf::one_page("x");
        let number = pdf.add_empty_field("S");
        let catalog = String::from_utf8(pdf.catalog()).unwrap();
        let with = |fonts: &str| {
            let defaults = format!(" /SigFlags 3 /DR << /Font << {fonts} >> >>");
            catalog.replace(" /SigFlags 3", &defaults).into_bytes()
        };
        pdf.append(&[(CATALOG, with(first))]);
        let mut pdf = pdf.prepare_existing(number, &Field::new("S")).fill(&|bytes| anna.cms(bytes));
        pdf.append(&[(CATALOG, with(then))]);
        changed(&pdf, &anna)
    };
    assert_eq!(grown("/Helv 5 0 R", "/Helv 5 0 R /Myriad 5 0 R"), "whole document");
    for then in ["/Helv 4 0 R", "/Myriad 5 0 R", ""] {
        let named = grown("/Helv 5 0 R", then);
        assert!(named.contains("form entry DR"), "{then}: {named}");
    }
    let named = with_defaults(signed_once(&anna), "/NeedAppearances true");
    assert!(named.contains("form entry NeedAppearances"), "{named}");
    let named = with_defaults(signed_once(&anna), "/XFA (x)");
    assert!(named.contains("form entry XFA"), "{named}");
    // With a text field in the signed form, its look is what they are about; a field inherits its kind from above, too.
    for text in ["<< /FT /Tx /T (Sum) /V (100) >>", "<< /T (Group) /Kids [] >>", "<< /FT /Sig /T (G) /Kids [7 0 R] >>"]
    {
        let objects = [(6, text.as_bytes().to_vec()), (7, b"<< /FT /Tx /T (Sum) >>".to_vec())];
        let mut pdf = Pdf::with_objects("x", &objects, false);
        pdf.fields.push(6);
        let catalog = pdf.catalog();
        pdf.append(&[(CATALOG, catalog)]);
        let pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
        let named = with_defaults(pdf, "/DR << /Font << /Helv 5 0 R >> >>");
        assert!(named.contains("form entry DR"), "{text}: {named}");
    }
}

#[test]
fn the_same_object_written_again_is_no_change() {
    let anna = Signer::person("anna");
    let mut pdf = signed_once(&anna);
    let (page, content) = (pdf.body(PAGE).to_vec(), pdf.body(CONTENT).to_vec());
    pdf.append(&[(PAGE, page), (CONTENT, content)]);
    assert_eq!(changed(&pdf, &anna), "whole document");
}

#[test]
fn a_signature_that_does_more_than_sign_is_a_change() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    for entries in ["/AA << /E 99 0 R >>", "/A << /S /JavaScript /JS (x) >>", "/Subtype2 /Popup"] {
        let field = Field { field_entries: format!(" {entries}"), ..Field::new("Second") };
        let pdf = signed_once(&anna).sign(&field, &|bytes| boris.cms(bytes));
        assert!(changed(&pdf, &anna).contains("fields of the form"), "{entries}");
    }
}

#[test]
fn content_replaced_along_with_a_second_signature_is_a_change() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    let content = stream("", b"BT /F1 24 Tf 72 720 Td (Another application) Tj ET");
    let unsigned = signed_once(&anna).prepare(&Field::new("Second"), &[(CONTENT, content)]);
    let pdf = unsigned.fill(&|bytes| boris.cms(bytes));
    assert!(changed(&pdf, &anna).contains("changed later: object 4"), "{}", changed(&pdf, &anna));
    let document = read(&pdf);
    verify(&document, 1, &boris).unwrap();
    assert_eq!(covers(&document, 1), "whole document", "the second one signed what is there now");
}

#[test]
fn a_certifying_signature_may_forbid_others_but_not_evidence() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    let certified = |permission: u8| {
        let parameters = format!("<< /Type /TransformParams /P {permission} /V /1.2 >>");
        let reference = format!("/Reference [<< /TransformMethod /DocMDP /TransformParams {parameters} >>]");
        Pdf::one_page("x").sign(&Field { entries: reference, ..Field::new("First") }, &|bytes| anna.cms(bytes))
    };
    let second = |pdf: Pdf| pdf.sign(&Field::new("Second"), &|bytes| boris.cms(bytes));
    let stamped = |pdf: Pdf| pdf.sign(&Field::timestamp("Stamp"), &|bytes| boris.timestamp(bytes));
    assert!(changed(&second(certified(1)), &anna).contains("signatures, which this one forbids"));
    assert_eq!(changed(&second(certified(2)), &anna), "whole document");
    assert_eq!(changed(&stamped(certified(1)), &anna), "whole document");
}

#[test]
fn white_space_after_the_end_is_nothing() {
    let anna = Signer::person("anna");
    let mut pdf = signed_once(&anna);
    pdf.bytes.extend_from_slice(b"\r\n\0\n");
    assert_eq!(changed(&pdf, &anna), "whole document");
}
