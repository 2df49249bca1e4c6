//! The integration tests, one binary.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod abuse;
mod alarm;
mod algorithms;
mod cli;
mod cms;
mod conformance;
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
mod minted;
mod pdf;
mod policies;
mod programs;
mod revocation;
mod signer;
mod signing;
mod supply;
mod support_selftest;
mod trust;
mod worst;
mod xml;
