//! What entries say about what was deleted on purpose.

use std::collections::BTreeMap;

use super::record::{Event, Record};
use super::{Receipt, hex};
use crate::clock::Time;

const THROUGH: &str = "entries_through";
const HASH: &str = "entries_hash";

/// The entry that says that all entries up to that one were pruned.
pub fn record(cut: Receipt, at: Time) -> Record {
    let mut record = Record::new(Event::Retention, at);
    record.details = vec![(THROUGH, cut.sequence.to_string()), (HASH, hex::encode(&cut.hash))];
    record
}

/// What such an entry says.
pub fn pruned(details: &BTreeMap<String, String>) -> Option<(u64, [u8; 32])> {
    Some((details.get(THROUGH)?.parse().ok()?, hex::decode(details.get(HASH)?)?))
}
