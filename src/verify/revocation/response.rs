//! What responders say.

use std::sync::Arc;

use super::Link;
use super::said::{Bars, Said, Word};
use crate::clock::Time;
use crate::policy::Reading;
use crate::revocation::ocsp::{Answer, OcspStatus, Signer, Standing, Unavailable};
use crate::revocation::{Asked, CLOCK_SKEW, Status};
use crate::verdict::{Reason, RefusalCode, RevocationSource, SourceKind};
use crate::verify::judge::Question;
use crate::x509::Certificate;

pub(super) fn say(link: &Link<'_>, question: &Question<'_>) -> Said {
    let standing = |responder: &Certificate| standing(responder, link, question);
    let (certificate, issuer) = (link.asked.certificate, link.asked.issuer());
    let times = (question.at, question.now);
    let may_clear = |answer: &Answer| barred(answer, question).is_none();
    let status =
        question.responses.status_under(certificate, issuer, times, standing, (&question.accepts(), &may_clear));
    let reason = || Reason::new(RefusalCode::RevocationUnknown);
    let source = |answer: &Answer| Some(source(answer, link, question));
    if let Some(answer) = status.favourable(question.at)
        && let Some(detail) = barred(answer, question)
    {
        return Said::unknown(reason(), detail).by(source(answer));
    }
    match &status {
        OcspStatus::Good { answer, after_expiry: false } => Said::new(Word::Good).by(source(answer)),
        OcspStatus::Good { answer, after_expiry: true } => {
            let detail = "the response was given after the certificate expired, and does not say that it reaches back";
            Said::unknown(reason(), detail).by(source(answer))
        }
        OcspStatus::Revoked { answer, revoked, stale, after_at } => {
            let lapsed = || lapsed(answer, question);
            Said::of_revoked(revoked, link.whose, *after_at, *stale, lapsed).by(source(answer))
        }
        OcspStatus::Unknown { answer, never_issued } => {
            let detail = if *never_issued {
                "the responder says that such a certificate was never issued"
            } else {
                "the responder does not know the certificate"
            };
            Said::unknown(reason(), detail).barring(Bars::Everything).by(source(answer))
        }
        OcspStatus::Unavailable { cause } => unavailable(cause, question).by(cause.answer().and_then(source)),
    }
}

/// Why an answer may not say that somebody is good.
fn barred(answer: &Answer, question: &Question<'_>) -> Option<&'static str> {
    if needs_delegate(answer, question) {
        Some("to the letter of p. 19(5) only a delegated responder may say that a certificate is good")
    } else if dated(answer) > question.when().present.plus_seconds(CLOCK_SKEW) {
        Some("the response is dated ahead of the moment asked about")
    } else {
        None
    }
}

/// Whether the policy takes the order by its letter, and the answer is the authority's own.
fn needs_delegate(answer: &Answer, question: &Question<'_>) -> bool {
    question.policy.reading == Reading::StrictLetter && !matches!(answer.response().signer(), Signer::Delegate(_))
}

fn dated(answer: &Answer) -> Time {
    answer.this_update().max(answer.response().produced_at())
}

fn unavailable(cause: &Unavailable, question: &Question<'_>) -> Said {
    let reason = || Reason::new(RefusalCode::RevocationUnknown);
    let bars = match cause {
        Unavailable::Unread { .. } => Bars::Everything,
        _ if cause.is_silence() => Bars::Nothing,
        _ => Bars::Later,
    };
    let said = match cause {
        Unavailable::NoResponse => Said::silent(reason(), "there is no response about the certificate"),
        Unavailable::Failed { why } if cause.is_silence() => {
            Said::silent(reason(), format!("no responder is available: {why}"))
        }
        Unavailable::Failed { why } => Said::unknown(reason(), format!("the responder's answer does not hold: {why}")),
        Unavailable::Rejected { why } => {
            Said::unknown(reason(), format!("the response about the certificate does not hold: {why}"))
        }
        Unavailable::Unread { why } => {
            Said::unknown(reason(), format!("not every response about the certificate was read: {why}"))
        }
        Unavailable::Stale { answer, .. } => lapsed(answer, question),
        Unavailable::NotYetValid { .. } => Said::unknown(reason(), "the response is dated ahead of the clock"),
        Unavailable::NotAccepted { answer } => Said::unknown(reason(), not_accepted(answer, question)),
        Unavailable::ResponderUnchecked { .. } => {
            Said::unknown(reason(), "nothing tells whether the responder's own certificate is revoked")
        }
        Unavailable::ResponderRevoked { .. } => {
            Said::unknown(reason(), "the certificate of the responder is itself revoked")
        }
    };
    said.barring(bars)
}

fn not_accepted(answer: &Answer, question: &Question<'_>) -> String {
    let (response, accepts) = (answer.response(), question.accepts());
    let signature = response.parsed().signature_algorithm().ok().map_or(Ok(()), |own| accepts.of_signature(own));
    let judged = match response.signer() {
        Signer::Delegate(responder) => signature.and_then(|()| accepts.of_authority(responder)),
        Signer::Issuer => signature,
    };
    let why = judged.err().map(|refusal| format!(": {refusal}")).unwrap_or_default();
    format!("the response rests on an algorithm that is not accepted{why}")
}

fn lapsed(answer: &Answer, question: &Question<'_>) -> Said {
    let reason = Reason::revocation_stale(answer.covers_until(question.responses.rules()));
    let rules = question.responses.rules();
    let age = rules.max_age;
    let is_of_age = answer.covers_until(rules) == answer.this_update().plus_seconds(age);
    if answer.next_update().is_some() || !is_of_age {
        return Said::unknown(reason, "the response had lapsed at the moment asked about");
    }
    Said::unknown(reason, format!("the response names no end, and counts for {age} seconds after it was given"))
}

/// What the lists of its issuer say about a delegated responder (RFC 6960 4.2.2.2.1).
fn standing(responder: &Certificate, link: &Link<'_>, question: &Question<'_>) -> Standing {
    let asked = Asked { certificate: responder, ..link.asked };
    match question.lists.status_under(&asked, question.when(), &question.accepts()) {
        Status::Good { after_expiry: false, .. } => Standing::Good,
        Status::Revoked { after_at: true, stale: false, revoked, .. } if !revoked.reaches_back() => {
            Standing::RevokedSince(revoked.date)
        }
        Status::Revoked { .. } => Standing::Revoked,
        // The silence of a list from after its expiry says nothing about it.
        Status::Good { after_expiry: true, .. } | Status::Unknown { .. } => Standing::Unknown,
    }
}

fn source(answer: &Answer, link: &Link<'_>, question: &Question<'_>) -> RevocationSource {
    let response = answer.response();
    RevocationSource {
        kind: SourceKind::Ocsp,
        issuer: Arc::clone(response.responder_text()).into(),
        number: None,
        this_update: answer.this_update(),
        next_update: answer.next_update(),
        produced_at: Some(response.produced_at()),
        age_seconds: question.now.seconds_since(answer.this_update()),
        source: Arc::clone(response.parsed().origin()).into(),
        delta: None,
        sha256: Arc::clone(response.sha256_text()).into(),
        entries: None,
        stale: question.at > answer.covers_until(question.responses.rules()),
        demo: link.demo,
    }
}
