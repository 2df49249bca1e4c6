//! rastau: signature and certificate validation for Kazakhstan's e-licensing.
//!
//! Start reading at `docs/ARCHITECTURE.md`, then `service`. The layers, lowest first; a module uses only
//! what stands above it in this list (a test reads the imports and holds us to it).

pub mod clock;
pub mod der;
pub mod iin;

pub mod crypto;

pub mod cms;
pub mod container;
pub mod document;
pub mod pdf;
pub mod signed;
pub mod subject;
pub mod tsp;
pub mod x509;
pub mod xmldsig;

pub mod fetch;
pub mod revocation;
pub mod trust;

pub mod policy;
pub mod verdict;
pub mod verify;

pub mod journal;
pub mod licence;
pub mod signer;

pub mod access;
pub mod config;
pub mod observe;
pub mod service;

pub mod cli;
pub mod http;

/// Which code this is: the version, and where `.ci/release` built it, the commit after a `+` (build metadata of a semantic version).
///
/// The help, `/healthz`, the metric `build_info` and every entry of the journal name it.
pub const VERSION: &str = match option_env!("RASTAU_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};
