//! Somebody has the file and changes it.

use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::*;
use crate::crypto::sha256;
use crate::journal::{FaultKind, Known, VerifyError, canonical, checkpoints, hex, verify_database};

/// A journal with entries 1 to 9, of which 4 and 8 are checkpoints, 6 has an answer and 7 waits; closed.
async fn journal(folder: &Path) -> Vec<Entry> {
    let mut options = options(folder);
    options.checkpoint_entries = 3;
    let journal = SqliteJournal::open(options).await.unwrap();
    for number in 1..=3 {
        journal.append(record(number)).await.unwrap();
    }
    journal.append(record(5)).await.unwrap();
    journal.append(answered(1, b"signed")).await.unwrap();
    let mut wanted = Record::new(Event::ApprovalWanted, NOW);
    wanted.waits = Some(Waiting { id: [1; 16], expires_at: NOW.plus_seconds(60), body: b"go on".to_vec() });
    journal.append(wanted).await.unwrap();
    let entries = journal.entries(Wanted { after: 0, limit: 99, event: None }).await.unwrap();
    // As after a crash: the end is not signed.
    journal.append(record(9)).await.unwrap();
    journal.close().await;
    let mut raw = raw(folder).await;
    sqlx::raw_sql("DELETE FROM entry WHERE sequence > 9").execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
    let path = folder.join("journal").join(CHECKPOINTS_FILE);
    let lines = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, lines.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    entries
}

/// The database as its owner may open it, without triggers.
async fn raw(folder: &Path) -> SqliteConnection {
    let path = folder.join("journal").join(DATABASE_FILE);
    let mut connection = connect::durable(&path, Duration::from_secs(1)).connect().await.unwrap();
    sqlx::raw_sql(
        "DROP TRIGGER IF EXISTS entry_unchanged; DROP TRIGGER IF EXISTS entry_kept; \
         DROP TRIGGER IF EXISTS entry_in_order; DROP TRIGGER IF EXISTS answer_unchanged;",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection
}

async fn execute(folder: &Path, sql: &str) {
    let mut raw = raw(folder).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
}

/// Writes an entry anew with another text, and the chain from there on as somebody would who knows how.
async fn rewrite(folder: &Path, from: u64) {
    let mut raw = raw(folder).await;
    let rows =
        sqlx::query("SELECT sequence, previous, hash, canonical FROM entry WHERE sequence >= ? ORDER BY sequence")
            .bind(schema::signed(from))
            .fetch_all(&mut raw)
            .await
            .unwrap();
    let mut previous = None;
    for row in rows {
        let entry = read::read(&row).unwrap();
        let previous_hash = previous.unwrap_or(entry.previous);
        let text = entry.canonical.replace("\"rastau", "\"altered");
        let hash = canonical::hash(&previous_hash, &text);
        sqlx::query("UPDATE entry SET previous = ?, hash = ?, canonical = ? WHERE sequence = ?")
            .bind(previous_hash.to_vec())
            .bind(hash.to_vec())
            .bind(text)
            .bind(schema::signed(entry.receipt.sequence))
            .execute(&mut raw)
            .await
            .unwrap();
        previous = Some(hash);
    }
    raw.close().await.unwrap();
}

/// What the command would know.
fn known(folder: &Path) -> Known {
    let folder = folder.join("journal");
    let key = crate::journal::read_public(&std::fs::read(folder.join("checkpoint.pub")).unwrap());
    let kept = checkpoints(&folder.join(CHECKPOINTS_FILE), key.as_ref()).unwrap();
    Known { public_key: key, ..Known::default() }.with_checkpoints(&kept)
}

async fn verdict(folder: &Path, known: Known) -> Result<u64, (u64, FaultKind)> {
    match verify_database(&folder.join("journal").join(DATABASE_FILE), known).await {
        Ok(verified) => Ok(verified.proof.entries),
        Err(VerifyError::Fault(fault)) => Err((fault.sequence, fault.kind)),
        Err(VerifyError::Unreadable(problem)) => panic!("{problem}"),
    }
}

/// What a change leads to, and that the journal refuses to go on where the change is found at the start.
async fn after(sql: &str) -> Result<u64, (u64, FaultKind)> {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path()).await;
    execute(folder.path(), sql).await;
    let found = verdict(folder.path(), known(folder.path())).await;
    let opened = open(folder.path()).await;
    match (opened.append(record(1)).await, &found) {
        (Err(JournalError::Broken { sequence, .. }), Err((expected, _))) => assert_eq!(sequence, *expected, "{sql}"),
        (Ok(_), Ok(_)) => {}
        // Answers and waiting items are compared when they are asked for.
        (Ok(_), Err(_)) if sql.contains("answer") || sql.contains("waiting") => {}
        (outcome, found) => panic!("{sql}: {outcome:?}, {found:?}"),
    }
    opened.close().await;
    found
}

