//! Deltas that stay beside a newer one.
//!
//! A delta tells of all changes since the full list that it continues, so a newer one since that list, or since an older one,
//! says whatever it says. One since a later full list does not: what the one before revokes is in that later list, and
//! whoever sits on the line can hold that back. Until it has come the one before stays, lapsed or not. Of a delta that does
//! not say which full list it continues nothing is known, so each stays until a full list is as new as it is.

use std::cmp::Reverse;
use std::sync::Arc;

use super::held::Held;
use crate::clock::Time;
use crate::revocation::list::RevocationList;
use crate::revocation::snapshot::is_begun;

/// Most deltas that stay beside a newer one of the same scope, the newest: each is since another full list, all of which
/// would have to be missing.
pub(super) const MAX_BEFORE: usize = 8;

impl Held {
    /// The deltas held that say what `list`, a newer one, need not say.
    pub(super) fn deltas_before(&self, list: &RevocationList) -> Vec<Arc<RevocationList>> {
        let mut before: Vec<&Arc<RevocationList>> = self.all().filter(|there| is_before(there, list)).collect();
        before.sort_by(|one, other| other.rank_against(one));
        // Of those since one full list the newest.
        let mut seen = Vec::new();
        before.retain(|there| {
            let is_new = there.base_number().is_none() || !seen.contains(&there.base_number());
            seen.push(there.base_number());
            is_new
        });
        before.sort_by_key(|there| Reverse(there.this_update()));
        before.into_iter().take(MAX_BEFORE).cloned().collect()
    }

    /// The newest delta held that bears the name of `list` on disk, where it stays beside that.
    pub(super) fn newest_to_stay_beside(&self, list: &RevocationList) -> Option<Arc<RevocationList>> {
        let of_name = self.all().filter(|there| there.is_of_a_kind_with(list) && there.tag() == list.tag());
        let newest = of_name.max_by(|one, other| one.rank_against(other))?;
        self.deltas_before(list).into_iter().find(|before| before.sha256() == newest.sha256())
    }

    /// Whether it stays for the sake of what a newer one need not say.
    pub(super) fn stays_beside_newer(&self, list: &RevocationList) -> bool {
        list.is_delta() && self.all().any(|newer| is_before(list, newer))
    }

    fn all(&self) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.lists.iter().chain(&self.retired)
    }
}

/// Whether `newer` need not say what `list` says: both are deltas, of one scope and algorithm.
fn is_before(list: &RevocationList, newer: &RevocationList) -> bool {
    let is_since_older = match (list.base_number(), newer.base_number()) {
        (Some(older), Some(later)) => older < later,
        (None, Some(_)) => true,
        (None, None) => list.rank_by_date(newer).is_lt(),
        (Some(_), None) => false,
    };
    newer.is_delta() && list.may_revoke() && newer.may_revoke() && is_since_older && list.is_of_a_kind_with(newer)
}

/// What names the copy of a delta that stays beside a newer one: the number of the full list that it continues, or else when
/// it is from.
pub(super) fn name_beside(list: &RevocationList) -> String {
    match list.base_number() {
        Some(base) => base.to_string(),
        None => format!("at{}", list.this_update().unix_seconds()),
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
