//! Whether the service can answer as it should, and if not, why.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Lists, Service};
use crate::policy::RevocationRule;
use crate::revocation::ListState;

/// Whether the service can answer as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether checks can come out accepted.
    pub ready: bool,
    /// What is missing, in plain English.
    pub reasons: Vec<String>,
    /// Whether the anchors are the demo's, whose keys are public.
    pub demo: bool,
}

impl Service {
    /// Ready when there is an anchor and, where revocation is required, every configured list is in force.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let mut reasons = Vec::new();
        if self.grounds.pool.anchors().is_empty() {
            reasons.push("no trust anchor is configured: nothing can be accepted".to_owned());
        }
        if self.revocation == RevocationRule::Required {
            match &self.grounds.lists {
                Lists::Fixed(_) => {}
                Lists::Live(_) => self.list_reasons(&mut reasons),
            }
        }
        Readiness { ready: reasons.is_empty(), reasons, demo: self.is_demo() }
    }

    fn list_reasons(&self, reasons: &mut Vec<String>) {
        let lists = self.revocation();
        if lists.is_empty() {
            reasons.push("no revocation list is configured: every check comes out undetermined".to_owned());
        }
        for list in lists {
            let state = match list.state {
                ListState::Fresh | ListState::Due => continue,
                ListState::Missing => "is not there",
                ListState::Stale => "has lapsed",
            };
            reasons.push(format!("the revocation list of {} {state}", list.source));
        }
    }
}
