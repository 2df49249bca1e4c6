//! The procedure of RFC 5280 as it was before RFC 9618: a tree, grown and pruned to the letter. It is exponential and
//! there to be compared with.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::inputs::PolicyInputs;
use crate::der::Oid;
use crate::x509::oid::ANY_POLICY;

struct Node {
    policy: Oid,
    expected: BTreeSet<Oid>,
    children: Vec<Node>,
}

impl Node {
    fn new(policy: Oid) -> Self {
        Self { policy, expected: [policy].into(), children: Vec::new() }
    }

    /// Calls `change` with every node at `depth`.
    fn at(&mut self, depth: usize, change: &mut dyn FnMut(&mut Node)) {
        match depth.checked_sub(1) {
            None => change(self),
            Some(below) => self.children.iter_mut().for_each(|child| child.at(below, change)),
        }
    }

    /// Deletes nodes above `depth` without children; `false` when this one has to go.
    fn prune(&mut self, depth: usize) -> bool {
        let Some(below) = depth.checked_sub(1) else { return true };
        self.children.retain_mut(|child| child.prune(below));
        !self.children.is_empty()
    }
}

/// The user-constrained policies, or `None` when the path is refused. No mapping may name anyPolicy.
pub(super) fn user_constrained(path: &[Facts<'_>], inputs: &PolicyInputs) -> Option<BTreeSet<Oid>> {
    let never = path.len() + 1;
    let unless = |now: bool| if now { 0 } else { never };
    let mut explicit = unless(inputs.require_explicit_policy);
    let mut mapping = unless(inputs.inhibit_policy_mapping);
    let mut inhibit = unless(inputs.inhibit_any_policy);
    let mut tree = Some(Node::new(ANY_POLICY));
    for (i, facts) in (1..).zip(path) {
        let is_last = i == path.len();
        tree = tree.filter(|_| !facts.policies.is_empty());
        if let Some(root) = &mut tree {
            assert_policies(root, i, facts, inhibit > 0 || (!is_last && facts.self_issued));
        }
        tree = tree.and_then(|mut root| root.prune(i).then_some(root));
        if tree.is_none() && explicit == 0 {
            return None;
        }
        if is_last {
            break;
        }
        if let Some(root) = &mut tree {
            map(root, i, facts, mapping > 0);
        }
        tree = tree.and_then(|mut root| root.prune(i).then_some(root));
        if !facts.self_issued {
            for counter in [&mut explicit, &mut mapping, &mut inhibit] {
                *counter = counter.saturating_sub(1);
            }
        }
        let sooner = |counter: &mut usize, after: Option<u32>| {
            *counter = after.map_or(*counter, |n| (n as usize).min(*counter));
        };
        sooner(&mut explicit, facts.constraints.and_then(|limits| limits.require_explicit_policy));
        sooner(&mut mapping, facts.constraints.and_then(|limits| limits.inhibit_policy_mapping));
        sooner(&mut inhibit, facts.inhibit_any);
    }
    explicit = explicit.saturating_sub(1);
    if path.last().and_then(|leaf| leaf.constraints).and_then(|limits| limits.require_explicit_policy) == Some(0) {
        explicit = 0;
    }
    let valid = tree.map(|mut root| intersect(&mut root, path.len(), inputs)).unwrap_or_default();
    (explicit > 0 || !valid.is_empty()).then_some(valid)
}

/// 6.1.3 (d) (1) and (2).
fn assert_policies(root: &mut Node, depth: usize, facts: &Facts<'_>, any_counts: bool) {
    for policy in facts.policies.iter().filter(|policy| **policy != ANY_POLICY) {
        let mut matched = false;
        root.at(depth - 1, &mut |node| {
            if node.expected.contains(policy) {
                matched = true;
                node.children.push(Node::new(*policy));
            }
        });
        if !matched {
            root.at(depth - 1, &mut |node| {
                if node.policy == ANY_POLICY {
                    node.children.push(Node::new(*policy));
                }
            });
        }
    }
    if facts.policies.contains(&ANY_POLICY) && any_counts {
        root.at(depth - 1, &mut |node| {
            for policy in &node.expected {
                if !node.children.iter().any(|child| child.policy == *policy) {
                    node.children.push(Node::new(*policy));
                }
            }
        });
    }
}

/// 6.1.4 (b).
fn map(root: &mut Node, depth: usize, facts: &Facts<'_>, may_map: bool) {
    let from: BTreeSet<Oid> = facts.mappings.iter().map(|(issuers, _)| *issuers).collect();
    for issuers in from {
        let subjects: BTreeSet<Oid> =
            facts.mappings.iter().filter(|pair| pair.0 == issuers).map(|pair| pair.1).collect();
        if !may_map {
            root.at(depth - 1, &mut |node| node.children.retain(|child| child.policy != issuers));
            continue;
        }
        let mut matched = false;
        root.at(depth, &mut |node| {
            if node.policy == issuers {
                matched = true;
                node.expected = subjects.clone();
            }
        });
        if !matched {
            root.at(depth - 1, &mut |node| {
                if node.policy == ANY_POLICY && node.children.iter().any(|child| child.policy == ANY_POLICY) {
                    node.children.push(Node { expected: subjects.clone(), ..Node::new(issuers) });
                }
            });
        }
    }
}

/// 6.1.5 (g): the policies of the nodes right below anyPolicy that remain.
fn intersect(root: &mut Node, length: usize, inputs: &PolicyInputs) -> BTreeSet<Oid> {
    let mut found = BTreeSet::new();
    for depth in 0..length {
        root.at(depth, &mut |node| {
            if node.policy == ANY_POLICY {
                found.extend(node.children.iter().map(|child| child.policy).filter(|policy| *policy != ANY_POLICY));
            }
        });
    }
    let mut any = false;
    root.at(length, &mut |node| any |= node.policy == ANY_POLICY);
    if inputs.accepts_any() {
        found.extend(any.then_some(ANY_POLICY));
        return found;
    }
    found.retain(|policy| inputs.initial_policies.contains(policy));
    if any {
        found.extend(&inputs.initial_policies);
    }
    found
}
