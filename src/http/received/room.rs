//! How many octets of documents are held in memory at once, by all requests together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::problem::Problem;

/// Octets of one unit: small documents cost little bookkeeping, and 4 GiB are 65,536 units.
const UNIT: usize = 64 * 1024;

/// The room there is.
#[derive(Clone, Debug)]
pub(in crate::http) struct Room(Arc<Semaphore>);

/// What one request holds of it; given back when dropped.
#[derive(Debug)]
pub(in crate::http) struct Held {
    room: Room,
    permit: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Room {
    /// Room for so many octets.
    pub(in crate::http) fn of(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// Nothing yet.
    pub(in crate::http) fn hold(&self) -> Held {
        Held { room: self.clone(), permit: None, bytes: 0 }
    }
}

impl Held {
    /// Takes room for `more` octets; refused where there is none, so that nobody waits while holding something.
    pub(in crate::http) fn grow(&mut self, more: usize) -> Result<(), Problem> {
        let before = self.bytes.div_ceil(UNIT);
        self.bytes = self.bytes.saturating_add(more);
        let Ok(units) = u32::try_from(self.bytes.div_ceil(UNIT) - before) else { return Err(Problem::overloaded()) };
        if units == 0 {
            return Ok(());
        }
        let taken = Arc::clone(&self.room.0).try_acquire_many_owned(units).map_err(|_| Problem::overloaded())?;
        match &mut self.permit {
            Some(permit) => permit.merge(taken),
            None => self.permit = Some(taken),
        }
        Ok(())
    }

    /// Gives everything back.
    pub(in crate::http) fn release(&mut self) {
        self.permit = None;
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_as_bodies_grow_and_given_back() {
        let room = Room::of(3 * UNIT);
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
}
