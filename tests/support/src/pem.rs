//! PEM armour (RFC 7468): 64 columns, LF.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// One PEM block, ending in a newline.
pub fn encode(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for start in (0..text.len()).step_by(64) {
        out.push_str(&text[start..text.len().min(start + 64)]);
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}

/// A certificate in PEM.
pub fn certificate(der: &[u8]) -> String {
    encode("CERTIFICATE", der)
}

/// The bytes inside the first PEM block, whatever its label; `None` when there is none or it is not base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let body: String = text
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"))
        .collect();
    if body.is_empty() { None } else { STANDARD.decode(body.replace(['\r', ' '], "")).ok() }
}
