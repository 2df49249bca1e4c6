//! The evidence that a line of a batch brings.
//!
//! What is not base64 is a mistake of whoever wrote the line and an error. What is base64 of something that cannot be read
//! as a list, a response or a certificate is what a server or a document may bring: it proves nothing, and the report says
//! so. Trust anchors are configuration, and always have to be read.

use std::sync::Arc;

use moka::sync::Cache;
use ring::digest::{Context, SHA256};

use super::super::evidence::{Material, Rules, assemble, with_lists_of};
use crate::clock::Time;
use crate::der::armour::{self, ArmourError, Label};
use crate::revocation::ocsp::{OcspError, OcspRules, Responses};
use crate::revocation::{ListError, ParsedList, Source};
use crate::service::{FieldError, Grounds};
use crate::trust::{AnchorRule, load};
use crate::verdict::Warning;
use crate::x509::Certificate;

/// Sets of evidence kept for the lines that bring the same; a batch made by a program brings few.
const KEPT_GROUNDS: u64 = 32;

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
    /// Whether paths may lead through `intermediates` of the grounds; else the request brings them.
    pub paths_through: bool,
}

/// What a line is judged on.
#[derive(Clone)]
pub struct OfLine {
    /// The grounds.
    pub grounds: Arc<Grounds>,
    /// What the line brought and could not be read.
    pub unread: Arc<[Warning]>,
}

/// Grounds for lines: those of the command line, with what a line brings in their place.
pub struct LineGrounds {
    shared: Arc<Grounds>,
    now: Time,
    kept: Cache<[u8; 32], OfLine>,
}

/// What is wrong with the evidence of a line.
#[derive(Default)]
struct Problems {
    errors: Vec<FieldError>,
    unread: Vec<Warning>,
}

/// Why a piece of evidence is not there.
enum Problem {
    Error(FieldError),
    Unread(Warning),
}

impl Problems {
    /// Keeps the problem aside.
    fn note<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        match result {
            Ok(value) => return Some(value),
            Err(Problem::Error(error)) => self.errors.push(error),
            Err(Problem::Unread(warning)) => self.unread.push(warning),
        }
        None
    }
}

impl LineGrounds {
    /// `shared` are the grounds for lines that bring none.
    pub fn new(shared: Grounds, now: Time) -> Self {
        Self { shared: Arc::new(shared), now, kept: Cache::new(KEPT_GROUNDS) }
    }

    /// What a line brings; what it does not bring is that of the command line.
    /// `at` is the moment asked about: of several lists those count that were there at [`Rules::present`].
    pub fn of(&self, brought: &Brought<'_>, rules: &Rules, at: Option<Time>) -> Result<OfLine, Vec<FieldError>> {
        let Brought { trust, lists, responses, intermediates, paths_through } = *brought;
        let through = paths_through && !intermediates.is_empty();
        if trust.is_none() && lists.is_none() && responses.is_none() && !through {
            return Ok(OfLine { grounds: Arc::clone(&self.shared), unread: Arc::default() });
        }
        // Lists may be issued by an intermediate of the request, so they are known together with these.
        let known_together = (through || lists.is_some()).then_some(intermediates);
        let present = rules.present(at, self.now);
        let key = key((rules.anchors(), present), &[trust, lists, responses, known_together]);
        if let Some(kept) = self.kept.get(&key) {
            return Ok(kept);
        }
        let mut problems = Problems::default();
        let material = self.material(brought, rules, &mut problems);
        if !problems.errors.is_empty() {
            return Err(problems.errors);
        }
        let grounds = match lists {
            None => with_lists_of(&self.shared, material),
            Some(_) => assemble(material, rules.anchors(), (present, self.now)).0,
        };
        let of_line = OfLine { grounds: Arc::new(grounds), unread: problems.unread.into() };
        self.kept.insert(key, of_line.clone());
        Ok(of_line)
    }

