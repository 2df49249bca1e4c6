//! rastau: signature and certificate validation for Kazakhstan's e-licensing.
#![warn(clippy::all)]
