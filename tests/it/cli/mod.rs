//! The program from outside: arguments, files and pipes in; exit status, standard output and stderr out.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

mod batch;
mod carried;
mod check;
mod commands;
mod extend;
mod forms;
mod interop;
mod journal;
mod lists;
mod office;
mod padding;
mod partial_lists;
mod paths;
mod policies;
mod refreshing;
mod responses;
mod rollover;
mod serve;
mod sign;
mod strict;
mod usages;
mod verify;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// How a run ended.
struct Run {
    status: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        let killed = || panic!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        Self {
            status: output.status.code().unwrap_or_else(killed),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.out, self.err))
    }

    /// Decision and code of the report.
    fn outcome(&self) -> (String, String) {
        let report = self.json();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        (text(&report["decision"]), text(&report["refusal"]["code"]))
    }
}

/// The program, in the project's folder, in an environment that decides nothing.
fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rastau"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RASTAU_CONFIG"] {
        command.env_remove(name);
    }
    command
}

fn run(args: &[&str]) -> Run {
    Run::of(program(args).stdin(Stdio::null()).output().expect("the program starts"))
}

fn run_with_input(args: &[&str], input: &[u8]) -> Run {
    let mut child = program(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that complains early closes the pipe.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("ends");
    writer.join().expect("written");
    Run::of(output)
}

fn demo(name: &str) -> String {
    format!("testdata/demo/{name}")
}

fn read(path: &str) -> Vec<u8> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_text(path: &str) -> String {
    String::from_utf8(read(path)).expect("UTF-8")
}

/// A file in a folder that goes away with the test.
fn file(folder: &tempfile::TempDir, name: &str, contents: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, contents).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
