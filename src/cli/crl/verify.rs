//! `rastau crl verify`: whether a list can be relied on: signature, period, kind, and for a delta its base.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::super::input;
use super::super::output::{BAD, Clean, FAINT, GOOD, HEADING, Output, Styled, UNSURE, field};
use super::super::status::{Failure, Status};
use super::args::CrlVerifyArgs;
use super::sources;
use super::words::Size;
use crate::clock::Time;
use crate::revocation::{
    CLOCK_SKEW, Cause, DeltaProblem, ListError, ListStatus, ParsedList, RevocationList, Snapshot, Source, Unusable,
};
use crate::x509::Certificate;

/// Something that keeps a list from being relied on.
#[derive(Serialize)]
struct Finding {
    /// Proved bad, as opposed to not proved good.
    refused: bool,
    problem: String,
    remedy: &'static str,
}

/// What is printed.
#[derive(Serialize)]
struct View {
    decision: &'static str,
    signature: &'static str,
    at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<ListStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<ListStatus>,
    findings: Vec<Finding>,
}

/// Judges one list.
pub fn run(args: &CrlVerifyArgs, now: Time) -> Result<Status, Failure> {
    let issuers = sources::issuers(&args.issuer, &args.trust)?;
    let at = args.at.unwrap_or(now);
    let mut findings = Vec::new();
    let list = verified("", &args.file, &issuers, &args.issuer, &mut findings)?;
    let base = match &args.base {
        None => None,
        Some(path) => verified("--base", path, &issuers, &args.issuer, &mut findings)?,
    };
    let signature = if findings.iter().any(|finding| finding.refused) {
        "bad"
    } else if findings.is_empty() {
        "good"
    } else {
        "unknown"
    };
    for (about, list) in [("", &list), ("the base: ", &base)] {
        if let Some(list) = list {
            findings.extend(period(list, about, at));
            findings.extend(kind(list, about));
        }
    }
    if let (Some(delta), Some(base)) = (&list, &base) {
        findings.extend(continuation(delta, base, at));
    }
    let status = status(&findings);
    let decision = match status {
        Status::Good => "good",
        Status::Refused => "refused",
        Status::Undetermined | Status::Unreadable => "undetermined",
    };
    let shown = |list: &RevocationList, path: &Path| ListStatus::of(list, input::label("", path), at);
    let view = View {
        decision,
        signature,
        at,
        list: list.as_ref().map(|list| shown(list, &args.file)),
        base: base.as_ref().zip(args.base.as_ref()).map(|(base, path)| shown(base, path)),
        findings,
    };
    let mut output = if args.json { Output::raw() } else { Output::standard() };
    if args.json {
        output.json(&view);
    } else {
        view.print(status, &mut output);
    }
    output.finish()?;
    Ok(status)
}

/// The list of a file when its issuer's signature holds; else a finding.
fn verified(
    option: &str,
    path: &Path,
    issuers: &[Certificate],
    named: &[std::path::PathBuf],
    findings: &mut Vec<Finding>,
) -> Result<Option<Arc<RevocationList>>, Failure> {
    let bytes = input::read(option, path, input::MAX_LIST)?;
    let parsed = ParsedList::read_limited(bytes, Source::path(path), input::MAX_LIST).map_err(|error| {
        Failure::new(input::label(option, path), error).remedy("`rastau inspect` tells what a file is")
    })?;
    match parsed.verify_with_any(issuers) {
        Ok((list, _)) => Ok(Some(Arc::new(list))),
        Err(failed) => {
            let (_, error) = *failed;
            let about = if option.is_empty() { "" } else { "the base: " };
            let unknown = matches!(error, ListError::IssuerUnknown | ListError::IssuerName);
            findings.push(Finding {
                // Who names the issuer says whose list it has to be; who names a folder may not have them all.
                refused: !unknown || !named.is_empty(),
                problem: format!("{about}{error}"),
                remedy: if unknown { Cause::Issuer.remedy() } else { Cause::Signature.remedy() },
            });
            Ok(None)
        }
    }
}

