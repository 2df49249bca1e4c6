//! `[revocation]`: the lists and how much is asked of them.

use std::path::PathBuf;
use std::time::Duration;

use super::shown;
use crate::config::reader::{Found, Reader, Tables};
use crate::config::{ListLocation, ListSource, Problem, Revocation};
use crate::policy::{RevocationOrder, RevocationRule};
use crate::revocation::HostList;

/// Longest duration that a setting may ask for, in seconds: a week, the longest life of a list seen.
const MAX_S: u64 = 604_800;

pub(super) fn revocation(reader: &mut Reader<'_>) -> Revocation {
    let mode = reader.text(
        "revocation",
        "mode",
        ("required", RevocationRule::Required),
        "\"required\", \"if-available\" or \"off\"",
        |text| match text {
            "required" => Some(RevocationRule::Required),
            "if-available" => Some(RevocationRule::IfAvailable),
            "off" => Some(RevocationRule::Off),
            _ => None,
        },
    );
    let order = reader.text(
        "revocation",
        "order",
        ("crl-then-ocsp", RevocationOrder::default()),
        "\"crl\", \"ocsp\", \"crl-then-ocsp\" or \"ocsp-then-crl\"",
        RevocationOrder::from_name,
    );
    let fetch_hosts = fetch_hosts(reader);
    let [simple, detailed] = reader.find_forms("revocation", ["lists", "list"]);
    let mut lists = Vec::new();
    if let Some(found) = simple {
        for (text, item) in reader.strings_of(&found) {
            let location = if text.contains("://") {
                url(reader, &text, &item).map(|url| ListLocation::Urls(vec![url]))
            } else {
                reader.existing_path(&text, &item).map(ListLocation::Path)
            };
            lists.extend(location.map(|location| ListSource { location, delta: false }));
        }
        reader.record("revocation.lists", found.value.written(), found.origin);
    }
    if let Some(found) = detailed {
        for table in reader.tables_of(&found) {
            lists.extend(list(reader, &table));
        }
        reader.record("revocation.list", format!("{} lists", lists.len()), found.origin);
    }
    let tls_roots = reader.find("revocation", "tls_roots").map_or_else(Vec::new, |found| {
        let paths = reader.paths_of(&found);
        reader.record("revocation.tls_roots", shown(&paths), found.origin);
        paths
    });
    Revocation {
        mode,
        order,
        fetch_hosts,
        lists,
        tls_roots,
        refresh: Duration::from_secs(reader.number("revocation", "refresh_s", 6 * 3600, 60..=MAX_S)),
        retry: Duration::from_secs(reader.number("revocation", "retry_s", 60, 1..=MAX_S)),
        max_list_bytes: reader.number("revocation", "max_list_bytes", 320 << 20, 1024..=4 << 30),
    }
}

/// Host names, in lower case. An address in a certificate is the issuer's choice, so only names the operator wrote
/// down are ever asked.
fn fetch_hosts(reader: &mut Reader<'_>) -> Vec<String> {
    let Some(found) = reader.find("revocation", "fetch_hosts") else { return Vec::new() };
    let mut hosts = Vec::new();
    for (text, item) in reader.strings_of(&found) {
        match HostList::read(&[&text]) {
            Ok(_) => hosts.push(text),
            Err(error) => {
                let remedy = "Write a name such as \"crl.pki.gov.kz\", or \".pki.gov.kz\" for every host below it";
                reader.blame(&item, error.to_string(), remedy);
            }
        }
    }
    reader.record("revocation.fetch_hosts", found.value.written(), found.origin);
    hosts
}

fn list<'a>(reader: &mut Reader<'a>, table: &Tables<'a>) -> Option<ListSource> {
    let delta = table.find("delta").and_then(|found| reader.truth_of(&found)).unwrap_or(false);
    let location = match (table.find("path"), table.find("urls")) {
        (Some(path), None) => {
            let [path] = <[PathBuf; 1]>::try_from(reader.paths_of(&path)).ok()?;
            ListLocation::Path(path)
        }
        (None, Some(urls)) => {
            let strings = reader.strings_of(&urls);
            if strings.is_empty() {
                reader.blame(&urls, "no mirror", "Name at least one URL");
            }
            let good: Vec<_> = strings.iter().filter_map(|(text, item)| url(reader, text, item)).collect();
            if good.is_empty() {
                return None;
            }
            ListLocation::Urls(good)
        }
        _ => {
            let remedy = "Write path = \"file or folder\" or urls = [\"mirror\", …] below [[revocation.list]]";
            reader.blame(&table.itself(), "a list needs either path or urls", remedy);
            return None;
        }
    };
    Some(ListSource { location, delta })
}

/// An http or https URL with a host and without user and password. Lists are signed, so plain http is fine for them.
pub(super) fn url(reader: &mut Reader<'_>, text: &str, found: &Found<'_>) -> Option<String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if authority.contains('@') {
        // Not repeated: it would stand in the log of whoever starts the service.
        reader.problems.push(Problem {
            origin: found.origin.clone(),
            key: found.key.clone(),
            value: None,
            problem: "a URL with a user name or password".to_owned(),
            remedy: "Write the URL without them: lists are public and signed".to_owned(),
        });
        return None;
    }
    let clean = text.bytes().all(|byte| byte.is_ascii_graphic());
    if authority.is_empty() || authority.starts_with(':') || !clean {
        reader.blame(found, "not a URL of a list", "Write a URL such as \"http://crl.pki.gov.kz/nca_gost_2022.crl\"");
        return None;
    }
    Some(text.to_owned())
}
