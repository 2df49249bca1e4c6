//! A full list with all deltas of its scope, and what they say about a certificate together.
//!
//! The invariant: a delta that is not believed, has lapsed or needs another full list never takes away what another list
//! proves. So two kinds of deltas are told apart for each question. One is used: the newest that continues the full list, is believed
//! and has not lapsed. What it says stands in the place of what those before it said. All that are newer than it, and those
//! that need a later full list, are asked for revocations alone, the worst of which counts.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::asked::{Accepts, When};
use super::delta::{Basis, DeltaProblem, LeftOut, age, continues, lifts, removes, revoked_by};
use super::list::RevocationList;
use super::reason::Revoked;
use super::snapshot::{CLOCK_SKEW, is_begun};
use crate::clock::Time;
use crate::x509::Certificate;

/// What lists are asked, and which of them are believed.
#[derive(Clone, Copy)]
pub(super) struct Terms<'c> {
    pub certificate: &'c Certificate,
    pub when: When,
    pub accepts: &'c dyn Accepts,
    /// Which lists somebody answers for; `None` where the key of the certificate's issuer has signed them.
    pub vouched: Vouches<'c>,
}

/// Whether somebody who is good himself answers for a list.
pub(super) type Vouches<'v> = Option<&'v dyn Fn(&RevocationList) -> bool>;

impl Terms<'_> {
    /// Whether whom the list names is revoked: whatever it is signed with, it is not dated ahead of the clock.
    pub fn hears(&self, list: &RevocationList) -> bool {
        is_begun(list, self.when.now)
    }

    /// Whether the list may clear somebody too, or lift a hold: it is not dated ahead of what the present is taken for,
    /// its algorithm is accepted, and somebody answers for it.
    pub fn believes(&self, list: &RevocationList) -> bool {
        self.disbelief(list).is_none()
    }

    fn disbelief(&self, list: &RevocationList) -> Option<DeltaProblem> {
        if !is_begun(list, self.when.present.min(self.when.now)) {
            Some(DeltaProblem::NotYetValid)
        } else if !self.accepts.signature(list.signature_algorithm()) {
            Some(DeltaProblem::NotAccepted)
        } else if self.vouched.is_some_and(|vouched| !vouched(list)) {
            Some(DeltaProblem::NotVouched)
        } else {
            None
        }
    }

    /// Whether the list is believed and its silence undoes what older ones say: an entry may go when the certificate has
    /// expired.
    fn supersedes(&self, list: &RevocationList) -> bool {
        !self.may_have_dropped(list) && self.believes(list)
    }

    /// Whether the list is from after the certificate's expiry, and does not say that it keeps certificates that expired
    /// then.
    pub fn may_have_dropped(&self, list: &RevocationList) -> bool {
        let expiry = self.certificate.validity().not_after;
        list.this_update() > expiry && !list.keeps_expired_at(expiry)
    }

    /// Why the delta cannot be used.
    fn problem(&self, delta: &RevocationList) -> Option<DeltaProblem> {
        let too_late = || self.may_have_dropped(delta).then_some(DeltaProblem::AfterExpiry);
        let lapsed = || delta.is_stale(self.when.at).then_some(DeltaProblem::Lapsed);
        self.disbelief(delta).or_else(lapsed).or_else(too_late)
    }

    /// Whether the list tells about a time after the moment, so that a hold that it does not have may have been in force then.
    fn is_past(&self, list: &RevocationList) -> bool {
        list.this_update() > self.when.at.plus_seconds(CLOCK_SKEW)
    }

    /// Whether the entry counted at the moment, though a list from after it may not have it any more. A final reason among
    /// them is not passed over either: it would hide a hold.
    fn counted_then(&self, entry: &Revoked) -> bool {
        if entry.is_hold() { entry.date <= self.when.at } else { entry.has_effect(self.when.at) }
    }
}

/// A full list with all deltas of its scope.
#[derive(Debug)]
pub(super) struct Joined {
    /// The list with the newest delta that continues it, before any question.
    pub basis: Basis,
    /// The newest first.
    deltas: Box<[Beside]>,
    /// Newer full lists about the same certificates: where one is believed, this one is not asked.
    newer: Box<[Arc<RevocationList>]>,
}

/// A delta of the same scope.
#[derive(Debug)]
struct Beside {
    list: Arc<RevocationList>,
    place: Place,
}

/// Where a delta stands to the full list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The full list was issued after it, and knows better where it is believed.
    Behind,
    /// It continues the full list.
    Continues,
    /// It is newer, and needs another full list.
    Ahead,
}

impl Place {
    /// `None` for a delta that says nothing at all.
    fn of(joins: &Result<(), DeltaProblem>, delta: &RevocationList, list: &RevocationList) -> Option<Self> {
        let dates = delta.this_update().cmp(&list.this_update());
        match joins {
            Ok(()) => Some(Self::Continues),
            Err(DeltaProblem::BaseTooOld(_)) if dates.is_ge() => Some(Self::Ahead),
            // Full lists that are issued together with a delta may bear the same number.
            Err(DeltaProblem::BaseWithoutNumber | DeltaProblem::NotAbove) if dates.is_gt() => Some(Self::Ahead),
            Err(
                DeltaProblem::BaseTooOld(_)
                | DeltaProblem::BaseWithoutNumber
                | DeltaProblem::NotAbove
                | DeltaProblem::Older,
            ) => Some(Self::Behind),
            Err(_) => None,
        }
    }
}

