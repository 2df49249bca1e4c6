//! Whether any certificate of the path is revoked, and on what evidence.

use std::borrow::Cow;
use std::sync::Arc;

use super::chain::{Chain, Label};
use super::judge::Question;
use crate::clock::Time;
use crate::policy::RevocationRule;
use crate::revocation::{Basis, LeftOut, RevocationList, Revoked as Entry, Status, UnknownCause};
use crate::verdict::{
    CertificateRevocation, Check, CheckName, Reason, RefusalCode, RevocationSource, RevocationState, Revoked,
    SourceKind, Warning, Whose, revocation_reason_name,
};

/// What the check came to.
pub(super) struct Outcome {
    pub(super) check: Check,
    pub(super) reasons: Vec<Reason>,
    pub(super) warnings: Vec<Warning>,
}

/// What one certificate of the path came to.
enum Finding {
    Good,
    /// Named by a list, with effect on the moment asked about.
    Revoked(Reason),
    /// Named by a list, dated after the moment asked about and without effect on it.
    RevokedLater,
    /// Not known, and that counts.
    Unknown(Reason, Cow<'static, str>),
    /// Not known, and the policy does not ask for more.
    Unasked,
}

/// Asks the lists in force about every certificate of the path but the anchor (500/НҚ p. 16(2) and 18).
pub(super) fn check(chain: &Chain, question: &Question<'_>) -> Outcome {
    let name = CheckName::Revocation;
    if question.policy.revocation == RevocationRule::Off {
        let check = Check::skipped(name, "the policy asks for no revocation check");
        return Outcome { check, reasons: Vec::new(), warnings: Vec::new() };
    }
    let mut evidence = Vec::new();
    let mut findings = Vec::new();
    let mut warnings = Vec::new();
    for (index, ((certificate, issuer), label)) in chain.path().links().zip(chain.labels()).enumerate() {
        let whose = if index == 0 { Whose::Holder } else { Whose::Issuer };
        let status = question.lists.status(certificate, issuer, question.at, question.now);
        let (finding, found) = judge(&status, whose, label, chain.path().anchor().is_demo(), question);
        warnings.extend(left_out(&status).map(delta_not_used));
        evidence.push(found);
        findings.push(finding);
    }
    let mut outcome = conclude(findings);
    outcome.warnings.extend(warnings);
    outcome.check = outcome.check.with_evidence(evidence);
    outcome
}

fn conclude(findings: Vec<Finding>) -> Outcome {
    let name = CheckName::Revocation;
    let mut reasons = Vec::new();
    let mut warnings = Vec::new();
    let mut doubt = None;
    let asked = findings.len();
    let (mut revoked, mut unasked) = (false, false);
    for finding in findings {
        match finding {
            Finding::Good => {}
            Finding::Unasked => unasked = true,
            Finding::Revoked(reason) => {
                revoked = true;
                reasons.push(reason);
            }
            Finding::RevokedLater => warnings.push(Warning {
                code: "revoked-later",
                detail: "revoked after the moment asked about, for a reason that does not reach back".into(),
            }),
            Finding::Unknown(reason, detail) => {
                reasons.push(reason);
                doubt = doubt.or(Some(detail));
            }
        }
    }
    let check = if asked == 0 {
        Check::skipped(name, "the certificate is a trust anchor, which no list is asked about")
    } else if revoked {
        Check::failed(name, "a list of its issuer names the certificate or one above it")
    } else if let Some(detail) = doubt {
        Check::undetermined(name, detail)
    } else if unasked {
        Check::skipped(name, "no list is there for every certificate of the chain, and the policy asks for none")
    } else {
        Check::passed(name, "fresh lists of the issuers name no certificate of the chain")
    };
    Outcome { check, reasons, warnings }
}

fn judge(
    status: &Status,
    whose: Whose,
    label: &Label,
    demo: bool,
    question: &Question<'_>,
) -> (Finding, CertificateRevocation) {
    let mut found = CertificateRevocation {
        subject: label.subject.clone(),
        serial_number: label.serial_number.clone(),
        status: RevocationState::Unknown,
        source: None,
        delta: None,
        beside: Vec::new(),
        revoked: None,
    };
    let source = |list: &RevocationList| source(list, demo, question.at);
    let finding = match status {
        Status::Good { basis, beside, after_expiry } => {
            found.source = Some(source(&basis.list));
            found.delta = basis.delta.as_deref().map(source);
            found.beside = beside.iter().flat_map(lists_of).map(source).collect();
            if *after_expiry {
                Finding::Unknown(
                    Reason::new(RefusalCode::RevocationUnknown),
                    "the list was issued after the certificate expired and does not keep expired certificates".into(),
                )
            } else {
                found.status = RevocationState::Good;
                Finding::Good
            }
        }
        Status::Revoked { basis, revoked, stale, after_at } => {
            found.source = Some(source(&basis.list));
            found.delta = basis.delta.as_deref().map(source);
            found.revoked =
                Some(Revoked { date: revoked.date, reason: reason_code(revoked).and_then(revocation_reason_name) });
            if *after_at && !revoked.reaches_back() {
                found.status = RevocationState::Good;
                // A list that had lapsed by then says nothing good about the moment.
                if *stale { unknown_stale(&basis.list) } else { Finding::RevokedLater }
            } else {
                found.status = RevocationState::Revoked;
                Finding::Revoked(Reason::revoked(whose, revoked.date, reason_code(revoked)))
            }
        }
        Status::Unknown { cause } => {
            found.source = cause.list().map(|list| source(list));
            unknown(cause, question.policy.revocation, whose, label)
        }
    };
    if matches!(finding, Finding::Unknown(..)) {
        found.status = RevocationState::Unknown;
    }
    (finding, found)
}

fn unknown(cause: &UnknownCause, rule: RevocationRule, whose: Whose, label: &Label) -> Finding {
    let plain = || Reason::new(RefusalCode::RevocationUnknown);
    match cause {
        UnknownCause::NoList if rule == RevocationRule::IfAvailable => Finding::Unasked,
        UnknownCause::NoList if whose == Whose::Issuer => {
            let detail = format!("there is no list that tells about the authority {}", &*label.subject);
            Finding::Unknown(plain(), detail.into())
        }
        UnknownCause::NoList => Finding::Unknown(plain(), "there is no list of the issuer".into()),
        UnknownCause::Rejected { why } => {
            Finding::Unknown(plain(), format!("the list that names the issuer does not hold: {why}").into())
        }
        UnknownCause::OutOfScope { .. } => {
            Finding::Unknown(plain(), "the lists of the issuer are not about this kind of certificate".into())
        }
        UnknownCause::Unsupported { why, .. } => {
            Finding::Unknown(plain(), format!("the list of the issuer cannot be used: {why}").into())
        }
        UnknownCause::NotVouched { .. } => {
            Finding::Unknown(plain(), "nobody vouches for the issuer of the indirect list that tells about it".into())
        }
        UnknownCause::SomeReasons { missing, .. } => {
            let missing: Vec<&str> = missing.names().collect();
            let detail = format!("no list of the issuer is about revocation for {}", missing.join(", "));
            Finding::Unknown(plain(), detail.into())
        }
        UnknownCause::NotYetValid { .. } => {
            Finding::Unknown(plain(), "the list of the issuer is dated ahead of the clock".into())
        }
        UnknownCause::Stale { list } => unknown_stale(list),
    }
}

fn unknown_stale(list: &RevocationList) -> Finding {
    let reason = list.next_update().map_or(Reason::new(RefusalCode::RevocationUnknown), Reason::revocation_stale);
    Finding::Unknown(reason, "the list of the issuer had lapsed at the moment asked about".into())
}

/// A delta list that was there and not used for this answer.
fn left_out(status: &Status) -> Option<&LeftOut> {
    match status {
        Status::Good { basis, beside, .. } => {
            std::iter::once(basis).chain(&**beside).find_map(|basis| basis.left_out.as_ref())
        }
        Status::Revoked { basis, .. } => basis.left_out.as_ref(),
        Status::Unknown { .. } => None,
    }
}

fn delta_not_used(left: &LeftOut) -> Warning {
    let number = left.delta.number().map(|number| format!(" {number}")).unwrap_or_default();
    let detail = format!("the delta list{number} of {} was not used: {}", left.delta.issuer_text(), left.why);
    Warning { code: "delta-not-used", detail: detail.into() }
}

fn lists_of(basis: &Basis) -> impl Iterator<Item = &RevocationList> {
    std::iter::once(&*basis.list).chain(basis.delta.as_deref())
}

fn reason_code(revoked: &Entry) -> Option<u8> {
    revoked.reason.map(crate::revocation::Reason::code)
}

fn source(list: &RevocationList, demo: bool, at: Time) -> RevocationSource {
    RevocationSource {
        kind: SourceKind::Crl,
        issuer: Arc::clone(list.issuer_text()).into(),
        number: list.number(),
        this_update: list.this_update(),
        next_update: list.next_update(),
        sha256: Arc::clone(list.sha256_text()).into(),
        entries: Some(list.entries()),
        stale: list.is_stale(at),
        demo,
    }
}
