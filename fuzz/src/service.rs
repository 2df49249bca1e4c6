//! What the program takes from callers, operators and its own disk: requests, lines of a batch, settings, exported journals.

use std::path::PathBuf;
use std::sync::OnceLock;

use rastau::cli::fuzzing::Batch;
use rastau::config::{Config, Sources};
use rastau::journal::export::Exported;
use rastau::journal::{GENESIS, Known, Receipt, VerifyError, verify_export};
use rastau::policy::services::ServiceTable;
use rastau::service::demo;
use rastau::verdict::Decision;

use crate::mutate::Shape;
use crate::{Target, judged, requests};

/// The targets.
pub const TARGETS: &[Target] = &[
    Target::new("address", Shape::Bytes, requests::address),
    Target::new("batch", Shape::Bytes, batch),
    Target::new("config", Shape::Bytes, config),
    Target::new("form", Shape::Bytes, requests::form),
    Target::new("journal", Shape::Bytes, journal),
    Target::new("judged", Shape::Tlv, judged::judged),
    Target::new("json", Shape::Bytes, requests::json),
];

/// Lines of `check --batch` and `verify --batch`: one line of JSON for each, the same each time, with a decision unless there
/// is an error.
fn batch(data: &[u8]) {
    static BATCH: OnceLock<Batch> = OnceLock::new();
    let now = requests::now();
    let batch = BATCH.get_or_init(|| Batch::new(&demo::grounds(now).expect("the demo"), now));
    for line in data.split(|&octet| octet == b'\n').filter(|line| !line.trim_ascii().is_empty()).take(4) {
        for ask in [Batch::check, Batch::verify] {
            let (json, decision) = ask(batch, line);
            assert!(!json.contains('\n'), "one line");
            let answer: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            assert_eq!(answer.get("error").is_some(), decision.is_none());
            if let Ok(question) = serde_json::from_slice::<serde_json::Value>(line)
                && decision.is_some()
            {
                assert_eq!(
                    answer.get("id"),
                    question.get("id").filter(|id| !id.is_null()),
                    "the id is that of the line"
                );
            }
            assert!(decision != Some(Decision::Accepted) || line.len() > 256, "what says so little proves nothing");
            assert_eq!(ask(batch, line), (json, decision));
        }
    }
}

/// Settings: what cannot be used is named with a remedy. Then the table of services.
fn config(data: &[u8]) {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    let path = FILE.get_or_init(|| std::env::temp_dir().join(format!("rastau-fuzz-{}.toml", std::process::id())));
    std::fs::write(path, data).expect("a folder for temporary files");
    if let Err(error) = Config::load(&Sources { file: Some(path.clone()), ..Sources::default() }) {
        assert!(!error.problems().is_empty());
        assert!(error.problems().iter().all(|problem| !problem.problem.is_empty() && !problem.remedy.is_empty()));
        let _ = error.to_string();
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = ServiceTable::from_toml(text).map_err(|error| error.to_string());
        if let Ok(receipt) = text.parse::<Receipt>() {
            assert_eq!(receipt.to_string().parse(), Ok(receipt), "a receipt is written as it is read");
        }
    }
}

/// Exported journals: what holds goes on holding under its own head, and neither without its first line nor with two lines in
/// each other's places.
fn journal(data: &[u8]) {
    let Ok(verified) = verify_export(data, Known::default()) else { return };
    let lines: Vec<&[u8]> = data.split(|&octet| octet == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    assert!(lines.iter().all(|line| Exported::read(line).is_some()));
    let Some(last) = lines.last().and_then(|line| Exported::read(line)) else { return };
    let head = Receipt { sequence: last.sequence, hash: last.hash };
    assert_eq!(verify_export(data, Known::default().with_head(head)), Ok(verified));
    let elsewhere = Receipt { hash: GENESIS, ..head };
    assert!(matches!(verify_export(data, Known::default().with_head(elsewhere)), Err(VerifyError::Fault(_))));
    if let [first, second, ..] = lines.as_slice() {
        let swapped = [second, first, &lines[2..].join(&b'\n')[..]].join(&b'\n');
        assert!(verify_export(swapped.as_slice(), Known::default()).is_err(), "a chain has one order");
    }
}
