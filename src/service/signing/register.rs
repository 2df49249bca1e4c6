//! The register of officials, with their keys.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;

use crate::clock::Time;
use crate::licence::{Mismatch, Official};
use crate::signed::Signer;
use crate::subject::Subject;

/// Time between two attempts to open a key that was not there.
const PAUSE: Duration = Duration::from_secs(2);

/// Why a key is not open.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{detail}")]
pub struct NotOpened {
    /// In plain words, with the remedy; says no secret.
    pub detail: String,
    /// Whether it may come by itself: a token that is not plugged in.
    pub may_come: bool,
}

/// Opens a key: blocking.
pub type Open = dyn Fn() -> Result<Arc<dyn Signer>, NotOpened> + Send + Sync;

/// A key that is open: its certificate, and whom that names.
pub struct OpenKey {
    /// Signs.
    pub signer: Arc<dyn Signer>,
    /// Whom the certificate names.
    pub subject: Subject,
}

/// A key by its id, open or to be opened when it is there.
pub struct HeldKey {
    id: String,
    open: Box<Open>,
    opened: ArcSwapOption<OpenKey>,
    failed: Mutex<Option<(Instant, NotOpened)>>,
}

impl std::fmt::Debug for HeldKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeldKey").field("id", &self.id).field("open", &self.opened.load().is_some()).finish()
    }
}

impl HeldKey {
    /// A key that is opened when first wanted.
    #[must_use]
    pub fn new(id: &str, open: Box<Open>) -> Self {
        Self { id: id.to_owned(), open, opened: ArcSwapOption::empty(), failed: Mutex::new(None) }
    }

    /// The name that officials are given it by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key, if it is open already.
    #[must_use]
    pub fn opened(&self) -> Option<Arc<OpenKey>> {
        self.opened.load_full()
    }

    /// The key, opened now if it was not. Blocking.
    ///
    /// # Errors
    ///
    /// [`NotOpened`]; asked again within two seconds it gives the same answer without trying. What will not come by itself,
    /// a PIN that was refused above all, is never tried again.
    pub fn get(&self) -> Result<Arc<OpenKey>, NotOpened> {
        if let Some(opened) = self.opened() {
            return Ok(opened);
        }
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = self.opened() {
            return Ok(opened);
        }
        if let Some((at, why)) = failed.as_ref().filter(|(at, why)| !why.may_come || at.elapsed() < PAUSE) {
            tracing::debug!(key = self.id, seconds = at.elapsed().as_secs(), "the key is not tried again");
            return Err(why.clone());
        }
        match (self.open)() {
            Ok(signer) => {
                let subject = Subject::of(signer.certificate());
                let opened = Arc::new(OpenKey { signer, subject });
                self.opened.store(Some(Arc::clone(&opened)));
                *failed = None;
                Ok(opened)
            }
            Err(why) => {
                *failed = Some((Instant::now(), why.clone()));
                Err(why)
            }
        }
    }
}

/// An official with the keys.
#[derive(Debug)]
pub struct Entry {
    /// Who, and what may be signed.
    pub official: Official,
    /// The keys.
    pub keys: Vec<Arc<HeldKey>>,
    /// Whether the keys are the demo's, which are public.
    pub demo: bool,
}

impl Entry {
    /// The keys that are within their period at a moment, the newest first, then the others: of overlapping keys the one
    /// that came last signs. Blocking, because keys may have to be opened.
    ///
    /// # Errors
    ///
    /// [`NotOpened`] when not a single key is open.
    pub(super) fn candidates(&self, at: Time) -> Result<Vec<(Arc<HeldKey>, Arc<OpenKey>)>, NotOpened> {
        let mut open = Vec::new();
        let mut why = NotOpened { detail: "the official has no key".to_owned(), may_come: false };
        for key in &self.keys {
            match key.get() {
                Ok(opened) => open.push((Arc::clone(key), opened)),
                Err(error) => {
                    tracing::warn!(key = key.id(), %error, "a key of an official cannot be used");
                    why = error;
                }
            }
        }
        if open.is_empty() {
            return Err(why);
        }
        let validity = |key: &OpenKey| key.signer.certificate().validity();
        open.sort_by_key(|(_, key)| {
            let validity = validity(key);
            (!validity.contains(at), std::cmp::Reverse(validity.not_before))
        });
        Ok(open)
    }

    /// Whether a key is the official's.
    ///
    /// # Errors
    ///
    /// [`Mismatch`].
    pub(super) fn owns(&self, key: &OpenKey) -> Result<(), Mismatch> {
        self.official.identity.matches(&key.subject)
    }
}

/// The officials.
#[derive(Debug, Default)]
pub struct Register {
    entries: Vec<Arc<Entry>>,
}

impl Register {
    /// These officials, each id once.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries: entries.into_iter().map(Arc::new).collect() }
    }

    /// The official of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Entry>> {
        self.entries.iter().find(|entry| entry.official.id == id).cloned()
    }

    /// Every official.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn failing(may_come: bool) -> (HeldKey, Arc<AtomicUsize>) {
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        let open = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Err(NotOpened { detail: "wrong PIN".into(), may_come })
        };
        (HeldKey::new("k", Box::new(open)), tries)
    }

    #[test]
    fn a_pin_that_was_refused_is_never_tried_again() {
        let (key, tries) = failing(false);
        assert!(key.get().is_err());
        let long_ago = Instant::now().checked_sub(PAUSE * 100).unwrap();
        key.failed.lock().unwrap().as_mut().unwrap().0 = long_ago;
        assert!(key.get().is_err());
        assert_eq!(tries.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_token_that_is_away_is_tried_again_after_a_while() {
        let (key, tries) = failing(true);
        assert!(key.get().is_err() && key.get().is_err());
        assert_eq!(tries.load(Ordering::SeqCst), 1, "not at once");
        let long_ago = Instant::now().checked_sub(PAUSE * 2).unwrap();
        key.failed.lock().unwrap().as_mut().unwrap().0 = long_ago;
        assert!(key.get().is_err());
        assert_eq!(tries.load(Ordering::SeqCst), 2);
    }
}
