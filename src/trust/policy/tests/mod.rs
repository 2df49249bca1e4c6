//! The graph on facts that no certificate has to be minted for; whole paths are in `tests/it/policies`.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::facts::Facts;
use super::inputs::PolicyInputs;
use super::outcome::{PolicyError, ValidPolicies};
use super::process::run;
use super::tree;
use crate::der::Oid;
use crate::trust::budget::{Budget, Resource};
use crate::x509::PolicyConstraints;
use crate::x509::oid::ANY_POLICY;

/// A policy by its number, below the enterprise number for examples (RFC 5612); 0 is anyPolicy.
fn policy(number: u32) -> Oid {
    if number == 0 { ANY_POLICY } else { Oid::new(&format!("1.3.6.1.4.1.32473.{number}")).unwrap() }
}

/// What a certificate says, owned.
#[derive(Clone, Debug, Default)]
struct Said {
    policies: Vec<Oid>,
    mappings: Vec<(Oid, Oid)>,
    constraints: Option<PolicyConstraints>,
    inhibit_any: Option<u32>,
    self_issued: bool,
}

impl Said {
    fn of(policies: &[u32]) -> Self {
        Self { policies: policies.iter().map(|number| policy(*number)).collect(), ..Self::default() }
    }

    fn mapping(self, mappings: &[(u32, u32)]) -> Self {
        Self { mappings: mappings.iter().map(|(from, to)| (policy(*from), policy(*to))).collect(), ..self }
    }

    fn limits(self, explicit: Option<u32>, mapping: Option<u32>) -> Self {
        let constraints = PolicyConstraints { require_explicit_policy: explicit, inhibit_policy_mapping: mapping };
        Self { constraints: Some(constraints), ..self }
    }

    fn inhibit_any(self, after: u32) -> Self {
        Self { inhibit_any: Some(after), ..self }
    }

    fn self_issued(self) -> Self {
        Self { self_issued: true, ..self }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            policies: &self.policies,
            mappings: &self.mappings,
            constraints: self.constraints,
            inhibit_any: self.inhibit_any,
            self_issued: self.self_issued,
        }
    }
}

/// Processes a path, the certificate below the anchor first.
fn judge(path: &[Said], inputs: &PolicyInputs) -> Result<ValidPolicies, PolicyError> {
    let facts: Vec<Facts<'_>> = path.iter().map(Said::facts).collect();
    run(&facts, None, inputs, &mut Budget::DEFAULT.clone())
}

fn explicit() -> PolicyInputs {
    PolicyInputs { require_explicit_policy: true, ..PolicyInputs::default() }
}

fn asking(numbers: &[u32]) -> PolicyInputs {
    PolicyInputs { initial_policies: set(numbers), ..explicit() }
}

fn set(numbers: &[u32]) -> BTreeSet<Oid> {
    numbers.iter().map(|number| policy(*number)).collect()
}

#[test]
fn a_policy_holds_when_every_certificate_has_it() {
    let path = [Said::of(&[1, 2]), Said::of(&[2, 3]), Said::of(&[2])];
    assert_eq!(judge(&path, &explicit()).unwrap().user_constrained(), &set(&[2]));
    assert_eq!(judge(&path, &asking(&[2, 7])).unwrap().user_constrained(), &set(&[2]));
    assert_eq!(judge(&path, &asking(&[1, 3])), Err(PolicyError::NotAcceptable));
}

#[test]
fn nothing_is_asked_of_a_path_without_policies_unless_somebody_asks() {
    let bare = [Said::default(), Said::default()];
    assert!(judge(&bare, &PolicyInputs::default()).unwrap().authority_constrained().is_empty());
    assert_eq!(judge(&bare, &explicit()), Err(PolicyError::NoValidPolicy { depth: 1 }));
    let gap = [Said::of(&[1]), Said::default(), Said::of(&[1])];
    assert_eq!(judge(&gap, &explicit()), Err(PolicyError::NoValidPolicy { depth: 1 }));
    let only_asked = PolicyInputs { initial_policies: set(&[1]), ..PolicyInputs::default() };
    assert!(judge(&bare, &only_asked).is_ok(), "a set of policies without a demand refuses nobody");
}

