//! Documents prepared before they were signed: objects in two roles, one of which may change later, and appearances that
//! nobody answers for.

use rastau_mint::pdf::{CATALOG, CONTENT, Field, PAGE, Pdf, dictionary, stream};

use super::{covers, passes, read};
use crate::signer::Signer;

fn drawing(text: &str) -> Vec<u8> {
    stream(" /Type /XObject /Subtype /Form /BBox [0 0 595 842]", format!("BT ({text}) Tj ET").as_bytes())
}

#[test]
fn a_stream_that_calls_itself_a_page() {
    let anna = Signer::person("anna");
    let content = |text: &str| stream(" /Type /Page", format!("BT /F1 24 Tf 72 720 Td ({text}) Tj ET").as_bytes());
    let pdf = Pdf::with_objects("x", &[(CONTENT, content("100 tenge"))], false);
    let mut pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    pdf.append(&[(CONTENT, content("999 tenge"))]);
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn a_stream_that_calls_itself_an_empty_field() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    let field = |text: &str, value: &str| stream(&format!(" /FT /Sig /T (E){value}"), text.as_bytes());
    // Drawn as a glyph of the font.
    let font = b"<< /Type /Font /Subtype /Type3 /CharProcs << /a 6 0 R >> >>".to_vec();
    let mut pdf = Pdf::with_objects("x", &[(5, font), (6, field("100 tenge", ""))], false);
    pdf.fields.push(6);
    let pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    let value = pdf.next();
    let objects = [(6, field("999 tenge", &format!(" /V {value} 0 R"))), (value, dictionary(&Field::new("E")))];
    assert!(!passes(&pdf.sign_as_written(&objects, &|bytes| boris.cms(bytes)).bytes, &anna));
}

