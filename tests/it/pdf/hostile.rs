//! Files that are broken, or that mean to do harm.

use std::ops::Range;
use std::sync::LazyLock;

use proptest::prelude::*;
use rastau::pdf;
use rastau::signed::FormatError;
use rastau_mint::pdf::{Field, Pdf, stream};

use super::{passes, signed_once};
use crate::signer::Signer;

fn refused(why: &str, bytes: &[u8]) {
    match pdf::read(bytes) {
        Err(FormatError::Malformed(_) | FormatError::TooMuch { .. }) => {}
        Err(error) => panic!("{why}: {error}"),
        Ok(_) => panic!("{why}: read"),
    }
}

/// A file with just a table, which says what it is told.
fn with_table(objects: &str, table: &str, trailer: &str) -> Vec<u8> {
    let head = format!("%PDF-1.7\n{objects}");
    let at = head.len();
    format!("{head}{table}{trailer}startxref\n{at}\n%%EOF\n").into_bytes()
}

#[test]
fn files_that_are_none_are_refused() {
    let whole = signed_once(&Signer::person("anna")).bytes;
    for length in (0..whole.len()).step_by(7) {
        assert!(!passes(&whole[..length], &Signer::person("anna")), "{length}");
    }
    refused("nothing", b"");
    refused("only the header", b"%PDF-1.7\n");
    refused("something before the header", &[b"x", whole.as_slice()].concat());
    refused("something after the end", &[whole.as_slice(), b"x"].concat());
    refused("no trailer", &with_table("", "xref\n0 1\n0000000000 65535 f \n", ""));
    refused("trailer that is no dictionary", &with_table("", "xref\ntrailer\n", "[]\n"));
    refused("no root", &with_table("", "xref\ntrailer\n", "<< /Size 1 >>\n"));
    refused("root that is nowhere", &with_table("", "xref\ntrailer\n", "<< /Root 1 0 R >>\n"));
}

#[test]
fn tables_that_are_wrong_are_refused() {
    let root = "<< /Root 1 0 R >>\n";
    for (why, table) in [
        ("entry too short", "xref\n0 1\n000000000 65535 f \ntrailer\n"),
        ("entry of another kind", "xref\n0 1\n0000000000 65535 x \ntrailer\n"),
        ("line end of one octet", "xref\n0 1\n0000000000 65535 f\ntrailer\n"),
        ("fewer entries than said", "xref\n0 9\n0000000000 65535 f \ntrailer\n"),
        ("two billion entries", "xref\n0 2000000000\n0000000000 65535 f \ntrailer\n"),
        ("a number twice", "xref\n0 1\n0000000000 65535 f \n0 1\n0000000000 65535 f \ntrailer\n"),
        ("an object after the end", "xref\n1 1\n0000099999 00000 n \ntrailer\n"),
        ("an object that is none", "xref\n1 1\n0000000000 00000 n \ntrailer\n"),
    ] {
        refused(why, &with_table("", table, root));
    }
    refused("Prev in a circle", &with_table("", "xref\ntrailer\n", "<< /Root 1 0 R /Prev 9 >>\n"));
    refused("Prev beyond the end", &with_table("", "xref\ntrailer\n", "<< /Root 1 0 R /Prev 99999 >>\n"));
    refused("Prev below zero", &with_table("", "xref\ntrailer\n", "<< /Root 1 0 R /Prev -1 >>\n"));
    refused("Prev that is a name", &with_table("", "xref\ntrailer\n", "<< /Root 1 0 R /Prev /X >>\n"));
}

#[test]
fn an_object_under_another_number_is_refused() {
    let object = "2 0 obj\n<< /Type /Catalog >>\nendobj\n";
    refused("number", &with_table(object, "xref\n1 1\n0000000009 00000 n \ntrailer\n", "<< /Root 1 0 R >>\n"));
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("<</A ", ">>"), ("(", ")")] {
        let object = format!("1 0 obj\n{}{}\nendobj\n", open.repeat(10_000), close.repeat(10_000));
        refused(open, &with_table(&object, "xref\n1 1\n0000000009 00000 n \ntrailer\n", "<< /Root 1 0 R >>\n"));
    }
}

