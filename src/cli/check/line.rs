//! One line of a batch: the body of `POST /v1/certificates/check`, and the evidence and rules for it.

use std::sync::Arc;

use moka::sync::Cache;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::batch::{self, Answer};
use super::engine::{Evidence, Material};
use super::request::{self, Defaults, Question, complaint, note};
use crate::clock::Time;
use crate::der::armour::{self, Label};
use crate::policy::{Profile, Purpose, RevocationRule};
use crate::revocation::{ParsedList, Source};
use crate::service::{CheckRequest, FieldError, IdentityClaim};
use crate::verdict::Report;

/// Sets of evidence kept for the lines that bring the same; batches made by a program bring few.
const KEPT_EVIDENCE: u64 = 32;
/// anyPolicy (RFC 5280 section 4.2.1.4), which is what is acceptable when nothing is said.
const ANY_POLICY: &str = "2.5.29.32.0";

/// A line as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    id: Option<Value>,
    certificate: String,
    #[serde(default)]
    intermediates: Vec<String>,
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
    trust: Option<Vec<String>>,
    #[serde(default)]
    crls: Option<Vec<String>>,
    #[serde(default)]
    ocsp_responses: Vec<String>,
    #[serde(default)]
    profile: Option<Profile>,
    #[serde(default)]
    revocation: Option<RevocationRule>,
    #[serde(default)]
    policy: PolicyInputs,
    #[serde(default)]
    check_anchors: Option<bool>,
}

/// Inputs of certificate-policy processing, by the names of the options.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PolicyInputs {
    #[serde(alias = "initial-policy", alias = "initial_policies")]
    initial_policy: Vec<String>,
    #[serde(alias = "require-explicit-policy")]
    require_explicit_policy: bool,
    #[serde(alias = "inhibit-policy-mapping")]
    inhibit_policy_mapping: bool,
    #[serde(alias = "inhibit-any-policy")]
    inhibit_any_policy: bool,
}

/// A report with the id of its line.
#[derive(Serialize)]
struct Reported<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    #[serde(flatten)]
    report: &'a Report,
}

/// What is written for a line that could not be read.
#[derive(Serialize)]
struct Unread<'a> {
    /// Null when not even that could be read.
    id: Option<&'a Value>,
    error: Errors,
}

/// A stable code and everything that is wrong.
#[derive(Serialize)]
struct Errors {
    code: &'static str,
    errors: Vec<FieldError>,
}

/// Answers lines, on any number of threads.
pub struct Responder {
    shared: Arc<Evidence>,
    defaults: Defaults,
    now: Time,
    kept: Cache<[u8; 32], Arc<Evidence>>,
}

impl Responder {
    /// `shared` is the evidence for lines that bring none.
    pub fn new(shared: Evidence, defaults: Defaults, now: Time) -> Self {
        Self { shared: Arc::new(shared), defaults, now, kept: Cache::new(KEPT_EVIDENCE) }
    }

    /// One line of JSON for one line.
    pub fn answer(&self, line: &batch::Line) -> Answer {
        let text = match line {
            batch::Line::Text(text) => text,
            batch::Line::TooLong => {
                let problem = format!("longer than {} bytes", batch::MAX_LINE);
                let error = complaint("", "too-long", problem, "send lists with --crl instead of in every line");
                return unread(None, "line-too-long", vec![error]);
            }
        };
        let line: Line = match serde_json::from_slice(text) {
            Ok(line) => line,
            Err(error) => {
                let remedy = "write one JSON object a line with the fields of POST /v1/certificates/check";
                let error = complaint("", "malformed", error, remedy);
                return unread(id_of(text).as_ref(), "line-malformed", vec![error]);
            }
        };
        let (id, result) = self.report(line);
        match result {
            Ok(report) => reported(id.as_ref(), &report),
            Err(errors) => unread(id.as_ref(), "field-unusable", errors),
        }
    }

    fn report(&self, line: Line) -> (Option<Value>, Result<Report, Vec<FieldError>>) {
        let Line { id, certificate, intermediates, identity, service, purpose, at, language, .. } = line;
        let mut errors = unsupported(&line.ocsp_responses, &line.policy);
        let request = CheckRequest { certificate, intermediates, identity, service, purpose, at, language };
        let question = match Question::read(&request, &self.defaults) {
            Ok(question) => question,
            Err(more) => {
                errors.extend(more);
                return (id, Err(errors));
            }
        };
        let evidence = match (&line.trust, &line.crls) {
            (None, None) => Arc::clone(&self.shared),
            (trust, lists) => match self.evidence(trust.as_deref(), lists.as_deref(), &question, &request) {
                Ok(evidence) => evidence,
                Err(more) => {
                    errors.extend(more);
                    return (id, Err(errors));
                }
            },
        };
        if !errors.is_empty() {
            return (id, Err(errors));
        }
        let policy = request::policy(
            line.profile.unwrap_or(self.defaults.profile),
            question.purpose,
            line.revocation.unwrap_or(self.defaults.revocation),
            line.check_anchors.unwrap_or(self.defaults.check_anchors),
        );
        (id, Ok(evidence.answer(&question, &policy, self.now)))
    }

