//! Files of every shape: forms and annotations that stand in their dictionaries or are objects of their own, objects in
//! object streams, empty fields.

use rastau_mint::pdf::{CATALOG, Field, PAGE, Pdf, stream};

use super::{holds, sign, stamped, try_sign};
use crate::signer::Signer;

const TEXT_FIELD: &str =
    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Signature1) /V (a\\)b) /Rect [0.10 0 9 9] /P 3 0 R >>";

/// Entries of the catalog, and of the page.
pub(super) const SHAPES: [(&str, &str); 12] = [
    ("", ""),
    ("/AcroForm null", "/Annots null"),
    ("/AcroForm 99 0 R", "/Annots 99 0 R"),
    ("/AcroForm << >>", "/Annots []"),
    ("/AcroForm<</Fields[20 0 R]/DR<</Font<</F 5 0 R>>>>/DA(/F 0.10 Tf)>>", "/Annots[20 0 R%x]\n]"),
    ("/AcroForm 21 0 R", "/Annots 26 0 R"),
    ("/AcroForm 22 0 R", "/Annots 23 0 R"),
    ("/AcroForm << /Fields 23 0 R /SigFlags 2 >>", "/Annots [20 0 R]"),
    ("/AcroForm << /Fields 23 0 R /SigFlags 24 0 R >>", "/Annots [20 0 R]"),
    ("/AcroForm << /Fields [20 0 R] >> /Extensions << /ADBE << /BaseVersion /1.7 >> >>", ""),
    ("/Extensions 25 0 R", ""),
    ("/Version /2.0", ""),
];

fn shape(form: &str, annotations: &str) -> Vec<u8> {
    let mut pdf = Pdf::one_page("x");
    let page = String::from_utf8(pdf.page()).unwrap().replace("/Page ", &format!("/Page {annotations} "));
    pdf.append(&[
        (CATALOG, format!("<</Type/Catalog/Pages 2 0 R {form}>>").into_bytes()),
        (PAGE, page.into_bytes()),
        (20, TEXT_FIELD.into()),
        (21, b"<< /Fields [ 20 0 R ] /NeedAppearances false >>".to_vec()),
        (22, b"<</SigFlags 7/Fields 23 0 R>>".to_vec()),
        (23, b"[20 0 R]".to_vec()),
        (24, b"0".to_vec()),
        (25, b"<< /ADBE << /BaseVersion /1.7 >> >>".to_vec()),
        (26, b"[ 20 0 R ]".to_vec()),
    ]);
    pdf.bytes
}

/// Files with forms and annotations of every shape.
pub(super) fn shapes() -> Vec<Vec<u8>> {
    SHAPES.into_iter().map(|(form, annotations)| shape(form, annotations)).collect()
}

#[test]
fn forms_and_annotations_of_every_shape_get_a_field_more() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    for (form, annotations) in SHAPES {
        let once = sign(&shape(form, annotations), &anna);
        let twice = sign(&stamped(&once, &boris), &boris);
        let document = holds(&twice, &[&anna, &boris]);
        let label = &document.signatures.iter().next().unwrap().label;
        let taken = form.contains("Fields") || form.contains("21 0 R") || form.contains("22 0 R");
        assert_eq!(label, if taken { "field Signature2" } else { "field Signature1" }, "{form}");
        if form.contains("DA") {
            let text = String::from_utf8_lossy(&once);
            assert_eq!(text.matches("/DR<</Font<</F 5 0 R>>>>/DA(/F 0.10 Tf)").count(), 2, "as it was written");
        }
        let extended = String::from_utf8_lossy(&once).contains("/ESIC");
        assert_eq!(extended, !form.contains("2.0"), "PDF 2.0 has PAdES without an extension");
    }
}

#[test]
fn an_empty_field_is_signed_where_it_is() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    let mut pdf = Pdf::one_page("x");
    pdf.add_empty_field("Applicant");
    pdf.add_empty_field("Official");
    let fields = pdf.fields.len();
    let once = try_sign(&pdf.bytes, &anna, Some("Applicant"), None).unwrap();
    let twice = try_sign(&once, &boris, Some("Official"), None).unwrap();
    let document = holds(&twice, &[&anna, &boris]);
    let first = document.signatures.iter().next().unwrap();
    assert_eq!(first.label, "field Applicant");
    assert_eq!(
        first.warnings,
        [("pdf-later-revision", "added after this signature: signature in field Official".into())]
    );
    assert_eq!(fields, 2);
}

