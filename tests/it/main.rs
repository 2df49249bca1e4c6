//! The integration tests, one binary.

mod demo;
mod layers;
mod support_selftest;
