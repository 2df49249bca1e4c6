//! One line of a batch: the body of `POST /v1/certificates/check`, and the evidence and rules for it.

use std::sync::Arc;

use moka::sync::Cache;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Defaults;
use super::batch::{self, Answer};
use super::engine::{self, Material, Rules};
use crate::clock::Time;
use crate::der::armour;
use crate::policy::{Profile, Purpose, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::{OcspError, OcspRules, Responses};
use crate::revocation::{ParsedList, Source};
use crate::service::{CheckRequest, FieldError, Grounds, IdentityClaim, Service};
use crate::trust::{AnchorRule, load};
use crate::verdict::Report;
use crate::x509::Certificate;

/// Sets of evidence kept for the lines that bring the same; a batch made by a program brings few.
const KEPT_GROUNDS: u64 = 32;
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
    ocsp_responses: Option<Vec<String>>,
    #[serde(default)]
    profile: Option<Profile>,
    #[serde(default)]
    revocation: Option<RevocationRule>,
    #[serde(default)]
    revocation_order: Option<RevocationOrder>,
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
    /// Its number in the batch, from 1.
    line: u64,
    error: Errors,
}

/// A stable code and everything that is wrong.
#[derive(Serialize)]
struct Errors {
    code: &'static str,
    errors: Vec<FieldError>,
}

/// The evidence that a line brings.
struct Brought<'a> {
    trust: Option<&'a [String]>,
    lists: Option<&'a [String]>,
    responses: Option<&'a [String]>,
    intermediates: &'a [String],
}

/// Answers lines, on any number of threads.
pub struct Responder {
    service: Service,
    shared: Arc<Grounds>,
    defaults: Defaults,
    now: Time,
    kept: Cache<[u8; 32], Arc<Grounds>>,
}

impl Responder {
    /// `shared` are the grounds for lines that bring none.
    pub fn new(service: Service, shared: Grounds, defaults: Defaults, now: Time) -> Self {
        Self { service, shared: Arc::new(shared), defaults, now, kept: Cache::new(KEPT_GROUNDS) }
    }

    /// One line of JSON for one line.
    pub fn answer(&self, number: u64, line: &batch::Line) -> Answer {
        let text = match line {
            batch::Line::Text(text) => text,
            batch::Line::TooLong => {
                let problem = format!("longer than {} bytes", batch::MAX_LINE);
                let remedy = "name lists with --crl instead of sending them in every line";
                return unread(number, None, "line-too-long", vec![FieldError::new("", "too-long", problem, remedy)]);
            }
        };
        let remedy = "write one JSON object a line with the fields of POST /v1/certificates/check";
        if text.trim_ascii_start().first() == Some(&b'[') {
            // The deserialiser would take its elements for the fields in their order.
            let error = FieldError::new("", "malformed", "a list instead of an object", remedy);
            return unread(number, None, "line-malformed", vec![error]);
        }
        let line: Line = match serde_json::from_slice(text) {
            Ok(line) => line,
            Err(error) => {
                let error = FieldError::new("", "malformed", error.to_string(), remedy);
                return unread(number, id_of(text).as_ref(), "line-malformed", vec![error]);
            }
        };
        let (id, result) = self.report(line);
        match result {
            Ok(report) => reported(number, id.as_ref(), &report),
            Err(errors) => unread(number, id.as_ref(), "field-unusable", errors),
        }
    }

    fn report(&self, line: Line) -> (Option<Value>, Result<Report, Vec<FieldError>>) {
        let errors = unsupported(&line.policy);
        if !errors.is_empty() {
            return (line.id, Err(errors));
        }
        let rules = Rules {
            profile: line.profile.unwrap_or(self.defaults.rules.profile),
            revocation: line.revocation.unwrap_or(self.defaults.rules.revocation),
            order: line.revocation_order.unwrap_or(self.defaults.rules.order),
            check_anchors: line.check_anchors.unwrap_or(self.defaults.rules.check_anchors),
        };
        let brought = Brought {
            trust: line.trust.as_deref(),
            lists: line.crls.as_deref(),
            responses: line.ocsp_responses.as_deref(),
            intermediates: &line.intermediates,
        };
        let grounds = match self.grounds(&brought, rules) {
            Ok(grounds) => grounds,
            Err(errors) => return (line.id, Err(errors)),
        };
        let Line { id, certificate, intermediates, identity, service, purpose, at, language, .. } = line;
        let request = CheckRequest { certificate, intermediates, identity, service, purpose, at, language };
        let request = self.defaults.complete(request);
        let policy = rules.policy(request.purpose.unwrap_or_default());
        match self.service.prepare_under(request, policy, &grounds) {
            Ok(prepared) => (id, Ok(self.service.check_on(prepared, &grounds))),
            Err(error) => (id, Err(error.errors)),
        }
    }