/// Whether another full list counts in the place of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Displaced {
    No,
    /// Those that do are from after the moment: what was on hold then was on hold.
    Since,
    /// At the moment already.
    Then,
}

/// What a full list and its deltas say to a question.
pub(super) struct Heard<'a> {
    /// What it rests on.
    pub basis: Cow<'a, Basis>,
    /// The entry about the certificate.
    pub entry: Option<Revoked>,
    /// Whether the lists had lapsed at the moment asked about.
    pub stale: bool,
}

impl Joined {
    /// A full list with those of `deltas`, all of its issuer and key, that are of its scope. A delta of a scope that none
    /// of `bases` has is named as left out too: it was meant for something. `newer` are the full lists that
    /// are newer.
    pub fn new(
        list: Arc<RevocationList>,
        deltas: &[Arc<RevocationList>],
        bases: &[Arc<RevocationList>],
        newer: Box<[Arc<RevocationList>]>,
        now: Time,
    ) -> Self {
        let mut joined: Vec<Beside> = Vec::new();
        let mut left_out: Option<LeftOut> = None;
        for delta in deltas {
            let why = if delta.shares_scope(&list) {
                let joins = continues(delta, &list, now);
                let place = Place::of(&joins, delta, &list);
                joined.extend(place.map(|place| Beside { list: Arc::clone(delta), place }));
                match joins {
                    Ok(()) => continue,
                    Err(why) => why,
                }
            } else if let Some(why) = delta.unusable() {
                // Its scope may be what could not be read.
                DeltaProblem::Unusable(why.clone())
            } else if bases.iter().any(|base| delta.shares_scope(base)) {
                continue;
            } else {
                DeltaProblem::Scope
            };
            let meant = |left: &LeftOut| (left.delta.shares_scope(&list), left.delta.this_update());
            let this = LeftOut { delta: Arc::clone(delta), why };
            // Of the same moment, the later number: the order in which they came says nothing.
            let stays = |known: &LeftOut| {
                meant(known).cmp(&meant(&this)).then_with(|| known.delta.rank_against(&this.delta)) != Ordering::Less
            };
            left_out = left_out.filter(stays).or(Some(this));
        }
        joined.sort_by_key(|beside| age(&beside.list));
        let best = joined.iter().find(|beside| beside.place == Place::Continues).map(|beside| Arc::clone(&beside.list));
        // What came before the one in use is no news.
        let is_news = |left: &LeftOut| best.as_ref().is_none_or(|best| left.delta.rank_against(best).is_gt());
        let left_out = left_out.filter(is_news);
        Self { basis: Basis { list, delta: best, left_out }, deltas: joined.into(), newer }
    }

    /// Whether a newer full list counts in its place whatever is asked: one of the same algorithm is believed where this one
    /// is.
    pub fn is_outdated(&self) -> bool {
        self.newer.iter().any(|newer| newer.signature_algorithm() == self.basis.list.signature_algorithm())
    }

    /// Whether a newer full list counts in its place.
    pub fn displaced(&self, terms: &Terms<'_>) -> Displaced {
        let mut newer = self.newer.iter().filter(|newer| terms.supersedes(newer)).peekable();
        if newer.peek().is_none() {
            Displaced::No
        } else if newer.all(|newer| terms.is_past(newer)) {
            Displaced::Since
        } else {
            Displaced::Then
        }
    }

