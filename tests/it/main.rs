//! The integration tests, one binary.

mod revocation;
mod support_selftest;
