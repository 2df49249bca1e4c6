//! rastau: signature and certificate validation for Kazakhstan's e-licensing.
//!
//! Start reading at `docs/ARCHITECTURE.md`, then `service`. The layers, lowest first; a module uses only
//! what stands above it in this list (a test reads the imports and holds us to it).

pub mod clock;
pub mod der;
pub mod iin;

pub mod crypto;

pub mod subject;
pub mod x509;

pub mod fetch;
pub mod revocation;
pub mod trust;

pub mod policy;
pub mod verdict;
pub mod verify;

pub mod config;
pub mod observe;
pub mod service;

pub mod cli;
pub mod http;
