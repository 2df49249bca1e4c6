//! A PDF writer: one page, then revision after revision, each with a correct cross-reference table, or one made wrong on
//! purpose. Knows PDF by ISO 32000-2 only.
//!
//! Objects of the first revision: 1 catalog, 2 page tree, 3 page, 4 its content, 5 its font.

use std::collections::BTreeMap;

/// A PDF file that grows by revisions.
#[derive(Clone, Debug)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// The newest body of every object.
    objects: BTreeMap<u32, Vec<u8>>,
    /// Offset of the newest cross-reference section.
    pub xref: usize,
    /// Object numbers of the fields in the form.
    pub fields: Vec<u32>,
    /// Object numbers of the annotations on the page.
    pub annotations: Vec<u32>,
    /// More entries of the catalog, as they are written.
    pub catalog_entries: String,
    /// Whether cross references are written as streams.
    pub with_streams: bool,
}

/// A signature whose value is still to be filled in.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// The file with an empty value in it.
    pub pdf: Pdf,
    /// Where the value stands, its angle brackets included.
    pub gap: std::ops::Range<usize>,
}

/// What a signature dictionary says.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name of the field.
    pub name: String,
    /// `ETSI.CAdES.detached` and so on.
    pub sub_filter: String,
    /// `Sig` or `DocTimeStamp`.
    pub kind: String,
    /// More entries of the signature dictionary, as they are written.
    pub entries: String,
    /// More entries of the field, as they are written.
    pub field_entries: String,
    /// Octets kept for the value.
    pub room: usize,
}

impl Field {
    /// A `PAdES` signature.
    pub fn new(name: &str) -> Field {
        Field {
            name: name.to_owned(),
            sub_filter: "ETSI.CAdES.detached".to_owned(),
            kind: "Sig".to_owned(),
            entries: "/M (D:20260820100000+05'00')".to_owned(),
            field_entries: String::new(),
            room: 4096,
        }
    }

    /// A document timestamp.
    pub fn timestamp(name: &str) -> Field {
        Field {
            sub_filter: "ETSI.RFC3161".to_owned(),
            kind: "DocTimeStamp".to_owned(),
            entries: String::new(),
            ..Field::new(name)
        }
    }
}

/// The catalog.
pub const CATALOG: u32 = 1;
/// The page.
pub const PAGE: u32 = 3;
/// The content of the page.
pub const CONTENT: u32 = 4;

/// A stream object's body.
pub fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<< /Length {}{entries} >>\nstream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

impl Pdf {
    /// One page with a line of text.
    pub fn one_page(text: &str) -> Pdf {
        Pdf::with_objects(text, &[], false)
    }

    /// One page with a line of text, and more objects in its first revision.
    pub fn with_objects(text: &str, more: &[(u32, Vec<u8>)], with_streams: bool) -> Pdf {
        let mut pdf = Pdf {
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            objects: BTreeMap::new(),
            xref: 0,
            fields: Vec::new(),
            annotations: Vec::new(),
            catalog_entries: String::new(),
            with_streams,
        };
        let content = format!("BT /F1 24 Tf 72 720 Td ({text}) Tj ET");
        let mut objects = vec![
            (CATALOG, pdf.catalog()),
            (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec()),
            (PAGE, pdf.page()),
            (CONTENT, stream("", content.as_bytes())),
            (5, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec()),
        ];
        objects.extend_from_slice(more);
        pdf.append(&objects);
        pdf
    }

    /// The catalog as it has to be now.
    pub fn catalog(&self) -> Vec<u8> {
        let form = match self.fields.is_empty() {
            true => String::new(),
            false => format!(" /AcroForm << /Fields [{}] /SigFlags 3 >>", references(&self.fields)),
        };
        format!("<< /Type /Catalog /Pages 2 0 R{form}{} >>", self.catalog_entries).into_bytes()
    }

    /// The page as it has to be now.
    pub fn page(&self) -> Vec<u8> {
        let annotations = match self.annotations.is_empty() {
            true => String::new(),
            false => format!(" /Annots [{}]", references(&self.annotations)),
        };
        let fixed = "/Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>";
        format!("<< /Type /Page {fixed}{annotations} >>").into_bytes()
    }

    /// The next free object number.
    pub fn next(&self) -> u32 {
        self.objects.keys().last().map_or(1, |last| last + 1)
    }

    /// The newest body of an object.
    pub fn body(&self, number: u32) -> &[u8] {
        &self.objects[&number]
    }

    /// Appends a revision with these objects.
    pub fn append(&mut self, objects: &[(u32, Vec<u8>)]) {
        let mut offsets = BTreeMap::new();
        for (number, body) in objects {
            offsets.insert(*number, self.bytes.len());
            self.bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            self.bytes.extend_from_slice(body);
            self.bytes.extend_from_slice(b"\nendobj\n");
            self.objects.insert(*number, body.clone());
        }
        self.append_table(&offsets);
    }

