//! What is written in one transaction.

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::super::canonical::{self, GENESIS, MAX_TEXT};
use super::super::record::Record;
use super::super::secrets::Secrets;
use super::super::{JournalError, Receipt, hex};
use super::{Options, read};
use super::schema::{hash, signed, unsigned};
use crate::clock::Time;

/// The last entry; what was pruned last if no entry is left.
pub async fn head(connection: &mut SqliteConnection) -> Result<Option<Receipt>, sqlx::Error> {
    let row = sqlx::query("SELECT sequence, hash FROM entry ORDER BY sequence DESC LIMIT 1")
        .fetch_optional(&mut *connection)
        .await?;
    match row {
        Some(row) => receipt(&row).map(Some),
        None => cut(connection).await,
    }
}

/// The last entry that was pruned.
pub async fn cut(connection: &mut SqliteConnection) -> Result<Option<Receipt>, sqlx::Error> {
    let row =
        sqlx::query("SELECT sequence, hash FROM cut ORDER BY sequence DESC LIMIT 1").fetch_optional(connection).await?;
    row.as_ref().map(receipt).transpose()
}

/// Out of a row with sequence and hash.
fn receipt(row: &SqliteRow) -> Result<Receipt, sqlx::Error> {
    Ok(Receipt { sequence: unsigned(row.try_get(0)?), hash: hash(row.try_get(1)?) })
}

/// Deletes entries up to that one, as far as they are signed and nothing that is kept rests on them; the last of them, if
/// there were any.
pub async fn prune(connection: &mut SqliteConnection, through: u64) -> Result<Option<Receipt>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT sequence, hash FROM entry WHERE sequence <= ? \
         AND sequence < (SELECT max(sequence) FROM entry WHERE event = 'checkpoint') \
         AND sequence < coalesce((SELECT min(sequence) FROM answer), 9223372036854775807) \
         AND sequence < coalesce((SELECT min(sequence) FROM waiting), 9223372036854775807) \
         ORDER BY sequence DESC LIMIT 1",
    )
    .bind(signed(through))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(cut) = row.as_ref().map(receipt).transpose()? else { return Ok(None) };
    sqlx::query("INSERT INTO cut (sequence, hash) VALUES (?, ?)")
        .bind(signed(cut.sequence))
        .bind(cut.hash.to_vec())
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM entry WHERE sequence <= ?").bind(signed(cut.sequence)).execute(&mut *connection).await?;
    sqlx::query("DELETE FROM token WHERE sequence <= ?").bind(signed(cut.sequence)).execute(connection).await?;
    Ok(Some(cut))
}

/// Whether the keys are those that the journal was begun with. A journal without entries takes those at hand; one with
/// entries that does not say which they were takes none.
pub async fn remember_keys(
    connection: &mut SqliteConnection,
    fingerprint: &str,
    empty: bool,
) -> Result<bool, sqlx::Error> {
    if empty {
        sqlx::query("INSERT OR REPLACE INTO meta (name, value) VALUES ('keys', ?)")
            .bind(fingerprint)
            .execute(&mut *connection)
            .await?;
        return Ok(true);
    }
    let known = sqlx::query("SELECT value FROM meta WHERE name = 'keys'").fetch_optional(connection).await?;
    Ok(known.map(|row| row.try_get::<String, _>(0)).transpose()?.is_some_and(|known| known == fingerprint))
}

/// Writes a record after `head`. The outer error undoes the transaction, the inner one concerns this record only: nothing of
/// it was written.
pub async fn append(
    connection: &mut SqliteConnection,
    record: &Record,
    head: Option<Receipt>,
    secrets: &Secrets,
    options: &Options,
    now: Time,
) -> Result<Result<Receipt, JournalError>, sqlx::Error> {
    let sequence = head.map_or(0, |head| head.sequence).saturating_add(1);
    let previous = head.map_or(GENESIS, |head| head.hash);
    let text = canonical::text(record, sequence, &options.version, options.identities, &secrets.identity)
        .filter(|text| text.len() <= MAX_TEXT);
    let Some(text) = text else {
        return Ok(Err(JournalError::TooLarge));
    };
    let receipt = Receipt { sequence, hash: canonical::hash(&previous, &text) };
    if record.answer.as_ref().is_some_and(|answer| answer.body.len() > options.max_answer) {
        return Ok(Err(JournalError::TooLarge));
    }
    // One past its retention was swept before, with an entry that says so.
    if let Some(answer) = &record.answer
        && kept_until(connection, &answer.key.0).await?.is_some()
    {
        return Ok(Err(JournalError::Answered));
    }
    if let Some(id) = &record.settles
        && !settle(connection, id, record.at).await?
    {
        return Ok(Err(JournalError::Settled));
    }
    sqlx::query("INSERT INTO entry (sequence, previous, hash, event, canonical) VALUES (?, ?, ?, ?, ?)")
        .bind(signed(sequence))
        .bind(previous.to_vec())
        .bind(receipt.hash.to_vec())
        .bind(record.event.as_str())
        .bind(text)
        .execute(&mut *connection)
        .await?;
    keep(connection, record, sequence, now, options).await?;
    Ok(Ok(receipt))
}

