//! What is stored of one source, what is to be stored yet, and what may go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::before::{is_like, most_like, supersedes};
use super::held::Held;
use crate::revocation::list::{DerList, RevocationList};
use crate::revocation::source::{Origin, Source};

/// Most octets of lists that wait to be stored, of all sources together: two full lists of the National CA's with their deltas.
/// Beyond it the largest wait no more, and are asked for again.
const MAX_OWED: usize = 64 << 20;

/// A stored copy of a list.
#[derive(Debug)]
pub(super) struct Copy {
    pub file: PathBuf,
    pub list: Arc<RevocationList>,
}

/// What the data directory has of a source. Copies that others have put there since they were read are not among them, so
/// that they are not this process's to remove.
#[derive(Debug, Default)]
pub(super) struct Copies {
    pub there: Vec<Copy>,
    /// The octets of lists that could not be stored.
    owed: Vec<([u8; 32], DerList)>,
    /// Files that hold no list. They go when there is one.
    pub broken: Vec<PathBuf>,
    /// What went wrong last.
    pub error: Option<String>,
}

impl Copies {
    /// Whether a list is stored.
    pub fn have(&self, list: &RevocationList) -> bool {
        self.there.iter().any(|copy| copy.list.sha256() == list.sha256())
    }

    /// Remembers that a list is stored.
    pub fn add(&mut self, file: PathBuf, list: Arc<RevocationList>) {
        self.owed.retain(|(sha256, _)| sha256 != list.sha256());
        self.broken.retain(|broken| *broken != file);
        self.there.retain(|copy| copy.file != file);
        self.there.push(Copy { file, list });
    }

    /// Forgets what a file holds.
    pub fn forget(&mut self, file: &Path) {
        self.there.retain(|copy| copy.file != file);
    }

    /// Takes what waits to be stored.
    pub fn take_owed(&mut self) -> Vec<([u8; 32], DerList)> {
        std::mem::take(&mut self.owed)
    }

    /// Takes over what was found when the folder was read again.
    pub fn found(&mut self, found: Self) {
        self.there = found.there;
        self.broken = found.broken;
        let there = &self.there;
        self.owed.retain(|(sha256, _)| !there.iter().any(|copy| copy.list.sha256() == sha256));
    }
}

impl Held {
    /// Whether a list is in memory alone, though its source keeps copies.
    pub fn is_unstored(&self, list: &RevocationList) -> bool {
        self.keeps_copies() && !self.copies.have(list)
    }

    /// Whether a list has to come once more to be stored.
    pub fn is_to_come_again(&self, list: &RevocationList) -> bool {
        self.is_unstored(list) && !self.copies.owed.iter().any(|(sha256, _)| sha256 == list.sha256())
    }

    /// Why something held is not stored.
    pub fn storage_error(&self) -> Option<&str> {
        self.copies.error.as_deref().filter(|_| self.all().any(|list| self.is_unstored(list)))
    }

    /// Whether what it holds has to be stored: files are read again.
    pub fn keeps_copies(&self) -> bool {
        matches!(self.source.origin(), Origin::Urls(_))
    }
}

/// Remembers the octets of a list that could not be stored, as far as there is room.
pub(super) fn owe(sources: &mut [Held], source: &Source, sha256: [u8; 32], der: DerList) {
    if let Some(held) = sources.iter_mut().find(|held| held.source == *source) {
        held.copies.owed.retain(|(there, _)| *there != sha256);
        held.copies.owed.push((sha256, der));
    }
    let octets = |sources: &[Held]| -> usize {
        sources.iter().flat_map(|held| &held.copies.owed).map(|(_, der)| der.as_der().len()).sum()
    };
    while octets(sources) > MAX_OWED {
        let all = sources.iter().flat_map(|held| &held.copies.owed);
        let Some(largest) = all.max_by_key(|(_, der)| der.as_der().len()).map(|(sha256, _)| *sha256) else { return };
        sources.iter_mut().for_each(|held| held.copies.owed.retain(|(sha256, _)| *sha256 != largest));
    }
}

/// A copy that may go.
#[derive(Debug)]
pub(super) struct Superfluous {
    pub source: Source,
    pub file: PathBuf,
    pub sha256: [u8; 32],
    /// The copies that say what it says, with their octets.
    pub by: Vec<(PathBuf, usize)>,
}

/// The copies of lists that are held no more, and without which the folder says as much.
pub(super) fn superfluous(sources: &[Held]) -> Vec<Superfluous> {
    let of_source = |held: &'_ Held| -> Vec<Superfluous> {
        let found = held.copies.there.iter().enumerate().filter_map(|(place, copy)| {
            let by = superfluous_by(sources, held, place, copy)?;
            let (source, file, sha256) = (held.source.clone(), copy.file.clone(), *copy.list.sha256());
            Some(Superfluous { source, file, sha256, by })
        });
        found.collect()
    };
    sources.iter().flat_map(of_source).collect()
}

/// The copies that make one superfluous: those of all that is held about the same certificates, as the next start then comes to
/// what is held now; or that of one list that takes its place whatever else is stored; or those of as many deltas of its kind
/// as may stay.
fn superfluous_by(sources: &[Held], held: &Held, place: usize, copy: &Copy) -> Option<Vec<(PathBuf, usize)>> {
    let of = |copy: &Copy| (copy.file.clone(), copy.list.bytes());
    let others = || held.copies.there.iter().filter(|other| other.file != copy.file);
    let same = |other: &RevocationList| other.sha256() == copy.list.sha256();
    if held.all().any(|list| same(list)) {
        let before = held.copies.there.iter().take(place);
        return before.into_iter().find(|other| same(&other.list)).map(|other| vec![of(other)]);
    }
    if let Some(other) = others().find(|other| supersedes(&other.list, &copy.list)) {
        return Some(vec![of(other)]);
    }
    // What a certificate named is not there at the next start, until one names it again.
    let is_there = |other: &Held| !other.source.is_discovered() || other.source == held.source;
    let mut about_the_same = sources.iter().flat_map(|held| held.all().map(move |list| (held, list)));
    let all_stored = about_the_same
        .all(|(other, list)| !list.shares_scope(&copy.list) || (is_there(other) && !other.is_unstored(list)));
    if all_stored {
        let is_held = |held: &Held, copy: &Copy| held.all().any(|list| list.sha256() == copy.list.sha256());
        let about_the_same = sources.iter().flat_map(|held| held.copies.there.iter().map(move |copy| (held, copy)));
        let by = about_the_same.filter(|(held, other)| other.list.shares_scope(&copy.list) && is_held(held, other));
        return Some(by.map(|(_, other)| of(other)).collect());
    }
    let later = |other: &&Copy| {
        is_like(&other.list, &copy.list)
            && other.list.rank_by_date(&copy.list).is_gt()
            && !others().any(|newer| supersedes(&newer.list, &other.list))
    };
    let by: Vec<_> = others().filter(later).map(of).collect();
    (copy.list.is_delta() && by.len() > most_like(&copy.list)).then_some(by)
}