const SWAP: &str = "CREATE TEMP TABLE t AS SELECT * FROM entry WHERE sequence IN (2, 3); \
    DELETE FROM entry WHERE sequence IN (2, 3); \
    INSERT INTO entry SELECT 5 - sequence, previous, hash, event, canonical FROM t;";

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_nobody_changed_verifies() {
    assert_eq!(after("SELECT 1").await, Ok(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_found_and_named() {
    use FaultKind::{Changed, Inserted, Missing, Reordered, Truncated};
    for (sql, sequence, kind) in [
        ("UPDATE entry SET canonical = replace(canonical, 'rastau', 'r') WHERE sequence = 3", 3, Changed),
        ("UPDATE entry SET canonical = 'null' WHERE sequence = 5", 5, Changed),
        ("UPDATE entry SET canonical = canonical || ' ' WHERE sequence = 1", 1, Changed),
        ("UPDATE entry SET hash = zeroblob(32) WHERE sequence = 3", 3, Changed),
        ("UPDATE entry SET previous = zeroblob(32) WHERE sequence = 3", 3, Changed),
        ("UPDATE entry SET hash = zeroblob(32) WHERE sequence = 9", 9, Changed),
        ("UPDATE entry SET event = 'log-in' WHERE sequence = 6", 6, Changed),
        ("DELETE FROM entry WHERE sequence = 1", 1, Missing),
        ("DELETE FROM entry WHERE sequence = 5", 5, Missing),
        ("DELETE FROM entry WHERE sequence < 5", 1, Missing),
        ("DELETE FROM entry WHERE sequence > 3", 4, Truncated),
        ("DELETE FROM entry WHERE sequence > 6", 7, Truncated),
        ("DELETE FROM entry", 1, Truncated),
        (SWAP, 2, Reordered),
        ("UPDATE entry SET sequence = 0 WHERE sequence = 9", 0, Inserted),
        ("INSERT INTO entry SELECT -5, previous, hash, event, canonical FROM entry WHERE sequence = 1", 0, Inserted),
        (
            "DELETE FROM entry WHERE sequence = 3; UPDATE entry SET sequence = sequence - 1 WHERE sequence > 3",
            3,
            Reordered,
        ),
        (
            "DELETE FROM entry WHERE sequence < 4; INSERT INTO cut SELECT 3, previous FROM entry WHERE sequence = 4",
            3,
            Missing,
        ),
        ("UPDATE answer SET body = x'00'", 6, Changed),
        ("UPDATE answer SET request = zeroblob(32)", 6, Changed),
        ("UPDATE answer SET sequence = 1", 1, Changed),
        ("UPDATE answer SET sequence = 77", 77, Changed),
        ("UPDATE waiting SET expires_at = '2099-01-01T00:00:00Z'", 7, Changed),
        ("UPDATE waiting SET body = x'00'", 7, Changed),
        ("INSERT INTO token VALUES (4, x'00')", 4, Changed),
        ("INSERT INTO token VALUES (40, x'00')", 40, Changed),
    ] {
        if sql.contains("token") {
            let folder = tempfile::tempdir().unwrap();
            journal(folder.path()).await;
            execute(folder.path(), sql).await;
            assert_eq!(verdict(folder.path(), known(folder.path())).await, Err((sequence, kind)), "{sql}");
        } else {
            assert_eq!(after(sql).await, Err((sequence, kind)), "{sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_written_anew_is_found_by_checkpoints_and_by_a_remembered_head() {
    let folder = tempfile::tempdir().unwrap();
    let entries = journal(folder.path()).await;
    rewrite(folder.path(), 5).await;
    // The checkpoint behind what was changed is of another chain.
    let without_file = Known { public_key: known(folder.path()).public_key, ..Known::default() };
    assert_eq!(verdict(folder.path(), without_file.clone()).await, Err((8, FaultKind::Forged)));
    // Without it, the one that was kept beside the journal.
    let anew = tempfile::tempdir().unwrap();
    let entries_anew = journal(anew.path()).await;
    assert_eq!(entries_anew.len(), entries.len());
    execute(anew.path(), "DELETE FROM entry WHERE sequence > 7").await;
    rewrite(anew.path(), 5).await;
    assert_eq!(verdict(anew.path(), known(anew.path())).await, Err((7, FaultKind::Changed)));
    // Without any, a remembered head.
    assert_eq!(verdict(anew.path(), Known::default()).await, Ok(7));
    let head = entries_anew.get(5).unwrap().receipt;
    assert_eq!(verdict(anew.path(), Known::default().with_head(head)).await, Err((6, FaultKind::Changed)));
    let later = Receipt { sequence: 9, hash: [0; 32] };
    assert_eq!(verdict(anew.path(), Known::default().with_head(later)).await, Err((8, FaultKind::Truncated)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_another_key_is_forged() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path()).await;
    let stranger = Known { public_key: Some([7; 32]), ..Known::default() };
    assert_eq!(verdict(folder.path(), stranger).await, Err((4, FaultKind::Forged)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_or_a_waiting_item_that_was_changed_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path()).await;
    execute(folder.path(), "UPDATE answer SET body = x'00'; UPDATE waiting SET body = x'00'").await;
    let journal = open(folder.path()).await;
    let answer = journal.answer(AnswerKey([1; 32])).await;
    assert!(matches!(answer, Err(JournalError::Broken { sequence: 6, .. })), "{answer:?}");
    let waiting = journal.waiting(NOW).await;
    assert!(matches!(waiting, Err(JournalError::Broken { sequence: 7, .. })), "{waiting:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_appended_behind_what_somebody_else_wrote() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path()).await;
    let journal = open(folder.path()).await;
    execute(folder.path(), "DELETE FROM entry WHERE sequence = 9").await;
    let refused = journal.append(record(1)).await;
    assert!(matches!(refused, Err(JournalError::Broken { sequence: 8, .. })), "{refused:?}");
    assert!(journal.fault().is_some());
    assert!(matches!(journal.append_soon(record(1)), Err(JournalError::Broken { .. })));
    assert!(journal.entry(1).await.unwrap().is_some(), "it can be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_the_hand_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    let receipt = journal.append(answered(1, b"signed")).await.unwrap();
    let path = folder.path().join("journal").join(DATABASE_FILE);
    let mut connection = connect::durable(&path, Duration::from_secs(1)).connect().await.unwrap();
    for sql in [
        "UPDATE entry SET event = 'log-in'",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT sequence, previous, hash, 'log-in', canonical FROM entry",
        "INSERT INTO entry SELECT 3, hash, hash, event, canonical FROM entry",
        "UPDATE answer SET body = x''",
    ] {
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap_err();
    }
    assert_eq!(hex::encode(&journal.entry(1).await.unwrap().unwrap().receipt.hash), hex::encode(&receipt.hash));
    journal.append(record(1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_with_a_body_and_an_entry_that_were_changed_together_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    journal(folder.path()).await;
    let journal = open(folder.path()).await;
    let (before, after) = (hex::encode(&sha256(b"go on")), hex::encode(&sha256(b"\0")));
    execute(
        folder.path(),
        &format!(
            "UPDATE waiting SET body = x'00'; \
             UPDATE entry SET canonical = replace(canonical, '{before}', '{after}') WHERE sequence = 7"
        ),
    )
    .await;
    let waiting = journal.waiting(NOW).await;
    assert!(matches!(waiting, Err(JournalError::Broken { sequence: 7, .. })), "{waiting:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_whose_text_has_another_hash_is_not_given() {
    for sql in [
        "UPDATE entry SET canonical = replace(canonical, 'rastau', 'r') WHERE sequence = 3",
        "UPDATE entry SET previous = zeroblob(32) WHERE sequence = 3",
        "UPDATE entry SET hash = zeroblob(32) WHERE sequence = 3",
        SWAP,
    ] {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).await;
        let journal = open(folder.path()).await;
        execute(folder.path(), sql).await;
        let one = journal.entry(3).await;
        assert!(matches!(one, Err(JournalError::Broken { sequence: 3, .. })), "{sql}: {one:?}");
        let some = journal.entries(Wanted { after: 0, limit: 9, event: None }).await;
        assert!(matches!(some, Err(JournalError::Broken { .. })), "{sql}: {some:?}");
        assert!(journal.entry(1).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_is_not_settled_whatever_its_row_says() {
    for (column, at, settled) in [
        ("2099-01-01T00:00:00Z", 61, false),
        ("nonsense", 61, false),
        ("2099-01-01T00:00:00Z", 59, true),
        ("nonsense", 59, true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).await;
        execute(folder.path(), &format!("UPDATE waiting SET expires_at = '{column}'")).await;
        let journal = open(folder.path()).await;
        let mut given = Record::new(Event::ApprovalWithheld, NOW.plus_seconds(at));
        given.settles = Some([1; 16]);
        let outcome = journal.append(given).await;
        assert_eq!(outcome.is_ok(), settled, "{column} {at}: {outcome:?}");
        assert!(settled || outcome == Err(JournalError::Settled), "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_by_an_entry_that_does_not_say_until_when_is_not_settled() {
    for sql in [
        "UPDATE waiting SET sequence = 1",
        "UPDATE waiting SET sequence = 77",
        "UPDATE entry SET canonical = replace(canonical, '\"expires_at\":\"2', '\"expires_at\":\"x') WHERE sequence = 7",
        "UPDATE entry SET canonical = replace(canonical, '\"expires_at\":\"20', '\"expires_at\":\"30') WHERE sequence = 7",
    ] {
        let folder = tempfile::tempdir().unwrap();
        journal(folder.path()).await;
        let journal = open(folder.path()).await;
        execute(folder.path(), sql).await;
        let mut given = Record::new(Event::ApprovalWithheld, NOW);
        given.settles = Some([1; 16]);
        assert_eq!(journal.append(given).await, Err(JournalError::Settled), "{sql}");
    }
}
