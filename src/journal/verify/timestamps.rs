//! Timestamps on checkpoints: whether they are over them. Whose they are, `rastau verify` judges.

use super::super::canonical::Said;
use super::super::checkpoint::Checkpoint;
use super::chain::{Fault, FaultKind};
use crate::signed::Covered;
use crate::tsp::Token;

/// Whether a token is over the checkpoint in that entry.
pub fn check(sequence: u64, canonical: Option<&str>, token: &[u8]) -> Result<(), Fault> {
    let wrong = |detail: &str| Fault::new(sequence, FaultKind::Changed, detail);
    let said = canonical.and_then(Said::read).ok_or_else(|| wrong("is missing, and a timestamp is kept for it"))?;
    let checkpoint = Checkpoint::read(said.at, &said.details)
        .ok_or_else(|| wrong("is no checkpoint, and a timestamp is kept for it"))?;
    let token = Token::read(token).map_err(|error| wrong(&format!("has an unreadable timestamp: {error}")))?;
    token
        .check_imprint(&Covered::Bytes(checkpoint.statement()))
        .map_err(|error| wrong(&format!("has a timestamp over something else: {error}")))
}
