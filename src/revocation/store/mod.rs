//! The lists in force: which source has which, and the snapshot that answers.
//!
//! Readers take the snapshot without waiting; whoever changes a source builds a new one and swaps it in. The
//! generation counts the swaps, so that a cache of answers knows when it is out of date.

mod audit;
mod awaited;
mod before;
mod copies;
mod fetching;
mod held;
mod load;
mod mirrors;
mod remembered;
mod saving;
mod writer;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

pub use self::audit::Audit;
use self::audit::Unaudited;
pub use self::fetching::AddSourceError;
use self::held::Held;
pub(super) use self::mirrors::Question;
pub use self::mirrors::{FetchStatus, MirrorStatus};
use self::writer::Writer;
use super::cause::{Outcomes, Tally};
use super::disk::Disk;
use super::error::ListError;
use super::list::{MAX_LIST_BYTES, ParsedList, Refused, RevocationList};
use super::snapshot::Snapshot;
use super::source::{Origin, Source};
use super::status::ListStatus;
use super::vouched::Vouched;
use crate::clock::Time;
use crate::x509::Certificate;

/// All configured sources with what they hold.
#[derive(Debug)]
pub struct Store {
    snapshot: ArcSwap<Snapshot>,
    generation: AtomicU64,
    tally: Tally,
    sources: Mutex<Vec<Held>>,
    /// Held by whoever weighs, stores and installs a list: of two that arrive together the older must not overwrite the
    /// stored copy of the newer.
    installing: Mutex<()>,
    /// Lists that were opened from index files and not verified since.
    unaudited: Mutex<Vec<Unaudited>>,
    issuers: Arc<[Certificate]>,
    vouched: Arc<Vouched>,
    disk: Option<Disk>,
    /// Of the disk.
    writer: Option<Writer>,
    max_bytes: usize,
}

/// Why a source has no list, or not a newer one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The network or the server.
    #[error("{0}")]
    Fetch(#[from] crate::fetch::FetchError),
    /// A file could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It has lapsed: it does not take the place of one that has not, and coming again it is no news.
    #[error("the list has lapsed")]
    Lapsed,
    /// Not a list, or not its issuer's.
    #[error("{0}")]
    List(#[from] ListError),
    /// The server says that nothing has changed, about a list that is not at hand any more.
    #[error("the server says that nothing has changed, and what it means is not at hand")]
    NothingAtHand,
    /// Its thisUpdate lies ahead of the clock.
    #[error("the list is dated ahead of the clock")]
    NotYetValid,
    /// Older than the list in force, which stays.
    #[error("the list is older than the one in force")]
    Older,
    /// The work on it ended before it was done: a shutdown, or a fault of the program.
    #[error("the work on the list was cut short")]
    Stopped,
    /// The source has as many lists in force as it may, and none is about the same certificates.
    #[error("the address has brought too many different lists already")]
    TooMany,
    /// It is a list that is not supported, while one that is is in force.
    #[error("the list cannot be used: {0}")]
    Unusable(super::error::Unusable),
}

/// What became of a list that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It is in force now.
    Installed,
    /// It is the one in force already.
    Same,
}

/// A list that was offered and not refused.
#[derive(Clone, Debug)]
struct Taken {
    offer: Offer,
    /// Whether it has lapsed.
    lapsed: bool,
    /// Its SHA-256, hexadecimal.
    sha256: Arc<str>,
}

/// What a store needs to know.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Certificates whose lists are believed.
    pub issuers: Arc<[Certificate]>,
    /// Paths of authorities, for their lists about certificates that another key or another authority signed.
    pub vouched: Arc<Vouched>,
    /// Where fetched lists are kept between runs; `None` keeps none.
    pub disk: Option<Disk>,
    /// Largest list in octets.
    pub max_bytes: usize,
}

impl StoreOptions {
    /// Believes lists of `issuers`, keeps nothing on disk, default limits.
    #[must_use]
    pub fn new(issuers: impl Into<Arc<[Certificate]>>) -> Self {
        Self { issuers: issuers.into(), vouched: Arc::default(), disk: None, max_bytes: MAX_LIST_BYTES }
    }

    /// Keeps fetched lists below the data directory.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created.
    pub fn with_data(self, data: &Path) -> io::Result<Self> {
        Ok(Self { disk: Some(Disk::open(data)?), ..self })
    }
}

impl Store {
    /// Opens the index files of the data directory, and reads the lists that have none: the files and folders among
    /// `sources`, and for addresses the copies stored last time. What cannot be read is remembered as that source's
    /// error; nothing is fetched. Copies that nobody needs go. What was opened is to be verified by [`Store::audit`].
    #[must_use]
    pub fn load(sources: Vec<Source>, options: StoreOptions, now: Time) -> Self {
        let writer = options.disk.as_ref().map(|disk| Writer::of(disk.folder()));
        let store = Self {
            snapshot: ArcSwap::default(),
            generation: AtomicU64::new(0),
            tally: Tally::default(),
            sources: Mutex::new(Vec::new()),
            installing: Mutex::new(()),
            unaudited: Mutex::new(Vec::new()),
            issuers: options.issuers,
            vouched: options.vouched,
            disk: options.disk,
            writer,
            max_bytes: options.max_bytes,
        };
        let held = sources.into_iter().map(|source| store.load_source(source, now)).collect();
        let mut sources = store.lock();
        *sources = held;
        store.publish(&mut sources, now);
        drop(sources);
        store.tidy();
        store
    }