#[test]
fn a_field_below_another_is_found_by_its_full_name() {
    let anna = Signer::person("anna");
    let mut pdf = Pdf::one_page("x");
    pdf.append(&[
        (CATALOG, b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [20 0 R] >> >>".to_vec()),
        (20, b"<< /T (office) /Kids [21 0 R] >>".to_vec()),
        (21, b"<< /T (head) /FT /Sig /Parent 20 0 R /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R >>".to_vec()),
    ]);
    let signed = try_sign(&pdf.bytes, &anna, Some("office.head"), None).unwrap();
    assert_eq!(holds(&signed, &[&anna]).signatures.iter().next().unwrap().label, "field office.head");
}

/// A file whose catalog, pages and page are in an object stream: by a cross-reference stream, or a table with one beside it.
fn with_object_stream(hybrid: bool) -> Vec<u8> {
    let members = [
        (CATALOG, "<</Type/Catalog/Pages 2 0 R>>"),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        (PAGE, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9.50 9]/Contents 4 0 R>>"),
    ];
    let mut index = String::new();
    let mut inside = String::new();
    for (number, body) in members {
        index += &format!("{number} {} ", inside.len());
        inside += &format!("{body} ");
    }
    let mut bytes = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    let container = stream(&format!(" /Type /ObjStm /N 3 /First {}", index.len()), (index + &inside).as_bytes());
    for (number, body) in [(4, stream("", b"0 0 9 9 re f")), (5, container)] {
        offsets.push(bytes.len());
        bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        bytes.extend(body);
        bytes.extend_from_slice(b"\nendobj\n");
    }
    let at = bytes.len();
    let mut records: Vec<u8> = vec![0, 0, 0, 255];
    for member in 0..3 {
        records.extend([2, 0, 5, member]);
    }
    for offset in offsets.iter().chain([&at]) {
        records.extend([1, (offset >> 8) as u8, *offset as u8, 0]);
    }
    let id = "/ID [<00112233445566778899aabbccddeeff> (second)]";
    bytes.extend_from_slice(b"6 0 obj\n");
    bytes.extend(stream(&format!(" /Type /XRef /W [1 2 1] /Size 7 /Root 1 0 R {id}"), &records));
    bytes.extend_from_slice(b"\nendobj\n");
    let mut start = at;
    if hybrid {
        start = bytes.len();
        let table = format!("xref\n0 1\n0000000000 65535 f \n4 1\n{:010} 00000 n \n", offsets[0]);
        bytes.extend_from_slice(table.as_bytes());
        bytes.extend_from_slice(format!("trailer\n<</Size 7/Root 1 0 R/XRefStm {at} {id}>>\n").as_bytes());
    }
    bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF").as_bytes());
    bytes
}

#[test]
fn objects_in_object_streams_are_written_anew_beside_them() {
    let (anna, boris) = (Signer::person("anna"), Signer::person("boris"));
    for hybrid in [false, true] {
        let page = with_object_stream(hybrid);
        let once = sign(&page, &anna);
        let text = String::from_utf8_lossy(&once);
        assert!(text.contains("\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9.50 9]/Contents 4 0 R /Annots"));
        let twice = sign(&once, &boris);
        holds(&twice, &[&anna, &boris]);
        // The first half of the identifier stays, the second is new each time.
        let text = String::from_utf8_lossy(&twice).into_owned();
        let halves: Vec<&str> = text
            .match_indices("/ID [<00112233445566778899aabbccddeeff> ")
            .map(|(at, _)| &text[at + 40..at + 60])
            .collect();
        assert_eq!(halves.len(), if hybrid { 4 } else { 3 });
        assert!(halves.windows(2).skip(usize::from(hybrid)).all(|pair| pair[0] != pair[1]), "{halves:?}");
    }
}

#[test]
fn a_catalog_of_another_generation_stays_one() {
    let anna = Signer::person("anna");
    let mut text = String::from("%PDF-1.7\n");
    let mut table = String::from("xref\n0 4\n0000000000 65535 f \n");
    for (id, generation, body) in [
        (1, 3, "<</Type/Catalog/Pages 2 0 R>>"),
        (2, 0, "<</Type/Pages/Kids[3 7 R]/Count 1>>"),
        (3, 7, "<</Type/Page/Parent 2 0 R>>"),
    ] {
        table += &format!("{:010} {generation:05} n \n", text.len());
        text += &format!("{id} {generation} obj\n{body}\nendobj\n");
    }
    let at = text.len();
    let bytes = format!("{text}{table}trailer\n<</Size 4/Root 1 3 R>>\nstartxref\n{at}\n%%EOF\n").into_bytes();
    let once = sign(&bytes, &anna);
    assert!(String::from_utf8_lossy(&once).contains("\n3 7 obj\n"));
    holds(&sign(&once, &anna), &[&anna, &anna]);
}

#[test]
fn what_other_programs_signed_is_signed_in_addition() {
    let (anna, boris) = (Signer::person("anna"), Signer::gost("boris"));
    for with_streams in [false, true] {
        let first = Pdf::with_objects("x", &[], with_streams).sign(&Field::new("First"), &|bytes| anna.cms(bytes));
        holds(&sign(&first.bytes, &boris), &[&anna, &boris]);
    }
}
