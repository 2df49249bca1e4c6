//! `rastau extend`: timestamps and evidence for signatures that are there, without any key.
//!
//! The document is verified before and after, on the same grounds; what comes out worse is not written.

mod args;
mod evidence;
mod stage;
mod stamps;

pub use self::args::ExtendArgs;

use serde::Serialize;

use self::args::LevelName;
use self::evidence::document;
use self::stage::{Fault, Stage};
use self::stamps::Stamped;
use super::complain;
use super::evidence::{self as grounds, Ready};
use super::files::Bytes;
use super::output::{BAD, Clean, GOOD, Output, Styled, UNSURE, field};
use super::status::{Failure, Status};
use super::timestamp::Authority;
use crate::clock::Time;
use crate::policy::Purpose;
use crate::policy::signatory::Offices;
use crate::service::{DocumentRequest, OpenedDocument, PreparedDocument};
use crate::signed::{Detached, Format, FormatError, MakeError};
use crate::verdict::{Decision, DocumentReport, SignatureReport, TimestampState};

/// What was done.
#[derive(Serialize)]
struct Done {
    format: &'static str,
    signatures: usize,
    stamped: usize,
    level: String,
    out: String,
}

/// Extends a document.
pub fn run(args: &ExtendArgs, now: Time) -> Result<Status, Failure> {
    let authority = Authority::of(&args.timestamp)?;
    let ready = grounds::ready(&args.judgement(), false, Offices::default(), (None, now))?;
    let content = args.content.as_deref().map(Bytes::content).transpose()?;
    let detached = content.as_ref().map_or(Detached::Absent, Bytes::as_content);
    let stage = Stage::new(Bytes::document(&args.document, false)?, detached, &args.out);
    let fault = |fault: Fault| fault.into_failure(document(args), &args.out);
    extend(args, &ready, stage, authority.as_ref()).map_err(fault)
}

fn extend(
    args: &ExtendArgs,
    ready: &Ready,
    mut stage: Stage<'_>,
    authority: Option<&Authority>,
) -> Result<Status, Fault> {
    let read = stage.read().map_err(unreadable)?;
    let format = read.format;
    if !matches!(format, Format::Cms | Format::Pdf | Format::Xml) {
        return Err(stamps::refused(format).into());
    }
    let question = question(args, ready)?;
    let before = judged(ready, &question, open(ready, &question, &stage)?);
    if let Some(dead) = before.signatures().iter().find(|one| one.verified_level.is_none()) {
        return Err(Failure::new(document(args), format!("{} does not hold, so nothing is added to it", dead.label))
            .remedy("`rastau verify` tells why; the content of a detached signature goes with --content")
            .into());
    }
    let missing = read.signatures.iter().filter(|one| !stamps::is_stamped(one)).count();
    let stamped = match authority {
        Some(authority) => stamps::add(&mut stage, authority)?,
        None if missing == 0 => Stamped::default(),
        None => {
            return Err(Failure::new(
                document(args),
                format!("{missing} of its signatures have no timestamp, without which there is no lt"),
            )
            .remedy("give --timestamp-url URL too")
            .into());
        }
    };
    if args.to == LevelName::Lt {
        let paths = open(ready, &question, &stage)?.path_certificates();
        evidence::add(&mut stage, format, &paths, args)?;
    }
    let after = judged(ready, &question, open(ready, &question, &stage)?);
    compare(&before, &after).map_err(|why| {
        Failure::new(document(args), format!("would be worse than before, so nothing was written: {why}"))
            .remedy("look at the timestamp authority and at the evidence given")
    })?;
    if let Some(status) = falls_short(args, &after) {
        return Ok(status);
    }
    stage.keep(format)?;
    if stamped.new == 0 && args.to == LevelName::T {
        complain(format_args!("{} every signature had a timestamp already", Styled(UNSURE, "warning:")));
    }
    let levels = after.signatures().iter().map(|one| level(args, one));
    let done = Done {
        format: format.as_str(),
        signatures: after.signatures().len(),
        stamped: stamped.new,
        level: levels.min_by_key(|level| rank(level)).unwrap_or_default().to_owned(),
        out: args.out.display().to_string(),
    };
    Ok(print(&done, args.json)?)
}

fn unreadable(error: FormatError) -> Fault {
    MakeError::from(error).into()
}

