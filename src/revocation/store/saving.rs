//! Saving: the folder is to say at the next start what memory says now.
//!
//! What is held and not stored is written first; then goes what is stored and not held, where the folder says as much
//! without it ([`copies`]). Killed anywhere between, the next start finds too much rather than too little, drops from memory
//! what is superfluous, and goes on here. Whatever cannot be done now is done the next time: after the next list, or at the next
//! attempt to fetch one.

use std::sync::Arc;

use super::copies::{self, Superfluous};
use super::held::Held;
use super::{Offer, Store};
use crate::revocation::disk::{Disk, index_beside, remove_copy, remove_file};
use crate::revocation::list::{Accepted, DerList, RevocationList};
use crate::revocation::source::Source;

/// What names the copy of a list: whose it is, and the first octets of its SHA-256, enough to tell the few of one tag apart.
fn name_of(list: &RevocationList) -> String {
    let short: String = list.sha256().iter().take(8).map(|octet| format!("{octet:02x}")).collect();
    format!("{}-{short}", list.tag())
}

impl Store {
    /// Stores a list that is about to come into force, or that could not be stored when it did, and answers from the
    /// stored index. A full disk is no reason to answer from an old list, so that what went wrong is for the log and the
    /// status only, and the list is answered from memory. To be called by whoever has the turn to install.
    pub(super) fn keep(&self, source: &Source, offer: Offer, (list, der): Accepted) -> Arc<RevocationList> {
        let Some(disk) = &self.disk else { return Arc::new(list) };
        self.store_owed(source);
        let is_unstored = |held: &Held| held.source == *source && held.is_unstored(&list);
        if offer == Offer::Same && !self.lock().iter().any(is_unstored) {
            return Arc::new(list);
        }
        if !self.may_write() {
            // The one that writes may never fetch this.
            copies::owe(&mut self.lock(), source, *list.sha256(), der);
            return Arc::new(list);
        }
        match disk.save(source, &name_of(&list), der.as_der()) {
            Ok(file) => {
                let list = Arc::new(self.with_stored_index(&index_beside(&file), (list, der)));
                self.change(source, |held| held.copies.add(file, Arc::clone(&list)));
                list
            }
            Err(error) => {
                tracing::warn!(%error, %source, "a fetched list could not be stored; it is answered from memory");
                copies::owe(&mut self.lock(), source, *list.sha256(), der);
                self.change(source, |held| held.copies.error = Some(error.to_string()));
                Arc::new(list)
            }
        }
    }

    /// Writes what is held and could not be stored before, where this process is the one that writes.
    pub(super) fn store_owed(&self, source: &Source) {
        let Some(disk) = self.disk.as_ref().filter(|_| self.may_write()) else { return };
        for (sha256, der) in self.change(source, |held| held.copies.take_owed()).unwrap_or_default() {
            let is_it = |list: &&Arc<RevocationList>| *list.sha256() == sha256;
            // What is held no more need not be stored.
            let Some(list) = self.change(source, |held| held.all().find(is_it).cloned()).flatten() else { continue };
            self.store_late(disk, source, &list, der);
        }
    }

    fn store_late(&self, disk: &Disk, source: &Source, list: &Arc<RevocationList>, der: DerList) {
        match disk.save(source, &name_of(list), der.as_der()) {
            Ok(file) => {
                // It is answered from memory; the next start has the index.
                let _ = self.store_index(&index_beside(&file), list, &der);
                self.change(source, |held| held.copies.add(file, Arc::clone(list)));
            }
            Err(error) => {
                copies::owe(&mut self.lock(), source, *list.sha256(), der);
                self.change(source, |held| held.copies.error = Some(error.to_string()));
            }
        }
    }

    /// Removes the copies without which the folder says as much, where this process is the one that writes. To be called by
    /// whoever has the turn to install.
    pub(super) fn tidy(&self) {
        if self.disk.is_none() || !self.may_write() {
            return;
        }
        let superfluous = copies::superfluous(&self.lock());
        for Superfluous { source, file, sha256, by } in superfluous {
            // Somebody may have removed what it was superfluous by.
            let is_there = by.iter().all(|(file, octets)| {
                file.metadata().is_ok_and(|metadata| usize::try_from(metadata.len()) == Ok(*octets))
            });
            if is_there && remove_copy(&file, &sha256, self.max_bytes) {
                self.change(&source, |held| held.copies.forget(&file));
            }
        }
        let broken = |held: &mut Held| {
            let has_list = held.all().any(|list| held.copies.have(list));
            if has_list { std::mem::take(&mut held.copies.broken) } else { Vec::new() }
        };
        let broken: Vec<_> = self.lock().iter_mut().flat_map(broken).collect();
        broken.iter().for_each(|file| {
            remove_file(file);
        });
    }
}