/// Whether the list is in its period at `at`.
fn period(list: &RevocationList, about: &str, at: Time) -> Option<Finding> {
    let (problem, remedy) = if list.this_update() > at.plus_seconds(CLOCK_SKEW) {
        (format!("it was issued at {}, after {at}", list.this_update()), Cause::Clock.remedy())
    } else if !list.is_stale(at) {
        return None;
    } else if let Some(next) = list.next_update() {
        let remedy = "fetch a newer one, or say with --at which moment is asked about";
        (format!("it had lapsed at {at}: the next was due by {next}"), remedy)
    } else {
        let remedy = "ask its authority: RFC 5280 demands nextUpdate";
        ("it announces no next update, so that nobody knows how long it holds".to_owned(), remedy)
    };
    Some(Finding { refused: false, problem: format!("{about}{problem}"), remedy })
}

/// Whether the list is of a kind that answers. A delta does so with its base.
fn kind(list: &RevocationList, about: &str) -> Option<Finding> {
    let why = list.unusable().filter(|why| !matches!(why, Unusable::Delta))?;
    Some(Finding { refused: true, problem: format!("{about}{why}"), remedy: "nothing here can use it" })
}

/// Whether a delta continues this base (RFC 5280 5.2.4), as the service judges it. Periods are told apart from this.
fn continuation(delta: &Arc<RevocationList>, base: &Arc<RevocationList>, at: Time) -> Option<Finding> {
    let refused = |problem: String, remedy| Some(Finding { refused: true, problem, remedy });
    if !delta.is_delta() {
        return refused("the file is a full list, which needs no base".to_owned(), "leave --base out");
    }
    if base.is_delta() {
        return refused("the base is a delta itself".to_owned(), "give the full list as --base");
    }
    if delta.issuer_key() != base.issuer_key() || delta.issuer() != base.issuer() {
        let problem = "the base is another authority's, or signed with another of its keys";
        return refused(problem.to_owned(), "give the full list of the same authority as --base");
    }
    let snapshot = Snapshot::assemble([Arc::clone(base), Arc::clone(delta)], at);
    // A base that cannot be used, and a delta that cannot, were told already.
    match snapshot.bases().next()?.left_out.as_ref().map(|left| &left.why) {
        None | Some(DeltaProblem::NotYetValid | DeltaProblem::Unusable(_)) => None,
        Some(why) => refused(format!("the delta: {why}"), "fetch both again"),
    }
}

fn status(findings: &[Finding]) -> Status {
    if findings.iter().any(|finding| finding.refused) {
        Status::Refused
    } else if findings.is_empty() {
        Status::Good
    } else {
        Status::Undetermined
    }
}

impl View {
    fn print(&self, status: Status, output: &mut Output) {
        output.line(Styled(HEADING, "Revocation list"));
        let style = match status {
            Status::Good => GOOD,
            Status::Refused => BAD,
            Status::Undetermined | Status::Unreadable => UNSURE,
        };
        output.line(format_args!("  {:<14}{}", "decision", Styled(style, self.decision)));
        field(output, "signature", self.signature);
        field(output, "at", &self.at.to_string());
        for (heading, list) in [(None, &self.list), (Some("Full list"), &self.base)] {
            let Some(list) = list else { continue };
            if let Some(heading) = heading {
                output.line(Styled(HEADING, heading));
            }
            let delta = if list.delta { ", a delta" } else { "" };
            let number = list.number.map_or_else(|| "none".to_owned(), |number| number.to_string());
            field(output, "issuer", list.issuer.as_deref().unwrap_or_default());
            field(output, "number", &format!("{number}{delta}"));
            let time = |time: Option<Time>| time.map_or_else(|| "none".to_owned(), |time| time.to_string());
            field(output, "this update", &time(list.this_update));
            field(output, "next update", &time(list.next_update));
            let (entries, bytes) = (list.entries.unwrap_or_default(), list.bytes.unwrap_or_default());
            field(output, "entries", &format!("{entries}, {}", Size(bytes)));
        }
        for finding in &self.findings {
            let (word, style) = if finding.refused { ("refused:", BAD) } else { ("not proved:", UNSURE) };
            output.line(format_args!("{} {}", Styled(style, word), Clean(&finding.problem)));
            output.line(format_args!("  {}", Styled(FAINT, format_args!("remedy: {}", finding.remedy))));
        }
        if self.base.is_none() && self.findings.is_empty() && self.list.as_ref().is_some_and(|list| list.delta) {
            output.line("A delta says nothing by itself; --base FILE tells whether it changes that list.");
        }
    }
}
