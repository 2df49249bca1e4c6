//! PKITS, the public key interoperability test suite of NIST: every case through `check --batch`, as an outside harness
//! would run it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::run::Suite;
use super::{Run, read};

const ABOUT: &str = "\
The [Public Key Interoperability Test Suite](https://csrc.nist.gov/projects/pki-testing) of NIST: path validation with lists, \
under `--profile rfc5280`, revocation required. The certificates and lists are in `testdata/pkits`. Every case goes through \
`rastau check --batch` with the settings of the suite's document. Where the suite says that a path must not validate we say \
whether it is refused or, for want of evidence, undetermined.";

/// A moment at which everything in the suite that is to be valid is.
const AT: &str = "2024-06-01T00:00:00Z";
const ANCHOR: &str = "TrustAnchorRootCertificate";
const ANCHORS_LIST: &str = "TrustAnchorRootCRL";

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// A case of the suite's document with one of its settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    end_entity: String,
    authorities: Vec<String>,
    lists: Vec<String>,
    #[serde(default)]
    initial_policies: Vec<String>,
    #[serde(default)]
    require_explicit_policy: bool,
    #[serde(default)]
    inhibit_policy_mapping: bool,
    #[serde(default)]
    inhibit_any_policy: bool,
    expect: String,
}

fn base64_of(folder: &str, name: &str, extension: &str) -> String {
    STANDARD.encode(read(&format!("testdata/pkits/{folder}/{name}.{extension}")))
}

fn certificate(name: &str) -> String {
    base64_of("certs", name, "crt")
}

impl Case {
    /// The section of the document: `4.8.1/2` is in 4.8.
    fn section(&self) -> &'static str {
        let numbers: Vec<&str> = self.id.split('.').collect();
        let number = numbers.get(1).and_then(|number| number.parse::<usize>().ok()).unwrap_or_default();
        number.checked_sub(1).and_then(|index| SECTIONS.get(index)).unwrap_or_else(|| panic!("{}: a section", self.id))
    }

    /// The line of the batch.
    fn line(&self) -> String {
        let lists = self.lists.iter().map(String::as_str).chain([ANCHORS_LIST]);
        let mut line = json!({
            "id": self.id,
            "certificate": certificate(&self.end_entity),
            "intermediates": self.authorities.iter().map(|name| certificate(name)).collect::<Vec<_>>(),
            "trust": [certificate(ANCHOR)],
            "crls": lists.map(|name| base64_of("crls", name, "crl")).collect::<Vec<_>>(),
            "profile": "rfc5280",
            "revocation": "required",
            "at": AT,
            "policy": {
                "require_explicit_policy": self.require_explicit_policy,
                "inhibit_policy_mapping": self.inhibit_policy_mapping,
                "inhibit_any_policy": self.inhibit_any_policy,
            },
        });
        if !self.initial_policies.is_empty() {
            line["policy"]["initial_policy"] = json!(self.initial_policies);
        }
        line.to_string()
    }
}

/// Section 4 of the document.
const SECTIONS: [&str; 16] = [
    "4.1 signature verification",
    "4.2 validity periods",
    "4.3 name chaining",
    "4.4 basic revocation",
    "4.5 self-issued certificates",
    "4.6 basic constraints",
    "4.7 key usage",
    "4.8 certificate policies",
    "4.9 require explicit policy",
    "4.10 policy mappings",
    "4.11 inhibit policy mapping",
    "4.12 inhibit any policy",
    "4.13 name constraints",
    "4.14 distribution points",
    "4.15 delta lists",
    "4.16 private extensions",
];

fn cases() -> Vec<Case> {
    toml::from_str::<Cases>(include_str!("../../../testdata/pkits/cases.toml")).unwrap().case
}

/// The answers of the program, by case.
fn through_the_program(cases: &[Case]) -> BTreeMap<String, Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rastau"))
        .args(["check", "--batch", "-"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RASTAU_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input: String = cases.iter().map(|case| case.line() + "\n").collect();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("ends");
    writer.join().expect("no panic").expect("everything is read");
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    let answers = answers.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    answers.map(|answer| (answer["id"].as_str().expect("an id").to_owned(), answer)).collect()
}

/// The decision and what led to it.
fn outcome(answer: &Value) -> (String, String) {
    let Some(decision) = answer["decision"].as_str() else { return ("error".to_owned(), answer.to_string()) };
    let checks = answer["checks"].as_array().into_iter().flatten();
    let failed = checks.filter(|check| !matches!(check["status"].as_str(), Some("passed" | "skipped")));
    let details: Vec<String> = failed.map(|check| format!("{}: {}", check["name"], check["detail"])).collect();
    (decision.to_owned(), format!("{}; {}", answer["refusal"]["code"], details.join("; ")))
}

#[test]
fn pkits_agrees_except_where_a_reason_is_given() {
    let cases = cases();
    let answers = through_the_program(&cases);
    assert_eq!(answers.len(), cases.len());
    let mut run = Run::of(Suite {
        key: "pkits",
        title: "PKITS",
        version: "1.0.1 (2011)".to_owned(),
        about: ABOUT,
        ledger: ("testdata/conformance/pkits.toml", include_str!("../../../testdata/conformance/pkits.toml")),
    });
    for case in &cases {
        let (actual, detail) = outcome(&answers[&case.id]);
        run.judge(case.section(), &case.id, &case.expect, &actual, &detail);
    }
    run.publish();
}
