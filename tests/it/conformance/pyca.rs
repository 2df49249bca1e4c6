//! OCSP responses and PKCS#7 files of pyca/cryptography, each through `inspect --strict`.

use std::process::{Command, Stdio};

use super::run::Suite;
use super::{Run, fetched};

const ABOUT: &str = "\
OCSP responses and PKCS#7 files out of the vectors of [pyca/cryptography](https://cryptography.io), through `rastau inspect \
--strict`: good is exit status 0. Expected is what pyca/cryptography 50 says of them, which reads the certificates of PKCS#7 \
without signatures. Requests and files about private keys are not ours to read.";

/// Responses that pyca/cryptography does not read.
const BAD: [&str; 4] = [
    "resp-invalid-version.der",
    "resp-response-type-unknown-oid.der",
    "resp-successful-no-response-bytes.der",
    "resp-unknown-response-status.der",
];

/// Files of a folder, sorted; certificates and requests aside.
fn files(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_str().expect("UTF-8").to_owned()).collect();
    names.retain(|name| !name.starts_with("req-") && !name.ends_with("-req.der") && !name.ends_with("-san.pem"));
    names.sort();
    names
}

#[test]
fn ocsp_and_pkcs7_vectors_agree_except_where_a_reason_is_given() {
    let Some(folder) = fetched("pyca", "ocsp/resp-revoked.der") else { return };
    let mut run = Run::of(Suite {
        key: "pyca",
        title: "OCSP and PKCS7 vectors",
        version: "cryptography-vectors 50.0.2".to_owned(),
        about: ABOUT,
        ledger: "testdata/conformance/pyca.toml",
    });
    for group in ["ocsp", "pkcs7"] {
        for name in files(&folder.join(group)) {
            let output = Command::new(env!("CARGO_BIN_EXE_rastau"))
                .args(["inspect", "--strict"])
                .arg(folder.join(group).join(&name))
                .stdin(Stdio::null())
                .output()
                .expect("the program starts");
            let expected = if BAD.contains(&name.as_str()) { "bad" } else { "good" };
            let actual = if output.status.success() { "good" } else { "bad" };
            let detail = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
            run.judge(group, &format!("{group}/{name}"), expected, actual, &detail);
        }
    }
    run.publish();
}
