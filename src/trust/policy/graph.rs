//! `valid_policy_graph` (RFC 9618): which policies hold down to each certificate, and through which above it.

use std::collections::{BTreeMap, BTreeSet};

use crate::der::Oid;
use crate::trust::budget::{Budget, Resource};
use crate::x509::oid::ANY_POLICY;

/// What a node stands below, in the row above it.
enum Parents {
    /// The node of anyPolicy: the policy is this certificate's own word.
    AnyPolicy,
    /// Nodes that expected this policy, by their own; never empty.
    Nodes(BTreeSet<Oid>),
}

/// The nodes of one certificate, by `valid_policy`.
#[derive(Default)]
struct Row {
    /// There is a node of anyPolicy. Its parent can only be that of the row above, and it expects only itself.
    any: bool,
    nodes: BTreeMap<Oid, Parents>,
}

impl Row {
    fn is_empty(&self) -> bool {
        !self.any && self.nodes.is_empty()
    }
}

/// The graph down to some certificate. Nodes that led nowhere are left standing and stepped over at the end.
pub(super) struct Graph {
    rows: Vec<Row>,
    /// `expected_policy_set` of the last row, turned round: which of its nodes expect a policy. anyPolicy is not in it.
    expected: BTreeMap<Oid, BTreeSet<Oid>>,
}

impl Graph {
    /// RFC 5280 section 6.1.2 (a): anyPolicy, above the first certificate.
    pub(super) fn new() -> Self {
        Self { rows: vec![Row { any: true, nodes: BTreeMap::new() }], expected: BTreeMap::new() }
    }

    /// RFC 5280 section 6.1.3 (d) for the next certificate; `any_counts` tells whether its anyPolicy stands for others.
    /// `None` when no policy holds any more.
    pub(super) fn assert(
        mut self,
        policies: &[Oid],
        any_counts: bool,
        budget: &mut Budget,
    ) -> Result<Option<Self>, Resource> {
        budget.spend(Resource::PolicyNodes, policies.len())?;
        let under_any = self.rows.last().is_some_and(|above| above.any);
        let mut expected = std::mem::take(&mut self.expected);
        let mut row = Row::default();
        for policy in policies.iter().filter(|policy| **policy != ANY_POLICY) {
            if let Some(parents) = expected.remove(policy) {
                row.nodes.insert(*policy, Parents::Nodes(parents));
            } else if under_any && !row.nodes.contains_key(policy) {
                row.nodes.insert(*policy, Parents::AnyPolicy);
            }
        }
        if any_counts && policies.contains(&ANY_POLICY) {
            budget.spend(Resource::PolicyNodes, expected.len())?;
            row.any = under_any;
            row.nodes.extend(expected.into_iter().map(|(policy, parents)| (policy, Parents::Nodes(parents))));
        }
        Ok(self.followed_by(row))
    }

    fn followed_by(mut self, row: Row) -> Option<Self> {
        let holds = !row.is_empty();
        self.rows.push(row);
        holds.then_some(self)
    }

    /// RFC 5280 section 6.1.4 (b): what the last row expects of the next certificate. `None` when no policy holds any
    /// more.
    pub(super) fn expect(
        mut self,
        mappings: &[(Oid, Oid)],
        may_map: bool,
        budget: &mut Budget,
    ) -> Result<Option<Self>, Resource> {
        let Some(mut row) = self.rows.pop() else { return Ok(None) };
        budget.spend(Resource::PolicyNodes, row.nodes.len() + mappings.len())?;
        let mapped: BTreeSet<Oid> = mappings.iter().map(|(issuers, _)| *issuers).collect();
        if may_map {
            if row.any {
                mapped.iter().for_each(|policy| {
                    row.nodes.entry(*policy).or_insert(Parents::AnyPolicy);
                });
            }
            for (issuers, subjects) in mappings.iter().filter(|(issuers, _)| row.nodes.contains_key(issuers)) {
                self.expected.entry(*subjects).or_default().insert(*issuers);
            }
        } else {
            row.nodes.retain(|policy, _| !mapped.contains(policy));
        }
        for policy in row.nodes.keys().filter(|policy| !mapped.contains(*policy)) {
            self.expected.entry(*policy).or_default().insert(*policy);
        }
        Ok(self.followed_by(row))
    }

    /// RFC 9618, `authority_constrained_policy_set`: the policies of nodes right below anyPolicy from which a way leads
    /// to the last row, and anyPolicy if it stands there.
    pub(super) fn authority_constrained(&self) -> BTreeSet<Oid> {
        let mut found = BTreeSet::new();
        let Some((last, above)) = self.rows.split_last() else { return found };
        if last.any {
            found.insert(ANY_POLICY);
        }
        let mut reached: BTreeSet<Oid> = last.nodes.keys().copied().collect();
        for row in std::iter::once(last).chain(above.iter().rev()) {
            let mut next = BTreeSet::new();
            for (policy, parents) in reached.iter().filter_map(|policy| row.nodes.get_key_value(policy)) {
                match parents {
                    Parents::AnyPolicy => {
                        found.insert(*policy);
                    }
                    Parents::Nodes(parents) => next.extend(parents),
                }
            }
            reached = next;
        }
        found
    }
}
