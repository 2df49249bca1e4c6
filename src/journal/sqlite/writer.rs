//! The one who writes: takes what has come together, writes it in one transaction, answers when that is durable.
//!
//! A transaction that fails is answered as unavailable, the connection is made anew for the next one, and what need not be
//! durable at once is tried again: a disk that has room again, a file that is unlocked, a mount that is back need no hands.
//! Before each transaction the end of the chain in the file is compared with the one remembered, so that nothing is appended
//! to what another program wrote.

use std::path::PathBuf;
use std::sync::Arc;

use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior};

use super::super::checkpoint::Checkpoint;
use super::super::record::Record;
use super::super::retention;
use super::super::secrets::Secrets;
use super::super::{JournalError, Receipt};
use super::appending::Appending;
use super::connect;
use super::lock::Lock;
use super::signing::Checkpoints;
use super::{Shared, store};

/// Most entries in one transaction: some milliseconds of work, so that the first waits for the last without noticing.
const BATCH: usize = 512;
/// How often it is looked whether a checkpoint or a sweep is due.
const TICK: std::time::Duration = std::time::Duration::from_secs(1);
/// How often answers past their retention are deleted.
const SWEEP: std::time::Duration = std::time::Duration::from_secs(3600);
/// After a failure, until what waits is tried again.
const RETRY: std::time::Duration = std::time::Duration::from_secs(1);

type Reply<T> = oneshot::Sender<Result<T, JournalError>>;

/// What the writer is asked for.
pub enum Job {
    /// Write this and say when it is durable.
    Append(Box<Record>, Reply<Receipt>),
    /// Sign the chain.
    Checkpoint(Reply<Option<Receipt>>),
    /// Write what waits, and end.
    Close,
    /// Delete entries up to that one.
    Prune(u64, Reply<Option<Receipt>>),
    /// A token for the checkpoint at that entry has come.
    Token(u64, Vec<u8>),
}

/// An entry to be, and who waits for it.
struct Item {
    record: Record,
    reply: Option<Reply<Receipt>>,
}

/// What a transaction is to do.
#[derive(Default)]
struct Order {
    items: Vec<Item>,
    /// Sign, even if it is not due yet.
    checkpoint: bool,
    /// Delete entries up to that one.
    prune: Option<u64>,
    /// Delete what is past its retention.
    sweep: bool,
}

/// What a transaction comes to.
#[derive(Default)]
struct Written {
    pruned: Option<Receipt>,
    head: Option<Receipt>,
    outcomes: Vec<Result<Receipt, JournalError>>,
    checkpoint: Option<(Receipt, Checkpoint)>,
}

/// What whoever asked for more than entries is told.
#[derive(Clone, Copy, Default)]
struct Done {
    checkpoint: Option<Receipt>,
    pruned: Option<Receipt>,
}

/// See the module.
pub struct Writer {
    shared: Arc<Shared>,
    secrets: Secrets,
    path: PathBuf,
    file: FileId,
    connection: Option<SqliteConnection>,
    head: Option<Receipt>,
    /// The end of a transaction whose commit failed: the file may have it all the same after a repair.
    doubtful: Option<Receipt>,
    checkpoints: Checkpoints,
    backlog: Vec<Record>,
    flush: Option<Instant>,
    swept: Option<Instant>,
    lock: Arc<Lock>,
}

/// What tells a file from another under the same name.
type FileId = Option<(u64, u64)>;

impl Writer {
    /// With the connection that the journal was opened with.
    pub async fn new(
        shared: Arc<Shared>,
        secrets: Secrets,
        path: PathBuf,
        mut connection: SqliteConnection,
        lock: Arc<Lock>,
        jobs: mpsc::WeakSender<Job>,
    ) -> Result<Self, sqlx::Error> {
        let head = shared.head();
        let last = store::last_checkpoint(&mut connection).await?;
        let checkpoints = Checkpoints::new(&shared.options, last, jobs);
        let file = file_id(&path);
        Ok(Self {
            shared,
            secrets,
            path,
            file,
            connection: Some(connection),
            head,
            doubtful: None,
            checkpoints,
            backlog: Vec::new(),
            flush: None,
            swept: None,
            lock,
        })
    }

