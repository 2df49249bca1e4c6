//! The integration tests, one binary.

mod revocation;
mod demo_pki;
mod support_selftest;
