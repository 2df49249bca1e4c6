//! The policies that hold for a path, or why it is refused.

use std::collections::BTreeSet;

use super::inputs::PolicyInputs;
use crate::der::Oid;
use crate::trust::budget::Resource;
use crate::x509::oid::ANY_POLICY;

/// The policies that hold for a path (RFC 9618, step (g) of RFC 5280 section 6.1.5).
///
/// They are named as the first authority names them, before any mapping. Both sets may be empty: where nobody demands a
/// policy, a path without one is as good as any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidPolicies {
    authority: BTreeSet<Oid>,
    user: BTreeSet<Oid>,
}

impl ValidPolicies {
    /// What of the policies of the path is asked for.
    pub(super) fn new(authority: BTreeSet<Oid>, inputs: &PolicyInputs) -> Self {
        let user = if inputs.accepts_any() {
            authority.clone()
        } else if authority.contains(&ANY_POLICY) {
            inputs.initial_policies.clone()
        } else {
            authority.intersection(&inputs.initial_policies).copied().collect()
        };
        Self { authority, user }
    }

    /// `authority_constrained_policy_set`: every policy that the certificates of the path agree on; anyPolicy among
    /// them stands for all.
    #[must_use]
    pub fn authority_constrained(&self) -> &BTreeSet<Oid> {
        &self.authority
    }

    /// `user_constrained_policy_set`: those of them that were asked for.
    #[must_use]
    pub fn user_constrained(&self) -> &BTreeSet<Oid> {
        &self.user
    }
}

/// Why the policies of a path refuse it. Depth 0 is the leaf, 1 its issuer, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The graph would have more nodes and edges than the budget allows.
    #[error("the certificate policies of the path are too many: the budget was exceeded at depth {depth}")]
    Exhausted {
        /// The certificate with which it was exceeded.
        depth: usize,
        /// What ran out.
        resource: Resource,
    },
    /// A mapping from or to anyPolicy (RFC 5280 section 6.1.4 (a)).
    #[error("the certificate at depth {depth} maps anyPolicy, which is forbidden")]
    MapsAnyPolicy {
        /// The certificate with the mapping.
        depth: usize,
    },
    /// A policy is demanded, and none holds down to this certificate (RFC 5280 section 6.1.3 (f)).
    #[error("no certificate policy holds for the certificate at depth {depth}, and one is demanded")]
    NoValidPolicy {
        /// The first certificate, from the anchor, for which none holds.
        depth: usize,
    },
    /// Policies hold, and none of them was asked for (RFC 9618, the end of RFC 5280 section 6.1.5).
    #[error("none of the certificate policies asked for holds for the certificate at depth 0")]
    NotAcceptable,
}

impl PolicyError {
    /// The certificate it is about.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::Exhausted { depth, .. } | Self::MapsAnyPolicy { depth } | Self::NoValidPolicy { depth } => *depth,
            Self::NotAcceptable => 0,
        }
    }
}
