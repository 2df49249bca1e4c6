//! What one certificate says about policies.

use crate::der::Oid;
use crate::x509::{Certificate, PolicyConstraints};

/// The extensions of a certificate that the graph reads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts<'a> {
    /// certificatePolicies; empty when there is none that anybody could ask for.
    pub(super) policies: &'a [Oid],
    /// policyMappings: the issuer's policy, the subject's.
    pub(super) mappings: &'a [(Oid, Oid)],
    /// policyConstraints.
    pub(super) constraints: Option<PolicyConstraints>,
    /// inhibitAnyPolicy: after so many certificates.
    pub(super) inhibit_any: Option<u32>,
    /// Issuer and subject are the same.
    pub(super) self_issued: bool,
}

impl<'a> Facts<'a> {
    pub(super) fn of(certificate: &'a Certificate) -> Self {
        let extensions = certificate.extensions();
        Self {
            // A policy whose identifier cannot be held is missing here: it could only have made a path good.
            policies: &extensions.policies,
            mappings: &extensions.policy_mappings,
            constraints: extensions.policy_constraints,
            inhibit_any: extensions.inhibit_any_policy,
            self_issued: certificate.is_self_issued(),
        }
    }
}
