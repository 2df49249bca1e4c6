//! Abuses a running server, and tells what that costs: its memory, and the latency of somebody else who is served meanwhile.
//!
//! ```text
//! cargo bench --bench abuse
//! cargo bench --bench abuse -- --only documents,idle --seconds 10
//! ```
//!
//! A server is started for the purpose. The modest client asks from 127.0.0.1 at a fixed rate over a connection that it keeps, and
//! a tenth as often over a new one each time; first alone, then while the greedy one (another process, which has the processors only
//! when nobody else wants them: it stands for machines elsewhere) abuses the server from 127.0.0.2, then alone again. Its
//! latencies count from when a request was due.
//!
//! It fails where the modest client waits longer than [`WORSE`] allows, is refused, or where the server needs more memory than
//! the abuse may cost. Where thousands connect at once, newcomers wait in the queue of the system for those before them, whoever
//! takes them in: there the connection that is kept counts, and what newcomers wait is held against what they wait for the least
//! server there is ([`bare`]) under the same storm, in the same run.
//!
//! On a machine that does something else meanwhile that says nothing; `tests/it/abuse` holds what must be so on any.

mod bare;
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
use tokio::runtime::Runtime;

use greedy::Abuse;
use modest::{Modest, Outcome};

/// Abuses a server.
#[derive(Debug, Parser)]
struct Args {
    /// Abuses to try, separated by commas; all without it.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Abuse>,
    /// Length of each of the three phases.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Requests a second of the modest client over the connection that it keeps.
    #[arg(long, default_value_t = 125, value_parser = clap::value_parser!(u32).range(1..=1000))]
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
    /// Be the least server there is (likewise).
    #[arg(long, hide = true)]
    bare: bool,
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
        (None, Some(address)) if args.bare => bare::run(address).map(|()| 0),
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
    println!(
        "abuse       alone p50/p99, new      meanwhile, new              after, new             answers  MB before/most/after"
    );
    let mut failed = 0;
    for abuse in abuses {
        let complaints = one(args, abuse)?;
        for complaint in &complaints {
            println!("    BEYOND: {complaint}");
        }
        failed += usize::from(!complaints.is_empty());
    }
    Ok(failed)
}

/// Tries one; what it costs more than it may.
fn one(args: &Args, abuse: Abuse) -> Result<Vec<String>, String> {
    let server = server::start(abuse.settings())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let mut modest = Modest::of(server.address, args.asks)?;
    let measured = measure(args, abuse, &server, &mut modest, &runtime)?;
    drop(server);
    let (counts, factor) = (measured.p99(abuse), measured.factor(abuse));
    println!("{:<11} {}   {:.2} ms, × {factor:.1}", abuse.name(), measured.shown(), counts.as_secs_f64() * 1e3);
    let mut complaints = Vec::new();
    let (good, bad) = (measured.meanwhile.good, measured.meanwhile.bad);
    if bad > 0 {
        complaints.push(format!("not answered with 200: {bad} of {}", bad + good));
    }
    if factor > WORSE && counts > ANYWAY {
        complaints.push(format!("p99 more than {WORSE} times as long"));
    }
    let [before, most, _] = measured.megabytes;
    if most.saturating_sub(before) > abuse.memory() {
        complaints.push(format!("more than {} MB", abuse.memory()));
    }
    if abuse.storms() {
        let server = server::start_bare()?;
        let least = measure(args, abuse, &server, &mut modest.of_another(server.address), &runtime)?;
        println!("  … bare    {}", least.shown());
        let (ours, least) = (measured.meanwhile.new.quantile(0.99), least.meanwhile.new.quantile(0.99));
        if ours > least.mul_f64(WORSE) && ours > ANYWAY {
            complaints.push(format!("newcomers wait more than {WORSE} times as long as for the least server"));
        }
    }
    Ok(complaints)
}

/// What came of the three phases.
struct Measured {
    alone: Outcome,
    meanwhile: Outcome,
    after: Outcome,
    /// Cores that the server was busy on meanwhile.
    cores: f64,
    /// Its memory before, the most, and after.
    megabytes: [u64; 3],
}

fn measure(
    args: &Args,
    abuse: Abuse,
    server: &server::Server,
    modest: &mut Modest,
    runtime: &Runtime,
) -> Result<Measured, String> {
    let phase = Duration::from_secs(args.seconds);
    let mut ask = |length| runtime.block_on(modest.ask(args.rate, length));
    let memory = |quantity| process::memory(server.pid(), quantity).map(|bytes| bytes / 1_000_000);
    // Caches are filled and pages mapped first.
    ask(Duration::from_secs(1));
    let alone = ask(phase);
    let before = memory("VmRSS")?;
    let mut greedy = server::Child(greedy_process(abuse, server.address)?);
    // It takes some time to connect thousands of times.
    ask(Duration::from_secs(1));
    let cpu = process::seconds(server.pid())?;
    let meanwhile = ask(phase);
    let cores = (process::seconds(server.pid())? - cpu) / phase.as_secs_f64();
    greedy.end();
    ask(Duration::from_secs(1));
    let after = ask(phase);
    Ok(Measured { alone, meanwhile, after, cores, megabytes: [before, memory("VmHWM")?, memory("VmRSS")?] })
}

impl Measured {
    /// What is to be within bounds: of all requests, or of those over the connection that is kept.
    fn p99(&self, abuse: Abuse) -> Duration {
        p99(&self.meanwhile, abuse)
    }

    /// How many times that of the client alone.
    fn factor(&self, abuse: Abuse) -> f64 {
        self.p99(abuse).as_secs_f64() / p99(&self.alone, abuse).as_secs_f64()
    }

    fn shown(&self) -> String {
        let shown = |outcome: &Outcome| format!("{}, {}", outcome.kept.shown(), outcome.new.shown());
        let [before, most, left] = self.megabytes;
        format!(
            "{:<22} {:<27} {:<22} {:<8} {:<20} {:.1} cores",
            shown(&self.alone),
            shown(&self.meanwhile),
            shown(&self.after),
            self.meanwhile.good,
            format!("{before} / {most} / {left}"),
            self.cores
        )
    }
}

fn p99(outcome: &Outcome, abuse: Abuse) -> Duration {
    match abuse.storms() {
        true => outcome.kept.quantile(0.99),
        false => outcome.kept.and(&outcome.new).quantile(0.99),
    }
}
