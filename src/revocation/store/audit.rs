//! Lists that were opened from their index files, verified again once the service answers.
//!
//! Opening an index costs milliseconds because it believes the data directory. The audit does what the start left out:
//! it reads each list, verifies its signature and builds its index again, which is the same for the same list, octet by
//! octet. What does not hold is not answered from any more. That a file cannot be read just now proves nothing: it is tried
//! again.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::held::Held;
use super::{LoadError, Store};
use crate::clock::Time;
use crate::revocation::error::ListError;
use crate::revocation::list::{Accepted, ListFile, ParsedList, RevocationList};
use crate::revocation::source::Source;

/// A list that was opened and not verified since.
#[derive(Debug)]
pub(super) struct Unaudited {
    /// The configured source.
    pub source: Source,
    /// The file that holds the list itself.
    pub file: PathBuf,
    pub index: PathBuf,
    pub list: Arc<RevocationList>,
}

/// What an audit found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// Lists whose signature and index hold.
    pub sound: usize,
    /// Lists that are answered from anew, because the index was not that of the list.
    pub rebuilt: usize,
    /// Lists that are not answered from any more, because the list itself does not hold.
    pub dropped: usize,
}

/// What is in the place of a list that does not hold.
type Instead = Result<Accepted, LoadError>;

impl Store {
    /// Verifies the lists that were opened from index files since the last audit: the stored list's signature, and that
    /// the index is the one of that list. One that differs is built anew, a list that does not verify is dropped. Takes
    /// as long as reading those lists does; not for the async threads.
    pub fn audit(&self, now: Time) -> Audit {
        let waiting = std::mem::take(&mut *self.unaudited());
        let mut found = Audit::default();
        for unaudited in waiting {
            match self.examine(&unaudited) {
                None => found.sound += 1,
                Some(Err(LoadError::Io(error))) if error.kind() != io::ErrorKind::FileTooLarge => {
                    tracing::warn!(source = %unaudited.source, %error, "a stored list cannot be verified now");
                    self.unaudited().push(unaudited);
                }
                Some(instead) => {
                    let error = instead.as_ref().err().map(ToString::to_string);
                    tracing::error!(source = %unaudited.source, error, "a stored list or its index does not hold");
                    found.rebuilt += usize::from(instead.is_ok());
                    found.dropped += usize::from(instead.is_err());
                    self.replace_opened(&unaudited, instead, now);
                }
            }
        }
        found
    }

    pub(super) fn unaudited(&self) -> MutexGuard<'_, Vec<Unaudited>> {
        self.unaudited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` when it is what it was taken for.
    fn examine(&self, unaudited: &Unaudited) -> Option<Instead> {
        // What was replaced meanwhile is not answered from.
        let is_held = |held: &Held| held.all().any(|list| Arc::ptr_eq(list, &unaudited.list));
        if !self.lock().iter().any(is_held) {
            return None;
        }
        let read = self.read_again(unaudited);
        (!is_same(unaudited, &read)).then_some(read)
    }

    fn read_again(&self, unaudited: &Unaudited) -> Instead {
        let source = unaudited.list.source().clone();
        ListFile::read(&unaudited.file, self.max_bytes).map_err(LoadError::from).and_then(|file| {
            let mut lists = ParsedList::accept_all(file.bytes, &source, self.max_bytes, &self.issuers)?;
            match (lists.pop(), lists.len()) {
                (Some(Ok(accepted)), 0) => Ok(accepted),
                (Some(Err(failed)), 0) => Err(failed.1.into()),
                _ => Err(ListError::Structure("it is not one list any more").into()),
            }
        })
    }

    fn replace_opened(&self, unaudited: &Unaudited, instead: Instead, now: Time) {
        let _turn = self.installing.lock().unwrap_or_else(PoisonError::into_inner);
        let name = unaudited.list.source().to_string();
        let instead = match instead {
            Ok(accepted) => Ok(Arc::new(self.with_stored_index(&unaudited.index, accepted))),
            Err(error) => {
                // If it stays, the next audit finds it again.
                let _ = std::fs::remove_file(&unaudited.index);
                Err(error)
            }
        };
        let mut sources = self.lock();
        let Some(held) = sources.iter_mut().find(|held| held.source == unaudited.source) else { return };
        let is_opened = |list: &Arc<RevocationList>| Arc::ptr_eq(list, &unaudited.list);
        // A newer one that came meanwhile has taken its place already.
        let (was_held, had_retired) = (held.lists.iter().any(is_opened), held.retired.iter().any(is_opened));
        held.lists.retain(|list| !is_opened(list));
        held.retired.retain(|list| !is_opened(list));
        held.copies.forget(&unaudited.file);
        match instead {
            Ok(list) => {
                if held.keeps_copies() {
                    held.copies.add(unaudited.file.clone(), Arc::clone(&list));
                }
                held.retired.extend(had_retired.then(|| Arc::clone(&list)));
                held.lists.extend(was_held.then_some(list));
            }
            Err(error) => {
                if held.keeps_copies() && matches!(error, LoadError::List(_)) {
                    held.copies.broken.push(unaudited.file.clone());
                }
                held.errors.push((name, error));
            }
        }
        self.publish(&mut sources, now);
    }
}

fn is_same(unaudited: &Unaudited, read: &Instead) -> bool {
    read.as_ref().is_ok_and(|(list, _)| {
        list.sha256() == unaudited.list.sha256()
            && list.issuer_key() == unaudited.list.issuer_key()
            && list.says_the_same(&unaudited.list)
    })
}
