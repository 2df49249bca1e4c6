//! Which of the lists of a source its schedule follows, and how many it may hold.
//!
//! Lists travel over plain http, so an address may bring a valid list of any known authority. Such a list comes into force
//! beside the one that is wanted; but it must not keep anybody from asking for that one.

use std::sync::Arc;

use super::held::Held;
use crate::clock::Time;
use crate::revocation::list::RevocationList;
use crate::revocation::status::due_at;

/// Most lists of one source that are held beside those that retired, deltas that stay beside newer ones aside; its data directory
/// gives back as many.
pub(super) const MAX_LISTS: usize = 32;

/// A list that lapsed while others are in force is waited for as long again as it was good for, in seconds this at most:
/// an authority that has changed its key never issues another.
const LONGEST_WAIT: i64 = 7 * 24 * 3600;

impl Held {
    /// The list that a newer one is wanted of first: the first to fall due of those that the source serves, with what
    /// lapsed lately though others are in force. `None` when nothing held does the work of the source.
    pub fn awaited(&self, now: Time) -> Option<&Arc<RevocationList>> {
        let serving = self.lists.iter().chain(&self.retired).filter(|list| self.serves(list));
        let newest = serving.filter(|list| !self.is_followed(list));
        newest.filter(|list| !self.is_given_up(list, now)).min_by_key(|list| due_at(list))
    }

    /// What retired and is waited for still.
    pub fn awaited_retired(&self, now: Time) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.retired.iter().filter(move |list| !self.is_followed(list) && !self.is_given_up(list, now))
    }

    /// Whether no more lists about other certificates than those held may come into force. Those in force are not made
    /// room of: an older list could then come in the place of one that went.
    pub fn is_full(&self, list: &RevocationList, now: Time) -> bool {
        let in_force = self.lists.iter().filter(|there| !there.is_stale(now) && !self.stays_beside_newer(there));
        in_force.filter(|there| !there.is_of_a_kind_with(list)).count() >= MAX_LISTS
    }

    /// Drops what is beyond the limit: what has lapsed, the oldest first. Deltas that stay beside a newer one are few enough.
    pub fn keep_to_limit(&mut self, now: Time) {
        while self.lists.len() > MAX_LISTS {
            let rank = |list: &RevocationList| (!list.is_stale(now), list.this_update());
            let by_themselves = self.lists.iter().enumerate().filter(|(_, list)| !self.stays_beside_newer(list));
            if by_themselves.clone().count() <= MAX_LISTS {
                return;
            }
            let last = by_themselves.min_by_key(|(_, list)| rank(list)).map(|(position, _)| position);
            let Some(last) = last else { return };
            self.lists.remove(last);
            if !std::mem::replace(&mut self.crowded, true) {
                tracing::warn!(source = %self.source, most = MAX_LISTS, "a source holds too many lists; the oldest go");
            }
        }
    }

    /// Whether a newer list about the same certificates is held.
    fn is_followed(&self, list: &RevocationList) -> bool {
        let mut others = self.lists.iter().chain(&self.retired);
        others.any(|other| self.serves(other) && other.same_scope(list) && other.rank_against(list).is_gt())
    }

    /// Whether it lapsed so long ago that nobody waits for a newer one, as others are in force.
    fn is_given_up(&self, list: &RevocationList, now: Time) -> bool {
        let is_over = |next: Time| {
            let wait = next.seconds_since(list.this_update()).min(LONGEST_WAIT);
            now >= next.plus_seconds(wait)
        };
        list.is_stale(now)
            && list.next_update().is_none_or(is_over)
            && self.lists.iter().any(|there| self.serves(there) && !there.is_stale(now))
    }
}
