//! The integration tests, one binary.

mod demo_pki;
mod support_selftest;
