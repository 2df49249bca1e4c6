//! From a request as written to a question that can be answered.

use crate::clock::Time;
use crate::der::armour::{self, Label};
use crate::iin::{Bin, Iin};
use crate::policy::services::{Service, ServiceTable};
use crate::policy::{AnchorPeriod, Policy, Profile, Purpose, RevocationRule};
use crate::service::{CheckRequest, FieldError};
use crate::verdict::Language;
use crate::verify::Claim;
use crate::x509::Certificate;

/// A request whose every field could be read.
pub struct Question {
    /// DER, not parsed: bytes that are no certificate are refused, not an error.
    pub certificate: Vec<u8>,
    /// Sent along with it.
    pub intermediates: Vec<Certificate>,
    /// The numbers it has to carry.
    pub claim: Option<Claim>,
    /// The service applied for.
    pub service: Option<Service>,
    /// The moment that the answer is about; none for now.
    pub at: Option<Time>,
    /// The language of the message.
    pub language: Language,
    /// What it is to be used for.
    pub purpose: Purpose,
}

/// What holds unless a request says otherwise.
#[derive(Clone)]
pub struct Defaults {
    /// `--profile`.
    pub profile: Profile,
    /// `--revocation`.
    pub revocation: RevocationRule,
    /// `--check-anchors`.
    pub check_anchors: bool,
    /// `--service`.
    pub service: Option<String>,
    /// `--purpose`.
    pub purpose: Option<Purpose>,
    /// `--at`.
    pub at: Option<Time>,
    /// `--language`.
    pub language: Language,
}

/// The policy that a profile and the settings around it come to.
pub fn policy(profile: Profile, purpose: Purpose, revocation: RevocationRule, check_anchors: bool) -> Policy {
    let mut policy = Policy::of(profile, purpose);
    policy.revocation = revocation;
    if check_anchors {
        policy.anchor_period = AnchorPeriod::Counts;
    }
    policy
}

impl Question {
    /// Reads every field, and complains about every one that cannot be used.
    pub fn read(request: &CheckRequest, defaults: &Defaults) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let certificate = note(&mut errors, object("certificate", &request.certificate));
        let mut intermediates = Vec::new();
        for (index, text) in request.intermediates.iter().enumerate() {
            intermediates.extend(note(&mut errors, certificate_of(&format!("intermediates[{index}]"), text)));
        }
        let claim = note(&mut errors, claim(request)).flatten();
        let slug = request.service.as_deref().or(defaults.service.as_deref());
        let service = note(&mut errors, slug.map(service).transpose()).flatten();
        let at = note(&mut errors, request.at.as_deref().map(time).transpose()).flatten();
        let language = note(&mut errors, request.language.as_deref().map(language).transpose()).flatten();
        match certificate {
            Some(certificate) if errors.is_empty() => Ok(Self {
                certificate,
                intermediates,
                claim,
                service,
                at: at.or(defaults.at),
                language: language.unwrap_or(defaults.language),
                purpose: request.purpose.or(defaults.purpose).unwrap_or_default(),
            }),
            _ => Err(errors),
        }
    }
}

/// Keeps the error aside.
pub fn note<T>(errors: &mut Vec<FieldError>, result: Result<T, FieldError>) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}

/// A complaint about a field.
pub fn complaint(
    field: impl Into<String>,
    code: &'static str,
    problem: impl ToString,
    remedy: impl Into<String>,
) -> FieldError {
    FieldError { field: field.into(), code, problem: problem.to_string(), remedy: remedy.into() }
}

fn object(field: &str, text: &str) -> Result<Vec<u8>, FieldError> {
    armour::decode_one(text.as_bytes(), Label::Certificate).map_err(|error| {
        complaint(field, "not-base64", error, "give one certificate: base64 of DER, or PEM")
    })
}

/// A certificate that has to be readable, because an authority that is not cannot be meant.
pub fn certificate_of(field: &str, text: &str) -> Result<Certificate, FieldError> {
    Certificate::from_der(&object(field, text)?)
        .map_err(|error| complaint(field, "not-a-certificate", error, "give one certificate: base64 of DER, or PEM"))
}

fn claim(request: &CheckRequest) -> Result<Option<Claim>, FieldError> {
    let Some(identity) = &request.identity else { return Ok(None) };
    let iin = identity.iin.as_deref().map(Iin::parse).transpose().map_err(|error| {
        complaint("identity.iin", "not-an-identity-number", error, "give the twelve digits of the IIN")
    })?;
    let bin = identity.bin.as_deref().map(Bin::parse).transpose().map_err(|error| {
        complaint("identity.bin", "not-an-identity-number", error, "give the twelve digits of the BIN")
    })?;
    match (iin, bin) {
        (Some(iin), Some(bin)) => Ok(Some(Claim::Both(iin, bin))),
        (Some(iin), None) => Ok(Some(Claim::Iin(iin))),
        (None, Some(bin)) => Ok(Some(Claim::Bin(bin))),
        (None, None) => Err(complaint("identity", "missing", "names no number", "give iin or bin, or leave it out")),
    }
}

fn service(slug: &str) -> Result<Service, FieldError> {
    let table = ServiceTable::builtin();
    table.get(slug).cloned().ok_or_else(|| {
        let known: Vec<&str> = table.iter().map(Service::slug).collect();
        complaint("service", "unknown-service", format!("«{slug}» is no service"), format!("one of: {}", known.join(", ")))
    })
}

fn time(text: &str) -> Result<Time, FieldError> {
    text.parse().map_err(|error| complaint("at", "not-a-time", error, "write it like 2026-08-20T09:30:00Z"))
}

fn language(text: &str) -> Result<Language, FieldError> {
    Language::from_tag(text).ok_or_else(|| complaint("language", "unknown-language", "no such language", "kk, ru or en"))
}
