//! Certificate policies of a path (RFC 5280 section 6.1 as amended by RFC 9618).
//!
//! A certificate says under which policies it was issued. Whether one of them holds for the whole path is found with a
//! graph of policies, a row of nodes for each certificate; mappings between the policies of two domains are its edges.
//! The tree of RFC 5280 says the same and grows exponentially with the path (CVE-2023-0464). The graph has no more nodes
//! than the certificates have policies and mappings, and those are counted against
//! [`Budget::policy_nodes`](super::Budget::policy_nodes).
//!
//! What is asked for are [`PolicyInputs`]. The search judges every path under the default inputs, which ask for nothing,
//! so that what the certificates demand of each other holds for every [`Path`](super::Path): no inputs accept a path that
//! the default ones refuse. Other inputs are judged for a finished path, on each question
//! ([`Path::policies_under`](super::Path::policies_under)). Qualifiers are not processed.

mod facts;
#[cfg(fuzzing)]
pub mod fuzzing;
mod graph;
mod inputs;
mod outcome;
mod process;
#[cfg(any(test, fuzzing))]
mod tree;

pub use inputs::PolicyInputs;
pub use outcome::{PolicyError, ValidPolicies};

use self::facts::Facts;
use super::budget::Budget;
use crate::x509::Certificate;

/// The policies that hold for `certificates`, the leaf first; `anchor` is given when what its own certificate demands
/// counts (RFC 5937).
pub(super) fn evaluate(
    certificates: &[Certificate],
    anchor: Option<&Certificate>,
    inputs: &PolicyInputs,
    budget: &mut Budget,
) -> Result<ValidPolicies, PolicyError> {
    let from_the_top: Vec<Facts<'_>> = certificates.iter().rev().map(Facts::of).collect();
    process::run(&from_the_top, anchor.map(Facts::of).as_ref(), inputs, budget)
}

#[cfg(test)]
mod tests;
