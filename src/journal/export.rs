//! An export: one line of JSON an entry, which is all that it takes to verify.
//!
//! `{"entry":{…canonical text…},"hash":"…","previous":"…"}`, and `"timestamp":"base64"` on a stamped checkpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Entry, hex};

/// One line, without its end.
#[must_use]
pub fn line(entry: &Entry, timestamp: Option<&[u8]>) -> String {
    let timestamp = timestamp.map(|token| format!(",\"timestamp\":\"{}\"", STANDARD.encode(token))).unwrap_or_default();
    format!(
        "{{\"entry\":{},\"hash\":\"{}\",\"previous\":\"{}\"{timestamp}}}",
        entry.canonical,
        hex::encode(&entry.receipt.hash),
        hex::encode(&entry.previous)
    )
}

/// A line that was read.
#[derive(Debug)]
pub struct Exported {
    /// The place that it says it has.
    pub sequence: u64,
    /// The hash that it says it continues.
    pub previous: [u8; 32],
    /// The hash that it says it has.
    pub hash: [u8; 32],
    /// The canonical text.
    pub text: String,
    /// A timestamp token.
    pub timestamp: Option<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw<'a> {
    #[serde(borrow)]
    entry: &'a RawValue,
    hash: String,
    previous: String,
    timestamp: Option<String>,
}

/// Where an entry says it stands.
#[derive(Deserialize)]
struct Place {
    sequence: u64,
}

impl Exported {
    /// Reads a line; `None` for what is none.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        let raw: Raw<'_> = serde_json::from_slice(line).ok()?;
        Some(Self {
            sequence: serde_json::from_str::<Place>(raw.entry.get()).ok()?.sequence,
            previous: hex::decode(&raw.previous)?,
            hash: hex::decode(&raw.hash)?,
            // As it stands: what is hashed is what whoever reads the line sees.
            text: raw.entry.get().to_owned(),
            timestamp: raw.timestamp.map(|text| STANDARD.decode(text)).transpose().ok()?,
        })
    }
}
