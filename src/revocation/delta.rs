//! Delta lists (RFC 5280 5.2.4): which one continues a full list, and what the two say together.
//!
//! Nothing is merged. A full list and the delta that continues it are looked into one after the other, as 6.3.3 (i) and
//! (j) do. What counts as their being one list:
//!
//! * A delta continues a full list of the same issuer, key and scope when
//!   `BaseCRLNumber <= CRLNumber of the full list < CRLNumber of the delta` and it was not issued before it. The last
//!   condition is not in the standard, which has both in one sequence of numbers. The National CA numbers its deltas in
//!   a sequence of their own, so by numbers alone an old delta would go on to lift holds that a newer full list has set
//!   again.
//! * Together they are a full list with thisUpdate and nextUpdate of the delta (5.2.4, 6.3.3 (a) (1) (i)): a fresh delta
//!   carries a full list past its nextUpdate, because it says everything that has changed since. The full list also
//!   stays what it is: when the delta lapses first, it is in force alone until its own nextUpdate.
//! * A delta that has lapsed lifts nothing any more. What it revokes stays revoked, as with any lapsed list.
//! * removeFromCRL lifts a certificateHold of the full list and nothing else. It also marks certificates that leave the
//!   list because they have expired, so for a certificate that had expired when the delta was issued it lifts nothing.
//! * A hold that was lifted was in force until then. Nothing tells the moment of lifting, only that it lies before the
//!   delta's thisUpdate. Asked about a moment after the hold began and before that thisUpdate, the certificate counts as
//!   held; asked about now, or about a moment before the hold began, it does not.
//! * Of two entries the delta's counts, unless it is dated after the moment asked about and that of the full list was in
//!   force then: a hold that later became a revocation was a hold before.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use super::error::Unusable;
use super::list::RevocationList;
use super::number::ListNumber;
use super::reason::{Reason, Revoked};
use super::snapshot::{CLOCK_SKEW, is_begun};
use crate::clock::Time;
use crate::x509::Certificate;

/// Deltas without the full list that they continue which are kept of one key, or beside one full list: the newest. A
/// document brings 64 lists at most, and nobody publishes more than a few deltas at a time.
const MAX_KEPT: usize = 128;

/// A full list that counts, with the delta that continues it, if there is one.
#[derive(Clone, Debug)]
pub struct Basis {
    /// The full list. In an answer that somebody is revoked it may be a delta that is there without one.
    pub list: Arc<RevocationList>,
    /// The delta looked into before it.
    pub delta: Option<Arc<RevocationList>>,
    /// A delta of the issuer that is there and was not used.
    pub left_out: Option<LeftOut>,
    /// Deltas newer than both that need a later full list, the newest first.
    ahead: Box<[Arc<RevocationList>]>,
}

/// A delta list that was not used: the full list is in force without it.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The delta.
    pub delta: Arc<RevocationList>,
    /// Why.
    pub why: DeltaProblem,
}

/// Why a delta list does not continue a full list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeltaProblem {
    /// `BaseCRLNumber` is above the number of the full list.
    #[error("it continues the full list of number {0} or a later one, and the one in force is older")]
    BaseTooOld(ListNumber),
    /// The full list has no `CRLNumber`.
    #[error("the full list has no number")]
    BaseWithoutNumber,
    /// Its nextUpdate lies before the moment asked about.
    #[error("it has lapsed")]
    Lapsed,
    /// Its `CRLNumber` is not above that of the full list.
    #[error("its number is not above that of the full list")]
    NotAbove,
    /// Its signature, or the path of its issuer, rests on an algorithm that is not accepted.
    #[error("it rests on an algorithm that is not accepted")]
    NotAccepted,
    /// Its thisUpdate lies ahead of the clock.
    #[error("it is dated ahead of the clock")]
    NotYetValid,
    /// It was issued before the full list.
    #[error("it was issued before the full list")]
    Older,
    /// No full list of the issuer has its scope.
    #[error("it is about other certificates or reasons than the full list")]
    Scope,
    /// It cannot be used at all.
    #[error("{0}")]
    Unusable(Unusable),
}

