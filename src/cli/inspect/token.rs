//! A timestamp token, and what an authority answers, as `inspect` shows them.

use serde::Serialize;

use super::super::output::{HEADING, Hex, Output, Styled, UNSURE, field};
use super::document::signer;
use crate::clock::Time;
use crate::signed::Integrity;
use crate::tsp::{Response, Token};

/// What a token says. Its signature is not looked at.
#[derive(Serialize)]
pub struct TokenView {
    bytes: usize,
    gen_time: Time,
    policy: String,
    serial_number: String,
    imprint_algorithm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    imprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy_ms: Option<u64>,
    ordering: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    authority: String,
    signature_algorithm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// What an authority answers.
#[derive(Serialize)]
pub struct TimestampResponseView {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<TokenView>,
}

impl TokenView {
    /// What `token`, of so many octets, says.
    pub fn of(token: &Token, bytes: usize) -> Self {
        let (imprint_algorithm, imprint) = match &token.imprint {
            Ok(digest) => (digest.algorithm().name().to_owned(), Some(Hex(digest.as_bytes()).to_string())),
            Err(refused) => (format!("{} (not allowed)", refused.name.unwrap_or(&refused.oid)), None),
        };
        Self {
            bytes,
            gen_time: token.gen_time,
            policy: token
                .policy
                .map_or_else(|| "a number too large to be shown".to_owned(), |policy| policy.to_string()),
            serial_number: token.serial_number.to_string(),
            imprint_algorithm,
            imprint,
            accuracy_ms: token.accuracy.map(|accuracy| u64::try_from(accuracy.0.as_millis()).unwrap_or(u64::MAX)),
            ordering: token.ordering,
            nonce: token.nonce.as_ref().map(|nonce| Hex(nonce).to_string()),
            authority: signer(&token.signature.signer),
            signature_algorithm: match &token.signature.signature_algorithm {
                Ok(algorithm) => algorithm.name().to_owned(),
                Err(refused) => format!("{} (not allowed)", refused.name.unwrap_or(&refused.oid)),
            },
            problem: match &token.signature.integrity {
                Integrity::Altered(why) => Some(why.clone()),
                _ => None,
            },
        }
    }

    /// For people.
    pub fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, format_args!("Timestamp token ({} bytes)", self.bytes)));
        field(output, "moment", &self.gen_time.to_string());
        field(output, "policy", &self.policy);
        field(output, "serial number", &self.serial_number);
        field(
            output,
            "imprint",
            &format!("{} {}", self.imprint_algorithm, self.imprint.as_deref().unwrap_or_default()),
        );
        if let Some(accuracy) = self.accuracy_ms {
            field(output, "accuracy", &format!("{accuracy} ms"));
        }
        if let Some(nonce) = &self.nonce {
            field(output, "nonce", nonce);
        }
        field(output, "authority", &self.authority);
        field(output, "signature", &format!("{}, not looked at", self.signature_algorithm));
        if let Some(problem) = &self.problem {
            output.line(format_args!("{} {problem}", Styled(UNSURE, "warning:")));
        }
    }

    /// One line of a document.
    pub fn print_short(&self, over: &str, output: &mut Output) {
        field(output, "timestamp", &format!("{} over the {over}, policy {}", self.gen_time, self.policy));
    }
}

impl TimestampResponseView {
    /// What `response` says.
    pub fn of(response: &Response) -> Self {
        let bytes = response.token_bytes.as_ref().map_or(0, Vec::len);
        Self {
            status: response.status.as_str(),
            text: response.text.clone(),
            failures: response.failures.clone(),
            token: response.token.as_ref().map(|token| TokenView::of(token, bytes)),
        }
    }

    /// For people.
    pub fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, "Timestamp response"));
        field(output, "status", self.status);
        if let Some(text) = &self.text {
            field(output, "text", text);
        }
        if !self.failures.is_empty() {
            let bits: Vec<_> = self.failures.iter().map(ToString::to_string).collect();
            field(output, "failures", &bits.join(", "));
        }
        if let Some(token) = &self.token {
            token.print(output);
        }
    }
}
