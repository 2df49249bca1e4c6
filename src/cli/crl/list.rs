//! `rastau crl list`: what is configured and stored, without the network.

use serde::Serialize;

use super::super::output::{BAD, Clean, FAINT, Output, Styled};
use super::super::status::{Failure, Status};
use super::args::CrlListArgs;
use super::sources;
use super::words::{self, Size, Span};
use crate::clock::{Clock as _, SystemClock, Time};
use crate::revocation::{ListState, ListStatus};

/// A list as `/v1/revocation` shows it, and what people ask first.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    list: ListStatus,
    /// Seconds since thisUpdate.
    age_s: Option<i64>,
}

/// What is printed.
#[derive(Serialize)]
struct View {
    lists: Vec<Row>,
}

/// Prints every list with its state.
pub fn run(args: &CrlListArgs) -> Result<Status, Failure> {
    let now = SystemClock.now();
    let lists = sources::open(&args.sources)?.store.status(now);
    if args.sources.json {
        let row = |list: ListStatus| Row { age_s: list.this_update.map(|this| now.seconds_since(this)), list };
        let mut output = Output::raw();
        output.json(&View { lists: lists.into_iter().map(row).collect() });
        output.finish()?;
        return Ok(Status::Good);
    }
    let mut output = Output::standard();
    for list in &lists {
        print(list, now, &mut output);
    }
    if lists.is_empty() {
        output.line("No list is configured: write a [[revocation.list]] with a path or with urls.");
    } else {
        let counts = |wanted: ListState| lists.iter().filter(|list| list.state == wanted).count();
        let (fresh, due) = (counts(ListState::Fresh), counts(ListState::Due));
        output.line(format_args!("{} lists, {} in force", lists.len(), fresh + due));
    }
    output.finish()?;
    Ok(Status::Good)
}

/// One list, some lines.
pub fn print(list: &ListStatus, now: Time, output: &mut Output) {
    let (word, style) = words::state(list.state);
    let delta = if list.delta { " (delta)" } else { "" };
    output.line(format_args!("{} {}{delta}", Styled(style, format_args!("{word:<7}")), Clean(&list.source)));
    let mut line = |text: String| output.line(format_args!("        {}", Clean(&text)));
    if let Some(issuer) = &list.issuer {
        let number = list.number.map_or_else(|| "no number".to_owned(), |number| format!("number {number}"));
        line(format!("{issuer}, {number}"));
    }
    if let Some(this) = list.this_update {
        let age = now.seconds_since(this);
        let next = list.next_update.map_or_else(
            || "no next update is announced".to_owned(),
            |next| match next.seconds_since(now) {
                left @ 0.. => format!("next {next}, in {}", Span(left)),
                over => format!("next {next}, {} ago", Span(over)),
            },
        );
        let tense = if age < 0 { "ahead of the clock" } else { "old" };
        line(format!("issued {this}, {} {tense}; {next}", Span(age)));
    }
    if let (Some(entries), Some(bytes)) = (list.entries, list.bytes) {
        line(format!("{entries} entries, {}", Size(bytes)));
    }
    if let Some(success) = list.last_success {
        line(format!("last good {success}, {} ago", Span(now.seconds_since(success))));
    }
    if let Some(why) = &list.unusable {
        line(format!("not used: {why}"));
    }
    if let Some(error) = &list.error {
        output.line(format_args!("        {} {}", Styled(BAD, "last attempt:"), Clean(error)));
        if let Some(cause) = list.cause {
            output.line(format_args!("        {}", Styled(FAINT, format_args!("remedy: {}", cause.remedy()))));
        }
    }
}