/// The question that is asked before and after: in full where anybody is trusted, else about the cryptography.
fn question(args: &ExtendArgs, ready: &Ready) -> Result<PreparedDocument, Failure> {
    let language = Some(ready.defaults.language.as_str().to_owned());
    let request = DocumentRequest { language, ..DocumentRequest::default() };
    let policy = ready.defaults.rules.policy(Purpose::Any);
    let prepared = ready.service.prepare_document_under(&request, policy);
    let prepared = prepared.map_err(|error| grounds::failure(&error.errors))?;
    Ok(if args.trust.is_empty() { prepared.signature_only() } else { prepared })
}

fn open(ready: &Ready, question: &PreparedDocument, stage: &Stage<'_>) -> Result<OpenedDocument, Fault> {
    Ok(ready.service.open_document(question, &ready.grounds, stage.document(), stage.content())?)
}

fn judged(ready: &Ready, question: &PreparedDocument, opened: OpenedDocument) -> DocumentReport {
    ready.service.judge_document(question, &ready.grounds, opened)
}

/// Why a document is worse than it was.
fn compare(before: &DocumentReport, after: &DocumentReport) -> Result<(), String> {
    if before.signatures().len() != after.signatures().len() {
        let code = after.refusal().map_or("", |refusal| refusal.code.as_str());
        return Err(format!(
            "there were {} signatures, there are {} {code}",
            before.signatures().len(),
            after.signatures().len()
        ));
    }
    for (old, new) in before.signatures().iter().zip(after.signatures()) {
        let (was, is) = (old.report.decision(), new.report.decision());
        if is > was {
            let code = new.report.refusal().map_or("", |refusal| refusal.code.as_str());
            return Err(format!("{} would be {} instead of {}: {code}", new.label, is.as_str(), was.as_str()));
        }
        if new.content_digest != old.content_digest || rank(new.level) < rank(old.level) {
            return Err(format!("{} would be another one", new.label));
        }
        let stamps = new.timestamp.iter().chain(&new.other_timestamps);
        let known =
            old.timestamp.iter().chain(&old.other_timestamps).filter(|stamp| stamp.status == TimestampState::Failed);
        let mut failed = stamps.filter(|stamp| stamp.status == TimestampState::Failed);
        if failed.clone().count() > known.count() {
            let why = failed.next_back().map_or("", |stamp| stamp.detail.as_str());
            return Err(format!("the timestamp of {} does not hold: {why}", new.label));
        }
    }
    Ok(())
}

/// How a command ends whose evidence does not make of the document what was wanted.
fn falls_short(args: &ExtendArgs, after: &DocumentReport) -> Option<Status> {
    if args.to == LevelName::T {
        return None;
    }
    let short = after.signatures().iter().find(|one| rank(level(args, one)) < rank("LT"))?;
    let code = short.report.refusal().map_or("the evidence given does not suffice", |refusal| refusal.code.as_str());
    complain(format_args!(
        "{} nothing was written: {} would be proved to level {} only, not to LT: {}",
        Styled(BAD, "error:"),
        Clean(&short.label),
        level(args, short),
        code
    ));
    complain(
        "  remedy: give lists or responses, in force now, for every certificate of the paths of signer and timestamp",
    );
    Some(if short.report.decision() == Decision::Refused { Status::Refused } else { Status::Undetermined })
}

/// What is proved, or where nobody is trusted, what it is by its form.
fn level(args: &ExtendArgs, signature: &SignatureReport) -> &'static str {
    if args.trust.is_empty() { signature.level } else { signature.verified_level.unwrap_or(signature.level) }
}

fn rank(level: &str) -> usize {
    ["bare", "B", "T", "LT", "LTA"].iter().position(|known| *known == level).unwrap_or_default()
}

fn print(done: &Done, json: bool) -> Result<Status, Failure> {
    let mut output = if json { Output::raw() } else { Output::standard() };
    if json {
        output.json_pretty(done);
    } else {
        output.line(Styled(GOOD, "✓ EXTENDED"));
        field(&mut output, "format", &format!("{}, {} signatures", done.format, done.signatures));
        field(&mut output, "stamped", &format!("{} of them now", done.stamped));
        field(&mut output, "level", &done.level);
        field(&mut output, "written to", &done.out);
    }
    output.finish()?;
    Ok(Status::Good)
}