    fn material(&self, brought: &Brought<'_>, rules: &Rules, problems: &mut Problems) -> Material {
        let mut material = match brought.trust {
            None => self.authorities(),
            Some(trust) => {
                let anchors = trust.iter().enumerate().map(|(index, text)| anchor(index, text, rules));
                let anchors = anchors.filter_map(|anchor| problems.note(anchor)).collect();
                Material { anchors, ..Material::default() }
            }
        };
        material.responses = match brought.responses {
            None => self.shared.responses.clone(),
            Some(texts) => read_responses(texts, problems),
        };
        let lists = brought.lists.into_iter().flatten().enumerate();
        for (index, text) in lists {
            match list(index, text) {
                Ok(list) => material.lists.push(list),
                Err(error) => {
                    let problem = no_list(index, &error);
                    if matches!(problem, Problem::Unread(_)) {
                        material.unread_list = Some(Arc::new(error));
                    }
                    let _: Option<()> = problems.note(Err(problem));
                }
            }
        }
        let read = brought.intermediates.iter().enumerate().map(|(index, text)| intermediate(index, text));
        if brought.paths_through {
            material.intermediates.extend(read.filter_map(|certificate| problems.note(certificate)));
        } else {
            // What cannot be read is complained about when the request is prepared.
            material.extra = read.filter_map(Result::ok).collect();
        }
        material
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

/// Takes away what is base64 but no certificate, and says so.
pub fn readable(intermediates: &mut Vec<String>) -> Vec<Warning> {
    let mut unread = Vec::new();
    let mut index = 0;
    intermediates.retain(|text| {
        let problem = intermediate(index, text).err();
        index += 1;
        match problem {
            Some(Problem::Unread(warning)) => {
                unread.push(warning);
                false
            }
            _ => true,
        }
    });
    unread
}

fn unread(field: &str, error: &dyn std::fmt::Display) -> Problem {
    let detail = format!("{field} cannot be read and counts for nothing: {error}");
    Problem::Unread(Warning { code: "evidence-unreadable", detail: detail.into() })
}

fn anchor(index: usize, text: &str, rules: &Rules) -> Result<Certificate, Problem> {
    let unusable = |problem: load::Problem| {
        let remedy = problem.remedy();
        Problem::Error(FieldError::new(format!("trust[{index}]"), "unusable", problem.to_string(), remedy))
    };
    let mut certificates = load::read(text.as_bytes(), rules.anchors()).map_err(unusable)?;
    match (certificates.pop(), certificates.len()) {
        (Some(certificate), 0) => Ok(certificate),
        (_, rest) => Err(unusable(load::Problem::Armour(ArmourError::Many(rest + 1)))),
    }
}

fn intermediate(index: usize, text: &str) -> Result<Certificate, Problem> {
    let field = format!("intermediates[{index}]");
    let der = armour::decode_one(text.as_bytes(), Label::Certificate).map_err(|error| {
        let remedy = "send one certificate as base64 of its DER, or as PEM";
        Problem::Error(FieldError::new(field.clone(), "malformed-encoding", error.to_string(), remedy))
    })?;
    Certificate::from_der(&der).map_err(|error| unread(&field, &error))
}

fn list(index: usize, text: &str) -> Result<ParsedList, ListError> {
    ParsedList::read_limited(text.as_bytes().to_vec(), Source::request(index), super::MAX_LINE)
}

/// What it means that there is no list.
fn no_list(index: usize, error: &ListError) -> Problem {
    let field = format!("crls[{index}]");
    match error {
        ListError::Armour(_) => {
            let remedy = "send one list: base64 of DER, or PEM";
            Problem::Error(FieldError::new(field, "unusable", error.to_string(), remedy))
        }
        error => unread(&field, error),
    }
}

/// SHA-256 over what anchors have to be, the present, and lists of texts, each with its length.
fn key((rule, present): (AnchorRule, Time), parts: &[Option<&[String]>]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(if rule == AnchorRule::Checked { b"checked" } else { b"any" });
    context.update(&present.unix_seconds().to_be_bytes());
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

fn read_responses(texts: &[String], problems: &mut Problems) -> Responses {
    let (mut responses, failed) = Responses::read(texts, OcspRules::default());
    for (index, error) in failed {
        let field = format!("ocsp_responses[{index}]");
        match error {
            // «Try later» and its like are answers, which say nothing about the certificate.
            OcspError::Status(_) => {
                let detail = format!("{field} says nothing about any certificate: {error}");
                problems.unread.push(Warning { code: "evidence-unreadable", detail: detail.into() });
            }
            OcspError::Armour(_) => {
                let remedy = "send one OCSP response: base64 of DER";
                problems.errors.push(FieldError::new(field, "unusable", error.to_string(), remedy));
            }
            error => {
                let _: Option<()> = problems.note(Err(unread(&field, &error)));
                responses = responses.with_unread(error);
            }
        }
    }
    responses
}
