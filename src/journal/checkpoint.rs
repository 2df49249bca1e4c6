//! Checkpoints: the chain up to an entry, signed by the journal's key.
//!
//! A checkpoint is an entry of its own, whose details hold the place and the hash that it signs, the public key and the
//! signature; it is also written as a line into a file beside the database, and told to the log, so that it can be kept
//! where whoever changes the database does not reach.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::hex;
use super::record::{Event, Record};
use super::secrets::CheckpointKey;
use super::{Entry, Receipt};
use crate::clock::Time;

const SEQUENCE: &str = "through_sequence";
const HASH: &str = "through_hash";
const KEY: &str = "public_key";
const SIGNATURE: &str = "signature";

/// Asks a timestamp authority about a checkpoint; the service has the client.
pub trait Stamper: std::fmt::Debug + Send + Sync {
    /// A DER timestamp token over SHA-256 of the statement, or why there is none, in plain words.
    fn stamp(&self, statement: Vec<u8>) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send + '_>>;
}

/// A signed statement about the chain.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Checkpoint {
    /// When it was made.
    pub at: Time,
    /// Hash of the last entry that it covers, in hexadecimal.
    pub hash: String,
    /// The key that signed, in hexadecimal.
    pub public_key: String,
    /// Place of the last entry that it covers.
    pub sequence: u64,
    /// Ed25519 over [`Checkpoint::statement`], in hexadecimal.
    pub signature: String,
}

impl Checkpoint {
    /// Signs the chain up to there.
    #[must_use]
    pub fn sign(through: Receipt, at: Time, key: &CheckpointKey) -> Self {
        let mut checkpoint = Self {
            at,
            hash: hex::encode(&through.hash),
            public_key: hex::encode(&key.public()),
            sequence: through.sequence,
            signature: String::new(),
        };
        checkpoint.signature = hex::encode(&key.sign(&checkpoint.statement()));
        checkpoint
    }

    /// What is signed, and stamped: four lines, each with its newline.
    #[must_use]
    pub fn statement(&self) -> Vec<u8> {
        format!("rastau journal checkpoint 1\n{}\n{}\n{}\n", self.sequence, self.hash, self.at).into_bytes()
    }

    /// The entry that it is kept as.
    #[must_use]
    pub fn record(&self) -> Record {
        let mut record = Record::new(Event::Checkpoint, self.at);
        record.details = vec![
            (SEQUENCE, self.sequence.to_string()),
            (HASH, self.hash.clone()),
            (KEY, self.public_key.clone()),
            (SIGNATURE, self.signature.clone()),
        ];
        record
    }

    /// Reads it from the details of an entry made at that time.
    #[must_use]
    pub fn read(at: Time, details: &BTreeMap<String, String>) -> Option<Self> {
        Some(Self {
            at,
            hash: details.get(HASH)?.clone(),
            public_key: details.get(KEY)?.clone(),
            sequence: details.get(SEQUENCE)?.parse().ok()?,
            signature: details.get(SIGNATURE)?.clone(),
        })
    }

    /// What it covers, if its signature holds, under that key where one is demanded.
    #[must_use]
    pub fn verify(&self, demanded: Option<&[u8; 32]>) -> Option<Receipt> {
        let key: [u8; 32] = hex::decode(&self.public_key)?;
        if demanded.is_some_and(|demanded| *demanded != key) {
            return None;
        }
        let signature: [u8; 64] = hex::decode(&self.signature)?;
        UnparsedPublicKey::new(&ED25519, key).verify(&self.statement(), &signature).ok()?;
        Some(Receipt { sequence: self.sequence, hash: hex::decode(&self.hash)? })
    }
}

impl TryFrom<&Entry> for Checkpoint {
    type Error = ();

    fn try_from(entry: &Entry) -> Result<Self, ()> {
        let said = super::canonical::Said::read(&entry.canonical).ok_or(())?;
        Self::read(said.at, &said.details).ok_or(())
    }
}
