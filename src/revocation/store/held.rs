//! One configured source with what it holds, and what may take its place.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::before::{self, is_before, may_replace, supersedes};
use super::copies::Copies;
use super::mirrors::Mirrors;
use super::{LoadError, Offer};
use crate::clock::Time;
use crate::revocation::error::{ListError, Unusable};
use crate::revocation::list::RevocationList;
use crate::revocation::snapshot::is_begun;
use crate::revocation::source::{Origin, Source};
use crate::revocation::status::ListStatus;
use crate::x509::Name;

/// Most lists of one issuer that are kept of a source after they have lapsed and others have taken over, the newest: an
/// authority changes its key in some years. Of each issuer, so that what an address brings of other authorities makes nobody
/// forget the list of its own.
const MAX_RETIRED: usize = 8;

#[derive(Debug)]
pub(super) struct Held {
    pub source: Source,
    pub lists: Vec<Arc<RevocationList>>,
    /// Lists that lapsed and made room for lists about other certificates. What they name stays revoked, and no older one
    /// comes back. After a while nothing waits for a newer one any more, and no operator is told of them.
    pub retired: Vec<Arc<RevocationList>>,
    /// What is stored of them, and of others that are not held any more.
    pub copies: Copies,
    pub last_attempt: Option<Time>,
    pub last_success: Option<Time>,
    /// What went wrong last, one line for each file.
    pub errors: Vec<(String, LoadError)>,
    /// Issuers named by lists that came and did not hold, with the reason.
    pub rejected: Vec<(Name, Arc<ListError>)>,
    /// What the mirrors of an address said.
    pub mirrors: Mirrors,
    /// The copies of another process that were looked at last.
    pub seen: Vec<CopyStamp>,
    /// Whether it was told that there are too many lists.
    pub crowded: bool,
}

/// Path, time of writing and octets of a stored copy.
pub(super) type CopyStamp = (PathBuf, SystemTime, u64);

impl Held {
    /// Holding nothing yet.
    pub fn new(source: Source) -> Self {
        Self {
            lists: Vec::new(),
            retired: Vec::new(),
            copies: Copies::default(),
            last_attempt: None,
            last_success: None,
            errors: Vec::new(),
            rejected: Vec::new(),
            mirrors: Mirrors::of(&source),
            seen: Vec::new(),
            crowded: false,
            source,
        }
    }

    /// Whether a list does the work of this source.
    pub fn serves(&self, list: &RevocationList) -> bool {
        list.unusable().is_none() && !self.is_misplaced(list)
    }

    /// Whether whom a list names is revoked, be it by a delta without its numbers, which does nothing else.
    fn counts(&self, list: &RevocationList) -> bool {
        list.may_revoke() && !self.is_misplaced(list)
    }

    /// The newest list, whatever it is about.
    pub fn newest(&self) -> Option<&Arc<RevocationList>> {
        self.lists.iter().max_by_key(|list| list.this_update())
    }

    /// An attempt that brought a list that holds, or word that the one at hand does.
    pub fn succeeded(&mut self, now: Time) {
        self.last_attempt = Some(now);
        self.last_success = Some(now);
        self.mirrors.failures = 0;
        self.errors.clear();
    }

    /// Whether `list` may take the place of what is held: never an older one, nor one that has lapsed where one that
    /// has not is in force, nor one that cannot be used where one that can is. Of two that have lapsed the newer counts:
    /// it can only know of more revocations, and neither makes anything good.
    pub fn admits(&self, list: &RevocationList, now: Time) -> Result<Offer, LoadError> {
        if self.lists.iter().any(|there| there.sha256() == list.sha256()) {
            return if list.is_stale(now) { Err(LoadError::Lapsed) } else { Ok(Offer::Same) };
        }
        if list.is_stale(now) && self.retired.iter().any(|there| there.sha256() == list.sha256()) {
            return Err(LoadError::Lapsed);
        }
        if !is_begun(list, now) {
            return Err(LoadError::NotYetValid);
        }
        let serving: Vec<_> = self.lists.iter().filter(|there| self.serves(there)).collect();
        let misplaced = self.is_misplaced(list).then_some(&Unusable::Delta);
        if let Some(why) = list.unusable().or(misplaced)
            && !serving.is_empty()
            && !self.adds_to(&serving, list)
        {
            return Err(LoadError::Unusable(why.clone()));
        }
        // A list that answers nothing, such as a delta that came once by mistake, bars nothing but its like.
        let retired = self.retired.iter().filter(|there| self.serves(there));
        let rivals: Vec<_> = serving.into_iter().chain(retired).filter(|there| there.same_scope(list)).collect();
        if rivals.iter().any(|there| !list.is_newer_than(there)) || self.is_behind_its_like(list) {
            return Err(LoadError::Older);
        }
        if self.is_full(list, now) {
            return Err(LoadError::TooMany);
        }
        let downgrade = list.is_stale(now) && rivals.iter().any(|there| !there.is_stale(now));
        if downgrade { Err(LoadError::Lapsed) } else { Ok(Offer::Installed) }
    }

