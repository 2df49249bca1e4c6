//! The only outgoing HTTP.
//!
//! One GET or POST, one body, with limits on everything: no redirects (the National CA's servers answer 303 to a captive
//! portal when they dislike the client), no proxy from the environment, no cookies, a User-Agent always (an empty one
//! is such a dislike), no compression (a small answer that unpacks into a huge one), a cap on the body while it streams
//! and a limit on the whole exchange. A question may carry the validators of an earlier answer; the server then may say
//! that nothing has changed. Which addresses may be asked is decided above; here the scheme is, and for addresses that
//! nobody configured (`guard`) that they lead into the public internet. What the body is worth is decided above too:
//! lists are signed, so plain http does them no harm.
//! Who asks the same addresses again and again leaves those alone that keep failing ([`BreakerSettings`]).

mod breaker;
mod client;
pub mod guard;
mod validators;

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub use breaker::BreakerSettings;
pub(crate) use breaker::Breakers;
pub use client::{Client, ClientError};
pub use validators::Validators;

/// How much one exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of the body.
    pub body: usize,
    /// Until the connection stands.
    pub connect: Duration,
    /// From the connection to the end of the answer's head.
    pub first_byte: Duration,
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
        first_byte: Duration::from_secs(60),
        idle: Duration::from_secs(30),
        total: Duration::from_secs(300),
    };

    /// For an OCSP response, which is 1 to 4 kB, and with a chain of certificates some more; the total is cut to what the question may take.
    pub const RESPONSE: Self = Self {
        body: 128 * 1024,
        connect: Duration::from_secs(5),
        first_byte: Duration::from_secs(5),
        idle: Duration::from_secs(5),
        total: Duration::from_secs(10),
    };
}

/// What is sent with a POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Media type of the body.
    pub content_type: &'static str,
    /// Media type wanted back; `text/…` in its place is the page of a portal or of an error, not an answer.
    pub accept: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// How far a question may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Wherever the operator says: mirrors in private networks are common.
    Anywhere,
    /// Into the public internet only, for addresses that come from certificates.
    Public,
}

/// One question.
#[derive(Clone, Copy, Debug)]
pub struct Get<'a> {
    /// An http or https address.
    pub url: &'a str,
    /// How much the exchange may take.
    pub limits: Limits,
    /// Of the answer at hand: the server may say that it still holds.
    pub known: Option<&'a Validators>,
    /// How far it may go.
    pub reach: Reach,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// A whole body.
    Body {
        /// The octets.
        body: Vec<u8>,
        /// What to recognise it by later.
        validators: Validators,
    },
    /// The answer whose validators were sent still holds (304).
    Unchanged,
}

/// Why there is no body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The connection was refused, reset or cut, or the name is unknown.
    #[error("no answer: {0}")]
    Connection(String),
    /// A page for people where something else was asked for.
    #[error("the server answered with a page ({0})")]
    ContentType(String),
    /// The answer is compressed, which was not asked for.
    #[error("the answer is compressed, which was not asked for")]
    Encoded,
    /// https is wanted and no trust anchor for servers is configured.
    #[error("https needs the server's trust anchors: configure a PEM file with them, or use http (lists are signed)")]
    NoRoots,
    /// An address out of a certificate that does not lead into the public internet.
    #[error("«{0}» is not a machine of the public internet; to fetch from there, configure the address")]
    NotPublic(String),
    /// Not an http or https address; here without its query.
    #[error("«{0}» is not an http or https address")]
    Scheme(String),
    /// Another status than 200.
    #[error("the server answered {0}{note}", note = status_note(*.0))]
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

fn status_note(status: u16) -> &'static str {
    match status {
        304 => ", though nothing was said to be at hand",
        300..=399 => ": redirects are not followed",
        _ => "",
    }
}

/// An address as it may stand in a log: what may be secret in it, user name, password and query, is left out.
#[must_use]
pub fn shown(url: &str) -> String {
    let (plain, query) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let rest = if query.is_empty() { "" } else { "?…" };
    let Some((scheme, after)) = plain.split_once("://") else { return format!("{plain}{rest}") };
    let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}{rest}")
}

/// What a [`Fetch`] answers to [`Fetch::get`], later.
pub type Fetched<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>>;

/// What a [`Fetch`] answers to [`Fetch::ask`], later.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Got, FetchError>> + Send + 'a>>;

/// Gets a body from an address.
pub trait Fetch: Send + Sync {
    /// Asks once: a 200 answer whole, or word that the one at hand still holds.
    fn ask<'a>(&'a self, question: Get<'a>) -> Asked<'a>;

    /// The body of a 200 answer from a configured address, whole.
    fn get<'a>(&'a self, url: &'a str, limits: Limits) -> Fetched<'a> {
        Box::pin(async move {
            match self.ask(Get { url, limits, known: None, reach: Reach::Anywhere }).await? {
                Got::Body { body, .. } => Ok(body),
                Got::Unchanged => Err(FetchError::Status(304)),
            }
        })
    }

    /// Sends a body and gets one back, under the same rules.
    fn post<'a>(&'a self, url: &'a str, post: Post, limits: Limits) -> Fetched<'a>;
}

/// What a server says.
type Answer = Result<Vec<u8>, FetchError>;

/// Answers prepared in advance, for tests: each address its own, in order, the last one for ever. It knows no
/// validators, so nothing is ever unchanged.
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
    fn ask<'a>(&'a self, question: Get<'a>) -> Asked<'a> {
        let answer = self.next(question.url, question.limits);
        Box::pin(std::future::ready(answer.map(|body| Got::Body { body, validators: Validators::default() })))
    }

    fn post<'a>(&'a self, url: &'a str, _: Post, limits: Limits) -> Fetched<'a> {
        Box::pin(std::future::ready(self.next(url, limits)))
    }
}

#[cfg(test)]
mod tests {
    use super::{FetchError, shown};

    #[test]
    fn what_may_be_secret_in_an_address_is_not_shown() {
        for (url, wanted) in [
            ("http://crl.pki.gov.kz/nca_gost_2022.crl", "http://crl.pki.gov.kz/nca_gost_2022.crl"),
            ("http://host/x?token=secret", "http://host/x?…"),
            ("http://host/x#secret", "http://host/x?…"),
            ("https://user:secret@host:8080/x", "https://host:8080/x"),
            ("https://user:sec@ret@host", "https://host"),
            ("secret?x", "secret?…"),
            ("", ""),
        ] {
            assert_eq!(shown(url), wanted);
        }
    }

    #[test]
    fn a_redirect_is_told_from_other_answers() {
        assert_eq!(FetchError::Status(303).to_string(), "the server answered 303: redirects are not followed");
        assert_eq!(FetchError::Status(404).to_string(), "the server answered 404");
        assert!(FetchError::Status(304).to_string().contains("nothing was said to be at hand"));
    }
}
