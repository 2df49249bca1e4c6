//! When a checkpoint is due, and what becomes of it: a line in a file, a line in the log, a timestamp.

use std::fs::OpenOptions;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::super::Receipt;
use super::super::checkpoint::{Checkpoint, Stamper};
use super::Options;
use super::writer::Job;

/// Beside the database: every checkpoint, a line of JSON each.
pub const FILE: &str = "checkpoints.jsonl";
/// More than a line has.
const TAIL: u64 = 4096;

/// The checkpoints of an open journal.
pub struct Checkpoints {
    path: PathBuf,
    every: u64,
    after: Duration,
    stamper: Option<Arc<dyn Stamper>>,
    /// The entry of the last one; 0 when there was none.
    last: u64,
    since: Instant,
    /// Lines that could not be written yet.
    unwritten: Vec<String>,
    to_stamp: Option<(u64, Checkpoint)>,
    stamping: Option<JoinHandle<()>>,
    jobs: mpsc::WeakSender<Job>,
}

impl Checkpoints {
    /// Of a journal whose last checkpoint is that entry; tokens are handed to these jobs.
    pub fn new(options: &Options, last: Option<u64>, jobs: mpsc::WeakSender<Job>) -> Self {
        Self {
            path: options.folder.join(FILE),
            every: options.checkpoint_entries.max(1),
            after: options.checkpoint_after,
            stamper: options.stamper.clone(),
            last: last.unwrap_or(0),
            since: Instant::now(),
            unwritten: Vec::new(),
            to_stamp: None,
            stamping: None,
            jobs,
        }
    }

    /// Whether one is to be signed behind that entry: it is due, or asked for and there is something new.
    pub fn wanted(&self, head: u64, asked: bool) -> bool {
        let new = head.saturating_sub(self.last);
        new >= self.every || (asked && new > 0)
    }

    /// Whether there is something new, and the last one is long ago.
    pub fn overdue(&self, head: u64) -> bool {
        head > self.last && self.since.elapsed() >= self.after
    }

    /// One was signed and is durable as that entry.
    pub fn signed(&mut self, entry: Receipt, checkpoint: Checkpoint) {
        self.last = entry.sequence;
        self.since = Instant::now();
        tracing::info!(
            sequence = checkpoint.sequence,
            hash = %checkpoint.hash,
            signature = %checkpoint.signature,
            at = %checkpoint.at,
            "journal checkpoint"
        );
        if let Ok(line) = serde_json::to_string(&checkpoint) {
            self.unwritten.push(line + "\n");
        }
        match append(&self.path, &self.unwritten) {
            Ok(()) => self.unwritten.clear(),
            Err(error) => tracing::warn!(%error, "a checkpoint is in the journal but not in the file beside it yet"),
        }
        if self.stamper.is_some() {
            // The newest one covers all before it.
            self.to_stamp = Some((entry.sequence, checkpoint));
        }
        self.stamp();
    }

    /// Asks for a timestamp on the newest checkpoint, unless that goes on already.
    pub fn stamp(&mut self) {
        if self.stamping.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let (Some(stamper), Some((sequence, checkpoint))) = (self.stamper.clone(), self.to_stamp.take()) else {
            return;
        };
        let jobs = self.jobs.clone();
        self.stamping = Some(tokio::spawn(async move {
            match stamper.stamp(checkpoint.statement()).await {
                Ok(token) => {
                    if let Some(jobs) = jobs.upgrade() {
                        // A journal that closes meanwhile goes without.
                        let _ = jobs.send(Job::Token(sequence, token)).await;
                    }
                }
                Err(error) => tracing::warn!(%error, sequence, "a journal checkpoint got no timestamp"),
            }
        }));
    }
}

/// Appends lines, durably. An unfinished line, of a crash or a full disk, is taken away first: the file holds whole ones.
fn append(path: &Path, lines: &[String]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let unfinished = tail.iter().rev().take_while(|octet| **octet != b'\n').count();
    let whole = length.saturating_sub(u64::try_from(unfinished).unwrap_or(0));
    file.set_len(whole)?;
    file.seek(SeekFrom::Start(whole))?;
    file.write_all(lines.concat().as_bytes())?;
    file.sync_data()
}
