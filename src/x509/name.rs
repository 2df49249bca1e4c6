//! Distinguished names: attributes by OID, never from a printed form.

use std::fmt;
use std::hash::{Hash, Hasher};

use x509_parser::x509::X509Name;

use super::certificate::CertificateError;
use super::oid;
use crate::der::Oid;

/// Most attributes in one name; real ones have under a dozen.
const MAX_ATTRIBUTES: usize = 64;

/// How an attribute's value is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringKind {
    /// BMPString (UCS-2).
    Bmp,
    /// IA5String.
    Ia5,
    /// Any type that is not a string we read; the text is then hex.
    Other(u8),
    /// PrintableString.
    Printable,
    /// T61String, read as Latin-1.
    Teletex,
    /// UTF8String.
    Utf8,
}

/// One attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its type.
    pub oid: Oid,
    /// How its value was encoded.
    pub kind: StringKind,
    /// Its value as text.
    pub value: Box<str>,
}

/// A relative distinguished name: a SET of attributes, usually of one.
pub type Rdn = Box<[Attribute]>;

/// A distinguished name.
#[derive(Clone, Debug)]
pub struct Name {
    raw: Box<[u8]>,
    canonical: Box<[Box<[u8]>]>,
    rdns: Box<[Rdn]>,
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
        use x509_parser::prelude::FromDer as _;
        match X509Name::from_der(der) {
            Ok(([], name)) => Self::from_parsed(&name),
            _ => Err(CertificateError::Name("not a Name")),
        }
    }

    pub(super) fn from_parsed(name: &X509Name<'_>) -> Result<Self, CertificateError> {
        let mut rdns = Vec::new();
        let mut count = 0;
        for rdn in name.iter_rdn() {
            let mut attributes = Vec::new();
            for attribute in rdn.iter() {
                count += 1;
                if count > MAX_ATTRIBUTES {
                    return Err(CertificateError::Name("more than 64 attributes"));
                }
                let value = attribute.attr_value();
                let (kind, text) = read_string(value.tag().0, value.data);
                attributes.push(Attribute {
                    oid: Oid::from_bytes(attribute.attr_type().as_bytes())
                        .map_err(|_| CertificateError::Name("attribute type is not a readable OID"))?,
                    kind,
                    value: text.into_boxed_str(),
                });
            }
            if attributes.is_empty() {
                return Err(CertificateError::Name("an empty relative name"));
            }
            rdns.push(attributes.into_boxed_slice());
        }
        Ok(Self {
            raw: name.as_raw().into(),
            canonical: rdns.iter().map(|rdn| canonical_rdn(rdn)).collect(),
            rdns: rdns.into_boxed_slice(),
        })
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

fn read_string(tag: u32, bytes: &[u8]) -> (StringKind, String) {
    let utf8 = |kind| match std::str::from_utf8(bytes) {
        Ok(text) => (kind, text.to_owned()),
        Err(_) => (StringKind::Other(0), hex(bytes)),
    };
    match tag {
        12 => utf8(StringKind::Utf8),
        19 if bytes.is_ascii() => utf8(StringKind::Printable),
        22 if bytes.is_ascii() => utf8(StringKind::Ia5),
        20 => (StringKind::Teletex, bytes.iter().map(|&byte| char::from(byte)).collect()),
        30 if bytes.len().is_multiple_of(2) => {
            let units = bytes.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            match char::decode_utf16(units).collect::<Result<String, _>>() {
                Ok(text) => (StringKind::Bmp, text),
                Err(_) => (StringKind::Other(30), hex(bytes)),
            }
        }
        tag => (StringKind::Other(u8::try_from(tag).unwrap_or(0)), hex(bytes)),
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

fn canonical_rdn(rdn: &[Attribute]) -> Box<[u8]> {
    let mut attributes: Vec<Vec<u8>> = rdn.iter().map(canonical_attribute).collect();
    attributes.sort_unstable();
    attributes.concat().into_boxed_slice()
}

/// Type, a marker that keeps unread types apart from text, the folded value with its length.
fn canonical_attribute(attribute: &Attribute) -> Vec<u8> {
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
    out.push(match attribute.kind {
        StringKind::Other(tag) => tag | 0x80,
        _ => 0,
    });
    out.extend_from_slice(&folded.len().to_be_bytes());
    out.extend_from_slice(folded.as_bytes());
    out
}
