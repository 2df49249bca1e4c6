//! What verified responses say about a certificate at a moment.

use std::sync::Arc;

use super::cert_id::CertIds;
use super::error::{DelegateError, OcspError};
use super::response::{CertStatus, OcspResponse, Signer, SingleResponse};
use super::status::{Answer, OcspRules, OcspStatus, Standing, Unavailable};
use crate::clock::Time;
use crate::revocation::reason::Revoked;
use crate::revocation::{Accepts, CLOCK_SKEW};
use crate::x509::Certificate;

/// A question about one certificate.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub certificate: &'a Certificate,
    /// What the certificate is named by.
    pub ids: &'a CertIds<'a>,
    pub at: Time,
    pub now: Time,
    pub rules: OcspRules,
    pub accepts: &'a dyn Accepts,
    /// Whether the policy lets an answer say that somebody is good.
    pub may_clear: &'a dyn Fn(&Answer) -> bool,
}

/// What one response says, if it counts.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    answer: Answer,
    status: CertStatus,
    stale: bool,
    may_clear: bool,
}

impl Claim {
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Of several about one certificate in one response the highest counts.
    fn weight(&self, at: Time) -> (u8, bool) {
        let weight = match self.status {
            CertStatus::Good => 0,
            CertStatus::Unknown => 2,
            CertStatus::Revoked(_) if self.status.is_never_issued() => 3,
            CertStatus::Revoked(entry) if !entry.has_effect(at) => 1,
            // The only revocation that is ever undone.
            CertStatus::Revoked(entry) if entry.is_hold() => 4,
            CertStatus::Revoked(_) => 5,
        };
        (weight, self.stale)
    }

    /// Whether it says that the certificate is revoked, with effect on that moment.
    pub fn revokes(&self, at: Time) -> bool {
        let CertStatus::Revoked(entry) = self.status else { return false };
        !self.status.is_never_issued() && entry.has_effect(at)
    }

    /// Whether it says nothing against the certificate at that moment, so that it may clear it.
    fn is_favourable(&self, at: Time) -> bool {
        match self.status {
            CertStatus::Good => true,
            CertStatus::Unknown => false,
            CertStatus::Revoked(entry) => !self.status.is_never_issued() && !entry.has_effect(at),
        }
    }
}

/// What one response says to the question: the worst of its answers. An answer about the certificate that does not
/// count spoils the response, whatever its others say. Doubts about who speaks, or when, keep a response from clearing
/// somebody; whom it names is revoked all the same, unless its signer is himself.
pub(super) fn claim(
    response: &Arc<OcspResponse>,
    question: &Question<'_>,
    standing: impl FnOnce(&Certificate) -> Standing,
) -> Result<Claim, Unavailable> {
    let mut worst: Option<Claim> = None;
    let mut doubt: Option<Unavailable> = None;
    for (position, single) in response.about(question.ids) {
        let answer = Answer::new(response, position);
        check_clock(&answer, question.now)?;
        doubt = doubt.or(check_dates(&answer).err());
        let stale = question.at > answer.covers_until(&question.rules);
        let may_clear = (question.may_clear)(&answer);
        let claim = Claim { answer, status: single.status(), stale, may_clear };
        if worst.as_ref().is_none_or(|known| claim.weight(question.at) > known.weight(question.at)) {
            worst = Some(claim);
        }
    }
    let Some(claim) = worst else { return Err(Unavailable::Rejected { why: Arc::new(OcspError::NotAbout) }) };
    let clears = claim.is_favourable(question.at);
    if let Some(doubt) = doubt.filter(|_| clears) {
        return Err(doubt);
    }
    if clears && !is_accepted(response, question.accepts) {
        return Err(Unavailable::NotAccepted { answer: claim.answer });
    }
    if let Signer::Delegate(certificate) = response.signer() {
        match standing(certificate) {
            Standing::Revoked => return Err(Unavailable::ResponderRevoked { answer: claim.answer }),
            Standing::RevokedSince(since) if response.produced_at() >= since => {
                return Err(Unavailable::ResponderRevoked { answer: claim.answer });
            }
            Standing::Unknown if clears && !certificate.extensions().ocsp_no_check => {
                return Err(Unavailable::ResponderUnchecked { answer: claim.answer });
            }
            Standing::Good | Standing::RevokedSince(_) | Standing::Unknown => {}
        }
    }
    Ok(claim)
}

/// Whether the response, and the certificate of a delegated responder, rest on algorithms that are accepted.
fn is_accepted(response: &OcspResponse, accepts: &dyn Accepts) -> bool {
    let signature = response.parsed().signature_algorithm().is_ok_and(|algorithm| accepts.signature(algorithm));
    let signer = match response.signer() {
        Signer::Delegate(certificate) => accepts.authority(certificate),
        Signer::Issuer => true,
    };
    signature && signer
}

