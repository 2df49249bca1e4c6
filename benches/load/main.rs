//! Drives a running server with a mix of checks and tells throughput, latencies, outcomes and the server's CPU time.
//!
//! ```text
//! cargo run --release -- serve &
//! cargo bench --bench load -- --url http://127.0.0.1:8080 --connections 16 --seconds 10 --pid $!
//! cargo bench --bench load -- --url http://127.0.0.1:8080 --mode open --rate 2000
//! cargo bench --bench load -- --start-with-list 1000000
//! ```
//!
//! In the closed loop every connection sends its next request when the answer to the last one is there: it finds the
//! throughput, and its latencies are flattering under overload. In the open loop requests are due at a fixed rate
//! whatever the server does, and a latency counts from the moment the request was due: a stall is paid by every request
//! that fell due during it (no coordinated omission).
//!
//! With `--start-with-list` it starts a server itself, on a revocation list of that many entries minted for the purpose,
//! and tells how soon it was ready and how much memory stays with it.

mod cpu;
mod drive;
mod mix;
mod start;
mod stats;

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Connections at once; more measure the operating system.
const MAX_CONNECTIONS: usize = 1024;
/// Longest run.
const MAX_SECONDS: u64 = 600;
/// Requests of one run, whatever the time.
const MAX_REQUESTS: u64 = 50_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    Closed,
    Open,
}

/// Drives a running server with certificate checks.
#[derive(Debug, Parser)]
struct Args {
    /// Where the server listens, such as `http://127.0.0.1:8080`.
    #[arg(long)]
    url: Option<String>,
    /// The next request after the last answer, or at a fixed rate.
    #[arg(long, value_enum, default_value = "closed")]
    mode: Mode,
    /// Requests a second of the open loop.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    rate: u64,
    /// Connections, 1 to 1024.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Length of the run, 1 to 600.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=MAX_SECONDS))]
    seconds: u64,
    /// Seconds before that whose requests are not counted: caches fill.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=60))]
    warm_up: u64,
    /// Bodies of requests, one a line; else the cases of testdata/demo.
    #[arg(long)]
    mix: Option<PathBuf>,
    /// The call that the bodies are for, such as `/v1/documents/verify`.
    #[arg(long, default_value = "/v1/certificates/check")]
    path: String,
    /// Start a server with a list of this many entries instead of asking one that runs.
    #[arg(long, conflicts_with_all = ["url", "pid", "mix"],
        value_parser = clap::value_parser!(u64).range(1..=start::MAX_ENTRIES))]
    start_with_list: Option<u64>,
    /// Process id of the server, for its CPU time (Linux).
    #[arg(long)]
    pid: Option<u32>,
    /// Threads of this program.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Allow an address that is not this machine's: do not do this to others.
    #[arg(long)]
    allow_remote: bool,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match (&args.url, args.start_with_list) {
        (_, Some(entries)) => runtime(&args).and_then(|runtime| start::run(entries, connections(&args), &runtime)),
        (Some(url), None) => address(url, args.allow_remote).and_then(|address| run(&args, address)),
        (None, None) => {
            println!(
                "load: no server named, nothing to do. Start one and give --url http://127.0.0.1:8080; see --help."
            );
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::from(2)
        }
    }
}

fn runtime(args: &Args) -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(args.threads.clamp(1, 64))
        .enable_all()
        .build()
        .map_err(|error| error.to_string())
}

fn connections(args: &Args) -> usize {
    args.connections.clamp(1, MAX_CONNECTIONS)
}

/// The address of the server; only this machine's without `--allow-remote`.
fn address(url: &str, allow_remote: bool) -> Result<SocketAddr, String> {
    let authority = url.strip_prefix("http://").ok_or("write --url http://host:port")?.trim_end_matches('/');
    let resolved = authority.to_socket_addrs().map_err(|error| format!("{authority}: {error}"))?.next();
    let address = resolved.ok_or_else(|| format!("{authority} has no address"))?;
    if !address.ip().is_loopback() && !allow_remote {
        return Err(format!("{address} is not this machine; --allow-remote if the load is wanted there"));
    }
    Ok(address)
}

fn run(args: &Args, address: SocketAddr) -> Result<(), String> {
    let bodies = mix::bodies(args.mix.as_deref())?;
    let kinds = bodies.len();
    let plan = drive::Plan {
        address,
        path: args.path.clone(),
        bodies,
        connections: connections(args),
        rate: (args.mode == Mode::Open).then_some(args.rate),
        length: Duration::from_secs(args.seconds),
        max_requests: MAX_REQUESTS,
    };
    let runtime = runtime(args)?;
    if args.warm_up > 0 {
        let warm_up = drive::Plan { length: Duration::from_secs(args.warm_up), rate: None, ..plan.clone() };
        runtime.block_on(drive::drive(warm_up))?;
    }
    let before = args.pid.map(cpu::seconds).transpose()?;
    let outcome = runtime.block_on(drive::drive(plan.clone()))?;
    let after = args.pid.map(cpu::seconds).transpose()?;
    println!("{} loop, {} connections, {kinds} kinds of request, {address}", name(args), plan.connections);
    outcome.print();
    if let (Some(before), Some(after)) = (before, after) {
        let answers = outcome.answers.max(1);
        let per_thousand = (after - before) * 1000.0 / drive::float(answers);
        println!("server: {:.2} s of CPU, {per_thousand:.4} CPU-s per 1000 requests", after - before);
    }
    Ok(())
}

fn name(args: &Args) -> String {
    match args.mode {
        Mode::Closed => "closed".to_owned(),
        Mode::Open => format!("open ({} a second)", args.rate),
    }
}
