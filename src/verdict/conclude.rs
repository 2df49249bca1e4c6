//! From checks and reasons to a verdict: the only place where a decision is made.

use super::check::{Check, CheckName, CheckStatus};
use super::code::{Decision, RefusalCode, SubIndication};
use super::evidence::Evidence;
use super::reason::Reason;
use super::report::Warning;

/// The checks that have to pass before anything can be accepted. Never empty: there is no way to accept what was
/// not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required(u16);

impl Required {
    /// A certificate: well-formed, known algorithms, a chain, within its period.
    pub const CERTIFICATE: Self = Self::only(CheckName::Format)
        .and(CheckName::Algorithm)
        .and(CheckName::TrustChain)
        .and(CheckName::ValidityPeriod);
    /// The signature alone, no trust.
    pub const SIGNATURE_ONLY: Self = Self::only(CheckName::Format).and(CheckName::Algorithm).and(CheckName::Signature);
    /// A signature with the certificate behind it.
    pub const SIGNATURE: Self = Self::CERTIFICATE.and(CheckName::Signature);

    /// This check alone.
    pub const fn only(name: CheckName) -> Self {
        Self(1 << name as u16)
    }

    /// These and one more.
    #[must_use]
    pub const fn and(self, name: CheckName) -> Self {
        Self(self.0 | 1 << name as u16)
    }

    /// Whether the check is among them.
    pub const fn contains(self, name: CheckName) -> bool {
        self.0 & (1 << name as u16) != 0
    }
}

/// What was decided, and why.
///
/// Holds by construction: it is accepted exactly when every required check passed, no check failed and there is no
/// reason against it; otherwise there is a first reason, and the decision is that reason's.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    checks: Vec<Check>,
    /// Sorted by precedence; the first is the refusal.
    reasons: Vec<Reason>,
    warnings: Vec<Warning>,
    demo: bool,
}

impl Verdict {
    /// Concludes from the checks made and the reasons found.
    ///
    /// Where checks and reasons do not agree the worse is believed: a failed check without a refusing reason, and a
    /// required check that is absent, skipped or without result, each count as a reason of their own.
    pub fn conclude(required: Required, mut checks: Vec<Check>, mut reasons: Vec<Reason>) -> Self {
        checks.sort_by_key(|check| check.name);
        if !reasons.iter().any(|reason| reason.code().is_refusal())
            && let Some(failed) = checks.iter().find(|check| check.status == CheckStatus::Failed)
        {
            reasons.push(Reason::new(failed.name.failed_code()));
        }
        if reasons.is_empty() {
            let open = |name: &CheckName| {
                let passed = |check: &Check| check.name == *name && check.status == CheckStatus::Passed;
                let hollow = |check: &Check| check.name == *name && check.status == CheckStatus::Undetermined;
                required.contains(*name) && (!checks.iter().any(passed) || checks.iter().any(hollow))
            };
            reasons.extend(CheckName::ALL.iter().find(|name| open(name)).map(|name| Reason::new(name.open_code())));
        }
        // Stable, so that of two reasons with one code the one found first stays in front.
        reasons.sort_by_key(Reason::code);
        let demo = checks.iter().filter_map(|check| check.evidence.as_ref()).any(Evidence::is_demo);
        Self { checks, reasons, warnings: Vec::new(), demo }
    }

