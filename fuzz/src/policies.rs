//! Policies of a path: the graph of RFC 9618 against the tree of RFC 5280, which is exponential and plain.

use rastau::der::Oid;
use rastau::trust::policy::PolicyInputs;
use rastau::trust::policy::fuzzing::{Said, by_the_graph, by_the_tree};
use rastau::x509::PolicyConstraints;
use rastau::x509::oid::ANY_POLICY;

/// Most certificates: with three policies the tree stays small.
const MAX_CERTIFICATES: usize = 6;

/// Policies 1 to 3; 0 is anyPolicy.
fn policy(number: u8) -> Oid {
    match number % 4 {
        0 => ANY_POLICY,
        1 => Oid::new_unwrap("1.3.6.1.4.1.32473.1"),
        2 => Oid::new_unwrap("1.3.6.1.4.1.32473.2"),
        _ => Oid::new_unwrap("1.3.6.1.4.1.32473.3"),
    }
}

/// The policies whose bits are set.
fn policies(bits: u8) -> impl Iterator<Item = Oid> {
    (0..4).filter(move |number| bits >> number & 1 == 1).map(policy)
}

/// Two bits: nothing, or after 0, 1, 2 certificates.
fn after(bits: u8) -> Option<u32> {
    (bits & 3).checked_sub(1).map(u32::from)
}

/// An octet for the inputs, then four for each certificate from the anchor down: policies and whether it is self-issued, two
/// mappings, limits. Both procedures accept the same, with the same policies.
pub fn policy_graph(data: &[u8]) {
    let Some((&asked, rest)) = data.split_first() else { return };
    let inputs = PolicyInputs {
        initial_policies: policies(asked).collect(),
        require_explicit_policy: asked & 0x10 != 0,
        inhibit_policy_mapping: asked & 0x20 != 0,
        inhibit_any_policy: asked & 0x40 != 0,
    };
    let certificates = rest.as_chunks::<4>().0.iter().take(MAX_CERTIFICATES);
    let path: Vec<Said> = certificates.map(said).collect();
    if path.is_empty() {
        return;
    }
    let found = by_the_graph(&path, &inputs);
    assert_eq!(found, by_the_tree(&path, &inputs), "{inputs:?} {path:?}");
    if found.is_some() {
        assert!(by_the_graph(&path, &PolicyInputs::default()).is_some(), "the default inputs ask least");
    }
}

fn said(&[first, one, two, limits]: &[u8; 4]) -> Said {
    // A mapping has no anyPolicy here: that refuses the path before any graph is looked at.
    let mapping = |octet: u8| {
        (octet & 0x80 != 0).then(|| (policy(1 + octet % 3), policy(1 + octet / 3 % 3)))
    };
    Said {
        policies: policies(first).collect(),
        mappings: [one, two].into_iter().filter_map(mapping).collect(),
        constraints: PolicyConstraints {
            require_explicit_policy: after(limits),
            inhibit_policy_mapping: after(limits >> 2),
        },
        inhibit_any: after(limits >> 4),
        self_issued: first & 0x10 != 0,
    }
}
