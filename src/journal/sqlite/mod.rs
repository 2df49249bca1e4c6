//! The journal in a SQLite database: one writer that commits what came together, readers beside it.
//!
//! In its folder, which only the owner reads: `journal.db`; `identity.key` and `checkpoint.key`, the journal's keys;
//! `checkpoint.pub` and `checkpoints.jsonl`, for whoever verifies; `journal.lock`.

mod appending;
mod audit;
pub(super) mod connect;
mod lock;
mod options;
mod read;
pub(super) mod schema;
mod signing;
pub(super) mod store;
#[cfg(test)]
mod tests;
mod writer;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use self::lock::Lock;
pub use self::options::{OpenError, Options};
pub use self::read::Reader;
pub use self::signing::FILE as CHECKPOINTS_FILE;
use self::writer::{Job, Writer};
use super::record::{Answer, AnswerKey, Record, Waiting};
use super::secrets::{self, Secrets};
use super::{Entry, Journal, JournalError, Later, Receipt, Wanted};
use crate::clock::Time;

/// The database in the folder.
pub const DATABASE_FILE: &str = "journal.db";
const LOCK: &str = "journal.lock";

/// Appends that wait for the writer; more wait before they are taken.
const QUEUE: usize = 4096;
/// Records that need not be durable at once and wait for company; more are refused.
const SOON_QUEUE: usize = 8192;
/// Connections that read. Requests for one entry are quick, and exports go page by page.
const READERS: u32 = 4;

/// A journal in SQLite.
pub struct SqliteJournal {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    soon: mpsc::Sender<Record>,
    readers: SqlitePool,
    ended: watch::Receiver<bool>,
    audit: Option<AbortHandle>,
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        if let Some(audit) = &self.audit {
            audit.abort();
        }
    }
}

/// What the writer tells everybody.
#[derive(Debug)]
struct Shared {
    options: Options,
    head: Mutex<Option<Receipt>>,
    fault: Mutex<Option<JournalError>>,
}

impl Shared {
    fn head(&self) -> Option<Receipt> {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_head(&self, head: Option<Receipt>) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
    }

    fn fault(&self) -> Option<JournalError> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first fault stays.
    fn set_fault(&self, fault: JournalError) {
        tracing::error!(%fault, "the journal does not verify; nothing is appended");
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
    }

    fn now(&self) -> Time {
        self.options.clock.now()
    }
}

impl std::fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteJournal").field("folder", &self.shared.options.folder).finish_non_exhaustive()
    }
}

impl SqliteJournal {
    /// Opens the journal of a folder, or starts one. Wants a tokio runtime, in which the writer then lives.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let folder = options.folder.clone();
        make_folder(&folder)?;
        let lock = Arc::new(Lock::take(&folder.join(LOCK))?);
        let path = folder.join(DATABASE_FILE);
        let new = make_database(&path)?;
        let storage = |error: sqlx::Error| OpenError::Storage { path: path.clone(), problem: connect::plain(&error) };
        let mut connection = connect::writing(&path, options.busy, &lock).connect().await.map_err(storage)?;
        let (head, secrets) = match begin(&mut connection, (&folder, &path), new).await {
            Ok(begun) => begun,
            Err(error) => {
                // Its lock goes with it: whoever tries again at once finds it free.
                let _ = connection.close().await;
                return Err(error);
            }
        };
        let readers =
            SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(connect::reading(&path, options.busy));
        let shared = Arc::new(Shared { options, head: Mutex::new(head), fault: Mutex::new(None) });
        let key = secrets.checkpoint.public();
        let rest = match audit::at_open(&mut connection, &shared, key).await {
            Ok(rest) => rest,
            Err(error) => {
                let _ = connection.close().await;
                return Err(audit::storage(&folder.join(DATABASE_FILE), &error));
            }
        };
        let (jobs, jobs_taken) = mpsc::channel(QUEUE);
        let (soon, soon_taken) = mpsc::channel(SOON_QUEUE);
        let (ending, ended) = watch::channel(false);
        let writer = Writer::new(Arc::clone(&shared), secrets, path, connection, lock, jobs.downgrade())
            .await
            .map_err(|error| audit::storage(&folder.join(DATABASE_FILE), &error))?;
        tokio::spawn(writer.run(jobs_taken, soon_taken, ending));
        let audit = rest.then(|| tokio::spawn(audit::whole(Arc::clone(&shared), key)).abort_handle());
        Ok(Self { shared, jobs, soon, readers, ended, audit })
    }

    /// What is wrong with the chain, if something is: nothing is appended then.
    #[must_use]
    pub fn fault(&self) -> Option<JournalError> {
        self.shared.fault()
    }

    /// Signs the chain up to its end, unless that is signed already.
    ///
    /// # Errors
    /// [`JournalError`], as for an entry.
    pub async fn checkpoint(&self) -> Result<Option<Receipt>, JournalError> {
        self.ask(Job::Checkpoint).await
    }

    /// The timestamp token on the checkpoint in that entry, DER.
    ///
    /// # Errors
    /// [`JournalError::Unavailable`].
    pub async fn timestamp(&self, sequence: u64) -> Result<Option<Vec<u8>>, JournalError> {
        read::token(&self.readers, sequence).await
    }

    /// Deletes entries up to that one, as far as they are signed and no answer or waiting item rests on them; says so in the
    /// chain and signs it. The last that was deleted, if any was. Export them before.
    ///
    /// # Errors
    /// [`JournalError`], as for an entry.
    pub async fn prune(&self, through: u64) -> Result<Option<Receipt>, JournalError> {
        self.ask(|reply| Job::Prune(through, reply)).await
    }

    /// Writes what waits, signs a last checkpoint and closes the files. What is appended later is refused.
    pub async fn close(&self) {
        let mut ended = self.ended.clone();
        // A writer that has ended already is what is wanted.
        let _ = self.jobs.send(Job::Close).await;
        let _ = ended.wait_for(|ended| *ended).await;
        self.readers.close().await;
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, JournalError>>) -> Job,
    ) -> Result<T, JournalError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