/// Until when an answer is kept under the key, in Unix seconds.
async fn kept_until(connection: &mut SqliteConnection, key: &[u8; 32]) -> Result<Option<i64>, sqlx::Error> {
    let row =
        sqlx::query("SELECT kept_until FROM answer WHERE key = ?").bind(key.to_vec()).fetch_optional(connection).await?;
    row.map(|row| row.try_get(0)).transpose()
}

/// Whether the record's answer comes where one past its retention is still kept, which has to be swept first.
pub async fn displaces(connection: &mut SqliteConnection, record: &Record, now: Time) -> Result<bool, sqlx::Error> {
    let Some(answer) = &record.answer else { return Ok(false) };
    Ok(kept_until(connection, &answer.key.0).await?.is_some_and(|until| until <= now.unix_seconds()))
}

/// Takes away what waited; whether it was there and had not expired. Until when it waits, its entry says: what the entry does
/// not say (any more) is not there.
async fn settle(connection: &mut SqliteConnection, id: &[u8; 16], at: Time) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "SELECT e.sequence, e.previous, e.hash, e.canonical \
         FROM waiting w JOIN entry e ON e.sequence = w.sequence WHERE w.id = ?",
    )
    .bind(id.to_vec())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let (previous, own) = (hash(row.try_get(1)?), hash(row.try_get(2)?));
    let said = read::chained(unsigned(row.try_get(0)?), &previous, &own, row.try_get(3)?);
    let waits = said.ok().and_then(|said| said.waits).filter(|waits| waits.id == hex::encode(id));
    if waits.is_none_or(|waits| waits.expires_at <= at) {
        return Ok(false);
    }
    sqlx::query("DELETE FROM waiting WHERE id = ?").bind(id.to_vec()).execute(connection).await?;
    Ok(true)
}

/// Keeps the answer and what waits beside the entry.
async fn keep(
    connection: &mut SqliteConnection,
    record: &Record,
    sequence: u64,
    now: Time,
    options: &Options,
) -> Result<(), sqlx::Error> {
    if let Some(answer) = &record.answer {
        let until = now.plus_seconds(i64::try_from(options.answers_kept).unwrap_or(i64::MAX));
        sqlx::query("INSERT INTO answer (key, request, sequence, kept_until, body) VALUES (?, ?, ?, ?, ?)")
            .bind(answer.key.0.to_vec())
            .bind(answer.request.to_vec())
            .bind(signed(sequence))
            .bind(until.unix_seconds())
            .bind(answer.body.clone())
            .execute(&mut *connection)
            .await?;
    }
    if let Some(waiting) = &record.waits {
        sqlx::query("INSERT INTO waiting (id, sequence, expires_at, body) VALUES (?, ?, ?, ?)")
            .bind(waiting.id.to_vec())
            .bind(signed(sequence))
            .bind(waiting.expires_at.to_string())
            .bind(waiting.body.clone())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Deletes answers past their retention and what waits no longer; how many answers there were. The entry that says so belongs
/// into the same transaction.
pub async fn sweep(connection: &mut SqliteConnection, now: Time) -> Result<u64, sqlx::Error> {
    let answers = sqlx::query("DELETE FROM answer WHERE kept_until <= ?")
        .bind(now.unix_seconds())
        .execute(&mut *connection)
        .await?
        .rows_affected();
    let rows = sqlx::query("SELECT id, expires_at FROM waiting").fetch_all(&mut *connection).await?;
    for row in rows {
        let expires: String = row.try_get(1)?;
        if expires.parse::<Time>().is_ok_and(|expires| expires <= now) {
            let id: Vec<u8> = row.try_get(0)?;
            sqlx::query("DELETE FROM waiting WHERE id = ?").bind(id).execute(&mut *connection).await?;
        }
    }
    Ok(answers)
}

/// The entry of the last checkpoint.
pub async fn last_checkpoint(connection: &mut SqliteConnection) -> Result<Option<u64>, sqlx::Error> {
    let row = sqlx::query("SELECT max(sequence) FROM entry WHERE event = 'checkpoint'").fetch_one(connection).await?;
    Ok(row.try_get::<Option<i64>, _>(0)?.map(unsigned))
}

/// Keeps a timestamp token on a checkpoint.
pub async fn keep_token(connection: &mut SqliteConnection, sequence: u64, token: Vec<u8>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT OR IGNORE INTO token (sequence, token) VALUES (?, ?)")
        .bind(signed(sequence))
        .bind(token)
        .execute(connection)
        .await?;
    Ok(())
}
