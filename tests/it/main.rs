//! The integration tests, one binary.

mod demo_pki;
mod limbo;
mod support_selftest;
mod trust;
