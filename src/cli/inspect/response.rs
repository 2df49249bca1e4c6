//! An OCSP response as `inspect` shows it.

use serde::Serialize;

use super::super::output::{HEADING, Hex, Output, Styled, UNSURE, field};
use super::extension::{self, ExtensionView};
use crate::clock::Time;
use crate::revocation::ocsp::{CertStatus, ErrorStatus, IdHash, ParsedResponse, SingleResponse};

/// What a response says. Its signature is not looked at: that needs the issuer of the certificate, see `check`.
#[derive(Serialize)]
pub struct ResponseView {
    status: &'static str,
    bytes: usize,
    #[serde(flatten)]
    answer: Option<AnswerView>,
}

/// What a successful response says.
#[derive(Serialize)]
struct AnswerView {
    responder: String,
    produced_at: Time,
    signature_algorithm: String,
    sha256: String,
    answers: Vec<SingleView>,
    certificates: Vec<String>,
    extensions: Vec<ExtensionView>,
}

/// What it says about one certificate.
#[derive(Serialize)]
struct SingleView {
    serial_number: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    this_update: Time,
    next_update: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive_cutoff: Option<Time>,
    hash: Option<&'static str>,
    issuer_name_hash: String,
    issuer_key_hash: String,
}

impl ResponseView {
    /// What `response` says.
    pub fn of(response: &ParsedResponse) -> Self {
        let answer = AnswerView {
            responder: response.responder().to_string(),
            produced_at: response.produced_at(),
            signature_algorithm: match response.signature_algorithm() {
                Ok(algorithm) => algorithm.name().to_owned(),
                Err(refused) => format!("{} (not allowed)", refused.name.unwrap_or(&refused.oid)),
            },
            sha256: Hex(response.sha256()).to_string(),
            answers: response.singles().iter().map(SingleView::of).collect(),
            certificates: response.certificates().iter().map(|own| own.subject().to_string()).collect(),
            extensions: response
                .extensions()
                .iter()
                .map(|extension| ExtensionView {
                    oid: extension.oid.to_string(),
                    name: extension::name(&extension.oid),
                    critical: extension.critical,
                    value: extension::octets(&extension.value),
                })
                .collect(),
        };
        Self { status: "successful", bytes: response.as_der().len(), answer: Some(answer) }
    }

    /// A responder that does not answer.
    pub fn refusal(status: ErrorStatus, bytes: usize) -> Self {
        Self { status: status.name(), bytes, answer: None }
    }

    /// For people.
    pub fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, format_args!("OCSP response ({} bytes)", self.bytes)));
        field(output, "status", self.status);
        let Some(answer) = &self.answer else {
            let warning = Styled(UNSURE, "warning:");
            output.line(format_args!("{warning} an error of the responder, which nobody signs: it proves nothing"));
            return;
        };
        field(output, "responder", &answer.responder);
        field(output, "produced at", &answer.produced_at.to_string());
        field(output, "signature", &format!("{}, not looked at", answer.signature_algorithm));
        field(output, "SHA-256", &answer.sha256);
        for certificate in &answer.certificates {
            field(output, "certificate", certificate);
        }
        for single in &answer.answers {
            single.print(output);
        }
        extension::print(output, &answer.extensions);
    }
}

impl SingleView {
    fn of(single: &SingleResponse) -> Self {
        let (status, revoked) = match single.status() {
            CertStatus::Good => ("good", None),
            CertStatus::Revoked(_) if single.status().is_never_issued() => ("never issued", None),
            CertStatus::Revoked(revoked) => ("revoked", Some(revoked)),
            CertStatus::Unknown => ("unknown", None),
        };
        Self {
            serial_number: single.id().serial_number().to_string(),
            status,
            revoked_at: revoked.map(|revoked| revoked.date),
            reason: revoked.and_then(|revoked| revoked.reason).map(|reason| reason.name()),
            this_update: single.this_update(),
            next_update: single.next_update(),
            archive_cutoff: single.archive_cutoff(),
            hash: single.id().hash().map(IdHash::name),
            issuer_name_hash: Hex(single.id().issuer_name_hash()).to_string(),
            issuer_key_hash: Hex(single.id().issuer_key_hash()).to_string(),
        }
    }

    fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, "Answer"));
        field(output, "serial number", &self.serial_number);
        let status = match (self.revoked_at, self.reason) {
            (Some(date), Some(reason)) => format!("{} {date}, {reason}", self.status),
            (Some(date), None) => format!("{} {date}", self.status),
            _ => self.status.to_owned(),
        };
        field(output, "status", &status);
        field(output, "this update", &self.this_update.to_string());
        let next = self.next_update.map_or_else(|| "none".to_owned(), |next| next.to_string());
        field(output, "next update", &next);
        if let Some(cutoff) = self.archive_cutoff {
            field(output, "archive", &format!("keeps certificates that expired since {cutoff}"));
        }
        let hash = self.hash.unwrap_or("an unknown hash");
        let hashes = format!("{hash} of name {} and key {}", self.issuer_name_hash, self.issuer_key_hash);
        field(output, "issuer", &hashes);
    }
}