#[test]
fn an_object_of_more_values_than_anybody_lists_is_refused() {
    let object = format!("1 0 obj\n<< /Type /Catalog /A [{}] >>\nendobj\n", "0 ".repeat(300_000));
    refused("values", &with_table(&object, "xref\n1 1\n0000000009 00000 n \ntrailer\n", "<< /Root 1 0 R >>\n"));
}

#[test]
fn a_stream_of_references_that_every_section_names_is_read_within_one_budget() {
    // Records of a kind that is to be ignored.
    let records = "\u{3}".repeat(200_000);
    let stream = format!(
        "9 0 obj\n<< /Type /XRef /W [1 0 0] /Length {} >>\nstream\n{records}\nendstream\nendobj\n",
        records.len()
    );
    let section = |prev: &str| format!("xref\n0 0\ntrailer\n<< /Root 1 0 R /XRefStm 9{prev} >>\n");
    let first = 9 + stream.len();
    let second = first + section("").len();
    let third = second + section(&format!(" /Prev {first}")).len();
    let sections = [section(""), section(&format!(" /Prev {first}")), section(&format!(" /Prev {second}"))].concat();
    let bytes = format!("%PDF-1.7\n{stream}{sections}startxref\n{third}\n%%EOF\n").into_bytes();
    assert!(matches!(pdf::read(&bytes), Err(FormatError::TooMuch { what: "PDF objects", .. })));
}

#[test]
fn a_hybrid_section_that_has_an_object_in_two_places_is_refused() {
    let stream =
        "9 0 obj\n<< /Type /XRef /W [1 1 1] /Index [1 1] /Length 3 >>\nstream\n\u{1}\u{9}\u{0}\nendstream\nendobj\n";
    let bytes = with_table(stream, "xref\n1 1\n0000000010 00000 n \ntrailer\n", "<< /Root 1 0 R /XRefStm 9 >>\n");
    let refusal = pdf::read(&bytes).unwrap_err().to_string();
    assert!(refusal.contains("two places"), "{refusal}");
}

#[test]
fn filters_that_stand_elsewhere_are_not_taken_for_none() {
    let index = "1 0 ";
    let inside = "<< /Type /Catalog >>";
    let (first, length) = (index.len(), index.len() + inside.len());
    let container = |more: &str| {
        format!(
            "2 0 obj\n<< /Type /ObjStm /N 1 /First {first} /Length {length}{more} >>\nstream\n{index}{inside}\nendstream\nendobj\n"
        )
    };
    let read = |more: &str| {
        let objects = container(more);
        let at = 9 + objects.len();
        let entries = "\u{2}\u{2}\u{0}\u{1}\u{9}\u{0}";
        let table = format!(
            "3 0 obj\n<< /Type /XRef /W [1 1 1] /Index [1 2] /Root 1 0 R /Length 6 >>\nstream\n{entries}\nendstream\nendobj\n"
        );
        let bytes = format!("%PDF-1.7\n{objects}{table}startxref\n{at}\n%%EOF\n").into_bytes();
        pdf::read(&bytes).map(|_| ()).unwrap_err()
    };
    assert!(matches!(read(""), FormatError::NoSignature));
    for filter in [" /Filter 7 0 R", " /Filter [7 0 R]", " /Filter /RunLengthDecode", " /Filter /Fl", " /Filter (x)"] {
        assert!(matches!(read(filter), FormatError::Unsupported(_)), "{filter}");
    }
    assert!(matches!(read(" /DecodeParms << /Predictor 7 0 R >>"), FormatError::Unsupported(_)));
}

