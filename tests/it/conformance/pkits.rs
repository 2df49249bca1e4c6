//! PKITS, the public key interoperability test suite of NIST: every case through `check --batch`, as an outside harness
//! would run it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::program::{answers, base64, decision};
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
pub struct Case {
    pub id: String,
    pub end_entity: String,
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
    pub expect: String,
}

fn base64_of(folder: &str, name: &str, extension: &str) -> String {
    base64(&read(&format!("testdata/pkits/{folder}/{name}.{extension}")))
}

fn certificate(name: &str) -> String {
    base64_of("certs", name, "crt")
}

impl Case {
    /// The section of the document: `4.8.1/2` is in 4.8.
    pub fn section(&self) -> &'static str {
        let numbers: Vec<&str> = self.id.split('.').collect();
        let number = numbers.get(1).and_then(|number| number.parse::<usize>().ok()).unwrap_or_default();
        number.checked_sub(1).and_then(|index| SECTIONS.get(index)).unwrap_or_else(|| panic!("{}: a section", self.id))
    }

    /// The evidence and the settings, as a line of a batch has them.
    pub fn rules(&self) -> Value {
        let lists = self.lists.iter().map(String::as_str).chain([ANCHORS_LIST]);
        let mut line = json!({
            "id": self.id,
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
        line
    }

    /// The question about its end entity's certificate.
    fn line(&self) -> Value {
        let mut line = self.rules();
        line["certificate"] = json!(certificate(&self.end_entity));
        line["intermediates"] = self.authorities.iter().map(|name| json!(certificate(name))).collect();
        line
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

pub fn cases() -> Vec<Case> {
    toml::from_str::<Cases>(include_str!("../../../testdata/pkits/cases.toml")).unwrap().case
}

#[test]
fn pkits_agrees_except_where_a_reason_is_given() {
    let cases = cases();
    let answers = answers("check", cases.iter().map(Case::line));
    assert_eq!(answers.len(), cases.len());
    let mut run = Run::of(Suite {
        key: "pkits",
        title: "PKITS",
        version: "1.0.1 (2011)".to_owned(),
        about: ABOUT,
        ledger: "testdata/conformance/pkits.toml",
    });
    for case in &cases {
        let (actual, detail) = decision(&answers[&case.id]);
        run.judge(case.section(), &case.id, &case.expect, &actual, &detail);
    }
    run.publish();
}
