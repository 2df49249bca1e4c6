//! The configuration: what was written (`raw`) becomes [`Config`], what the service runs on.
//!
//! A setting is looked up in this order: flags of the command line, environment variables `RASTAU_SECTION__KEY`
//! (lists separated by commas), the TOML file, the default. [`KEYS`] lists every key with its default. Unknown keys
//! are refused, relative paths of the file start at its folder, and all problems are reported together, each with
//! its key, value, place and remedy.

mod access;
#[cfg(test)]
mod access_tests;
mod keys;
mod problem;
mod raw;
mod reader;
mod resolve;
mod signing;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use access::{Access, AccessClient, CertificatePin, ClientCertificates, Role, Tls, is_client_name, parse_sha256};
pub use keys::{KEYS, Key};
pub use problem::{ConfigError, Origin, Problem};
pub use signing::{Journal, Recording, Signing, SigningKey, Timestamp, WithoutTimestamp};

use crate::policy::algorithms::AlgorithmTable;
use crate::policy::signatory::Offices;
use crate::policy::{Reading, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::NoncePolicy;
use crate::verdict::Language;

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The TOML file, `--config`; without it `RASTAU_CONFIG` is looked at, then the embedded default applies.
    pub file: Option<PathBuf>,
    /// The environment, as pairs of name and value.
    pub environment: Vec<(String, String)>,
    /// The options of the command line.
    pub flags: Flags,
}

impl Sources {
    /// The process's environment with the given file and flags.
    pub fn from_process(file: Option<PathBuf>, flags: Flags) -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self { file, environment: std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect(), flags }
    }
}

/// The options of `serve` that override settings.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--listen`.
    pub listen: Option<String>,
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--trust`, repeatable: replaces the anchors of the file.
    pub trust: Vec<PathBuf>,
    /// `--intermediates`, repeatable.
    pub intermediates: Vec<PathBuf>,
    /// `--crl`, repeatable: replaces the lists of the file.
    pub crl: Vec<PathBuf>,
}

/// What the service runs on.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[http]`.
    pub http: Http,
    /// `[tls]`; `None` listens without encryption.
    pub tls: Option<Tls>,
    /// `[access]`.
    pub access: Access,
    /// `[data]`.
    pub data: Data,
    /// `[trust]`.
    pub trust: Trust,
    /// `[revocation]`.
    pub revocation: Revocation,
    /// `[ocsp]`.
    pub ocsp: Ocsp,
    /// `[policy]`.
    pub policy: Policy,
    /// `[submissions]`.
    pub submissions: Submissions,
    /// `[signing]`.
    pub signing: Signing,
    /// `[timestamp]`.
    pub timestamp: Timestamp,
    /// `[journal]`.
    pub journal: Journal,
    /// `[services]`.
    pub services: Services,
    /// `[algorithms]`: which algorithms are accepted, and until when.
    pub algorithms: Arc<AlgorithmTable>,
    /// `[cache]`.
    pub cache: Cache,
    /// `[log]`.
    pub log: Log,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// What an operator should know although it is allowed; to be logged at start.
    pub warnings: Vec<String>,
    /// The effective value of every key with its origin, for `config check`.
    pub settings: Vec<Setting>,
}

/// The effective value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Dotted name.
    pub key: String,
    /// As it would be written.
    pub value: String,
    /// Who wrote it.
    pub origin: Origin,
}

/// The share of one caller in what there is for all: three quarters. One alone has nearly all of it, and a second one finds
/// some left.
pub const fn share_of(all: usize) -> usize {
    let share = all - all / 4;
    // Of two or three as well.
    if share == all && all > 1 { all - 1 } else { share }
}

/// The listener and its limits.
#[derive(Clone, Debug)]
pub struct Http {
    /// Address and port.
    pub listen: SocketAddr,
    /// Names under which the service is called, in lower case; one that begins with a dot stands for every name below it.
    /// Empty: any name where clients are known, else this machine's own.
    pub hosts: Vec<String>,
    /// Largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Largest request body with documents in base64, in bytes: held in memory.
    pub max_json_document_bytes: usize,
    /// Largest document or content in a multipart request, in bytes: written to the data directory beyond some MiB.
    pub max_document_bytes: u64,
    /// Memory for documents of all requests together, in bytes.
    pub document_memory_bytes: usize,
    /// Disk for documents of all requests together, in bytes: a largest document at least.
    pub document_disk_bytes: usize,
    /// Memory for answers that are on their way, of all requests together, in bytes.
    pub answer_memory_bytes: usize,
    /// Requests at once that write documents to the disk.
    pub uploads: usize,
    /// Time for one request, its body included.
    pub request_timeout: Duration,
    /// Requests worked on at once.
    pub concurrency: usize,
    /// Requests of one client, or of one address where none are known, worked on at once.
    pub concurrency_per_client: usize,
    /// Connections held open at once.
    pub connections: usize,
    /// Connections of one address (IPv6: of one /64) held open at once.
    pub connections_per_address: usize,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// Time in which a peer has to take some of an answer.
    pub stall_timeout: Duration,
    /// Time for the head of a request to arrive.
    pub header_read_timeout: Duration,
    /// Time for which a connection without a request is kept.
    pub keep_alive_timeout: Duration,
    /// Time for running requests to end at shutdown.
    pub shutdown_grace: Duration,
}

