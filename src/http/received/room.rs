//! How many octets of documents are held in memory at once, by all requests together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::fairness::{Share, Shares, share_of};
use crate::http::problem::Problem;

/// Octets of one unit: small documents cost little bookkeeping, and 4 GiB are 65,536 units.
const UNIT: usize = 64 * 1024;

/// Octets of one unit of answers: what the stream and the task of a request take beside a small answer.
const UNIT_OF_ANSWERS: usize = 4 * 1024;

/// The room there is, and how much of it one party may hold.
#[derive(Clone, Debug)]
pub(in crate::http) struct Room {
    unit: usize,
    units: Arc<Semaphore>,
    shares: Shares,
}

/// What one request holds of it; given back when dropped.
#[derive(Debug)]
pub(in crate::http) struct Held {
    room: Room,
    permit: Option<OwnedSemaphorePermit>,
    share: Option<Share>,
    bytes: usize,
}

impl Room {
    /// Room for so many octets, of which one party gets its share, or as many as the `largest` body takes if those are more.
    pub(in crate::http) fn of(bytes: usize, largest: usize) -> Self {
        let units = (bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        let share = share_of(units).max(largest.div_ceil(UNIT)).min(units);
        Self { unit: UNIT, units: Arc::new(Semaphore::new(units)), shares: Shares::of(share) }
    }

    /// Room for so many octets of answers, each of which takes a unit at least.
    pub(in crate::http) fn for_answers(bytes: usize) -> Self {
        let units = (bytes / UNIT_OF_ANSWERS).clamp(1, Semaphore::MAX_PERMITS);
        let shares = Shares::of(share_of(units));
        Self { unit: UNIT_OF_ANSWERS, units: Arc::new(Semaphore::new(units)), shares }
    }

    /// Nothing yet.
    pub(in crate::http) fn hold(&self) -> Held {
        Held { room: self.clone(), permit: None, share: None, bytes: 0 }
    }
}

impl Held {
    /// Takes room for `more` octets; refused where there is none, so that nobody waits while holding something.
    pub(in crate::http) fn grow(&mut self, more: usize) -> Result<(), Problem> {
        let bytes = self.bytes.saturating_add(more);
        let units = bytes.div_ceil(self.room.unit) - self.bytes.div_ceil(self.room.unit);
        if units == 0 {
            self.bytes = bytes;
            return Ok(());
        }
        let Ok(units) = u32::try_from(units) else { return Err(Problem::overloaded()) };
        let taken = Arc::clone(&self.room.units).try_acquire_many_owned(units).map_err(|_| Problem::overloaded())?;
        let more = units as usize;
        let has_share = match &mut self.share {
            Some(share) => share.grow(more),
            None => {
                self.share = self.room.shares.take(more);
                self.share.is_some()
            }
        };
        if !has_share {
            return Err(Problem::too_much_at_once());
        }
        match &mut self.permit {
            Some(permit) => permit.merge(taken),
            None => self.permit = Some(taken),
        }
        // Not before: what was refused may be smaller when it is asked for again.
        self.bytes = bytes;
        Ok(())
    }

    /// Gives everything back.
    pub(in crate::http) fn release(&mut self) {
        (self.permit, self.share) = (None, None);
        self.bytes = 0;
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
}