    /// The lists in force.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Grows by one with every change of the snapshot.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The configured sources.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        self.lock().iter().map(|held| held.source.clone()).collect()
    }

    /// Largest list in octets.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// What an operator sees: one for each list, and one for each source without.
    #[must_use]
    pub fn status(&self, now: Time) -> Vec<ListStatus> {
        let mut rows: Vec<ListStatus> = self.lock().iter().flat_map(|held| held.status(now)).collect();
        let snapshot = self.snapshot();
        rows.iter_mut().for_each(|row| row.place_in(&snapshot, now));
        rows
    }

    /// Reads a file or a folder again; the lists that can be read there take the place of what it held.
    pub fn reload(&self, source: &Source, now: Time) {
        if matches!(source.origin(), Origin::Path(_)) {
            let fresh = self.load_source(source.clone(), now);
            let mut sources = self.lock();
            if let Some(held) = sources.iter_mut().find(|held| held.source == *source) {
                held.replace_with(fresh, now);
            }
            self.publish(&mut sources, now);
            drop(sources);
            self.audit(now);
        }
    }

    /// Offers a list that came from an address: it is read, verified with the issuers known, compared with the list in
    /// force, stored and put in force. Takes as long as reading a list does; not for the async threads.
    ///
    /// # Errors
    ///
    /// [`LoadError`]: the list in force stays. The caller records it with [`Store::record_failure`].
    pub fn offer(&self, source: &Source, bytes: Vec<u8>, now: Time) -> Result<Offer, LoadError> {
        self.take_offer(source, bytes, now).map(|taken| taken.offer)
    }

    /// [`Store::offer`], with what it was that came.
    fn take_offer(&self, source: &Source, bytes: Vec<u8>, now: Time) -> Result<Taken, LoadError> {
        let accepted = match ParsedList::accept(bytes, source.clone(), self.max_bytes, &self.issuers) {
            Ok(accepted) => accepted,
            Err(Refused::Rejected(failed)) => return Err(self.reject(source, *failed, now).into()),
            Err(Refused::Unreadable(error)) => return Err(error.into()),
        };
        let _turn = self.installing.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever wrote before may have stored a newer one.
        self.adopt(source, now);
        let offer = self.weigh(source, &accepted.0, now)?;
        let sha256 = Arc::clone(accepted.0.sha256_text());
        let lapsed = accepted.0.is_stale(now);
        let list = self.keep(source, offer, accepted);
        {
            let mut sources = self.lock();
            let Some(held) = sources.iter_mut().find(|held| held.source == *source) else {
                return Err(LoadError::Stopped);
            };
            held.succeeded(now);
            held.rejected.clear();
            if offer == Offer::Installed {
                held.install(list, now);
                self.publish(&mut sources, now);
            }
        }
        self.tidy();
        Ok(Taken { offer, lapsed, sha256 })
    }

    /// Counts an attempt that brought a list that holds.
    pub fn record_success(&self, source: &Source) {
        self.tally.count(source.to_string(), None);
    }

    /// How attempts came out since the start, by the names of the sources; addresses only.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<String, Outcomes> {
        self.tally.all()
    }

    /// Remembers why an attempt brought nothing.
    pub fn record_failure(&self, source: &Source, error: LoadError, now: Time) {
        self.tally.count(source.to_string(), Some(error.cause()));
        if let Some(held) = self.lock().iter_mut().find(|held| held.source == *source) {
            held.last_attempt = Some(now);
            held.mirrors.failures = held.mirrors.failures.saturating_add(1);
            held.errors = vec![(source.to_string(), error)];
        }
    }

    /// The newest list of this source.
    #[must_use]
    pub fn newest_of(&self, source: &Source) -> Option<Arc<RevocationList>> {
        let sources = self.lock();
        sources.iter().find(|held| held.source == *source)?.newest().cloned()
    }

    fn weigh(&self, source: &Source, list: &RevocationList, now: Time) -> Result<Offer, LoadError> {
        let sources = self.lock();
        sources.iter().find(|held| held.source == *source).ok_or(LoadError::Stopped)?.admits(list, now)
    }

    /// Remembers that a list which names this issuer came and did not hold, where there is none that does.
    fn reject(&self, source: &Source, failed: (ParsedList, ListError), now: Time) -> ListError {
        let (list, error) = failed;
        let mut sources = self.lock();
        if let Some(held) = sources.iter_mut().find(|held| held.source == *source && held.lists.is_empty()) {
            held.rejected = vec![(list.issuer().clone(), Arc::new(error.clone()))];
            self.publish(&mut sources, now);
        }
        error
    }

    fn publish(&self, sources: &mut [Held], now: Time) {
        before::forget_overtaken(sources, now);
        let lists = sources.iter().flat_map(|held| held.lists.iter().chain(&held.retired).cloned());
        let rejected = sources.iter().flat_map(|held| held.rejected.iter().cloned()).collect();
        let horizons = sources.iter().flat_map(Held::horizons).collect();
        let snapshot = Snapshot::assemble(lists, now).with_rejected(rejected).with_vouched(Arc::clone(&self.vouched));
        let snapshot = snapshot.with_horizons(horizons);
        self.snapshot.store(Arc::new(snapshot));
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// A panic while the lock was held leaves nothing half-done that matters: every change is one assignment.
    fn lock(&self) -> MutexGuard<'_, Vec<Held>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
