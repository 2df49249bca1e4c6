//! From facts to a verdict: every check of condition 3, for the path that speaks best for the certificate.

use super::algorithms::OfEvidence;
use super::chain::{Chain, Chains};
use super::examined::Examined;
use super::identity::{self, Claim};
use super::{algorithms, path_error, policies, revocation};
use crate::clock::Time;
use crate::crypto::KeyError;
use crate::policy::key_usage::{self, KeyUsageProblem};
use crate::policy::services::{ApplicantKind, Service};
use crate::policy::{AnchorPeriod, Policy, Profile, Purpose, RevocationRule};
use crate::revocation::ocsp::Responses;
use crate::revocation::{Snapshot, When};
use crate::trust::PathError;
use crate::verdict::{
    CertificateValidity, Check, CheckName, Decision, Reason, RefusalCode, Required, Rule, Shared, ValidityEvidence,
    ValidityStatus, Verdict, Warning, Whose,
};
use crate::x509::CertificateError;

/// What is asked about a certificate, and what to answer from.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The rules to judge by.
    pub policy: &'a Policy,
    /// Revocation lists in force.
    pub lists: &'a Snapshot,
    /// OCSP responses at hand.
    pub responses: &'a Responses,
    /// The numbers the certificate has to carry.
    pub claim: Option<Claim>,
    /// The service applied for.
    pub service: Option<&'a Service>,
    /// The authority applied to, where the service table knows a rule of its own for it.
    pub authority: Option<&'a str>,
    /// The moment the answer is about.
    pub at: Time,
    /// What the present is taken for: the silence of evidence dated ahead of it proves nothing.
    pub present: Time,
    /// The moment of asking: lists from the future are not believed.
    pub now: Time,
}

impl Question<'_> {
    /// The times that evidence about revocation is measured by.
    pub(super) fn when(&self) -> When {
        When { at: self.at, present: self.present, now: self.now }
    }

    /// The algorithms that it may rest on.
    pub(super) fn accepts(&self) -> OfEvidence<'_> {
        OfEvidence { table: &self.policy.algorithms, present: self.present }
    }
}

/// Checks, reasons and warnings gathered so far.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) checks: Vec<Check>,
    pub(super) reasons: Vec<Reason>,
    pub(super) warnings: Vec<Warning>,
}

impl Findings {
    pub(super) fn add(&mut self, check: Check, reason: Option<Reason>) {
        self.checks.push(check);
        self.reasons.extend(reason);
    }

    /// The refusal these would come to: the better of two is the one with the greater key.
    fn rank(&self) -> (std::cmp::Reverse<Decision>, Option<RefusalCode>) {
        let first = self.reasons.iter().map(Reason::code).min();
        (std::cmp::Reverse(first.map_or(Decision::Accepted, RefusalCode::decision)), first)
    }
}

/// The verdict on bytes that are not a certificate.
#[must_use]
pub fn malformed(error: &CertificateError) -> Verdict {
    let check = Check::failed(CheckName::Format, format!("the certificate cannot be used: {error}"));
    Verdict::conclude(Required::CERTIFICATE, vec![check], vec![Reason::new(RefusalCode::CertificateMalformed)])
}

/// The verdict on a certificate, given the paths found for it.
#[must_use]
pub fn certificate(examined: &Examined, chains: Result<&Chains, &PathError>, question: &Question<'_>) -> Verdict {
    let findings = findings(examined, chains, question);
    Verdict::conclude(required(question), findings.checks, findings.reasons).with_warnings(findings.warnings)
}

/// Every check of a certificate, not concluded yet.
pub(super) fn findings(examined: &Examined, chains: Result<&Chains, &PathError>, question: &Question<'_>) -> Findings {
    let mut findings = Findings::default();
    findings.add(Check::passed(CheckName::Format, "a certificate in strict DER"), None);
    match chains {
        Ok(chains) => add_best(&mut findings, chains, question),
        Err(error) => path_error::add(error, examined, question).into_iter().for_each(|(check, reason)| {
            findings.add(check, reason);
        }),
    }
    check_own_key(&mut findings, examined);
    check_key_usage(&mut findings, examined, question.policy);
    if question.policy.profile == Profile::Kz {
        let (check, reason, warnings) = identity::check(examined, question.claim, question.policy.odd_numbers);
        findings.add(check, reason);
        findings.warnings.extend(warnings);
        check_authority(&mut findings, examined, question);
    } else if question.claim.is_some() {
        let detail = "not compared: the profile rfc5280 knows no identity numbers";
        findings.add(Check::skipped(CheckName::IdentityMatch, detail), None);
        findings.warnings.push(Warning { code: "identity-not-compared", detail: detail.into() });
    }
    findings
}

