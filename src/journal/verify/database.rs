//! A database, read from end to end.

use std::path::Path;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::super::canonical::{Kept, Said, WaitsText};
use super::super::hex;
use super::super::sqlite::{connect, schema, store};
use super::chain::{Chain, Fault, FaultKind, Known, Line, Start};
use super::timestamps;
use super::{Verified, VerifyError};
use crate::crypto::sha256;

/// Entries read at once: half a millisecond of hashing.
const PAGE: i64 = 200;
/// How long to wait for a file that somebody has locked.
const BUSY: Duration = Duration::from_secs(5);

/// Verifies a database; nothing is written, and a service may have it open.
///
/// # Errors
/// [`VerifyError`]: the first fault, or why it cannot be read.
pub async fn verify_database(path: &Path, known: Known) -> Result<Verified, VerifyError> {
    let unreadable = |error: sqlx::Error| VerifyError::Unreadable(connect::plain(&error));
    let (mut connection, _) = connect::read(path, BUSY).await.map_err(unreadable)?;
    let cut = store::cut(&mut connection).await.map_err(unreadable)?;
    let mut known = known;
    if let Some(cut) = cut {
        // What was pruned cannot be compared any more.
        known.entries.retain(|(sequence, _), _| *sequence > cut.sequence);
    }
    let mut chain = Chain::new(cut.map_or(Start::Genesis, Start::Pruned), known);
    entries(&mut connection, &mut chain, None).await.map_err(Reading::into_error)?;
    let proof = chain.finish()?;
    let answers = answers(&mut connection).await.map_err(Reading::into_error)?;
    waiting(&mut connection).await.map_err(Reading::into_error)?;
    let timestamps = stamped(&mut connection).await.map_err(Reading::into_error)?;
    Ok(Verified { proof, pruned_through: cut.map_or(0, |cut| cut.sequence), answers, timestamps })
}

/// What ends a reading.
#[derive(Debug)]
pub enum Reading {
    /// A fault was found.
    Fault(Fault),
    /// The database cannot be read.
    Storage(sqlx::Error),
}

impl From<sqlx::Error> for Reading {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error)
    }
}

impl From<Fault> for Reading {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Reading {
    fn into_error(self) -> VerifyError {
        match self {
            Self::Fault(fault) => VerifyError::Fault(fault),
            Self::Storage(error) => VerifyError::Unreadable(connect::plain(&error)),
        }
    }
}

/// Hands the entries behind that one, or all there are, to the chain.
pub async fn entries(connection: &mut SqliteConnection, chain: &mut Chain, after: Option<u64>) -> Result<(), Reading> {
    // Not from 1: what somebody filed below would not be seen.
    let mut after = after.map_or(i64::MIN, schema::signed);
    loop {
        let rows = sqlx::query(
            "SELECT sequence, previous, hash, event, canonical FROM entry WHERE sequence > ? ORDER BY sequence LIMIT ?",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            after = row.try_get(0)?;
            chain.feed(&Line {
                sequence: schema::unsigned(after),
                previous: schema::hash(row.try_get(1)?),
                hash: schema::hash(row.try_get(2)?),
                event: Some(row.try_get(3)?),
                text: row.try_get(4)?,
            })?;
        }
    }
}

/// Whether every answer is the one that its entry names; how many there are.
async fn answers(connection: &mut SqliteConnection) -> Result<u64, Reading> {
    let mut after = Vec::new();
    let mut count = 0_u64;
    loop {
        // One at a time: an answer may be large.
        let row = sqlx::query(
            "SELECT a.key, a.request, a.body, a.sequence, e.canonical FROM answer a \
             LEFT JOIN entry e ON e.sequence = a.sequence WHERE a.key > ? ORDER BY a.key LIMIT 1",
        )
        .bind(after)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(count) };
        after = row.try_get(0)?;
        let kept = Kept {
            key: hex::encode(&after),
            request: hex::encode(row.try_get(1)?),
            body: hex::encode(&sha256(row.try_get(2)?)),
        };
        let canonical: Option<&str> = row.try_get(4)?;
        let said = canonical.and_then(Said::read).and_then(|said| said.answer);
        if said.as_ref() != Some(&kept) {
            let sequence = schema::unsigned(row.try_get(3)?);
            return Err(Fault::new(sequence, FaultKind::Changed, "does not name the answer that is kept for it").into());
        }
        count = count.saturating_add(1);
    }
}

/// Whether everything that waits is what its entry names.
async fn waiting(connection: &mut SqliteConnection) -> Result<(), Reading> {
    let rows = sqlx::query(
        "SELECT w.id, w.body, w.expires_at, w.sequence, e.canonical FROM waiting w \
         LEFT JOIN entry e ON e.sequence = w.sequence",
    )
    .fetch_all(connection)
    .await?;
    for row in &rows {
        let canonical: Option<&str> = row.try_get(4)?;
        let expires_at: &str = row.try_get(2)?;
        let there = expires_at.parse().ok().map(|expires_at| -> Result<WaitsText, sqlx::Error> {
            Ok(WaitsText { body: hex::encode(&sha256(row.try_get(1)?)), expires_at, id: hex::encode(row.try_get(0)?) })
        });
        let there = there.transpose()?;
        if there.is_none() || canonical.and_then(Said::read).and_then(|said| said.waits) != there {
            let sequence = schema::unsigned(row.try_get(3)?);
            return Err(Fault::new(sequence, FaultKind::Changed, "does not name what waits since").into());
        }
    }
    Ok(())
}

/// Whether the timestamps are over the checkpoints that they are kept for; how many there are.
async fn stamped(connection: &mut SqliteConnection) -> Result<u64, Reading> {
    let mut after = i64::MIN;
    let mut count = 0_u64;
    loop {
        let row = sqlx::query(
            "SELECT t.sequence, t.token, e.canonical FROM token t LEFT JOIN entry e ON e.sequence = t.sequence \
             WHERE t.sequence > ? ORDER BY t.sequence LIMIT 1",
        )
        .bind(after)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(count) };
        after = row.try_get(0)?;
        timestamps::check(schema::unsigned(after), row.try_get(2)?, row.try_get(1)?)?;
        count = count.saturating_add(1);
    }
}
