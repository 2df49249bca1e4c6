//! A list whose issuer is not known yet, kept for those who may come.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::RevocationList;
use super::parsed::{ParsedList, Rejected};
use crate::revocation::error::ListError;
use crate::revocation::source::Source;
use crate::revocation::vouched::{KeyHash, may_sign_lists};
use crate::x509::{Certificate, Name};

/// Keys that a list was tried with which are remembered. An authority has a few; whoever brings more of them pays for
/// each with a line of his own.
const MAX_TRIED: usize = 256;

/// A list that nobody known has issued. What becomes of it with one key is found out once, however often that comes.
pub struct OpenList {
    list: ParsedList,
    error: ListError,
    tried: Mutex<HashMap<KeyHash, Result<Arc<RevocationList>, ListError>>>,
}

impl fmt::Debug for OpenList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenList").field("list", &self.list).finish_non_exhaustive()
    }
}

impl OpenList {
    /// A list that was tried with the authorities that are known, and what came of it.
    #[must_use]
    pub fn new(rejected: Rejected) -> Self {
        let (list, error) = *rejected;
        Self { list, error, tried: Mutex::default() }
    }

    /// Its issuer.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        self.list.issuer()
    }

    /// Where it came from.
    #[must_use]
    pub fn source(&self) -> &Source {
        self.list.source()
    }

    /// Why none of the authorities that are known has issued it.
    #[must_use]
    pub fn error(&self) -> &ListError {
        &self.error
    }

    /// The list, verified with whichever of `issuers` it is.
    ///
    /// # Errors
    ///
    /// [`ListError::IssuerUnknown`] when none bears its issuer's name, else the reason of the last one that does.
    pub fn verified_with_any(&self, issuers: &[Certificate]) -> Result<Arc<RevocationList>, ListError> {
        let named = |issuer: &&Certificate| issuer.subject() == self.issuer();
        let key = |issuer: &Certificate| {
            issuer.public_key().ok().filter(|_| may_sign_lists(issuer)).map(|key| *key.spki_sha256())
        };
        let mut last = ListError::IssuerUnknown;
        let mut asked: Vec<KeyHash> = Vec::new();
        for issuer in issuers.iter().filter(named) {
            let key = key(issuer);
            if key.is_some_and(|key| asked.contains(&key)) {
                continue;
            }
            if key.is_some() && asked.len() == ParsedList::MAX_ISSUERS {
                break;
            }
            asked.extend(key);
            match self.tried_with(issuer, key) {
                Ok(list) => return Ok(list),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn tried_with(&self, issuer: &Certificate, key: Option<KeyHash>) -> Result<Arc<RevocationList>, ListError> {
        let Some(key) = key else { return self.list.verified_copy(issuer).map(Arc::new) };
        let known = self.tried.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return known;
        }
        // Outside of the lock: a large list takes a while.
        let found = self.list.verified_copy(issuer).map(Arc::new);
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.len() < MAX_TRIED || found.is_ok() {
            tried.insert(key, found.clone());
        }
        found
    }
}
