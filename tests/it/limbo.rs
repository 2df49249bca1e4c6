//! x509-limbo, a public conformance suite of path validation, as plain RFC 5280 (no Kazakh rules).
//!
//! Looks for `limbo/manifest.json` in the folder named by `RASTAU_SUITES`. Where we differ from the suite stands
//! in `testdata/limbo-divergences.toml` with the reason; anything else that differs fails, and so does a listed
//! case that no longer differs.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rastau::clock::Time;
use rastau::der::armour;
use rastau::revocation::{Snapshot, Status};
use rastau::trust::{Anchor, AnchorRule, Budget, PathError, Pool, Purposes, SearchOptions, find_paths, load};
use rastau::x509::Certificate;
use serde::Deserialize;

#[derive(Deserialize)]
struct Manifest {
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
    max_chain_depth: Option<usize>,
}

#[derive(Deserialize)]
struct Divergences {
    #[serde(default)]
    divergence: Vec<Divergence>,
}

/// A case whose outcome we mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Divergence {
    id: String,
    expected: String,
    actual: String,
    reason: String,
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

/// Under "trust-anchor-checks" the anchor's own certificate counts as well; everywhere else it is a name and a key.
fn run(folder: &Path, case: &Case) -> Result<(), String> {
    let leaf_bytes = std::fs::read(folder.join(&case.inputs.leaf)).unwrap();
    let leaves = load::read(&leaf_bytes, AnchorRule::NameAndKey).map_err(|problem| format!("leaf: {problem}"))?;
    let leaf = leaves.first().unwrap();
    // The search does not care what key the leaf holds; whoever uses it does.
    leaf.public_key().map_err(|error| error.to_string())?;
    let pool = read_all(folder, &case.inputs.trust_anchors)
        .into_iter()
        .fold(Pool::builder(), |pool, root| pool.anchor(Anchor::new(root, Purposes::ALL, false)))
        .build();
    let check_anchors = case.category() == "trust-anchor-checks";
    let at = case.options.validation_time;
    let options = SearchOptions {
        at_hint: at,
        purposes: Purposes::ALL,
        anchors: if check_anchors { AnchorRule::Checked } else { AnchorRule::NameAndKey },
        budget: Budget {
            intermediates: case.options.max_chain_depth.unwrap_or(Budget::DEFAULT.intermediates),
            ..Budget::DEFAULT
        },
    };
    let extra = read_all(folder, &case.inputs.intermediates);
    let paths = find_paths(leaf, &extra, &pool, options).map_err(|error: PathError| error.to_string())?;
    let lists = case.inputs.crls.iter().flat_map(|file| {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        armour::decode_all(&bytes, armour::Label::Crl).unwrap()
    });
    let issuers: Vec<Certificate> = pool.authorities().chain(&extra).cloned().collect();
    let (snapshot, _) = Snapshot::read(lists, &issuers, at);
    // Lists given are to be used: a certificate that none of them speaks about is not valid.
    let good = |path: &rastau::trust::Path| {
        path.links().all(|(certificate, issuer)| {
            case.inputs.crls.is_empty() || matches!(snapshot.status(certificate, issuer, at, at), Status::Good { .. })
        })
    };
    let valid = |path: &rastau::trust::Path| {
        path.is_valid_at(at) && (!check_anchors || path.anchor().certificate().validity().contains(at))
    };
    match (paths.iter().any(valid), paths.iter().any(|path| valid(path) && good(path))) {
        (_, true) => Ok(()),
        (true, false) => Err("no path is good in the lists".to_owned()),
        (false, false) => Err("no path is within its validity periods".to_owned()),
    }
}

#[test]
fn limbo_agrees_except_where_a_reason_is_given() {
    let Some(folder) = std::env::var_os("RASTAU_SUITES").map(|suites| Path::new(&suites).join("limbo")) else {
        println!("skipped: RASTAU_SUITES names no folder with the conformance suites");
        return;
    };
    let Ok(manifest) = std::fs::read_to_string(folder.join("manifest.json")) else {
        println!("skipped: {} is not there", folder.join("manifest.json").display());
        return;
    };
    let manifest: Manifest = serde_json::from_str(&manifest).unwrap();
    let divergences: Divergences = toml::from_str(include_str!("../../testdata/limbo-divergences.toml")).unwrap();
    let divergences: BTreeMap<String, Divergence> =
        divergences.divergence.into_iter().map(|entry| (entry.id.clone(), entry)).collect();

    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in manifest.cases.iter().filter(|case| CATEGORIES.contains(&case.category())) {
        let outcome = run(&folder, case);
        let actual = if outcome.is_ok() { "valid" } else { "invalid" };
        let (agreed, total) = counts.entry(case.category()).or_default();
        *total += 1;
        *agreed += usize::from(actual == case.expect);
        let detail = outcome.err().unwrap_or_else(|| "a path was found".to_owned());
        match divergences.get(&case.id) {
            None if actual == case.expect => {}
            None => wrong.push(format!("{} [{}]: expected {}, {detail}", case.id, case.category(), case.expect)),
            Some(listed) if listed.expected == case.expect && listed.actual == actual && actual != case.expect => {
                assert!(!listed.reason.is_empty(), "{}: a divergence without a reason", case.id);
            }
            Some(_) => wrong.push(format!("{}: listed as a divergence, but it is {actual} ({detail})", case.id)),
        }
    }
    for (category, (agreed, total)) in counts {
        println!("{category}: {agreed} of {total} as the suite expects");
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}
