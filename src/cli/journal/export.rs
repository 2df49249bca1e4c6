//! `rastau journal export`: entries as lines of JSON.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::super::complain;
use super::super::status::{Failure, Status};
use super::args::ExportArgs;
use super::{failure, folder, open};
use crate::journal::{Event, Reader, Wanted, export};

/// Entries read at once.
const PAGE: usize = 500;

/// Writes the entries; how many is told on stderr.
pub async fn run(args: &ExportArgs) -> Result<Status, Failure> {
    let folder = folder(&args.place)?;
    let reader = open(&folder).await?;
    let to = args.to.unwrap_or(u64::MAX);
    let count = match &args.out {
        Some(path) => into_file(&reader, &folder, path, args.from, to).await?,
        None => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            let written = write(&reader, &folder, &mut out, args.from, to).await;
            let written = written.and_then(|count| out.flush().map(|()| count).map_err(|error| unwritten(&error)));
            match written {
                Ok(count) => count,
                // The reader has what it wanted.
                Err(Unwritten::Closed) => return Ok(Status::Good),
                Err(Unwritten::Failed(failure)) => return Err(failure),
            }
        }
    };
    complain(format_args!("{count} entries"));
    Ok(Status::Good)
}

/// Writes entries into a file that must not be there; it is durable when this returns.
pub async fn into_file(reader: &Reader, folder: &Path, path: &Path, from: u64, to: u64) -> Result<u64, Failure> {
    let about = path.display().to_string();
    let broken = |error: io::Error| {
        Failure::new(path.display().to_string(), format!("cannot be written: {error}"))
            .remedy("name a file that is not there, in a folder that can be written and has room")
    };
    let mut out = io::BufWriter::new(create(path).map_err(broken)?);
    let count = match write(reader, folder, &mut out, from, to).await {
        Ok(count) => count,
        Err(Unwritten::Closed) => return Err(Failure::new(about, "was closed")),
        Err(Unwritten::Failed(failure)) => return Err(failure),
    };
    let file = out.into_inner().map_err(|error| broken(error.into_error()))?;
    file.sync_all().map_err(broken)?;
    Ok(count)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Why an export ended early.
enum Unwritten {
    Closed,
    Failed(Failure),
}

fn unwritten(error: &io::Error) -> Unwritten {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Unwritten::Closed,
        _ => Unwritten::Failed(Failure::new("export", format!("cannot be written: {error}"))),
    }
}

async fn write(reader: &Reader, folder: &Path, out: &mut impl Write, from: u64, to: u64) -> Result<u64, Unwritten> {
    let mut after = from.saturating_sub(1);
    let mut count = 0_u64;
    loop {
        let failed = |error| Unwritten::Failed(failure(folder, &error));
        let page = reader.entries(Wanted { after, limit: PAGE, event: None }).await.map_err(failed)?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.receipt.sequence;
        for entry in page.iter().filter(|entry| entry.receipt.sequence <= to) {
            let token = if entry.event == Event::Checkpoint.as_str() {
                reader.timestamp(entry.receipt.sequence).await.map_err(failed)?
            } else {
                None
            };
            writeln!(out, "{}", export::line(entry, token.as_deref())).map_err(|error| unwritten(&error))?;
            count = count.saturating_add(1);
        }
        if after >= to {
            return Ok(count);
        }
    }
}
