//! A process that writes a journal until it is killed, or does what it is told: this test binary once more.

use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rastau::journal::{Journal as _, SqliteJournal};

use super::{block_on, options, signed};

const FOLDER: &str = "RASTAU_TEST_JOURNAL";
const TASK: &str = "RASTAU_TEST_JOURNAL_TASK";
/// Who appends at once.
const CALLERS: u64 = 16;

/// Runs this binary as a child; `wrap` may put a command before it.
pub fn command(folder: &Path, task: &str, wrap: &[&str]) -> Command {
    let binary = std::env::current_exe().unwrap();
    let mut command = match wrap {
        [] => Command::new(&binary),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&binary);
            command
        }
    };
    command
        .args(["--exact", "journal::child::as_a_child_the_journal_is_written", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(TASK, task)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    command
}

/// The same, started.
pub fn start(folder: &Path, task: &str) -> Child {
    command(folder, task, &[]).spawn().unwrap()
}

#[test]
fn as_a_child_the_journal_is_written() {
    let (Some(folder), Ok(task)) = (std::env::var_os(FOLDER), std::env::var(TASK)) else {
        // Not a child.
        return;
    };
    let folder = PathBuf::from(folder);
    match task.strip_prefix("load ") {
        Some(first) => block_on(load(&folder, first.parse().unwrap())),
        None => block_on(obey(&folder)),
    }
}

/// Says something to the parent, on a line of its own.
fn say(text: &str) {
    // The parent may have gone with what it wanted to know.
    let _ = io::stdout().lock().write_all(format!("\n> {text}\n").as_bytes());
}

/// Appends with several callers and tells what was acknowledged, until it is killed.
async fn load(folder: &Path, first: u64) {
    let mut often = options(folder);
    often.checkpoint_entries = 20;
    let journal = Arc::new(SqliteJournal::open(often).await.unwrap());
    say("open");
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move {
                let mut number = first + caller;
                loop {
                    let receipt = journal.append(signed(number)).await.unwrap();
                    say(&format!("{number} {receipt}"));
                    journal.append_soon(signed(number + (1 << 40))).unwrap();
                    number += CALLERS;
                }
            })
        })
        .collect();
    // They never end: the process is killed.
    let _ended = futures_util::future::join_all(callers).await;
}

/// Does what each line of standard input says, in a folder inside `folder`, and answers with a line.
async fn obey(folder: &Path) {
    let mut lines = io::stdin().lock().lines();
    let mut journal = None;
    while let Some(Ok(line)) = lines.next() {
        let (word, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match word {
            "open" => {
                let mut quick = options(&folder.join("journal"));
                quick.busy = Duration::from_millis(50);
                match SqliteJournal::open(quick).await {
                    Ok(opened) => {
                        journal = Some(opened);
                        "open".to_owned()
                    }
                    Err(error) => error.to_string(),
                }
            }
            "append" => match journal.as_ref().unwrap().append(signed(argument.parse().unwrap())).await {
                Ok(receipt) => receipt.to_string(),
                Err(error) => error.to_string(),
            },
            "fill" => fill(&folder.join("filler")),
            "run" => {
                let mut words = argument.split(' ');
                let run = Command::new(words.next().unwrap()).args(words).output();
                run.map_or_else(|error| error.to_string(), |output| output.status.to_string())
            }
            "close" => {
                journal.take().unwrap().close().await;
                "closed".to_owned()
            }
            _ => "what?".to_owned(),
        };
        say(&answer);
    }
}

/// Takes all room that there is.
fn fill(path: &Path) -> String {
    let mut file = std::fs::File::create(path).unwrap();
    for size in [4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    "full".to_owned()
}
