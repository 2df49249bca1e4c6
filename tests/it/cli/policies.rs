//! Certificate policies through `check`, alone and in a batch.

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::key::Key;
use rastau_mint::name::Name;
use serde_json::{Value, json};

use super::{file, folder, run, run_with_input};
use crate::signing::base64;

const ONE: &str = "1.3.6.1.4.1.32473.1";
const TWO: &str = "1.3.6.1.4.1.32473.2";

fn policies(policies: &[&str]) -> Extension {
    Extension::certificate_policies(policies, "")
}

/// A root, an authority that it has certified twice (with a policy and without one), and a leaf with that policy.
struct World {
    root: Authority,
    with_policy: Vec<u8>,
    without: Vec<u8>,
    leaf: Vec<u8>,
}

impl World {
    fn new(root: &[Extension]) -> Self {
        let key = Key::ed25519("root");
        let builder = CertificateBuilder::new(&Name::authority("root"), &key).authority(None);
        let root = Authority::self_signed(&root.iter().cloned().fold(builder, CertificateBuilder::with), key);
        let issue = |extensions: Vec<Extension>| {
            let key = Key::ed25519("authority");
            let builder = CertificateBuilder::new(&Name::authority("authority"), &key).authority(None);
            root.subordinate_of(extensions.into_iter().fold(builder, CertificateBuilder::with), key)
        };
        let (with_policy, without) = (issue(vec![policies(&[ONE])]), issue(vec![]));
        let builder = CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf"));
        let leaf = without.issue(builder.with(policies(&[ONE])));
        Self { with_policy: with_policy.certificate, without: without.certificate, leaf, root }
    }

    fn line(&self, intermediates: &[&[u8]], changes: Value) -> Value {
        let mut line = json!({
            "certificate": base64(&self.leaf),
            "intermediates": intermediates.iter().map(base64).collect::<Vec<_>>(),
            "trust": [base64(&self.root.certificate)],
            "profile": "rfc5280",
            "revocation": "off",
            "at": "2026-08-20T00:00:00Z",
        });
        for (field, value) in changes.as_object().expect("an object") {
            line[field] = value.clone();
        }
        line
    }
}

pub fn answers(args: &[&str], lines: &[Value]) -> Vec<Value> {
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let run = run_with_input(&[&["check", "--batch", "-"], args].concat(), input.as_bytes());
    assert_eq!(run.status, 0, "{}\n{}", run.err, run.out);
    run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn chain(answer: &Value) -> &Value {
    let checks = answer["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["name"] == "trust-chain").expect("trust-chain")
}

#[test]
fn each_line_asks_for_its_own_policies() {
    let world = World::new(&[]);
    let both = [world.without.as_slice(), &world.with_policy];
    let one = json!({ "initial_policy": [ONE], "require_explicit_policy": true });
    let table = [
        (world.line(&both, json!({})), "accepted"),
        (world.line(&both, json!({ "policy": one })), "accepted"),
        (world.line(&[&world.without], json!({ "policy": one })), "refused"),
        (world.line(&[&world.with_policy], json!({ "policy": { "require_explicit_policy": true } })), "accepted"),
        (world.line(&[&world.without], json!({ "policy": { "require_explicit_policy": true } })), "refused"),
        (world.line(&both, json!({ "policy": { "initial_policy": TWO, "require-explicit-policy": true } })), "refused"),
        (world.line(&both, json!({ "policy": { "initial_policy": [TWO] } })), "accepted"),
        (world.line(&both, json!({ "policy": { "initial-policy": ["2.5.29.32.0"] } })), "accepted"),
    ];
    let lines: Vec<Value> = table.iter().map(|(line, _)| line.clone()).collect();
    let answers = answers(&[], &lines);
    for (index, (answer, (_, decision))) in answers.iter().zip(&table).enumerate() {
        assert_eq!(answer["decision"], *decision, "line {index}: {answer}");
        if *decision == "refused" {
            assert_eq!(answer["refusal"]["code"], "issuer-not-trusted", "line {index}");
            assert_eq!(answer["sub_indication"], "CHAIN_CONSTRAINTS_FAILURE", "line {index}: {answer}");
            assert!(chain(answer)["detail"].as_str().expect("detail").contains("depth"), "line {index}: {answer}");
        }
    }
    assert_eq!(chain(&answers[1])["evidence"]["policies"], json!([ONE]), "of the path that has it");
    assert_eq!(chain(&answers[6])["evidence"].get("policies"), None, "none that was named");
}

#[test]
fn options_ask_for_lines_that_do_not() {
    let world = World::new(&[]);
    let lines = [
        world.line(&[&world.without], json!({})),
        world.line(&[&world.without], json!({ "policy": { "require_explicit_policy": false } })),
        world.line(&[&world.with_policy], json!({ "policy": { "initial_policy": ONE } })),
        world.line(&[&world.with_policy], json!({})),
    ];
    let answers = answers(&["--require-explicit-policy", "--initial-policy", TWO], &lines);
    let decisions: Vec<&str> = answers.iter().map(|answer| answer["decision"].as_str().unwrap_or("none")).collect();
    assert_eq!(decisions, ["refused", "accepted", "accepted", "refused"]);
    // Empty means any policy to the standard: a line without any must not lift what the options demand.
    let empty = world.line(&[&world.with_policy], json!({ "policy": { "initial_policy": [] } })).to_string();
    let run = run_with_input(&["check", "--batch", "-", "--initial-policy", TWO], empty.as_bytes());
    assert_eq!(run.status, 2, "{}", run.out);
    assert!(run.out.contains("policy.initial_policy") && run.out.contains("names no policy"), "{}", run.out);
}

#[test]
fn what_an_anchor_demands_counts_when_anchors_are_checked() {
    let world = World::new(&[Extension::policy_constraints(Some(0), None)]);
    let folder = folder();
    let write = |name: &str, der: &[u8]| file(&folder, name, der);
    let (leaf, root) = (write("leaf.cer", &world.leaf), write("root.cer", &world.root.certificate));
    let (with_policy, without) = (write("with.cer", &world.with_policy), write("without.cer", &world.without));
    let check = |intermediate: &str, extra: &[&str]| {
        let common = ["check", &leaf, "--trust", &root, "--intermediates", intermediate, "--profile", "rfc5280"];
        let common = [&common[..], &["--revocation", "off", "--at", "2026-08-20T00:00:00Z", "--json"], extra].concat();
        run(&common)
    };
    assert_eq!(check(&without, &[]).status, 0, "a name and a key");
    assert_eq!(check(&with_policy, &["--check-anchors"]).status, 0);
    let refused = check(&without, &["--check-anchors"]);
    assert_eq!((refused.status, refused.outcome()), (1, ("refused".into(), "issuer-not-trusted".into())));
    let detail = chain(&refused.json())["detail"].as_str().expect("detail").to_owned();
    assert!(detail.contains("certificate polic") && detail.contains("depth 1"), "{detail}");
}
