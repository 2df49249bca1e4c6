//! `rastau serve`, as a newcomer starts it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::{file, folder, program, run};

/// A running service that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it and gives what it says up to readiness.
fn start(args: &[&str]) -> (Running, String) {
    let data = folder();
    let mut command = program(args);
    command.args(["--listen", "127.0.0.1:0", "--data"]).arg(data.path());
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("starts");
    let stderr = child.stderr.take().expect("a pipe");
    let running = Running(child);
    let mut said = String::new();
    for line in BufReader::new(stderr).lines() {
        let line = line.expect("UTF-8");
        said += &line;
        said.push('\n');
        if line.trim_start().starts_with("ready") {
            break;
        }
    }
    (running, said)
}

#[test]
fn the_demo_says_where_its_page_is_and_prints_a_line_that_works() {
    let (_running, said) = start(&["serve"]);
    for word in ["http://127.0.0.1:", "keys of its authority are public", "2 anchors", "4 of 4", "yes"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains('\u{1b}'), "{said}");
    let line = said.lines().find_map(|line| line.find("curl ").map(|at| &line[at..])).expect("a curl line");
    let elsewhere = folder();
    let shell = std::process::Command::new("sh").args(["-c", line]).current_dir(elsewhere.path()).output();
    let Ok(output) = shell else {
        println!("skipped in part: no shell on this machine");
        return;
    };
    if output.status.code() == Some(127) {
        println!("skipped in part: no curl on this machine");
        return;
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["decision"], "accepted", "{report}");
}

#[test]
fn a_service_without_lists_starts_and_says_why_it_is_not_ready() {
    let (_running, said) = start(&["serve", "--trust", "testdata/demo/stranger-root.pem"]);
    assert!(said.contains("not yet") && said.contains("1 anchors"), "{said}");
}

#[test]
fn what_it_cannot_start_on_is_named() {
    let folder = folder();
    let config = file(&folder, "bad.toml", b"[nonsense]\nkey = 1\n");
    for (args, word) in [
        (&["serve", "--config", "/no/config.toml"][..], "/no/config.toml"),
        (&["serve", "--config", &config], "nonsense"),
        (&["serve", "--listen", "nowhere"], "--listen"),
        (&["serve", "--listen", "192.0.2.1:80"], "--listen"),
        (&["serve", "--trust", "/no/anchor.pem"], "/no/anchor.pem"),
        (&["serve", "--trust", "certs/demo-root-gost.pem"], "demo"),
    ] {
        let run = run(args);
        assert_eq!(run.status, 2, "{args:?}: {}", run.err);
        assert!(run.err.contains(word), "{args:?}: {}", run.err);
    }
}
