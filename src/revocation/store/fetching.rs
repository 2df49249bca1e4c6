//! The store as whoever fetches sees it: what to ask, what came of it, and sources that are found while running.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use super::held::{CopyStamp, Held};
use super::mirrors::{Known, Question, is_overdue};
use super::writer::Writer;
use super::{LoadError, Offer, Store, remembered};
use crate::clock::Time;
use crate::fetch::Validators;
use crate::revocation::list::RevocationList;
use crate::revocation::source::Source;
use crate::revocation::status::due_at;

/// Most sources that certificates may add to those configured. A country has a handful of authorities, each with a list
/// and a delta for each of its keys.
const MAX_DISCOVERED: usize = 64;

/// Most of them at one host: certificates of one issuer must not take the places of all others. The National CA's host
/// has a list and a delta for each of two keys.
const MAX_DISCOVERED_AT_HOST: usize = 8;

/// Why a source cannot be added while running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddSourceError {
    /// It has no addresses.
    #[error("only addresses can be added while running")]
    NoAddress,
    /// There are many already.
    #[error("{MAX_DISCOVERED} sources were found in certificates already")]
    TooMany,
    /// There are many already at one of its hosts.
    #[error("{MAX_DISCOVERED_AT_HOST} sources at that host were found in certificates already")]
    TooManyAtHost,
}

impl Store {
    /// Adds addresses that certificates name, with what was stored from them before; `false` when one of the addresses
    /// belongs to a source that is there. Reads the disk; not for the async threads.
    ///
    /// # Errors
    ///
    /// [`AddSourceError`].
    pub fn add_source(&self, source: Source, now: Time) -> Result<bool, AddSourceError> {
        let added = self.add(source, now);
        self.audit(now);
        added
    }

