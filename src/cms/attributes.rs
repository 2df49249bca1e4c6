//! Attributes of a signer (RFC 5652 5.3).
//!
//! ```text
//! Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF ANY }
//! ```

use super::limits::{MAX_ATTRIBUTES, MAX_VALUES};
use crate::der::{Oid, Tlv, TlvReader};
use crate::signed::FormatError;

/// One attribute, borrowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute<'a> {
    /// The whole element of its type.
    pub kind: Tlv<'a>,
    /// The contents of the SET of its values.
    values: &'a [u8],
}

impl<'a> Attribute<'a> {
    /// Its values, as elements.
    pub fn values(&self) -> Values<'a> {
        Values(TlvReader::new(self.values))
    }

    /// Its value, if it has exactly one.
    pub fn single(&self) -> Option<Tlv<'a>> {
        let mut values = self.values();
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

/// The values of an attribute; they were seen to be readable when it was read.
pub(super) struct Values<'a>(TlvReader<'a>);

impl<'a> Iterator for Values<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        self.0.read().ok()
    }
}

/// The attributes of a signer, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes<'a>(Vec<Attribute<'a>>);

impl<'a> Attributes<'a> {
    /// Reads the contents of a SET of attributes.
    pub fn read(contents: &'a [u8]) -> Result<Self, FormatError> {
        let mut reader = TlvReader::new(contents);
        let mut found = Vec::new();
        let mut count = 0;
        while !reader.is_empty() {
            if found.len() == MAX_ATTRIBUTES {
                return Err(FormatError::TooMuch { what: "attributes of a signer", limit: MAX_ATTRIBUTES as u64 });
            }
            let mut fields = TlvReader::new(reader.expect(0x30)?.value);
            let kind = fields.expect(0x06)?;
            let values = fields.expect(0x31)?.value;
            fields.finish()?;
            let mut each = TlvReader::new(values);
            while !each.is_empty() {
                each.read()?;
                count += 1;
                if count > MAX_VALUES {
                    return Err(FormatError::TooMuch {
                        what: "attribute values of a signer",
                        limit: MAX_VALUES as u64,
                    });
                }
            }
            found.push(Attribute { kind, values });
        }
        Ok(Self(found))
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Attribute<'a>> {
        self.0.iter()
    }

    /// Octets of all of them together, nearly.
    pub fn octets(&self) -> usize {
        self.0.iter().map(|attribute| attribute.kind.raw.len() + attribute.values.len()).sum()
    }

    /// Those of a type.
    pub fn of(&self, kind: Oid) -> impl Iterator<Item = &Attribute<'a>> {
        self.0.iter().filter(move |attribute| attribute.kind.value == kind.as_bytes())
    }

    /// The values of all attributes of a type.
    pub fn values_of(&self, kind: Oid) -> impl Iterator<Item = Tlv<'a>> {
        self.of(kind).flat_map(Attribute::values)
    }

    /// The one value of the one attribute of a type; `None` when there is no such attribute.
    ///
    /// The error says that there are more, of either.
    pub fn only(&self, kind: Oid) -> Result<Option<Tlv<'a>>, NotOne> {
        let mut all = self.of(kind);
        match (all.next(), all.next()) {
            (None, _) => Ok(None),
            (Some(attribute), None) => attribute.single().map(Some).ok_or(NotOne),
            (Some(_), Some(_)) => Err(NotOne),
        }
    }
}

/// Several attributes, or not exactly one value, where there must be one.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotOne;
