//! Deltas that stay beside a newer one.
//!
//! A delta tells of all changes since the full list that it continues, so a newer one since that list, or since an older one,
//! says whatever it says. One since a later full list does not: what the one before revokes is in that later list, and
//! whoever sits on the line can hold that back. Until it has come the one before stays, lapsed or not. Of a delta that does
//! not say which full list it continues nothing is known, so each stays until a full list is as new as it is.

use std::cmp::Reverse;
use std::io;
use std::sync::Arc;

use super::held::Held;
use super::{Offer, Store};
use crate::clock::Time;
use crate::revocation::disk::{Disk, InPlace, remove_copy};
use crate::revocation::list::{Accepted, RevocationList};
use crate::revocation::snapshot::is_begun;
use crate::revocation::source::Source;

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
            // One without its numbers continues nothing, so that it stands for no other.
            if there.lacks_numbers() {
                return true;
            }
            let is_new = !seen.contains(&there.base_number());
            seen.push(there.base_number());
            is_new
        });
        before.sort_by_key(|there| Reverse(there.this_update()));
        before.into_iter().take(MAX_BEFORE).cloned().collect()
    }

    /// The deltas held whose stored copies are of the tag of `list` and stay when that is stored: those that stay beside it, or,
    /// where it is here already, all.
    fn stored_beside(&self, list: &RevocationList, offer: Offer) -> Vec<Arc<RevocationList>> {
        let tag = list.tag();
        let staying = match offer {
            Offer::Installed => self.deltas_before(list),
            Offer::Same => self.all().filter(|there| there.sha256() != list.sha256()).cloned().collect(),
        };
        staying.into_iter().filter(|there| there.tag() == tag).collect()
    }

    /// Whether it stays for the sake of what a newer one need not say.
    pub(super) fn stays_beside_newer(&self, list: &RevocationList) -> bool {
        list.is_delta() && self.all().any(|newer| is_before(list, newer))
    }

    fn all(&self) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.lists.iter().chain(&self.retired)
    }
}

impl Store {
    /// Writes the copy of a list. Those of the deltas that stay beside it stay beside its copy, and so does what this process
    /// did not put there; those of deltas that have gone go, once all that stay are stored.
    pub(super) fn save(&self, disk: &Disk, source: &Source, offer: Offer, (list, der): &Accepted) -> io::Result<()> {
        let tag = list.tag();
        if !list.is_delta() {
            return disk.save(source, &tag, der.as_der());
        }
        let of_held = |held: &Held| (held.stored_beside(list, offer), held.known.clone());
        let of_source = self.lock().iter().find(|held| held.source == *source).map(of_held);
        let (staying, known) = of_source.unwrap_or_default();
        let aside = disk.aside(source, &tag, self.max_bytes);
        let in_place = disk.in_place(source, &tag, self.max_bytes);
        let is_aside = |sha256: &[u8; 32]| aside.iter().any(|(_, there)| there == sha256);
        let is_stored = |list: &RevocationList| {
            is_aside(list.sha256()) || matches!(in_place, InPlace::List(there) if there == *list.sha256())
        };
        let all_stored = staying.iter().all(|list| is_stored(list));
        let stays = |sha256: &[u8; 32]| staying.iter().find(|list| list.sha256() == sha256);
        let goes = |sha256: &[u8; 32]| all_stored && known.contains(sha256) && stays(sha256).is_none();
        match in_place {
            InPlace::Nothing => {}
            InPlace::List(there) if there == *list.sha256() || is_aside(&there) || goes(&there) => {}
            InPlace::List(there) => {
                let name = stays(&there).map_or_else(|| short(&there), |list| name_beside(list));
                disk.set_aside(source, &tag, &name)?;
            }
            InPlace::Unreadable => disk.set_aside(source, &tag, "unread")?,
        }
        disk.save(source, &tag, der.as_der())?;
        aside.iter().filter(|(_, sha256)| goes(sha256)).for_each(|(copy, _)| remove_copy(copy));
        Ok(())
    }
}

/// Whether `newer` need not say what `list` says: both are deltas, of one scope and algorithm.
fn is_before(list: &RevocationList, newer: &RevocationList) -> bool {
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

/// What names the copy of a delta that stays beside a newer one: the number of the full list that it continues, or where it
/// lacks its numbers when it is from, and what it is.
pub(super) fn name_beside(list: &RevocationList) -> String {
    match list.base_number() {
        Some(base) if !list.lacks_numbers() => base.to_string(),
        _ => format!("at{}-{}", list.this_update().unix_seconds(), short(list.sha256())),
    }
}

/// The first octets of a SHA-256, enough to tell the few copies of one tag apart.
fn short(sha256: &[u8; 32]) -> String {
    sha256.iter().take(8).map(|octet| format!("{octet:02x}")).collect()
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
