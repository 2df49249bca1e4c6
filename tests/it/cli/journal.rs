//! `rastau journal …` on journals that were written by the library.

use std::path::Path;
use std::sync::Arc;

use rastau::clock::{FixedClock, Time};
use rastau::journal::{Event, Identity, Journal as _, Options, Record, SqliteJournal};

use super::{run, run_with_input};

const NOW: Time = Time::from_unix(1_787_184_000);
const IIN: &str = "650615100015";

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("threads")
        .block_on(future)
}

async fn open(data: &Path) -> SqliteJournal {
    SqliteJournal::open(Options::new(data.join("journal"), Arc::new(FixedClock(NOW)))).await.expect("opens")
}

/// Entries 1 to 5 and a checkpoint; the last two days later, about somebody.
async fn write(journal: &SqliteJournal) {
    for number in 1..=5_i64 {
        let mut record = Record::new(Event::Signed, NOW.plus_seconds(number * 86_400));
        record.client = Some("e-licensing\u{1b}[2J".to_owned());
        record.decision = Some(if number == 2 { "refused" } else { "accepted" });
        record.details.push(("number", number.to_string()));
        if number > 3 {
            record.identities.push(Identity { role: "holder", number: IIN.to_owned() });
        }
        journal.append(record).await.expect("appends");
    }
    journal.checkpoint().await.expect("signs");
}

/// A data folder with a journal that is closed.
fn written() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a folder");
    block_on(async {
        let journal = open(data.path()).await;
        write(&journal).await;
        journal.close().await;
    });
    data
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Changes the first `accepted` in the file behind a place; the pages of SQLite hold the texts as they are.
fn tamper(data: &Path) {
    let path = data.join("journal/journal.db");
    let mut bytes = std::fs::read(&path).expect("reads");
    let needle = b"\"number\":\"3\"";
    let at = bytes.windows(needle.len()).position(|window| window == needle).expect("the entry is in the file");
    bytes[at + needle.len() - 2] = b'7';
    std::fs::write(&path, bytes).expect("writes");
}

#[test]
fn a_journal_that_nobody_changed_is_good_also_while_it_is_written() {
    let data = tempfile::tempdir().expect("a folder");
    block_on(async {
        let journal = open(data.path()).await;
        write(&journal).await;
        let beside = run(&["journal", "verify", "--data", &text(data.path())]);
        assert_eq!(
            (beside.status, beside.out.contains("Nothing was changed")),
            (0, true),
            "{}{}",
            beside.out,
            beside.err
        );
        let refused = run(&["journal", "prune", "--data", &text(data.path()), "--through", "1", "--without-export"]);
        assert_eq!(refused.status, 2);
        assert!(refused.err.contains("open in another process"), "{}", refused.err);
        journal.close().await;
    });
    let alone = run(&["journal", "verify", "--data", &text(data.path())]);
    assert!(alone.status == 0 && alone.out.contains("Nothing kept elsewhere was compared"), "{}", alone.out);
    let json = run(&["journal", "verify", "--json", "--data", &text(data.path())]).json();
    assert_eq!(json["compared_with_copies"], false);
    assert_eq!((&json["good"], &json["entries"], &json["checkpoints"]), (&true.into(), &6.into(), &1.into()), "{json}");
}

#[test]
fn what_was_changed_is_named_and_the_exit_status_is_1() {
    let data = written();
    tamper(data.path());
    let run = |args: &[&str]| run(&[args, &["--data", &text(data.path())]].concat());
    let found = run(&["journal", "verify"]);
    assert_eq!(found.status, 1, "{}", found.err);
    assert!(found.out.contains("entry 3: was changed"), "{}", found.out);
    let json = run(&["journal", "verify", "--json"]);
    assert_eq!((json.status, &json.json()["fault"]["sequence"]), (1, &3.into()));
    let pruning = run(&["journal", "prune", "--through", "2", "--without-export"]);
    assert_eq!(pruning.status, 1, "{}", pruning.err);
    assert!(pruning.out.contains("nothing was deleted"), "{}", pruning.out);
}

