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
//! * Of two entries the delta's counts, unless that of the full list weighs more: a hold that later became a revocation was
//!   a hold before, and a revocation does not become a hold.
//! * A delta that is not believed (its algorithm is not accepted, or it is dated ahead of what the present is taken for) or
//!   that has lapsed continues nothing: the one before it does, or the full list is in force alone. It revokes all the same,
//!   and so does one that needs a later full list, or that lacks its numbers ([`Joined`](super::joined::Joined)).
//! * Of two deltas of one number and date both have to say that a hold is over.

use std::cmp::Reverse;
use std::sync::Arc;

use super::error::Unusable;
use super::joined::Terms;
use super::list::RevocationList;
use super::number::ListNumber;
use super::reason::{Reason, Revoked};
use super::snapshot::CLOCK_SKEW;
use crate::clock::Time;
use crate::x509::Certificate;

/// A full list that counts, with the delta that continues it, if there is one.
#[derive(Clone, Debug)]
pub struct Basis {
    /// The full list. In an answer that somebody is revoked it may be a delta that is there without one.
    pub list: Arc<RevocationList>,
    /// The delta looked into before it.
    pub delta: Option<Arc<RevocationList>>,
    /// A delta of the issuer that is there and was not used.
    pub left_out: Option<LeftOut>,
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
    /// It was issued after the certificate expired, and need not name it any more.
    #[error("it was issued after the certificate expired")]
    AfterExpiry,
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
    /// Nobody who is known to be good answers for it.
    #[error("no path vouches for it")]
    NotVouched,
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

/// Whether `delta` continues `base`, which has the same scope, once it has begun.
pub(super) fn continues(delta: &RevocationList, base: &RevocationList) -> Result<(), DeltaProblem> {
    if let Some(why) = delta.unusable() {
        return Err(DeltaProblem::Unusable(why.clone()));
    }
    let needed = delta.base_number().ok_or(DeltaProblem::Unusable(Unusable::DeltaWithoutBase))?;
    let number = delta.number().ok_or(DeltaProblem::Unusable(Unusable::DeltaWithoutNumber))?;
    let have = base.number().ok_or(DeltaProblem::BaseWithoutNumber)?;
    if have < needed {
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
    /// A delta that is there without a full list, as what an answer rests on that somebody is revoked.
    pub(super) fn of_delta(delta: &Arc<RevocationList>) -> Self {
        Self { list: Arc::clone(delta), delta: None, left_out: None }
    }

    /// From when the two together speak.
    pub(super) fn as_of(&self) -> Time {
        let own = self.list.this_update();
        self.delta.as_ref().map_or(own, |delta| delta.this_update().max(own))
    }

    /// Whether the two are from before a delta of their scope that is the oldest still at hand.
    pub(super) fn is_behind(&self, oldest: &RevocationList) -> bool {
        oldest.shares_scope(&self.list) && self.as_of() < oldest.this_update()
    }

    /// Whether the two together have lapsed at `at`.
    #[must_use]
    pub fn is_stale(&self, at: Time) -> bool {
        self.list.is_stale(at) && self.delta.as_ref().is_none_or(|delta| delta.is_stale(at))
    }
}

/// Those deltas that are there without a full list of their scope, the newest first.
pub(super) fn without_full(deltas: &[Arc<RevocationList>], full: &[&RevocationList]) -> Box<[Arc<RevocationList>]> {
    let telling = deltas.iter().filter(|delta| delta.may_revoke());
    let mut lone: Vec<_> = telling.filter(|delta| !full.iter().any(|list| delta.shares_scope(list))).cloned().collect();
    lone.sort_by_key(|delta| age(delta));
    lone.into()
}

/// By number, then by date; of two that are as new as each other by octets, so that the order in which they came counts for
/// nothing.
pub(super) fn age(delta: &RevocationList) -> Reverse<(Option<ListNumber>, Time, [u8; 32])> {
    Reverse((delta.number(), delta.this_update(), *delta.sha256()))
}

/// What deltas, the newest first, say without the full lists that they continue: of the entries that weigh most the newest.
/// To be taken off the list again undoes a hold in an older one of the same scope where the delta is believed, and nothing
/// else; it makes nobody good. So does not being named by a later one that tells of all changes since the same full list.
pub(super) fn revoked_by<'a>(
    deltas: impl Iterator<Item = &'a Arc<RevocationList>>,
    terms: &Terms<'_>,
) -> Option<(Revoked, &'a Arc<RevocationList>)> {
    let at = terms.when.at;
    let said = |delta: &'a Arc<RevocationList>| (delta.lookup_certificate(terms.certificate), delta);
    let all: Vec<_> = deltas.map(said).collect();
    let mut worst: Option<(Revoked, &'a Arc<RevocationList>)> = None;
    for (entry, delta) in &all {
        let Some(entry) = entry else { continue };
        let is_lifted_by = |(its, newer): &(Option<Revoked>, &Arc<RevocationList>)| {
            let takes_off = match its {
                // A number says nothing about one without: that may be a full list's, of a sequence of its own.
                Some(its) if delta.unusable().is_some() => removes(its) && newer.this_update() > delta.this_update(),
                Some(its) => {
                    removes(its) && newer.this_update() >= delta.this_update() && newer.rank_against(delta).is_gt()
                }
                None => newer.base_number() == delta.base_number() && newer.is_newer_than(delta),
            };
            // One without its numbers may be from anywhere.
            takes_off
                && newer.unusable().is_none()
                && lifts(newer, entry, terms.certificate, at)
                && newer.shares_scope(delta)
                && terms.believes(newer)
        };
        if removes(entry) || all.iter().any(is_lifted_by) {
            continue;
        }
        worst = match worst {
            Some((known, by)) if entry.weight(at) <= known.weight(at) => Some((known.since(entry), by)),
            _ => Some((*entry, delta)),
        };
    }
    worst
}

pub(super) fn removes(entry: &Revoked) -> bool {
    entry.reason == Some(Reason::RemoveFromCrl)
}

/// Whether a removeFromCRL in `delta` ends what the full list says, at the moment `at`.
pub(super) fn lifts(delta: &RevocationList, held: &Revoked, certificate: &Certificate, at: Time) -> bool {
    let was_in_force = held.date <= at && at.plus_seconds(CLOCK_SKEW) < delta.this_update();
    held.reason == Some(Reason::CertificateHold)
        && !delta.is_stale(at)
        && delta.this_update() <= certificate.validity().not_after
        && !was_in_force
}
