//! What is asked of the policies of a path.

use std::collections::BTreeSet;

use crate::der::Oid;
use crate::x509::oid::ANY_POLICY;

/// The inputs of certificate policy processing (RFC 5280 section 6.1.1 (c), (e), (f), (g)). The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PolicyInputs {
    /// user-initial-policy-set: the policies that will do. Empty means any, and so does a set with anyPolicy.
    pub initial_policies: BTreeSet<Oid>,
    /// initial-explicit-policy: one of them has to hold for the whole path.
    pub require_explicit_policy: bool,
    /// initial-policy-mapping-inhibit: policyMappings are not followed.
    pub inhibit_policy_mapping: bool,
    /// initial-any-policy-inhibit: anyPolicy of a certificate stands for no other.
    pub inhibit_any_policy: bool,
}

impl PolicyInputs {
    /// Whether nothing is asked.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.accepts_any() && !self.require_explicit_policy && !self.inhibit_policy_mapping && !self.inhibit_any_policy
    }

    /// Whether every policy will do.
    #[must_use]
    pub fn accepts_any(&self) -> bool {
        self.initial_policies.is_empty() || self.initial_policies.contains(&ANY_POLICY)
    }
}
