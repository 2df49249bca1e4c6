//! Abuses a running server, and tells what that costs: its memory, and the latency of somebody else who is served meanwhile.
//!
//! ```text
//! cargo bench --bench abuse
//! cargo bench --bench abuse -- --only documents,idle --seconds 10
//! ```
//!
//! A server is started for the purpose. The modest client asks from 127.0.0.1 at a fixed rate, first alone, then while the
//! greedy one (another process, which has the processors only when nobody else wants them: it stands for machines elsewhere)
//! abuses the server from 127.0.0.2, then alone again: its latencies count from when a request was due. Every tenth request
//! is the first of a connection.
//!
//! It fails where the modest client waits longer than [`WORSE`] allows, is refused, or where the server needs more memory than
//! the abuse may cost. On a machine that does something else meanwhile that says nothing; `tests/it/abuse` holds what must be
//! so on any.

mod greedy;
mod modest;
#[path = "../load/cpu.rs"]
mod process;
mod server;
mod wire;

use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use clap::Parser;

use greedy::Abuse;

/// Abuses a server.
#[derive(Debug, Parser)]
struct Args {
    /// Abuses to try, separated by commas; all without it.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Abuse>,
    /// Length of each of the three phases.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Requests a second of the modest client.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    /// What the modest client asks: `check` or `document`.
    #[arg(long, default_value = "check")]
    asks: modest::Question,
    /// Report only, and never fail.
    #[arg(long)]
    report: bool,
    /// Be the greedy client of a server (used by this program itself).
    #[arg(long, hide = true)]
    greedy: Option<Abuse>,
    /// The server.
    #[arg(long, hide = true)]
    address: Option<SocketAddr>,
    /// Passed by cargo bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match (args.greedy, args.address) {
        (Some(abuse), Some(address)) => greedy::run(abuse, address).map(|()| 0),
        _ => all(&args),
    };
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) if args.report => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("abuse: {failed} beyond their bounds");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("abuse: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many times as long the 99th percentile of the modest client may take under abuse, and what it may take in any case: a
/// scheduler with more to run than there are cores gives each some milliseconds.
const WORSE: f64 = 2.0;
const ANYWAY: Duration = Duration::from_millis(5);

/// The greedy client, behind everybody else at the processors: by `chrt` of util-linux, or as far as `nice` goes where that is
/// not there.
fn greedy_process(abuse: Abuse, address: SocketAddr) -> Result<Child, String> {
    let itself = std::env::current_exe().map_err(|error| error.to_string())?;
    let behind = |program: &str, arguments: [&str; 2]| {
        Command::new(program)
            .args(arguments)
            .arg(&itself)
            .args(["--greedy", abuse.name(), "--address", &address.to_string()])
            .stdin(Stdio::null())
            .spawn()
    };
    let started = behind("chrt", ["--idle", "0"]).or_else(|_no_such_program| behind("nice", ["-n", "19"]));
    started.map_err(|error| error.to_string())
}

/// Tries the abuses; how many cost more than they may.
fn all(args: &Args) -> Result<usize, String> {
    let abuses = if args.only.is_empty() { Abuse::ALL.to_vec() } else { args.only.clone() };
    let phase = Duration::from_secs(args.seconds);
    println!(
        "abuse                alone p50/p99     meanwhile p50/p99     after p50/p99     answers  MB before/most/after"
    );
    let mut failed = 0;
    for abuse in abuses {
        let server = server::start(abuse.settings())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let ask = |length| runtime.block_on(modest::ask(server.address, args.asks, args.rate, length));
        let memory = |quantity| process::memory(server.pid(), quantity).map(|bytes| bytes / 1_000_000);
        // Caches are filled and pages mapped first.
        ask(Duration::from_secs(1))?;
        let alone = ask(phase)?;
        let before = memory("VmRSS")?;
        let mut greedy = server::Child(greedy_process(abuse, server.address)?);
        // It takes some time to connect thousands of times.
        ask(Duration::from_secs(1))?;
        let cpu = process::seconds(server.pid())?;
        let meanwhile = ask(phase)?;
        let cpu = (process::seconds(server.pid())? - cpu) / phase.as_secs_f64();
        greedy.end();
        ask(Duration::from_secs(1))?;
        let after = ask(phase)?;
        let (most, left) = (memory("VmHWM")?, memory("VmRSS")?);
        let counts = |outcome: &modest::Outcome| match abuse.storms() {
            true => outcome.quantile_kept(0.99),
            false => outcome.quantile(0.99),
        };
        let factor = counts(&meanwhile).as_secs_f64() / counts(&alone).as_secs_f64();
        println!(
            "{:<20} {:<17} {:<21} {:<17} {:<8} {before} / {most} / {left}   p99 × {factor:.1}, {cpu:.1} cores",
            abuse.name(),
            alone.shown(),
            meanwhile.shown(),
            after.shown(),
            meanwhile.good
        );
        let mut complaints = Vec::new();
        if meanwhile.bad > 0 {
            complaints.push(format!("not answered with 200: {} of {}", meanwhile.bad, meanwhile.bad + meanwhile.good));
        }
        if factor > WORSE && counts(&meanwhile) > ANYWAY {
            complaints.push(format!("p99 more than {WORSE} times as long"));
        }
        if most.saturating_sub(before) > abuse.memory() {
            complaints.push(format!("more than {} MB", abuse.memory()));
        }
        for complaint in &complaints {
            println!("    BEYOND: {complaint}");
        }
        failed += usize::from(!complaints.is_empty());
    }
    Ok(failed)
}