    fn add(&self, source: Source, now: Time) -> Result<bool, AddSourceError> {
        if source.mirrors().is_empty() {
            return Err(AddSourceError::NoAddress);
        }
        // Nobody configured it, whatever it says about itself.
        let source = source.discovered();
        let _turn = self.installing.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let sources = self.lock();
            if sources.iter().any(|held| held.source.shares_address(&source)) {
                return Ok(false);
            }
            let discovered = || sources.iter().map(|held| &held.source).filter(|there| there.is_discovered());
            if discovered().count() >= MAX_DISCOVERED {
                return Err(AddSourceError::TooMany);
            }
            let hosts: Vec<BTreeSet<Box<str>>> = discovered().map(Source::hosts).collect();
            let is_full = |host| hosts.iter().filter(|there| there.contains(host)).count() >= MAX_DISCOVERED_AT_HOST;
            if source.hosts().iter().any(is_full) {
                return Err(AddSourceError::TooManyAtHost);
            }
        }
        let held = self.load_source(source, now);
        let mut sources = self.lock();
        sources.push(held);
        self.publish(&mut sources, now);
        Ok(true)
    }

    /// The mirrors of a source in turn, each with what may be sent along.
    pub(in crate::revocation) fn questions(&self, source: &Source, now: Time) -> Vec<Question> {
        let stores = self.stores();
        let questions = |held: &mut Held| {
            // What could not be stored, and is not at hand for it, is wanted again as a whole.
            let lists = held.lists.iter().filter(|list| !stores || !held.is_to_come_again(list));
            held.mirrors.questions(&lists.collect::<Vec<_>>(), now)
        };
        self.change(source, questions).unwrap_or_default()
    }

    /// Offers what a mirror sent, and remembers what the mirror will recognise it by; also whether it has lapsed.
    pub(in crate::revocation) fn offer_from(
        &self,
        source: &Source,
        mirror: &str,
        (body, validators): (Vec<u8>, Validators),
        now: Time,
    ) -> Result<(Offer, bool), LoadError> {
        let taken = self.take_offer(source, body, now);
        self.change(source, |held| match &taken {
            Ok(taken) => {
                let known = Known { validators, sha256: Arc::clone(&taken.sha256) };
                held.mirrors.succeeded(mirror, Some(known), now);
            }
            Err(error) => held.mirrors.failed(mirror, error.to_string(), true, now),
        });
        self.remember(source);
        taken.map(|taken| (taken.offer, taken.lapsed))
    }

    /// A mirror says that what it sent with these validators has not changed. That is worth something only while the
    /// list that came with them is at hand, and good.
    pub(in crate::revocation) fn unchanged(
        &self,
        source: &Source,
        mirror: &str,
        known: &Known,
        now: Time,
    ) -> Result<Offer, LoadError> {
        let outcome = self.change(source, |held| {
            let list = held.lists.iter().find(|list| *list.sha256_text() == known.sha256);
            let lapsed = list.ok_or(LoadError::NothingAtHand)?.is_stale(now);
            if lapsed {
                return Err(LoadError::Lapsed);
            }
            held.succeeded(now);
            held.mirrors.succeeded(mirror, None, now);
            Ok(Offer::Same)
        });
        let outcome = outcome.unwrap_or(Err(LoadError::Stopped));
        if let Err(error) = &outcome {
            self.mirror_failed(source, mirror, error, now);
        }
        outcome
    }

    /// Remembers why a mirror brought nothing.
    pub(in crate::revocation) fn mirror_failed(&self, source: &Source, mirror: &str, error: &LoadError, now: Time) {
        self.change(source, |held| held.mirrors.failed(mirror, error.to_string(), false, now));
    }

    /// Remembers when the next attempt is due.
    pub(in crate::revocation) fn set_next_attempt(&self, source: &Source, at: Time) {
        self.change(source, |held| held.mirrors.next_attempt = Some(at));
    }

    /// Attempts in a row that failed.
    pub(in crate::revocation) fn failures_of(&self, source: &Source) -> u32 {
        self.change(source, |held| held.mirrors.failures).unwrap_or_default()
    }

    /// The list that the schedule of this source follows: of those it serves the one that a newer one is wanted of first.
    pub(in crate::revocation) fn awaited_of(&self, source: &Source, now: Time) -> Option<Arc<RevocationList>> {
        self.change(source, |held| held.awaited(now).cloned()).flatten()
    }

    /// Whether another mirror may have a list that is wanted: none is held, or one should have been replaced by now.
    pub(in crate::revocation) fn wants_more(&self, source: &Source, now: Time) -> bool {
        self.awaited_of(source, now).is_none_or(|list| is_overdue(&list, now))
    }

    /// Takes over what another process has stored, where there is one, and stores what could not be stored before; `true`
    /// when nothing has to be fetched then. Reads and writes the disk; not for the async threads.
    pub(in crate::revocation) fn adopt_stored(&self, source: &Source, now: Time) -> bool {
        let adopted = {
            let _turn = self.installing.lock().unwrap_or_else(PoisonError::into_inner);
            let adopted = self.adopt(source, now);
            self.store_owed(source);
            self.tidy();
            adopted
        };
        self.audit(now);
        adopted
    }

    /// Takes over what another process has stored. To be called by whoever has the turn to install.
    pub(super) fn adopt(&self, source: &Source, now: Time) -> bool {
        let Some(disk) = self.disk.as_ref().filter(|_| self.writer.as_ref().is_some_and(Writer::may_have_missed_some))
        else {
            return false;
        };
        let there = stamps(&disk.copies(source));
        if self.change(source, |held| held.seen == there) != Some(false) {
            return false;
        }
        let stored = self.load_source(source.clone(), now);
        let mut sources = self.lock();
        let Some(held) = sources.iter_mut().find(|held| held.source == *source) else { return false };
        held.seen = there;
        held.copies.found(stored.copies);
        if !held.adopt(stored.retired.into_iter().chain(stored.lists), now) {
            return false;
        }
        let due = held.awaited(now).and_then(|list| due_at(list));
        self.publish(&mut sources, now);
        due.is_some_and(|due| now < due)
    }

    /// Whether what is fetched is stored too: there is a data directory, and no other process writes to it.
    #[must_use]
    pub fn stores(&self) -> bool {
        self.disk.is_some() && self.may_write()
    }

    /// Whether this process is the one that writes to the data directory.
    pub(super) fn may_write(&self) -> bool {
        self.writer.as_ref().is_some_and(Writer::may_write)
    }

    fn remember(&self, source: &Source) {
        let Some(disk) = self.disk.as_ref().filter(|_| self.may_write()) else { return };
        // Of two that write together the older must not come last.
        let _turn = self.installing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bytes) = self.change(source, |held| remembered::encode(&held.mirrors)) else { return };
        if let Err(error) = remembered::keep(disk.folder(), source, &bytes) {
            tracing::debug!(%error, %source, "what the list is recognised by could not be stored");
        }
    }

    pub(super) fn change<T>(&self, source: &Source, work: impl FnOnce(&mut Held) -> T) -> Option<T> {
        self.lock().iter_mut().find(|held| held.source == *source).map(work)
    }
}

/// What tells a stored copy from the one before it.
fn stamps(copies: &[PathBuf]) -> Vec<CopyStamp> {
    let stamp = |path: &PathBuf| {
        let metadata = path.metadata().ok()?;
        Some((path.clone(), metadata.modified().ok()?, metadata.len()))
    };
    copies.iter().filter_map(stamp).collect()
}
