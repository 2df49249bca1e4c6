//! Distinguished names: attributes by OID, never from a printed form.

use std::fmt;
use std::hash::{Hash, Hasher};

use x509_parser::x509::X509Name;

use super::certificate::CertificateError;
use super::{oid, strict};
use crate::der::{DerError, Oid, TlvReader};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// Most attributes in one name; real ones have under a dozen.
const MAX_ATTRIBUTES: usize = 64;

/// How an attribute's value is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringKind {
    /// BMPString (UCS-2).
    Bmp,
    /// IA5String.
    Ia5,
    /// `NumericString`.
    Numeric,
    /// Any type that is not a string we read, or bytes that are none of its; the text is then hex. The tag octet.
    Other(u8),
    /// PrintableString.
    Printable,
    /// T61String, read as Latin-1.
    Teletex,
    /// `UniversalString` (UCS-4).
    Universal,
    /// UTF8String.
    Utf8,
    /// `VisibleString`.
    Visible,
}

/// One attribute of a name.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its type.
    pub oid: Oid,
    /// How its value was encoded.
    pub kind: StringKind,
    /// Its value as text.
    pub value: Box<str>,
}

impl Attribute {
    /// `AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY }`, its contents.
    fn read(contents: &[u8]) -> Result<Self, CertificateError> {
        let mut fields = TlvReader::new(contents);
        let mut parts = || {
            let both = (fields.expect(0x06)?, fields.read()?);
            fields.clone().finish()?;
            Ok::<_, DerError>(both)
        };
        let (kind, value) = parts().map_err(|_| CertificateError::Name("an attribute is malformed"))?;
        let oid =
            Oid::from_bytes(kind.value).map_err(|_| CertificateError::Name("attribute type is not a readable OID"))?;
        let (kind, text) = read_string(value.tag, value.value);
        Ok(Self { oid, kind, value: text.into_boxed_str() })
    }
}

/// A relative distinguished name: a SET of attributes, usually of one.
pub type Rdn = Box<[Attribute]>;

/// A distinguished name.
#[derive(Clone)]
pub struct Name {
    raw: Box<[u8]>,
    canonical: Box<[Box<[u8]>]>,
    rdns: Box<[Rdn]>,
}

impl fmt::Debug for Attribute {
    /// Without the value: names of people end up in logs through `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attribute({}, {:?})", self.oid, self.kind)
    }
}

impl fmt::Debug for Name {
    /// The types of the attributes, not their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Name").field(&self.rdns).finish()
    }
}

impl PartialEq for Name {
    /// RFC 5280 7.1: equal when the canonical forms are; see [`Name::canonical`].
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw || self.canonical == other.canonical
    }
}

impl Eq for Name {}

impl Hash for Name {
    /// Over the canonical form, which is what equality comes down to: equal bytes have equal canonical forms.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl Name {
    /// Reads a DER `Name`.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Name`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut list = strict::sequence(der).map_err(|_| CertificateError::Name("not a Name"))?;
        let malformed = |_| CertificateError::Name("a relative name is malformed");
        let (mut rdns, mut canonical) = (Vec::new(), Vec::new());
        let mut count = 0;
        while !list.is_empty() {
            let mut set = TlvReader::new(list.expect(SET).map_err(malformed)?.value);
            let (mut attributes, mut forms) = (Vec::new(), Vec::new());
            while !set.is_empty() {
                count += 1;
                if count > MAX_ATTRIBUTES {
                    return Err(CertificateError::Name("more than 64 attributes"));
                }
                let attribute = Attribute::read(set.expect(SEQUENCE).map_err(malformed)?.value)?;
                forms.push(canonical_attribute(&attribute));
                attributes.push(attribute);
            }
            if attributes.is_empty() {
                return Err(CertificateError::Name("an empty relative name"));
            }
            forms.sort_unstable();
            canonical.push(forms.concat().into_boxed_slice());
            rdns.push(attributes.into_boxed_slice());
        }
        Ok(Self { raw: der.into(), canonical: canonical.into(), rdns: rdns.into() })
    }

    /// Reads again, strictly, what x509-parser took for a name: it leaves out what it cannot read.
    pub(super) fn from_parsed(name: &X509Name<'_>) -> Result<Self, CertificateError> {
        Self::from_der(name.as_raw())
    }

    /// The name with one more relative distinguished name at its end, given by the contents octets of its SET: what a
    /// nameRelativeToCRLIssuer stands for (RFC 5280 4.2.1.13).
    ///
    /// # Errors
    ///
    /// [`CertificateError::Name`] when it makes no name.
    pub fn with_relative(&self, rdn: &[u8]) -> Result<Self, CertificateError> {
        let own = TlvReader::new(&self.raw).expect(SEQUENCE).map_err(|_| CertificateError::Name("not a Name"))?;
        let wrap = |tag: u8, parts: &[&[u8]]| {
            let length: usize = parts.iter().map(|part| part.len()).sum();
            let octets = length.to_be_bytes();
            let digits: &[u8] = octets.get(length.leading_zeros() as usize / 8..).unwrap_or_default();
            let mut out = vec![tag];
            match u8::try_from(length) {
                Ok(short) if short < 0x80 => out.push(short),
                // No more digits than a usize has octets.
                _ => {
                    out.push(0x80 | digits.len() as u8);
                    out.extend_from_slice(digits);
                }
            }
            parts.iter().for_each(|part| out.extend_from_slice(part));
            out
        };
        Self::from_der(&wrap(SEQUENCE, &[own.value, &wrap(SET, &[rdn])]))
    }

    /// The DER bytes.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.raw
    }

    /// The form compared by RFC 5280 7.1: one entry a relative name, the attributes sorted, the
    /// letters lower-cased, white space folded, the string type forgotten.
    #[must_use]
    pub fn canonical(&self) -> &[Box<[u8]>] {
        &self.canonical
    }

    /// Whether `self` lies in the subtree `base` (RFC 5280 4.2.1.10, directoryName).
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        self.canonical.starts_with(&base.canonical)
    }

    /// Relative names in encoded order.
    #[must_use]
    pub fn rdns(&self) -> &[Rdn] {
        &self.rdns
    }

    /// All attributes in encoded order.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.rdns.iter().flat_map(|rdn| rdn.iter())
    }

    /// The first value of an attribute type, for display.
    #[must_use]
    pub fn first(&self, oid: &Oid) -> Option<&str> {
        self.attributes().find(|attribute| attribute.oid == *oid).map(|attribute| &*attribute.value)
    }

    /// Whether `text` is this name in the form of RFC 4514, the relative names in any order. A text that can be read in
    /// two ways is no name's.
    #[must_use]
    pub fn is_written_as(&self, text: &str) -> bool {
        super::name_text::is_written_as(self, text)
    }

    /// Whether there is no attribute at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }
}