    /// What counted at the moment, though newer lists from after it do not have it any more.
    pub fn heard_then(&self, terms: &Terms<'_>) -> Option<Heard<'_>> {
        let heard = self.hear(terms);
        heard.entry.is_some_and(|entry| terms.counted_then(&entry)).then_some(heard)
    }

    /// Whether any of its lists has an entry about the certificate, whatever it says.
    pub fn names(&self, certificate: &Certificate) -> bool {
        let mut lists = std::iter::once(&self.basis.list).chain(self.deltas.iter().map(|beside| &beside.list));
        lists.any(|list| list.lookup_certificate(certificate).is_some())
    }

    /// What they say to a question.
    pub fn hear(&self, terms: &Terms<'_>) -> Heard<'_> {
        let (list, at) = (&self.basis.list, terms.when.at);
        let used = self.used(terms);
        let stale = used.is_none() && list.is_stale(at);
        let known = together(list, used, terms);
        let basis = self.basis_with(used, terms);
        let Some((other, delta)) = self.against(used, terms) else { return Heard { basis, entry: known, stale } };
        let outweighs = known.is_none_or(|known| {
            // Of two holds the later: it takes a later word to lift it.
            let weight = |entry: &Revoked, as_of: Time| (entry.weight(at), entry.is_hold().then_some(as_of));
            weight(&other, delta.this_update()) > weight(&known, basis.as_of())
        });
        if outweighs {
            let entry = Some(known.map_or(other, |known| other.since(&known)));
            let basis = Basis { list: Arc::clone(list), delta: Some(Arc::clone(delta)), left_out: None };
            Heard { basis: Cow::Owned(basis), entry, stale }
        } else {
            Heard { basis, entry: known.map(|known| known.since(&other)), stale }
        }
    }

    /// The newest delta that continues the full list and counts in full.
    fn used(&self, terms: &Terms<'_>) -> Option<&Arc<RevocationList>> {
        let continuing = self.deltas.iter().filter(|beside| beside.place == Place::Continues);
        continuing.map(|beside| &beside.list).find(|delta| terms.problem(delta).is_none())
    }

    /// The one that did at the moment, of those from before it.
    fn used_then(&self, terms: &Terms<'_>) -> Option<&Arc<RevocationList>> {
        let continuing = self.deltas.iter().filter(|beside| beside.place == Place::Continues);
        let before = continuing.map(|beside| &beside.list).filter(|delta| !terms.is_past(delta));
        before.into_iter().find(|delta| terms.problem(delta).is_none())
    }

    /// What the deltas that are not used revoke. Those from before the one that is, or from before the full list, tell
    /// nothing where that is believed.
    fn against(
        &self,
        used: Option<&Arc<RevocationList>>,
        terms: &Terms<'_>,
    ) -> Option<(Revoked, &Arc<RevocationList>)> {
        let is_used = |delta: &Arc<RevocationList>| used.is_some_and(|used| Arc::ptr_eq(used, delta));
        let is_news = |delta: &RevocationList| {
            used.is_none_or(|used| delta.rank_against(used).is_ge() || delta.this_update() > used.this_update())
        };
        let counts = |beside: &&Beside| {
            let (delta, place) = (&beside.list, beside.place);
            let is_beyond = place != Place::Behind && !is_used(delta) && is_news(delta);
            terms.hears(delta) && (is_beyond || !terms.supersedes(&self.basis.list))
        };
        let beyond = revoked_by(self.deltas.iter().filter(counts).map(|beside| &beside.list), terms);
        let held = used.filter(|used| terms.is_past(used)).and_then(|used| self.held_before(used, terms));
        match (beyond, held) {
            (Some(beyond), Some(held)) if held.0.weight(terms.when.at) > beyond.0.weight(terms.when.at) => Some(held),
            (Some((entry, delta)), Some((held, _))) => Some((entry.since(&held), delta)),
            (beyond, held) => beyond.or(held),
        }
    }

    /// What deltas before the one in use, which is from after the moment, revoked, or had on hold, at the moment.
    fn held_before(&self, used: &Arc<RevocationList>, terms: &Terms<'_>) -> Option<(Revoked, &Arc<RevocationList>)> {
        let then = self.used_then(terms);
        let counts = |beside: &&Beside| {
            let delta = &beside.list;
            beside.place == Place::Continues
                && terms.hears(delta)
                && delta.rank_against(used).is_lt()
                && then.is_none_or(|then| delta.rank_against(then).is_ge())
        };
        let before = self.deltas.iter().filter(counts).map(|beside| &beside.list);
        revoked_by(before, terms).filter(|(entry, _)| terms.counted_then(entry))
    }

    fn basis_with(&self, used: Option<&Arc<RevocationList>>, terms: &Terms<'_>) -> Cow<'_, Basis> {
        let Some(best) = &self.basis.delta else { return Cow::Borrowed(&self.basis) };
        if used.is_some_and(|used| Arc::ptr_eq(used, best)) {
            return Cow::Borrowed(&self.basis);
        }
        let why = terms.problem(best).unwrap_or(DeltaProblem::Lapsed);
        let left_out = Some(LeftOut { delta: Arc::clone(best), why });
        Cow::Owned(Basis { list: Arc::clone(&self.basis.list), delta: used.cloned(), left_out })
    }
}

/// What a full list and the delta that is used say, as one list.
fn together(list: &RevocationList, used: Option<&Arc<RevocationList>>, terms: &Terms<'_>) -> Option<Revoked> {
    let (certificate, at) = (terms.certificate, terms.when.at);
    let in_full = list.lookup_certificate(certificate);
    let Some(delta) = used else { return in_full };
    match (delta.lookup_certificate(certificate), in_full) {
        (None, in_full) => in_full,
        (Some(change), in_full) if removes(&change) => in_full.filter(|held| !lifts(delta, held, certificate, at)),
        (Some(change), Some(before)) if change.is_hold() && before.is_hold() => Some(change.since(&before)),
        (Some(change), Some(before)) => {
            // It began after the moment and has become something that does not undo it.
            let came_and_went = before.is_hold() && before.date > at;
            Some(if before.weight(at) > change.weight(at) && !came_and_went { before } else { change })
        }
        (change, None) => change,
    }
}
