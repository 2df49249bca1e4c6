//! A full list with all deltas of its scope, and what they say about a certificate together.
//!
//! The invariant: a delta that is not believed, has lapsed or needs another full list never takes away what another list
//! proves. So two kinds of deltas are told apart for each question. One is used: the newest that continues the full list, is believed
//! and has not lapsed. What it says stands in the place of what those before it said. All that are newer than it, and those
//! that need a later full list, are asked for revocations alone, the worst of which counts.
//!
//! Which deltas those are is settled before any question by numbers and scopes alone. Time is not: a delta that is dated
//! ahead when the lists are put together counts as soon as it has begun.

mod place;
mod terms;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

pub(super) use self::place::Change;
use self::place::{Beside, Place};
pub(super) use self::terms::{Terms, Vouches};
use super::delta::{Basis, DeltaProblem, LeftOut, age, continues, lifts, removes, revoked_by};
use super::list::RevocationList;
use super::reason::Revoked;
use super::snapshot::is_begun;
use crate::clock::Time;
use crate::x509::Certificate;

/// A full list, and what is known of it before any question.
pub(super) struct Full {
    pub list: Arc<RevocationList>,
    /// Whether it is at hand, and did not come with what is asked about.
    pub is_own: bool,
    /// The full lists about the same certificates that are newer.
    pub newer: Box<[Arc<RevocationList>]>,
}

/// A full list with all deltas of its scope.
#[derive(Debug)]
pub(super) struct Joined {
    /// The list with the newest delta that continues it, before any question.
    pub basis: Basis,
    is_own: bool,
    /// The newest first.
    deltas: Box<[Beside]>,
    /// Newer full lists about the same certificates: where one is believed, this one is not asked.
    newer: Box<[Arc<RevocationList>]>,
    /// All other full lists about the same certificates, where there are deltas from before this one.
    others: Box<[Arc<RevocationList>]>,
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

/// An entry, and the delta that has it.
type Entry<'a> = (Revoked, &'a Arc<RevocationList>);

impl Joined {
    /// A full list with those of `deltas`, all of its issuer and key, that are of its scope. A delta of a scope that no full
    /// list has is named as left out too: it was meant for something. `bases` are all full lists of the key.
    pub fn new(full: Full, deltas: &[Change], bases: &[Arc<RevocationList>], now: Time) -> Self {
        let Full { list, is_own, newer } = full;
        let mut joined: Vec<Beside> = Vec::new();
        let mut left_out: Option<LeftOut> = None;
        for Change { list: delta, is_own, has_full } in deltas {
            let why = if delta.shares_scope(&list) {
                let joins = continues(delta, &list);
                let place = Place::of(&joins, delta, &list);
                let beside = |place| Beside { list: Arc::clone(delta), is_own: *is_own, place };
                joined.extend(place.map(beside));
                match joins {
                    Err(why @ DeltaProblem::Unusable(_)) => why,
                    _ if !is_begun(delta, now) => DeltaProblem::NotYetValid,
                    Err(why) => why,
                    Ok(()) => continue,
                }
            } else if let Some(why) = delta.unusable() {
                // Its scope may be what could not be read.
                DeltaProblem::Unusable(why.clone())
            } else if *has_full {
                continue;
            } else {
                DeltaProblem::Scope
            };
            let this = LeftOut { delta: Arc::clone(delta), why };
            left_out = Some(more_telling(left_out, this, &list));
        }
        joined.sort_by_key(|beside| age(&beside.list));
        let mut continuing = joined.iter().filter(|beside| beside.place == Place::Continues);
        let best = continuing.find(|beside| is_begun(&beside.list, now)).map(|beside| Arc::clone(&beside.list));
        // What came before the one in use is no news.
        let is_news = |left: &LeftOut| best.as_ref().is_none_or(|best| left.delta.rank_against(best).is_gt());
        let left_out = left_out.filter(is_news);
        let is_other = |other: &&Arc<RevocationList>| !Arc::ptr_eq(other, &list) && other.same_scope(&list);
        let has_behind = joined.iter().any(|beside| beside.place == Place::Behind);
        let others = if has_behind { bases.iter().filter(is_other).cloned().collect() } else { Box::default() };
        Self { basis: Basis { list, delta: best, left_out }, is_own, deltas: joined.into(), newer, others }
    }