/// Neither producedAt nor thisUpdate lies ahead of the clock.
fn check_clock(answer: &Answer, now: Time) -> Result<(), Unavailable> {
    let latest = now.plus_seconds(CLOCK_SKEW);
    if answer.response().produced_at().max(answer.this_update()) > latest {
        return Err(Unavailable::NotYetValid { answer: answer.clone() });
    }
    Ok(())
}

/// thisUpdate does not lie ahead of producedAt, and a delegate was valid at both (at producedAt it was when the response was
/// verified).
fn check_dates(answer: &Answer) -> Result<(), Unavailable> {
    let (produced_at, this_update) = (answer.response().produced_at(), answer.this_update());
    if this_update > produced_at.plus_seconds(CLOCK_SKEW) {
        return Err(Unavailable::NotYetValid { answer: answer.clone() });
    }
    match answer.response().signer() {
        Signer::Delegate(certificate) if !certificate.validity().contains(this_update) => {
            let why = DelegateError::NotValid(this_update);
            Err(Unavailable::Rejected { why: Arc::new(why.into()) })
        }
        _ => Ok(()),
    }
}

/// What several responses come to. A revocation counts whatever else is said, but for a hold, which a newer good answer
/// from before the moment has lifted. Else the newest answer that had not lapsed decides; of two that are equally new
/// the worse.
pub(super) fn conclude(claims: &[Claim], question: &Question<'_>, mut cause: Unavailable) -> OcspStatus {
    let mut revoked: Option<(&Claim, Revoked)> = None;
    let mut newest: Option<&Claim> = None;
    for claim in claims {
        match claim.status {
            CertStatus::Revoked(entry) if !claim.status.is_never_issued() => {
                if is_lifted(claim, claims, question.at) {
                    continue;
                }
                // What has effect on the moment comes first, then what a fresh answer says.
                let weight = |claim: &Claim, entry: &Revoked| {
                    (entry.has_effect(question.at), !claim.stale, claim.answer.this_update())
                };
                if revoked.is_none_or(|(known, its)| weight(claim, &entry) > weight(known, &its)) {
                    revoked = Some((claim, entry));
                }
            }
            _ if claim.stale => {
                let since = claim.answer.covers_until(&question.rules);
                let stale = Unavailable::Stale { answer: claim.answer.clone(), since };
                if stale.rank() > cause.rank() {
                    cause = stale;
                }
            }
            _ => {
                let key = |claim: &Claim| (claim.answer.this_update(), claim.weight(question.at));
                if newest.is_none_or(|known| key(claim) > key(known)) {
                    newest = Some(claim);
                }
            }
        }
    }
    // What does not know the certificate any more may not be passed over for an older word that it was good then.
    let is_disowned = |revoked: &Revoked, claim: &Claim| {
        let disowns = |newest: &&Claim| {
            !newest.is_favourable(question.at) && newest.answer.this_update() >= claim.answer.this_update()
        };
        !revoked.has_effect(question.at) && newest.as_ref().is_some_and(disowns)
    };
    if let Some((claim, revoked)) = revoked.filter(|(claim, revoked)| !is_disowned(revoked, claim)) {
        let (answer, after_at) = (claim.answer.clone(), revoked.date > question.at);
        return OcspStatus::Revoked { answer, revoked, stale: claim.stale, after_at };
    }
    match newest {
        None => OcspStatus::Unavailable { cause },
        Some(claim) if claim.status == CertStatus::Good => {
            let after_expiry = is_after_expiry(claim, question.certificate);
            OcspStatus::Good { answer: claim.answer.clone(), after_expiry }
        }
        Some(claim) => {
            OcspStatus::Unknown { answer: claim.answer.clone(), never_issued: claim.status.is_never_issued() }
        }
    }
}

/// Whether a newer answer of another response, which tells about the moment or before and may say so, says that the hold is
/// over.
fn is_lifted(hold: &Claim, claims: &[Claim], at: Time) -> bool {
    let is_hold = matches!(hold.status, CertStatus::Revoked(entry) if entry.is_hold());
    let lifts = |claim: &Claim| {
        let when = claim.answer.this_update();
        claim.status == CertStatus::Good
            && !claim.stale
            && claim.may_clear
            && when > hold.answer.this_update()
            && when <= at.plus_seconds(CLOCK_SKEW)
            && !Arc::ptr_eq(claim.answer.response(), hold.answer.response())
    };
    is_hold && claims.iter().any(lifts)
}

fn is_after_expiry(claim: &Claim, certificate: &Certificate) -> bool {
    let expiry = certificate.validity().not_after;
    let keeps = claim.answer.single().and_then(SingleResponse::archive_cutoff).is_some_and(|cutoff| cutoff <= expiry);
    claim.answer.this_update() > expiry && !keeps
}
