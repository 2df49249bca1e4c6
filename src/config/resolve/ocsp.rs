//! `[ocsp]`: the responders, and how long they are waited for and believed.

use std::time::Duration;

use super::revocation::url;
use crate::config::reader::{Reader, Tables};
use crate::config::{Ocsp, OcspResponder};
use crate::revocation::ocsp::NoncePolicy;

pub(super) fn ocsp(reader: &mut Reader<'_>) -> Ocsp {
    let mut responders = Vec::new();
    if let Some(found) = reader.find("ocsp", "responder") {
        for table in reader.tables_of(&found) {
            responders.extend(responder(reader, &table));
        }
        reader.record("ocsp.responder", format!("{} responders", responders.len()), found.origin);
    }
    let nonce = reader.text(
        "ocsp",
        "nonce",
        ("require", NoncePolicy::Require),
        "\"require\", \"if-echoed\" or \"off\"",
        |text| match text {
            "require" => Some(NoncePolicy::Require),
            "if-echoed" => Some(NoncePolicy::IfEchoed),
            "off" => Some(NoncePolicy::Off),
            _ => None,
        },
    );
    Ocsp {
        responders,
        timeout: Duration::from_millis(reader.number("ocsp", "timeout_ms", 3000, 50..=60_000)),
        max_age: Duration::from_secs(reader.number("ocsp", "max_age_s", 600, 10..=86_400)),
        nonce,
    }
}

fn responder<'a>(reader: &mut Reader<'a>, table: &Tables<'a>) -> Option<OcspResponder> {
    let Some(urls) = table.find("urls") else {
        let remedy = "Write urls = [\"http://ocsp.pki.gov.kz/\"] below [[ocsp.responder]]";
        reader.blame(&table.itself(), "urls is missing", remedy);
        return None;
    };
    let strings = reader.strings_of(&urls);
    if strings.is_empty() {
        reader.blame(&urls, "no mirror", "Name at least one URL");
    }
    let urls: Vec<_> = strings.iter().filter_map(|(text, item)| url(reader, text, item)).collect();
    let issuers = table.find("issuers").map_or_else(Vec::new, |found| reader.paths_of(&found));
    (!urls.is_empty()).then_some(OcspResponder { urls, issuers })
}