    /// The evidence that a line brings; what it does not bring is that of the command line.
    fn evidence(
        &self,
        trust: Option<&[String]>,
        lists: Option<&[String]>,
        question: &Question,
        request: &CheckRequest,
    ) -> Result<Arc<Evidence>, Vec<FieldError>> {
        let key = key(&[trust, lists, lists.and(Some(&request.intermediates))]);
        if let Some(kept) = self.kept.get(&key) {
            return Ok(kept);
        }
        let mut errors = Vec::new();
        let mut material = match trust {
            None => self.shared.authorities(),
            Some(trust) => {
                let mut material = Material::default();
                for (index, text) in trust.iter().enumerate() {
                    let anchor = request::certificate_of(&format!("trust[{index}]"), text);
                    material.anchors.extend(note(&mut errors, anchor));
                }
                material
            }
        };
        material.issuers.clone_from(&question.intermediates);
        for (index, text) in lists.unwrap_or_default().iter().enumerate() {
            material.lists.extend(note(&mut errors, list(index, text)));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let evidence = match lists {
            Some(_) => Evidence::assemble(material, self.now),
            None => Evidence::with_lists_of(material, &self.shared),
        };
        let evidence = Arc::new(evidence);
        self.kept.insert(key, Arc::clone(&evidence));
        Ok(evidence)
    }
}

fn list(index: usize, text: &str) -> Result<ParsedList, FieldError> {
    let field = format!("crls[{index}]");
    let remedy = "give one list: base64 of DER, or PEM";
    let der = armour::decode_one(text.as_bytes(), Label::Crl)
        .map_err(|error| complaint(&field, "not-base64", error, remedy))?;
    ParsedList::read_limited(der, Source::request(index), batch::MAX_LINE)
        .map_err(|error| complaint(&field, "not-a-list", error, remedy))
}

/// SHA-256 over lists of texts, each with its length.
fn key(parts: &[Option<&[String]>]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        match part {
            None => context.update(b"none"),
            Some(texts) => {
                context.update(&texts.len().to_be_bytes());
                for text in *texts {
                    context.update(&text.len().to_be_bytes());
                    context.update(text.as_bytes());
                }
            }
        }
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

/// The first policy input that changes anything, and OCSP: their machinery is still to come.
fn unsupported(responses: &[String], policy: &PolicyInputs) -> Vec<FieldError> {
    let given = [
        ("ocsp_responses", !responses.is_empty()),
        ("policy.initial_policy", policy.initial_policy.iter().any(|oid| oid != ANY_POLICY)),
        ("policy.require_explicit_policy", policy.require_explicit_policy),
        ("policy.inhibit_policy_mapping", policy.inhibit_policy_mapping),
        ("policy.inhibit_any_policy", policy.inhibit_any_policy),
    ];
    let problem = "not supported yet, and the answer could depend on it";
    let given = given.into_iter().filter(|(_, given)| *given);
    given.map(|(field, _)| complaint(field, "not-supported", problem, "leave it out")).collect()
}

/// The id of a line that is JSON but not a request.
fn id_of(text: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct OnlyId {
        #[serde(default)]
        id: Option<Value>,
    }
    serde_json::from_slice::<OnlyId>(text).ok().and_then(|line| line.id)
}

fn reported(id: Option<&Value>, report: &Report) -> Answer {
    match serde_json::to_string(&Reported { id, report }) {
        Ok(json) => Answer { json, decision: Some(report.decision()) },
        Err(error) => unread(id, "internal", vec![complaint("", "internal", error, "report this as a defect")]),
    }
}

fn unread(id: Option<&Value>, code: &'static str, errors: Vec<FieldError>) -> Answer {
    let json = serde_json::to_string(&Unread { id, error: Errors { code, errors } });
    Answer { json: json.unwrap_or_else(|_| "{\"id\":null,\"error\":{\"code\":\"internal\"}}".to_owned()), decision: None }
}