#[test]
fn the_catalog_that_is_a_dictionary_of_glyphs_too() {
    let anna = Signer::person("anna");
    let font = b"<< /Type /Font /Subtype /Type3 /CharProcs 1 0 R >>".to_vec();
    let mut pdf = Pdf::with_objects("x", &[(5, font), (6, drawing("100")), (7, drawing("999"))], false);
    pdf.catalog_entries = " /Metadata 6 0 R".to_owned();
    let mut pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    pdf.catalog_entries = " /Metadata 7 0 R".to_owned();
    let catalog = pdf.catalog();
    pdf.append(&[(CATALOG, catalog)]);
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn a_field_that_is_a_dictionary_of_glyphs_too() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    let font = b"<< /Type /Font /Subtype /Type3 /CharProcs 6 0 R >>".to_vec();
    let mut pdf = Pdf::with_objects("x", &[(5, font)], false);
    let number = pdf.add_empty_field("Second");
    assert_eq!(number, 6);
    let pdf = pdf.sign(&Field::new("First"), &|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    let pdf = pdf.prepare_existing(number, &Field::new("Second")).fill(&|bytes| boris.cms(bytes));
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn a_reference_that_only_readers_without_generations_follow() {
    let anna = Signer::person("anna");
    let font = b"<< /Type /Font /Subtype /Type3 /CharProcs 6 1 R >>".to_vec();
    let glyphs = |number: u32| format!("<< /a {number} 0 R >>").into_bytes();
    let objects = [(5, font), (6, glyphs(7)), (7, drawing("100")), (8, drawing("999"))];
    let mut pdf = Pdf::with_objects("x", &objects, false).sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    pdf.append(&[(6, glyphs(8))]);
    assert!(!passes(&pdf.bytes, &anna));
}

/// Appends a field over the whole page that shows something else.
fn covered_page(pdf: &Pdf, rectangle: &str) -> Pdf {
    let mut pdf = pdf.clone();
    let (field, look) = (pdf.next(), pdf.next() + 1);
    pdf.fields.push(field);
    pdf.annotations.push(field);
    let place = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (E) /P 3 0 R /F 4 /Rect {rectangle} /AP << /N {look} 0 R >> >>"
    );
    let objects = [(CATALOG, pdf.catalog()), (PAGE, pdf.page()), (field, place.into_bytes()), (look, drawing("999"))];
    pdf.append(&objects);
    pdf
}

#[test]
fn a_field_that_nobody_signed_shows_something_over_the_page() {
    let anna = Signer::person("anna");
    let signed = Pdf::one_page("100").sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    for rectangle in ["[0 0 595 842]", "[0 0 0.1 0.1]", "[0 0]", "99 0 R", "[595 842 0 0]"] {
        assert!(!passes(&covered_page(&signed, rectangle).bytes, &anna), "{rectangle}");
    }
    // Where there is no room to show anything, it is a field to be signed.
    for rectangle in ["[0 0 0 0]", "[7 7 7 9]"] {
        assert!(passes(&covered_page(&signed, rectangle).bytes, &anna), "{rectangle}");
    }
}

/// A place of a field on the page.
fn place(name: &str, rectangle: &str, more: &str) -> Vec<u8> {
    format!("<< /Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /P 3 0 R /Rect {rectangle}{more} >>").into_bytes()
}

/// Appends a signed field with an appearance.
fn visibly_signed(pdf: &Pdf, field: &Field, cms: &dyn Fn(&[u8]) -> Vec<u8>) -> Pdf {
    let mut pdf = pdf.clone();
    let (number, value, look) = (pdf.next(), pdf.next() + 1, pdf.next() + 2);
    pdf.fields.push(number);
    pdf.annotations.push(number);
    let more = format!(" /V {value} 0 R /AP << /N {look} 0 R >>");
    let objects = [
        (CATALOG, pdf.catalog()),
        (PAGE, pdf.page()),
        (number, place(&field.name, "[0 0 595 842]", &more)),
        (look, drawing("999")),
        (value, dictionary(field)),
    ];
    pdf.sign_as_written(&objects, cms)
}

#[test]
fn a_timestamp_of_nobody_shows_something_over_the_page() {
    let anna = Signer::person("anna");
    let signed = Pdf::one_page("100").sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    // The reader goes by SubFilter, whatever Type says.
    for kind in ["DocTimeStamp", "Sig"] {
        let field = Field { kind: kind.into(), ..Field::timestamp("E") };
        let token = |_: &[u8]| vec![0x30, 0];
        assert!(!passes(&visibly_signed(&signed, &field, &token).bytes, &anna), "{kind}");
        assert!(passes(&signed.sign(&field, &token).bytes, &anna), "{kind}, invisible");
    }
}

#[test]
fn an_empty_field_gets_a_timestamp_of_nobody_and_another_look() {
    let anna = Signer::person("anna");
    let mut pdf = Pdf::with_objects("100", &[(6, place("E", "[0 0 595 842]", "")), (7, drawing("999"))], false);
    pdf.fields.push(6);
    pdf.annotations.push(6);
    let signed = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    let filled = |look: &str| {
        let value = signed.next();
        let field = place("E", "[0 0 595 842]", &format!(" /V {value} 0 R{look}"));
        let objects = [(6, field), (value, dictionary(&Field::timestamp("E")))];
        signed.clone().sign_as_written(&objects, &|_| vec![0x30, 0]).bytes
    };
    assert!(passes(&filled(""), &anna));
    assert!(!passes(&filled(" /AP << /N 7 0 R >>"), &anna));
}

#[test]
fn the_visible_signature_of_a_person_is_named_as_such() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    let signed = Pdf::one_page("100").sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    let document = read(&visibly_signed(&signed, &Field::new("B"), &|bytes| boris.cms(bytes)));
    assert_eq!(covers(&document, 0), "whole document");
    let first = document.signatures.iter().next().unwrap();
    assert!(first.warnings[0].1.ends_with("signature field B, visible on the page"), "{:?}", first.warnings);
}
