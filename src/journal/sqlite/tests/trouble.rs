//! Files that are locked, moved, exchanged or damaged, and keys that are gone.

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use std::path::PathBuf;

use super::*;

fn database(folder: &Path) -> PathBuf {
    folder.join("journal").join(DATABASE_FILE)
}

async fn other(folder: &Path) -> SqliteConnection {
    connect::durable(&database(folder), Duration::from_secs(1)).connect().await.unwrap()
}

fn unavailable<T: std::fmt::Debug>(result: Result<T, JournalError>, word: &str) {
    match result {
        Err(JournalError::Unavailable(text)) => assert!(text.contains(word), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_somebody_locks_the_file_nothing_is_lost_and_then_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    journal.append(record(1)).await.unwrap();
    let mut other = other(folder.path()).await;
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    journal.append_soon(record(2)).unwrap();
    unavailable(journal.append(answered(3, b"signed")).await, "locked by another program");
    assert_eq!(journal.head().await.unwrap().unwrap().sequence, 1);
    assert_eq!(journal.entries(Wanted { after: 0, limit: 9, event: None }).await.unwrap().len(), 1, "it can be read");
    transaction.rollback().await.unwrap();
    // The same request again, as a client would.
    let receipt = journal.append(answered(3, b"signed")).await.unwrap();
    assert_eq!(receipt.sequence, 3, "what was not in a hurry came first");
    assert_eq!(journal.fault(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_while_the_file_is_locked_is_bounded_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut seldom = options(folder.path());
    seldom.checkpoint_entries = u64::MAX;
    let journal = SqliteJournal::open(seldom).await.unwrap();
    let mut other = other(folder.path()).await;
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let mut taken = 0;
    let refused = loop {
        match journal.append_soon(record(0)) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
        if taken % 1000 == 0 {
            tokio::task::yield_now().await;
        }
    };
    unavailable::<()>(Err(refused), "too many");
    assert!((SOON_QUEUE..SOON_QUEUE + 4 * 512).contains(&taken), "{taken}");
    transaction.rollback().await.unwrap();
    journal.close().await;
    let journal = open(folder.path()).await;
    assert_eq!(journal.head().await.unwrap().unwrap().sequence, u64::try_from(taken).unwrap() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_moved_away_is_noticed_and_goes_on_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    journal.append(record(1)).await.unwrap();
    let away = folder.path().join("away.db");
    std::fs::rename(database(folder.path()), &away).unwrap();
    unavailable(journal.append(record(2)).await, "moved or replaced");
    unavailable(journal.append(record(2)).await, "moved");
    assert!(!database(folder.path()).exists(), "no new file is begun in its place");
    std::fs::rename(&away, database(folder.path())).unwrap();
    assert_eq!(journal.append(record(3)).await.unwrap().sequence, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_in_place_of_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    journal.append(record(1)).await.unwrap();
    journal.close().await;
    let copy = folder.path().join("copy.db");
    std::fs::copy(database(folder.path()), &copy).unwrap();
    let journal = open(folder.path()).await;
    journal.append(record(2)).await.unwrap();
    journal.close().await;
    // While it was closed: the checkpoint beside it tells.
    std::fs::copy(&copy, database(folder.path())).unwrap();
    let journal = open(folder.path()).await;
    let refused = journal.append(record(3)).await;
    assert!(matches!(refused, Err(JournalError::Broken { sequence: 3, .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_database_or_a_newer_one_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.close().await;
    let mut newer = other(folder.path()).await;
    sqlx::raw_sql("PRAGMA user_version = 99").execute(&mut newer).await.unwrap();
    newer.close().await.unwrap();
    let error = SqliteJournal::open(options(folder.path())).await.unwrap_err();
    assert!(matches!(error, OpenError::Newer { version: 99, .. }), "{error}");
    std::fs::write(database(folder.path()), [b'x'; 5000]).unwrap();
    let error = SqliteJournal::open(options(folder.path())).await.unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_without_its_keys_does_not_open() {
    for name in ["identity.key", "checkpoint.key"] {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(folder.path()).await;
        journal.append(record(1)).await.unwrap();
        journal.close().await;
        let key = folder.path().join("journal").join(name);
        let kept = std::fs::read(&key).unwrap();
        std::fs::remove_file(&key).unwrap();
        let error = SqliteJournal::open(options(folder.path())).await.unwrap_err();
        assert!(error.to_string().contains(name) && error.to_string().contains("backup"), "{error}");
        assert!(!key.exists());
        std::fs::write(&key, "ab".repeat(32)).unwrap();
        let error = SqliteJournal::open(options(folder.path())).await.unwrap_err();
        assert!(error.to_string().contains("other keys"), "{error}");
        std::fs::write(&key, "not a key").unwrap();
        let error = SqliteJournal::open(options(folder.path())).await.unwrap_err();
        assert!(error.to_string().contains("hexadecimal") && !error.to_string().contains("not a key"), "{error}");
        std::fs::write(&key, kept).unwrap();
        open(folder.path()).await;
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    journal.append(record(1)).await.unwrap();
    journal.checkpoint().await.unwrap();
    let inside = folder.path().join("journal");
    assert_eq!(std::fs::metadata(&inside).unwrap().permissions().mode() & 0o777, 0o700);
    let mut seen = 0;
    for file in std::fs::read_dir(&inside).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        let expected = if file.file_name() == "checkpoint.pub" { 0o644 } else { 0o600 };
        assert_eq!(mode, expected, "{:?}", file.file_name());
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
    journal.close().await;
    let key = inside.join("identity.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    open(folder.path()).await;
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_and_the_rest_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = options(folder.path());
    small.max_answer = 10;
    let journal = SqliteJournal::open(small).await.unwrap();
    let mut long = record(1);
    long.details.push(("kind", "x".repeat(2 << 20)));
    let (one, two, three) = tokio::join!(
        journal.append(answered(1, &[0; 11])),
        journal.append(long),
        journal.append(answered(2, &[0; 10]))
    );
    assert_eq!((one, two), (Err(JournalError::TooLarge), Err(JournalError::TooLarge)));
    assert_eq!(three.unwrap().sequence, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_past_their_retention_are_gone_and_the_chain_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    journal.append(answered(1, b"signed")).await.unwrap();
    journal.close().await;
    let mut later = options(folder.path());
    later.clock = Arc::new(FixedClock(NOW.plus_seconds(91 * 86_400)));
    let journal = SqliteJournal::open(later).await.unwrap();
    assert_eq!(journal.answer(AnswerKey([1; 32])).await.unwrap(), None);
    // Another request now, even before it is swept.
    journal.append(answered(1, b"signed anew")).await.unwrap();
    assert_eq!(journal.answer(AnswerKey([1; 32])).await.unwrap().unwrap().0.body, b"signed anew");
}

/// A clock that panics when it is told to.
#[derive(Debug, Default)]
struct Failing(std::sync::atomic::AtomicBool);

impl crate::clock::Clock for Failing {
    fn now(&self) -> Time {
        assert!(!self.0.load(std::sync::atomic::Ordering::SeqCst), "the clock stands");
        NOW
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_whose_writer_panicked_is_not_open_and_can_be_opened_anew() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Failing::default());
    let mut failing = options(folder.path());
    failing.clock = Arc::<Failing>::clone(&clock);
    let journal = SqliteJournal::open(failing).await.unwrap();
    journal.append(record(1)).await.unwrap();
    assert!(journal.is_open());
    clock.0.store(true, std::sync::atomic::Ordering::SeqCst);
    unavailable(journal.append(record(2)).await, "closed");
    // The writer lets go of everything one after the other.
    while journal.is_open() {
        tokio::task::yield_now().await;
    }
    journal.close().await;
    let anew = loop {
        match SqliteJournal::open(options(folder.path())).await {
            Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
            other => break other.unwrap(),
        }
    };
    assert!(anew.is_open());
    assert_eq!(anew.append(record(3)).await.unwrap().sequence, 2);
    anew.close().await;
    assert!(!anew.is_open());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_forgot_its_keys_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    journal.append(record(1)).await.unwrap();
    journal.close().await;
    let mut other = other(folder.path()).await;
    sqlx::raw_sql("DELETE FROM meta").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let error = SqliteJournal::open(options(folder.path())).await.unwrap_err();
    assert!(matches!(error, OpenError::Key { .. }) && error.to_string().contains("does not name any"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_that_waits_than_memory_takes_is_refused_and_what_expired_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    for (id, seconds) in [(1, 60), (2, 30), (3, 60)] {
        let mut wanted = Record::new(Event::ApprovalWanted, NOW);
        wanted.waits = Some(Waiting { id: [id; 16], expires_at: NOW.plus_seconds(seconds), body: vec![id; 100] });
        journal.append(wanted).await.unwrap();
    }
    assert_eq!(read::waiting_within(&journal.readers, NOW, 300).await.unwrap().len(), 3);
    unavailable(read::waiting_within(&journal.readers, NOW, 299).await, "3 items that wait have 300 octets");
    assert_eq!(read::waiting_within(&journal.readers, NOW.plus_seconds(30), 299).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_deleted_with_the_entry_that_says_so_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    journal.append(answered(1, b"signed")).await.unwrap();
    journal.append(answered(2, b"signed")).await.unwrap();
    journal.close().await;
    let mut other = other(folder.path()).await;
    sqlx::raw_sql(
        "CREATE TRIGGER silent BEFORE INSERT ON entry WHEN NEW.event = 'retention' BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .execute(&mut other)
    .await
    .unwrap();
    let mut later = options(folder.path());
    later.clock = Arc::new(FixedClock(NOW.plus_seconds(91 * 86_400)));
    let journal = SqliteJournal::open(later).await.unwrap();
    unavailable(journal.append(answered(1, b"signed anew")).await, "no");
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM answer").fetch_one(&mut other).await.unwrap();
    assert_eq!(kept, 2, "neither the sweep nor the request deleted one");
    sqlx::raw_sql("DROP TRIGGER silent").execute(&mut other).await.unwrap();
    let place = journal.append(answered(1, b"signed anew")).await.unwrap();
    let said = journal.entries(Wanted { after: 0, limit: 9, event: Some("retention".to_owned()) }).await.unwrap();
    assert_eq!(said.len(), 1);
    assert!(said[0].canonical.contains("\"answers\":\"2\"") && said[0].receipt.sequence < place.sequence);
}
