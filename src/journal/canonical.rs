//! The canonical text of an entry, and the hash over it.
//!
//! The text is one JSON object: members sorted by name at every depth, no white space, UTF-8 with only what JSON demands
//! escaped, times in RFC 3339 in UTC, octets in lower-case hexadecimal, whole numbers only; members without a value are left
//! out. `json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` of Python makes the same text.
//!
//! hash = SHA-256(hash of the entry before it, 32 octets ‖ the text). The first entry continues 32 zero octets.
//! Every member is described in `docs/JOURNAL.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::hex;
use super::record::Record;
use super::secrets::IdentityKey;
use crate::clock::Time;
use crate::crypto::sha256;

/// What the first entry continues.
pub const GENESIS: [u8; 32] = [0; 32];

/// The form of the text; another number when a member changes its meaning.
const FORM: u32 = 1;

/// Longest canonical text in octets. An entry has a few hundred; a submission of a hundred documents some ten thousand.
pub const MAX_TEXT: usize = 1 << 20;

/// How identity numbers are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Identities {
    /// HMAC-SHA256 under the journal's identity key: the same person has the same value, and only who has the key can try
    /// numbers.
    #[default]
    Keyed,
    /// As they are.
    Plain,
}

/// Hash of an entry that continues `previous`.
#[must_use]
pub fn hash(previous: &[u8; 32], text: &str) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(previous);
    context.update(text.as_bytes());
    let mut hash = GENESIS;
    for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    hash
}

/// Whether a text is written as texts of entries are: of another one, say with a member twice, two readers could understand
/// two things under one hash.
pub fn is_canonical(text: &str) -> bool {
    let read = serde_json::from_str::<serde_json::Value>(text);
    read.and_then(|value| serde_json::to_string(&value)).is_ok_and(|again| again == text)
}

/// Members in the order of their names, as in all structures below.
#[derive(Serialize)]
struct Text<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Kept>,
    at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    digests: Vec<DigestText>,
    event: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<String>,
    form: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    identities: Vec<IdentityText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    sequence: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    settles: Option<String>,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits: Option<WaitsText>,
}

#[derive(Serialize)]
struct DigestText {
    of: &'static str,
    sha256: String,
}

#[derive(Serialize)]
struct IdentityText<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    hmac_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    role: &'static str,
}

/// What an entry says of the answer that was kept with it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Kept {
    /// SHA-256 of the answer's octets.
    pub body: String,
    /// Under which it is kept.
    pub key: String,
    /// SHA-256 of the request.
    pub request: String,
}

/// What an entry says of what waits.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WaitsText {
    /// SHA-256 of what is kept to go on with.
    pub body: String,
    /// Until when.
    pub expires_at: Time,
    /// Its number.
    pub id: String,
}

/// The text of a record at its place; `None` when it cannot be written, which no record of ours brings about.
pub fn text(
    record: &Record,
    sequence: u64,
    version: &str,
    identities: Identities,
    key: &IdentityKey,
) -> Option<String> {
    let text = Text {
        answer: record.answer.as_ref().map(|answer| Kept {
            body: hex::encode(&sha256(&answer.body)),
            key: hex::encode(&answer.key.0),
            request: hex::encode(&answer.request),
        }),
        at: record.at,
        client: record.client.as_deref(),
        decision: record.decision,
        details: record.details.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        digests: record.digests.iter().map(|(of, digest)| DigestText { of, sha256: hex::encode(digest) }).collect(),
        event: record.event.as_str(),
        evidence: record.evidence.iter().map(|digest| hex::encode(digest)).collect(),
        form: FORM,
        identities: record
            .identities
            .iter()
            .map(|whose| match identities {
                Identities::Keyed => {
                    IdentityText { hmac_sha256: Some(key.keyed(&whose.number)), number: None, role: whose.role }
                }
                Identities::Plain => IdentityText { hmac_sha256: None, number: Some(&whose.number), role: whose.role },
            })
            .collect(),
        request_id: record.request_id.as_deref(),
        sequence,
        settles: record.settles.as_ref().map(|id| hex::encode(id)),
        version,
        waits: record.waits.as_ref().map(|waiting| WaitsText {
            body: hex::encode(&sha256(&waiting.body)),
            expires_at: waiting.expires_at,
            id: hex::encode(&waiting.id),
        }),
    };
    serde_json::to_string(&text).ok()
}

/// What this program reads of a canonical text again.
#[derive(Clone, Debug, Deserialize)]
pub struct Said {
    /// The answer kept with it.
    pub answer: Option<Kept>,
    /// When it was made.
    pub at: Time,
    /// Details by name.
    #[serde(default)]
    pub details: BTreeMap<String, String>,
    /// What happened.
    pub event: String,
    /// Its own place.
    pub sequence: u64,
    /// What waits since.
    pub waits: Option<WaitsText>,
}

impl Said {
    /// Reads a text; `None` for what is no entry.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