    /// The same verdict with things to point out that do not change it.
    #[must_use]
    pub fn with_warnings(mut self, warnings: impl IntoIterator<Item = Warning>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// The same verdict, marked as resting on a demo key. Demo anchors and lists named in the evidence are noticed
    /// without it.
    #[must_use]
    pub fn on_demo(self, demo: bool) -> Self {
        Self { demo: self.demo || demo, ..self }
    }

    /// The decision.
    pub fn decision(&self) -> Decision {
        self.refusal().map_or(Decision::Accepted, |reason| reason.code().decision())
    }

    /// The sub-indication of ETSI EN 319 102-1; none when accepted.
    pub fn sub_indication(&self) -> Option<SubIndication> {
        self.refusal().map(Reason::sub_indication)
    }

    /// The reason to report; none exactly when accepted.
    pub fn refusal(&self) -> Option<&Reason> {
        self.reasons.first()
    }

    /// The code of the reason to report.
    pub fn code(&self) -> Option<RefusalCode> {
        self.refusal().map(Reason::code)
    }

    /// Every reason, by precedence.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// Every check, in the order of the report.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Things to point out.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Whether it rests on a demo key.
    pub const fn is_demo(&self) -> bool {
        self.demo
    }

    pub(super) fn into_parts(self) -> (Vec<Check>, Vec<Warning>) {
        (self.checks, self.warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(names: &[CheckName]) -> Vec<Check> {
        names.iter().map(|name| Check::passed(*name, "fine")).collect()
    }

    const CERTIFICATE: [CheckName; 4] =
        [CheckName::Format, CheckName::Algorithm, CheckName::TrustChain, CheckName::ValidityPeriod];

    #[test]
    fn everything_required_passed_and_nothing_against_it_is_accepted() {
        let verdict = Verdict::conclude(Required::CERTIFICATE, passed(&CERTIFICATE), vec![]);
        assert_eq!(verdict.decision(), Decision::Accepted);
        assert_eq!((verdict.code(), verdict.sub_indication()), (None, None));
    }

    #[test]
    fn nothing_checked_is_never_accepted() {
        for required in [Required::CERTIFICATE, Required::SIGNATURE_ONLY, Required::SIGNATURE] {
            assert_ne!(Verdict::conclude(required, vec![], vec![]).decision(), Decision::Accepted);
        }
        for name in CheckName::ALL {
            assert_ne!(Verdict::conclude(Required::only(name), vec![], vec![]).decision(), Decision::Accepted);
        }
    }

    #[test]
    fn a_required_check_that_is_missing_skipped_or_open_is_not_accepted() {
        let required = Required::CERTIFICATE.and(CheckName::Revocation);
        let code = |extra: Option<Check>| {
            let checks = passed(&CERTIFICATE).into_iter().chain(extra).collect();
            Verdict::conclude(required, checks, vec![]).code()
        };
        let unknown = Some(RefusalCode::RevocationUnknown);
        assert_eq!(code(None), unknown);
        assert_eq!(code(Some(Check::skipped(CheckName::Revocation, ""))), unknown);
        assert_eq!(code(Some(Check::undetermined(CheckName::Revocation, ""))), unknown);
        assert_eq!(code(Some(Check::failed(CheckName::Revocation, ""))), Some(RefusalCode::CertificateRevoked));
        assert_eq!(code(Some(Check::passed(CheckName::Revocation, ""))), None);
    }

    #[test]
    fn one_passed_and_one_open_check_of_the_same_name_is_open() {
        let mut checks = passed(&CERTIFICATE);
        checks.push(Check::undetermined(CheckName::TrustChain, ""));
        let verdict = Verdict::conclude(Required::CERTIFICATE, checks, vec![]);
        assert_eq!(verdict.decision(), Decision::Undetermined);
    }

    #[test]
    fn a_failed_check_refuses_even_when_it_was_not_required_or_only_doubts_were_given() {
        let mut checks = passed(&CERTIFICATE);
        checks.push(Check::failed(CheckName::Authority, "no"));
        let doubt = vec![Reason::new(RefusalCode::RevocationUnknown)];
        let verdict = Verdict::conclude(Required::CERTIFICATE, checks, doubt);
        assert_eq!(verdict.decision(), Decision::Refused);
        assert_eq!(verdict.code(), Some(RefusalCode::AuthorityMissing));
        assert_eq!(verdict.reasons().len(), 2);
    }

    #[test]
    fn of_any_two_reasons_the_one_with_precedence_is_reported() {
        for (at, first) in RefusalCode::ALL.iter().enumerate() {
            for second in &RefusalCode::ALL[at..] {
                let reasons = vec![Reason::new(*second), Reason::new(*first)];
                let verdict = Verdict::conclude(Required::CERTIFICATE, passed(&CERTIFICATE), reasons);
                assert_eq!(verdict.code(), Some(*first));
                assert_eq!(verdict.decision(), first.decision());
                assert_eq!(verdict.sub_indication(), Some(first.sub_indication()));
            }
        }
    }

    #[test]
    fn a_check_named_twice_stays_required() {
        let required = Required::only(CheckName::Format).and(CheckName::Revocation).and(CheckName::Revocation);
        assert!(required.contains(CheckName::Revocation) && required.contains(CheckName::Format));
        assert!(!required.contains(CheckName::Algorithm));
        let verdict = Verdict::conclude(required, passed(&[CheckName::Format]), vec![]);
        assert_eq!(verdict.code(), Some(RefusalCode::RevocationUnknown));
    }

    #[test]
    fn what_is_pointed_out_changes_nothing_and_is_kept() {
        let warning = Warning { code: "pointed-out", detail: "first".into() };
        let verdict = Verdict::conclude(Required::CERTIFICATE, passed(&CERTIFICATE), vec![]);
        let warned = verdict.clone().with_warnings([warning.clone()]).with_warnings([warning.clone()]);
        assert_eq!(warned.warnings(), [warning.clone(), warning.clone()]);
        assert_eq!((verdict.warnings(), warned.decision()), (&[][..], Decision::Accepted));
        let (checks, warnings) = warned.into_parts();
        assert_eq!((checks.len(), warnings), (CERTIFICATE.len(), vec![warning.clone(), warning]));
    }

    #[test]
    fn once_demo_always_demo() {
        let verdict = Verdict::conclude(Required::CERTIFICATE, passed(&CERTIFICATE), vec![]);
        assert!(!verdict.is_demo());
        assert!(!verdict.clone().on_demo(false).is_demo());
        assert!(verdict.clone().on_demo(true).is_demo());
        assert!(verdict.on_demo(true).on_demo(false).is_demo());
    }

    #[test]
    fn checks_come_in_the_order_of_the_report() {
        let reversed = CheckName::ALL.iter().rev().map(|name| Check::passed(*name, "")).collect();
        let verdict = Verdict::conclude(Required::SIGNATURE, reversed, vec![]);
        assert!(verdict.checks().iter().map(|check| check.name).eq(CheckName::ALL));
    }
}