    /// Works until it is told to end, or nobody can ask any more.
    pub async fn run(
        mut self,
        mut jobs: mpsc::Receiver<Job>,
        mut soon: mpsc::Receiver<Record>,
        ended: watch::Sender<bool>,
    ) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut taken = Vec::with_capacity(BATCH);
        loop {
            let flush = self.flush;
            tokio::select! {
                biased;
                count = jobs.recv_many(&mut taken, BATCH) => {
                    if taken.iter().any(|job| matches!(job, Job::Close)) {
                        jobs.close();
                        soon.close();
                    }
                    self.work(&mut taken, &mut soon).await;
                    if count == 0 {
                        break;
                    }
                }
                () = tokio::time::sleep_until(flush.unwrap_or_else(Instant::now)), if flush.is_some() => {
                    self.take_soon(&mut soon);
                    // A failure was told to the log, and what waits is tried again.
                    let _ = self.transact(Order::default()).await;
                }
                Some(record) = soon.recv(), if self.backlog.len() < BATCH => {
                    self.backlog.push(record);
                    let due = self.backlog.len() >= BATCH;
                    let wait = if due { std::time::Duration::ZERO } else { self.shared.options.linger };
                    self.flush = Some(self.flush.unwrap_or_else(|| Instant::now() + wait));
                }
                _ = ticks.tick() => self.keep_house().await,
            }
        }
        self.end(&mut soon).await;
        // With the lock: who waits for the end may open the journal anew at once.
        drop(self);
        ended.send_replace(true);
    }

    /// One round: everything that was asked.
    async fn work(&mut self, taken: &mut Vec<Job>, soon: &mut mpsc::Receiver<Record>) {
        let mut items = Vec::with_capacity(taken.len());
        let mut wanted = Vec::new();
        let mut prunings = Vec::new();
        for job in taken.drain(..) {
            match job {
                Job::Append(record, reply) => items.push(Item { record: *record, reply: Some(reply) }),
                Job::Checkpoint(reply) => wanted.push(reply),
                Job::Close => {}
                Job::Prune(through, reply) => prunings.push((through, reply)),
                Job::Token(sequence, token) => self.keep_token(sequence, token).await,
            }
        }
        if !items.is_empty() || !wanted.is_empty() {
            self.take_soon(soon);
            let checkpoint = !wanted.is_empty();
            let done = self.transact(Order { items, checkpoint, ..Order::default() }).await;
            for reply in wanted {
                // Who has gone wants no answer.
                let _ = reply.send(done.clone().map(|done| done.checkpoint));
            }
        }
        for (through, reply) in prunings {
            let done = self.transact(Order { prune: Some(through), ..Order::default() }).await;
            // Who has gone wants no answer.
            let _ = reply.send(done.map(|done| done.pruned));
        }
    }

    /// What waits without hurry goes along.
    fn take_soon(&mut self, soon: &mut mpsc::Receiver<Record>) {
        while self.backlog.len() < BATCH
            && let Ok(record) = soon.try_recv()
        {
            self.backlog.push(record);
        }
    }

    /// Writes the backlog and what is ordered; answers who waits for entries.
    async fn transact(&mut self, mut order: Order) -> Result<Done, JournalError> {
        self.flush = None;
        let waiting = std::mem::take(&mut order.items);
        order.items = self.backlog.drain(..).map(|record| Item { record, reply: None }).chain(waiting).collect();
        match self.write(&order).await {
            Ok(written) => {
                self.doubtful = None;
                self.head = written.head;
                self.shared.set_head(written.head);
                for (item, outcome) in order.items.into_iter().zip(written.outcomes) {
                    tell(item, outcome);
                }
                let checkpoint = written.checkpoint.map(|(receipt, checkpoint)| {
                    self.checkpoints.signed(receipt, checkpoint);
                    receipt
                });
                Ok(Done { checkpoint, pruned: written.pruned })
            }
            Err(error) => {
                self.refuse(order.items, &error);
                Err(error)
            }
        }
    }

    /// A transaction that failed: who waits is told, the rest is tried again.
    fn refuse(&mut self, items: Vec<Item>, error: &JournalError) {
        let broken = matches!(error, JournalError::Broken { .. });
        if broken {
            self.shared.set_fault(error.clone());
        } else {
            tracing::warn!(%error, waiting = items.len(), "the journal was not written");
        }
        for item in items {
            match item.reply {
                // Who has gone wants no answer.
                Some(reply) => drop(reply.send(Err(error.clone()))),
                None if broken => {}
                None => self.backlog.push(item.record),
            }
        }
        if !self.backlog.is_empty() {
            self.flush = Some(Instant::now() + RETRY);
        }
    }

    /// The transaction.
    async fn write(&mut self, order: &Order) -> Result<Written, JournalError> {
        if let Some(fault) = self.shared.fault() {
            return Err(fault);
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect::writing(&self.path, self.shared.options.busy, &self.lock)
                .connect()
                .await
                .map_err(|error| connect::unavailable(&error))?,
        };
        if file_id(&self.path) != self.file {
            return Err(JournalError::Unavailable(
                "the file was moved or replaced; put it back, or restart the service".to_owned(),
            ));
        }
        let written = self.write_on(&mut connection, order).await?;
        // Only a connection on which all went well is used again.
        self.connection = Some(connection);
        Ok(written)
    }

    async fn write_on(&mut self, connection: &mut SqliteConnection, order: &Order) -> Result<Written, JournalError> {
        let unavailable = |error: sqlx::Error| connect::unavailable(&error);
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(unavailable)?;
        let there = store::head(&mut transaction).await.map_err(unavailable)?;
        if there != self.head {
            self.adopt(there)?;
        }
        let now = self.shared.now();
        let mut append = Appending { connection: &mut transaction, secrets: &self.secrets, shared: &self.shared, now };
        let mut written = Written { head: self.head, ..Written::default() };
        if order.sweep {
            append.sweep(&mut written.head).await?;
        }
        for item in &order.items {
            let outcome = append.write(&item.record, &mut written.head).await?;
            written.outcomes.push(outcome);
        }
        if let Some(through) = order.prune {
            written.pruned = store::prune(append.connection, through).await.map_err(unavailable)?;
            if let Some(cut) = written.pruned {
                append.write(&retention::record(cut, now), &mut written.head).await??;
            }
        }
        if let Some(through) = written.head
            && self.checkpoints.wanted(through.sequence, order.checkpoint || written.pruned.is_some())
        {
            let signed = Checkpoint::sign(through, now, &self.secrets.checkpoint);
            let receipt = append.write(&signed.record(), &mut written.head).await??;
            written.checkpoint = Some((receipt, signed));
        }
        self.doubtful = written.head;
        transaction.commit().await.map_err(unavailable)?;
        Ok(written)
    }

    /// The file ends elsewhere than remembered: with the transaction whose commit was said to have failed, or as somebody
    /// else left it.
    fn adopt(&mut self, there: Option<Receipt>) -> Result<(), JournalError> {
        if there.is_some() && there == self.doubtful {
            self.head = there;
            return Ok(());
        }
        let sequence = there.map_or(0, |there| there.sequence).min(self.head.map_or(0, |head| head.sequence));
        Err(JournalError::Broken {
            sequence: sequence.max(1),
            fault: "another program changed the end of the journal while this one had it open".to_owned(),
        })
    }

    async fn keep_house(&mut self) {
        if self.shared.fault().is_some() {
            return;
        }
        self.checkpoints.stamp();
        // A failure was told to the log, and the next tick tries again.
        if self.swept.is_none_or(|swept| swept.elapsed() >= SWEEP)
            && self.transact(Order { sweep: true, ..Order::default() }).await.is_ok()
        {
            self.swept = Some(Instant::now());
        }
        let head = self.head.map_or(0, |head| head.sequence);
        if self.checkpoints.overdue(head) {
            // A failure was told to the log, and the next tick tries again.
            let _ = self.transact(Order { checkpoint: true, ..Order::default() }).await;
        }
    }

    async fn keep_token(&mut self, sequence: u64, token: Vec<u8>) {
        let Some(connection) = &mut self.connection else { return };
        if let Err(error) = store::keep_token(connection, sequence, token).await {
            tracing::warn!(%error, sequence, "the timestamp of a checkpoint was not kept");
        }
    }

    /// The rest, a last checkpoint, and the file left tidy.
    async fn end(&mut self, soon: &mut mpsc::Receiver<Record>) {
        loop {
            self.take_soon(soon);
            if self.backlog.is_empty() {
                break;
            }
            if self.transact(Order::default()).await.is_err() {
                let lost = self.backlog.len();
                tracing::error!(
                    lost,
                    "entries that were not to be durable at once are lost with the end of the program"
                );
                break;
            }
        }
        let head = self.head.map_or(0, |head| head.sequence);
        if self.checkpoints.wanted(head, true) {
            // Told to the log already.
            let _ = self.transact(Order { checkpoint: true, ..Order::default() }).await;
        }
        if let Some(connection) = self.connection.take() {
            // What is committed is durable with or without this.
            let _ = connection.close().await;
        }
    }
}

fn tell(item: Item, outcome: Result<Receipt, JournalError>) {
    match item.reply {
        // Who has gone wants no answer.
        Some(reply) => drop(reply.send(outcome)),
        None => {
            if let Err(error) = outcome {
                tracing::warn!(%error, event = item.record.event.as_str(), "an entry was not kept");
            }
        }
    }
}

/// Device and number of the file; nothing where there is none.
fn file_id(path: &std::path::Path) -> FileId {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
