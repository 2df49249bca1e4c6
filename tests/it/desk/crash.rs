//! The service is killed at random moments while it signs, again and again: what was answered is in the journal and is
//! answered again, the chain verifies, nothing is half-written.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;

/// Rounds unless `RASTAU_CRASH_ROUNDS` says otherwise: hundreds are for an evening.
const ROUNDS: u64 = 12;
/// Who asks at the same time.
const CLIENTS: usize = 4;
/// Most answers that are waited for before the kill.
const MOST: u64 = 40;

struct Running {
    child: Child,
    address: String,
}

fn start(data: &Path) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rastau"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut address = None;
    loop {
        let line = lines.next().expect("it starts").unwrap();
        if let Some((_, rest)) = line.split_once("page     http://") {
            address = Some(rest.trim_end_matches('/').to_owned());
        }
        if line.trim_start().starts_with("ready") {
            break;
        }
    }
    // What it says later must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Running { child, address: address.unwrap() }
}

/// One request on a connection of its own; none when the service is gone before the whole answer has come.
fn ask(address: &str, key: &str, number: usize) -> Option<Value> {
    // Every seventh is too large for the database and goes into a file.
    let size = if number.is_multiple_of(7) { 1_200_000 } else { 200 };
    let document = crate::signing::base64(vec![b'a' + (number % 26) as u8; size]);
    let body = serde_json::json!({
        "document": document, "media_type": "text/plain", "format": "cms", "official": "demo-official", "kind": "licence",
        "service": "medical-activity", "number": number.to_string(), "holder": { "iin": "650615100015" },
    })
    .to_string();
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "POST /v1/licences/sign HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         idempotency-key: {key}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())?;
    let body = answer.get(end + 4..end + 4 + length)?;
    assert!(head.starts_with("http/1.1 200"), "{head} {}", String::from_utf8_lossy(body));
    Some(serde_json::from_slice(body).unwrap())
}

fn verify(data: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_rastau"))
        .args(["journal", "verify"])
        .arg(data.join("journal/journal.db"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Starts, lets clients ask, kills; what was answered whole.
fn round(data: &Path, round: u64, patience: u64) -> Vec<(String, usize, Value)> {
    let mut running = start(data);
    let answered = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let (heard, hears) = std::sync::mpsc::channel();
        for client in 0..CLIENTS {
            let (address, answered, heard) = (running.address.clone(), &answered, heard.clone());
            scope.spawn(move || {
                for number in (client..).step_by(CLIENTS) {
                    let key = format!("{round}-{number}");
                    let Some(answer) = ask(&address, &key, number) else { return };
                    answered.lock().unwrap().push((key, number, answer));
                    let _ = heard.send(());
                }
            });
        }
        drop(heard);
        for _ in 0..patience {
            hears.recv().unwrap();
        }
        running.child.kill().unwrap();
    });
    running.child.wait().unwrap();
    answered.into_inner().unwrap()
}

#[test]
fn whatever_was_answered_before_a_kill_is_there_and_is_answered_again() {
    let rounds = std::env::var("RASTAU_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let data = tempfile::tempdir().unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut all = BTreeMap::new();
    for number in 0..rounds {
        let answered = round(data.path(), number, random.next_u64() % MOST);
        verify(data.path());
        let mut running = start(data.path());
        for (key, number, answer) in answered {
            let again = ask(&running.address, &key, number).unwrap();
            assert_eq!(again["document"], answer["document"], "{key}");
            assert_eq!((&again["journal"], &again["replayed"]), (&answer["journal"], &Value::Bool(true)), "{key}");
            all.insert(key, answer["journal"]["hash"].clone());
        }
        running.child.kill().unwrap();
        running.child.wait().unwrap();
    }
    verify(data.path());
    println!("{rounds} rounds, {} answers, each there and answered again", all.len());
    assert!(all.len() > rounds as usize, "hardly anything was signed: {}", all.len());
}
