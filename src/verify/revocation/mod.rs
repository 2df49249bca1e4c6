//! Whether any certificate of the path is revoked, and on what evidence (500/НҚ p. 16(2), 18 and 19).
//!
//! Lists and responders each say what they know about a certificate ([`said`]); [`plan`] puts the two together under
//! the policy's order.

mod list;
mod plan;
mod response;
mod said;

use std::borrow::Cow;

use self::said::{Said, Word};
use super::chain::{Chain, Label};
use super::judge::Question;
use crate::policy::RevocationRule;
use crate::revocation::Asked;
use crate::verdict::{CertificateRevocation, Check, CheckName, Reason, RevocationState, Warning, Whose};
use crate::x509::Certificate;

/// What the check came to.
pub(super) struct Outcome {
    pub(super) check: Check,
    pub(super) reasons: Vec<Reason>,
    pub(super) warnings: Vec<Warning>,
}

/// One certificate of the path, and what is needed to ask about it.
struct Link<'a> {
    asked: Asked<'a>,
    label: &'a Label,
    whose: Whose,
    /// Whether the path ends in a demo anchor.
    demo: bool,
}

/// Asks lists and responses about every certificate of the path but the anchor.
pub(super) fn check(chain: &Chain, question: &Question<'_>) -> Outcome {
    let name = CheckName::Revocation;
    if question.policy.revocation == RevocationRule::Off {
        let check = Check::skipped(name, "the policy asks for no revocation check");
        return Outcome { check, reasons: Vec::new(), warnings: Vec::new() };
    }
    let mut all = Vec::new();
    let mut evidence = Vec::new();
    for link in links(chain) {
        let said = plan::ask(&link, question);
        evidence.push(described(&link, &said));
        all.push(said);
    }
    let mut outcome = conclude(all, question.policy.revocation);
    outcome.check = outcome.check.with_evidence(evidence);
    outcome
}

/// The certificates of the path that a responder should be asked about before the path is judged: those for which the
/// policy asks responders first, or for which the lists at hand do not tell.
#[must_use]
pub fn responders_wanted<'a>(chain: &'a Chain, question: &Question<'_>) -> Vec<(&'a Certificate, &'a Certificate)> {
    if question.policy.revocation == RevocationRule::Off {
        return Vec::new();
    }
    let wanted = links(chain).filter(|link| plan::wants_responder(link, question));
    wanted.map(|link| (link.asked.certificate, link.asked.issuer())).collect()
}

fn links(chain: &Chain) -> impl Iterator<Item = Link<'_>> {
    let (path, demo) = (chain.path(), chain.path().anchor().is_demo());
    let all = Asked::all(path.certificates(), path.anchor().certificate());
    all.zip(chain.labels()).enumerate().map(move |(index, (asked, label))| Link {
        asked,
        label,
        whose: if index == 0 { Whose::Holder } else { Whose::Issuer },
        demo,
    })
}

fn described(link: &Link<'_>, said: &Said) -> CertificateRevocation {
    CertificateRevocation {
        subject: link.label.subject.clone(),
        serial_number: link.label.serial_number.clone(),
        status: match said.word {
            Word::Good | Word::RevokedLater => RevocationState::Good,
            Word::Revoked(_) => RevocationState::Revoked,
            Word::Unknown { .. } | Word::Silent { .. } => RevocationState::Unknown,
        },
        source: said.source.clone(),
        beside: said.beside.clone(),
        revoked: said.revoked,
    }
}

fn conclude(all: Vec<Said>, rule: RevocationRule) -> Outcome {
    let name = CheckName::Revocation;
    let mut reasons = Vec::new();
    let mut warnings = Vec::new();
    let mut doubt: Option<Cow<'static, str>> = None;
    let asked = all.len();
    let (mut revoked, mut unasked) = (false, false);
    for said in all {
        warnings.extend(said.warnings);
        match said.word {
            Word::Good => {}
            Word::RevokedLater => warnings.push(Warning {
                code: "revoked-later",
                detail: "revoked after the moment asked about, for a reason that does not reach back".into(),
            }),
            Word::Revoked(reason) => {
                revoked = true;
                reasons.push(reason);
            }
            Word::Silent { .. } if rule == RevocationRule::IfAvailable => unasked = true,
            Word::Silent { reason, detail } | Word::Unknown { reason, detail, .. } => {
                reasons.push(reason);
                doubt = doubt.or(Some(detail));
            }
        }
    }
    let check = if asked == 0 {
        Check::skipped(name, "the certificate is a trust anchor, which no list is asked about")
    } else if revoked {
        Check::failed(name, "its issuer says that the certificate or one above it is revoked")
    } else if let Some(detail) = doubt {
        Check::undetermined(name, detail)
    } else if unasked {
        Check::skipped(name, "there is no evidence about every certificate of the chain, and the policy asks for none")
    } else {
        Check::passed(name, "fresh evidence of the issuers, and no certificate of the chain is revoked")
    };
    Outcome { check, reasons, warnings }
}
