//! The command line: one file a command, which translates arguments and prints answers, and decides nothing.
//!
//! Answers go to standard output, coloured on a terminal and plain elsewhere; complaints, progress and sums go to
//! stderr. The exit status is part of the contract, see [`Status`].

mod args;
mod batch;
mod check;
mod config;
mod crl;
mod evidence;
mod extend;
mod files;
#[cfg(fuzzing)]
pub mod fuzzing;
mod input;
mod inspect;
mod journal;
mod language;
mod output;
mod policy;
mod report;
mod serve;
mod sign;
mod signature;
mod status;
mod timestamp;
mod token;
mod verify;
mod written;

use std::fmt;
use std::io::Write as _;

use clap::Parser as _;

use self::args::{Arguments, Command, ConfigCommand, ServeArgs, SignatureCommand, TokenCommand};
use self::output::{BAD, Styled};
pub use self::status::Status;
use crate::clock::{Clock as _, SystemClock};

/// Runs the command that the process's arguments name.
pub fn run() -> Status {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(message) => {
            // --help and --version arrive here too. A closed pipe is no failure.
            let _ = message.print();
            return if message.use_stderr() { Status::Unreadable } else { Status::Good };
        }
    };
    let now = SystemClock.now();
    let result = match arguments.command {
        None => serve::run(&ServeArgs::default()),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Check(args)) => check::run(&args, now),
        Some(Command::Verify(args)) => verify::run(&args, now),
        Some(Command::Sign(args)) => sign::run(&args, now),
        Some(Command::Extend(args)) => extend::run(&args, now),
        Some(Command::Inspect(args)) => inspect::run(&args, now),
        Some(Command::Crl(command)) => crl::run(&command, now),
        Some(Command::Journal(command)) => journal::run(&command),
        Some(Command::Signature(SignatureCommand::Check(args))) => signature::run(&args),
        Some(Command::Config(ConfigCommand::Check(args))) => config::check(&args),
        Some(Command::Token(TokenCommand::New(args))) => token::new(&args),
    };
    result.unwrap_or_else(|failure| {
        for complaint in failure.complaints() {
            complain(format_args!("{} {complaint}", Styled(BAD, "error:")));
        }
        Status::Unreadable
    })
}

/// Writes to stderr; if that is closed, there is nobody to tell.
fn complain(text: impl fmt::Display) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
