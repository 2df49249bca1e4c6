//! Questions, on connections of their own.

use std::path::Path;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions, SqliteRow};

use super::super::canonical::{self, Said, WaitsText};
use super::super::record::{Answer, AnswerKey, Waiting};
use super::super::{Entry, JournalError, Receipt, Wanted, hex};
use super::connect::{self, unavailable};
use super::schema::{hash, signed, unsigned};
use super::{OpenError, audit, store};
use crate::clock::Time;
use crate::crypto::sha256;

/// Most entries in one answer.
pub const PAGE: usize = 1000;
/// Most octets of what waits for a second person in one answer.
const MAX_WAITING: u64 = 256 << 20;
/// How long commands wait for a file that somebody has locked.
const BUSY: Duration = Duration::from_secs(5);

/// A journal that is only read, by commands beside a service that may have it open.
#[derive(Debug)]
pub struct Reader {
    pool: SqlitePool,
}

impl Reader {
    /// Opens the database of that name.
    ///
    /// # Errors
    /// [`OpenError::Storage`].
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let (_, options) = connect::read(path, BUSY).await.map_err(|error| audit::storage(path, &error))?;
        Ok(Self { pool: SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options) })
    }

    /// The last entry.
    ///
    /// # Errors
    /// [`JournalError::Unavailable`], as below.
    pub async fn head(&self) -> Result<Option<Receipt>, JournalError> {
        let mut connection = self.pool.acquire().await.map_err(|error| unavailable(&error))?;
        store::head(&mut connection).await.map_err(|error| unavailable(&error))
    }

    /// One entry.
    ///
    /// # Errors
    /// [`JournalError::Broken`] for what is no entry.
    pub async fn entry(&self, sequence: u64) -> Result<Option<Entry>, JournalError> {
        entry(&self.pool, sequence).await
    }

    /// Several, in order; a thousand at most.
    ///
    /// # Errors
    /// As for one.
    pub async fn entries(&self, wanted: Wanted) -> Result<Vec<Entry>, JournalError> {
        entries(&self.pool, wanted).await
    }

    /// The timestamp token on the checkpoint in that entry, DER.
    ///
    /// # Errors
    /// [`JournalError::Unavailable`].
    pub async fn timestamp(&self, sequence: u64) -> Result<Option<Vec<u8>>, JournalError> {
        token(&self.pool, sequence).await
    }
}

/// The timestamp on the checkpoint in that entry.
pub async fn token(pool: &SqlitePool, sequence: u64) -> Result<Option<Vec<u8>>, JournalError> {
    let row = sqlx::query("SELECT token FROM token WHERE sequence = ?")
        .bind(signed(sequence))
        .fetch_optional(pool)
        .await
        .and_then(|row| row.map(|row| row.try_get(0)).transpose());
    row.map_err(|error| unavailable(&error))
}

/// One entry.
pub async fn entry(pool: &SqlitePool, sequence: u64) -> Result<Option<Entry>, JournalError> {
    sqlx::query("SELECT sequence, previous, hash, canonical FROM entry WHERE sequence = ?")
        .bind(signed(sequence))
        .fetch_optional(pool)
        .await
        .map_err(|error| unavailable(&error))?
        .map(|row| read(&row))
        .transpose()
}

/// Several, in order.
pub async fn entries(pool: &SqlitePool, wanted: Wanted) -> Result<Vec<Entry>, JournalError> {
    let limit = i64::try_from(wanted.limit.min(PAGE)).unwrap_or(0);
    let rows =
        match &wanted.event {
            None => sqlx::query(
                "SELECT sequence, previous, hash, canonical FROM entry WHERE sequence > ? ORDER BY sequence LIMIT ?",
            )
            .bind(signed(wanted.after))
            .bind(limit)
            .fetch_all(pool)
            .await,
            Some(event) => {
                sqlx::query(
                    "SELECT sequence, previous, hash, canonical FROM entry WHERE event = ? AND sequence > ? \
                 ORDER BY sequence LIMIT ?",
                )
                .bind(event.as_str())
                .bind(signed(wanted.after))
                .bind(limit)
                .fetch_all(pool)
                .await
            }
        };
    rows.map_err(|error| unavailable(&error))?.iter().map(read).collect()
}

/// The answer kept under a key. It is compared with what its entry says: an answer that somebody changed is not given.
pub async fn answer(pool: &SqlitePool, key: AnswerKey, now: Time) -> Result<Option<(Answer, Receipt)>, JournalError> {
    let row = sqlx::query(
        "SELECT a.request, a.body, e.sequence, e.previous, e.hash, e.canonical \
         FROM answer a LEFT JOIN entry e ON e.sequence = a.sequence WHERE a.key = ? AND a.kept_until > ?",
    )
    .bind(key.0.to_vec())
    .bind(now.unix_seconds())
    .fetch_optional(pool)
    .await
    .map_err(|error| unavailable(&error))?;
    row.map(|row| answer_of(key, &row)).transpose()
}

