//! Whether the chain holds that is to be continued.
//!
//! A short journal is verified before it opens. Of a long one what is behind the last checkpoint is, whose signature vouches
//! for the rest until a task has read it all. A fault keeps the journal from being appended to; it can still be read.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::super::checkpoint::Checkpoint;
use super::super::verify::{self, Chain, Fault, Known, Reading, Start, VerifyError, verify_database};
use super::super::{JournalError, Receipt};
use super::schema::{hash, signed, unsigned};
use super::{CHECKPOINTS_FILE, DATABASE_FILE, Shared, connect, store};

/// Enough of the file of checkpoints to hold its last line and an unfinished one.
const TAIL: u64 = 8192;

impl From<Fault> for JournalError {
    fn from(fault: Fault) -> Self {
        Self::Broken { sequence: fault.sequence, fault: fault.detail }
    }
}

/// Verifies what can be verified at once; whether the rest is still to be read.
pub async fn at_open(connection: &mut SqliteConnection, shared: &Shared, key: [u8; 32]) -> Result<bool, sqlx::Error> {
    let path = shared.options.folder.join(CHECKPOINTS_FILE);
    let mut known = Known { public_key: Some(key), ..Known::default() };
    match last_line(&path) {
        Ok(Some(checkpoint)) if checkpoint.verify(Some(&key)).is_some() => {
            known = known.with_checkpoints(&[checkpoint]);
        }
        Ok(None) => {}
        Ok(Some(_)) => tracing::warn!(file = %path.display(), "the last line was not signed by this journal"),
        Err(error) => tracing::warn!(file = %path.display(), %error, "the file of checkpoints cannot be read"),
    }
    let cut = store::cut(connection).await?;
    let (start, after) = start(connection, shared, cut).await?;
    let from = after.unwrap_or(0);
    known.entries.retain(|(sequence, _), _| *sequence > from);
    let mut chain = Chain::new(start, known);
    let fed = verify::feed_entries(connection, &mut chain, after).await;
    let fault = match fed {
        Ok(()) => chain.finish().err(),
        Err(Reading::Fault(fault)) => Some(fault),
        Err(Reading::Storage(error)) => return Err(error),
    };
    if let Some(fault) = fault {
        shared.set_fault(fault.into());
        return Ok(false);
    }
    Ok(matches!(start, Start::Trusted(_)))
}

/// Where to begin, and behind which entry to read.
async fn start(
    connection: &mut SqliteConnection,
    shared: &Shared,
    cut: Option<Receipt>,
) -> Result<(Start, Option<u64>), sqlx::Error> {
    let whole = (cut.map_or(Start::Genesis, Start::Pruned), None);
    let first = cut.map_or(0, |cut| cut.sequence);
    let length = shared.head().map_or(0, |head| head.sequence).saturating_sub(first);
    if length <= shared.options.verify_at_once {
        return Ok(whole);
    }
    let row = sqlx::query(
        "SELECT sequence, previous FROM entry WHERE event = 'checkpoint' AND sequence <= ? \
         ORDER BY sequence DESC LIMIT 1",
    )
    .bind(signed(u64::MAX))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(whole) };
    let before = unsigned(row.try_get(0)?).saturating_sub(1);
    Ok((Start::Trusted(Receipt { sequence: before, hash: hash(row.try_get(1)?) }), Some(before)))
}

/// Reads everything, beside the service.
pub async fn whole(shared: Arc<Shared>, key: [u8; 32]) {
    let folder = &shared.options.folder;
    let mut known = Known { public_key: Some(key), ..Known::default() };
    match verify::checkpoints(&folder.join(CHECKPOINTS_FILE), Some(&key)) {
        Ok(checkpoints) => known = known.with_checkpoints(&checkpoints),
        Err(error) => tracing::warn!(%error, "the file of checkpoints is of no use to verify the journal"),
    }
    match verify_database(&folder.join(DATABASE_FILE), known).await {
        Ok(verified) => tracing::info!(entries = verified.proof.entries, "the journal was verified from its beginning"),
        Err(VerifyError::Fault(fault)) => shared.set_fault(fault.into()),
        Err(VerifyError::Unreadable(problem)) => tracing::warn!(problem, "the journal could not be verified"),
    }
}

/// The last whole line of the file of checkpoints; `None` where there is no file, or no line.
fn last_line(path: &Path) -> io::Result<Option<Checkpoint>> {
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|octet| *octet == b'\n').and_then(|end| tail.get(..end));
    let last = whole.and_then(|lines| lines.rsplit(|octet| *octet == b'\n').next());
    match last {
        None => Ok(None),
        Some(line) => serde_json::from_slice(line).map(Some).map_err(io::Error::from),
    }
}

/// Why the journal cannot be read now.
pub fn storage(path: &Path, error: &sqlx::Error) -> super::OpenError {
    super::OpenError::Storage { path: path.to_owned(), problem: connect::plain(error) }
}