/// Whether `delta` continues `base`, which has the same scope.
fn continues(delta: &RevocationList, base: &RevocationList, now: Time) -> Result<(), DeltaProblem> {
    if let Some(why) = delta.unusable() {
        return Err(DeltaProblem::Unusable(why.clone()));
    }
    let needed = delta.base_number().ok_or(DeltaProblem::Unusable(Unusable::DeltaWithoutBase))?;
    let number = delta.number().ok_or(DeltaProblem::Unusable(Unusable::DeltaWithoutNumber))?;
    let have = base.number().ok_or(DeltaProblem::BaseWithoutNumber)?;
    if !is_begun(delta, now) {
        Err(DeltaProblem::NotYetValid)
    } else if have < needed {
        Err(DeltaProblem::BaseTooOld(needed))
    } else if number <= have {
        Err(DeltaProblem::NotAbove)
    } else if delta.this_update() < base.this_update() {
        Err(DeltaProblem::Older)
    } else {
        Ok(())
    }
}

impl Basis {
    /// A full list with what of `deltas`, all of its issuer and key, continues it best. A delta of a scope that none of
    /// `bases` has is named as left out too: it was meant for something.
    pub(super) fn new(
        list: Arc<RevocationList>,
        deltas: &[Arc<RevocationList>],
        bases: &[Arc<RevocationList>],
        now: Time,
    ) -> Self {
        let newer = |one: &RevocationList, other: &RevocationList| one.rank_against(other) == Ordering::Greater;
        let mut best: Option<&Arc<RevocationList>> = None;
        let mut left_out: Option<LeftOut> = None;
        let mut ahead: Vec<&Arc<RevocationList>> = Vec::new();
        for delta in deltas {
            let why = if delta.shares_scope(&list) {
                match continues(delta, &list, now) {
                    Ok(()) => {
                        best = best.filter(|known| !newer(delta, known)).or(Some(delta));
                        continue;
                    }
                    Err(why) => {
                        // What the full list was issued after, it knows better.
                        if matches!(why, DeltaProblem::BaseTooOld(_)) && delta.this_update() >= list.this_update() {
                            ahead.push(delta);
                        }
                        why
                    }
                }
            } else if delta.unusable().is_none() && !bases.iter().any(|base| delta.shares_scope(base)) {
                DeltaProblem::Scope
            } else if let Some(why) = delta.unusable() {
                // Its scope may be what could not be read.
                DeltaProblem::Unusable(why.clone())
            } else {
                continue;
            };
            let meant = |left: &LeftOut| (left.delta.shares_scope(&list), left.delta.this_update());
            let this = LeftOut { delta: Arc::clone(delta), why };
            // Of the same moment, the later number: the order in which they came says nothing.
            let stays = |known: &LeftOut| {
                meant(known).cmp(&meant(&this)).then_with(|| known.delta.rank_against(&this.delta)) != Ordering::Less
            };
            left_out = left_out.filter(stays).or(Some(this));
        }
        // What came before the one in use is no news.
        let is_news = |delta: &RevocationList| best.is_none_or(|best| newer(delta, best));
        let left_out = left_out.filter(|left| is_news(&left.delta));
        ahead.retain(|delta| is_news(delta));
        Self { delta: best.cloned(), left_out, ahead: newest_first(ahead), list }
    }

    /// A delta that is there without a full list, as what an answer rests on that somebody is revoked.
    pub(super) fn of_delta(delta: &Arc<RevocationList>) -> Self {
        Self { list: Arc::clone(delta), delta: None, left_out: None, ahead: Box::default() }
    }

    /// Whether the two together have lapsed at `at`.
    #[must_use]
    pub fn is_stale(&self, at: Time) -> bool {
        self.list.is_stale(at) && self.delta.as_ref().is_none_or(|delta| delta.is_stale(at))
    }

    /// Whether any of its lists names the certificate.
    pub(super) fn names(&self, certificate: &Certificate, at: Time) -> bool {
        self.lookup(certificate, at).is_some()
    }

    /// What is known about a certificate at the moment `at`: the entry that counts, and whose it is. A delta that needs a
    /// later full list than the one at hand cannot tell who is good, but whom it revokes is revoked: else whoever can hold
    /// back the full list could undo what the delta brought.
    pub(super) fn lookup(&self, certificate: &Certificate, at: Time) -> Option<(Revoked, By)> {
        let known = self.lookup_together(certificate, at);
        let is_final = |entry: &Revoked| entry.reason != Some(Reason::CertificateHold);
        if known.as_ref().is_some_and(|(entry, _)| is_final(entry)) {
            return known;
        }
        revoked_by(&self.ahead, |_| true, certificate, at).map(|(entry, place)| (entry, By::Ahead(place))).or(known)
    }

