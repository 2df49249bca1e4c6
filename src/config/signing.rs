//! What the service signs with, who signs what, and what is written down about it.

use std::path::PathBuf;
use std::time::Duration;

use crate::licence::Official;
use crate::signer::{KeySource, PasswordSource};

/// `[signing]`: keys, officials, and how signatures are made.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The keys.
    pub keys: Vec<SigningKey>,
    /// The officials with the ids of their keys.
    pub officials: Vec<(Official, Vec<String>)>,
    /// What happens when a timestamp is wanted and none can be had.
    pub without_timestamp: WithoutTimestamp,
    /// How long a request waits for a second person.
    pub approval: Duration,
    /// How long answers are kept for clients that ask again with the same idempotency key.
    pub answers: Duration,
    /// Largest document that is signed, in bytes.
    pub max_document_bytes: u64,
    /// Disk for answers that are kept in files, and for documents that wait, in bytes.
    pub max_kept_bytes: u64,
}

/// What happens when a timestamp is wanted and none can be had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WithoutTimestamp {
    /// Nothing is signed.
    Fail,
    /// The signature goes out without one, and says so.
    SignWithout,
}

/// A key and how it is opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SigningKey {
    /// The name that officials are given it by.
    pub id: String,
    /// Where it is.
    pub source: KeySource,
    /// Where its password or PIN comes from.
    pub password: PasswordSource,
}

/// `[timestamp]`: the authorities that give timestamps.
#[derive(Clone, Debug)]
pub struct Timestamp {
    /// Mirrors, asked in this order; none: no timestamps.
    pub urls: Vec<String>,
    /// The policy asked for, an object identifier in dotted form.
    pub policy: Option<String>,
    /// Longest time for one timestamp, all mirrors together.
    pub timeout: Duration,
}

/// `[journal]`: what is written down.
#[derive(Clone, Debug)]
pub struct Journal {
    /// Whether anything is.
    pub enabled: bool,
    /// The folder; `journal` in the data directory unless given.
    pub directory: PathBuf,
    /// Certificate checks: written soon, at once, or not at all.
    pub checks: Recording,
    /// Whether identity numbers are written in plain instead of as keyed hashes.
    pub plain_identities: bool,
    /// Entries between two checkpoints, at most.
    pub checkpoint_entries: u64,
    /// Time between two checkpoints, at most, when there is something new.
    pub checkpoint_every: Duration,
    /// Whether checkpoints are timestamped.
    pub timestamp_checkpoints: bool,
}

/// When decisions are written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recording {
    /// Soon; a crash of the machine may lose the last ones.
    Buffered,
    /// Before the answer.
    Durable,
    /// Not at all.
    Off,
}
