//! Whether entries, handed in one after the other, are a chain that nobody changed.

use std::collections::{BTreeMap, BTreeSet};

use super::super::canonical::{self, GENESIS, Said};
use super::super::checkpoint::Checkpoint;
use super::super::retention;
use super::super::{Event, Receipt, hex};

/// One entry as it stands in a store or an export.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The place it is at.
    pub sequence: u64,
    /// The hash that it claims to continue.
    pub previous: [u8; 32],
    /// The hash that it claims to have.
    pub hash: [u8; 32],
    /// What it is filed under, where it is filed.
    pub event: Option<&'a str>,
    /// The canonical text.
    pub text: &'a str,
}

/// What else is known, and from where.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The key that signs checkpoints: others are forged.
    pub public_key: Option<[u8; 32]>,
    /// Entries that must be there: a remembered head, checkpoints that were kept.
    pub entries: BTreeMap<(u64, [u8; 32]), &'static str>,
}

/// What is wrong, in kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// Other content than was hashed.
    Changed,
    /// A checkpoint that the journal's key did not sign.
    Forged,
    /// One too many.
    Inserted,
    /// Not there.
    Missing,
    /// At another place.
    Reordered,
    /// The end is not there.
    Truncated,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize, thiserror::Error)]
#[error("entry {sequence}: {detail}")]
pub struct Fault {
    /// Which entry.
    pub sequence: u64,
    /// In kind.
    pub kind: FaultKind,
    /// In plain words.
    pub detail: String,
}

impl Fault {
    /// At that entry.
    pub fn new(sequence: u64, kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { sequence, kind, detail: detail.into() }
    }
}

/// Where a chain begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Start {
    /// With what comes first, whatever it continues: an export of a part.
    Anywhere,
    /// With the first entry there ever was.
    Genesis,
    /// Behind an entry that was pruned: an entry of the chain has to say so.
    Pruned(Receipt),
    /// Behind an entry that is believed: a checkpoint.
    Trusted(Receipt),
}

/// What holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Proof {
    /// How many entries were seen.
    pub entries: u64,
    /// The first of them.
    pub first: Option<u64>,
    /// The last of them.
    pub head: Option<Receipt>,
    /// Checkpoints among them.
    pub checkpoints: u64,
    /// The last entry that a checkpoint among them covers; 0 when there is none.
    pub signed_through: u64,
    /// The keys that signed checkpoints.
    pub keys: BTreeSet<[u8; 32]>,
}

/// The chain as far as it was seen.
#[derive(Debug)]
pub struct Chain {
    known: Known,
    start: Start,
    last: Option<Receipt>,
    proof: Proof,
    /// What entries say was pruned, and the last of them that says so.
    pruned: BTreeMap<(u64, [u8; 32]), u64>,
}

