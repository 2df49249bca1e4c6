//! Evidence from files, and an answer from it: the same facts and the same judge as the service, without its caches.

use super::request::Question;
use crate::clock::Time;
use crate::policy::{AnchorPeriod, Policy, Purpose};
use crate::revocation::{ParsedList, RevocationList, Snapshot};
use crate::trust::{Anchor, AnchorPurpose, AnchorRule, Budget, Pool, Purposes, SearchOptions, find_paths};
use crate::verdict::{Report, ReportContext, Verdict, Warning};
use crate::verify::{self, Chains, Examined};
use crate::x509::Certificate;

use std::sync::Arc;

/// Anchors, intermediates and verified lists.
pub struct Evidence {
    pool: Pool,
    lists: Snapshot,
    warnings: Vec<Warning>,
}

/// What evidence is made of.
#[derive(Default)]
pub struct Material {
    /// Trust anchors.
    pub anchors: Vec<Certificate>,
    /// Whether they are those of the demo.
    pub demo: bool,
    /// Certificates of authorities, not trusted by themselves.
    pub intermediates: Vec<Certificate>,
    /// Certificates that lists may be issued by, besides the above.
    pub issuers: Vec<Certificate>,
    /// Lists, not verified yet.
    pub lists: Vec<ParsedList>,
}

impl Evidence {
    /// Indexes authorities and verifies lists. A list that nobody here issued is left out, and every report says so.
    pub fn assemble(material: Material, now: Time) -> Self {
        let mut builder = Pool::builder();
        for certificate in material.anchors {
            builder = builder.anchor(Anchor::new(certificate, Purposes::ALL, material.demo));
        }
        for certificate in material.intermediates {
            builder = builder.intermediate(certificate);
        }
        let pool = builder.build();
        let issuers: Vec<Certificate> = pool.authorities().chain(&material.issuers).cloned().collect();
        let mut warnings = Vec::new();
        let mut verified: Vec<Arc<RevocationList>> = Vec::new();
        for list in material.lists {
            match list.verify_with_any(&issuers) {
                Ok((list, _)) => verified.push(Arc::new(list)),
                Err(failed) => {
                    let (list, error) = *failed;
                    let detail = format!("the list {} is not used: {error}", list.source());
                    warnings.push(Warning { code: "list-not-used", detail: detail.into() });
                }
            }
        }
        Self { pool, lists: Snapshot::assemble(verified, now), warnings }
    }

    /// Answers one question.
    pub fn answer(&self, question: &Question, policy: &Policy, now: Time) -> Report {
        let at = question.at.unwrap_or(now);
        let mut context = ReportContext { certificate: None, at, checked_at: now, language: question.language };
        let verdict = match Certificate::from_der(&question.certificate) {
            Err(error) => verify::malformed(&error),
            Ok(certificate) => {
                let examined = Examined::new(certificate);
                context.certificate = Some(examined.summary().clone());
                self.judge(&examined, question, policy, at, now)
            }
        };
        verdict.with_warnings(self.warnings.iter().cloned()).report(context)
    }

    fn judge(&self, examined: &Examined, question: &Question, policy: &Policy, at: Time, now: Time) -> Verdict {
        let options = SearchOptions {
            at_hint: at,
            purposes: purposes(policy.purpose),
            anchors: anchor_rule(policy),
            budget: Budget::DEFAULT,
        };
        let paths = find_paths(examined.certificate(), &question.intermediates, &self.pool, options).map(Chains::from);
        let asked = verify::Question {
            policy,
            lists: &self.lists,
            claim: question.claim,
            service: question.service.as_ref(),
            authority: None,
            at,
            now,
        };
        verify::certificate(examined, paths.as_ref(), &asked)
    }
}

/// How much of an anchor's certificate counts under a policy.
pub fn anchor_rule(policy: &Policy) -> AnchorRule {
    match policy.anchor_period {
        AnchorPeriod::Counts => AnchorRule::Checked,
        AnchorPeriod::Ignored => AnchorRule::NameAndKey,
    }
}

fn purposes(purpose: Purpose) -> Purposes {
    match purpose {
        Purpose::Any => [AnchorPurpose::Sign, AnchorPurpose::Authenticate].into_iter().collect(),
        Purpose::Authenticate => AnchorPurpose::Authenticate.into(),
        Purpose::Sign => AnchorPurpose::Sign.into(),
    }
}