    /// Whether a newer full list counts in its place whatever is asked: one of the same algorithm is believed where this one
    /// is.
    pub fn is_outdated(&self) -> bool {
        self.newer.iter().any(|newer| newer.is_signed_like(&self.basis.list))
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
        if self.deltas.is_empty() {
            let (entry, stale) = (list.lookup_certificate(terms.certificate), list.is_stale(at));
            return Heard { basis: Cow::Borrowed(&self.basis), entry, stale };
        }
        let used = self.used(terms);
        let stale = used.is_none() && list.is_stale(at);
        let known = self.together(used, terms);
        let basis = self.basis_with(used.map(|used| &used.list), terms);
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

    /// The deltas that continue the full list and count in full, the newest first.
    fn usable<'a>(&'a self, terms: &Terms<'_>) -> impl Iterator<Item = &'a Beside> {
        let continuing = self.deltas.iter().filter(|beside| beside.place == Place::Continues);
        continuing.filter(|beside| terms.problem(&beside.list).is_none())
    }

    /// The newest of them.
    fn used<'a>(&'a self, terms: &Terms<'_>) -> Option<&'a Beside> {
        self.usable(terms).next()
    }

    /// What a full list and the delta that is used say, as one list.
    fn together(&self, used: Option<&Beside>, terms: &Terms<'_>) -> Option<Revoked> {
        let (certificate, at) = (terms.certificate, terms.when.at);
        let in_full = self.basis.list.lookup_certificate(certificate);
        let Some(Beside { list: delta, .. }) = used else { return in_full };
        match (delta.lookup_certificate(certificate), in_full) {
            (None, in_full) => in_full,
            (Some(change), Some(held)) if removes(&change) => (!self.is_lifted(&held, delta, terms)).then_some(held),
            (Some(change), None) => (!removes(&change)).then_some(change),
            (Some(change), Some(before)) if change.is_hold() && before.is_hold() => Some(change.since(&before)),
            (Some(change), Some(before)) => {
                // It began after the moment and has become something that does not undo it.
                let came_and_went = before.is_hold() && before.date > at;
                Some(if before.weight(at) > change.weight(at) && !came_and_went { before } else { change })
            }
        }
    }

    /// Whether the hold of the full list is lifted by the delta in use: every other that is exactly as new has to say so too,
    /// and of a full list that is at hand one that is at hand.
    fn is_lifted(&self, held: &Revoked, used: &RevocationList, terms: &Terms<'_>) -> bool {
        let lifts = |beside: &Beside| {
            let delta = &beside.list;
            delta.lookup_certificate(terms.certificate).is_some_and(|change| removes(&change))
                && lifts(delta, held, terms.certificate, terms.when.at)
        };
        let all_say_so = self.usable(terms).take_while(|beside| beside.list.rank_against(used).is_eq()).all(lifts);
        all_say_so && (!self.is_own || self.usable(terms).find(|beside| beside.is_own).is_some_and(lifts))
    }

    /// What the deltas that are not used revoke. Those from before the one that is, or from before the full list, tell
    /// nothing where that is believed; but what is at hand is not undone by a delta that somebody brought.
    fn against(&self, used: Option<&Beside>, terms: &Terms<'_>) -> Option<Entry<'_>> {
        let used_list = used.map(|used| &used.list);
        let is_used = |delta: &Arc<RevocationList>| used_list.is_some_and(|used| Arc::ptr_eq(used, delta));
        let is_news = |delta: &RevocationList, used: Option<&Arc<RevocationList>>| {
            used.is_none_or(|used| match delta.lacks_numbers() {
                // Its number, if it has one, may be of another sequence.
                true => delta.this_update() >= used.this_update(),
                false => delta.rank_against(used).is_ge() || delta.this_update() > used.this_update(),
            })
        };
        let is_brought = used.is_some_and(|used| !used.is_own);
        let own_used = if is_brought { self.usable(terms).find(|beside| beside.is_own) } else { None };
        let own_used = own_used.map(|own| &own.list);
        let counts = |beside: &&Beside| {
            let delta = &beside.list;
            let is_own_news = is_brought && beside.is_own && is_news(delta, own_used);
            let is_beyond =
                beside.place != Place::Behind && !is_used(delta) && (is_news(delta, used_list) || is_own_news);
            terms.hears(delta) && (is_beyond || !terms.supersedes(&self.basis.list))
        };
        let beyond = revoked_by(self.deltas.iter().filter(counts).map(|beside| &beside.list), terms);
        let held = used_list.filter(|used| terms.is_past(used)).and_then(|used| self.held_before(used, terms));
        worse(worse(beyond, held, terms), self.held_behind(terms), terms)
    }

    /// What deltas before the one in use, which is from after the moment, revoked, or had on hold, at the moment.
    fn held_before(&self, used: &Arc<RevocationList>, terms: &Terms<'_>) -> Option<Entry<'_>> {
        // The one that was in use at the moment.
        let then = self.usable(terms).map(|beside| &beside.list).find(|delta| !terms.is_past(delta));
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

    /// What deltas from before the full list, which is from after the moment, revoked, or had on hold, at the moment, where no
    /// other full list from before it knows better.
    fn held_behind(&self, terms: &Terms<'_>) -> Option<Entry<'_>> {
        let knows_better = |other: &Arc<RevocationList>| !terms.is_past(other) && terms.supersedes(other);
        if !terms.is_past(&self.basis.list) || self.others.iter().any(knows_better) {
            return None;
        }
        let counts = |beside: &&Beside| {
            beside.place == Place::Behind && terms.hears(&beside.list) && !terms.is_past(&beside.list)
        };
        let before = self.deltas.iter().filter(counts).map(|beside| &beside.list);
        revoked_by(before, terms).filter(|(entry, _)| terms.counted_then(entry))
    }

    fn basis_with(&self, used: Option<&Arc<RevocationList>>, terms: &Terms<'_>) -> Cow<'_, Basis> {
        let best = self.basis.delta.as_ref();
        let left_out = match (used, best) {
            (None, None) => return Cow::Borrowed(&self.basis),
            (Some(used), Some(best)) if Arc::ptr_eq(used, best) => return Cow::Borrowed(&self.basis),
            // It was dated ahead when the lists were put together.
            (Some(used), _) if best.is_none_or(|best| best.rank_against(used).is_le()) => None,
            (_, best) => best.and_then(|best| {
                let why = terms.problem(best)?;
                Some(LeftOut { delta: Arc::clone(best), why })
            }),
        };
        Cow::Owned(Basis { list: Arc::clone(&self.basis.list), delta: used.cloned(), left_out })
    }
}

/// Of two deltas that are left out beside `list` the one worth naming. Of the same moment the later number: the order in which
/// they came says nothing.
fn more_telling(known: Option<LeftOut>, this: LeftOut, list: &RevocationList) -> LeftOut {
    let meant = |left: &LeftOut| (left.delta.shares_scope(list), left.delta.this_update());
    let stays = |known: &LeftOut| {
        meant(known).cmp(&meant(&this)).then_with(|| known.delta.rank_against(&this.delta)) != Ordering::Less
    };
    match known {
        Some(known) if stays(&known) => known,
        _ => this,
    }
}

/// The worse of two entries, of equals the first.
fn worse<'a>(first: Option<Entry<'a>>, second: Option<Entry<'a>>, terms: &Terms<'_>) -> Option<Entry<'a>> {
    match (first, second) {
        (Some(first), Some(second)) if second.0.weight(terms.when.at) > first.0.weight(terms.when.at) => Some(second),
        (Some((entry, delta)), Some((other, _))) => Some((entry.since(&other), delta)),
        (first, second) => first.or(second),
    }
}
