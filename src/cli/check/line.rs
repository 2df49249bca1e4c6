//! One line of a batch: the body of `POST /v1/certificates/check`, and the evidence and rules for it.

use serde::Deserialize;
use serde_json::Value;

use super::super::batch::brought::{Brought, LineGrounds, Sent, Shared};
use super::super::batch::line::{LineRules, parse, reported, unread};
use super::super::batch::{self, Answer};
use super::super::evidence::Defaults;
use super::super::policy::PolicyField;
use crate::clock::Time;
use crate::policy::{Profile, Purpose, RevocationOrder, RevocationRule};
use crate::service::{CheckRequest, FieldError, IdentityClaim, Service};
use crate::verdict::Report;

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
    policy: PolicyField,
    #[serde(default)]
    check_anchors: Option<bool>,
}

/// Answers lines, on any number of threads.
pub struct Responder {
    service: Service,
    grounds: LineGrounds,
    defaults: Defaults,
}

impl Responder {
    /// `shared` is for lines that bring nothing.
    pub fn new(service: Service, shared: Shared, defaults: Defaults, now: Time) -> Self {
        Self { service, grounds: LineGrounds::new(shared, now), defaults }
    }

    /// One line of JSON for one line.
    pub fn answer(&self, number: u64, line: &batch::Line) -> Answer {
        let line: Line = match parse(number, line, "POST /v1/certificates/check") {
            Ok(line) => line,
            Err(answer) => return answer,
        };
        let id = line.id.clone();
        match self.report(line) {
            Ok(report) => reported(number, id.as_ref(), &report, report.decision()),
            Err(errors) => unread(number, id.as_ref(), "field-unusable", errors),
        }
    }

    fn report(&self, line: Line) -> Result<Report, Vec<FieldError>> {
        let Line { profile, revocation, revocation_order: order, check_anchors, policy, .. } = line;
        let rules = LineRules { profile, revocation, order, check_anchors, policy }.over(&self.defaults)?;
        let sent = Sent::read(&line.intermediates)?;
        let brought = Brought {
            trust: line.trust.as_deref(),
            lists: line.crls.as_deref(),
            responses: line.ocsp_responses.as_deref(),
            sent: &sent,
        };
        // What is no time is complained about when the request is prepared.
        let at = line.at.as_deref().and_then(|at| at.parse().ok()).or(self.defaults.at);
        let of_line = self.grounds.of(&brought, &rules, at)?;
        let Line { certificate, identity, mut service, mut purpose, mut at, mut language, .. } = line;
        self.defaults.complete(&mut service, &mut purpose, &mut at, &mut language);
        let intermediates = Vec::new();
        let request = CheckRequest { certificate, intermediates, identity, service, purpose, at, language };
        let policy = rules.policy(request.purpose.unwrap_or_default());
        let (grounds, certificates) = (&of_line.grounds, sent.certificates.clone());
        let prepared = self.service.prepare_among(request, certificates, policy, grounds);
        let report = self.service.check_on(prepared.map_err(|error| error.errors)?, grounds);
        Ok(report.with_warnings(sent.warnings(&of_line)))
    }
}
