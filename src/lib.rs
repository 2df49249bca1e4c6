//! rastau: signature and certificate validation for Kazakhstan's e-licensing.
#![warn(clippy::all)]

pub mod clock;
pub mod iin;
pub mod policy;
pub mod verdict;
