//! The integration tests, one binary.

mod demo_pki;
mod revocation;
mod support_selftest;