    /// What a line brings; what it does not bring is that of the command line.
    fn grounds(&self, brought: &Brought<'_>, rules: Rules) -> Result<Arc<Grounds>, Vec<FieldError>> {
        let Brought { trust, lists, responses, intermediates } = *brought;
        if trust.is_none() && lists.is_none() && responses.is_none() {
            return Ok(Arc::clone(&self.shared));
        }
        // Lists may be issued by an intermediate of the request, so they are known together with these.
        let key = key(rules.anchors(), &[trust, lists, responses, lists.and(Some(intermediates))]);
        if let Some(kept) = self.kept.get(&key) {
            return Ok(kept);
        }
        let mut errors = Vec::new();
        let mut material = Material::default();
        match trust {
            None => material = self.authorities(),
            Some(trust) => {
                for (index, text) in trust.iter().enumerate() {
                    material.anchors.extend(note(&mut errors, anchor(index, text, rules)));
                }
            }
        }
        material.responses = match responses {
            None => self.shared.responses.clone(),
            Some(texts) => read_responses(texts, &mut errors),
        };
        let grounds = match lists {
            None => engine::with_lists_of(&self.shared, material),
            Some(lists) => {
                for (index, text) in lists.iter().enumerate() {
                    material.lists.extend(note(&mut errors, list(index, text)));
                }
                // Those that cannot be read are complained about when the request is prepared.
                let read = |text: &String| load::read(text.as_bytes(), AnchorRule::NameAndKey).unwrap_or_default();
                material.issuers = intermediates.iter().flat_map(read).collect();
                engine::assemble(material, self.now).0
            }
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        let grounds = Arc::new(grounds);
        self.kept.insert(key, Arc::clone(&grounds));
        Ok(grounds)
    }

    /// The authorities of the command line.
    fn authorities(&self) -> Material {
        let pool = &self.shared.pool;
        Material {
            anchors: pool.anchors().iter().map(|anchor| anchor.certificate().clone()).collect(),
            intermediates: pool.intermediates().to_vec(),
            ..Material::default()
        }
    }
}

/// Keeps the error aside.
fn note<T>(errors: &mut Vec<FieldError>, result: Result<T, FieldError>) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}

fn anchor(index: usize, text: &str, rules: Rules) -> Result<Certificate, FieldError> {
    let unusable = |problem: load::Problem| {
        FieldError::new(format!("trust[{index}]"), "unusable", problem.to_string(), problem.remedy())
    };
    let mut certificates = load::read(text.as_bytes(), rules.anchors()).map_err(unusable)?;
    match (certificates.pop(), certificates.len()) {
        (Some(certificate), 0) => Ok(certificate),
        (_, rest) => Err(unusable(load::Problem::Armour(armour::ArmourError::Many(rest + 1)))),
    }
}

fn list(index: usize, text: &str) -> Result<ParsedList, FieldError> {
    ParsedList::read_limited(text.as_bytes().to_vec(), Source::request(index), batch::MAX_LINE).map_err(|error| {
        FieldError::new(format!("crls[{index}]"), "unusable", error.to_string(), "send one list: base64 of DER, or PEM")
    })
}

/// SHA-256 over what anchors have to be and lists of texts, each with its length.
fn key(rule: AnchorRule, parts: &[Option<&[String]>]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(if rule == AnchorRule::Checked { b"checked" } else { b"any" });
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

fn read_responses(texts: &[String], errors: &mut Vec<FieldError>) -> Responses {
    let (responses, unread) = Responses::read(texts, OcspRules::default());
    for (index, error) in unread {
        // «Try later» and its like are answers, which say nothing about the certificate.
        if !matches!(error, OcspError::Status(_)) {
            let remedy = "send one OCSP response: base64 of DER";
            errors.push(FieldError::new(format!("ocsp_responses[{index}]"), "unusable", error.to_string(), remedy));
        }
    }
    responses
}

/// The policy inputs that change anything: their machinery is still to come.
fn unsupported(policy: &PolicyInputs) -> Vec<FieldError> {
    let given = [
        ("policy.initial_policy", policy.initial_policy.iter().any(|oid| oid != ANY_POLICY)),
        ("policy.require_explicit_policy", policy.require_explicit_policy),
        ("policy.inhibit_policy_mapping", policy.inhibit_policy_mapping),
        ("policy.inhibit_any_policy", policy.inhibit_any_policy),
    ];
    let problem = "not supported yet, and the answer could depend on it";
    let given = given.into_iter().filter(|(_, given)| *given);
    given.map(|(field, _)| FieldError::new(field, "not-supported", problem, "leave it out")).collect()
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

fn reported(number: u64, id: Option<&Value>, report: &Report) -> Answer {
    match serde_json::to_string(&Reported { id, report }) {
        Ok(json) => Answer { json, decision: Some(report.decision()) },
        Err(error) => unread(
            number,
            id,
            "internal",
            vec![FieldError::new("", "internal", error.to_string(), "report this as a defect")],
        ),
    }
}

fn unread(line: u64, id: Option<&Value>, code: &'static str, errors: Vec<FieldError>) -> Answer {
    let json = serde_json::to_string(&Unread { id, line, error: Errors { code, errors } });
    Answer {
        json: json.unwrap_or_else(|_| "{\"id\":null,\"error\":{\"code\":\"internal\"}}".to_owned()),
        decision: None,
    }
}