fn answer_of(key: AnswerKey, row: &SqliteRow) -> Result<(Answer, Receipt), JournalError> {
    let read = || -> Result<_, sqlx::Error> {
        let request: Vec<u8> = row.try_get(0)?;
        Ok((hash(&request), row.try_get::<Vec<u8>, _>(1)?, row.try_get::<Option<i64>, _>(2)?))
    };
    let (request, body, sequence) = read().map_err(|error| unavailable(&error))?;
    let sequence = sequence.map(unsigned).unwrap_or_default();
    let altered =
        || JournalError::Broken { sequence, fault: "the answer kept with it is not the one it names".to_owned() };
    let previous: Vec<u8> = row.try_get(3).map_err(|_| altered())?;
    let own: Vec<u8> = row.try_get(4).map_err(|_| altered())?;
    let canonical: String = row.try_get(5).map_err(|_| altered())?;
    let own = hash(&own);
    let kept = chained(sequence, &hash(&previous), &own, &canonical)?.answer.ok_or_else(altered)?;
    let same = kept.key == hex::encode(&key.0)
        && kept.request == hex::encode(&request)
        && kept.body == hex::encode(&sha256(&body));
    if !same {
        return Err(altered());
    }
    Ok((Answer { key, request, body }, Receipt { sequence, hash: own }))
}

/// What waits and has not expired, oldest first; compared with what their entries say.
pub async fn waiting(pool: &SqlitePool, now: Time) -> Result<Vec<Waiting>, JournalError> {
    waiting_within(pool, now, MAX_WAITING).await
}

/// The same, as long as the bodies together have no more octets than that.
pub async fn waiting_within(pool: &SqlitePool, now: Time, most: u64) -> Result<Vec<Waiting>, JournalError> {
    // What they are first, and each body by itself: many large ones never lie in memory before they are counted.
    let rows = sqlx::query(
        "SELECT w.id, length(w.body), w.sequence, e.previous, e.hash, e.canonical \
         FROM waiting w LEFT JOIN entry e ON e.sequence = w.sequence ORDER BY w.sequence",
    )
    .fetch_all(pool)
    .await
    .map_err(|error| unavailable(&error))?;
    let mut items = Vec::with_capacity(rows.len());
    let mut octets = 0_u64;
    for row in &rows {
        let item = item(row)?;
        if now < item.said.expires_at {
            octets = octets.saturating_add(item.octets);
            items.push(item);
        }
    }
    if octets > most {
        let count = items.len();
        return Err(JournalError::Unavailable(format!(
            "{count} items that wait have {octets} octets, more than the {most} that are read at once; settle some, or \
             let them expire"
        )));
    }
    let mut waiting = Vec::with_capacity(items.len());
    for item in items {
        let row = sqlx::query("SELECT body FROM waiting WHERE id = ?")
            .bind(item.id.to_vec())
            .fetch_optional(pool)
            .await
            .and_then(|row| row.map(|row| row.try_get::<Vec<u8>, _>(0)).transpose());
        // It may have been settled meanwhile.
        let Some(body) = row.map_err(|error| unavailable(&error))? else { continue };
        if item.said.body != hex::encode(&sha256(&body)) {
            return Err(other_waiting(item.sequence));
        }
        waiting.push(Waiting { id: item.id, expires_at: item.said.expires_at, body });
    }
    Ok(waiting)
}

/// What waits, without its body.
struct Item {
    id: [u8; 16],
    octets: u64,
    sequence: u64,
    said: WaitsText,
}

/// Out of a row with id, length of the body, sequence, and previous, hash and canonical of the entry.
fn item(row: &SqliteRow) -> Result<Item, JournalError> {
    let read = || -> Result<_, sqlx::Error> {
        Ok((row.try_get::<Vec<u8>, _>(0)?, row.try_get::<i64, _>(1)?, row.try_get::<i64, _>(2)?))
    };
    let (id, octets, sequence) = read().map_err(|error| unavailable(&error))?;
    let sequence = unsigned(sequence);
    let altered = || other_waiting(sequence);
    let id: [u8; 16] = id.try_into().map_err(|_| altered())?;
    let previous: Vec<u8> = row.try_get(3).map_err(|_| altered())?;
    let own: Vec<u8> = row.try_get(4).map_err(|_| altered())?;
    let canonical: String = row.try_get(5).map_err(|_| altered())?;
    let said = chained(sequence, &hash(&previous), &hash(&own), &canonical)?;
    let said = said.waits.filter(|said| said.id == hex::encode(&id)).ok_or_else(altered)?;
    Ok(Item { id, octets: unsigned(octets), sequence, said })
}

fn other_waiting(sequence: u64) -> JournalError {
    JournalError::Broken { sequence, fault: "what waits since is not what it names".to_owned() }
}

/// What the entry of that place says, if its text has its hash.
pub fn chained(sequence: u64, previous: &[u8; 32], own: &[u8; 32], text: &str) -> Result<Said, JournalError> {
    let broken = |fault: &str| JournalError::Broken { sequence, fault: fault.to_owned() };
    if canonical::hash(previous, text) != *own {
        return Err(broken("was changed: its text has another hash"));
    }
    let said = Said::read(text).ok_or_else(|| broken("its text is no entry"))?;
    if said.sequence != sequence {
        return Err(broken("is not there: in its place stands another entry"));
    }
    Ok(said)
}

/// An entry out of a row with sequence, previous, hash, canonical; none whose text has another hash.
pub fn read(row: &SqliteRow) -> Result<Entry, JournalError> {
    let columns = || -> Result<_, sqlx::Error> {
        let previous: Vec<u8> = row.try_get(1)?;
        let own: Vec<u8> = row.try_get(2)?;
        Ok((row.try_get::<i64, _>(0)?, hash(&previous), hash(&own), row.try_get::<String, _>(3)?))
    };
    let (sequence, previous, hash, canonical) = columns().map_err(|error| unavailable(&error))?;
    let sequence = unsigned(sequence);
    let said = chained(sequence, &previous, &hash, &canonical)?;
    Ok(Entry { receipt: Receipt { sequence, hash }, previous, at: said.at, event: said.event, canonical })
}