#[test]
fn any_policy_stands_for_what_is_expected() {
    let path = [Said::of(&[0]), Said::of(&[1]), Said::of(&[0])];
    assert_eq!(judge(&path, &explicit()).unwrap().user_constrained(), &set(&[1]));
    let all = [Said::of(&[0]), Said::of(&[0])];
    assert_eq!(judge(&all, &explicit()).unwrap().user_constrained(), &set(&[0]));
    assert_eq!(judge(&all, &asking(&[5])).unwrap().user_constrained(), &set(&[5]));
    let inhibited = PolicyInputs { inhibit_any_policy: true, ..explicit() };
    assert_eq!(judge(&all, &inhibited), Err(PolicyError::NoValidPolicy { depth: 1 }));
    let later = [Said::of(&[1]).inhibit_any(0), Said::of(&[0])];
    assert_eq!(judge(&later, &explicit()), Err(PolicyError::NoValidPolicy { depth: 0 }));
    let after_one = [Said::of(&[1]).inhibit_any(1), Said::of(&[0]), Said::of(&[0])];
    assert_eq!(judge(&after_one, &explicit()), Err(PolicyError::NoValidPolicy { depth: 0 }));
}

#[test]
fn a_self_issued_certificate_may_use_any_policy_and_counts_for_nothing() {
    let rolled = [Said::of(&[1]).inhibit_any(0), Said::of(&[0]).self_issued(), Said::of(&[1])];
    assert_eq!(judge(&rolled, &explicit()).unwrap().user_constrained(), &set(&[1]));
    let leaf = [Said::of(&[1]).inhibit_any(0), Said::of(&[0]).self_issued()];
    assert!(judge(&leaf, &explicit()).is_err(), "not at the end of the path");
    let after_one = [Said::of(&[1]).limits(Some(1), None), Said::default().self_issued(), Said::default()];
    assert!(judge(&after_one, &PolicyInputs::default()).is_err(), "the leaf is after one, whatever stands between");
    let after_two = [Said::of(&[1]).limits(Some(2), None), Said::default().self_issued(), Said::default()];
    assert!(judge(&after_two, &PolicyInputs::default()).is_ok());
}

#[test]
fn mappings_lead_from_one_domain_to_another() {
    let path = [Said::of(&[1]).mapping(&[(1, 2)]), Said::of(&[2])];
    let valid = judge(&path, &asking(&[1])).unwrap();
    assert_eq!((valid.authority_constrained(), valid.user_constrained()), (&set(&[1]), &set(&[1])));
    assert_eq!(judge(&path, &asking(&[2])), Err(PolicyError::NotAcceptable), "the name in the other domain");
    let unmapped = [Said::of(&[1]).mapping(&[(1, 2)]), Said::of(&[1])];
    assert_eq!(judge(&unmapped, &explicit()), Err(PolicyError::NoValidPolicy { depth: 0 }), "1 was mapped away");
    let inhibited = PolicyInputs { inhibit_policy_mapping: true, ..explicit() };
    assert_eq!(judge(&path, &inhibited), Err(PolicyError::NoValidPolicy { depth: 0 }));
    let of_any = [Said::of(&[0]).mapping(&[(1, 2)]), Said::of(&[2])];
    assert_eq!(judge(&of_any, &explicit()).unwrap().user_constrained(), &set(&[1]), "anyPolicy is mapped from");
    let two = [Said::of(&[1, 2]).mapping(&[(1, 3), (2, 3)]), Said::of(&[3])];
    assert_eq!(judge(&two, &explicit()).unwrap().user_constrained(), &set(&[1, 2]));
}

#[test]
fn mapping_any_policy_is_refused_even_where_no_policy_holds() {
    for mapping in [(0, 1), (1, 0), (0, 0)] {
        for policies in [&[1][..], &[0], &[]] {
            let path = [Said::of(policies).mapping(&[mapping]), Said::of(&[1])];
            let error = judge(&path, &PolicyInputs::default()).unwrap_err();
            assert_eq!(error, PolicyError::MapsAnyPolicy { depth: 1 });
        }
    }
    let at_the_end = [Said::of(&[1]).mapping(&[(0, 1)])];
    assert!(judge(&at_the_end, &explicit()).is_ok(), "nobody follows a mapping of the last certificate");
}

#[test]
fn a_demand_of_the_leaf_itself_counts_when_it_is_immediate() {
    assert!(judge(&[Said::default().limits(Some(0), None)], &PolicyInputs::default()).is_err());
    assert!(judge(&[Said::default().limits(Some(1), None)], &PolicyInputs::default()).is_ok());
    assert!(judge(&[Said::of(&[1]).limits(Some(0), None)], &PolicyInputs::default()).is_ok());
}

