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

/// Reads octets in hexadecimal, a line each, and says `ok` or which part of it is wrong and how; the first argument says what
/// they are. An extension that is wrong is found by leaving it alone in what is read.
const PYCA: &str = r#"
import sys, warnings
warnings.simplefilter("ignore")
from cryptography import x509
from cryptography.x509 import ocsp

def elements(octets):
    found, at = [], 0
    while at < len(octets):
        tag, first, start = octets[at], octets[at + 1], at + 2
        if first & 0x80:
            start += first & 0x7F
            first = int.from_bytes(octets[at + 2:start], "big")
        if start + first > len(octets): raise ValueError("cut off")
        found.append((tag, octets[start:start + first], octets[at:start + first]))
        at = start + first
    return found

def element(tag, value):
    length = len(value)
    if length < 128: return bytes([tag, length]) + value
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + value

def culprit(der, tag, load):
    """The type of the first extension that cannot be read alone, in hexadecimal."""
    try:
        whole = elements(elements(der)[0][1])
        fields = elements(whole[0][1])
        explicit = [value for kind, value, _ in fields if kind == tag][-1]
        for _, value, raw in elements(elements(explicit)[0][1]):
            alone = element(tag, element(0x30, raw))
            tbs = element(0x30, b"".join(alone if kind == tag else one for kind, _, one in fields))
            try: list(load(element(0x30, tbs + b"".join(one for _, _, one in whole[1:]))).extensions)
            except BaseException: return elements(value)[0][1].hex()
    except BaseException: pass
    return "not found"

def certificate(der, step):
    step("structure")
    c = x509.load_der_x509_certificate(der)
    for part in ["subject", "issuer", "serial_number", "version", "not_valid_before_utc", "not_valid_after_utc",
                 "signature", "tbs_certificate_bytes"]:
        step(part)
        getattr(c, part)
    step(lambda: "extension " + culprit(der, 0xA3, x509.load_der_x509_certificate))
    list(c.extensions)

def crl(der, step):
    step("structure")
    c = x509.load_der_x509_crl(der)
    for part in ["issuer", "last_update_utc", "next_update_utc", "signature", "tbs_certlist_bytes"]:
        step(part)
        getattr(c, part)
    step(lambda: "extension " + culprit(der, 0xA0, x509.load_der_x509_crl))
    list(c.extensions)
    step("entries")
    for r in c:
        step("serial number or date of an entry")
        r.serial_number, r.revocation_date_utc
        step("extensions of an entry")
        list(r.extensions)

def response(der, step):
    step("structure")
    r = ocsp.load_der_ocsp_response(der)
    step("status")
    if r.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL: raise ValueError("status")
    for part in ["responder_name", "responder_key_hash", "produced_at_utc", "signature", "certificates", "extensions"]:
        step(part)
        list(r.extensions) if part == "extensions" else getattr(r, part)
    step("answers")
    for s in r.responses:
        for part in ["certificate_status", "serial_number", "this_update_utc", "next_update_utc", "revocation_time_utc"]:
            step(part + " of an answer")
            getattr(s, part)
        step("extensions of an answer")
        list(s.extensions) if hasattr(s, "extensions") else None

read = {"certificate": certificate, "crl": crl, "response": response}[sys.argv[1]]
for line in open(sys.argv[2]):
    at = ["structure"]
    def step(part): at[0] = part
    try:
        read(bytes.fromhex(line), step)
        print("ok")
    except BaseException as e:
        part = at[0] if isinstance(at[0], str) else at[0]()
        print((part + ": " + str(e)).replace("\n", " "))
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
