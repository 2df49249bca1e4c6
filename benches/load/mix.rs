//! What is asked.

use std::path::Path;

use hyper::body::Bytes;
use serde_json::{Value, json};

/// Most bodies that are kept, and the largest file they may come from.
const MAX_BODIES: usize = 100_000;
const MAX_FILE_BYTES: u64 = 256 << 20;

/// The bodies of the requests, asked in turn.
pub fn bodies(mix: Option<&Path>) -> Result<Vec<Bytes>, String> {
    let bodies = match mix {
        Some(path) => lines(path)?,
        None => demo_cases()?,
    };
    if bodies.is_empty() { Err("the mix has no request".to_owned()) } else { Ok(bodies) }
}

fn read(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let length = std::fs::metadata(path).map_err(|error| format!("{shown}: {error}"))?.len();
    if length > MAX_FILE_BYTES {
        return Err(format!("{shown} is larger than {MAX_FILE_BYTES} bytes"));
    }
    std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))
}

fn lines(path: &Path) -> Result<Vec<Bytes>, String> {
    let text = read(path)?;
    Ok(text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(MAX_BODIES)
        .map(|line| line.to_owned().into())
        .collect())
}

/// The cases of the demo PKI: several certificates and identities, every kind of answer.
fn demo_cases() -> Result<Vec<Bytes>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases: Value =
        serde_json::from_str(&read(&root.join("testdata/demo/cases.json"))?).map_err(|e| e.to_string())?;
    let cases = cases.as_array().ok_or("testdata/demo/cases.json is not a list")?;
    let mut bodies = Vec::new();
    for case in cases {
        let Some(certificate) = case["certificate"].as_str() else { continue };
        let mut body = json!({ "certificate": read(&root.join(certificate))? });
        for field in ["identity", "purpose"] {
            if !case[field].is_null() {
                body[field] = case[field].clone();
            }
        }
        bodies.push(body.to_string().into());
    }
    Ok(bodies)
}