/// The checks without which nothing is accepted.
pub(super) fn required(question: &Question<'_>) -> Required {
    let mut required = Required::SIGNATURE;
    if question.policy.revocation == RevocationRule::Required {
        required = required.and(CheckName::Revocation);
    }
    if asks_for_usage(question.policy) {
        required = required.and(CheckName::KeyUsage);
    }
    if question.policy.profile == Profile::Kz {
        if question.claim.is_some() {
            required = required.and(CheckName::IdentityMatch);
        }
        if question.service.is_some() {
            required = required.and(CheckName::Authority);
        }
    }
    required
}

/// Judges every path and keeps the findings of the best; the first that is fully good ends the search, where no other may know
/// that the certificate itself is revoked. One that does counts before all others: nobody is good because somebody else does not
/// know that he is revoked. But what is proved against a path itself leaves the others as they are: who has the key of an
/// authority that is revoked, or that of a demonstration, could refuse anybody else.
fn add_best(findings: &mut Findings, chains: &Chains, question: &Question<'_>) {
    let mut best: Option<Findings> = None;
    let all_demo = chains.iter().all(|chain| chain.path().anchor().is_demo());
    for chain in chains.iter() {
        let judged = judge_chain(chain, question);
        let speaks = all_demo || !chain.path().anchor().is_demo();
        if speaks && judged.reasons.iter().any(is_revocation_of_holder) && !judged.reasons.iter().any(is_against_path) {
            best = Some(judged);
            break;
        }
        let good = judged.reasons.is_empty();
        if best.as_ref().is_none_or(|best| judged.rank() > best.rank()) {
            best = Some(judged);
        }
        let path = chain.path();
        let issuer = path.certificates().get(1).unwrap_or(path.anchor().certificate());
        if good && question.lists.is_same_for_every_path_of(issuer) {
            break;
        }
    }
    if let Some(best) = best {
        findings.checks.extend(best.checks);
        findings.reasons.extend(best.reasons);
        findings.warnings.extend(best.warnings);
    }
}

fn is_revocation_of_holder(reason: &Reason) -> bool {
    reason.code() == RefusalCode::CertificateRevoked && reason.whose() == Whose::Holder
}

/// Whether something is proved against the path, beside what is said of the holder.
fn is_against_path(reason: &Reason) -> bool {
    match reason.code() {
        // What an authority's standing is may be open: that proves nothing against it.
        RefusalCode::RevocationUnknown => false,
        RefusalCode::CertificateRevoked | RefusalCode::CertificateExpired | RefusalCode::CertificateNotYetValid => {
            reason.whose() != Whose::Holder
        }
        _ => true,
    }
}

fn judge_chain(chain: &Chain, question: &Question<'_>) -> Findings {
    let mut findings = Findings::default();
    let signed =
        chain.leaf_algorithm().map_or("a trust anchor itself, believed without a signature".into(), |algorithm| {
            format!("signed by its issuer with {}", algorithm.name())
        });
    findings.add(Check::passed(CheckName::Signature, signed), None);
    let (trusted, reason) = policies::check(chain, question);
    let rule = match question.policy.profile {
        Profile::Kz => Rule::Chain,
        Profile::Rfc5280 => Rule::Rfc5280Path,
    };
    findings.add(trusted.under(rule), reason);
    algorithms::check_chain(chain, question, &mut findings);
    let (validity, reason) = check_validity(chain, question);
    findings.add(validity, reason);
    let outcome = revocation::check(chain, question);
    findings.checks.push(outcome.check);
    findings.reasons.extend(outcome.reasons);
    findings.warnings.extend(outcome.warnings);
    findings
}

