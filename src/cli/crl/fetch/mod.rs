//! `rastau crl fetch`: fetches lists now, by the rules of the service, and says what came of each.

mod file;

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::super::output::{BAD, Clean, FAINT, GOOD, Output, Styled, UNSURE};
use super::super::status::{Failure, Status};
use super::args::CrlFetchArgs;
use super::list;
use super::progress::Bars;
use super::sources::{self, Opened};
use crate::clock::{Clock, SystemClock};
use crate::fetch::{Client, Limits};
use crate::revocation::refresh::{Refresher, Schedule};
use crate::revocation::{Cause, ListStatus, MirrorStatus, Offer, Source, Store};

/// What came of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// A newer list is in force and stored.
    Stored,
    /// The list that was there is still the newest.
    Unchanged,
    /// Something came that does not hold; what was there stays.
    Refused,
    /// Nothing came.
    Unreachable,
    /// A newer list came and could not be stored.
    Unstored,
}

/// One source, with the lists in force from it.
#[derive(Serialize)]
struct Row {
    source: String,
    outcome: Outcome,
    error: Option<String>,
    cause: Option<Cause>,
    mirrors: Vec<MirrorStatus>,
    lists: Vec<ListStatus>,
}

/// What is printed.
#[derive(Serialize)]
struct View {
    sources: Vec<Row>,
}

/// Fetches from every address.
pub fn run(args: &CrlFetchArgs) -> Result<Status, Failure> {
    let opened = sources::open(&args.sources)?;
    let mut wanted = opened.store.sources();
    wanted.retain(|source| !source.mirrors().is_empty());
    if wanted.is_empty() {
        return Err(Failure::new(
            "revocation.list",
            "no list comes from an address, so that there is nothing to fetch",
        )
        .remedy("name one with --url and its authority with --issuer, or a configuration that does with --config"));
    }
    if args.out.is_none() && !opened.store.stores() {
        return Err(Failure::new("data.directory", "a service that runs keeps its lists in this folder")
            .remedy("ask it to refresh by POST /v1/revocation/refresh, or name another folder with --data, or --out"));
    }
    let bars = Arc::new(Bars::new(&wanted));
    let client = Client::new(&opened.tls_roots, Limits::LIST)
        .map_err(|error| Failure::new("revocation.tls_roots", error).remedy("name PEM files with root certificates"))?
        .reporting(bars.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("runtime", error).remedy("raise the limit of threads of the user"))?;
    let rows = match &args.out {
        None => runtime.block_on(into_store(&opened.store, client, &wanted, &bars)),
        Some(out) => vec![runtime.block_on(into_file(opened, client, wanted, &bars, out))?],
    };
    let status = status(&rows);
    let mut output = if args.sources.json { Output::raw() } else { Output::standard() };
    if args.sources.json {
        output.json(&View { sources: rows });
    } else {
        for row in &rows {
            row.print(&mut output);
        }
    }
    output.finish()?;
    Ok(status)
}

/// All sources at once: one silent server does not hold up the others.
async fn into_store(store: &Arc<Store>, client: Client, wanted: &[Source], bars: &Arc<Bars>) -> Vec<Row> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let refresher = Arc::new(Refresher::new(Arc::clone(store), Arc::new(client), clock, Schedule::default()));
    let tasks: Vec<_> = wanted
        .iter()
        .map(|source| {
            let (refresher, source, bars) = (Arc::clone(&refresher), source.clone(), Arc::clone(bars));
            tokio::spawn(async move {
                let outcome = refresher.refresh(&source).await;
                bars.done(&source);
                outcome
            })
        })
        .collect();
    let mut rows = Vec::new();
    for (source, task) in wanted.iter().zip(tasks) {
        let outcome = task.await.unwrap_or_else(|error| Err(error.to_string().into()));
        rows.push(Row::of(store, source, outcome.map_err(|error| error.to_string())));
    }
    rows
}

async fn into_file(
    opened: Opened,
    client: Client,
    wanted: Vec<Source>,
    bars: &Bars,
    out: &Path,
) -> Result<Row, Failure> {
    let Ok([source]) = <[Source; 1]>::try_from(wanted) else {
        return Err(Failure::new("--out", "more than one list is configured, and one file holds one")
            .remedy("name the list with --url, or leave --out out"));
    };
    let store = file::store(&opened, &source, out)?;
    let outcome = file::fetch(&store, &client, &source).await;
    bars.done(&source);
    if let Ok((Offer::Installed, der)) = &outcome {
        file::write(out, der)?;
    }
    Ok(Row::of(&store, &source, outcome.map(|(offer, _)| offer)))
}

fn status(rows: &[Row]) -> Status {
    let any = |wanted: Outcome| rows.iter().any(|row| row.outcome == wanted);
    if any(Outcome::Unstored) {
        Status::Unreadable
    } else if any(Outcome::Refused) {
        Status::Refused
    } else if any(Outcome::Unreachable) {
        Status::Undetermined
    } else {
        Status::Good
    }
}

impl Row {
    fn of(store: &Store, source: &Source, outcome: Result<Offer, String>) -> Self {
        let name = source.to_string();
        let mut lists = store.status(SystemClock.now());
        lists.retain(|list| list.source == name);
        let cause = lists.iter().find_map(|list| list.cause).filter(|_| outcome.is_err());
        let unstored = lists.iter().find_map(|list| list.fetch.as_ref()?.storage_error.clone());
        let (outcome, error) = match outcome {
            Ok(_) if unstored.is_some() => (Outcome::Unstored, unstored),
            Ok(Offer::Installed) => (Outcome::Stored, None),
            Ok(Offer::Same) => (Outcome::Unchanged, None),
            Err(error) if cause.is_some_and(Cause::is_refusal) => (Outcome::Refused, Some(error)),
            Err(error) => (Outcome::Unreachable, Some(error)),
        };
        let mirrors = lists.iter().find_map(|list| list.fetch.as_ref()).map(|fetch| fetch.mirrors.clone());
        lists.retain(|list| list.issuer.is_some());
        Self { source: name, outcome, error, cause, mirrors: mirrors.unwrap_or_default(), lists }
    }

    fn print(&self, output: &mut Output) {
        let (word, style) = match self.outcome {
            Outcome::Stored => ("stored", GOOD),
            Outcome::Unchanged => ("unchanged", GOOD),
            Outcome::Refused => ("refused", BAD),
            Outcome::Unreachable => ("nothing came", UNSURE),
            Outcome::Unstored => ("not stored", BAD),
        };
        let error = self.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        output.line(format_args!("{} {}{}", Styled(style, word), Clean(&self.source), Clean(&error)));
        if let Some(cause) = self.cause {
            output.line(format_args!("  {}", Styled(FAINT, format_args!("remedy: {}", cause.remedy()))));
        }
        for mirror in &self.mirrors {
            if let Some(error) = &mirror.error {
                output.line(format_args!("  {} {}: {}", Styled(UNSURE, "mirror"), Clean(&mirror.url), Clean(error)));
            }
        }
        if self.error.is_some() && self.outcome != Outcome::Unstored {
            let still = if self.lists.is_empty() { "No list is in force from it." } else { "In force stays:" };
            output.line(format_args!("  {still}"));
        }
        let now = SystemClock.now();
        for list in &self.lists {
            // The attempt was told above.
            let list = ListStatus { error: None, cause: None, ..list.clone() };
            list::print(&list, now, output);
        }
    }
}
