//! Which list makes which superfluous, and the deltas that stay beside a newer one.
//!
//! A delta tells of all changes since the full list that it continues, so a newer one since that list, or since an older one,
//! says whatever it says. One since a later full list does not: what the one before revokes is in that later list, and
//! whoever sits on the line can hold that back. Until it has come the one before stays, lapsed or not. Of a delta that does
//! not say which full list it continues nothing is known, so each stays until a full list is as new as it is.
//!
//! Memory is not without end: where so many stay that others may have been forgotten, a full list from before the oldest of
//! them tells of nobody that he is good ([`Held::horizons`]).

use std::cmp::Reverse;
use std::sync::Arc;

use super::held::Held;
use crate::clock::Time;
use crate::revocation::list::RevocationList;
use crate::revocation::snapshot::is_begun;

/// Most deltas with their numbers that stay beside a newer one of the same scope, the newest: each is since another full
/// list, all of which would have to be missing.
const MAX_BEFORE: usize = 8;

/// Most deltas without their numbers that do, the newest: one a quarter of an hour, from one daily full list to the next, which
/// is good for 27 hours.
const MAX_UNNUMBERED: usize = 128;

/// How many deltas like this one may stay beside newer ones.
pub(super) fn most_like(list: &RevocationList) -> usize {
    if list.lacks_numbers() { MAX_UNNUMBERED } else { MAX_BEFORE }
}

/// Whether both are counted together.
pub(super) fn is_like(list: &RevocationList, other: &RevocationList) -> bool {
    list.lacks_numbers() == other.lacks_numbers() && list.is_of_a_kind_with(other)
}

impl Held {
    /// The deltas held that say what `list`, a newer one, need not say.
    pub(super) fn deltas_before(&self, list: &RevocationList) -> Vec<Arc<RevocationList>> {
        let before: Vec<&Arc<RevocationList>> = self.all().filter(|there| is_before(there, list)).collect();
        let is_said = |there: &&&Arc<RevocationList>| !before.iter().any(|other| supersedes(other, there));
        newest(before.iter().filter(is_said).copied())
    }

    /// Whether it stays for the sake of what a newer one need not say.
    pub(super) fn stays_beside_newer(&self, list: &RevocationList) -> bool {
        list.is_delta() && self.all().any(|newer| is_before(list, newer))
    }

    /// Drops what others make superfluous, and of deltas that stay beside newer ones those beyond the limit: what is read from
    /// a folder came there in any order.
    pub(super) fn drop_superfluous(&mut self) {
        let all: Vec<_> = self.all().cloned().collect();
        let staying = newest(all.iter().filter(|list| self.stays_beside_newer(list)));
        let is_wanted = |list: &Arc<RevocationList>| {
            let is_beyond = || !staying.iter().any(|there| Arc::ptr_eq(there, list)) && is_before_any(list, &all);
            !all.iter().any(|newer| supersedes(newer, list)) && !is_beyond()
        };
        self.lists.retain(is_wanted);
        self.retired.retain(is_wanted);
    }

    /// Of each kind of which as many deltas stay beside newer ones as may, the oldest that does: others from before it may have
    /// been forgotten.
    pub(super) fn horizons(&self) -> Vec<Arc<RevocationList>> {
        let staying: Vec<_> = self.all().filter(|list| self.stays_beside_newer(list)).collect();
        let is_horizon = |list: &&&Arc<RevocationList>| {
            let alike = || staying.iter().filter(|other| is_like(other, list));
            alike().count() >= most_like(list) && alike().all(|other| other.this_update() >= list.this_update())
        };
        staying.iter().filter(is_horizon).map(|list| Arc::clone(list)).collect()
    }

    /// Everything held, retired or not.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.lists.iter().chain(&self.retired)
    }
}

fn is_before_any(list: &RevocationList, all: &[Arc<RevocationList>]) -> bool {
    list.is_delta() && all.iter().any(|newer| is_before(list, newer))
}

