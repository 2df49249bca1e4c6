//! Whether the certificate policies that are asked for hold for a path, and which do.

use super::chain::Chain;
use super::judge::Question;
use crate::trust::policy::ValidPolicies;
use crate::verdict::{Check, CheckName, PathEvidence, Reason, Shared, SubIndication};

/// The check of the path: it was found, so only what this question asks of its policies is open.
pub(super) fn check(chain: &Chain, question: &Question<'_>) -> (Check, Option<Reason>) {
    let held = "every signature and constraint up to a trust anchor holds";
    let known = chain.evidence();
    let inputs = &question.policy.policies;
    if inputs.is_default() {
        // Judged when the path was found, and no question changes it.
        return (Check::passed(CheckName::TrustChain, held).with_evidence(known.clone()), None);
    }
    match chain.path().policies_under(inputs) {
        Ok(valid) => {
            let evidence = PathEvidence { policies: names(&valid), ..PathEvidence::clone(known) };
            (Check::passed(CheckName::TrustChain, held).with_evidence(Shared::new(evidence)), None)
        }
        Err(error) => {
            let reason = Reason::issuer_not_trusted(chain.path().leaf().issuer().to_string())
                .as_sub_indication(SubIndication::ChainConstraintsFailure);
            let check = Check::failed(CheckName::TrustChain, error.to_string()).with_evidence(known.clone());
            (check, Some(reason))
        }
    }
}

/// Dotted identifiers of the policies that hold and were asked for.
pub(super) fn names(valid: &ValidPolicies) -> Vec<String> {
    valid.user_constrained().iter().map(ToString::to_string).collect()
}
