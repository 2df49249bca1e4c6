//! Condition 3: one certificate, one report.

use super::{Grounds, PreparedCheck, Service};
use crate::trust::Budget;
use crate::verdict::{Report, ReportContext, Shared};
use crate::verify::document::PathUse;
use crate::verify::{self, Question};

impl Service {
    /// Searches for the paths of a prepared request on `grounds`, those it was prepared on, unless they are known. Costs
    /// signatures: not for the async threads.
    pub fn find_chains(&self, prepared: &mut PreparedCheck, grounds: &Grounds) {
        if let (Ok(examined), None) = (&prepared.examined, &prepared.chains) {
            let at = prepared.at.unwrap_or_else(|| self.clock.now());
            let wanted = (&prepared.policy, PathUse::Holder);
            prepared.chains = Some(self.search(examined, &prepared.extra, wanted, grounds, at, Budget::DEFAULT));
        }
    }

    /// Judges a prepared request on the service's own grounds.
    pub fn check(&self, prepared: PreparedCheck) -> Report {
        self.check_on(prepared, &self.grounds)
    }

    /// Judges a prepared request on other grounds: those it was prepared on.
    pub fn check_on(&self, prepared: PreparedCheck, grounds: &Grounds) -> Report {
        let now = self.clock.now();
        let at = prepared.at.unwrap_or(now);
        let examined = match prepared.examined {
            Ok(examined) => examined,
            Err(error) => {
                return verify::malformed(&error).on_demo(grounds.pool.is_demo()).report(ReportContext {
                    certificate: None,
                    at,
                    checked_at: now,
                    language: prepared.language,
                });
            }
        };
        // Paths of the cache rest on the service's own anchors, whatever the caller mixed up.
        let found = match prepared.chains.filter(|_| self.is_own(grounds)) {
            Some(found) => found,
            None => {
                let wanted = (&prepared.policy, PathUse::Holder);
                self.search(&examined, &prepared.extra, wanted, grounds, at, Budget::DEFAULT)
            }
        };
        let lists = grounds.lists.current();
        let question = Question {
            policy: &prepared.policy,
            lists: &lists,
            responses: &prepared.responses,
            claim: prepared.claim,
            service: prepared.service.as_deref().and_then(|slug| self.services.get(slug)),
            authority: None,
            at,
            present: prepared.policy.present(at, now),
            now,
        };
        let verdict = verify::certificate(&examined, found.as_deref().map_err(|error| &**error), &question);
        // A refusal by a service that trusts the demo only is no more proof than an acceptance.
        verdict.on_demo(grounds.pool.is_demo()).report(ReportContext {
            certificate: Some(Shared::clone(examined.summary())),
            at,
            checked_at: now,
            language: prepared.language,
        })
    }
}
