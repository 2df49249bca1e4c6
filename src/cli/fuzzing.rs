//! A door for the fuzz targets to the lines of a batch. Not compiled otherwise.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::batch::Line;
use super::batch::brought::Shared;
use super::evidence::{Defaults, Given, Rules};
use super::{check, verify};
use crate::clock::{FixedClock, Time};
use crate::policy::{PolicyInputs, Profile, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::OcspRules;
use crate::service::{Grounds, Parts, Service};
use crate::verdict::{Decision, Language};

/// What answers the lines of `check --batch` and `verify --batch`.
pub struct Batch {
    check: check::Responder,
    verify: verify::Responder,
}

impl Batch {
    /// Answers on these grounds where a line brings none, at this moment.
    #[must_use]
    pub fn new(grounds: &Grounds, now: Time) -> Self {
        let service = || Service::new(Parts::new(Arc::new(FixedClock(now)), grounds.clone()));
        let rules = Rules {
            profile: Profile::Kz,
            revocation: RevocationRule::Required,
            order: RevocationOrder::CrlThenOcsp,
            check_anchors: false,
            ocsp: OcspRules::default(),
            policies: PolicyInputs::default(),
            extended_key_usages: BTreeSet::new(),
        };
        let shared = || Shared { grounds: grounds.clone(), given: Given::default(), rules: rules.clone(), at: None };
        let (for_check, for_verify) = (shared(), shared());
        let defaults = Defaults { rules, service: None, purpose: None, at: None, language: Language::En };
        Self {
            check: check::Responder::new(service(), for_check, defaults.clone(), now),
            verify: verify::Responder::new(service(), for_verify, defaults, false, now),
        }
    }

    /// The line for a line, and its decision when it could be read.
    #[must_use]
    pub fn check(&self, line: &[u8]) -> (String, Option<Decision>) {
        let answer = self.check.answer(1, &Line::Text(line.to_vec()));
        (answer.json, answer.decision)
    }

    /// As [`Self::check`], for a document.
    #[must_use]
    pub fn verify(&self, line: &[u8]) -> (String, Option<Decision>) {
        let answer = self.verify.answer(1, &Line::Text(line.to_vec()));
        (answer.json, answer.decision)
    }
}
