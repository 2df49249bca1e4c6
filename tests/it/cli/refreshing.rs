//! The running service against a mirror of the test's own: fetching, killing, starting again, two at once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rastau::clock::{Clock as _, SystemClock};
use rastau_mint::authority::Authority;
use rastau_mint::key::Key;
use rastau_mint::pem;
use serde_json::Value;

use super::program;
use crate::revocation::faults::server::{Answer, Server};

/// Entries of the lists: enough for writing one to take a moment.
const ENTRIES: u64 = 40_000;

/// An authority that issues lists of today at a mirror, and the configuration of a service that trusts it.
struct Authorised {
    folder: tempfile::TempDir,
    authority: Authority,
    mirror: Server,
}

impl Authorised {
    fn new() -> Self {
        let folder = super::folder();
        let authority = Authority::root("ҚЫЗМЕТ КО", Key::p256("running service"));
        let mirror = Server::start();
        let anchor = super::file(&folder, "root.pem", pem::certificate(&authority.certificate).as_bytes());
        let text = format!(
            "[trust]\nanchors = [{anchor:?}]\n[[revocation.list]]\nurls = [{:?}]\n[log]\nlevel = \"info\"\n",
            mirror.url()
        );
        super::file(&folder, "rastau.toml", text.as_bytes());
        Self { folder, authority, mirror }
    }

    fn list(&self, number: u64) -> Vec<u8> {
        let now = SystemClock.now();
        // Lists of a later number are of a later date.
        let this = now.plus_seconds(i64::try_from(number).expect("small") - 3600).unix_seconds();
        let text = |unix| rastau::clock::Time::from_unix(unix).to_string();
        let list = self.authority.list().number(number).updates(&text(this), &text(this + 27 * 3600));
        list.generated(&self.authority.key, number, ENTRIES)
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the service, through this command if one is given, and waits until it listens.
    fn start(&self, through: Option<&str>) -> Running {
        let config = self.folder.path().join("rastau.toml");
        let args = ["serve", "--listen", "127.0.0.1:0", "--config"];
        let command = match through {
            None => {
                let mut command = program(&args);
                command.arg(&config).arg("--data").arg(self.data());
                command
            }
            Some(shell) => {
                let mut command = Command::new("sh");
                command.args(["-c", shell, "sh", env!("CARGO_BIN_EXE_rastau")]).args(args);
                command.arg(&config).arg("--data").arg(self.data());
                command
            }
        };
        Running::of(command)
    }
}

/// A running service; killed without warning when dropped.
pub(super) struct Running {
    child: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub(super) fn of(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("ended: {said}")).expect("UTF-8");
            if let Some((_, rest)) = line.split_once("http://127.0.0.1:").filter(|_| !line.contains("list.crl")) {
                let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                break format!("127.0.0.1:{port}");
            }
            said += &line;
            said.push('\n');
        };
        // Its log must not fill the pipe.
        thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Status and body of an answer.
    fn ask(&self, request: &str) -> (u16, Value) {
        self.exchange(request, "")
    }

    /// Status and body of the answer to a body of JSON.
    pub(super) fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.exchange(&format!("POST {path}"), body)
    }

    fn exchange(&self, request: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).expect("listens");
        let length = body.len();
        let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
        let head = format!(
            "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{kind}content-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        // Bodies of a known length come in one piece.
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn list(&self) -> Value {
        self.ask("GET /v1/revocation").1["lists"][0].clone()
    }

    /// Waits until the list is as wanted.
    fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..3000 {
            let list = self.list();
            if wanted(&list) {
                return list;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{what}: {}", self.list())
    }
}

fn number(list: &Value) -> Option<u64> {
    list["number"].as_u64()
}

fn temporary_files(data: &Path) -> usize {
    let entries = std::fs::read_dir(data.join("revocation")).expect("a folder").flatten();
    entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "tmp")).count()
}