impl Chain {
    /// Before its first entry.
    #[must_use]
    pub fn new(start: Start, known: Known) -> Self {
        let last = match start {
            Start::Anywhere => None,
            Start::Genesis => Some(Receipt { sequence: 0, hash: GENESIS }),
            Start::Pruned(receipt) | Start::Trusted(receipt) => Some(receipt),
        };
        Self { known, start, last, proof: Proof::default(), pruned: BTreeMap::new() }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// The first [`Fault`]; the chain is of no further use then.
    pub fn feed(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        let last = self.last.unwrap_or(Receipt { sequence: line.sequence.saturating_sub(1), hash: line.previous });
        self.place(line, last)?;
        let said = content(line, last, self.proof.entries > 0)?;
        let receipt = Receipt { sequence: line.sequence, hash: line.hash };
        let mut here = self.known.entries.range((line.sequence, GENESIS)..=(line.sequence, [0xff; 32]));
        if let Some((_, whence)) = here.find(|((_, hash), _)| *hash != line.hash) {
            let detail = format!("is not the entry that {whence}: it, or entries before it, were written anew");
            return Err(Fault::new(line.sequence, FaultKind::Changed, detail));
        }
        if said.event == Event::Checkpoint.as_str() {
            self.checkpoint(&said, last)?;
        } else if said.event == Event::Retention.as_str() {
            self.pruned.extend(retention::pruned(&said.details).map(|pruned| (pruned, line.sequence)));
        }
        self.proof.entries = self.proof.entries.saturating_add(1);
        self.proof.first.get_or_insert(line.sequence);
        self.proof.head = Some(receipt);
        self.last = Some(receipt);
        Ok(())
    }

    /// Whether everything that has to be there was.
    ///
    /// # Errors
    /// A [`Fault`] at the end, or at the beginning.
    pub fn finish(self) -> Result<Proof, Fault> {
        if let Start::Pruned(cut) = self.start
            && self.pruned.get(&(cut.sequence, cut.hash)).is_none_or(|said| *said > self.proof.signed_through)
        {
            let detail = "is missing with all before it, and no signed entry says that they were pruned";
            return Err(Fault::new(cut.sequence, FaultKind::Missing, detail));
        }
        let end = self.last.map_or(0, |last| last.sequence);
        let known = self.known.entries.last_key_value();
        if let Some(((sequence, _), whence)) = known.filter(|((sequence, _), _)| *sequence > end) {
            let detail = format!("is missing, and all up to entry {sequence}, which {whence}");
            return Err(Fault::new(end.saturating_add(1), FaultKind::Truncated, detail));
        }
        Ok(self.proof)
    }

    fn place(&self, line: &Line<'_>, last: Receipt) -> Result<(), Fault> {
        let due = last.sequence.saturating_add(1);
        if line.sequence > due {
            let detail = format!("is missing: after entry {} comes entry {}", last.sequence, line.sequence);
            return Err(Fault::new(due, FaultKind::Missing, detail));
        }
        if line.sequence < due {
            let detail = format!("stands behind entry {}, where none of that number belongs", last.sequence);
            return Err(Fault::new(line.sequence, FaultKind::Inserted, detail));
        }
        Ok(())
    }

    fn checkpoint(&mut self, said: &Said, last: Receipt) -> Result<(), Fault> {
        let forged = |detail: &str| Fault::new(said.sequence, FaultKind::Forged, detail);
        let checkpoint = Checkpoint::read(said.at, &said.details).ok_or_else(|| forged("is no whole checkpoint"))?;
        let through = checkpoint
            .verify(self.known.public_key.as_ref())
            .ok_or_else(|| forged("is a checkpoint that was not signed by the journal's key"))?;
        if through != last {
            return Err(forged("is a checkpoint of another chain"));
        }
        self.proof.checkpoints = self.proof.checkpoints.saturating_add(1);
        self.proof.signed_through = through.sequence;
        self.proof.keys.extend(hex::decode::<32>(&checkpoint.public_key));
        Ok(())
    }
}

/// Whether text and hashes of an entry belong together and continue the one before, which is among those seen or not.
fn content(line: &Line<'_>, last: Receipt, seen: bool) -> Result<Said, Fault> {
    let changed = |sequence: u64, detail: &str| Err(Fault::new(sequence, FaultKind::Changed, detail));
    let of_itself = canonical::hash(&line.previous, line.text) == line.hash;
    let said = Said::read(line.text);
    if let Some(said) = said.as_ref().filter(|said| said.sequence != line.sequence) {
        let detail = format!("is not there: in its place stands entry {}", said.sequence);
        return Err(Fault::new(line.sequence, FaultKind::Reordered, detail));
    }
    if line.previous != last.hash {
        // It is whole, and continues another one: the one before took that one's place.
        if of_itself && seen {
            return changed(last.sequence, "was changed: the entry behind it continues another one");
        }
        return changed(line.sequence, "was changed: it does not continue the entry before it");
    }
    if !of_itself {
        return changed(line.sequence, "was changed: its text has another hash");
    }
    let Some(said) = said else {
        return changed(line.sequence, "was changed: its text is no entry");
    };
    if !canonical::is_canonical(line.text) {
        return changed(line.sequence, "was changed: its text is not written as this program writes it");
    }
    if line.event.is_some_and(|event| event != said.event) {
        return changed(line.sequence, "was changed: it is filed under another event");
    }
    Ok(said)
}
