//! The frame around content and signers, read where everything is held in memory and encoded as DER demands.
//!
//! ```text
//! ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }
//! SignedData  ::= SEQUENCE { version INTEGER, digestAlgorithms SET, encapContentInfo EncapsulatedContentInfo,
//!     certificates [0] IMPLICIT CertificateSet OPTIONAL, crls [1] IMPLICIT RevocationInfoChoices OPTIONAL,
//!     signerInfos SET OF SignerInfo }
//! EncapsulatedContentInfo ::= SEQUENCE { eContentType OBJECT IDENTIFIER, eContent [0] EXPLICIT OCTET STRING OPTIONAL }
//! ```

use super::limits::{MAX_HEAD, MAX_TAIL};
use super::oid;
use crate::der::{DerError, Oid, TlvReader};
use crate::signed::FormatError;

/// What the frame holds, borrowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline<'a> {
    /// Of `SignedData`, 1 to 5.
    pub version: u8,
    /// The whole digestAlgorithms.
    pub digest_algorithms: &'a [u8],
    /// Contents octets of eContentType.
    pub content_type: &'a [u8],
    /// eContent, if it is there.
    pub content: Option<&'a [u8]>,
    /// What follows: certificates, crls, signerInfos.
    pub tail: &'a [u8],
}

impl<'a> Outline<'a> {
    /// Reads a whole `ContentInfo`.
    pub fn read(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let mut outer = TlvReader::new(bytes);
        let mut info = TlvReader::new(outer.expect(0x30)?.value);
        outer.finish()?;
        check_kind(info.expect(0x06)?.value)?;
        let mut explicit = TlvReader::new(info.expect(0xa0)?.value);
        info.finish()?;
        let data = explicit.expect(0x30)?;
        explicit.finish()?;
        let mut fields = TlvReader::new(data.value);
        let version = check_version(fields.expect(0x02)?.value)?;
        let digest_algorithms = fields.expect(0x31)?.raw;
        let mut encapsulated = TlvReader::new(fields.expect(0x30)?.value);
        let content_type = encapsulated.expect(0x06)?.value;
        let content = match encapsulated.optional(0xa0)? {
            Some(explicit) => {
                let mut explicit = TlvReader::new(explicit.value);
                let octets = explicit.expect(0x04)?;
                explicit.finish()?;
                Some(octets.value)
            }
            None => None,
        };
        encapsulated.finish()?;
        let tail = data.value.get(fields.offset()..).unwrap_or_default();
        // What a stream may have, and no more.
        for (part, limit) in [(digest_algorithms, MAX_HEAD), (content_type, MAX_HEAD), (tail, MAX_TAIL)] {
            if part.len() > limit {
                return Err(DerError::Size { limit }.into());
            }
        }
        Ok(Self { version, digest_algorithms, content_type, content, tail })
    }
}

/// Only signed data is read here.
pub(super) fn check_kind(content_type: &[u8]) -> Result<(), FormatError> {
    if content_type == oid::SIGNED_DATA.as_bytes() {
        return Ok(());
    }
    Err(match Oid::from_bytes(content_type) {
        Ok(other) => FormatError::Unsupported(format!("CMS of the type {other}, which is not signed data")),
        Err(_) => FormatError::malformed("the type of the CMS is not an object identifier"),
    })
}

/// RFC 5652 5.1 knows 1, 3, 4 and 5. Which of them follows from what is inside, and nothing hangs on it.
pub(super) fn check_version(contents: &[u8]) -> Result<u8, FormatError> {
    match contents {
        [version @ 1..=5] => Ok(*version),
        _ => Err(FormatError::malformed("no version of SignedData")),
    }
}
