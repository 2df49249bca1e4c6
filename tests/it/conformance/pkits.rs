//! PKITS, the public key interoperability test suite of NIST: every case through `check --batch`, as an outside harness
//! would run it.

use std::fs;
use std::path::Path;

use rastau::der::Oid;
use rastau::trust::policy::PolicyInputs;
use rastau::trust::{Anchor, Pool, Purposes, SearchOptions, find_paths};
use rastau::x509::Certificate;
use rastau_mint::pem;
use serde::Deserialize;
use serde_json::{Value, json};

use super::program::{answers, base64, decision};
use super::run::Suite;
use super::{Run, read};
use crate::programs::try_openssl;

const ABOUT: &str = "\
The [Public Key Interoperability Test Suite](https://csrc.nist.gov/projects/pki-testing) of NIST: path validation with lists, \
under `--profile rfc5280`, revocation required. The certificates and lists are in `testdata/pkits`. Every case goes through \
`rastau check --batch` with the settings of the suite's document. Where the suite says that a path must not validate we say \
whether it is refused or, for want of evidence, undetermined.";

/// A moment at which everything in the suite that is to be valid is.
const AT: &str = "2024-06-01T00:00:00Z";
const ANCHOR: &str = "TrustAnchorRootCertificate";
const ANY_POLICY: &str = "2.5.29.32.0";
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

fn octets(name: &str) -> Vec<u8> {
    read(&format!("testdata/pkits/certs/{name}.crt"))
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

/// Sections that are about paths alone, whatever lists say.
const PATHS: [&str; 6] = ["4.8", "4.9", "4.10", "4.11", "4.12", "4.13"];

impl Case {
    /// What the library says: a path under the anchor, and policies as they are asked for.
    fn has_path(&self) -> bool {
        let parsed = |name: &str| Certificate::from_der(&octets(name)).unwrap();
        let pool = Pool::builder().anchor(Anchor::new(parsed(ANCHOR), Purposes::ALL, false)).build();
        let authorities: Vec<Certificate> = self.authorities.iter().map(|name| parsed(name)).collect();
        let options = SearchOptions::new(AT.parse().unwrap(), Purposes::ALL);
        let inputs = PolicyInputs {
            initial_policies: self.initial_policies.iter().map(|policy| Oid::new(policy).unwrap()).collect(),
            require_explicit_policy: self.require_explicit_policy,
            inhibit_policy_mapping: self.inhibit_policy_mapping,
            inhibit_any_policy: self.inhibit_any_policy,
        };
        find_paths(&parsed(&self.end_entity), &authorities, &pool, options)
            .is_ok_and(|paths| paths.iter().any(|path| path.policies_under(&inputs).is_ok()))
    }

    /// What openssl says; `None` where it cannot be run.
    fn has_path_for_openssl(&self, folder: &Path) -> Option<bool> {
        fs::write(folder.join("root.pem"), pem::certificate(&octets(ANCHOR))).unwrap();
        fs::write(folder.join("leaf.pem"), pem::certificate(&octets(&self.end_entity))).unwrap();
        let authorities: String = self.authorities.iter().map(|name| pem::certificate(&octets(name))).collect();
        fs::write(folder.join("authorities.pem"), authorities).unwrap();
        let mut arguments = vec!["verify", "-attime", "1717200000", "-policy_check", "-CAfile", "root.pem"];
        if !self.authorities.is_empty() {
            arguments.extend(["-untrusted", "authorities.pem"]);
        }
        let flags = [
            (self.require_explicit_policy, "-explicit_policy"),
            (self.inhibit_policy_mapping, "-inhibit_map"),
            (self.inhibit_any_policy, "-inhibit_any"),
        ];
        arguments.extend(flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag));
        // Without any, openssl finds none of those that nobody asks for.
        let any = [ANY_POLICY.to_owned()];
        let policies = if self.initial_policies.is_empty() { &any[..] } else { &self.initial_policies };
        policies.iter().for_each(|policy| arguments.extend(["-policy", policy]));
        arguments.push("leaf.pem");
        try_openssl(folder, &arguments).map(|result| result.is_ok())
    }
}

#[test]
fn policies_and_names_of_pkits_hold_in_the_library_and_in_openssl_where_the_suite_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (mut asked, mut others) = (0, Vec::new());
    for case in
        cases().iter().filter(|case| PATHS.iter().any(|section| case.section().starts_with(&format!("{section} "))))
    {
        let ours = case.has_path();
        assert_eq!(ours, case.expect == "accepted", "{}: {}", case.id, case.end_entity);
        let Some(theirs) = case.has_path_for_openssl(folder.path()) else { return };
        asked += 1;
        if theirs != ours {
            others.push(format!("{} ({}): openssl {theirs}", case.id, case.end_entity));
        }
    }
    assert!(asked > 100, "{asked} cases");
    assert!(others.is_empty(), "{others:#?}");
}