#[test]
fn a_head_that_was_remembered_is_looked_for() {
    let data = written();
    let head = run(&["journal", "head", "--data", &text(data.path())]);
    assert_eq!(head.status, 0);
    let head = head.out.trim();
    assert!(head.starts_with("6:"), "{head}");
    let verify = |head: &str| run(&["journal", "verify", "--data", &text(data.path()), "--expect-head", head]);
    let compared = verify(head);
    assert_eq!((compared.status, compared.out.contains("Nothing kept elsewhere")), (0, false), "{}", compared.out);
    let later = verify(&format!("9:{}", "00".repeat(32)));
    assert_eq!(later.status, 1);
    assert!(later.out.contains("entry 7: is missing, and all up to entry 9"), "{}", later.out);
    let another = verify(&format!("2:{}", "00".repeat(32)));
    assert!(another.status == 1 && another.out.contains("entry 2"), "{}", another.out);
    for wrong in ["", "6", "x:y", "6:00"] {
        assert_eq!(verify(wrong).status, 2, "{wrong}");
    }
}

#[test]
fn entries_are_shown_to_people_and_machines() {
    let data = written();
    let run = |args: &[&str]| run(&[&["journal", "show"], args, &["--data", &text(data.path())]].concat());
    let all = run(&[]);
    assert_eq!((all.status, all.out.lines().count()), (0, 6), "{}", all.out);
    assert!(!all.out.contains('\u{1b}'), "nothing steers the terminal");
    assert!(!all.out.contains(IIN));
    assert_eq!(run(&["--last", "2"]).out.lines().count(), 2);
    assert_eq!(run(&["--after", "1", "--limit", "2"]).out.lines().count(), 2);
    assert_eq!(run(&["--event", "checkpoint"]).out.lines().count(), 1);
    assert_eq!(run(&["--iin", IIN]).out.lines().count(), 2, "found by the keyed hash");
    assert_eq!(run(&["--iin", "123"]).status, 2);
    let one = run(&["2"]);
    assert!(one.out.contains("Entry 2") && one.out.contains("refused"), "{}", one.out);
    assert_eq!(run(&["2", "--json"]).json()["entry"]["sequence"], 2);
    let none = run(&["99"]);
    assert!(none.status == 2 && none.err.contains("no such entry"), "{}", none.err);
}

#[test]
fn an_export_verifies_and_what_was_exported_can_be_pruned() {
    let data = written();
    let place = text(data.path());
    let export = run(&["journal", "export", "--data", &place]);
    assert_eq!((export.status, export.out.lines().count()), (0, 6), "{}", export.err);
    let key = text(&data.path().join("journal/checkpoint.pub"));
    assert_eq!(run_with_input(&["journal", "verify", "-", "--public-key", &key], export.out.as_bytes()).status, 0);
    let changed = export.out.replacen("refused", "accepted", 1);
    let found = run_with_input(&["journal", "verify", "-"], changed.as_bytes());
    assert!(found.status == 1 && found.out.contains("entry 2"), "{}", found.out);
    assert_eq!(run_with_input(&["journal", "verify", "-"], b"nothing of the kind").status, 2);

    let kept = text(&data.path().join("kept.jsonl"));
    let before = NOW.plus_seconds(86_400 * 3).to_string();
    let pruned = run(&["journal", "prune", "--data", &place, "--before", &before, "--export", &kept]);
    assert_eq!(pruned.status, 0, "{}", pruned.err);
    assert!(
        pruned.out.contains("2 entries are exported") && pruned.out.contains("up to 2 were deleted"),
        "{}",
        pruned.out
    );
    assert_eq!(run(&["journal", "verify", &kept]).status, 0);
    let rest = run(&["journal", "verify", "--data", &place]);
    assert!(rest.status == 0 && rest.out.contains("up to entry 2"), "{}{}", rest.out, rest.err);
    let again = run(&["journal", "prune", "--data", &place, "--through", "3", "--export", &kept]);
    assert!(again.status == 2 && again.err.contains("not there"), "an export is not written over: {}", again.err);
}

#[test]
fn where_there_is_no_journal_nothing_is_made() {
    let data = tempfile::tempdir().expect("a folder");
    for command in
        [&["head"][..], &["show"], &["verify"], &["export"], &["prune", "--through", "1", "--without-export"]]
    {
        let run = run(&[&["journal"], command, &["--data", &text(data.path())]].concat());
        assert_eq!(run.status, 2, "{command:?}");
        assert!(run.err.contains("no journal here") && run.err.contains("remedy"), "{}", run.err);
    }
    assert_eq!(std::fs::read_dir(data.path()).expect("reads").count(), 0);
}
