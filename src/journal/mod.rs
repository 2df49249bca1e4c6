//! The record of what was decided and signed: append-only, chained, checkpointed.
//!
//! A [`Record`] is what the service hands in; an [`Entry`] is what is kept of it, with its place in the chain. The chain is
//! over the entry's canonical text, so that anybody can verify an export without this program. Storage is behind
//! [`Journal`].

mod canonical;
mod checkpoint;
pub mod export;
mod hex;
mod record;
mod retention;
mod secrets;
mod sqlite;
mod verify;

use std::future::Future;
use std::pin::Pin;

pub use canonical::{GENESIS, Identities};
pub use checkpoint::{Checkpoint, Stamper};
pub use record::{Answer, AnswerKey, Event, Identity, Record, Waiting};
pub use secrets::{PUBLIC as PUBLIC_KEY_FILE, keyed_number, read_public};
pub use sqlite::{CHECKPOINTS_FILE, DATABASE_FILE, OpenError, Options, Reader, SqliteJournal};
pub use verify::{
    CheckpointsError, Fault, FaultKind, Known, Proof, Verified, VerifyError, checkpoints, verify_database,
    verify_export,
};

use crate::clock::Time;

/// What a journal answers, later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// The place of an entry: what a caller keeps to find it again and to notice when it is gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// From 1, without gaps.
    pub sequence: u64,
    /// Hash of the entry, which covers the hash of the one before.
    pub hash: [u8; 32],
}

impl std::fmt::Display for Receipt {
    /// `SEQUENCE:HASH`, the hash in hexadecimal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.sequence, hex::encode(&self.hash))
    }
}

impl std::str::FromStr for Receipt {
    type Err = ();

    /// Reads what [`Display`](std::fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (sequence, hash) = text.split_once(':').ok_or(())?;
        Ok(Self { sequence: sequence.parse().map_err(|_| ())?, hash: hex::decode(hash).ok_or(())? })
    }
}

/// An entry as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its place.
    pub receipt: Receipt,
    /// Hash of the entry before it; zeros for the first.
    pub previous: [u8; 32],
    /// When it was made.
    pub at: Time,
    /// What happened.
    pub event: String,
    /// The canonical text that is hashed: one JSON object.
    pub canonical: String,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// Only those after this sequence number.
    pub after: u64,
    /// At most so many; the store has a bound of its own.
    pub limit: usize,
    /// Only this event.
    pub event: Option<String>,
}

/// Why the journal cannot do what it should.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// An answer to this request is kept already: the caller answers with that one.
    #[error("an answer under this idempotency key is kept already")]
    Answered,
    /// The chain does not hold: somebody changed the store. Nothing is appended.
    #[error("the journal does not verify at entry {sequence}: {fault}")]
    Broken {
        /// Where.
        sequence: u64,
        /// What is wrong, in plain words.
        fault: String,
    },
    /// What was to be settled does not wait (any more).
    #[error("this was settled already, or expired")]
    Settled,
    /// More than an entry or an answer may hold. Nothing was appended.
    #[error("the entry or its answer is larger than the journal takes")]
    TooLarge,
    /// Disk full, read-only, locked, gone: what the store says. Nothing was appended.
    #[error("the journal cannot be written: {0}")]
    Unavailable(String),
}

/// Where entries are kept.
pub trait Journal: std::fmt::Debug + Send + Sync {
    /// Appends; resolves when the entry (and the record's answer with it) is durable.
    fn append(&self, record: Record) -> Later<'_, Receipt>;

    /// Appends soon, without waiting; for what need not survive a crash of the machine.
    ///
    /// # Errors
    /// [`JournalError::Unavailable`] when too much waits already: nothing was taken.
    fn append_soon(&self, record: Record) -> Result<(), JournalError>;

    /// Whether it can be appended to, as far as is known without trying.
    fn is_open(&self) -> bool {
        true
    }

    /// The last entry.
    fn head(&self) -> Later<'_, Option<Receipt>>;

    /// One entry.
    fn entry(&self, sequence: u64) -> Later<'_, Option<Entry>>;

    /// Several, in order.
    fn entries(&self, wanted: Wanted) -> Later<'_, Vec<Entry>>;

    /// The answer kept under a key, if it is not past its retention.
    fn answer(&self, key: AnswerKey) -> Later<'_, Option<(Answer, Receipt)>>;

    /// Everything that waits for a second person and has not expired at that moment, oldest first.
    fn waiting(&self, now: Time) -> Later<'_, Vec<Waiting>>;
}
