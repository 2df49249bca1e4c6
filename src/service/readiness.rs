//! Whether the service can answer as it should, and if not, why.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Lists, Service};
use crate::policy::RevocationRule;
use crate::revocation::{ListState, ListStatus, Snapshot, Status, When};
use crate::verify::evidence_by;
use crate::x509::Certificate;

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
    /// Ready when there is an anchor and, where revocation is required, every configured list is in force and at least
    /// one authority can issue certificates that come out accepted.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let mut reasons = Vec::new();
        if self.grounds.pool.anchors().is_empty() {
            reasons.push("no trust anchor is configured: nothing can be accepted".to_owned());
        }
        if self.revocation == RevocationRule::Required
            && let Lists::Live(_) = &self.grounds.lists
        {
            let lists = self.revocation();
            if lists.is_empty() {
                reasons.push("no revocation list is configured: every check comes out undetermined".to_owned());
            }
            reasons.extend(lists.iter().filter_map(list_reason));
            if reasons.is_empty() {
                reasons.extend(self.coverage_reasons());
            }
        }
        Readiness { ready: reasons.is_empty(), reasons, demo: self.is_demo() }
    }

    /// Why nobody's certificate could be accepted although every configured list is in force: no list speaks about the
    /// holders, or none about the authorities above them. Empty when there is one authority without such a gap.
    fn coverage_reasons(&self) -> Vec<String> {
        let snapshot = self.grounds.lists.current();
        let mut gaps = Vec::new();
        for authority in self.grounds.pool.authorities() {
            match self.gap(authority, &snapshot) {
                None => return Vec::new(),
                Some(gap) => gaps.push(format!("nothing under {} can be accepted: {gap}", authority.subject())),
            }
        }
        gaps
    }

    fn gap(&self, authority: &Certificate, snapshot: &Snapshot) -> Option<&'static str> {
        let now = self.clock.now();
        let accepts = evidence_by(&self.algorithms, now);
        let pool = &self.grounds.pool;
        let known = pool.anchor_of(authority).is_some()
            || pool.authorities().filter(|issuer| issuer.subject() == authority.issuer()).any(|issuer| {
                let status = snapshot.status_by(authority, issuer, When::new(now, now), &accepts);
                matches!(status, Status::Good { after_expiry: false, .. })
            });
        if authority.public_key().is_err() {
            return Some("its key cannot be used");
        }
        match (known, snapshot.speaks_for(authority, now, &accepts)) {
            (_, false) => Some("no revocation list of this authority is configured and in force"),
            (false, true) => Some(
                "no revocation list of its issuer tells whether it still stands; configure that list, or trust this \
                 authority as an anchor",
            ),
            (true, true) => None,
        }
    }
}

/// Why one list keeps the service from being ready. A delta never does: without it the full list is in force. Nor does
/// what certificates name, which nobody requires.
fn list_reason(list: &ListStatus) -> Option<String> {
    if list.fetch.as_ref().is_some_and(|fetch| fetch.discovered) {
        return None;
    }
    let state = match list.state {
        ListState::Fresh | ListState::Due => return None,
        _ if list.delta => return None,
        ListState::Missing => "is not in force",
        ListState::Stale => "has lapsed",
    };
    let why = list.error.as_ref().or(list.unusable.as_ref()).map(|why| format!(": {why}")).unwrap_or_default();
    Some(format!("the revocation list of {} {state}{why}", list.source))
}
