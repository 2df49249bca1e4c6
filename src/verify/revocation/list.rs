//! What the lists in force say.

use std::sync::Arc;

use super::Link;
use super::said::{Said, Word};
use crate::revocation::{Basis, LeftOut, RevocationList, Status, UnknownCause};
use crate::verdict::{DeltaSource, Reason, RefusalCode, RevocationSource, SourceKind, Warning, Whose};
use crate::verify::judge::Question;

pub(super) fn say(link: &Link<'_>, question: &Question<'_>) -> Said {
    let status = question.lists.status_under(&link.asked, question.when(), &question.accepts());
    let source = |basis: &Basis| source(&basis.list, basis.delta.as_deref(), link, question);
    match &status {
        Status::Good { basis, beside, after_expiry } => {
            let said = if *after_expiry {
                Said::unknown(
                    Reason::new(RefusalCode::RevocationUnknown),
                    "the list was issued after the certificate expired and does not keep expired certificates",
                )
            } else {
                Said::new(Word::Good)
            };
            let all = || std::iter::once(basis).chain(&**beside);
            let warnings = all().find_map(|basis| basis.left_out.as_ref()).map(delta_not_used).into_iter().collect();
            Said { beside: beside.iter().map(source).collect(), warnings, ..said.by(Some(source(basis))) }
        }
        Status::Revoked { basis, revoked, stale, after_at } => {
            let said = Said::of_revoked(revoked, link.whose, *after_at, *stale, || lapsed(&basis.list));
            Said {
                warnings: basis.left_out.as_ref().map(delta_not_used).into_iter().collect(),
                ..said.by(Some(source(basis)))
            }
        }
        Status::Unknown { cause } => {
            let list = cause.list().map(|list| self::source(list, None, link, question));
            unknown(cause, link, question).by(list)
        }
    }
}

fn delta_not_used(left: &LeftOut) -> Warning {
    let number = left.delta.number().map(|number| format!(" {number}")).unwrap_or_default();
    let detail = format!("the delta list{number} of {} was not used: {}", left.delta.issuer_text(), left.why);
    Warning { code: "delta-not-used", detail: detail.into() }
}

fn unknown(cause: &UnknownCause, link: &Link<'_>, question: &Question<'_>) -> Said {
    let reason = || Reason::new(RefusalCode::RevocationUnknown);
    match cause {
        UnknownCause::NoList if link.whose == Whose::Issuer => {
            Said::silent(reason(), format!("there is no list that tells about the authority {}", &*link.label.subject))
        }
        UnknownCause::NoList => Said::silent(reason(), "there is no list of the issuer"),
        UnknownCause::Rejected { why } => {
            Said::unknown(reason(), format!("the list that names the issuer does not hold: {why}"))
        }
        UnknownCause::OutOfScope { .. } => {
            Said::unknown(reason(), "the lists of the issuer are not about this kind of certificate")
        }
        UnknownCause::Unsupported { why, .. } => {
            Said::unknown(reason(), format!("the list of the issuer cannot be used: {why}"))
        }
        UnknownCause::NotVouched { .. } => {
            let detail = "no path to the same trust anchor by the right authorities, with evidence that it is not \
                          revoked, vouches for the issuer of the list that tells about it";
            Said::unknown(reason(), detail)
        }
        UnknownCause::SomeReasons { missing, .. } => {
            let missing: Vec<&str> = missing.names().collect();
            Said::unknown(reason(), format!("no list of the issuer is about revocation for {}", missing.join(", ")))
        }
        UnknownCause::NotYetValid { .. } => {
            Said::unknown(reason(), "the list of the issuer is dated ahead of the clock")
        }
        UnknownCause::NotAccepted { list } => {
            let refusal = question.accepts().of_signature(list.signature_algorithm()).err();
            let why = refusal.map(|refusal| format!(": {refusal}")).unwrap_or_default();
            Said::unknown(reason(), format!("the algorithm of the issuer's list is not accepted{why}"))
        }
        UnknownCause::Behind { .. } => {
            let detail = "so many delta lists need later lists of the issuer than the one at hand that what the first of \
                          them named may be missing";
            Said::unknown(reason(), detail)
        }
        UnknownCause::Stale { list } => lapsed(list),
    }
}

fn lapsed(list: &RevocationList) -> Said {
    let reason = list.next_update().map_or(Reason::new(RefusalCode::RevocationUnknown), Reason::revocation_stale);
    Said::unknown(reason, "the list of the issuer had lapsed at the moment asked about")
}

fn source(
    list: &RevocationList,
    delta: Option<&RevocationList>,
    link: &Link<'_>,
    question: &Question<'_>,
) -> RevocationSource {
    RevocationSource {
        kind: SourceKind::Crl,
        issuer: Arc::clone(list.issuer_text()).into(),
        number: list.number(),
        this_update: list.this_update(),
        next_update: list.next_update(),
        produced_at: None,
        age_seconds: question.now.seconds_since(list.this_update()),
        source: Arc::clone(list.source_text()).into(),
        delta: delta.map(|delta| {
            Box::new(DeltaSource {
                number: delta.number(),
                this_update: delta.this_update(),
                next_update: delta.next_update(),
                source: Arc::clone(delta.source_text()).into(),
                sha256: Arc::clone(delta.sha256_text()).into(),
            })
        }),
        sha256: Arc::clone(list.sha256_text()).into(),
        entries: Some(list.entries()),
        stale: list.is_stale(question.at),
        demo: link.demo,
    }
}
