//! What entries say about what was deleted on purpose.

use std::collections::BTreeMap;

use super::record::{Event, Record};
use super::{Receipt, hex};
use crate::clock::Time;

const THROUGH: &str = "entries_through";
const HASH: &str = "entries_hash";
/// How many answers were deleted; the verifier of a database adds these up.
const ANSWERS: &str = "answers";

/// The entry that says that all entries up to that one were pruned.
pub fn record(cut: Receipt, at: Time) -> Record {
    let mut record = Record::new(Event::Retention, at);
    record.details = vec![(THROUGH, cut.sequence.to_string()), (HASH, hex::encode(&cut.hash))];
    record
}

/// The entry that says how many answers past their retention were deleted.
pub fn swept(answers: u64, at: Time) -> Record {
    let mut record = Record::new(Event::Retention, at);
    record.details = vec![(ANSWERS, answers.to_string())];
    record
}

/// What an entry about pruning says.
pub fn pruned(details: &BTreeMap<String, String>) -> Option<(u64, [u8; 32])> {
    Some((details.get(THROUGH)?.parse().ok()?, hex::decode(details.get(HASH)?)?))
}
