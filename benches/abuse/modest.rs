//! The client that asks for little.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::{server, wire};

/// Requests over the connection that is kept for one over a connection of its own.
const KEPT_FOR_ONE_NEW: u32 = 10;

/// What it asks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Question {
    /// About a certificate: some tens of microseconds.
    Check,
    /// About a signed document: milliseconds.
    Document,
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// Latencies over the connection that was there before.
    pub kept: Latencies,
    /// Those over a connection of its own, with making it.
    pub new: Latencies,
    /// Answers with status 200, and everything else.
    pub good: usize,
    pub bad: usize,
}

/// Latencies, sorted.
#[derive(Clone, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Those of both.
    pub fn and(&self, other: &Self) -> Self {
        Self::sorted(self.0.iter().chain(&other.0).copied().collect())
    }

    fn sorted(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// A quantile of them.
    pub fn quantile(&self, part: f64) -> Duration {
        let last = self.0.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = (last as f64 * part).round() as usize;
        self.0.get(at).copied().unwrap_or_default()
    }

    /// Median and 99th percentile in milliseconds.
    pub fn shown(&self) -> String {
        let ms = |part| self.quantile(part).as_secs_f64() * 1e3;
        format!("{:.2}/{:.2}", ms(0.5), ms(0.99))
    }
}

/// Somebody who asks for little.
pub struct Modest {
    address: SocketAddr,
    request: Vec<u8>,
    /// The connection that is kept, from before any abuse to after it.
    connection: Option<TcpStream>,
}

impl Modest {
    pub fn of(address: SocketAddr, question: Question) -> Result<Self, String> {
        let (path, name) = match question {
            Question::Check => ("/v1/certificates/check", "valid"),
            Question::Document => ("/v1/documents/verify", "document"),
        };
        Ok(Self { address, request: wire::post(address, path, &server::sample(address, name)?), connection: None })
    }

    /// The same of another server, with connections of its own.
    pub fn of_another(&self, address: SocketAddr) -> Self {
        Self { address, request: self.request.clone(), connection: None }
    }

    /// Asks so many times a second over one connection, and a tenth as often over a new one each time, for so long. Neither
    /// waits for the other: what a newcomer has to wait for is no latency of those that are there.
    pub async fn ask(&mut self, rate: u32, length: Duration) -> Outcome {
        let Self { address, request, connection } = self;
        let (address, request) = (*address, &*request);
        let begun = Instant::now();
        let kept = async {
            let mut asked = Vec::new();
            for due in every(begun, rate, length) {
                tokio::time::sleep_until(due.into()).await;
                let answer = over(connection, address, request).await;
                asked.push((due.elapsed(), answer.is_ok_and(|status| status == 200)));
            }
            asked
        };
        let new = async {
            let mut asking = JoinSet::new();
            // Between two of the others.
            let begun = begun + Duration::from_secs(1) / (2 * rate);
            for due in every(begun, rate.div_ceil(KEPT_FOR_ONE_NEW), length) {
                tokio::time::sleep_until(due.into()).await;
                let request = request.clone();
                asking.spawn(async move {
                    let answer = over(&mut None, address, &request).await;
                    (due.elapsed(), answer.is_ok_and(|status| status == 200))
                });
            }
            asking.join_all().await
        };
        let (kept, new) = tokio::join!(kept, new);
        let all = kept.len() + new.len();
        let good = kept.iter().chain(&new).filter(|(_, is_good)| *is_good).count();
        let latencies =
            |of: Vec<(Duration, bool)>| Latencies::sorted(of.into_iter().map(|(latency, _)| latency).collect());
        Outcome { kept: latencies(kept), new: latencies(new), good, bad: all - good }
    }
}

/// The moments of so many a second.
fn every(begun: Instant, rate: u32, length: Duration) -> impl Iterator<Item = Instant> {
    (0_u32..)
        .map(move |number| Duration::from_secs(number.into()) / rate)
        .take_while(move |at| *at < length)
        .map(move |at| begun + at)
}

/// Asks over a connection, which is made where there is none, and is none any more where it failed.
async fn over(connection: &mut Option<TcpStream>, address: SocketAddr, request: &[u8]) -> std::io::Result<u16> {
    let mut stream = match connection.take() {
        Some(stream) => stream,
        None => wire::connect(address, Ipv4Addr::LOCALHOST).await?,
    };
    let status = wire::ask(&mut stream, request).await?;
    *connection = Some(stream);
    Ok(status)
}