#[test]
fn a_list_is_fetched_shown_kept_and_there_at_once_after_a_kill_with_the_mirror_down() {
    let world = Authorised::new();
    world.mirror.say(Answer::body(world.list(1)));
    let running = world.start(None);
    let list = running.until("fetched", |list| number(list) == Some(1));
    assert_eq!((list["state"].as_str(), list["entries"].as_u64()), (Some("fresh"), Some(ENTRIES)));
    assert_eq!(list["fetch"]["mirrors"][0]["url"].as_str(), Some(world.mirror.url().as_str()));
    assert_eq!(running.ask("GET /readyz").0, 200);

    world.mirror.say(Answer::head("303 See Other\r\nlocation: http://127.0.0.1:1/portal"));
    assert_eq!(running.ask("POST /v1/revocation/refresh").0, 202);
    let list = running.until("told", |list| list["error"].is_string());
    assert!(list["error"].as_str().is_some_and(|error| error.contains("303: redirects are not followed")), "{list}");
    assert_eq!((number(&list), list["fetch"]["failures"].as_u64()), (Some(1), Some(1)));
    assert_eq!(running.ask("GET /readyz").0, 200, "the list in force is good");
    drop(running);

    let again = world.start(None);
    let list = again.list();
    assert_eq!((number(&list), list["state"].as_str()), (Some(1), Some("fresh")), "{list}");
    assert_eq!(again.ask("GET /readyz").0, 200);
}

#[test]
fn a_service_killed_while_it_writes_starts_with_a_whole_list() {
    let world = Authorised::new();
    world.mirror.say(Answer::body(world.list(1)));
    let first = world.start(None);
    first.until("fetched", |list| number(list) == Some(1));
    drop(first);
    let mut stored = 1;
    for round in 2..8 {
        world.mirror.say(Answer::body(world.list(round)));
        let before = world.mirror.requests().len();
        let running = world.start(None);
        while world.mirror.requests().len() == before {
            thread::sleep(Duration::from_millis(1));
        }
        // Somewhere between the arrival and the end of the writing; in the last round as soon as something is written.
        if round == 7 {
            while temporary_files(&world.data()) == 0 && number(&running.list()) != Some(round) {
                thread::yield_now();
            }
        } else {
            thread::sleep(Duration::from_millis(round * 15));
        }
        drop(running);
        world.mirror.say(Answer::head("503 Service Unavailable"));
        let again = world.start(None);
        let list = again.list();
        let there = number(&list).unwrap_or_else(|| panic!("{list}"));
        assert!((stored..=round).contains(&there), "{stored} {round} {list}");
        assert_eq!((list["state"].as_str(), list["entries"].as_u64()), (Some("fresh"), Some(ENTRIES)));
        stored = there;
    }
}

#[test]
fn two_services_share_a_data_directory() {
    let world = Authorised::new();
    world.mirror.say(Answer::body(world.list(1)));
    let (first, second) = (world.start(None), world.start(None));
    for running in [&first, &second] {
        running.until("fetched", |list| number(list) == Some(1));
        assert_eq!(running.ask("GET /readyz").0, 200);
    }
    drop(first);
    world.mirror.say(Answer::body(world.list(2)));
    assert_eq!(second.ask("POST /v1/revocation/refresh").0, 202);
    second.until("fetched", |list| number(list) == Some(2));
    drop(second);
    world.mirror.say(Answer::head("503 Service Unavailable"));
    assert_eq!(number(&world.start(None).list()), Some(2), "the second wrote when the first had gone");
}

#[test]
fn a_service_that_may_write_no_large_file_answers_from_memory_and_says_so() {
    if !cfg!(unix) {
        println!("skipped: limits on the size of files are set by a Unix shell");
        return;
    }
    let world = Authorised::new();
    world.mirror.say(Answer::body(world.list(1)));
    let running = world.start(Some("trap '' XFSZ; ulimit -f 64; exec \"$@\""));
    let list = running.until("fetched", |list| number(list) == Some(1));
    assert_eq!(list["state"].as_str(), Some("fresh"));
    assert!(list["fetch"]["storage_error"].is_string(), "{list}");
    assert_eq!(running.ask("GET /readyz").0, 200);
    running.until("tidy", |_| temporary_files(&world.data()) == 0);
}
