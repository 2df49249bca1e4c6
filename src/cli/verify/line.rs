//! One line of a batch: the body of `POST /v1/documents/verify`, and the evidence and rules for it.

use serde::Deserialize;
use serde_json::Value;

use super::super::batch::brought::{Brought, LineGrounds, OfLine};
use super::super::batch::line::{LineRules, parse, reported, unread};
use super::super::batch::{self, Answer};
use super::super::evidence::Defaults;
use super::super::policy::PolicyField;
use crate::clock::Time;
use crate::der::armour;
use crate::policy::{Profile, Purpose, RevocationOrder, RevocationRule};
use crate::service::{ContentDigest, DocumentRequest, FieldError, Grounds, IdentityClaim, Service};
use crate::signed::{Detached, Document};
use crate::verdict::DocumentReport;

/// A line as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    id: Option<Value>,
    document: String,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    content_digest: Option<ContentDigest>,
    #[serde(default)]
    part: Option<String>,
    #[serde(default)]
    identity: Option<IdentityClaim>,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    purpose: Option<Purpose>,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    extract: bool,
    #[serde(default)]
    signature_only: Option<bool>,
    #[serde(default)]
    intermediates: Vec<String>,
    #[serde(default)]
    trust: Option<LineTrust>,
    #[serde(default)]
    crls: Option<Vec<String>>,
    #[serde(default)]
    ocsp_responses: Option<Vec<String>>,
    #[serde(default)]
    profile: Option<Profile>,
    #[serde(default)]
    revocation: Option<RevocationRule>,
    #[serde(default)]
    revocation_order: Option<RevocationOrder>,
    #[serde(default)]
    policy: PolicyField,
    #[serde(default)]
    check_anchors: Option<bool>,
}

impl Line {
    /// Whether the cryptography alone is asked for. Fields that contradict each other, and questions that are answered from the
    /// signer's certificate and would be left out, are mistakes of whoever wrote the line.
    fn cryptography_alone(&self, no_trust: bool, by_default: bool) -> Result<bool, Vec<FieldError>> {
        let only = no_trust || self.signature_only.unwrap_or(by_default);
        let mut errors = Vec::new();
        if no_trust && self.signature_only == Some(false) {
            errors.push(FieldError::new(
                "signature_only",
                "contradiction",
                "false, while trust is \"none\"",
                "leave out one of the two",
            ));
        }
        for (field, given) in [("identity", self.identity.is_some()), ("service", self.service.is_some())] {
            if only && given {
                errors.push(FieldError::new(
                    field,
                    "contradiction",
                    "asked about, while trust is not: whose the certificate is, the cryptography does not tell",
                    "leave the field out, or ask about trust",
                ));
            }
        }
        if errors.is_empty() { Ok(only) } else { Err(errors) }
    }
}

/// What a line trusts.
#[derive(Deserialize)]
#[serde(untagged)]
enum LineTrust {
    /// These anchors.
    Anchors(Vec<String>),
    /// A word: `none`, for the cryptography alone.
    Word(String),
}

impl LineTrust {
    /// The anchors; no list for a question without trust.
    fn anchors(&self) -> Result<Option<&[String]>, Vec<FieldError>> {
        match self {
            Self::Anchors(anchors) => Ok(Some(anchors)),
            Self::Word(word) if word == "none" => Ok(None),
            Self::Word(_) => Err(vec![FieldError::new(
                "trust",
                "unknown-word",
                "neither a list of anchors nor the word none",
                "send an array of base64 or PEM, or \"none\" to check signatures and digests alone",
            )]),
        }
    }
}

/// Answers lines, on any number of threads.
pub struct Responder {
    service: Service,
    grounds: LineGrounds,
    defaults: Defaults,
    signature_only: bool,
}

impl Responder {
    /// `shared` are the grounds for lines that bring none.
    pub fn new(service: Service, shared: Grounds, defaults: Defaults, signature_only: bool, now: Time) -> Self {
        Self { service, grounds: LineGrounds::new(shared, now), defaults, signature_only }
    }

    /// One line of JSON for one line.
    pub fn answer(&self, number: u64, line: &batch::Line) -> Answer {
        let line: Line = match parse(number, line, "POST /v1/documents/verify") {
            Ok(line) => line,
            Err(answer) => return answer,
        };
        let id = line.id.clone();
        match self.report(line) {
            Ok(report) => reported(number, id.as_ref(), &report, report.decision()),
            Err(errors) => unread(number, id.as_ref(), "field-unusable", errors),
        }
    }

    fn report(&self, line: Line) -> Result<DocumentReport, Vec<FieldError>> {
        let no_trust = matches!(&line.trust, Some(LineTrust::Word(word)) if word == "none");
        let only = line.cryptography_alone(no_trust, self.signature_only)?;
        let Line { profile, revocation, revocation_order: order, check_anchors, policy, .. } = line;
        let rules = LineRules { profile, revocation, order, check_anchors, policy }.over(&self.defaults)?;
        let anchors = line.trust.as_ref().map(LineTrust::anchors).transpose()?;
        let brought = Brought {
            trust: anchors.flatten(),
            lists: line.crls.as_deref(),
            responses: line.ocsp_responses.as_deref(),
            intermediates: &line.intermediates,
            paths_through: true,
        };
        // The moment that counts is that of the signature: evidence from after it is the usual case.
        let OfLine { grounds, unread } = self.grounds.of(&brought, &rules, None)?;
        let document = decode("document", &line.document)?;
        let content = line.content.as_deref().map(decode_content).transpose()?;
        let mut request = DocumentRequest {
            document: String::new(),
            format: line.format,
            content: content.as_ref().map(|_| String::new()),
            content_digest: line.content_digest,
            part: line.part,
            identity: line.identity,
            service: line.service,
            purpose: line.purpose,
            at: line.at,
            language: line.language,
            extract: line.extract,
        };
        let DocumentRequest { service, purpose, at, language, .. } = &mut request;
        self.defaults.complete(service, purpose, at, language);
        let policy = rules.policy(request.purpose.unwrap_or_default());
        let prepared = self.service.prepare_document_under(&request, policy).map_err(|error| error.errors)?;
        let prepared = prepared.with_intermediates(&line.intermediates).map_err(|error| error.errors)?;
        let prepared = if only { prepared.signature_only() } else { prepared };
        let detached = content.as_deref().map_or(Detached::Absent, Detached::Bytes);
        let report = self.service.verify_document(&prepared, &grounds, Document::Bytes(&document), detached);
        let report = report.map_err(|error| {
            vec![FieldError::new("document", "unreadable", error.to_string(), "report this as a defect")]
        })?;
        Ok(report.with_warnings(unread.iter().cloned()))
    }
}

/// Base64, or PEM as it is.
fn decode(field: &str, text: &str) -> Result<Vec<u8>, Vec<FieldError>> {
    if text.trim_ascii_start().starts_with("-----BEGIN ") {
        return Ok(text.trim_ascii().as_bytes().to_vec());
    }
    armour::decode_base64(text.as_bytes()).map_err(|error| {
        vec![FieldError::new(field, "malformed-encoding", error.to_string(), "send the bytes in base64")]
    })
}

fn decode_content(text: &str) -> Result<Vec<u8>, Vec<FieldError>> {
    if text.trim_ascii().is_empty() { Ok(Vec::new()) } else { decode("content", text) }
}
