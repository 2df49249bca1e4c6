//! Why there is no path, as checks and a reason.

use super::examined::Examined;
use super::judge::Question;
use crate::crypto::KeyError;
use crate::trust::PathError;
use crate::verdict::{Check, CheckName, Reason, RefusalCode, SubIndication, ValidityStatus, Whose};

/// The checks that a failed search stands for, each with its reason, if it is one.
pub(super) fn add(error: &PathError, examined: &Examined, question: &Question<'_>) -> Vec<(Check, Option<Reason>)> {
    let mut findings = vec![describe(error, examined)];
    findings.push(own_period(examined, question));
    findings.push((Check::skipped(CheckName::Revocation, "without a trusted issuer no list can be believed"), None));
    findings
}

fn describe(error: &PathError, examined: &Examined) -> (Check, Option<Reason>) {
    let detail = error.to_string();
    let untrusted = || Reason::issuer_not_trusted(examined.certificate().issuer().to_string());
    match error {
        PathError::SignatureInvalid { offender, issuer } if offender.is_leaf() && names_this_key(examined, issuer) => {
            (Check::failed(CheckName::Signature, detail), Some(Reason::new(RefusalCode::SignatureInvalid)))
        }
        PathError::AlgorithmNotAllowed { reason, .. } => {
            let name = reason.name.map_or_else(|| reason.oid.clone(), str::to_owned);
            (Check::failed(CheckName::Algorithm, detail), Some(Reason::algorithm_not_allowed(name)))
        }
        PathError::KeyNotAllowed { reason: KeyError::NotAllowed { oid, name }, .. } => {
            let name = name.as_deref().unwrap_or(oid);
            (Check::failed(CheckName::Algorithm, detail), Some(Reason::algorithm_not_allowed(name)))
        }
        PathError::Malformed { .. } => {
            (Check::failed(CheckName::Format, detail), Some(Reason::new(RefusalCode::CertificateMalformed)))
        }
        PathError::UnhandledCritical { offender, .. } if offender.is_leaf() => {
            (Check::failed(CheckName::Format, detail), Some(Reason::new(RefusalCode::CertificateMalformed)))
        }
        PathError::NoIssuerFound { .. } | PathError::UntrustedRoot { .. } | PathError::AnchorPurpose { .. } => {
            (Check::failed(CheckName::TrustChain, detail), Some(untrusted()))
        }
        PathError::Policy { .. } => {
            let reason = untrusted().as_sub_indication(SubIndication::ChainConstraintsFailure);
            (Check::failed(CheckName::TrustChain, detail), Some(reason))
        }
        _ => {
            let reason = untrusted().as_sub_indication(SubIndication::CertificateChainGeneralFailure);
            (Check::failed(CheckName::TrustChain, detail), Some(reason))
        }
    }
}

/// Whether the certificate claims exactly this issuer key, or leaves it open: then a wrong signature means a
/// forged or damaged certificate. If it names another key, an unknown authority of the same name signed it.
fn names_this_key(examined: &Examined, issuer: &crate::x509::Certificate) -> bool {
    let claimed = examined.certificate().extensions().authority_key_id.as_ref().and_then(|id| id.key_id.as_ref());
    match (claimed, &issuer.extensions().subject_key_id) {
        (Some(claimed), Some(actual)) => claimed == actual,
        _ => true,
    }
}

/// Without a chain, the holder's own period can still be told.
fn own_period(examined: &Examined, question: &Question<'_>) -> (Check, Option<Reason>) {
    let period = examined.certificate().validity();
    let name = CheckName::ValidityPeriod;
    match ValidityStatus::of(period.not_before, period.not_after, question.at) {
        ValidityStatus::Valid => {
            (Check::undetermined(name, "the certificate is within its period; those above it are not known"), None)
        }
        ValidityStatus::Expired => {
            let check = Check::failed(name, "the certificate is outside its period");
            (check, Some(Reason::expired(Whose::Holder, period.not_after)))
        }
        ValidityStatus::NotYetValid => {
            let check = Check::failed(name, "the certificate is outside its period");
            (check, Some(Reason::not_yet_valid(Whose::Holder, period.not_before)))
        }
    }
}
