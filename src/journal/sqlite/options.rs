//! What the journal wants to be told, and why it does not open.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::super::canonical::Identities;
use super::super::checkpoint::Stamper;
use crate::clock::Clock;

/// How a journal is kept.
#[derive(Clone)]
pub struct Options {
    /// Where: a folder of its own.
    pub folder: PathBuf,
    /// For checkpoints, retention and the age of answers.
    pub clock: Arc<dyn Clock>,
    /// How identity numbers are written.
    pub identities: Identities,
    /// Seconds for which answers are kept: a retry that comes later is another request.
    pub answers_kept: u64,
    /// Largest answer in octets.
    pub max_answer: usize,
    /// Entries after which a checkpoint is signed.
    pub checkpoint_entries: u64,
    /// Time after which a checkpoint is signed if there are new entries.
    pub checkpoint_after: Duration,
    /// Who puts timestamps on checkpoints.
    pub stamper: Option<Arc<dyn Stamper>>,
    /// How long an entry that need not be durable at once waits for company.
    pub linger: Duration,
    /// How long to wait for a database that another program has locked.
    pub busy: Duration,
    /// Up to how many entries are verified before the journal opens; of a longer one, those behind the last checkpoint are, and
    /// all of them in the background.
    pub verify_at_once: u64,
    /// The version of the code, in every entry.
    pub version: String,
}

impl Options {
    /// The journal of a folder, with what is usual: answers for 90 days, a checkpoint after 1,000 entries or five minutes.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> Self {
        Self {
            folder: folder.into(),
            clock,
            identities: Identities::Keyed,
            answers_kept: 90 * 86_400,
            max_answer: 64 << 20,
            checkpoint_entries: 1000,
            checkpoint_after: Duration::from_secs(300),
            stamper: None,
            linger: Duration::from_millis(50),
            busy: Duration::from_secs(5),
            // A tenth of a second.
            verify_at_once: 20_000,
            version: format!("rastau {}", crate::VERSION),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Why a journal does not open.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A file or folder cannot be made or read.
    #[error("{}: {problem}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        problem: String,
    },
    /// Another process writes it.
    #[error(
        "{}: the journal is open in another process{}; end it first", path.display(),
        holder.map(|holder| format!(", number {holder}")).unwrap_or_default()
    )]
    InUse {
        /// The lock.
        path: PathBuf,
        /// Process id of the other, if it told.
        holder: Option<u32>,
    },
    /// A key is missing, unreadable, or another.
    #[error("{}: {problem}; restore the keys of this journal from a backup, or begin a journal in another folder", path.display())]
    Key {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The file was written by a newer program.
    #[error("{}: written by a newer version of this program (schema {version})", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        version: i64,
    },
    /// The database cannot be opened.
    #[error("{}: {problem}", path.display())]
    Storage {
        /// The database.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
}