    fn lookup_together(&self, certificate: &Certificate, at: Time) -> Option<(Revoked, By)> {
        let in_full = self.list.lookup_certificate(certificate).map(|entry| (entry, By::Full));
        let Some(delta) = &self.delta else { return in_full };
        match delta.lookup_certificate(certificate) {
            None => in_full,
            Some(Revoked { reason: Some(Reason::RemoveFromCrl), .. }) => {
                in_full.filter(|(held, _)| !lifts(delta, held, certificate, at))
            }
            Some(change) => {
                let before = in_full.filter(|(before, _)| !change.has_effect(at) && before.date <= at);
                Some(before.unwrap_or((change, By::Delta)))
            }
        }
    }

    /// Without the delta, which was not used for this reason.
    pub(super) fn without_delta(&self, why: DeltaProblem) -> Self {
        let left_out = self.delta.clone().map(|delta| LeftOut { delta, why });
        Self { delta: None, left_out: left_out.or_else(|| self.left_out.clone()), ..self.clone() }
    }

    /// As it answers at the moment `at`: a delta that had lapsed by then is left out, unless its entry decided.
    pub(super) fn as_of(&self, at: Time, decided: By) -> Self {
        let ahead = if let By::Ahead(place) = decided { self.ahead.get(place) } else { None };
        match (&self.delta, ahead) {
            (_, Some(ahead)) => Self { delta: Some(Arc::clone(ahead)), left_out: None, ..self.clone() },
            (Some(delta), _) if delta.is_stale(at) && decided != By::Delta => self.without_delta(DeltaProblem::Lapsed),
            _ => self.clone(),
        }
    }
}

/// Which list of a basis an answer is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The delta at this place among those that need a later full list.
    Ahead(usize),
    /// The delta that continues the full list.
    Delta,
    /// The full list.
    Full,
}

/// Those deltas that are there without a full list of their scope, the newest first.
pub(super) fn without_full(deltas: &[Arc<RevocationList>], full: &[&RevocationList]) -> Box<[Arc<RevocationList>]> {
    let usable = deltas.iter().filter(|delta| delta.unusable().is_none());
    newest_first(usable.filter(|delta| !full.iter().any(|list| delta.shares_scope(list))).collect())
}

fn newest_first(mut deltas: Vec<&Arc<RevocationList>>) -> Box<[Arc<RevocationList>]> {
    deltas.sort_by_key(|delta| Reverse((delta.number(), delta.this_update())));
    deltas.into_iter().take(MAX_KEPT).cloned().collect()
}

/// What deltas, the newest first, say without the full lists that they continue: the newest that names the certificate
/// decides, unless it was revoked after the moment and an older one has it on hold then; and where it stands. To be taken off the list again undoes a hold in an older one of the same scope, and
/// nothing else; it makes nobody good. Only those that `counts` holds for are asked.
pub(super) fn revoked_by(
    deltas: &[Arc<RevocationList>],
    counts: impl Fn(&RevocationList) -> bool,
    certificate: &Certificate,
    at: Time,
) -> Option<(Revoked, usize)> {
    let removes = |entry: &Revoked| entry.reason == Some(Reason::RemoveFromCrl);
    let entry_of = |delta: &RevocationList| delta.lookup_certificate(certificate).filter(|_| counts(delta));
    let mut newest: Option<(Revoked, usize)> = None;
    for (place, delta) in deltas.iter().enumerate() {
        let Some(entry) = entry_of(delta).filter(|entry| !removes(entry)) else { continue };
        let lifted = deltas.iter().take(place).any(|newer| {
            newer.shares_scope(delta)
                && entry_of(newer).as_ref().is_some_and(removes)
                && lifts(newer, &entry, certificate, at)
        });
        if lifted {
            continue;
        }
        if entry.has_effect(at) {
            return Some((entry, place));
        }
        newest = newest.or(Some((entry, place)));
    }
    newest
}

/// Whether a removeFromCRL in `delta` ends what the full list says, at the moment `at`.
fn lifts(delta: &RevocationList, held: &Revoked, certificate: &Certificate, at: Time) -> bool {
    let was_in_force = held.date <= at && at.plus_seconds(CLOCK_SKEW) < delta.this_update();
    held.reason == Some(Reason::CertificateHold)
        && !delta.is_stale(at)
        && delta.this_update() <= certificate.validity().not_after
        && !was_in_force
}
