//! Which level of evidence a signature is proved to have (EN 319 122-1, 132-1, 142-1: B, T, LT, LTA).

use std::collections::BTreeSet;

use super::establish::{Established, Signer};
use super::judge::SignatureQuestion;
use super::stamps::Stamps;
use crate::clock::Time;
use crate::policy::{Policy, Profile, Purpose, RevocationRule};
use crate::signed::{Level, Signature};
use crate::trust::policy::PolicyInputs;
use crate::verdict::{CheckName, CheckStatus};
use crate::verify::judge::{self, Question};

/// What of [`Signature::level`] is proved; never more than the form has.
pub(super) fn verified(
    signature: &Signature,
    signer: &Signer,
    established: &Established,
    stamps: &Stamps,
    at: Time,
    question: &SignatureQuestion<'_>,
) -> Level {
    let form = signature.level;
    if form < Level::T || stamps.proved.is_none() {
        return form.min(Level::B);
    }
    if form < Level::Lt || !has_own_evidence(signature, signer, established, at, question) {
        return Level::T;
    }
    if form < Level::Lta || !stamps.archived { Level::Lt } else { Level::Lta }
}

/// Whether the document alone, beside the anchors, has all it takes: the certificates of the signer's and the timestamp
/// authorities' paths, and evidence that none of them was revoked.
fn has_own_evidence(
    signature: &Signature,
    signer: &Signer,
    established: &Established,
    at: Time,
    question: &SignatureQuestion<'_>,
) -> bool {
    let Some((lists, responses)) = question.embedded else { return false };
    // Certificate policies and extended key usages that were asked for are those of the signer, and were judged with it.
    let policy = Policy {
        profile: Profile::Rfc5280,
        purpose: Purpose::Any,
        policies: PolicyInputs::default(),
        extended_key_usages: BTreeSet::new(),
        revocation: RevocationRule::Required,
        ..question.certificate.policy.clone()
    };
    let authorities = established.stamps.iter().filter_map(|stamp| {
        let read = stamp.read.as_ref().ok()?;
        Some((read.authority.as_ref().ok()?, read.token.gen_time))
    });
    std::iter::once((signer, at)).chain(authorities).all(|(signer, at)| {
        let Ok(chains) = &signer.chains else { return false };
        let own = Question {
            policy: &policy,
            lists,
            responses,
            claim: None,
            service: None,
            authority: None,
            at,
            present: question.certificate.present,
            now: question.certificate.now,
        };
        let carried = |der: &[u8]| signature.embedded.certificates.iter().any(|one| one == der);
        let complete = chains.iter().any(|chain| {
            // The first is the signer's own, which the signature names.
            chain.path().certificates().iter().skip(1).all(|certificate| carried(certificate.as_der()))
        });
        let findings = judge::findings(&signer.examined, Ok(chains), &own);
        let mut revocation = findings.checks.iter().filter(|check| check.name == CheckName::Revocation);
        complete && findings.reasons.is_empty() && revocation.all(|check| check.status == CheckStatus::Passed)
    })
}
