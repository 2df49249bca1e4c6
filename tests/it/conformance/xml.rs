//! XML signatures of others: the interoperability vectors of the W3C's working group and what later software added to them.

use std::path::Path;

use serde_json::{Value, json};

use super::program::{answers, base64, signature_outcome};
use super::run::Suite;
use super::{Run, fetched};

const ABOUT: &str = "\
XML signatures as packed with signxml: the vectors of the working group (merlin, phaos, aleksey, the test cases of 2012), of \
other implementations and, in `xades`, mostly of the European DSS. Each goes through `rastau verify --batch` with \
`signature_only`: good is accepted, bad is `signature-invalid` or a document that is malformed, and what is refused by name \
(algorithms, transforms, kinds of keys) is told apart. Most of the vectors are from the age of SHA-1.";

/// What is not a signature but goes with one.
const NO_CASES: [&str; 2] = ["document.xml", "document-stylesheet.xml"];

/// Those that must not verify: by their names, or by what goes with them.
const BAD: [&str; 13] = [
    "invalid_enveloped_transform",
    "bad-retrieval-method",
    "bad-digest-val",
    "bad-sig",
    "changed content",
    "altered-signedPropsRemoved",
    "altered-refRemoved",
    "sign-cert-v1-wrong-serialnumber",
    "sign-cert-v2-wrong-digest",
    "sign-cert-v2-wrong-issuer-serial",
    "wrong-sign-cert-digest",
    "hmac-sha1-40",
    "-64.xml",
];

fn walk(folder: &Path, under: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{under}{}", entry.file_name().to_str().expect("UTF-8"));
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{name}/"), found);
        } else if name.ends_with(".xml") && !NO_CASES.iter().any(|other| name.ends_with(&format!("/{other}"))) {
            found.push(name);
        }
    }
}

/// The folder under which a case is counted.
fn group(name: &str) -> &str {
    let within = name.strip_prefix("interop/").unwrap_or(name);
    within.split_once('/').map_or("others", |(group, _)| group)
}

fn line(folder: &Path, name: &str) -> Value {
    let read = |name: &str| base64(&std::fs::read(folder.join(name)).unwrap());
    let mut line = json!({"id": name, "document": read(name), "format": "xml", "signature_only": true});
    if name.contains("phaos") && name.contains("detached") {
        line["content"] = json!(read("interop/phaos-xmldsig-three/document.xml"));
    }
    line
}

#[test]
fn xml_signatures_of_others_agree_except_where_a_reason_is_given() {
    let Some(folder) = fetched("xmldsig", "interop/merlin-xmldsig-twenty-three/signature.xml") else { return };
    let mut names = Vec::new();
    walk(&folder, "", &mut names);
    names.sort();
    let answers = answers("verify", names.iter().map(|name| line(&folder, name)));
    let mut run = Run::of(Suite {
        key: "xml",
        title: "XML signatures of others",
        version: "signxml 5.2.0".to_owned(),
        about: ABOUT,
        ledger: "testdata/conformance/xml.toml",
    });
    for name in &names {
        let expected = if BAD.iter().any(|bad| name.contains(bad)) { "bad" } else { "good" };
        let (actual, detail) = signature_outcome(&answers[name]);
        run.judge(group(name), name, expected, actual, &detail);
    }
    run.publish();
}