    /// Appends a cross-reference section that says where these objects lie, whether they do or not.
    pub fn append_table(&mut self, offsets: &BTreeMap<u32, usize>) {
        let previous = if self.xref == 0 { String::new() } else { format!(" /Prev {}", self.xref) };
        let at = self.bytes.len();
        let highest = self.objects.keys().chain(offsets.keys()).max().copied().unwrap_or(0);
        if self.with_streams {
            let number = highest + 1;
            let mut entries: Vec<u8> = Vec::new();
            let mut index = String::new();
            for (number, offset) in offsets.iter().map(|(number, offset)| (*number, *offset)).chain([(number, at)]) {
                index += &format!("{number} 1 ");
                entries.push(1);
                entries.extend_from_slice(&(offset as u32).to_be_bytes());
                entries.extend_from_slice(&[0, 0]);
            }
            let size = number + 1;
            let dictionary = format!(" /Type /XRef /W [1 4 2] /Index [{index}] /Size {size} /Root 1 0 R{previous}");
            self.objects.insert(number, Vec::new());
            self.bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            self.bytes.extend(stream(&dictionary, &entries));
            self.bytes.extend_from_slice(b"\nendobj\n");
        } else {
            self.bytes.extend_from_slice(b"xref\n");
            if self.xref == 0 {
                self.bytes.extend_from_slice(b"0 1\n0000000000 65535 f \n");
            }
            for (number, offset) in offsets {
                self.bytes.extend_from_slice(format!("{number} 1\n{offset:010} 00000 n \n").as_bytes());
            }
            let trailer = format!("trailer\n<< /Size {} /Root 1 0 R{previous} >>\n", highest + 1);
            self.bytes.extend_from_slice(trailer.as_bytes());
        }
        self.xref = at;
        self.bytes.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
    }

    /// Appends a revision with a new signature field on the page and room for its value; `more` goes into the same revision.
    pub fn prepare(&self, field: &Field, more: &[(u32, Vec<u8>)]) -> Unsigned {
        let mut pdf = self.clone();
        let used = more.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
        let (number, value) = (pdf.next().max(used), pdf.next().max(used) + 1);
        pdf.fields.push(number);
        pdf.annotations.push(number);
        let mut objects = more.to_vec();
        objects.push((CATALOG, pdf.catalog()));
        objects.push((PAGE, pdf.page()));
        let place = format!(
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T ({}) /V {value} 0 R /P 3 0 R /Rect [0 0 0 0] /F 132{} >>",
            field.name, field.field_entries
        );
        objects.push((number, place.into_bytes()));
        objects.push((value, dictionary(field)));
        pdf.append(&objects);
        pdf.fill_ranges()
    }

    /// Appends a revision that signs a field which is there already.
    pub fn prepare_existing(&self, number: u32, field: &Field) -> Unsigned {
        let mut pdf = self.clone();
        let value = pdf.next();
        let place = format!(
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T ({}) /V {value} 0 R /P 3 0 R /Rect [0 0 0 0] /F 132{} >>",
            field.name, field.field_entries
        );
        pdf.append(&[(number, place.into_bytes()), (value, dictionary(field))]);
        pdf.fill_ranges()
    }

    /// Appends a revision with an empty signature field; its number.
    pub fn add_empty_field(&mut self, name: &str) -> u32 {
        let number = self.next();
        self.fields.push(number);
        self.annotations.push(number);
        let place = format!("<< /Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /P 3 0 R /Rect [0 0 0 0] /F 132 >>");
        self.append(&[(CATALOG, self.catalog()), (PAGE, self.page()), (number, place.into_bytes())]);
        number
    }

    /// Signs with a new field.
    pub fn sign(&self, field: &Field, cms: &dyn Fn(&[u8]) -> Vec<u8>) -> Pdf {
        self.prepare(field, &[]).fill(cms)
    }

    /// Appends a revision with these objects, among them a field and its empty signature dictionary, and signs it.
    pub fn sign_as_written(mut self, objects: &[(u32, Vec<u8>)], cms: &dyn Fn(&[u8]) -> Vec<u8>) -> Pdf {
        self.append(objects);
        self.fill_ranges().fill(cms)
    }

    /// Writes the `ByteRange` of the newest signature.
    fn fill_ranges(mut self) -> Unsigned {
        let find = |needle: &[u8]| self.bytes.windows(needle.len()).rposition(|window| window == needle).unwrap();
        let start = find(b"/Contents <") + b"/Contents ".len();
        let end = start + self.bytes[start..].iter().position(|byte| *byte == b'>').unwrap() + 1;
        let at = find(b"/ByteRange [") + b"/ByteRange ".len();
        let range = byte_range(start, end, self.bytes.len());
        self.bytes[at..at + range.len()].copy_from_slice(range.as_bytes());
        Unsigned { pdf: self, gap: start..end }
    }
}

/// A `ByteRange` with a fixed width.
pub fn byte_range(start: usize, end: usize, length: usize) -> String {
    format!("[0 {start:010} {end:010} {:010}]", length - end)
}

/// A signature dictionary without a value.
pub fn dictionary(field: &Field) -> Vec<u8> {
    format!(
        "<< /Type /{} /Filter /Adobe.PPKLite /SubFilter /{} /ByteRange {} /Contents <{}> {} >>",
        field.kind,
        field.sub_filter,
        byte_range(0, 0, 0),
        "00".repeat(field.room),
        field.entries
    )
    .into_bytes()
}

fn references(numbers: &[u32]) -> String {
    numbers.iter().map(|number| format!("{number} 0 R")).collect::<Vec<_>>().join(" ")
}

impl Unsigned {
    /// The bytes to be signed.
    pub fn covered(&self) -> Vec<u8> {
        [&self.pdf.bytes[..self.gap.start], &self.pdf.bytes[self.gap.end..]].concat()
    }

    /// Fills the value in.
    ///
    /// # Panics
    /// If there is no room for it.
    pub fn fill(mut self, cms: &dyn Fn(&[u8]) -> Vec<u8>) -> Pdf {
        let value: String = cms(&self.covered()).iter().map(|octet| format!("{octet:02x}")).collect();
        let inside = self.gap.start + 1..self.gap.end - 1;
        assert!(value.len() <= inside.len(), "no room for the signature");
        self.pdf.bytes[inside.start..inside.start + value.len()].copy_from_slice(value.as_bytes());
        self.pdf
    }
}
