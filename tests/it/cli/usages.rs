//! Extended key usages that a question names, through `check` and `verify`, alone and in a batch.

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::key::Key;
use rastau_mint::name::Name;
use serde_json::{Value, json};

use super::policies::answers;
use super::{Run, demo, file, folder, run, run_with_input};
use crate::signing::{attached, base64};

const SERVER: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT: &str = "1.3.6.1.5.5.7.3.2";
const EMAIL: &str = "1.3.6.1.5.5.7.3.4";
const TIMES: &str = "1.3.6.1.5.5.7.3.8";
const ANY: &str = "2.5.29.37.0";

/// Extended key usages of an authority below a trusted root, and of the leaf that it has issued; none leaves the extension out.
fn line(authority: &[&str], leaf: &[&str], policy: Value) -> Value {
    let with = |builder: CertificateBuilder, usages: &[&str]| match usages {
        [] => builder,
        usages => builder.with(Extension::extended_key_usage(usages)),
    };
    let root = Authority::root("root", Key::ed25519("root of usages"));
    let key = Key::ed25519("authority of usages");
    let builder = CertificateBuilder::new(&Name::authority("authority"), &key).authority(None);
    let authority = root.subordinate_of(with(builder, authority), key);
    let builder = CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf of usages"));
    let leaf = authority.issue(with(builder, leaf));
    json!({
        "certificate": base64(leaf),
        "intermediates": [base64(&authority.certificate)],
        "trust": [base64(&root.certificate)],
        "profile": "rfc5280",
        "revocation": "off",
        "at": "2026-08-20T00:00:00Z",
        "policy": policy,
    })
}

fn code(answer: &Value) -> &str {
    answer["refusal"]["code"].as_str().unwrap_or("accepted")
}

fn usage_check(answer: &Value) -> Option<&Value> {
    answer["checks"].as_array().expect("checks").iter().find(|check| check["name"] == "key-usage")
}

#[test]
fn each_line_asks_for_its_own_usages() {
    let ask = |usages: &[&str]| json!({ "extended_key_usage": usages });
    let refused = "key-usage-not-allowed";
    let table = [
        (line(&[], &[SERVER], ask(&[SERVER])), "accepted", "it names the usage"),
        (line(&[], &[CLIENT], ask(&[SERVER])), refused, "it names another"),
        (line(&[], &[CLIENT, SERVER], ask(&[SERVER])), "accepted", "it names both"),
        (line(&[], &[CLIENT, SERVER], ask(&[CLIENT, SERVER])), "accepted", "both are asked for"),
        (line(&[], &[CLIENT], ask(&[CLIENT, SERVER])), refused, "one of two that are asked for"),
        (line(&[], &[], ask(&[CLIENT, SERVER])), "accepted", "without the extension"),
        (line(&[], &[ANY], ask(&[SERVER])), "accepted", "any usage"),
        (line(&[], &[EMAIL, ANY], ask(&[SERVER])), "accepted", "any usage beside another"),
        (line(&[], &[SERVER], ask(&[ANY])), refused, "any is asked for"),
        (line(&[CLIENT], &[SERVER], ask(&[SERVER])), "accepted", "the authority has another"),
        (line(&[SERVER], &[CLIENT], ask(&[SERVER])), refused, "the authority's counts for nothing"),
        (line(&[SERVER], &[], ask(&[CLIENT])), "accepted", "the authority's narrows nothing"),
        (line(&[], &[CLIENT], json!({ "extended_key_usage": SERVER })), refused, "one as a string"),
        (line(&[], &[CLIENT], json!({ "extended-key-usage": [SERVER] })), refused, "the name of the option"),
        (line(&[], &[CLIENT], json!({})), "accepted", "nothing is asked for"),
    ];
    let lines: Vec<Value> = table.iter().map(|(line, ..)| line.clone()).collect();
    let answers = answers(&[], &lines);
    assert_eq!(answers.len(), table.len());
    for (answer, (_, expected, what)) in answers.iter().zip(&table) {
        assert_eq!(code(answer), *expected, "{what}: {answer}");
        if *expected == refused {
            assert_eq!(answer["sub_indication"], "CHAIN_CONSTRAINTS_FAILURE", "{what}");
        }
    }
    assert_eq!(usage_check(answers.last().unwrap()), None, "plain path validation asks for no purpose");
    let failed = usage_check(&answers[1]).unwrap();
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["evidence"]["asked"], json!([SERVER]));
    assert_eq!(failed["evidence"]["extended_key_usage"], json!([CLIENT]));
    assert_eq!(failed["evidence"]["purpose"], "any");
    for (language, words) in
        [("en", "Purpose needed"), ("ru", "Требуемое назначение"), ("kk", "Талап етілетін мақсаты")]
    {
        let message = answers[1]["refusal"]["messages"][language].as_str().unwrap();
        assert!(message.contains(&format!("{words}: {SERVER}.")), "{message}");
    }
}

