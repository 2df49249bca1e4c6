//! A list whose issuer is not known yet, kept for those who may come.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::RevocationList;
use super::parsed::{ParsedList, Rejected};
use crate::revocation::error::ListError;
use crate::revocation::source::Source;
use crate::revocation::vouched::{KeyHash, may_sign_lists};
use crate::x509::{Certificate, Name};

/// Keys that a list was tried with which are remembered. An authority has a few; whoever brings more of them pays for
/// each with a line or a document of his own.
const MAX_TRIED: usize = 256;

/// A list that nobody known has issued. What becomes of it with one key is found out once, however often that comes.
pub struct OpenList {
    list: ParsedList,
    error: ListError,
    tried: Mutex<HashMap<KeyHash, Result<Arc<RevocationList>, ListError>>>,
    is_claimed: AtomicBool,
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
        Self { list, error, tried: Mutex::default(), is_claimed: AtomicBool::new(false) }
    }

    /// Octets of it that are held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.list.as_der().len()
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

    /// The list under every key of `issuers` that has signed it, of the first eight that bear its issuer's name. For some
    /// algorithms anybody can make a key that an existing signature holds under, so the first of several may be a
    /// stranger's, who would hide the list behind it.
    ///
    /// # Errors
    ///
    /// [`ListError::IssuerUnknown`] when none bears its issuer's name, else the reason of the last one that does.
    pub fn verified_with<'a>(
        &self,
        issuers: impl IntoIterator<Item = &'a Certificate>,
    ) -> Result<Vec<Arc<RevocationList>>, ListError> {
        let (mut verified, mut last) = (Vec::new(), ListError::IssuerUnknown);
        let mut asked: Vec<KeyHash> = Vec::new();
        for issuer in issuers.into_iter().filter(|issuer| issuer.subject() == self.issuer()) {
            let key = issuer.public_key().ok().filter(|_| may_sign_lists(issuer)).map(|key| *key.spki_sha256());
            if key.is_some_and(|key| asked.contains(&key) || asked.len() == ParsedList::MAX_ISSUERS) {
                continue;
            }
            asked.extend(key);
            match self.tried_with(issuer, key) {
                Ok(list) => verified.push(list),
                Err(error) => last = error,
            }
        }
        if verified.is_empty() { Err(last) } else { Ok(verified) }
    }

    /// Whether some key was found that has signed it.
    #[must_use]
    pub fn is_claimed(&self) -> bool {
        self.is_claimed.load(Ordering::Relaxed)
    }

    fn tried_with(&self, issuer: &Certificate, key: Option<KeyHash>) -> Result<Arc<RevocationList>, ListError> {
        let Some(key) = key else { return self.list.verified_copy(issuer).map(Arc::new) };
        let known = self.tried.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return known;
        }
        // Outside of the lock: a large list takes a while.
        let found = self.list.verified_copy(issuer).map(Arc::new);
        if found.is_ok() {
            self.is_claimed.store(true, Ordering::Relaxed);
        }
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.len() < MAX_TRIED {
            tried.insert(key, found.clone());
        }
        found
    }
}
