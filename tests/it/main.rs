//! The integration tests, one binary.

mod demo_pki;
mod http;
mod support_selftest;
