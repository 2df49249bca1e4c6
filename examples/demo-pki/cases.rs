//! A case: a question about a demo certificate and the answer rastau must give. The integration tests run the file.

use serde_json::{Value, json};

use crate::Files;
use crate::leaves::path;
use crate::lists;

/// One question and its answer.
pub struct Case {
    pub name: &'static str,
    pub leaf: &'static str,
    pub anchors: &'static [&'static str],
    pub intermediates: &'static [&'static str],
    pub lists: &'static [&'static str],
    pub identity: Value,
    pub purpose: &'static str,
    pub at: &'static str,
    /// `Ok` when accepted, else the refusal code.
    pub answer: Result<(), &'static str>,
    pub why: &'static str,
}

/// The demo's trust anchors.
pub const ANCHORS: &[&str] = &["certs/demo-root-gost.pem", "certs/demo-root-rsa.pem"];
/// The demo's issuing CAs.
pub const INTERMEDIATES: &[&str] = &["certs/demo-issuing-gost.pem", "certs/demo-issuing-rsa.pem"];
/// The demo's lists.
pub const LISTS: &[&str] = &["demo-issuing-gost", "demo-issuing-rsa", "demo-root-gost", "demo-root-rsa"];

impl Case {
    /// Asked in 2026 for signing, with the demo's anchors, intermediates and lists.
    pub fn new(
        name: &'static str,
        leaf: &'static str,
        identity: Value,
        answer: Result<(), &'static str>,
        why: &'static str,
    ) -> Case {
        Case {
            name,
            leaf,
            anchors: ANCHORS,
            intermediates: INTERMEDIATES,
            lists: LISTS,
            identity,
            purpose: "sign",
            at: "2026-08-20T00:00:00Z",
            answer,
            why,
        }
    }

    fn decision(&self) -> &'static str {
        match self.answer {
            Ok(()) => "accepted",
            Err("revocation-unknown") => "undetermined",
            Err(_) => "refused",
        }
    }

    fn files(&self) -> impl Iterator<Item = String> {
        let lists = self.lists.iter().map(|list| lists::path(list));
        let others = self.anchors.iter().chain(self.intermediates).map(|&file| file.to_owned());
        others.chain(lists).chain([path(self.leaf)])
    }

    /// The case in a line of the README.
    pub fn row(&self) -> String {
        format!("| {} | `{}` | {} | {} |", self.name, self.leaf, self.answer.err().unwrap_or("accepted"), self.why)
    }
}

/// The cases as JSON, paths from the project's top folder.
pub fn json(cases: &[Case]) -> String {
    let value = |case: &Case| {
        json!({
            "name": case.name,
            "certificate": path(case.leaf),
            "trust": case.anchors,
            "intermediates": case.intermediates,
            "lists": case.lists.iter().map(|list| lists::path(list)).collect::<Vec<_>>(),
            "identity": case.identity,
            "purpose": case.purpose,
            "at": case.at,
            "decision": case.decision(),
            "refusal": case.answer.err(),
            "why": case.why,
        })
    };
    format!("{:#}\n", Value::Array(cases.iter().map(value).collect()))
}

/// A case must not name a file that is not made.
pub fn assert_files_exist(cases: &[Case], files: &Files) {
    for case in cases {
        for file in case.files() {
            assert!(files.contains_key(&file), "case {} names {file}", case.name);
        }
    }
}
