//! The loops.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::stats::{Latencies, shown};

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server.
    pub address: SocketAddr,
    /// The call.
    pub path: String,
    /// Asked in turn.
    pub bodies: Vec<Bytes>,
    /// Connections at once.
    pub connections: usize,
    /// Requests a second of the open loop; `None` for the closed loop.
    pub rate: Option<u64>,
    /// How long.
    pub length: Duration,
    /// How many at most.
    pub max_requests: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Answers received, of any status.
    pub answers: u64,
    length: Duration,
    /// From when the request was due (open loop) or sent (closed loop).
    response: Latencies,
    /// From when it was sent.
    service: Latencies,
    open: bool,
    decisions: BTreeMap<String, u64>,
    statuses: BTreeMap<u16, u64>,
    errors: BTreeMap<String, u64>,
}

struct Shared {
    plan: Plan,
    start: Instant,
    next: AtomicU64,
}

/// Runs the plan.
pub async fn drive(plan: Plan) -> Result<Outcome, String> {
    // One connection first: a server that is not there is one clear error.
    connect(plan.address).await?;
    let shared = Arc::new(Shared { start: Instant::now(), next: AtomicU64::new(0), plan });
    let workers: Vec<_> = (0..shared.plan.connections).map(|_| tokio::spawn(work(Arc::clone(&shared)))).collect();
    let mut total = Outcome { open: shared.plan.rate.is_some(), ..Outcome::default() };
    for worker in workers {
        total.add(worker.await.map_err(|error| error.to_string())?);
    }
    total.length = shared.start.elapsed();
    Ok(total)
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn work(shared: Arc<Shared>) -> Outcome {
    let plan = &shared.plan;
    let mut outcome = Outcome::default();
    let mut sender = None;
    loop {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let due = match plan.rate {
            Some(rate) => shared.start + Duration::from_nanos(number.saturating_mul(1_000_000_000) / rate),
            None => Instant::now(),
        };
        if number >= plan.max_requests || due.duration_since(shared.start) >= plan.length {
            return outcome;
        }
        // An overloaded server would make the open loop last for ever: what is overdue by the length is given up.
        if shared.start.elapsed() >= plan.length * 2 {
            *outcome.errors.entry("never sent: the server is too slow for the rate".to_owned()).or_default() += 1;
            continue;
        }
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        let index = usize::try_from(number).unwrap_or(0) % plan.bodies.len();
        let sent = Instant::now();
        match ask(&mut sender, plan, &plan.bodies[index]).await {
            Ok((status, decision)) => {
                outcome.answers += 1;
                outcome.service.record(sent.elapsed());
                outcome.response.record(due.elapsed());
                *outcome.statuses.entry(status).or_default() += 1;
                if let Some(decision) = decision {
                    *outcome.decisions.entry(decision).or_default() += 1;
                }
            }
            Err(error) => {
                sender = None;
                *outcome.errors.entry(error).or_default() += 1;
                // A server that is gone is not to be flooded with connections.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// One request on a connection that is kept.
async fn ask(
    sender: &mut Option<SendRequest<Full<Bytes>>>,
    plan: &Plan,
    body: &Bytes,
) -> Result<(u16, Option<String>), String> {
    let connection = match sender {
        Some(connection) => connection,
        None => sender.insert(connect(plan.address).await?),
    };
    let request = Request::post(plan.path.as_str())
        .header("host", plan.address.to_string())
        .header("content-type", "application/json")
        .body(Full::new(body.clone()))
        .map_err(|error| error.to_string())?;
    connection.ready().await.map_err(|error| error.to_string())?;
    let response = connection.send_request(request).await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    Ok((status, decision(&body)))
}

/// The decision, found without reading the whole report: the driver shares the machine with the server.
fn decision(body: &[u8]) -> Option<String> {
    const KEY: &[u8] = b"\"decision\":\"";
    let at = body.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let value = body.get(at..)?.split(|byte| *byte == b'"').next()?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// A count as a floating-point number, for ratios.
pub fn float(count: u64) -> f64 {
    // A run is bounded to fewer requests than 32 bits count.
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.answers += other.answers;
        self.response.add(&other.response);
        self.service.add(&other.service);
        for (decision, count) in other.decisions {
            *self.decisions.entry(decision).or_default() += count;
        }
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (error, count) in other.errors {
            *self.errors.entry(error).or_default() += count;
        }
    }

    /// That these decisions came out, each at least once, and no other, and that every request was answered.
    pub fn expect(&self, decisions: &[&str]) -> Result<(), String> {
        let as_wanted = self.decisions.keys().all(|decision| decisions.contains(&decision.as_str()));
        if as_wanted && self.decisions.len() == decisions.len() && self.errors.is_empty() {
            Ok(())
        } else {
            Err(format!("wanted were {decisions:?}; came {:?}, errors {:?}", self.decisions, self.errors))
        }
    }

    /// Tells it.
    pub fn print(&self) {
        let rate = float(self.answers) / self.length.as_secs_f64();
        println!("{} answers in {}: {rate:.0} a second", self.answers, shown(self.length));
        if self.open {
            println!("from due:   {}", self.response.line());
            println!("from sent:  {}", self.service.line());
        } else {
            println!("latency:    {}", self.response.line());
        }
        print!("{}", self.response.histogram());
        for (status, count) in &self.statuses {
            println!("  status {status}: {count}");
        }
        for (decision, count) in &self.decisions {
            println!("  {decision}: {count}");
        }
        for (error, count) in &self.errors {
            println!("  error «{error}»: {count}");
        }
    }
}
