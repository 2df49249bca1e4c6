//! The only outgoing HTTP.
//!
//! One GET, one body, with limits on everything: no redirects (the National CA's servers answer 303 to a captive
//! portal when they dislike the client), no proxy from the environment, no cookies, a User-Agent always (an empty one
//! is such a dislike), a cap on the body while it streams and a limit on the whole exchange. Which addresses may be
//! asked is decided above; here only the scheme is. What the body is worth is decided above too: lists are signed, so
//! plain http does them no harm.

mod client;

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub use client::{Client, ClientError};

/// How much one exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of the body.
    pub body: usize,
    /// Until the connection stands.
    pub connect: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// From the start to the last octet.
    pub total: Duration,
}

impl Limits {
    /// For a list of 256 MiB at most, over a line that carries the National CA's 21.6 MB at 100 kB/s.
    pub const LIST: Self = Self {
        body: 256 * 1024 * 1024,
        connect: Duration::from_secs(10),
        idle: Duration::from_secs(30),
        total: Duration::from_secs(300),
    };
}

/// Why there is no body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The connection was refused, reset or cut, or the name is unknown.
    #[error("no answer: {0}")]
    Connection(String),
    /// https is wanted and no trust anchor for servers is configured.
    #[error("https needs the server's trust anchors: configure a PEM file with them, or use http (lists are signed)")]
    NoRoots,
    /// Not an http or https address.
    #[error("«{0}» is not an http or https address")]
    Scheme(String),
    /// Another status than 200.
    #[error("the server answered {0}")]
    Status(u16),
    /// A limit on time ran out.
    #[error("no complete answer in time")]
    Timeout,
    /// The body is larger than the limit.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit in force.
        limit: usize,
    },
}

/// Told how a body arrives, for a person who waits.
pub trait Progress: std::fmt::Debug + Send + Sync {
    /// So many octets of what is behind `url` are here, of so many that the server has announced.
    fn received(&self, url: &str, octets: u64, announced: Option<u64>);
}

/// What a [`Fetch`] answers, later.
pub type Fetched<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>>;

/// Gets a body from an address.
pub trait Fetch: Send + Sync {
    /// The body of a 200 answer, whole.
    fn get<'a>(&'a self, url: &'a str, limits: Limits) -> Fetched<'a>;
}

/// What a server says.
type Answer = Result<Vec<u8>, FetchError>;

/// Answers prepared in advance, for tests: each address its own, in order, the last one for ever.
#[derive(Debug, Default)]
pub struct FakeFetch {
    answers: Mutex<HashMap<String, VecDeque<Answer>>>,
}

impl FakeFetch {
    /// Adds the next answer of an address.
    pub fn answer(&self, url: &str, answer: Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.entry(url.to_owned()).or_default().push_back(answer);
    }

    fn next(&self, url: &str, limits: Limits) -> Answer {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = answers.get_mut(url).ok_or_else(|| FetchError::Connection("no such host".to_owned()))?;
        let answer = if queue.len() > 1 { queue.pop_front() } else { queue.front().cloned() };
        match answer.unwrap_or(Err(FetchError::Timeout)) {
            Ok(body) if body.len() > limits.body => Err(FetchError::TooLarge { limit: limits.body }),
            answer => answer,
        }
    }
}

impl Fetch for FakeFetch {
    fn get<'a>(&'a self, url: &'a str, limits: Limits) -> Fetched<'a> {
        Box::pin(std::future::ready(self.next(url, limits)))
    }
}