/// The newest of the deltas that stay, as many of each kind as may.
pub(super) fn newest<'a>(staying: impl Iterator<Item = &'a Arc<RevocationList>>) -> Vec<Arc<RevocationList>> {
    let mut staying: Vec<_> = staying.collect();
    staying.sort_by_key(|list| Reverse((list.this_update(), *list.sha256())));
    let mut kept: Vec<Arc<RevocationList>> = Vec::new();
    for list in staying {
        if kept.iter().filter(|there| is_like(there, list)).count() < most_like(list) {
            kept.push(Arc::clone(list));
        }
    }
    kept
}

/// Whether one list may take the place of another where it is newer: one without its numbers continues nothing, and takes that
/// of none that does.
pub(super) fn may_replace(newer: &RevocationList, there: &RevocationList) -> bool {
    there.is_of_a_kind_with(newer) && (newer.unusable().is_none() || there.unusable().is_some())
}

/// Whether a newer list says, or knows better than, whatever another says, so that this is needed no more.
pub(super) fn supersedes(newer: &RevocationList, list: &RevocationList) -> bool {
    let is_newer = || match newer.lacks_numbers() || list.lacks_numbers() {
        // A number says nothing beside one that may be of another sequence.
        true => newer.rank_by_date(list).is_gt(),
        false => newer.is_newer_than(list),
    };
    may_replace(newer, list) && is_newer() && !is_before(list, newer)
}

/// Whether `newer` need not say what `list` says: both are deltas, of one scope and algorithm.
pub(super) fn is_before(list: &RevocationList, newer: &RevocationList) -> bool {
    newer.is_delta()
        && list.may_revoke()
        && newer.may_revoke()
        && is_since_older(list, newer)
        && list.is_of_a_kind_with(newer)
}

/// Whether it is not known that `list` continues the full list that `newer` does, or a later one. One without its numbers may
/// come after one that is dated before it.
fn is_since_older(list: &RevocationList, newer: &RevocationList) -> bool {
    if newer.lacks_numbers() && list.lacks_numbers() && list.rank_by_date(newer).is_ge() {
        return false;
    }
    match (list.base_number(), newer.base_number()) {
        (Some(older), Some(later)) if list.lacks_numbers() => {
            older < later || list.this_update() >= newer.this_update()
        }
        (Some(older), Some(later)) => older < later,
        _ => list.lacks_numbers(),
    }
}

/// Drops the deltas that stayed beside a newer one until the full list came that the newer one continues.
pub(super) fn forget_overtaken(sources: &mut [Held], now: Time) {
    let staying = |held: &Held| -> Vec<Arc<RevocationList>> {
        held.all().filter(|list| held.stays_beside_newer(list)).cloned().collect()
    };
    let staying: Vec<_> = sources.iter().flat_map(staying).collect();
    if staying.is_empty() {
        return;
    }
    let fulls: Vec<_> = sources
        .iter()
        .flat_map(Held::all)
        .filter(|list| !list.is_delta() && list.unusable().is_none() && is_begun(list, now))
        .cloned()
        .collect();
    for held in sources {
        let overtaken: Vec<_> = staying.iter().filter(|list| is_overtaken(held, list, &fulls)).cloned().collect();
        let stays = |list: &Arc<RevocationList>| !overtaken.iter().any(|gone| Arc::ptr_eq(gone, list));
        held.lists.retain(stays);
        held.retired.retain(stays);
    }
}

/// Whether a full list that is as new as the delta is one that the newest delta continues.
fn is_overtaken(held: &Held, list: &RevocationList, fulls: &[Arc<RevocationList>]) -> bool {
    let newer = held.all().filter(|newer| is_before(list, newer));
    let Some(newest) = newer.max_by(|one, other| one.rank_against(other)) else { return false };
    fulls.iter().any(|full| {
        full.is_signed_like(list)
            && full.shares_scope(list)
            && full.this_update() >= list.this_update()
            && (list.base_number().is_none() || full.number() >= newest.base_number())
    })
}
