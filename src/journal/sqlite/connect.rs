//! Connections to the database, and what its failures mean in plain words.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::error::DatabaseError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};

use super::super::JournalError;
use super::lock::Lock;

/// What the log for writing ahead is cut back to after it was longer: answers may be large.
const LOG_LIMIT: &str = "16777216";

/// For the writer: durable when a commit returns.
///
/// The lock goes with the connection, as part of a collation that nothing uses, which SQLite lets go when it has closed the
/// file: a connection lives on a thread of its own, and may still be committing when whoever asked is gone.
pub fn writing(path: &Path, busy: Duration, lock: &Arc<Lock>) -> SqliteConnectOptions {
    let lock = Arc::clone(lock);
    let collate = move |one: &str, other: &str| {
        let _held = &lock;
        one.cmp(other)
    };
    durable(path, busy).collation("held", collate)
}

/// The same, without a lock.
pub fn durable(path: &Path, busy: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // macOS keeps what is synchronised in the disk's cache without these; elsewhere they mean nothing.
        .pragma("fullfsync", "ON")
        .pragma("checkpoint_fullfsync", "ON")
        .pragma("journal_size_limit", LOG_LIMIT)
        // An answer that is past its retention is not to be found in the file any more.
        .pragma("secure_delete", "ON")
        // The schema of a file that somebody changed runs no functions of ours.
        .pragma("trusted_schema", "OFF")
        .busy_timeout(busy)
        .disable_statement_logging()
}

/// For everybody else: changes nothing.
pub fn reading(path: &Path, busy: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .pragma("trusted_schema", "OFF")
        .busy_timeout(busy)
        .disable_statement_logging()
}

/// A connection that reads. A database that was closed properly, in a folder that cannot be written (a backup, a medium for
/// reading), is opened as one that nobody changes meanwhile.
pub async fn read(path: &Path, busy: Duration) -> Result<(SqliteConnection, SqliteConnectOptions), sqlx::Error> {
    let options = reading(path, busy);
    // Opening reads nothing yet; whether the file can be read shows with the first question.
    let attempt = async |options: &SqliteConnectOptions| {
        let mut connection = options.connect().await?;
        sqlx::query("SELECT count(*) FROM sqlite_schema").fetch_one(&mut connection).await?;
        Ok::<_, sqlx::Error>(connection)
    };
    match attempt(&options).await {
        Ok(connection) => Ok((connection, options)),
        Err(error) if !path.with_extension("db-wal").exists() && path.exists() => {
            let options = options.immutable(true);
            match attempt(&options).await {
                Ok(connection) => Ok((connection, options)),
                Err(_) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// What a failure means, and what to do. Codes: <https://sqlite.org/rescode.html>, their lowest octet.
pub fn plain(error: &sqlx::Error) -> String {
    let code = error
        .as_database_error()
        .and_then(DatabaseError::code)
        .and_then(|code| code.parse::<u32>().ok())
        .map(|code| code & 0xff);
    let known = match code {
        Some(5 | 6) => "it is locked by another program; end that program",
        Some(7) => "out of memory",
        Some(8) => "it is read-only; make the file, its folder and the file system writable",
        Some(10) => "the disk refuses to read or write; it may be full or failing",
        Some(11 | 26) => "the file is damaged; restore it from a backup",
        Some(13) => "the disk is full; free some space",
        Some(14) => "the file cannot be opened; it was moved, or the folder is not accessible",
        Some(23 | 3) => "access to the file is denied",
        _ => return error.to_string(),
    };
    format!("{known} ({error})")
}

/// The same, as the journal's error.
pub fn unavailable(error: &sqlx::Error) -> JournalError {
    JournalError::Unavailable(plain(error))
}
