//! Connections by where they come from, the largest group first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use super::line::Line;

/// Idle lines among which the one is chosen that leaves: the work for a newcomer stays small however many there are. What is
/// looked at once comes last the next time.
const LOOKED_AT: usize = 32;

/// Of these, those of one group: the largest may be at work on all of its own, and others hold theirs for nothing.
const LOOKED_AT_IN_A_GROUP: usize = 8;

/// Groups of lines.
#[derive(Debug)]
pub(super) struct Groups<K> {
    by_key: HashMap<K, Group>,
    by_rank: BTreeMap<Rank, K>,
    next: u64,
}

/// Number of lines, then how long ago the group was looked at; each is that of one group.
type Rank = (usize, Reverse<u64>);

#[derive(Debug)]
struct Group {
    lines: BTreeMap<u64, Arc<Line>>,
    /// From which number on they are looked at next.
    from: u64,
    looked_at: u64,
    /// When it is looked at again for answers that are not taken, in milliseconds from the start.
    look_again: u64,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self { by_key: HashMap::new(), by_rank: BTreeMap::new(), next: 0 }
    }
}

impl<K: Copy + Eq + Hash> Groups<K> {
    /// How many lines a group has.
    pub(super) fn size(&self, key: K) -> usize {
        self.by_key.get(&key).map_or(0, |group| group.lines.len())
    }

    pub(super) fn insert(&mut self, key: K, line: &Arc<Line>) {
        let looked_at = self.tick();
        let new = || Group { lines: BTreeMap::new(), from: 0, looked_at, look_again: 0 };
        let group = self.by_key.entry(key).or_insert_with(new);
        self.by_rank.remove(&group.rank());
        group.lines.insert(line.id(), Arc::clone(line));
        self.by_rank.insert(group.rank(), key);
    }

    pub(super) fn remove(&mut self, key: K, id: u64) {
        let Some(group) = self.by_key.get_mut(&key) else { return };
        self.by_rank.remove(&group.rank());
        group.lines.remove(&id);
        if group.lines.is_empty() {
            self.by_key.remove(&key);
        } else {
            self.by_rank.insert(group.rank(), key);
        }
    }

    /// All lines.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Arc<Line>> {
        self.by_key.values().flat_map(|group| group.lines.values())
    }

    /// Those of a group.
    pub(super) fn lines_of(&self, key: K) -> impl Iterator<Item = &Arc<Line>> {
        self.by_key.get(&key).into_iter().flat_map(|group| group.lines.values())
    }

    /// When a group is looked at again for answers that are not taken.
    pub(super) fn look_again(&mut self, key: K) -> Option<&mut u64> {
        self.by_key.get_mut(&key).map(|group| &mut group.look_again)
    }

    /// The longest idle of some lines of a group.
    pub(super) fn idle_of(&mut self, key: K) -> Option<Arc<Line>> {
        self.by_key.get_mut(&key)?.idle(LOOKED_AT).0
    }

    /// Of some idle lines of the largest groups the one that is worth most to others by `now`: the time that it has been
    /// idle for, times the size of its group. Neither whoever has many lines and uses them nor whoever has few is the
    /// first to leave for somebody who keeps many for nothing. Of two that are worth the same, as within one millisecond, the one
    /// leaves that has had no request.
    pub(super) fn idle_of_the_largest(&mut self, now: u64) -> Option<Arc<Line>> {
        let (mut left, mut best): (_, Option<((u64, bool), Arc<Line>)>) = (LOOKED_AT, None);
        let mut looked_at = Vec::with_capacity(LOOKED_AT);
        for (rank, key) in self.by_rank.iter().rev() {
            if left == 0 {
                break;
            }
            let Some(group) = self.by_key.get_mut(key) else { continue };
            let (found, seen) = group.idle(left.min(LOOKED_AT_IN_A_GROUP));
            left -= seen;
            if let Some(line) = found {
                // Behind all others of its size from now on.
                self.next += 1;
                group.looked_at = self.next;
                looked_at.push((*rank, group.rank(), *key));
                let idle_for = now.saturating_sub(line.idle_since()).saturating_add(1);
                let worth = (idle_for.saturating_mul(rank.0 as u64), !line.is_served());
                if best.as_ref().is_none_or(|(most, _)| worth > *most) {
                    best = Some((worth, line));
                }
            }
        }
        for (before, now, key) in looked_at {
            self.by_rank.remove(&before);
            self.by_rank.insert(now, key);
        }
        best.map(|(_, line)| line)
    }

    fn tick(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl Group {
    fn rank(&self) -> Rank {
        (self.lines.len(), Reverse(self.looked_at))
    }

    /// The first to leave of `most` idle lines, and how many of them there were. Those with requests are passed over.
    fn idle(&mut self, most: usize) -> (Option<Arc<Line>>, usize) {
        // Thousands of newcomers a second each have some tens of groups looked at: nothing is allocated for that.
        let (mut seen, mut first, mut last) = (0, None::<((u64, bool), &Arc<Line>)>, self.from);
        for (id, line) in self.lines.range(self.from..).chain(self.lines.range(..self.from)) {
            if seen == most {
                break;
            }
            if line.is_idle() {
                seen += 1;
                last = *id + 1;
                let order = (line.idle_since(), line.is_served());
                if first.as_ref().is_none_or(|(least, _)| order < *least) {
                    first = Some((order, line));
                }
            }
        }
        let first = first.map(|(_, line)| Arc::clone(line));
        self.from = last;
        (first, seen)
    }
}
