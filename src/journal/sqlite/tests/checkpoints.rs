//! Checkpoints, their timestamps, and what is pruned behind them.

use std::pin::Pin;

use rastau_mint::authority::Authority;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::tsp::TokenBuilder;
use sqlx::Connection as _;

use super::*;
use crate::journal::{Checkpoint, Known, Stamper, VerifyError, checkpoints, export, verify_database, verify_export};

/// An authority that stamps what it is given, or something else.
#[derive(Debug)]
struct Authorities {
    over_something_else: bool,
    asked: tokio::sync::Semaphore,
}

impl Stamper for Authorities {
    fn stamp(&self, statement: Vec<u8>) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send + '_>> {
        Box::pin(async move {
            let key = Key::p256("stamper");
            let authority = Authority::root("STAMPER", Key::p256("stamper"));
            let certificate = authority.issue(authority.timestamp_authority("TSA", &key));
            let over = if self.over_something_else { b"else".to_vec() } else { statement };
            let token = TokenBuilder::new(&key, &certificate, &over, "2026-08-20T05:00:00Z");
            let token = token.imprint(Hash::Sha256, &Hash::Sha256.digest(&over)).encode();
            self.asked.add_permits(1);
            Ok(token)
        })
    }
}

/// A journal with one entry and one stamped checkpoint, closed.
async fn stamped(folder: &Path, over_something_else: bool) {
    let authority = Arc::new(Authorities { over_something_else, asked: tokio::sync::Semaphore::new(0) });
    let mut options = options(folder);
    options.stamper = Some(Arc::<Authorities>::clone(&authority));
    let journal = SqliteJournal::open(options).await.unwrap();
    journal.append(record(1)).await.unwrap();
    assert_eq!(journal.checkpoint().await.unwrap().unwrap().sequence, 2);
    let _permit = authority.asked.acquire().await.unwrap();
    // The token is on its way behind the permit; whoever asks again comes after it.
    while journal.timestamp(2).await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    journal.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_signed_in_the_chain_and_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut often = options(folder.path());
    often.checkpoint_entries = 2;
    let journal = SqliteJournal::open(often).await.unwrap();
    assert_eq!(journal.checkpoint().await.unwrap(), None, "there is nothing to sign");
    for number in 0..4 {
        journal.append(record(number)).await.unwrap();
    }
    assert_eq!(journal.checkpoint().await.unwrap(), None, "all is signed");
    let events: Vec<(String, Entry)> = journal
        .entries(Wanted { after: 0, limit: 9, event: Some("checkpoint".to_owned()) })
        .await
        .unwrap()
        .into_iter()
        .map(|entry| (entry.event.clone(), entry))
        .collect();
    let places: Vec<u64> = events.iter().map(|(_, entry)| entry.receipt.sequence).collect();
    assert_eq!(places, [3, 6]);
    let kept = checkpoints(&folder.path().join("journal").join(CHECKPOINTS_FILE), None).unwrap();
    let read: Vec<Checkpoint> = events.iter().map(|(_, entry)| Checkpoint::try_from(entry).unwrap()).collect();
    assert_eq!(kept, read);
    let mut forged = kept[0].clone();
    forged.sequence = 3;
    assert_eq!(forged.verify(None), None);
    let covered = kept[0].verify(None).unwrap();
    assert_eq!(Some(covered), journal.entry(2).await.unwrap().map(|entry| entry.receipt));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_line_of_a_crash_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    journal.append(record(1)).await.unwrap();
    journal.close().await;
    let path = folder.path().join("journal").join(CHECKPOINTS_FILE);
    let mut lines = std::fs::read_to_string(&path).unwrap();
    lines.push_str("{\"at\":\"2026");
    std::fs::write(&path, &lines).unwrap();
    assert_eq!(checkpoints(&path, None).unwrap().len(), 1);
    let journal = open(folder.path()).await;
    journal.append(record(2)).await.unwrap();
    journal.close().await;
    assert_eq!(checkpoints(&path, None).unwrap().len(), 2);
    assert!(checkpoints(&path, Some(&[1; 32])).is_err(), "another key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_is_kept_beside_the_checkpoint_that_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    stamped(folder.path(), false).await;
    let path = folder.path().join("journal").join(DATABASE_FILE);
    assert_eq!(verify_database(&path, Known::default()).await.unwrap().timestamps, 1);
    let reader = Reader::open(&path).await.unwrap();
    let mut lines = String::new();
    for entry in reader.entries(Wanted { after: 0, limit: 9, event: None }).await.unwrap() {
        let token = reader.timestamp(entry.receipt.sequence).await.unwrap();
        lines += &(export::line(&entry, token.as_deref()) + "\n");
    }
    let verified = verify_export(lines.as_bytes(), Known::default()).unwrap();
    assert_eq!((verified.proof.entries, verified.timestamps), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_over_something_else_is_found() {
    let folder = tempfile::tempdir().unwrap();
    stamped(folder.path(), true).await;
    let path = folder.path().join("journal").join(DATABASE_FILE);
    let fault = verify_database(&path, Known::default()).await.unwrap_err();
    assert!(matches!(&fault, VerifyError::Fault(fault) if fault.sequence == 2), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pruned_is_said_and_the_rest_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    for number in 0..5 {
        journal.append(record(number)).await.unwrap();
    }
    assert_eq!(journal.prune(3).await.unwrap(), None, "nothing is signed yet");
    journal.checkpoint().await.unwrap();
    journal.append(answered(1, b"signed")).await.unwrap();
    journal.checkpoint().await.unwrap();
    assert_eq!(journal.prune(3).await.unwrap().unwrap().sequence, 3);
    // Entry 7 has an answer that is kept.
    let last = journal.prune(u64::MAX).await.unwrap().unwrap();
    assert_eq!(last.sequence, 6);
    assert_eq!(journal.prune(6).await.unwrap(), None);
    assert_eq!(journal.entry(6).await.unwrap(), None);
    assert!(journal.answer(AnswerKey([1; 32])).await.unwrap().is_some());
    journal.close().await;
    let path = folder.path().join("journal").join(DATABASE_FILE);
    let kept = checkpoints(&folder.path().join("journal").join(CHECKPOINTS_FILE), None).unwrap();
    let verified = verify_database(&path, Known::default().with_checkpoints(&kept)).await.unwrap();
    assert_eq!((verified.pruned_through, verified.proof.first, verified.answers), (6, Some(7), 1));
    let journal = open(folder.path()).await;
    assert_eq!(journal.fault(), None);
    journal.append(record(9)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_journal_is_verified_behind_its_last_checkpoint_at_once_and_then_whole() {
    let folder = tempfile::tempdir().unwrap();
    let long = |folder: &Path| Options { verify_at_once: 10, ..options(folder) };
    let journal = SqliteJournal::open(long(folder.path())).await.unwrap();
    for number in 0..100 {
        journal.append(record(number)).await.unwrap();
    }
    journal.close().await;
    let path = folder.path().join("journal").join(DATABASE_FILE);
    let mut raw = connect::durable(&path, Duration::from_secs(1)).connect().await.unwrap();
    sqlx::raw_sql(
        "DROP TRIGGER entry_unchanged; UPDATE entry SET canonical = replace(canonical, 'rastau', 'r') WHERE sequence = 77",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    raw.close().await.unwrap();
    let journal = SqliteJournal::open(long(folder.path())).await.unwrap();
    // Sooner or later it is found; until then entries go behind what a checkpoint vouches for.
    while journal.fault().is_none() {
        tokio::task::yield_now().await;
    }
    assert!(matches!(journal.append(record(1)).await, Err(JournalError::Broken { sequence: 77, .. })));
}
