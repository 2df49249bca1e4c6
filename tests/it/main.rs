//! The integration tests, one binary.

mod demo;
mod interop;
mod layers;
mod support_selftest;
