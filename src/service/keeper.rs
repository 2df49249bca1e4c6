//! The journal of a running service: opened at start, and again by itself when it could not be.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Time;
use crate::journal::{
    Answer, AnswerKey, Entry, Journal, JournalError, Later, Options, Receipt, Record, SqliteJournal, Waiting, Wanted,
};

/// Time between two attempts to open a journal.
const PAUSE: Duration = Duration::from_secs(2);

/// Opens a journal when it can, and keeps it.
pub struct Keeper {
    options: Options,
    opened: arc_swap::ArcSwapOption<SqliteJournal>,
    failed: Mutex<Option<(Instant, JournalError)>>,
    opening: tokio::sync::Mutex<()>,
    closed: AtomicBool,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("open", &self.opened.load().is_some()).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Opens the journal now, or later if it does not open.
    pub async fn open(options: Options) -> Arc<Self> {
        let keeper = Arc::new(Self {
            options,
            opened: arc_swap::ArcSwapOption::empty(),
            failed: Mutex::new(None),
            opening: tokio::sync::Mutex::new(()),
            closed: AtomicBool::new(false),
        });
        // What is wrong was logged, and is told to whoever needs the journal.
        let _ = keeper.journal().await;
        keeper
    }

    /// Why it is not open.
    #[must_use]
    pub fn fault(&self) -> Option<JournalError> {
        match &*self.opened.load() {
            Some(journal) => journal.fault(),
            None => self.failed.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(_, why)| why.clone()),
        }
    }

    /// Writes what waits, signs a last checkpoint and closes the files.
    pub async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        if let Some(journal) = self.opened.load_full() {
            journal.close().await;
        }
    }

    /// The journal that is open, unless its writer ended by a defect: then it is opened anew.
    fn at_hand(&self) -> Option<Arc<SqliteJournal>> {
        let closed = self.closed.load(Ordering::Acquire);
        self.opened.load_full().filter(|journal| closed || journal.is_open() || journal.fault().is_some())
    }

    async fn journal(&self) -> Result<Arc<SqliteJournal>, JournalError> {
        if let Some(journal) = self.at_hand() {
            return Ok(journal);
        }
        let _turn = self.opening.lock().await;
        if let Some(journal) = self.at_hand() {
            return Ok(journal);
        }
        // The lock of one whose writer is gone has to be given back first.
        self.opened.store(None);
        if let Some(why) = self.recent() {
            return Err(why);
        }
        match SqliteJournal::open(self.options.clone()).await {
            Ok(journal) => {
                let journal = Arc::new(journal);
                self.opened.store(Some(Arc::clone(&journal)));
                Ok(journal)
            }
            Err(error) => {
                tracing::error!(%error, "the journal cannot be opened; nothing is signed until it can");
                let why = JournalError::Unavailable(error.to_string());
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                *failed = Some((Instant::now(), why.clone()));
                Err(why)
            }
        }
    }

    /// The outcome of an attempt of a moment ago.
    fn recent(&self) -> Option<JournalError> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE).map(|(_, why)| why.clone())
    }
}

impl Journal for Keeper {
    fn append(&self, record: Record) -> Later<'_, Receipt> {
        Box::pin(async move { self.journal().await?.append(record).await })
    }

    fn append_soon(&self, record: Record) -> Result<(), JournalError> {
        match &*self.opened.load() {
            Some(journal) => journal.append_soon(record),
            None => Err(JournalError::Unavailable("it is not open".to_owned())),
        }
    }

    fn is_open(&self) -> bool {
        self.opened.load().as_ref().is_some_and(|journal| journal.is_open())
    }

    fn head(&self) -> Later<'_, Option<Receipt>> {
        Box::pin(async move { self.journal().await?.head().await })
    }

    fn entry(&self, sequence: u64) -> Later<'_, Option<Entry>> {
        Box::pin(async move { self.journal().await?.entry(sequence).await })
    }

    fn entries(&self, wanted: Wanted) -> Later<'_, Vec<Entry>> {
        Box::pin(async move { self.journal().await?.entries(wanted).await })
    }

    fn answer(&self, key: AnswerKey) -> Later<'_, Option<(Answer, Receipt)>> {
        Box::pin(async move { self.journal().await?.answer(key).await })
    }

    fn waiting(&self, now: Time) -> Later<'_, Vec<Waiting>> {
        Box::pin(async move { self.journal().await?.waiting(now).await })
    }
}
