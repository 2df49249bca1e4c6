//! A revocation list as `inspect` shows it.

use serde::Serialize;
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::RevokedCertificate;

use super::super::output::{Clean, FAINT, HEADING, Hex, Output, Styled, UNSURE, field};
use super::extension::{self, ExtensionView};
use crate::clock::Time;
use crate::crypto::sha256;
use crate::der::{Oid, TlvReader};
use crate::revocation::{ListNumber, ParsedList};
use crate::verdict::revocation_reason_name;

/// Entries that are shown; `crl show` and `check` look at all of them.
const SHOWN_ENTRIES: usize = 10;

/// What a list says. Its signature is not looked at: that needs the issuer, see `crl show`.
#[derive(Serialize)]
pub struct ListView {
    issuer: String,
    this_update: Time,
    next_update: Option<Time>,
    period: &'static str,
    number: Option<ListNumber>,
    signature_algorithm: String,
    sha256: String,
    bytes: usize,
    entries: u64,
    first_entries: Vec<EntryView>,
    extensions: Vec<ExtensionView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unusable: Option<String>,
}

/// One entry.
#[derive(Serialize)]
struct EntryView {
    serial_number: String,
    date: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl ListView {
    /// What `list` says; `now` only for where its period lies.
    pub fn of(list: &ParsedList, now: Time) -> Self {
        let parts = Parts::read(list.as_der()).unwrap_or_default();
        Self {
            issuer: list.issuer().to_string(),
            this_update: list.this_update(),
            next_update: list.next_update(),
            period: match list.next_update() {
                _ if now < list.this_update() => "not begun",
                Some(next) if now <= next => "current",
                _ => "lapsed",
            },
            number: list.number(),
            signature_algorithm: match list.signature_algorithm() {
                Ok(algorithm) => algorithm.name().to_owned(),
                Err(error) => error.to_string(),
            },
            sha256: Hex(&sha256(list.as_der())).to_string(),
            bytes: list.as_der().len(),
            entries: list.entries(),
            first_entries: parts.entries,
            extensions: parts.extensions,
            unusable: list.unusable().map(|why| why.to_string()),
        }
    }

    /// For people.
    pub fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, format_args!("Revocation list ({} bytes)", self.bytes)));
        field(output, "issuer", &self.issuer);
        field(output, "number", &self.number.map_or_else(|| "none".to_owned(), |number| number.to_string()));
        field(output, "this update", &self.this_update.to_string());
        let next = self.next_update.map_or_else(|| "none".to_owned(), |next| next.to_string());
        field(output, "next update", &format!("{next} ({})", self.period));
        field(output, "signature", &format!("{}, not looked at: see `rastau crl show`", self.signature_algorithm));
        field(output, "SHA-256", &self.sha256);
        field(output, "entries", &self.entries.to_string());
        for entry in &self.first_entries {
            let reason = entry.reason.unwrap_or("no reason");
            output.line(format_args!("    {}  {}  {reason}", entry.date, entry.serial_number));
        }
        let rest = self.entries.saturating_sub(self.first_entries.len() as u64);
        if rest > 0 {
            output.line(Styled(FAINT, format_args!("    and {rest} more")));
        }
        extension::print(output, &self.extensions);
        if let Some(why) = &self.unusable {
            output.line(format_args!("{} not used by checks: {}", Styled(UNSURE, "warning:"), Clean(why)));
        }
    }
}

/// The parts that only people look at, and so are not kept by [`ParsedList`].
#[derive(Default)]
struct Parts {
    entries: Vec<EntryView>,
    extensions: Vec<ExtensionView>,
}

impl Parts {
    /// Reads what stands around the entries, and the first of them (RFC 5280 section 5.1).
    fn read(der: &[u8]) -> Option<Self> {
        let list = TlvReader::new(der).read().ok()?;
        let mut fields = TlvReader::new(TlvReader::new(list.value).read().ok()?.value);
        let mut parts = Self::default();
        let mut sequences = 0;
        while !fields.is_empty() {
            let field = fields.read().ok()?;
            match field.tag {
                0x30 => {
                    sequences += 1;
                    // signature, issuer, then revokedCertificates.
                    if sequences == 3 {
                        parts.entries = first_entries(field.value);
                    }
                }
                0xa0 => parts.extensions = extensions(field.value)?,
                _ => {}
            }
        }
        Some(parts)
    }
}

fn first_entries(mut contents: &[u8]) -> Vec<EntryView> {
    let mut found = Vec::new();
    while found.len() < SHOWN_ENTRIES && !contents.is_empty() {
        let Ok((rest, entry)) = RevokedCertificate::from_der(contents) else { break };
        contents = rest;
        found.push(EntryView {
            serial_number: Hex(entry.raw_serial()).to_string(),
            date: Time::from_unix(entry.revocation_date.timestamp()),
            reason: entry.reason_code().and_then(|(_, reason)| revocation_reason_name(reason.0)),
        });
    }
    found
}

/// `[0] EXPLICIT SEQUENCE OF Extension`.
fn extensions(explicit: &[u8]) -> Option<Vec<ExtensionView>> {
    let mut list = TlvReader::new(TlvReader::new(explicit).read().ok()?.value);
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut fields = TlvReader::new(list.read().ok()?.value);
        let oid = Oid::from_bytes(fields.expect(0x06).ok()?.value).ok()?;
        let critical = fields.optional(0x01).ok()?.is_some_and(|flag| flag.value == [0xff]);
        let value = fields.expect(0x04).ok()?.value;
        found.push(ExtensionView {
            oid: oid.to_string(),
            name: extension::name(&oid),
            critical,
            value: extension::octets(value),
        });
    }
    Some(found)
}
