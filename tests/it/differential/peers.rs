//! The other implementations, as programs.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Word;

/// Runs a program on every input, which lies in the file `input` of the folder; `None` when it cannot be run.
pub fn each(folder: &Path, inputs: &[Vec<u8>], program: &str, arguments: &[&str]) -> Option<Vec<Word>> {
    inputs.iter().map(|input| one(folder, input, program, arguments)).collect()
}

fn one(folder: &Path, input: &[u8], program: &str, arguments: &[&str]) -> Option<Word> {
    fs::write(folder.join("input"), input).unwrap();
    let output = match Command::new(program).current_dir(folder).args(arguments).output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: {program} cannot be run ({error})");
            return None;
        }
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // `openssl crl -verify` tells by words alone.
    let is_good = output.status.success() && !said.contains("verify failure") && !said.contains("Verify Failure");
    Some(if is_good { Ok(()) } else { Err(last_words(&said)) })
}

/// What the program says, without the numbers of its threads and the places in its source.
fn last_words(said: &str) -> String {
    let brief = |line: &str| match line.split(':').collect::<Vec<_>>().as_slice() {
        [_, "error", _, library, _, what, ..] => format!("{library}: {what}"),
        _ => line.trim().to_owned(),
    };
    let lines: Vec<String> = said.lines().filter(|line| !line.trim().is_empty()).map(brief).collect();
    lines.join(" | ")
}

/// Reads octets in hexadecimal, a line each, and says `ok` or what is wrong; the first argument says what they are.
const PYCA: &str = r#"
import sys, warnings
warnings.simplefilter("ignore")
from cryptography import x509
from cryptography.x509 import ocsp
def certificate(der):
    c = x509.load_der_x509_certificate(der)
    c.subject, c.issuer, c.serial_number, c.version, c.not_valid_before_utc, c.not_valid_after_utc
    c.signature, c.tbs_certificate_bytes, list(c.extensions)
def crl(der):
    c = x509.load_der_x509_crl(der)
    c.issuer, c.last_update_utc, c.next_update_utc, c.signature, c.tbs_certlist_bytes
    list(c.extensions), [(r.serial_number, r.revocation_date_utc, list(r.extensions)) for r in c]
def response(der):
    r = ocsp.load_der_ocsp_response(der)
    if r.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL: raise ValueError("status")
    r.responder_name, r.responder_key_hash, r.produced_at_utc, r.signature, r.certificates, list(r.extensions)
    for s in r.responses: s.certificate_status, s.serial_number, s.this_update_utc, s.next_update_utc, s.revocation_time_utc, list(s.extensions) if hasattr(s, "extensions") else None
read = {"certificate": certificate, "crl": crl, "response": response}[sys.argv[1]]
for line in open(sys.argv[2]):
    try:
        read(bytes.fromhex(line))
        print("ok")
    except BaseException as e:
        print((type(e).__name__ + ": " + str(e)).replace("\n", " "))
"#;

/// What pyca/cryptography says when it reads each input; `None` without it.
pub fn pyca(folder: &Path, inputs: &[Vec<u8>], kind: &str) -> Option<Vec<Word>> {
    let has_it = Command::new("python3").args(["-c", "import cryptography.x509.ocsp"]).output();
    if !has_it.is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no python3 with cryptography");
        return None;
    }
    let hexadecimal = |input: &Vec<u8>| input.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    fs::write(folder.join("lines"), inputs.iter().map(hexadecimal).collect::<Vec<_>>().join("\n")).unwrap();
    let output = Command::new("python3").current_dir(folder).args(["-c", PYCA, kind, "lines"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(said.lines().map(|line| if line == "ok" { Ok(()) } else { Err(line.to_owned()) }).collect())
}
