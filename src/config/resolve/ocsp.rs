//! `[ocsp]`: the responders, and how long they are waited for and believed.

use std::time::Duration;

use super::revocation::url;
use crate::config::reader::{Reader, Tables};
use crate::config::{Config, Ocsp, OcspResponder};
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

/// Refuses to wait for responders as long as a request lasts: every answer would come too late, as 504 instead of a
/// verdict.
pub(super) fn refuse_late(reader: &mut Reader<'_>, config: &Config) {
    let asks = !config.ocsp.responders.is_empty() || !config.revocation.fetch_hosts.is_empty();
    let (ocsp, request) = (config.ocsp.timeout, config.http.request_timeout);
    if !asks || ocsp < request {
        return;
    }
    // One of the two was written, since the defaults fit.
    let written = reader.find("ocsp", "timeout_ms").or_else(|| reader.find("http", "request_timeout_ms"));
    let Some(found) = written else { return };
    let problem = format!(
        "requests would end before responders have answered: ocsp.timeout_ms is {}, http.request_timeout_ms {}",
        ocsp.as_millis(),
        request.as_millis()
    );
    reader.blame(&found, problem, "Write an ocsp.timeout_ms below http.request_timeout_ms, or raise the latter");
}