#[test]
fn what_the_anchor_demands_counts_only_when_it_is_asked() {
    let path = [Said::default(), Said::default()];
    let facts: Vec<Facts<'_>> = path.iter().map(Said::facts).collect();
    let strict = Said::default().limits(Some(0), Some(0)).inhibit_any(0);
    let inputs = PolicyInputs::default();
    assert!(run(&facts, None, &inputs, &mut Budget::DEFAULT.clone()).is_ok());
    let error = run(&facts, Some(&strict.facts()), &inputs, &mut Budget::DEFAULT.clone()).unwrap_err();
    assert_eq!(error, PolicyError::NoValidPolicy { depth: 1 });
    let any = [Said::of(&[0])];
    let facts: Vec<Facts<'_>> = any.iter().map(Said::facts).collect();
    assert!(run(&facts, Some(&strict.facts()), &inputs, &mut Budget::DEFAULT.clone()).is_err());
}

/// The certificates of CVE-2023-0464: each asserts `width` policies and maps every one to every one.
fn exploding(length: usize, width: u32) -> Vec<Said> {
    let numbers: Vec<u32> = (1..=width).collect();
    let pairs: Vec<(u32, u32)> = numbers.iter().flat_map(|from| numbers.iter().map(move |to| (*from, *to))).collect();
    vec![Said::of(&numbers).mapping(&pairs); length]
}

fn steps(path: &[Said]) -> u32 {
    let facts: Vec<Facts<'_>> = path.iter().map(Said::facts).collect();
    let mut budget = Budget { policy_nodes: u32::MAX, ..Budget::DEFAULT };
    run(&facts, None, &explicit(), &mut budget).unwrap();
    u32::MAX - budget.policy_nodes
}

#[test]
fn what_explodes_a_tree_is_linear_in_the_graph() {
    let (four, eight, sixteen) = (steps(&exploding(4, 10)), steps(&exploding(8, 10)), steps(&exploding(16, 10)));
    let a_certificate = (eight - four) / 4;
    assert_eq!((sixteen - eight) / 8, a_certificate, "each certificate costs the same: {four}, {eight}, {sixteen}");
    // Its policies twice (asserted, expected) and its mappings once; a tree would have 10^16 leaves.
    assert_eq!(a_certificate, 10 + 10 + 100);
}

#[test]
fn more_policies_than_the_budget_allows_refuse() {
    let path = exploding(16, 60);
    let error = judge(&path, &explicit()).unwrap_err();
    assert!(matches!(error, PolicyError::Exhausted { resource: Resource::PolicyNodes, .. }), "{error}");
    assert!(judge(&exploding(10, 60), &explicit()).is_ok());
}

/// Policies 1 to 3 and anyPolicy, so that certificates often agree.
fn said() -> impl Strategy<Value = Said> {
    let skip = || prop::option::weighted(0.25, 0u32..3);
    let policies = prop::collection::btree_set(0u32..4, 0..4);
    let mappings = prop::collection::vec((1u32..4, 1u32..4), 0..3);
    (policies, mappings, skip(), skip(), skip(), prop::bool::weighted(0.2)).prop_map(
        |(policies, mappings, explicit, mapping, inhibit_any, self_issued)| {
            let said = Said::of(&policies.into_iter().collect::<Vec<_>>()).mapping(&mappings);
            Said { inhibit_any, self_issued, ..said.limits(explicit, mapping) }
        },
    )
}

fn inputs() -> impl Strategy<Value = PolicyInputs> {
    let policies = prop::collection::btree_set((0u32..5).prop_map(policy), 0..3);
    (policies, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(initial_policies, require_explicit_policy, inhibit_policy_mapping, inhibit_any_policy)| PolicyInputs {
            initial_policies,
            require_explicit_policy,
            inhibit_policy_mapping,
            inhibit_any_policy,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_graph_says_what_the_tree_said(path in prop::collection::vec(said(), 1..5), inputs in inputs()) {
        let facts: Vec<Facts<'_>> = path.iter().map(Said::facts).collect();
        let expected = tree::user_constrained(&facts, &inputs);
        let found = judge(&path, &inputs).ok().map(|valid| valid.user_constrained().clone());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_inputs_accept_what_the_default_ones_refuse(path in prop::collection::vec(said(), 1..5), inputs in inputs()) {
        if judge(&path, &inputs).is_ok() {
            prop_assert!(judge(&path, &PolicyInputs::default()).is_ok());
        }
    }
}