    /// Puts a list that was admitted in force. It takes the place of what is about the same certificates, by the same
    /// algorithm, and of what says nothing; a list of another key, scope or algorithm stays in force, or retires when it
    /// has lapsed, be it a delta without its numbers. If it did not, whoever controls the line could first replace a list by
    /// some other list of a known authority and then bring an older one of the first, or make «lapsed» look like «there never
    /// was one».
    ///
    /// Of deltas those stay too that say what the new one need not say ([`before`]).
    pub fn install(&mut self, list: Arc<RevocationList>, now: Time) {
        let before = self.deltas_before(&list);
        let mut lists = std::mem::take(&mut self.lists);
        let stays = |there: &Arc<RevocationList>| before.iter().any(|before| before.sha256() == there.sha256());
        lists.retain(|there| self.counts(there) && !may_replace(&list, there) && !stays(there));
        self.retired.retain(|there| !may_replace(&list, there) && !stays(there));
        lists.extend(before);
        lists.push(list);
        self.lists = lists;
        self.leave_lapsed(now);
        self.keep_to_limit(now);
    }

    /// Takes over what another process has stored, under the rules for what is fetched; whether anything was news. A delta
    /// that stays beside a newer one does so whichever of them came first.
    pub fn adopt(&mut self, stored: impl IntoIterator<Item = Arc<RevocationList>>, now: Time) -> bool {
        let mut adopted = false;
        // An older one of another algorithm would not be admitted after a newer one.
        let mut stored: Vec<_> = stored.into_iter().collect();
        stored.sort_by_key(|list| list.this_update());
        let mut left = Vec::new();
        for list in stored {
            if matches!(self.admits(&list, now), Ok(Offer::Installed)) {
                self.install(list, now);
                adopted = true;
            } else {
                left.push(list);
            }
        }
        for list in left {
            let is_told = self.all().any(|there| there.sha256() == list.sha256() || supersedes(there, &list));
            if !is_told && is_begun(&list, now) && self.stays_beside_newer(&list) {
                self.lists.push(list);
                adopted = true;
            }
        }
        self.drop_superfluous();
        if adopted {
            self.succeeded(now);
            self.rejected.clear();
        }
        adopted
    }

    /// Whether it is a delta without its numbers that is later than those that have them: it revokes, and nothing else.
    fn adds_to(&self, serving: &[&Arc<RevocationList>], list: &RevocationList) -> bool {
        let mut rivals = serving.iter().filter(|there| there.same_scope(list));
        list.lacks_numbers() && !self.is_misplaced(list) && rivals.all(|there| list.this_update() > there.this_update())
    }

    /// Whether it is a delta without its numbers, and a later one is here.
    fn is_behind_its_like(&self, list: &RevocationList) -> bool {
        let all = self.lists.iter().chain(&self.retired);
        let mut its_like = all.filter(|there| there.lacks_numbers() && there.same_scope(list));
        list.lacks_numbers() && its_like.any(|there| there.this_update() > list.this_update())
    }

    /// Whether it is a delta that an address of full lists has brought: it may be there alone, and goes when the full
    /// list comes.
    fn is_misplaced(&self, list: &RevocationList) -> bool {
        list.is_delta() && !self.source.is_delta() && matches!(self.source.origin(), Origin::Urls(_))
    }

    /// Of several lists those that have lapsed retire beside one that has not: they are of keys that are not in use any
    /// more. Deltas that stay beside a newer one do so whether they have lapsed or not.
    pub fn leave_lapsed(&mut self, now: Time) {
        if self.lists.iter().any(|list| !list.is_stale(now)) {
            let lapsed = |list: &RevocationList| list.is_stale(now) && !self.stays_beside_newer(list);
            let (lapsed, lists): (Vec<_>, Vec<_>) = self.lists.iter().cloned().partition(|list| lapsed(list));
            let lapsed: Vec<_> = lapsed.into_iter().filter(|list| self.counts(list)).collect();
            self.lists = lists;
            self.retired.extend(lapsed);
        }
        let is_followed = |old: &RevocationList| self.lists.iter().any(|list| supersedes(list, old));
        let mut retired: Vec<_> = self.retired.iter().filter(|old| !is_followed(old)).cloned().collect();
        retired.sort_by_key(|old| Reverse(old.this_update()));
        let mut of_issuer: HashMap<(Name, bool), usize> = HashMap::new();
        retired.retain(|old| {
            let count = of_issuer.entry((old.issuer().clone(), old.lacks_numbers())).or_default();
            *count += 1;
            *count <= MAX_RETIRED
        });
        self.retired = retired;
    }

    /// Takes over what was read again from a path. A list the operator removed is gone; one that was replaced by
    /// an older one stays, and so does a delta that says what the one in its place need not say, until the next start.
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
        let is_needed = |there: &&Arc<RevocationList>| {
            let in_its_place = || fresh.lists.iter().filter(|list| list.source() == there.source());
            in_its_place().any(|list| is_before(there, list))
                && !in_its_place().any(|list| list.sha256() == there.sha256() || supersedes(list, there))
        };
        let needed = before::newest(self.lists.iter().filter(is_needed));
        fresh.lists.extend(needed);
        fresh.last_success = if fresh.errors.is_empty() { Some(now) } else { self.last_success };
        *self = fresh;
    }

    pub fn status(&self, now: Time) -> Vec<ListStatus> {
        let mut rows: Vec<ListStatus> = Vec::new();
        for list in self.lists.iter().chain(self.awaited_retired(now)) {
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
            row.fetch = matches!(self.source.origin(), Origin::Urls(_))
                .then(|| self.mirrors.status(&self.source, self.storage_error()));
        }
        rows
    }
}
