//! The client that asks for little.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::{server, wire};

/// What it asks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Question {
    /// About a certificate: some tens of microseconds.
    Check,
    /// About a signed document: milliseconds.
    Document,
}

/// What came of it.
pub struct Outcome {
    latencies: Vec<Duration>,
    /// Of these, those over connections that were there before.
    kept: Vec<Duration>,
    /// Answers with status 200, and everything else.
    pub good: usize,
    pub bad: usize,
}

impl Outcome {
    /// A quantile of the latencies.
    pub fn quantile(&self, part: f64) -> Duration {
        quantile(&self.latencies, part)
    }

    /// The same without those that began with a new connection.
    pub fn quantile_kept(&self, part: f64) -> Duration {
        quantile(&self.kept, part)
    }

    /// Median and 99th percentile in milliseconds.
    pub fn shown(&self) -> String {
        let ms = |part| self.quantile(part).as_secs_f64() * 1e3;
        format!("{:.2}/{:.2} ms", ms(0.5), ms(0.99))
    }
}

/// A quantile of what is sorted.
fn quantile(latencies: &[Duration], part: f64) -> Duration {
    let last = latencies.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let at = (last as f64 * part).round() as usize;
    latencies.get(at).copied().unwrap_or_default()
}

/// Asks so many times a second, each time over a new connection every tenth time, for so long.
pub async fn ask(address: SocketAddr, question: Question, rate: u32, length: Duration) -> Result<Outcome, String> {
    let (path, name) = match question {
        Question::Check => ("/v1/certificates/check", "valid"),
        Question::Document => ("/v1/documents/verify", "document"),
    };
    let request = match SAMPLES.with_borrow(|samples| samples.get(path).cloned()) {
        Some(request) => request,
        None => {
            let request = wire::post(address, path, &server::sample(address, name)?);
            SAMPLES.with_borrow_mut(|samples| samples.insert(path, request.clone()));
            request
        }
    };
    let mut outcome = Outcome { latencies: Vec::new(), kept: Vec::new(), good: 0, bad: 0 };
    let (begun, pause) = (Instant::now(), Duration::from_secs(1) / rate);
    let (mut connection, mut number) = (None, 0_u32);
    while begun.elapsed() < length {
        let due = begun + pause * number;
        number += 1;
        tokio::time::sleep_until(due.into()).await;
        if number % 10 == 0 {
            connection = None;
        }
        let is_new = connection.is_none();
        let asked = async {
            let stream = match &mut connection {
                Some(stream) => stream,
                None => connection.insert(wire::connect(address, Ipv4Addr::LOCALHOST).await?),
            };
            wire::ask(stream, &request).await
        };
        match asked.await {
            Ok(200) => outcome.good += 1,
            Ok(_) => outcome.bad += 1,
            Err(_) => {
                outcome.bad += 1;
                connection = None;
            }
        }
        let latency = due.elapsed();
        outcome.latencies.push(latency);
        if !is_new {
            outcome.kept.push(latency);
        }
    }
    outcome.latencies.sort_unstable();
    outcome.kept.sort_unstable();
    Ok(outcome)
}

thread_local! {
    static SAMPLES: std::cell::RefCell<std::collections::HashMap<&'static str, Vec<u8>>> = std::cell::RefCell::default();
}
