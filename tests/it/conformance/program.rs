//! The program as an outside harness would run it: lines in, lines out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The answers of `rastau check --batch` or `verify --batch`, by id. Each line has one.
pub fn answers(command: &str, lines: impl Iterator<Item = Value>) -> BTreeMap<String, Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rastau"))
        .args([command, "--batch", "-"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RASTAU_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input: String = lines.map(|line| format!("{line}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("ends");
    writer.join().expect("no panic").expect("everything is read");
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    let answers = answers.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    answers.map(|answer| (answer["id"].as_str().expect("an id").to_owned(), answer)).collect()
}

/// The decision, and what led to it.
pub fn decision(answer: &Value) -> (String, String) {
    let Some(decision) = answer["decision"].as_str() else { return ("error".to_owned(), answer.to_string()) };
    let signatures = answer["signatures"].as_array().into_iter().flatten();
    let checks = [answer].into_iter().chain(signatures).flat_map(|report| report["checks"].as_array()).flatten();
    let failed = checks.filter(|check| !matches!(check["status"].as_str(), Some("passed" | "skipped")));
    let details: Vec<String> = failed.map(|check| format!("{}: {}", check["name"], check["detail"])).collect();
    (decision.to_owned(), format!("{}; {}", answer["refusal"]["code"], details.join("; ")))
}

/// What an answer comes to for a suite about signatures alone.
pub fn signature_outcome(answer: &Value) -> (&'static str, String) {
    let (decision, detail) = decision(answer);
    let outcome = match (decision.as_str(), answer["refusal"]["code"].as_str().unwrap_or_default()) {
        ("accepted", _) => "good",
        ("undetermined", _) => "no key",
        ("refused", "algorithm-not-allowed") => "not allowed",
        ("refused", "document-malformed") if detail.contains("not supported") => "not supported",
        ("refused", "signature-invalid" | "document-malformed") => "bad",
        _ => "error",
    };
    (outcome, detail)
}
