//! How many octets of documents are held in memory at once, by all requests together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::http::fairness::{Share, Shares, Taken, share_of};

/// Octets of one unit: small documents cost little bookkeeping, and 4 GiB are 65,536 units.
const UNIT: usize = 64 * 1024;

/// Octets of one unit of answers: what the stream and the task of a request take beside a small answer.
const UNIT_OF_ANSWERS: usize = 4 * 1024;

/// The room there is, and how much of it one party may hold.
#[derive(Clone, Debug)]
pub(in crate::http) struct Room {
    unit: usize,
    units: usize,
    /// Units that are held; more than there are where something had to be held.
    held: Arc<AtomicUsize>,
    shares: Shares,
}

/// What one request holds of it; given back when dropped.
#[derive(Debug)]
pub(in crate::http) struct Held {
    room: Room,
    share: Option<Share>,
    bytes: usize,
}

impl Room {
    /// Room for so many octets, of which one party gets its share, or as many as the `largest` body takes if those are more.
    pub(in crate::http) fn of(bytes: usize, largest: usize) -> Self {
        let units = (bytes / UNIT).max(1);
        Self::with(UNIT, units, share_of(units).max(largest.div_ceil(UNIT)).min(units))
    }

    /// Room for so many octets of answers, each of which takes a unit at least.
    pub(in crate::http) fn for_answers(bytes: usize) -> Self {
        let units = (bytes / UNIT_OF_ANSWERS).max(1);
        Self::with(UNIT_OF_ANSWERS, units, share_of(units))
    }

    fn with(unit: usize, units: usize, share: usize) -> Self {
        Self { unit, units, held: Arc::default(), shares: Shares::of(share) }
    }

    /// Nothing yet.
    pub(in crate::http) fn hold(&self) -> Held {
        Held { room: self.clone(), share: None, bytes: 0 }
    }
}

impl Held {
    /// Takes room for `more` octets; refused where there is none, so that nobody waits while holding something.
    pub(in crate::http) fn grow(&mut self, more: usize) -> Result<(), Taken> {
        let bytes = self.bytes.saturating_add(more);
        let units = bytes.div_ceil(self.room.unit) - self.units();
        if units > 0 {
            let all = self.room.units;
            let taken = |held: usize| held.checked_add(units).filter(|sum| *sum <= all);
            let room = &self.room;
            room.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).map_err(|_| Taken::All)?;
            if !self.share.get_or_insert_with(|| room.shares.hold()).grow(units) {
                room.held.fetch_sub(units, Ordering::Relaxed);
                return Err(Taken::Share);
            }
        }
        // Not before: what was refused may be smaller when it is asked for again.
        self.bytes = bytes;
        Ok(())
    }

    /// Holds so many octets from now on: less than before, or more, be it more than there is.
    pub(in crate::http) fn settle(&mut self, bytes: usize) {
        let (before, units) = (self.units(), bytes.div_ceil(self.room.unit));
        if before == units {
            self.bytes = bytes;
            return;
        }
        if units > before {
            self.room.held.fetch_add(units - before, Ordering::Relaxed);
        } else {
            self.room.held.fetch_sub(before - units, Ordering::Relaxed);
        }
        self.share.get_or_insert_with(|| self.room.shares.hold()).settle(units);
        self.bytes = bytes;
    }

    /// Gives everything back.
    pub(in crate::http) fn release(&mut self) {
        self.settle(0);
    }

    const fn units(&self) -> usize {
        self.bytes.div_ceil(self.room.unit)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::fairness::Party;

    #[test]
    fn room_is_taken_as_bodies_grow_and_given_back() {
        let room = Room::of(3 * UNIT, 3 * UNIT);
        let (mut one, mut other) = (room.hold(), room.hold());
        for _ in 0..2 {
            one.grow(UNIT / 2).unwrap();
        }
        other.grow(UNIT + 1).unwrap();
        assert!(one.grow(1).is_err());
        assert!(room.hold().grow(usize::MAX).is_err());
        drop(other);
        let mut third = room.hold();
        third.grow(2 * UNIT).unwrap();
        third.release();
        third.grow(2 * UNIT).unwrap();
    }

    #[tokio::test]
    async fn what_was_refused_is_not_counted_as_held() {
        let room = Room::of(4 * UNIT, 4 * UNIT);
        let mut held = room.hold();
        held.grow(UNIT).unwrap();
        assert!(held.grow(usize::MAX).is_err() && held.grow(4 * UNIT).is_err());
        held.grow(3 * UNIT).unwrap();
        assert!(room.hold().grow(1).is_err(), "the smaller piece was taken, and counted");
        held.release();
        room.hold().grow(4 * UNIT).unwrap();
    }

    #[tokio::test]
    async fn a_party_leaves_a_part_of_the_room_to_others() {
        let room = Room::of(8 * UNIT, UNIT);
        let client = |name: &str| Party::Client(name.into());
        let greedy = async {
            let mut held = room.hold();
            held.grow(5 * UNIT).unwrap();
            let mut more = room.hold();
            more.grow(UNIT).unwrap();
            assert!(room.hold().grow(1).is_err());
            (held, more)
        };
        let _held = client("greedy").answering(greedy).await;
        client("other").answering(async { room.hold().grow(2 * UNIT).unwrap() }).await;
    }

    #[tokio::test]
    async fn what_has_to_be_held_is_held_beyond_what_there_is_and_nobody_gets_more_until_it_is_gone() {
        let room = Room::of(4 * UNIT, UNIT);
        let (mut one, mut other) = (room.hold(), room.hold());
        one.grow(2 * UNIT).unwrap();
        one.settle(7 * UNIT);
        other.settle(1);
        assert_eq!(room.held.load(Ordering::Relaxed), 8);
        assert_eq!(room.hold().grow(1), Err(Taken::All));
        one.settle(2 * UNIT + 1);
        assert_eq!(room.hold().grow(1), Err(Taken::All));
        one.settle(UNIT);
        assert_eq!(room.hold().grow(2 * UNIT), Err(Taken::Share), "of three units, of which two are held");
        room.hold().grow(UNIT).unwrap();
        drop((one, other));
        assert_eq!(room.held.load(Ordering::Relaxed), 0);
        room.hold().grow(3 * UNIT).unwrap();
    }
}
