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

/// As much of the file of checkpoints is looked through for its last good line: some hundred and eighty.
const TAIL: u64 = 65_536;

impl From<Fault> for JournalError {
    fn from(fault: Fault) -> Self {
        Self::Broken { sequence: fault.sequence, fault: fault.detail }
    }
}

/// Verifies what can be verified at once; whether the rest is still to be read.
pub async fn at_open(connection: &mut SqliteConnection, shared: &Shared, key: [u8; 32]) -> Result<bool, sqlx::Error> {
    let path = shared.options.folder.join(CHECKPOINTS_FILE);
    let mut known = Known { public_key: Some(key), ..Known::default() };
    match last_good(&path, &key) {
        Ok(Last::None) => {}
        Ok(Last::Good { checkpoint, passed }) => {
            if passed > 0 {
                tracing::warn!(
                    file = %path.display(),
                    passed,
                    "the last lines were not signed by this journal; the one before them is taken"
                );
            }
            known = known.with_checkpoints(&[checkpoint]);
        }
        Ok(Last::Foreign) => {
            shared.set_fault(unusable(shared, "its last lines were not signed by this journal"));
            return Ok(false);
        }
        Err(error) => {
            shared.set_fault(unusable(shared, &format!("it cannot be read: {error}")));
            return Ok(false);
        }
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

/// Without the file nothing would tell whether the end of the journal is there; one that is of no use is no better.
fn unusable(shared: &Shared, why: &str) -> JournalError {
    JournalError::Broken {
        sequence: shared.head().map_or(0, |head| head.sequence),
        fault: format!("nothing vouches for it: {CHECKPOINTS_FILE} is of no use, {why}; put a copy of it back"),
    }
}

/// What the end of the file of checkpoints holds.
enum Last {
    /// No file, or no whole line.
    None,
    /// The last one of this journal, behind which lines were passed over.
    Good { checkpoint: Checkpoint, passed: usize },
    /// Lines, none of which this journal signed.
    Foreign,
}

/// The last whole line of the file of checkpoints that this key signed.
fn last_good(path: &Path, key: &[u8; 32]) -> io::Result<Last> {
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Last::None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    let Some(whole) = tail.iter().rposition(|octet| *octet == b'\n').and_then(|end| tail.get(..end)) else {
        return Ok(if length < TAIL { Last::None } else { Last::Foreign });
    };
    for (passed, line) in whole.rsplit(|octet| *octet == b'\n').enumerate() {
        let read = serde_json::from_slice::<Checkpoint>(line).ok();
        if let Some(checkpoint) = read.filter(|checkpoint| checkpoint.verify(Some(key)).is_some()) {
            return Ok(Last::Good { checkpoint, passed });
        }
    }
    Ok(Last::Foreign)
}

/// Why the journal cannot be read now.
pub fn storage(path: &Path, error: &sqlx::Error) -> super::OpenError {
    super::OpenError::Storage { path: path.to_owned(), problem: connect::plain(error) }
}
