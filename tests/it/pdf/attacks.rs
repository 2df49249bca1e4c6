//! Published attacks on PDF signatures: universal forgery (USF), incremental saving (ISA), wrapping (SWA) of «1 Trillion
//! Dollar Refund» (2019), and the shadow attacks of 2021. None may pass for a document that is signed as a whole.

use std::collections::BTreeMap;

use rastau::crypto::{HashAlgorithm, hash};
use rastau::document::{self, Options};
use rastau::signed::{Detached, Document, FormatError};
use rastau_mint::pdf::{CATALOG, CONTENT, Field, PAGE, Pdf, byte_range, stream};

use super::{passes, signed_once};
use crate::signer::Signer;

fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at =
        bytes.windows(from.len()).rposition(|window| window == from.as_bytes()).unwrap_or_else(|| panic!("{from}"));
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

fn forged_content() -> Vec<u8> {
    stream("", b"BT /F1 24 Tf 72 720 Td (One trillion) Tj ET")
}

#[test]
fn universal_forgery_by_values_that_are_missing_or_senseless() {
    let anna = Signer::person("anna");
    let unsigned = Pdf::one_page("x").prepare(&Field::new("S"), &[]);
    let range = byte_range(unsigned.gap.start, unsigned.gap.end, unsigned.pdf.bytes.len());
    let (start, end) = (unsigned.gap.start, unsigned.gap.end);
    let pdf = unsigned.fill(&|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    let length = pdf.bytes.len();
    for forged in [
        String::new(),
        "null".into(),
        "[]".into(),
        "[0]".into(),
        "[0 0 0 0]".into(),
        "[-1 -1 -1 -1]".into(),
        format!("[0 {start} {end} -{}]", length - end),
        format!("[0 {start} {end} {}]", length - end + 1),
        format!("[0 {start} {end} {}]", length - end - 1),
        format!("[0 {start} {end} 9999999999999999999]"),
        format!("[1 {} {end} {}]", start - 1, length - end),
        format!("[0 {} {end} {}]", start - 1, length - end),
        format!("[0 {start} {} {}]", end + 1, length - end - 1),
        format!("[0 {start} {start} {}]", length - start),
        format!("[0 {length} {length} 0]"),
        format!("[0 {start} {end} {} 0 0]", length - end),
        format!("[(0) {start} {end} {}]", length - end),
        format!("{range} /ByteRange [0 0 0 0]"),
    ] {
        // Padded, so that nothing moves.
        let value = if forged.is_empty() { " ".repeat(range.len() + 11) } else { format!("/ByteRange {forged}") };
        let padded = format!("{value:width$}", width = range.len() + 11);
        let bytes = replace(&pdf.bytes, &format!("/ByteRange {range}"), &padded);
        assert!(!passes(&bytes, &anna), "ByteRange {forged}");
    }
    let value = String::from_utf8(pdf.bytes[start..end].to_vec()).unwrap();
    for forged in ["null", "<>", "<00>", "()", "<< >>", "12 0 R", "/Name", "[]"] {
        let bytes = replace(&pdf.bytes, &value, &format!("{forged:width$}", width = value.len()));
        assert!(!passes(&bytes, &anna), "Contents {forged}");
    }
    let bytes = replace(&pdf.bytes, "/Contents", "/Contentz");
    assert!(!passes(&bytes, &anna), "no Contents");
    let bytes = replace(&pdf.bytes, "/SubFilter", "/SubFilteZ");
    assert!(!passes(&bytes, &anna), "no SubFilter");
}

#[test]
fn incremental_saving_with_a_new_table() {
    let anna = Signer::person("anna");
    let mut pdf = signed_once(&anna);
    pdf.append(&[(CONTENT, forged_content())]);
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn incremental_saving_without_table_or_trailer() {
    let anna = Signer::person("anna");
    let signed = signed_once(&anna);
    let body = [b"4 0 obj\n".to_vec(), forged_content(), b"\nendobj\n".to_vec()].concat();
    let old = format!("startxref\n{}\n%%EOF\n", signed.xref);
    for tail in
        ["", "startxref\n", "trailer\n<< /Root 1 0 R >>\n", "trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n", &old]
    {
        let bytes = [signed.bytes.clone(), body.clone(), tail.as_bytes().to_vec()].concat();
        assert!(!passes(&bytes, &anna), "{tail}");
    }
    // The same with a copy of the signature dictionary in the new part.
    let mut copied = signed.clone();
    let value = copied.next() - 1;
    let at = copied.bytes.windows(10).rposition(|window| window == b"/ByteRange").unwrap();
    let start = copied.bytes[..at].windows(2).rposition(|window| window == b"<<").unwrap();
    let end = at + copied.bytes[at..].windows(6).position(|window| window == b"endobj").unwrap();
    let dictionary = copied.bytes[start..end].to_vec();
    copied.append(&[(CONTENT, forged_content()), (value, dictionary)]);
    assert!(!passes(&copied.bytes, &anna));
}

#[test]
fn wrapping_the_signed_bytes_around_new_ones() {
    // The second signed part is moved back, and what lies between is the attacker's.
    let anna = Signer::person("anna");
    let unsigned = Pdf::one_page("x").prepare(&Field::new("S"), &[]);
    let (start, end) = (unsigned.gap.start, unsigned.gap.end);
    let range = byte_range(start, end, unsigned.pdf.bytes.len());
    let pdf = unsigned.fill(&|bytes| anna.cms(bytes));
    let (first, value, second) = (&pdf.bytes[..start], &pdf.bytes[start..end], &pdf.bytes[end..]);
    let injected = [b"4 0 obj\n".to_vec(), forged_content(), b"\nendobj\n".to_vec()].concat();
    let at = end + injected.len();
    let table = format!("xref\n4 1\n{end:010} 00000 n \ntrailer\n<< /Size 8 /Root 1 0 R /Prev {} >>\n", pdf.xref);
    for (new_start, new_end) in [(start, at + table.len()), (start, end)] {
        let moved = byte_range(new_start, new_end, new_end + second.len());
        let bytes = [first, value, &injected, table.as_bytes(), second].concat();
        // Both with the range corrected, which breaks the digest, and as it was.
        assert!(!passes(&bytes, &anna));
        assert!(!passes(&replace(&bytes, &range, &moved), &anna));
        let pointed = replace(&bytes, &format!("startxref\n{}", pdf.xref), &format!("startxref\n{at}"));
        assert!(!passes(&pointed, &anna));
        assert!(!passes(&replace(&pointed, &range, &moved), &anna));
    }
    // The value is put where there is more room: a second string in the gap.
    let wide = [&value[..value.len() - 1], b">", b"<41>"].concat();
    let moved = byte_range(start, start + wide.len(), start + wide.len() + second.len());
    let bytes = replace(&[first, &wide, second].concat(), &range, &moved);
    assert!(!passes(&bytes, &anna));
}

#[test]
fn a_field_of_another_revision_that_refers_to_an_old_signature() {
    // The form of the new revision is the attacker's, its field refers to the true signature dictionary.
    let anna = Signer::person("anna");
    let mut pdf = signed_once(&anna);
    let value = pdf.next() - 1;
    let field = pdf.next();
    pdf.fields = vec![field];
    let place = format!("<< /Type /Annot /Subtype /Widget /FT /Sig /T (S) /V {value} 0 R /P 3 0 R /Rect [0 0 0 0] >>");
    let catalog = pdf.catalog();
    pdf.append(&[(CATALOG, catalog), (field, place.into_bytes()), (CONTENT, forged_content())]);
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn a_new_document_with_the_signed_one_inside() {
    // No Prev: the history begins anew after the signed revision.
    let anna = Signer::person("anna");
    let signed = signed_once(&anna);
    let mut pdf = signed.clone();
    pdf.xref = 0;
    let objects: Vec<(u32, Vec<u8>)> = (1..=5)
        .map(
            |number| {
                if number == CONTENT { (CONTENT, forged_content()) } else { (number, signed.body(number).to_vec()) }
            },
        )
        .collect();
    pdf.append(&objects);
    assert!(!passes(&pdf.bytes, &anna));
    // The same, and the table leads back to the true field and signature.
    let mut offsets = BTreeMap::new();
    for number in 6..=7 {
        let header = format!("{number} 0 obj");
        let at = signed.bytes.windows(header.len()).rposition(|window| window == header.as_bytes()).unwrap();
        offsets.insert(number, at);
    }
    for number in 1..=5 {
        let header = format!("{number} 0 obj");
        let at = pdf.bytes.windows(header.len()).rposition(|window| window == header.as_bytes()).unwrap();
        offsets.insert(number, at);
    }
    pdf.xref = 0;
    pdf.append_table(&offsets);
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn shadow_hide() {
    // What hid the true content, an annotation on top, is taken away later.
    let anna = Signer::person("anna");
    let overlay = b"<< /Type /Annot /Subtype /Square /Rect [0 0 595 842] /F 4 >>".to_vec();
    let mut pdf = Pdf::with_objects("Dismissal", &[(6, overlay)], false);
    pdf.annotations.push(6);
    let page = pdf.page();
    pdf.append(&[(PAGE, page)]);
    let mut pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    let mut without = pdf.clone();
    without.annotations.retain(|number| *number != 6);
    let page = without.page();
    without.append(&[(PAGE, page)]);
    assert!(!passes(&without.bytes, &anna), "by the list of annotations");
    // By freeing the object, which only the table says.
    let at = pdf.bytes.len();
    let table = format!("xref\n6 1\n0000000000 00001 f \ntrailer\n<< /Size 9 /Root 1 0 R /Prev {} >>\n", pdf.xref);
    pdf.bytes.extend_from_slice(format!("{table}startxref\n{at}\n%%EOF\n").as_bytes());
    assert!(!passes(&pdf.bytes, &anna), "by freeing the object");
}

#[test]
fn shadow_replace() {
    // A text that «belongs to the form» and a font that looks otherwise.
    let anna = Signer::person("anna");
    let text =
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Sum) /V (100) /DA (/F1 12 Tf) /Rect [0 0 99 20] /P 3 0 R >>";
    let mut pdf = Pdf::with_objects("x", &[(6, text.to_vec())], false);
    pdf.fields.push(6);
    pdf.annotations.push(6);
    let (catalog, page) = (pdf.catalog(), pdf.page());
    pdf.append(&[(CATALOG, catalog), (PAGE, page)]);
    let pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    let mut filled = pdf.clone();
    filled.append(&[(6, String::from_utf8_lossy(text).replace("100", "999").into_bytes())]);
    assert!(!passes(&filled.bytes, &anna), "form value");
    let mut font = pdf;
    font.append(&[(5, b"<< /Type /Font /Subtype /Type1 /BaseFont /Wingdings >>".to_vec())]);
    assert!(!passes(&font.bytes, &anna), "font");
}

#[test]
fn shadow_hide_and_replace() {
    // Both contents are in the signed revision; later only the table changes and points to the other one.
    let anna = Signer::person("anna");
    let hidden = [b"4 0 obj\n".to_vec(), forged_content(), b"\nendobj\n".to_vec()].concat();
    let mut pdf = Pdf::one_page("x");
    let at = pdf.bytes.len();
    pdf.bytes.extend_from_slice(&hidden);
    let mut pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    pdf.append_table(&BTreeMap::from([(CONTENT, at)]));
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn an_object_that_appears_where_a_reference_led_nowhere() {
    let anna = Signer::person("anna");
    let mut pdf = Pdf::one_page("x");
    let number = pdf.add_empty_field("S");
    let page = String::from_utf8(pdf.page()).unwrap().replace("/Contents 4 0 R", "/Contents [4 0 R 40 0 R]");
    pdf.append(&[(PAGE, page.into_bytes())]);
    let mut pdf = pdf.prepare_existing(number, &Field::new("S")).fill(&|bytes| anna.cms(bytes));
    assert!(passes(&pdf.bytes, &anna));
    pdf.append(&[(40, forged_content())]);
    assert!(!passes(&pdf.bytes, &anna));
}

/// An appearance over the whole page, shown by a field that nobody answers for.
const COVER: &str = " /AP << /N 50 0 R >>";

/// The body of that appearance.
fn cover() -> (u32, Vec<u8>) {
    (50, stream(" /Type /XObject /Subtype /Form /BBox [0 0 595 842]", b"0 0 595 842 re f"))
}

#[test]
fn an_empty_signature_field_over_the_page() {
    let anna = Signer::person("anna");
    let mut pdf = signed_once(&anna);
    let number = pdf.next();
    pdf.fields.push(number);
    pdf.annotations.push(number);
    let place = format!("<< /Type /Annot /Subtype /Widget /FT /Sig /T (X) /P 3 0 R /Rect [0 0 595 842] /F 4{COVER} >>");
    let objects = [(CATALOG, pdf.catalog()), (PAGE, pdf.page()), (number, place.into_bytes()), cover()];
    pdf.append(&objects);
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn a_document_timestamp_over_the_page() {
    let (anna, tsa) = (Signer::person("anna"), Signer::person("tsa"));
    for kind in ["DocTimeStamp", "Sig"] {
        let field = Field { field_entries: COVER.into(), kind: kind.into(), ..Field::timestamp("X") };
        let mut unsigned = signed_once(&anna).prepare(&field, &[cover()]);
        assert!(passes(&unsigned.clone().fill(&|bytes| tsa.timestamp(bytes)).bytes, &anna), "a place of no area");
        let (small, large) = ("/Rect [0 0 0 0]", "/Rect [0 0 9 9]");
        unsigned.pdf.bytes = replace(&unsigned.pdf.bytes, small, large);
        assert!(!passes(&unsigned.fill(&|bytes| tsa.timestamp(bytes)).bytes, &anna), "{kind}");
    }
    // The same by a field that was there, with an area.
    let mut pdf = Pdf::one_page("x");
    let number = pdf.add_empty_field("Stamp");
    pdf.bytes = replace(&pdf.bytes, "/Rect [0 0 0 0]", "/Rect [0 0 9 9]");
    let pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    let stamp = |entries: &str| {
        let field = Field { field_entries: entries.into(), ..Field::timestamp("Stamp") };
        let mut stamped = pdf.prepare_existing(number, &field);
        let (signed, added) = stamped.pdf.bytes.split_at(pdf.bytes.len());
        stamped.pdf.bytes = [signed, &replace(added, "/Rect [0 0 0 0]", "/Rect [0 0 9 9]")].concat();
        stamped.fill(&|bytes| tsa.timestamp(bytes))
    };
    assert!(passes(&stamp("").bytes, &anna));
    assert!(!passes(&stamp(COVER).bytes, &anna));
}

#[test]
fn a_hybrid_file_whose_table_and_stream_disagree() {
    // Readers that believe the stream see the other content.
    let anna = Signer::person("anna");
    let mut pdf = signed_once(&anna);
    let (content, at) = (pdf.body(CONTENT).to_vec(), pdf.bytes.len());
    pdf.bytes.extend([b"4 0 obj\n".to_vec(), forged_content(), b"\nendobj\n".to_vec()].concat());
    let stream_at = pdf.bytes.len();
    let entry = [&[1][..], &(at as u32).to_be_bytes(), &[0, 0]].concat();
    let entries = " /Type /XRef /W [1 4 2] /Index [4 1] /Size 60 /Root 1 0 R";
    pdf.bytes.extend([b"59 0 obj\n".to_vec(), stream(entries, &entry), b"\nendobj\n".to_vec()].concat());
    let start = pdf.bytes.len();
    pdf.append(&[(CONTENT, content)]);
    let with = format!("trailer\n<< /XRefStm {stream_at} ");
    let bytes = replace(&pdf.bytes, "trailer\n<< ", &with);
    assert!(bytes.len() > start && !passes(&bytes, &anna));
}

#[test]
fn a_signed_revision_that_refers_to_bytes_after_it() {
    let anna = Signer::person("anna");
    let mut pdf = Pdf::one_page("x");
    pdf.append_table(&BTreeMap::from([(CONTENT, 60_000)]));
    let mut pdf = pdf.sign(&Field::new("S"), &|bytes| anna.cms(bytes));
    pdf.bytes.resize(60_000, b' ');
    pdf.append(&[(CONTENT, forged_content())]);
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn a_key_that_stands_twice() {
    let anna = Signer::person("anna");
    let mut pdf = signed_once(&anna);
    let catalog = String::from_utf8(pdf.catalog()).unwrap();
    let twice = catalog.replace("/Pages 2 0 R", "/Pages 9 0 R /Pages 2 0 R");
    pdf.append(&[(CATALOG, twice.into_bytes())]);
    assert!(!passes(&pdf.bytes, &anna));
}

#[test]
fn content_given_beside_a_pdf_is_not_passed_over() {
    // Whoever names the content asks whether that is what was signed.
    let signed = signed_once(&Signer::person("anna"));
    let digest = [hash(HashAlgorithm::Sha256, b"another file")];
    for detached in [Detached::Bytes(b"another file"), Detached::Bytes(&signed.bytes), Detached::Digests(&digest)] {
        let options = Options { detached, ..Options::default() };
        let read = document::read(Document::Bytes(&signed.bytes), &options);
        assert!(matches!(&read, Err(FormatError::Malformed(why)) if why.contains("beside")), "{detached:?}");
    }
    assert!(document::read(Document::Bytes(&signed.bytes), &Options::default()).is_ok());
}
