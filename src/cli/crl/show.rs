//! `rastau crl show`: verify a list, index it, say what it costs.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::super::input;
use super::super::output::{BAD, GOOD, HEADING, Output, Styled, field};
use super::super::status::{Failure, Status};
use super::args::CrlShowArgs;
use crate::clock::Time;
use crate::revocation::{
    ListBytes, ListError, ListFile, ListNumber, ParsedList, Refused, RevocationList, Source, Took,
};

/// What is printed, with the names of the contract. The times are those of work that runs beside other work where there
/// are cores for it.
#[derive(Serialize)]
struct View {
    entries: u64,
    number: Option<ListNumber>,
    this_update: Time,
    next_update: Option<Time>,
    signature: &'static str,
    /// Until the file is in memory.
    read_ms: f64,
    /// SHA-256 over the list, and the signature's own hash with its verification.
    hash_ms: f64,
    /// From the bytes to the index.
    index_ms: f64,
    index_bytes: usize,
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    f64::from(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)) / 1000.0
}

/// A file, hashed while it is read, or standard input for `-`.
fn read(path: &Path) -> Result<(ListBytes, Duration, Duration), Failure> {
    let start = Instant::now();
    if path.as_os_str() == "-" {
        let bytes = input::read("", path, input::MAX_LIST)?;
        return Ok((bytes.into(), start.elapsed(), Duration::ZERO));
    }
    match ListFile::read(path, input::MAX_LIST) {
        Ok(file) => Ok((file.bytes, file.read, file.hash)),
        Err(error) => Err(input::unread("", path, input::MAX_LIST, &error)),
    }
}

/// Verifies the list under the issuer's key.
pub fn show(args: &CrlShowArgs) -> Result<Status, Failure> {
    let issuer = input::one_certificate("--issuer", &args.issuer)?;
    let name = input::label("", &args.file);
    let (bytes, read, hash) = read(&args.file)?;
    let issuers = std::slice::from_ref(&issuer);
    let (view, problem) = match ParsedList::accept(bytes, Source::path(&args.file), input::MAX_LIST, issuers) {
        Ok((list, der)) => (View::good(&list, read, hash, der.took()), None),
        Err(Refused::Rejected(failed)) => {
            let (list, error) = *failed;
            let why = if error == ListError::IssuerUnknown { ListError::IssuerName } else { error };
            (View::bad(&list, read, hash), Some(why))
        }
        Err(Refused::Unreadable(error)) => {
            return Err(
                Failure::new(&name, error).remedy("give one list, DER or PEM; `rastau inspect` tells what a file is")
            );
        }
    };
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
    fn good(list: &RevocationList, read: Duration, hash: Duration, took: Took) -> Self {
        Self {
            entries: list.entries(),
            number: list.number(),
            this_update: list.this_update(),
            next_update: list.next_update(),
            signature: "good",
            read_ms: milliseconds(read),
            hash_ms: milliseconds(hash + took.hash),
            index_ms: milliseconds(took.index),
            index_bytes: list.index_bytes(),
        }
    }

    fn bad(list: &ParsedList, read: Duration, hash: Duration) -> Self {
        Self {
            entries: list.entries(),
            number: list.number(),
            this_update: list.this_update(),
            next_update: list.next_update(),
            signature: "bad",
            read_ms: milliseconds(read),
            hash_ms: milliseconds(hash + list.took().hash),
            index_ms: milliseconds(list.took().index),
            index_bytes: list.index_bytes(),
        }
    }

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