/// Brings the schema up to date, and finds the end of the chain and the keys.
async fn begin(
    connection: &mut SqliteConnection,
    (folder, path): (&Path, &Path),
    new: bool,
) -> Result<(Option<Receipt>, Secrets), OpenError> {
    let storage = |error: sqlx::Error| OpenError::Storage { path: path.to_owned(), problem: connect::plain(&error) };
    schema::migrate(connection)
        .await
        .map_err(storage)?
        .map_err(|version| OpenError::Newer { path: path.to_owned(), version })?;
    let head = store::head(connection).await.map_err(storage)?;
    let secrets = keys(connection, folder, new, head).await?;
    Ok((head, secrets))
}

impl Journal for SqliteJournal {
    fn append(&self, record: Record) -> Later<'_, Receipt> {
        Box::pin(self.ask(|reply| Job::Append(Box::new(record), reply)))
    }

    fn append_soon(&self, record: Record) -> Result<(), JournalError> {
        if let Some(fault) = self.shared.fault() {
            return Err(fault);
        }
        self.soon.try_send(record).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                JournalError::Unavailable("too many entries wait to be written".to_owned())
            }
            mpsc::error::TrySendError::Closed(_) => closed(),
        })
    }

    /// Not when it does not verify, nor when the writer has ended, be it by a panic: then it has to be opened anew.
    fn is_open(&self) -> bool {
        !self.jobs.is_closed() && self.shared.fault().is_none()
    }

    fn head(&self) -> Later<'_, Option<Receipt>> {
        Box::pin(async { Ok(self.shared.head()) })
    }

    fn entry(&self, sequence: u64) -> Later<'_, Option<Entry>> {
        Box::pin(read::entry(&self.readers, sequence))
    }

    fn entries(&self, wanted: Wanted) -> Later<'_, Vec<Entry>> {
        Box::pin(read::entries(&self.readers, wanted))
    }

    fn answer(&self, key: AnswerKey) -> Later<'_, Option<(Answer, Receipt)>> {
        Box::pin(read::answer(&self.readers, key, self.shared.now()))
    }

    fn waiting(&self, now: Time) -> Later<'_, Vec<Waiting>> {
        Box::pin(read::waiting(&self.readers, now))
    }
}

/// The keys of the folder, if they are those that the journal was begun with.
async fn keys(
    connection: &mut SqliteConnection,
    folder: &Path,
    new: bool,
    head: Option<Receipt>,
) -> Result<Secrets, OpenError> {
    let secrets = Secrets::load(folder, new || head.is_none())?;
    let known = store::remember_keys(connection, &secrets.fingerprint(), head.is_none()).await;
    if known.map_err(|error| audit::storage(&folder.join(DATABASE_FILE), &error))? {
        return Ok(secrets);
    }
    Err(OpenError::Key {
        path: folder.to_owned(),
        problem: "holds other keys than the journal was begun with, or the database does not name any".to_owned(),
    })
}

fn closed() -> JournalError {
    JournalError::Unavailable("it is closed".to_owned())
}

/// The folder, for its owner only.
fn make_folder(folder: &Path) -> Result<(), OpenError> {
    let broken = |error: std::io::Error| OpenError::File { path: folder.to_owned(), problem: error.to_string() };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(broken)?;
    secrets::restrict(folder).map_err(broken)
}

/// The file, made before SQLite would make it readable for others; whether it is new.
fn make_database(path: &Path) -> Result<bool, OpenError> {
    let broken = |error: std::io::Error| OpenError::File { path: path.to_owned(), problem: error.to_string() };
    match secrets::create(path, &[], 0o600) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            secrets::restrict(path).map_err(broken)?;
            Ok(false)
        }
        Err(error) => Err(broken(error)),
    }
}
