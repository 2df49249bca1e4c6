//! The steps of path processing that are about policies (RFC 5280 sections 6.1.2 to 6.1.5).

use super::facts::Facts;
use super::graph::Graph;
use super::inputs::PolicyInputs;
use super::outcome::{PolicyError, ValidPolicies};
use crate::trust::budget::{Budget, Resource};
use crate::x509::oid::ANY_POLICY;

/// After how many more certificates, self-issued ones aside, something is demanded or forbidden; 0 is now.
struct Counters {
    explicit_policy: u32,
    policy_mapping: u32,
    inhibit_any: u32,
}

impl Counters {
    /// RFC 5280 section 6.1.2 (d), (e), (f) for a path of `length` certificates.
    fn new(inputs: &PolicyInputs, length: usize) -> Self {
        let never = u32::try_from(length).unwrap_or(u32::MAX).saturating_add(1);
        let unless = |now: bool| if now { 0 } else { never };
        Self {
            explicit_policy: unless(inputs.require_explicit_policy),
            policy_mapping: unless(inputs.inhibit_policy_mapping),
            inhibit_any: unless(inputs.inhibit_any_policy),
        }
    }

    /// RFC 5280 section 6.1.4 (h).
    fn count(&mut self) {
        for counter in [&mut self.explicit_policy, &mut self.policy_mapping, &mut self.inhibit_any] {
            *counter = counter.saturating_sub(1);
        }
    }

    /// RFC 5280 section 6.1.4 (i), (j): a certificate can only make it sooner.
    fn tighten(&mut self, facts: &Facts<'_>) {
        let sooner = |counter: &mut u32, after: Option<u32>| *counter = after.map_or(*counter, |n| n.min(*counter));
        let constraints = facts.constraints;
        sooner(&mut self.explicit_policy, constraints.and_then(|limits| limits.require_explicit_policy));
        sooner(&mut self.policy_mapping, constraints.and_then(|limits| limits.inhibit_policy_mapping));
        sooner(&mut self.inhibit_any, facts.inhibit_any);
    }
}

/// Processes a path, the certificate below the anchor first.
pub(super) fn run(
    path: &[Facts<'_>],
    anchor: Option<&Facts<'_>>,
    inputs: &PolicyInputs,
    budget: &mut Budget,
) -> Result<ValidPolicies, PolicyError> {
    let mut counters = Counters::new(inputs, path.len());
    if let Some(anchor) = anchor {
        counters.tighten(anchor);
    }
    let mut graph = Some(Graph::new());
    for (depth, facts) in (0..path.len()).rev().zip(path) {
        let exhausted = |resource: Resource| PolicyError::Exhausted { depth, resource };
        let any_counts = counters.inhibit_any > 0 || (depth > 0 && facts.self_issued);
        // An absent extension is one without policies: no node can stand.
        graph = match graph {
            Some(graph) => graph.assert(facts.policies, any_counts, budget).map_err(exhausted)?,
            None => None,
        };
        if graph.is_none() && counters.explicit_policy == 0 {
            return Err(PolicyError::NoValidPolicy { depth });
        }
        if depth == 0 {
            break;
        }
        if facts.mappings.iter().any(|(issuers, subjects)| *issuers == ANY_POLICY || *subjects == ANY_POLICY) {
            return Err(PolicyError::MapsAnyPolicy { depth });
        }
        graph = match graph {
            Some(graph) => graph.expect(facts.mappings, counters.policy_mapping > 0, budget).map_err(exhausted)?,
            None => None,
        };
        if !facts.self_issued {
            counters.count();
        }
        counters.tighten(facts);
    }
    conclude(path, &counters, graph.as_ref(), inputs)
}

/// RFC 5280 section 6.1.5 (a), (b), (g) as in RFC 9618.
fn conclude(
    path: &[Facts<'_>],
    counters: &Counters,
    graph: Option<&Graph>,
    inputs: &PolicyInputs,
) -> Result<ValidPolicies, PolicyError> {
    let demanded = path.last().and_then(|leaf| leaf.constraints).and_then(|limits| limits.require_explicit_policy);
    let explicit = counters.explicit_policy <= 1 || demanded == Some(0);
    let valid = ValidPolicies::new(graph.map(Graph::authority_constrained).unwrap_or_default(), inputs);
    match (explicit && valid.user_constrained().is_empty(), valid.authority_constrained().is_empty()) {
        (false, _) => Ok(valid),
        (true, true) => Err(PolicyError::NoValidPolicy { depth: 0 }),
        (true, false) => Err(PolicyError::NotAcceptable),
    }
}