#[test]
fn a_long_row_of_revisions_is_refused() {
    let mut pdf = Pdf::one_page("x");
    for _ in 0..600 {
        pdf.append(&[]);
    }
    assert!(matches!(pdf::read(&pdf.bytes), Err(FormatError::TooMuch { what: "revisions", .. })));
}

#[test]
fn a_tree_of_fields_that_goes_round_is_refused() {
    let mut pdf = Pdf::one_page("x");
    pdf.fields = vec![6];
    let catalog = pdf.catalog();
    pdf.append(&[(1, catalog), (6, b"<< /T (a) /Kids [6 0 R] >>".to_vec())]);
    refused("circle", &pdf.bytes);
}

#[test]
fn many_objects_at_one_place_cost_once() {
    // A reader that loads every entry of the table would hold this content two thousand times.
    let content = stream("", &vec![b'x'; 1 << 20]);
    let mut pdf = Pdf::with_objects("x", &[(6, content)], false);
    let at = pdf.bytes.windows(7).position(|window| window == b"6 0 obj").unwrap();
    pdf.append_table(&(100..2100).map(|number| (number, at)).collect());
    assert!(matches!(pdf::read(&pdf.bytes), Err(FormatError::NoSignature)));
}

#[test]
fn a_packed_table_of_zeros_is_bounded() {
    // 64 MiB of zeros in 64 KiB.
    let packed = zeros(64 << 20);
    let head = b"%PDF-1.7\n".to_vec();
    let entries = " /Type /XRef /W [1 4 2] /Size 9000000 /Root 1 0 R /Filter /FlateDecode";
    let object =
        [b"1 0 obj\n".to_vec(), stream(entries, &packed), b"\nendobj\nstartxref\n9\n%%EOF\n".to_vec()].concat();
    assert!(matches!(pdf::read(&[head, object].concat()), Err(FormatError::TooMuch { .. })));
}

/// Zeros packed by a DEFLATE writer of our own: stored header, then one dynamic-free block of repeats.
fn zeros(count: usize) -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("z", options).unwrap();
    zip.write_all(&vec![0; count]).unwrap();
    let archive = zip.finish().unwrap().into_inner();
    // Local header of thirty octets and a name of one; zlib around what follows, its checksum left out.
    let mut reader = zip::ZipArchive::new(std::io::Cursor::new(archive.clone())).unwrap();
    let file = reader.by_index_raw(0).unwrap();
    let (start, size) = (file.data_start().unwrap() as usize, file.compressed_size() as usize);
    [&[0x78, 0x9c][..], &archive[start..start + size]].concat()
}

/// A signer, a file, and where the signature value stands in it.
static SIGNED: LazyLock<(Signer, Range<usize>, Vec<u8>)> = LazyLock::new(|| {
    let anna = Signer::person("anna");
    let unsigned = Pdf::one_page("x").prepare(&Field { room: 1024, ..Field::new("S") }, &[]);
    let gap = unsigned.gap.clone();
    let bytes = unsigned.fill(&|bytes| anna.cms(bytes)).bytes;
    (anna, gap, bytes)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = pdf::read(&bytes);
        let _ = pdf::read(&[b"%PDF-1.7\n".as_slice(), &bytes, b"startxref\n9\n%%EOF\n"].concat());
    }

    #[test]
    fn mutated_files_never_pass(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        kind in 0..3,
    ) {
        let (anna, gap, whole) = &*SIGNED;
        let mut bytes = whole.clone();
        match kind {
            0 => for (at, value) in &changes {
                // Letters of the value may be written large or small; everything else counts.
                let at = at.index(bytes.len());
                if !gap.contains(&at) { bytes[at] = *value }
            },
            1 => { let at = cut.index(bytes.len()); bytes.splice(at..at, changes.iter().map(|(_, value)| *value)); }
            _ => { bytes.remove(cut.index(bytes.len())); }
        }
        // White space after the end is nothing.
        prop_assert!(bytes.starts_with(whole) || !passes(&bytes, anna));
    }
}
