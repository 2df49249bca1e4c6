//! A door for the fuzz targets to the policies of a path, by the graph and by the tree that it stands for. Not compiled otherwise.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::inputs::PolicyInputs;
use super::process::run;
use super::tree;
use crate::der::Oid;
use crate::trust::budget::Budget;
use crate::x509::PolicyConstraints;

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct Said {
    /// certificatePolicies.
    pub policies: Vec<Oid>,
    /// policyMappings: the issuer's policy, the subject's.
    pub mappings: Vec<(Oid, Oid)>,
    /// policyConstraints.
    pub constraints: PolicyConstraints,
    /// inhibitAnyPolicy.
    pub inhibit_any: Option<u32>,
    /// Issuer and subject are the same.
    pub self_issued: bool,
}

impl Said {
    fn facts(&self) -> Facts<'_> {
        Facts {
            policies: &self.policies,
            mappings: &self.mappings,
            constraints: Some(self.constraints),
            inhibit_any: self.inhibit_any,
            self_issued: self.self_issued,
        }
    }
}

/// The policies that hold for a path, the certificate below the anchor first; `None` when it is refused.
#[must_use]
pub fn by_the_graph(path: &[Said], inputs: &PolicyInputs) -> Option<BTreeSet<Oid>> {
    let facts: Vec<Facts<'_>> = path.iter().map(Said::facts).collect();
    let valid = run(&facts, None, inputs, &mut Budget::DEFAULT.clone()).ok()?;
    Some(valid.user_constrained().clone())
}

/// The same by the procedure of RFC 5280, which is exponential.
#[must_use]
pub fn by_the_tree(path: &[Said], inputs: &PolicyInputs) -> Option<BTreeSet<Oid>> {
    let facts: Vec<Facts<'_>> = path.iter().map(Said::facts).collect();
    tree::user_constrained(&facts, inputs)
}
