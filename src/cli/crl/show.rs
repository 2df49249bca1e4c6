//! `rastau crl show`: verify a list, index it, say what it costs.

use std::time::Instant;

use serde::Serialize;

use super::super::args::CrlShowArgs;
use super::super::input;
use super::super::output::{BAD, GOOD, HEADING, Output, Styled, field};
use super::super::status::{Failure, Status};
use crate::clock::Time;
use crate::crypto::sha256;
use crate::der::armour::{self, Label};
use crate::revocation::{ListError, ListNumber, ParsedList, Source};

/// What is printed, with the names of the contract.
#[derive(Serialize)]
struct View {
    entries: u64,
    number: Option<ListNumber>,
    this_update: Time,
    next_update: Option<Time>,
    signature: &'static str,
    read_ms: f64,
    hash_ms: f64,
    index_ms: f64,
    index_bytes: usize,
}

/// Milliseconds since `start`, to the microsecond.
fn milliseconds(start: Instant) -> f64 {
    f64::from(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX)) / 1000.0
}

/// Verifies the list under the issuer's key.
pub fn show(args: &CrlShowArgs) -> Result<Status, Failure> {
    let issuer = input::one_certificate("--issuer", &args.issuer)?;
    let name = input::label("", &args.file);
    let start = Instant::now();
    let bytes = input::read("", &args.file, input::MAX_LIST)?;
    let der = armour::decode_one(&bytes, Label::Crl)
        .map_err(|error| Failure::new(&name, error).remedy("give one list, DER or PEM"))?;
    let read_ms = milliseconds(start);
    let start = Instant::now();
    sha256(&der);
    let hash_ms = milliseconds(start);
    let start = Instant::now();
    let parsed = ParsedList::read_limited(der, Source::path(&args.file), input::MAX_LIST)
        .map_err(|error| Failure::new(&name, error).remedy("`rastau inspect` tells what a file is"))?;
    let index_ms = milliseconds(start);
    let mut view = View {
        entries: parsed.entries(),
        number: parsed.number(),
        this_update: parsed.this_update(),
        next_update: parsed.next_update(),
        signature: "good",
        read_ms,
        hash_ms,
        index_ms,
        index_bytes: parsed.index_bytes(),
    };
    let problem = match parsed.verify(&issuer) {
        Ok(_) => None,
        Err(failed) => Some(failed.1),
    };
    if problem.is_some() {
        view.signature = "bad";
    }
    let mut output = if args.json { Output::raw() } else { Output::standard() };
    if args.json {
        output.json(&view);
    } else {
        view.print(problem.as_ref(), &mut output);
    }
    output.finish()?;
    Ok(if problem.is_none() { Status::Good } else { Status::Refused })
}

impl View {
    fn print(&self, problem: Option<&ListError>, output: &mut Output) {
        output.line(Styled(HEADING, "Revocation list"));
        match problem {
            None => output.line(format_args!("  {:<14}{}", "signature", Styled(GOOD, self.signature))),
            Some(why) => output.line(format_args!("  {:<14}{}: {why}", "signature", Styled(BAD, self.signature))),
        }
        field(output, "entries", &self.entries.to_string());
        field(output, "number", &self.number.map_or_else(|| "none".to_owned(), |number| number.to_string()));
        field(output, "this update", &self.this_update.to_string());
        field(output, "next update", &self.next_update.map_or_else(|| "none".to_owned(), |next| next.to_string()));
        field(output, "read", &format!("{} ms", self.read_ms));
        field(output, "hash", &format!("{} ms", self.hash_ms));
        field(output, "index", &format!("{} ms, {} bytes", self.index_ms, self.index_bytes));
    }
}
