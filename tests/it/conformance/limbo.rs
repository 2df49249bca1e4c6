//! x509-limbo, a public conformance suite of path validation, as plain RFC 5280 (no Kazakh rules).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rastau::clock::Time;
use rastau::der::{Oid, armour};
use rastau::policy::{AnchorPeriod, Policy, RevocationRule};
use rastau::revocation::Snapshot;
use rastau::service::{CheckRequest, Grounds, Lists};
use rastau::trust::{Anchor, AnchorRule, Pool, Purposes, load};
use rastau::verdict::CheckStatus;
use rastau::x509::Certificate;
use serde::Deserialize;

use super::run::Suite;
use super::{Run, fetched};
use crate::demo::service;

const ABOUT: &str = "\
[x509-limbo](https://x509-limbo.com), path validation, under `--profile rfc5280`: each case through the service like a line of \
a batch. Valid is accepted, invalid is anything else.";

#[derive(Deserialize)]
struct Manifest {
    version: u32,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    inputs: Inputs,
    options: Options,
    expect: String,
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Inputs {
    trust_anchors: Vec<PathBuf>,
    intermediates: Vec<PathBuf>,
    leaf: PathBuf,
    #[serde(default)]
    crls: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Options {
    validation_time: Time,
    #[serde(default)]
    extended_key_usage: Vec<String>,
    max_chain_depth: Option<usize>,
}

/// What we are measured by; the other categories are about TLS server names and the web's certificate profile.
const CATEGORIES: [&str; 8] = [
    "general",
    "dos",
    "name-constraint-edge",
    "trust-anchor-checks",
    "depth-option",
    "eku-option",
    "ca-profile",
    "algorithm-policy",
];

impl Case {
    fn category(&self) -> &str {
        self.tags.iter().find_map(|tag| tag.strip_prefix("applies:")).unwrap_or("none")
    }
}

/// Every certificate of a file; those that cannot be read are as good as absent.
fn read_all(folder: &Path, files: &[PathBuf]) -> Vec<Certificate> {
    let read = |file: &PathBuf| {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        load::read(&bytes, AnchorRule::NameAndKey).unwrap_or_default()
    };
    files.iter().flat_map(read).collect()
}

/// An extended key usage by its name in the manifest, which are those of RFC 5280 section 4.2.1.12.
fn usage(name: &str) -> Oid {
    match name {
        "serverAuth" => Oid::new_unwrap("1.3.6.1.5.5.7.3.1"),
        "clientAuth" => Oid::new_unwrap("1.3.6.1.5.5.7.3.2"),
        other => panic!("the manifest asks for {other}"),
    }
}

/// Runs a case as a line of a batch would: the same service, the same judge.
///
/// Under "trust-anchor-checks" the anchor's own certificate counts as well; everywhere else it is a name and a key.
fn run(folder: &Path, case: &Case) -> Result<(), String> {
    let pool = read_all(folder, &case.inputs.trust_anchors)
        .into_iter()
        .fold(Pool::builder(), |pool, root| pool.anchor(Anchor::new(root, Purposes::ALL, false)))
        .build();
    let extra = read_all(folder, &case.inputs.intermediates);
    let lists = case.inputs.crls.iter().flat_map(|file| {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        armour::decode_all(&bytes, armour::Label::Crl).unwrap()
    });
    let at = case.options.validation_time;
    let issuers: Vec<Certificate> = pool.authorities().chain(&extra).cloned().collect();
    let (snapshot, unread) = Snapshot::read(lists, &issuers, at);
    assert!(unread.is_empty(), "{}: {unread:?}", case.id);
    let grounds = Grounds::new(Arc::new(pool), Lists::Fixed(Arc::new(snapshot)));
    let check_anchors = case.category() == "trust-anchor-checks";
    let policy = Policy {
        revocation: RevocationRule::IfAvailable,
        anchor_period: if check_anchors { AnchorPeriod::Counts } else { AnchorPeriod::Ignored },
        extended_key_usages: case.options.extended_key_usage.iter().map(|name| usage(name)).collect(),
        max_intermediates: case.options.max_chain_depth.unwrap_or(Policy::MAX_INTERMEDIATES),
        ..Policy::rfc5280()
    };
    let service = service(grounds, at);
    let text = |file: &PathBuf| std::fs::read_to_string(folder.join(file)).unwrap();
    let request = CheckRequest {
        certificate: text(&case.inputs.leaf),
        intermediates: case.inputs.intermediates.iter().map(text).collect(),
        at: Some(at.to_string()),
        ..CheckRequest::default()
    };
    let prepared = match service.prepare_under(request, policy, service.grounds()) {
        Ok(prepared) => prepared,
        Err(error) => return Err(format!("{error:?}")),
    };
    let report = service.check(prepared);
    match report.refusal() {
        None => Ok(()),
        Some(_) => Err(report
            .checks()
            .iter()
            .filter(|check| check.status != CheckStatus::Passed)
            .map(|check| format!("{}: {}", check.name.as_str(), check.detail))
            .collect::<Vec<_>>()
            .join("; ")),
    }
}

#[test]
fn limbo_agrees_except_where_a_reason_is_given() {
    let Some(folder) = fetched("limbo", "manifest.json") else { return };
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Manifest = serde_json::from_str(&manifest).unwrap();
    let mut results = Run::of(Suite {
        key: "limbo",
        title: "x509-limbo",
        version: format!("its generators in 2026, manifest {}", manifest.version),
        about: ABOUT,
        ledger: "testdata/limbo-divergences.toml",
    });
    for case in &manifest.cases {
        if !CATEGORIES.contains(&case.category()) {
            results.pass_over(case.category(), &case.id);
            continue;
        }
        let outcome = run(&folder, case);
        let actual = if outcome.is_ok() { "valid" } else { "invalid" };
        let detail = outcome.err().unwrap_or_else(|| "a path was found".to_owned());
        results.judge(case.category(), &case.id, &case.expect, actual, &detail);
    }
    results.publish();
}
