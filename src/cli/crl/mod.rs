//! `rastau crl …`: revocation lists, for operators.

mod args;
mod fetch;
mod list;
mod progress;
mod show;
mod sources;
mod verify;
mod words;

pub use self::args::CrlCommand;
use super::status::{Failure, Status};
use crate::clock::Time;

/// Runs one of the commands.
pub fn run(command: &CrlCommand, now: Time) -> Result<Status, Failure> {
    match command {
        CrlCommand::Fetch(args) => fetch::run(args),
        CrlCommand::List(args) => list::run(args),
        CrlCommand::Show(args) => show::show(args),
        CrlCommand::Verify(args) => verify::run(args, now),
    }
}
