//! What every line of a batch may bring: an id, evidence, rules; and what is written for it.

use std::sync::Arc;

use moka::sync::Cache;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::evidence::{Defaults, Material, Rules, assemble, with_lists_of};
use super::super::policy::PolicyField;
use super::Answer;
use crate::clock::Time;
use crate::der::armour;
use crate::policy::{Profile, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::{OcspError, OcspRules, Responses};
use crate::revocation::{ParsedList, Source};
use crate::service::{FieldError, Grounds};
use crate::trust::{AnchorRule, load};
use crate::verdict::Decision;
use crate::x509::Certificate;

/// Sets of evidence kept for the lines that bring the same; a batch made by a program brings few.
const KEPT_GROUNDS: u64 = 32;

/// The rules that a line sets.
#[derive(Default)]
pub struct LineRules {
    /// `profile`.
    pub profile: Option<Profile>,
    /// `revocation`.
    pub revocation: Option<RevocationRule>,
    /// `revocation_order`.
    pub order: Option<RevocationOrder>,
    /// `check_anchors`.
    pub check_anchors: Option<bool>,
    /// `policy`.
    pub policy: PolicyField,
}

impl LineRules {
    /// The rules of the line over those of the command line.
    pub fn over(&self, defaults: &Defaults) -> Result<Rules, Vec<FieldError>> {
        Ok(Rules {
            policies: self.policy.over(&defaults.rules.policies)?,
            profile: self.profile.unwrap_or(defaults.rules.profile),
            revocation: self.revocation.unwrap_or(defaults.rules.revocation),
            order: self.order.unwrap_or(defaults.rules.order),
            check_anchors: self.check_anchors.unwrap_or(defaults.rules.check_anchors),
        })
    }
}

/// The evidence that a line brings.
pub struct Brought<'a> {
    /// `trust`.
    pub trust: Option<&'a [String]>,
    /// `crls`.
    pub lists: Option<&'a [String]>,
    /// `ocsp_responses`.
    pub responses: Option<&'a [String]>,
    /// `intermediates`.
    pub intermediates: &'a [String],
}

/// Grounds for lines: those of the command line, with what a line brings in their place.
pub struct LineGrounds {
    shared: Arc<Grounds>,
    now: Time,
    kept: Cache<[u8; 32], Arc<Grounds>>,
}

impl LineGrounds {
    /// `shared` are the grounds for lines that bring none.
    pub fn new(shared: Grounds, now: Time) -> Self {
        Self { shared: Arc::new(shared), now, kept: Cache::new(KEPT_GROUNDS) }
    }

    /// What a line brings; what it does not bring is that of the command line.
    pub fn of(&self, brought: &Brought<'_>, rules: &Rules) -> Result<Arc<Grounds>, Vec<FieldError>> {
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
            None => with_lists_of(&self.shared, material),
            Some(lists) => {
                for (index, text) in lists.iter().enumerate() {
                    material.lists.extend(note(&mut errors, list(index, text)));
                }
                // Those that cannot be read are complained about when the request is prepared.
                let read = |text: &String| load::read(text.as_bytes(), AnchorRule::NameAndKey).unwrap_or_default();
                material.issuers = intermediates.iter().flat_map(read).collect();
                assemble(material, self.now).0
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

/// A report with the id of its line.
#[derive(Serialize)]
struct Reported<'a, R> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    #[serde(flatten)]
    report: &'a R,
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

/// Keeps the error aside.
fn note<T>(errors: &mut Vec<FieldError>, result: Result<T, FieldError>) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}

fn anchor(index: usize, text: &str, rules: &Rules) -> Result<Certificate, FieldError> {
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
    ParsedList::read_limited(text.as_bytes().to_vec(), Source::request(index), super::MAX_LINE).map_err(|error| {
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

/// The id of a line that is JSON but not a request.
fn id_of(text: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct OnlyId {
        #[serde(default)]
        id: Option<Value>,
    }
    serde_json::from_slice::<OnlyId>(text).ok().and_then(|line| line.id)
}

/// The line for a report.
pub fn reported(number: u64, id: Option<&Value>, report: &impl Serialize, decision: Decision) -> Answer {
    match serde_json::to_string(&Reported { id, report }) {
        Ok(json) => Answer { json, decision: Some(decision) },
        Err(error) => unread(
            number,
            id,
            "internal",
            vec![FieldError::new("", "internal", error.to_string(), "report this as a defect")],
        ),
    }
}

/// The line for one that could not be read.
pub fn unread(line: u64, id: Option<&Value>, code: &'static str, errors: Vec<FieldError>) -> Answer {
    let json = serde_json::to_string(&Unread { id, line, error: Errors { code, errors } });
    Answer {
        json: json.unwrap_or_else(|_| "{\"id\":null,\"error\":{\"code\":\"internal\"}}".to_owned()),
        decision: None,
    }
}

/// A line as the request it should be; `wanted` names the call whose fields it has.
pub fn parse<T: serde::de::DeserializeOwned>(number: u64, line: &super::Line, wanted: &str) -> Result<T, Answer> {
    let text = match line {
        super::Line::Text(text) => text,
        super::Line::TooLong => {
            let problem = format!("longer than {} bytes", super::MAX_LINE);
            let remedy = "name lists with --crl instead of sending them in every line";
            return Err(unread(number, None, "line-too-long", vec![FieldError::new("", "too-long", problem, remedy)]));
        }
    };
    let malformed = |id: Option<Value>, problem: String| {
        let remedy = format!("write one JSON object a line with the fields of {wanted}");
        unread(number, id.as_ref(), "line-malformed", vec![FieldError::new("", "malformed", problem, remedy)])
    };
    if text.trim_ascii_start().first() == Some(&b'[') {
        // The deserialiser would take its elements for the fields in their order.
        return Err(malformed(None, "a list instead of an object".to_owned()));
    }
    serde_json::from_slice(text).map_err(|error| malformed(id_of(text), error.to_string()))
}
