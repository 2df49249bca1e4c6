//! One configured source with what it holds, and what may take its place.

use std::sync::Arc;

use super::{LoadError, Offer};
use crate::clock::Time;
use crate::revocation::error::ListError;
use crate::revocation::list::RevocationList;
use crate::revocation::snapshot::is_begun;
use crate::revocation::source::{Origin, Source};
use crate::revocation::status::ListStatus;
use crate::x509::Name;

#[derive(Debug)]
pub(super) struct Held {
    pub source: Source,
    pub lists: Vec<Arc<RevocationList>>,
    pub last_attempt: Option<Time>,
    pub last_success: Option<Time>,
    /// What went wrong last, one line for each file.
    pub errors: Vec<(String, LoadError)>,
    /// Issuers named by lists that came and did not hold, with the reason.
    pub rejected: Vec<(Name, Arc<ListError>)>,
}

impl Held {
    /// Whether `list` may take the place of what is held: never an older one, nor one that cannot be used where one
    /// that can is in force.
    pub fn admits(&self, list: &RevocationList, now: Time) -> Result<Offer, LoadError> {
        if self.lists.iter().any(|there| there.sha256() == list.sha256()) {
            return Ok(Offer::Same);
        }
        if !is_begun(list, now) {
            return Err(LoadError::NotYetValid);
        }
        let usable: Vec<_> = self.lists.iter().filter(|there| there.unusable().is_none()).collect();
        if let Some(why) = list.unusable()
            && !usable.is_empty()
        {
            return Err(LoadError::Unusable(why.clone()));
        }
        // A list that answers nothing, such as a delta that came once by mistake, bars nothing.
        let older = usable.iter().any(|there| there.same_scope(list) && !list.is_newer_than(there));
        if older { Err(LoadError::Older) } else { Ok(Offer::Installed) }
    }

    /// Puts a list that was admitted in force. It takes the place of what is about the same certificates, of what
    /// answers nothing and of what has lapsed; a list of another key or scope stays in force. If it did not, whoever
    /// controls the line could first replace a list by some other list of a known authority and then bring an older one
    /// of the first.
    pub fn install(&mut self, list: Arc<RevocationList>, now: Time) {
        self.lists.retain(|there| there.unusable().is_none() && !there.same_scope(&list) && !there.is_stale(now));
        self.lists.push(list);
    }

    /// Of several stored copies those that have lapsed count only while there is no other: they are of keys that are
    /// not in use any more.
    pub fn leave_lapsed(&mut self, now: Time) {
        if self.lists.iter().any(|list| !list.is_stale(now)) {
            self.lists.retain(|list| !list.is_stale(now));
        }
    }

    /// Takes over what was read again from a path. A list the operator removed is gone; one that was replaced by
    /// an older one stays.
    pub fn replace_with(&mut self, mut fresh: Self, now: Time) {
        fresh.lists.retain(|list| {
            let rolled_back = self
                .lists
                .iter()
                .any(|there| there.source() == list.source() && there.same_scope(list) && there.is_newer_than(list));
            if rolled_back {
                fresh.errors.push((list.source().to_string(), LoadError::Older));
            }
            !rolled_back
        });
        for there in &self.lists {
            let failed = fresh.errors.iter().any(|(name, _)| *name == there.source().to_string());
            // Of a file with several lists one may have been read.
            if failed && !fresh.lists.iter().any(|list| list.sha256() == there.sha256()) {
                fresh.lists.push(Arc::clone(there));
            }
        }
        fresh.last_success = if fresh.errors.is_empty() { Some(now) } else { self.last_success };
        *self = fresh;
    }

    pub fn status(&self, now: Time) -> Vec<ListStatus> {
        let mut rows: Vec<ListStatus> = Vec::new();
        for list in &self.lists {
            // A file of a folder is named by itself; an address by the source it is a mirror of.
            let name = list.source().to_string();
            rows.push(ListStatus::of(list, name, now));
        }
        for (name, error) in &self.errors {
            let text = error.to_string();
            match rows.iter_mut().find(|row| row.source == *name) {
                Some(row) => {
                    row.error = Some(text);
                    row.cause = Some(error.cause());
                }
                None if self.lists.is_empty() || matches!(self.source.origin(), Origin::Path(_)) => {
                    let cause = Some(error.cause());
                    rows.push(ListStatus { error: Some(text), cause, ..ListStatus::missing(name.clone()) });
                }
                None => {}
            }
        }
        if rows.is_empty() {
            rows.push(ListStatus::missing(self.source.to_string()));
        }
        for row in &mut rows {
            row.delta |= self.source.is_delta();
            row.last_attempt = self.last_attempt;
            row.last_success = self.last_success;
        }
        rows
    }
}
