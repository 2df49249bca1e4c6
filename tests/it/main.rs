//! The integration tests, one binary.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod alarm;
mod cli;
mod cms;
mod container;
mod demo;
mod demo_pki;
mod desk;
mod differential;
mod documents;
mod http;
mod interop;
mod journal;
mod judgement;
mod keys;
mod layers;
mod limbo;
mod minted;
mod pdf;
mod revocation;
mod signer;
mod signing;
mod support_selftest;
mod trust;
mod worst;
mod xml;
