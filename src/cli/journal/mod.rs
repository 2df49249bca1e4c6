//! `rastau journal …`: what was decided and signed, for operators and auditors.

mod args;
mod export;
mod prune;
mod show;
mod verify;

use std::path::{Path, PathBuf};

pub use self::args::JournalCommand;
use self::args::{HeadArgs, WhereArgs};
use super::config;
use super::output::Output;
use super::status::{Failure, Status};
use crate::config::{Config, Flags, Sources};
use crate::journal::{DATABASE_FILE, JournalError, OpenError, Reader};

/// Runs one of the commands.
pub fn run(command: &JournalCommand) -> Result<Status, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::new("threads", error))?;
    runtime.block_on(async {
        match command {
            JournalCommand::Export(args) => export::run(args).await,
            JournalCommand::Head(args) => head(args).await,
            JournalCommand::Prune(args) => prune::run(args).await,
            JournalCommand::Show(args) => show::run(args).await,
            JournalCommand::Verify(args) => verify::run(args).await,
        }
    })
}

/// Prints where the chain ends.
async fn head(args: &HeadArgs) -> Result<Status, Failure> {
    let folder = folder(&args.place)?;
    let head = open(&folder).await?.head().await.map_err(|error| failure(&folder, &error))?;
    let mut output = Output::raw();
    match (head, args.json) {
        (Some(head), false) => output.line(head),
        (None, false) => output.line("0:"),
        (head, true) => output.json(&head.map(|head| Place::of(&head))),
    }
    output.finish()?;
    Ok(Status::Good)
}

/// A place, in JSON as over HTTP.
#[derive(serde::Serialize)]
struct Place {
    sequence: u64,
    hash: String,
}

impl Place {
    fn of(receipt: &crate::journal::Receipt) -> Self {
        Self { sequence: receipt.sequence, hash: super::output::Hex(&receipt.hash).to_string() }
    }
}

/// The folder of the journal that the configuration means.
fn folder(place: &WhereArgs) -> Result<PathBuf, Failure> {
    let flags = Flags { data: place.data.clone(), ..Flags::default() };
    let sources = Sources::from_process(place.config.clone(), flags);
    let config = Config::load(&sources).map_err(|error| config::failure(&error))?;
    Ok(config.journal.directory)
}

/// The journal of a folder, to be read.
async fn open(folder: &Path) -> Result<Reader, Failure> {
    Reader::open(&database(folder)?).await.map_err(|error| unopened(&error))
}

/// The database in a folder.
fn database(folder: &Path) -> Result<PathBuf, Failure> {
    let path = folder.join(DATABASE_FILE);
    if path.exists() {
        return Ok(path);
    }
    Err(Failure::new(path.display().to_string(), "there is no journal here")
        .remedy("name the service's folder by --data, its configuration by --config, or the journal itself"))
}

/// The complaint about a journal that does not open; its text names the file and the remedy.
fn unopened(error: &OpenError) -> Failure {
    Failure::new("journal", error)
}

/// The complaint about a journal that opens and does not work.
fn failure(folder: &Path, error: &JournalError) -> Failure {
    Failure::new(folder.display().to_string(), error)
}
