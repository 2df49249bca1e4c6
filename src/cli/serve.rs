//! `rastau serve`.

use super::args::ServeArgs;
use super::status::{Failure, Status};

/// scratch
pub fn run(_args: &ServeArgs) -> Result<Status, Failure> {
    Err(Failure::not_supported("serve"))
}
