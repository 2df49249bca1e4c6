//! `rastau journal prune`: old entries are exported and deleted, and the chain says so.

use std::path::Path;
use std::sync::Arc;

use super::super::output::{BAD, Output, Styled};
use super::super::status::{Failure, Status};
use super::args::PruneArgs;
use super::{export, failure, folder, open, unopened, verify};
use crate::clock::{SystemClock, Time};
use crate::journal::{Options, Reader, SqliteJournal, Wanted};

/// Entries read at once.
const PAGE: usize = 500;

/// Verifies everything, exports, deletes.
pub async fn run(args: &PruneArgs) -> Result<Status, Failure> {
    let folder = folder(&args.place)?;
    let reader = open(&folder).await?;
    // The lock first: what is verified and exported is what is deleted.
    let journal = SqliteJournal::open(Options::new(&folder, Arc::new(SystemClock)));
    let journal = journal.await.map_err(|error| unopened(&error))?;
    let status = prune(args, &folder, &reader, &journal).await;
    journal.close().await;
    status
}

async fn prune(args: &PruneArgs, folder: &Path, reader: &Reader, journal: &SqliteJournal) -> Result<Status, Failure> {
    let mut output = Output::standard();
    if let Err(fault) = verify::of_folder(folder).await? {
        output.line(format_args!("{} {fault}; nothing was deleted", Styled(BAD, "The journal does not verify:")));
        output.finish()?;
        return Ok(Status::Refused);
    }
    let through = match (args.through, args.before) {
        (Some(through), _) => through,
        (None, Some(before)) => last_before(folder, reader, before).await?,
        (None, None) => 0,
    };
    if let Some(path) = &args.export {
        let count = export::into_file(reader, folder, path, 1, through).await?;
        output.line(format_args!("{count} entries are exported to {}.", path.display()));
    }
    match journal.prune(through).await.map_err(|error| failure(folder, &error))? {
        Some(last) => {
            output.line(format_args!("Entries up to {} were deleted.", last.sequence));
            if last.sequence < through {
                output.line(
                    "The rest stays: it is not covered by a checkpoint yet, or an answer that is kept rests on it.",
                );
            }
        }
        None => {
            output.line("Nothing was deleted: no entry is that old, covered by a checkpoint, and without an answer.")
        }
    }
    output.finish()?;
    Ok(Status::Good)
}

/// The last entry of those, from the first on, that were all made before that moment.
async fn last_before(folder: &Path, reader: &Reader, before: Time) -> Result<u64, Failure> {
    let mut last = 0;
    loop {
        let page = reader.entries(Wanted { after: last, limit: PAGE, event: None }).await;
        let page = page.map_err(|error| failure(folder, &error))?;
        if page.is_empty() {
            return Ok(last);
        }
        for entry in page {
            if entry.at >= before {
                return Ok(last);
            }
            last = entry.receipt.sequence;
        }
    }
}
