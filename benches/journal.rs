//! What an entry of the journal costs: entries a second that are durable when they are acknowledged, for several callers at
//! once, and how long one waits.
//!
//! `cargo bench --bench journal` prints a table; the goal is 3,000 a second with 32 callers. What a disk really makes
//! durable is its own affair: the journal asks for it with every transaction (`synchronous=FULL`).
#![expect(clippy::expect_used, reason = "a bench whose subject is broken must stop")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rastau::clock::{Clock as _, SystemClock};
use rastau::journal::{Answer, AnswerKey, Event, Identity, Journal as _, Known, Options, Record, SqliteJournal};

/// Entries of one measurement.
const ENTRIES: usize = 20_000;
/// Who appends at once, and entries a second to reach.
const CALLERS: &[(usize, f64)] = &[(1, f64::NAN), (32, 3000.0), (256, 3000.0)];
/// An answer as signing gives: a licence of some kilobytes, signed.
const ANSWER: usize = 8 << 10;

/// A signature, with its answer where one is wanted.
fn record(number: usize, answer: bool) -> Record {
    let mut record = Record::new(Event::Signed, SystemClock.now());
    record.client = Some("e-licensing".to_owned());
    record.request_id = Some("01900000-0000-7000-8000-000000000000".to_owned());
    record.decision = Some("accepted");
    record.digests = vec![("document", [1; 32]), ("certificate", [2; 32]), ("signed-document", [3; 32])];
    record.evidence = vec![[4; 32], [5; 32]];
    record.identities = vec![Identity { role: "holder", number: "650615100015".to_owned() }];
    record.details = vec![("official", "head".to_owned()), ("number", number.to_string())];
    if answer {
        let mut key = [0; 32];
        for (to, from) in key.iter_mut().zip(number.to_be_bytes()) {
            *to = from;
        }
        record.answer = Some(Answer { key: AnswerKey(key), request: [6; 32], body: vec![7; ANSWER] });
    }
    record
}

/// Appends all and gives the time of each, and of all together.
async fn measure(folder: &Path, callers: usize, entries: usize, answer: bool) -> (Vec<Duration>, Duration) {
    let journal = SqliteJournal::open(Options::new(folder, Arc::new(SystemClock))).await.expect("opens");
    let journal = Arc::new(journal);
    let begun = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move {
                let mut waits = Vec::with_capacity(entries / callers + 1);
                for number in (caller..entries).step_by(callers) {
                    let asked = Instant::now();
                    journal.append(record(number, answer)).await.expect("appends");
                    waits.push(asked.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::with_capacity(entries);
    for task in tasks {
        waits.extend(task.await.expect("ends"));
    }
    let all = begun.elapsed();
    journal.close().await;
    waits.sort_unstable();
    (waits, all)
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    println!("{:>8} {:>8} {:>12} {:>10} {:>10} {:>8}", "callers", "answer", "entries/s", "p50 ms", "p99 ms", "goal");
    // `--test`, as criterion has it: only whether it runs.
    let all_entries = if std::env::args().any(|argument| argument == "--test") { ENTRIES / 100 } else { ENTRIES };
    for (callers, goal) in CALLERS {
        for answer in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            // One after the other is slow: every one waits for the disk.
            let entries = if *callers == 1 { all_entries / 10 } else { all_entries };
            let (waits, all) = runtime.block_on(measure(folder.path(), *callers, entries, answer));
            let at =
                |share: usize| waits.get(waits.len() * share / 100).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1e3);
            let speed = waits.len() as f64 / all.as_secs_f64();
            println!("{callers:>8} {answer:>8} {speed:>12.0} {:>10.2} {:>10.2} {goal:>8.0}", at(50), at(99));
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    runtime.block_on(measure(folder.path(), 256, all_entries, false));
    let begun = Instant::now();
    let path = folder.path().join(rastau::journal::DATABASE_FILE);
    let verified = runtime.block_on(rastau::journal::verify_database(&path, Known::default())).expect("verifies");
    println!("verified {} entries/s", (verified.proof.entries as f64 / begun.elapsed().as_secs_f64()) as u64);
}
