//! The integration tests, one binary.

mod demo;
mod interop;
mod layers;
mod limbo;
mod support_selftest;
