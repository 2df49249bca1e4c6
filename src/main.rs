//! The `rastau` program: runs what the command line asks for and ends with its exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    rastau::cli::run().into()
}
