//! The signed messages of PKITS: for each test of its section 4 a CMS signature by the end entity, with its chain inside.

use std::collections::BTreeMap;
use std::path::Path;

use rastau::signed::{Detached, Document};
use serde_json::{Value, json};

use super::pkits::{Case, cases};
use super::program::{answers, base64, decision};
use super::run::Suite;
use super::{Run, fetched, read};

const ABOUT: &str = "\
The S/MIME messages that go with PKITS, as packed in the vectors of pyca/cryptography: detached CMS signatures by the end \
entities, which carry their chains. Each is asked about through `rastau verify --batch` with the settings of its test, and \
has to come out as the certificate does; and with `signature_only`, where every signature holds.";

/// What was signed, and the signature: the two parts of multipart/signed (RFC 8551 3.5.3), the first in its canonical form.
fn parts(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let text = String::from_utf8(message.to_vec()).expect("ASCII").replace("\r\n", "\n");
    let (_, boundary) = text.split_once("boundary=\"").expect("a boundary");
    let boundary = format!("--{}", boundary.split('"').next().expect("its end"));
    let parts: Vec<&str> = text.split(&format!("\n{boundary}")).collect();
    let [_, content, signature, _] = parts[..] else { panic!("{} parts", parts.len()) };
    let content = content.strip_prefix('\n').expect("a line end").replace('\n', "\r\n");
    let (_, base64) = signature.trim_start().split_once("\n\n").expect("headers");
    (
        content.into_bytes(),
        rastau::der::armour::decode_one(base64.as_bytes(), rastau::der::armour::Label::Cms).expect("CMS"),
    )
}

/// A message: its name, content and signature.
struct Message {
    name: String,
    content: Vec<u8>,
    signature: Vec<u8>,
}

impl Message {
    fn line(&self, rules: Value, id: &str) -> Value {
        let mut line = rules;
        line["id"] = json!(id);
        line["document"] = json!(base64(&self.signature));
        line["content"] = json!(base64(&self.content));
        line
    }
}

fn messages(folder: &Path) -> Vec<Message> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect();
    files.sort();
    let message = |path: std::path::PathBuf| {
        let (content, signature) = parts(&std::fs::read(&path).unwrap());
        Message { name: path.file_stem().unwrap().to_str().unwrap().to_owned(), content, signature }
    };
    files.into_iter().map(message).collect()
}

/// The cases about the end entities whose certificates a message carries: its signer's.
fn cases_of<'a>(message: &Message, cases: &'a [Case], files: &BTreeMap<Vec<u8>, &str>) -> Vec<&'a Case> {
    let document = rastau::cms::read(Document::Bytes(&message.signature), Detached::Bytes(&message.content)).unwrap();
    let carried = document.signatures.iter().flat_map(|signature| signature.embedded.certificates.clone());
    let ends: Vec<&str> = carried.filter_map(|certificate| files.get(&certificate).copied()).collect();
    cases.iter().filter(|case| ends.contains(&case.end_entity.as_str())).collect()
}

#[test]
fn the_messages_of_pkits_come_out_as_their_certificates_do() {
    let Some(folder) = fetched("pkits-smime", "SignedValidSignaturesTest1.eml") else { return };
    let messages = messages(&folder);
    let cases = cases();
    let ends =
        cases.iter().map(|case| (read(&format!("testdata/pkits/certs/{}.crt", case.end_entity)), &*case.end_entity));
    let ends: BTreeMap<Vec<u8>, &str> = ends.collect();
    let mut lines = Vec::new();
    let mut asked = Vec::new();
    for message in &messages {
        let alone = format!("{} alone", message.name);
        lines.push(message.line(json!({"signature_only": true}), &alone));
        asked.push(("signatures alone", alone, "accepted"));
        for case in cases_of(message, &cases, &ends) {
            let id = format!("{} {}", message.name, case.id);
            lines.push(message.line(case.rules(), &id));
            asked.push((case.section(), id, case.expect.as_str()));
        }
    }
    let answers = answers("verify", lines.into_iter());
    let mut run = Run::of(Suite {
        key: "messages",
        title: "PKITS messages",
        version: "1.0.1, cryptography-vectors 50.0.2".to_owned(),
        about: ABOUT,
        ledger: "testdata/conformance/messages.toml",
    });
    for (section, id, expect) in asked {
        let (actual, detail) = decision(&answers[&id]);
        run.judge(section, &id, expect, &actual, &detail);
    }
    run.publish();
}