impl fmt::Display for Name {
    /// RFC 4514 escapes, in encoded order (most significant first), for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rdn) in self.rdns.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            for (position, attribute) in rdn.iter().enumerate() {
                if position > 0 {
                    f.write_str(" + ")?;
                }
                match short_name(&attribute.oid) {
                    Some(name) => f.write_str(name)?,
                    None => write!(f, "{}", attribute.oid)?,
                }
                f.write_str("=")?;
                write_escaped(f, &attribute.value)?;
            }
        }
        Ok(())
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    use fmt::Write as _;
    for character in value.chars() {
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => write!(f, "\\{character}")?,
            control if control.is_control() => write!(f, "\\{:02X}", u32::from(control))?,
            other => f.write_char(other)?,
        }
    }
    Ok(())
}

fn short_name(attribute: &Oid) -> Option<&'static str> {
    const TABLE: &[(Oid, &str)] = &[
        (oid::COMMON_NAME, "CN"),
        (oid::SURNAME, "SN"),
        (oid::SERIAL_NUMBER, "SERIALNUMBER"),
        (oid::COUNTRY, "C"),
        (oid::LOCALITY, "L"),
        (oid::STATE, "ST"),
        (oid::ORGANISATION, "O"),
        (oid::ORGANISATIONAL_UNIT, "OU"),
        (oid::BUSINESS_CATEGORY, "businessCategory"),
        (oid::GIVEN_NAME, "GN"),
        (oid::DOMAIN_COMPONENT, "DC"),
        (oid::UID, "UID"),
        (oid::EMAIL, "emailAddress"),
    ];
    TABLE.iter().find(|(known, _)| known == attribute).map(|(_, name)| *name)
}

pub(super) fn read_string(tag: u8, bytes: &[u8]) -> (StringKind, String) {
    let utf8 = |kind| match std::str::from_utf8(bytes) {
        Ok(text) => (kind, text.to_owned()),
        Err(_) => (StringKind::Other(tag), hex(bytes)),
    };
    match tag {
        0x0c => utf8(StringKind::Utf8),
        0x13 if bytes.is_ascii() => utf8(StringKind::Printable),
        0x16 if bytes.is_ascii() => utf8(StringKind::Ia5),
        0x12 if bytes.is_ascii() => utf8(StringKind::Numeric),
        0x1a if bytes.is_ascii() => utf8(StringKind::Visible),
        0x14 => (StringKind::Teletex, bytes.iter().map(|&byte| char::from(byte)).collect()),
        0x1e if bytes.len().is_multiple_of(2) => {
            let units = bytes.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            match char::decode_utf16(units).collect::<Result<String, _>>() {
                Ok(text) => (StringKind::Bmp, text),
                Err(_) => (StringKind::Other(tag), hex(bytes)),
            }
        }
        0x1c if bytes.len().is_multiple_of(4) => {
            let units = bytes.chunks_exact(4).map(|unit| match unit {
                [first, second, third, fourth] => u32::from_be_bytes([*first, *second, *third, *fourth]),
                _ => 0,
            });
            match units.map(char::from_u32).collect::<Option<String>>() {
                Some(text) => (StringKind::Universal, text),
                None => (StringKind::Other(tag), hex(bytes)),
            }
        }
        tag => (StringKind::Other(tag), hex(bytes)),
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::from("#"), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Type, a marker that keeps unread types apart from text, the folded value with its length.
pub(super) fn canonical_attribute(attribute: &Attribute) -> Vec<u8> {
    let folded = match attribute.kind {
        StringKind::Other(_) => attribute.value.to_string(),
        _ => {
            let mut folded = String::with_capacity(attribute.value.len());
            for word in attribute.value.split_whitespace() {
                if !folded.is_empty() {
                    folded.push(' ');
                }
                folded.extend(word.chars().flat_map(char::to_lowercase));
            }
            folded
        }
    };
    let mut out = Vec::with_capacity(folded.len() + 24);
    let oid = attribute.oid.as_bytes();
    out.extend_from_slice(&oid.len().to_be_bytes());
    out.extend_from_slice(oid);
    match attribute.kind {
        StringKind::Other(tag) => out.extend_from_slice(&[1, tag]),
        _ => out.push(0),
    }
    out.extend_from_slice(&folded.len().to_be_bytes());
    out.extend_from_slice(folded.as_bytes());
    out
}
