//! The tables, and how an older file gets them.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Row as _};

use super::super::GENESIS;

/// `PRAGMA application_id`: "rstj", so that `file` and we know the database.
pub const APPLICATION: i32 = 0x7273_746a;

/// One step for each version; `PRAGMA user_version` counts the steps that a file has seen.
///
/// Triggers keep slips of the hand away; they are no protection against the owner of the file: the chain is.
const STEPS: &[&str] = &["
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- What is kept: the canonical text, and of it what is asked for.
CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    event TEXT NOT NULL,
    canonical TEXT NOT NULL
) STRICT;
CREATE INDEX entry_event ON entry (event, sequence);

-- The last entry of each pruning.
CREATE TABLE cut (sequence INTEGER PRIMARY KEY, hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;

CREATE TABLE answer (
    key BLOB PRIMARY KEY CHECK (length(key) = 32),
    request BLOB NOT NULL CHECK (length(request) = 32),
    sequence INTEGER NOT NULL,
    kept_until INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX answer_kept ON answer (kept_until);
CREATE INDEX answer_sequence ON answer (sequence);

CREATE TABLE waiting (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    sequence INTEGER NOT NULL,
    expires_at TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX waiting_sequence ON waiting (sequence);

-- Timestamp tokens on checkpoints, by the sequence of the checkpoint's entry.
CREATE TABLE token (sequence INTEGER PRIMARY KEY, token BLOB NOT NULL) STRICT;

CREATE TRIGGER entry_unchanged BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries of the journal are not changed'); END;
CREATE TRIGGER entry_kept BEFORE DELETE ON entry
WHEN OLD.sequence > coalesce((SELECT max(sequence) FROM cut), 0)
BEGIN SELECT RAISE(ABORT, 'entries of the journal are not deleted; see rastau journal prune'); END;
CREATE TRIGGER entry_in_order BEFORE INSERT ON entry
WHEN NEW.sequence != coalesce((SELECT max(sequence) FROM entry), (SELECT max(sequence) FROM cut), 0) + 1
BEGIN SELECT RAISE(ABORT, 'entries of the journal are appended only'); END;
CREATE TRIGGER answer_unchanged BEFORE UPDATE ON answer
BEGIN SELECT RAISE(ABORT, 'answers are not changed'); END;
"];

/// Brings the file to the newest version; `Err(version)` inside when it is of a program newer than this.
pub async fn migrate(connection: &mut SqliteConnection) -> Result<Result<(), i64>, sqlx::Error> {
    let version: i64 = sqlx::query("PRAGMA user_version").fetch_one(&mut *connection).await?.try_get(0)?;
    let Some(steps) = usize::try_from(version).ok().and_then(|seen| STEPS.get(seen..)) else {
        return Ok(Err(version));
    };
    for (step, number) in steps.iter().zip(version.saturating_add(1)..) {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
        // A pragma takes no parameters; both are numbers of ours.
        let pragmas = format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number};");
        sqlx::raw_sql(sqlx::AssertSqlSafe(pragmas)).execute(&mut *transaction).await?;
        transaction.commit().await?;
    }
    Ok(Ok(()))
}

/// A hash out of a row; another length gives zeros, which no entry's hash is.
pub fn hash(octets: &[u8]) -> [u8; 32] {
    octets.try_into().unwrap_or(GENESIS)
}

/// A sequence number as SQLite holds it.
pub fn signed(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// A sequence number out of a row.
pub fn unsigned(sequence: i64) -> u64 {
    u64::try_from(sequence).unwrap_or(0)
}