/// 500/НҚ p. 16(1): every certificate up to the root; the anchor's own period as the policy says.
fn check_validity(chain: &Chain, question: &Question<'_>) -> (Check, Option<Reason>) {
    let path = chain.path();
    // A certificate that is an anchor itself is still the one asked about.
    let anchor_counts = question.policy.anchor_period == AnchorPeriod::Counts || path.certificates().is_empty();
    let anchor = anchor_counts.then(|| path.anchor().certificate());
    let mut worst: Option<Reason> = None;
    let mut periods = Vec::with_capacity(path.certificates().len() + 1);
    for (index, (certificate, label)) in path.certificates().iter().chain(anchor).zip(chain.labels()).enumerate() {
        let period = certificate.validity();
        let status = ValidityStatus::of(period.not_before, period.not_after, question.at);
        let whose = if index == 0 { Whose::Holder } else { Whose::Issuer };
        let reason = match status {
            ValidityStatus::Valid => None,
            ValidityStatus::Expired => Some(Reason::expired(whose, period.not_after)),
            ValidityStatus::NotYetValid => Some(Reason::not_yet_valid(whose, period.not_before)),
        };
        // The holder's own period is the most telling; it comes first.
        worst = worst.or(reason);
        periods.push(CertificateValidity {
            subject: label.subject.clone(),
            not_before: period.not_before,
            not_after: period.not_after,
            status,
        });
    }
    let check = match &worst {
        None => Check::passed(CheckName::ValidityPeriod, "every certificate of the chain is within its period"),
        Some(reason) if reason.whose() == Whose::Holder => {
            Check::failed(CheckName::ValidityPeriod, "the certificate is outside its period")
        }
        Some(_) => Check::failed(CheckName::ValidityPeriod, "a certificate above it is outside its period"),
    };
    (check.with_evidence(Shared::new(ValidityEvidence { certificates: periods })), worst)
}

/// The holder's own key has to be one that could sign: an accepted kind, well-formed.
fn check_own_key(findings: &mut Findings, examined: &Examined) {
    let name = CheckName::Algorithm;
    if findings.checks.iter().any(|check| check.name == name) {
        // The path already failed for an algorithm; that is the one to report.
        return;
    }
    match examined.certificate().public_key() {
        Ok(key) => findings.add(Check::passed(name, format!("key {}", key.algorithm())), None),
        Err(error @ KeyError::NotAllowed { oid, name: key }) => {
            let reason = Reason::algorithm_not_allowed(key.as_deref().unwrap_or(oid));
            findings.add(Check::failed(name, error.to_string()), Some(reason));
        }
        Err(error) => {
            findings.add(Check::failed(name, error.to_string()), Some(Reason::new(RefusalCode::CertificateMalformed)))
        }
    }
}

/// Whether the policy asks what the certificate may be used for. Plain path validation knows no purpose.
fn asks_for_usage(policy: &Policy) -> bool {
    policy.profile == Profile::Kz || !policy.extended_key_usages.is_empty()
}

/// 500/НҚ p. 16(4), and the extended key usages that the question names.
fn check_key_usage(findings: &mut Findings, examined: &Examined, policy: &Policy) {
    if !asks_for_usage(policy) {
        return;
    }
    let extensions = examined.certificate().extensions();
    let bits = extensions.key_usage.map(crate::x509::KeyUsage::bits);
    let (purpose, fits) = match policy.profile {
        Profile::Kz => (policy.purpose, key_usage::verdict(bits, examined.usages(), policy.purpose)),
        Profile::Rfc5280 => (Purpose::Any, Ok(())),
    };
    let wanted = &policy.extended_key_usages;
    let evidence = examined.key_usage_evidence(purpose.as_str(), wanted);
    let (check, reason) = match fits.and_then(|()| key_usage::allows(&extensions.extended_key_usage, wanted)) {
        Ok(()) if wanted.is_empty() => (Check::passed(CheckName::KeyUsage, "issued for this purpose"), None),
        Ok(()) => (Check::passed(CheckName::KeyUsage, "extended key usage allows what was asked for"), None),
        Err(problem) => {
            let reason = match problem {
                KeyUsageProblem::Demanded(usage) => Reason::extended_key_usage_not_allowed(usage.to_string()),
                _ => Reason::key_usage_not_allowed(purpose.term()),
            };
            (Check::failed(CheckName::KeyUsage, problem.to_string()), Some(reason))
        }
    };
    findings.add(check.with_evidence(evidence), reason);
}

/// Who may apply for the service.
fn check_authority(findings: &mut Findings, examined: &Examined, question: &Question<'_>) {
    let name = CheckName::Authority;
    let Some(service) = question.service else {
        findings.add(Check::skipped(name, "the request names no service"), None);
        return;
    };
    let applicants = service.applicants(question.authority);
    // The applicant is whom the request names; without a claim, whom the certificate names.
    let organisation = match question.claim {
        Some(claim) => claim.bin().is_some(),
        None => examined.subject().bin().is_some(),
    };
    let kind = if organisation { ApplicantKind::Bin } else { ApplicantKind::Iin };
    if applicants.allows(kind) {
        findings.add(Check::passed(name, "this kind of applicant may apply for the service"), None);
    } else {
        let who = if organisation { "organisations" } else { "individuals" };
        findings.add(
            Check::failed(name, format!("the service is not open to {who}")),
            Some(Reason::wrong_applicant(service.names().clone(), applicants.term())),
        );
    }
}
