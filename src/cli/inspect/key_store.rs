//! PKCS#12 (RFC 7292) as `inspect` shows it: what stands outside, no password asked, nothing decrypted.
//!
//! ```text
//! PFX ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo, macData MacData OPTIONAL }
//! MacData ::= SEQUENCE { mac DigestInfo, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 }
//! AuthenticatedSafe ::= SEQUENCE OF ContentInfo  -- Data, EncryptedData or EnvelopedData
//! ```

use serde::Serialize;

use super::super::output::{FAINT, HEADING, Output, Styled, field};
use crate::der::ber::to_definite;
use crate::der::{DerError, Limits, Oid, TlvReader};

/// Budget: a key store of the National CA has 3 kB, one with a chain and several keys tens of them.
const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 32, elements: 65_536 };
/// Bags of one store.
const MAX_BAGS: usize = 1000;

const DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.2");
const ENVELOPED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.3");
const ENCRYPTED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.6");

/// Why bytes are no key store.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// Not BER, or beyond the budget.
    #[error(transparent)]
    Der(#[from] DerError),
    /// Against RFC 7292.
    #[error("{0}")]
    Odd(&'static str),
}

/// What a key store says outside.
#[derive(Debug, Serialize)]
pub struct KeyStoreView {
    bytes: usize,
    protection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_algorithm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_iterations: Option<u64>,
    parts: Vec<&'static str>,
}

impl KeyStoreView {
    /// Reads the outside.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyStoreError> {
        let der = to_definite(bytes, LIMITS)?;
        let mut outer = TlvReader::new(&der);
        let mut fields = TlvReader::new(outer.expect(0x30)?.value);
        outer.finish()?;
        if fields.expect(0x02)?.value != [3] {
            return Err(KeyStoreError::Odd("another version than 3"));
        }
        let (kind, content) = content_info(fields.expect(0x30)?.value)?;
        let protection = match kind {
            DATA => "password",
            SIGNED_DATA => "public key",
            _ => return Err(KeyStoreError::Odd("protected in a way that is not known")),
        };
        let parts = if kind == DATA { parts(content)? } else { vec!["signed"] };
        let mac = fields.optional(0x30)?;
        fields.finish()?;
        let (mac_algorithm, mac_iterations) = match mac {
            Some(mac) => read_mac(mac.value)?,
            None => (None, None),
        };
        Ok(Self { bytes: bytes.len(), protection, mac_algorithm, mac_iterations, parts })
    }

    /// For people.
    pub fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, format_args!("Key store, PKCS#12 ({} bytes)", self.bytes)));
        field(output, "protected by", self.protection);
        if let Some(algorithm) = &self.mac_algorithm {
            let iterations = self.mac_iterations.unwrap_or(1);
            field(output, "MAC", &format!("hash {algorithm}, {iterations} iterations"));
        }
        field(output, "parts", &self.parts.join(", "));
        output.line(Styled(FAINT, "The password is not asked for: what is inside stays closed."));
    }
}

/// `ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }`.
fn content_info(value: &[u8]) -> Result<(Oid, &[u8]), KeyStoreError> {
    let mut fields = TlvReader::new(value);
    let kind = Oid::from_bytes(fields.expect(0x06)?.value)
        .map_err(|_| KeyStoreError::Odd("an object identifier that is none"))?;
    let content = fields.expect(0xa0)?.value;
    fields.finish()?;
    Ok((kind, content))
}

fn parts(content: &[u8]) -> Result<Vec<&'static str>, KeyStoreError> {
    let mut octets = TlvReader::new(content);
    // What was a string in pieces may hold BER itself.
    let safe = to_definite(octets.expect(0x04)?.value, LIMITS)?;
    octets.finish()?;
    let mut outer = TlvReader::new(&safe);
    let mut bags = TlvReader::new(outer.expect(0x30)?.value);
    outer.finish()?;
    let mut parts = Vec::new();
    while !bags.is_empty() {
        let (kind, _) = content_info(bags.expect(0x30)?.value)?;
        parts.push(match kind {
            DATA => "in the clear",
            ENCRYPTED_DATA => "encrypted",
            ENVELOPED_DATA => "enveloped",
            _ => return Err(KeyStoreError::Odd("a part of a kind that is not known")),
        });
        if parts.len() > MAX_BAGS {
            return Err(KeyStoreError::Odd("too many parts"));
        }
    }
    Ok(parts)
}

fn read_mac(value: &[u8]) -> Result<(Option<String>, Option<u64>), KeyStoreError> {
    let mut fields = TlvReader::new(value);
    let mut digest_info = TlvReader::new(fields.expect(0x30)?.value);
    let algorithm = TlvReader::new(digest_info.expect(0x30)?.value).expect(0x06)?.value;
    digest_info.expect(0x04)?;
    digest_info.finish()?;
    fields.expect(0x04)?;
    let iterations = fields.optional(0x02)?.map(|number| {
        // More octets than these is more work than anybody does.
        number.value.iter().take(9).fold(0_u64, |sum, octet| sum.saturating_mul(256).saturating_add(u64::from(*octet)))
    });
    fields.finish()?;
    let algorithm = Oid::from_bytes(algorithm).map_err(|_| KeyStoreError::Odd("an object identifier that is none"))?;
    Ok((Some(algorithm.to_string()), iterations))
}
