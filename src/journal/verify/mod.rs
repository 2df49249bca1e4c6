//! Verification of a journal, in its database or as an export, without the program that wrote it.
//!
//! What is found: every entry that was changed, removed, inserted or moved (the chain), a chain that was written anew (the
//! signed checkpoints, in the chain and as kept outside), a missing end (checkpoints kept outside, a remembered head), answers
//! and waiting items that are not those that their entries name. What cannot be found: entries behind the last checkpoint
//! that were written anew by somebody who has the file, if nobody remembers a head.

mod chain;
mod database;
mod export;
mod timestamps;

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Read as _};
use std::path::Path;

pub(super) use chain::{Chain, Start};
pub use chain::{Fault, FaultKind, Known, Proof};
pub use database::verify_database;
pub(super) use database::{Reading, entries as feed_entries};
pub use export::verify_export;

use super::checkpoint::Checkpoint;
use super::hex;

/// Longest line of a file of checkpoints; one has some 350 octets.
const MAX_LINE: u64 = 4096;

/// What a verification comes to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verified {
    /// What holds of the chain.
    pub proof: Proof,
    /// The last entry that was pruned, if some were.
    pub pruned_through: u64,
    /// Answers that are kept, all of them those that their entries name.
    pub answers: u64,
    /// Timestamps on checkpoints, all of them over those; whose they are was not judged.
    pub timestamps: u64,
}

/// Why a journal is not found good.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// Something is wrong with it: this first.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It cannot be read, so nothing can be said.
    #[error("{0}")]
    Unreadable(String),
}

/// Why a file of checkpoints cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointsError {
    /// The file.
    #[error(transparent)]
    File(#[from] io::Error),
    /// A line of it, which is no checkpoint, or was signed by another key.
    #[error("line {0} is no checkpoint that the journal's key signed")]
    Line(usize),
}

/// Reads a file of checkpoints, as it lies beside a journal or was kept elsewhere. An unfinished last line, as a crash leaves
/// it, is passed over.
///
/// # Errors
/// [`CheckpointsError`].
pub fn checkpoints(path: &Path, key: Option<&[u8; 32]>) -> Result<Vec<Checkpoint>, CheckpointsError> {
    let mut reader = io::BufReader::new(std::fs::File::open(path)?);
    let mut found = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.last() != Some(&b'\n') && u64::try_from(line.len()).is_ok_and(|length| length < MAX_LINE) {
            break;
        }
        let checkpoint: Checkpoint = serde_json::from_slice(&line).map_err(|_| CheckpointsError::Line(number))?;
        checkpoint.verify(key).ok_or(CheckpointsError::Line(number))?;
        found.push(checkpoint);
    }
    Ok(found)
}

impl Known {
    /// Adds what checkpoints sign.
    #[must_use]
    pub fn with_checkpoints(mut self, checkpoints: &[Checkpoint]) -> Self {
        let signed = checkpoints.iter().filter_map(|checkpoint| {
            Some(((checkpoint.sequence, hex::decode(&checkpoint.hash)?), "a checkpoint signs"))
        });
        self.entries.extend(signed.collect::<BTreeMap<_, _>>());
        self
    }

    /// Adds a head that somebody remembered.
    #[must_use]
    pub fn with_head(mut self, head: super::Receipt) -> Self {
        self.entries.insert((head.sequence, head.hash), "was remembered");
        self
    }
}