#[test]
fn options_ask_for_lines_that_do_not() {
    let lines = [
        line(&[], &[CLIENT], json!({})),
        line(&[], &[CLIENT], json!({ "extended_key_usage": CLIENT })),
        line(&[], &[SERVER, EMAIL], json!({})),
        line(&[], &[SERVER], json!({})),
        line(&[], &[SERVER], json!({ "require_explicit_policy": false })),
    ];
    let answers = answers(&["--extended-key-usage", SERVER, "--extended-key-usage", EMAIL], &lines);
    let refused = "key-usage-not-allowed";
    assert_eq!(answers.iter().map(code).collect::<Vec<_>>(), [refused, "accepted", "accepted", refused, refused]);
}

#[test]
fn usages_that_are_none_are_complained_about() {
    for (policy, field, problem) in [
        // A line that names none must not lift what the options demand.
        (json!({ "extended_key_usage": [] }), "policy.extended_key_usage", "names no usage"),
        (
            json!({ "extended_key_usage": [SERVER, "serverAuth"] }),
            "policy.extended_key_usage[1]",
            "an extended key usage is an object identifier",
        ),
        (json!({ "extended_key_usage": "" }), "policy.extended_key_usage[0]", "object identifier"),
    ] {
        let input = line(&[], &[CLIENT], policy).to_string();
        let run = run_with_input(&["check", "--batch", "-", "--extended-key-usage", SERVER], input.as_bytes());
        assert_eq!(run.status, 2, "{}", run.out);
        let answer: Value = serde_json::from_str(run.out.trim()).expect("JSON");
        assert_eq!(answer["error"]["errors"][0]["field"], field, "{answer}");
        assert!(answer["error"]["errors"][0].to_string().contains(problem), "{answer}");
    }
    let number = line(&[], &[CLIENT], json!({ "extended_key_usage": 1 })).to_string();
    let unread = run_with_input(&["check", "--batch", "-"], number.as_bytes());
    assert!(unread.out.contains("line-malformed"), "{}", unread.out);
    for command in ["check", "verify"] {
        for usage in ["serverAuth", "", "1", "1.3.6.1.5.5.7.3.", "9.9.9", "1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2"] {
            let run = run(&[command, &demo("individual-valid.pem"), "--extended-key-usage", usage]);
            assert_eq!(run.status, 2, "{command} {usage}: {}", run.out);
            let told =
                run.err.contains("--extended-key-usage") && run.err.contains("object identifier such as 1.3.6.1");
            assert!(told, "{command} {usage}: {}", run.err);
        }
    }
}

#[test]
fn a_certificate_of_the_portal_has_to_allow_them_beside_its_purpose() {
    let certificate = demo("individual-valid.pem");
    let check = |extra: &[&str]| run(&[&["check", &*certificate, "--json"], extra].concat());
    assert_eq!(check(&["--extended-key-usage", EMAIL]).status, 0);
    let refused = check(&["--extended-key-usage", EMAIL, "--extended-key-usage", TIMES]);
    assert_eq!((refused.status, refused.outcome().1), (1, "key-usage-not-allowed".to_owned()));
    let refused = refused.json();
    let failed = usage_check(&refused).unwrap();
    assert_eq!(failed["evidence"]["purpose"], "sign", "{failed}");
    assert!(failed["detail"].as_str().unwrap().contains(TIMES), "{failed}");
    // For people.
    let told = run(&["check", &certificate, "--extended-key-usage", EMAIL]);
    assert!(told.out.contains(&format!("asked for extended key usage {EMAIL}; the certificate has")), "{}", told.out);
    // What is asked for takes the place of nothing.
    let infrastructure = check(&["--extended-key-usage", EMAIL, "--iin", "720301200081"]);
    assert_eq!(infrastructure.outcome().1, "identity-mismatch");
}

#[test]
fn the_signer_of_a_document_has_to_allow_them() {
    let folder = folder();
    let document = attached(&["individual-valid"], b"an application");
    let path = file(&folder, "a.p7s", &document);
    let verify = |extra: &[&str]| -> Run { run(&[&["verify", &*path, "--json"], extra].concat()) };
    assert_eq!(verify(&["--extended-key-usage", EMAIL]).status, 0);
    let refused = verify(&["--extended-key-usage", SERVER]);
    assert_eq!((refused.status, refused.outcome().1), (1, "key-usage-not-allowed".to_owned()));
    let unasked = verify(&["--extended-key-usage", SERVER, "--signature-only"]);
    assert_eq!(unasked.status, 0, "the cryptography alone asks nothing of certificates: {}", unasked.out);

    let line = |policy: Value| json!({ "document": base64(&document), "policy": policy }).to_string();
    let ask = |usage: &str| line(json!({ "extended_key_usage": usage }));
    let input = [ask(EMAIL), ask(SERVER), line(json!({}))].join("\n");
    let run = run_with_input(&["verify", "--batch", "-"], input.as_bytes());
    let answers: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.iter().map(code).collect::<Vec<_>>(), ["accepted", "key-usage-not-allowed", "accepted"]);
}
