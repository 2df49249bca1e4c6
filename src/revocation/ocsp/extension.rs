//! Extensions of a response and of a single answer (RFC 6960 4.4): read strictly, each type once.

use super::error::OcspError;
use crate::der::{Oid, TlvReader};
use crate::x509::oid::UNREADABLE;

/// Most extensions in one place; real responses have two.
const MAX_EXTENSIONS: usize = 16;

/// One extension, its value not looked at.
pub(super) struct Extension<'a> {
    /// Its type; one that [`Oid`] cannot hold is [`UNREADABLE`].
    pub oid: Oid,
    pub critical: bool,
    pub value: &'a [u8],
}

/// Reads the contents of `[1] EXPLICIT Extensions` of DER that was checked: at least one, at most
/// [`MAX_EXTENSIONS`], none twice, nothing after.
pub(super) fn read_all(explicit: &[u8]) -> Result<Vec<Extension<'_>>, OcspError> {
    let mut outer = TlvReader::new(explicit);
    let mut list = TlvReader::new(outer.expect(0x30)?.value);
    outer.finish()?;
    let mut found = Vec::new();
    let mut types: Vec<&[u8]> = Vec::new();
    while !list.is_empty() {
        if found.len() == MAX_EXTENSIONS {
            return Err(OcspError::TooMany { what: "extensions in one place", limit: MAX_EXTENSIONS });
        }
        let mut fields = TlvReader::new(list.expect(0x30)?.value);
        let kind = fields.expect(0x06)?.value;
        let oid = Oid::from_bytes(kind).unwrap_or(UNREADABLE);
        let critical = fields.optional(0x01)?.is_some_and(|flag| flag.value == [0xff]);
        let value = fields.expect(0x04)?.value;
        fields.finish()?;
        // By the octets, so that two types that cannot be held are still told apart.
        if types.contains(&kind) {
            return Err(OcspError::Extension { oid, reason: "appears twice" });
        }
        types.push(kind);
        found.push(Extension { oid, critical, value });
    }
    if found.is_empty() { Err(OcspError::Structure("an empty list of extensions")) } else { Ok(found) }
}
