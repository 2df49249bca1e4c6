//! A server of our own with one large list: how soon it is ready, and how much memory stays with it.
//!
//! A root, an issuing authority and its list of the size asked for are minted into a temporary folder. The list names a
//! certificate that is asked about as well: a server that is ready answers from it. The files were just written, so
//! they are in memory: what is measured is the program, not the disk.

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::list::generated_serial;
use rastau_mint::pem;
use serde_json::{Value, json};

use crate::{cpu, drive};

/// Entries at most: 530 MB on disk, more than a server takes.
pub const MAX_ENTRIES: u64 = 10_000_000;
/// Starts, of which the best counts: everything that disturbs one makes it slower.
const STARTS: usize = 5;
/// Requests after which memory is looked at again.
const REQUESTS: u64 = 20_000;
/// How long to wait for a server that does not get ready.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks whether it is.
const PAUSE: Duration = Duration::from_millis(1);
/// Largest answer that is read.
const MAX_ANSWER: u64 = 1 << 20;
const SEED: u64 = 2026;
const IIN: &str = "650615100015";
const READY_GOAL: f64 = 0.4;
const MEMORY_GOAL: f64 = 40.0;

/// A server, stopped when it goes out of scope.
struct Server {
    child: Child,
    address: SocketAddr,
    ready: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Of a process that is gone already there is nothing to say.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Mints, starts, measures, cleans up.
pub fn run(entries: u64, connections: usize, runtime: &tokio::runtime::Runtime) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let bodies = mint(folder.path(), entries).map_err(|error| format!("{}: {error}", folder.path().display()))?;
    let mut best: Option<Server> = None;
    for _ in 0..STARTS {
        let server = start(folder.path())?;
        if best.as_ref().is_none_or(|best| server.ready < best.ready) {
            best = Some(server);
        }
    }
    let server = best.ok_or("no start")?;
    let pid = server.child.id();
    let lists: Value = serde_json::from_slice(&get(server.address, "/v1/revocation")?.1).map_err(|e| e.to_string())?;
    let sum = |field: &str| -> u64 {
        lists["lists"].as_array().map_or(0, |lists| lists.iter().filter_map(|list| list[field].as_u64()).sum())
    };
    if sum("entries") != entries {
        return Err(format!("the server has another list than it was given: {lists}"));
    }
    let index = sum("index_bytes");
    println!(
        "a list of {entries} entries, {:.1} MB: index {:.1} MB, {:.1} bytes an entry",
        megabytes(sum("bytes")),
        megabytes(index),
        megabytes(index) / megabytes(entries)
    );
    let time = server.ready.as_secs_f64();
    println!("ready after {time:.3} s, best of {STARTS} starts (goal {READY_GOAL} s: {})", met(time <= READY_GOAL));
    println!("CPU until ready: {:.2} s", cpu::seconds(pid)?);
    println!("most memory until ready: {:.1} MB", megabytes(cpu::memory(pid, "VmHWM")?));
    tell_memory("when ready", pid, index)?;
    let plan = drive::Plan {
        address: server.address,
        path: "/v1/certificates/check".to_owned(),
        bodies,
        connections,
        rate: None,
        length: PATIENCE,
        max_requests: REQUESTS,
    };
    let before = cpu::seconds(pid)?;
    let outcome = runtime.block_on(drive::drive(plan))?;
    outcome.print();
    let per_thousand = (cpu::seconds(pid)? - before) * 1000.0 / drive::float(outcome.answers.max(1));
    println!("server: {per_thousand:.4} CPU-s per 1000 requests");
    outcome.expect(&["accepted", "refused"])?;
    tell_memory(&format!("after {} requests", outcome.answers), pid, index)
}

fn tell_memory(when: &str, pid: u32, index: u64) -> Result<(), String> {
    let resident = cpu::memory(pid, "VmRSS")?;
    let beyond = megabytes(resident) - megabytes(index);
    println!(
        "resident {when}: {:.1} MB, {beyond:.1} MB beyond the index (goal {MEMORY_GOAL} MB: {})",
        megabytes(resident),
        met(beyond <= MEMORY_GOAL)
    );
    Ok(())
}

fn met(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}

fn megabytes(bytes: u64) -> f64 {
    drive::float(bytes) / 1e6
}

/// Writes anchor, intermediate and lists; the bodies of requests about a good and a revoked certificate.
fn mint(folder: &Path, entries: u64) -> std::io::Result<Vec<Bytes>> {
    let root = Authority::root("БЕНЧ root", Key::rsa("bench start root"));
    let issuing = root.subordinate("БЕНЧ issuing", Key::rsa("bench start issuing"));
    std::fs::write(folder.join("root.pem"), pem::certificate(&root.certificate))?;
    std::fs::write(folder.join("issuing.pem"), pem::certificate(&issuing.certificate))?;
    std::fs::create_dir(folder.join("data"))?;
    std::fs::create_dir(folder.join("lists"))?;
    std::fs::write(folder.join("lists/root.crl"), root.list().sign(&root.key))?;
    let mut list = BufWriter::new(File::create_new(folder.join("lists/issuing.crl"))?);
    issuing.list().write_generated(&issuing.key, SEED, entries, &mut list)?;
    list.flush()?;
    let holder = || CertificateBuilder::individual(IIN).key(&Key::rsa("bench start holder"));
    let revoked = holder().serial(&generated_serial(SEED, entries / 2));
    Ok([holder(), revoked]
        .map(|builder| {
            let certificate = pem::certificate(&issuing.issue(builder));
            json!({ "certificate": certificate, "identity": { "iin": IIN } }).to_string().into()
        })
        .into())
}

/// Starts the program this bench was built with, on a port that was free just now, and waits until it is ready.
fn start(folder: &Path) -> Result<Server, String> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let address = free.map_err(|error| error.to_string())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_rastau"));
    command.arg("serve").args(["--listen", &address.to_string()]);
    for (flag, name) in [("--data", "data"), ("--trust", "root.pem"), ("--intermediates", "issuing.pem")] {
        command.arg(flag).arg(folder.join(name));
    }
    command.arg("--crl").arg(folder.join("lists"));
    // Settings of whoever runs this are not to count.
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let child = command.spawn().map_err(|error| format!("{}: {error}", env!("CARGO_BIN_EXE_rastau")))?;
    let mut server = Server { child, address, ready: Duration::ZERO };
    while begun.elapsed() < PATIENCE {
        if get(address, "/readyz").is_ok_and(|(status, _)| status == 200) {
            server.ready = begun.elapsed();
            return Ok(server);
        }
        if let Ok(Some(status)) = server.child.try_wait() {
            return Err(format!("the server stopped: {status}"));
        }
        std::thread::sleep(PAUSE);
    }
    Err(format!("the server was not ready after {} s", PATIENCE.as_secs()))
}

/// Status and body of one question on a connection of its own.
fn get(address: SocketAddr, path: &str) -> Result<(u16, Vec<u8>), String> {
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer: Vec<u8> = ask().map_err(|error: std::io::Error| format!("{address}{path}: {error}"))?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("an answer without an end of its head")?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("an answer without a status")?;
    Ok((status, answer[end + 4..].to_vec()))
}
