//! The integration tests, one binary.

mod demo;
mod demo_pki;
mod http;
mod interop;
mod judgement;
mod layers;
mod limbo;
mod revocation;
mod support_selftest;
mod trust;