/// Local storage.
#[derive(Clone, Debug)]
pub struct Data {
    /// The folder; created when first needed, not here.
    pub directory: PathBuf,
    /// Whether somebody chose it, rather than leaving it at the user's folder for state.
    pub is_given: bool,
}

/// What is trusted.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Files and folders with anchors.
    pub anchors: Vec<AnchorSource>,
    /// Files and folders with intermediate certificates.
    pub intermediates: Vec<PathBuf>,
    /// Whether the embedded demo anchors are trusted, and nothing else.
    pub demo: bool,
}

/// A file or folder of anchors with what they are trusted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorSource {
    /// File or folder.
    pub path: PathBuf,
    /// Trusted as issuers of signers' certificates.
    pub certificates: bool,
    /// Trusted as issuers of timestamping authorities.
    pub timestamps: bool,
}

/// How revocation is checked and where the lists come from.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// How much evidence is asked for.
    pub mode: RevocationRule,
    /// Which kinds of evidence are asked, in which order.
    pub order: RevocationOrder,
    /// Hosts that addresses out of certificates may lead to, in lower case; one that begins with a dot stands for every
    /// host below it. Empty: such addresses are never used.
    pub fetch_hosts: Vec<String>,
    /// The lists.
    pub lists: Vec<ListSource>,
    /// Longest time between two looks for a newer list.
    pub refresh: Duration,
    /// Wait after a failed fetch.
    pub retry: Duration,
    /// PEM files with the roots of https addresses; without any, https is refused.
    pub tls_roots: Vec<PathBuf>,
    /// Largest list, in bytes.
    pub max_list_bytes: u64,
}

/// One list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSource {
    /// Where it is read or fetched.
    pub location: ListLocation,
    /// Whether it is a delta list: known from where it comes, not from what it says.
    pub delta: bool,
}

/// Where a list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListLocation {
    /// File or folder.
    Path(PathBuf),
    /// Mirrors of the same list, http or https; never empty.
    Urls(Vec<String>),
}

/// The responders that are asked about single certificates.
#[derive(Clone, Debug)]
pub struct Ocsp {
    /// Who is asked.
    pub responders: Vec<OcspResponder>,
    /// Longest time that one request may wait for responders, all mirrors together.
    pub timeout: Duration,
    /// How long a response without nextUpdate counts as fresh; also the longest life of a kept response.
    pub max_age: Duration,
    /// What is asked of the nonce.
    pub nonce: NoncePolicy,
}

/// One responder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspResponder {
    /// Its mirrors; never empty.
    pub urls: Vec<String>,
    /// Certificates of the authorities it speaks for; empty for every authority.
    pub issuers: Vec<PathBuf>,
}

/// How answers are judged and worded.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Whether a failing check digit is an error.
    pub strict_identity_numbers: bool,
    /// Language when the request names none.
    pub default_language: Language,
    /// How the rules are read where letter and practice differ.
    pub reading: Reading,
}

/// How submissions are judged.
#[derive(Clone, Debug)]
pub struct Submissions {
    /// Whether one person has to sign every document.
    pub same_signer: bool,
    /// Most attachments.
    pub max_attachments: usize,
    /// Whose staff may sign for applicants at a counter.
    pub offices: Offices,
}

/// The table of services.
#[derive(Clone, Debug)]
pub struct Services {
    /// An operator's own table; `None` for the embedded one.
    pub file: Option<PathBuf>,
}

/// Memory of the caches, in bytes, roughly.
#[derive(Clone, Copy, Debug)]
pub struct Cache {
    /// Parsed certificates.
    pub certificates: u64,
    /// Verified paths.
    pub paths: u64,
}

/// The log.
#[derive(Clone, Debug)]
pub struct Log {
    /// A level or a list of directives.
    pub level: String,
    /// How lines look.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Default for Submissions {
    /// No offices; one signer.
    fn default() -> Self {
        Self { same_signer: true, max_attachments: 100, offices: Offices::default() }
    }
}

impl Config {
    /// Reads, merges and resolves the sources.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        resolve::resolve(sources)
    }
}
