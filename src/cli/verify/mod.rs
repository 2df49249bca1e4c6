//! `rastau verify`: signed documents and whole submissions from the command line.

mod args;
mod extract;
mod line;
mod submission;

use std::path::Path;

pub use self::args::VerifyArgs;
#[cfg(fuzzing)]
pub use self::line::Responder;
#[cfg(not(fuzzing))]
use self::line::Responder;
use super::batch::brought::Shared;
use super::evidence::{self, Ready};
use super::files::Bytes;
use super::output::Output;
use super::status::{Failure, Status};
use super::{batch, report};
use crate::clock::Time;
use crate::policy::signatory::Offices;
use crate::service::{ContentDigest, DocumentRequest, PreparedDocument};
use crate::signed::Detached;
use crate::verdict::{Decision, DocumentReport};

/// Answers about one document, every line of a batch, or a submission.
pub fn run(args: &VerifyArgs, now: Time) -> Result<Status, Failure> {
    let offices =
        Offices { centres: submission::offices(&args.centre), providers: submission::offices(&args.provider) };
    // The moment that counts is that of the signature: evidence from after it is the usual case.
    let ready = evidence::ready(&args.judgement, args.batch.is_some(), offices, (None, now))?;
    if let Some(folder) = &args.submission {
        return submission::run(folder, args, ready);
    }
    if let Some(path) = &args.batch {
        let Ready { service, grounds, given, defaults, .. } = ready;
        let shared = Shared { grounds, given, rules: defaults.rules.clone(), at: None };
        let responder = Responder::new(service, shared, defaults, args.about.signature_only, now);
        return batch::run(path, |number, line| responder.answer(number, line));
    }
    let path = args.document.as_deref().unwrap_or(Path::new("-"));
    let prepared = prepare(args, &ready)?;
    let document = Bytes::document(path, args.about.extract.is_some())?;
    let content = args.about.content.as_deref().map(Bytes::content).transpose()?;
    let (answer, extracted) = answer(args, &ready, &prepared, (&document, content.as_ref()))?;
    let mut output = if args.judgement.json { Output::raw() } else { Output::standard() };
    if args.judgement.json {
        output.json_pretty(&answer);
    } else {
        report::print_document(&answer, ready.defaults.language, &mut output);
    }
    output.finish()?;
    if let (Some(path), Decision::Accepted, Some(extracted)) = (&args.about.extract, answer.decision(), extracted) {
        extract::write(path, &extracted?)?;
    }
    Ok(answer.decision().into())
}

/// What was signed, or why it cannot be had.
type Extracted = Option<Result<Vec<u8>, Failure>>;

fn answer(
    args: &VerifyArgs,
    ready: &Ready,
    prepared: &PreparedDocument,
    (document, content): (&Bytes, Option<&Bytes>),
) -> Result<(DocumentReport, Extracted), Failure> {
    let Ready { service, grounds, online, .. } = ready;
    let detached = content.map_or(Detached::Absent, Bytes::as_content);
    let opened = service
        .open_document(prepared, grounds, document.as_document(), detached)
        .map_err(|error| Failure::new("DOCUMENT", format!("cannot be read: {error}")))?;
    let extracted =
        args.about.extract.as_ref().map(|_| extract::only_content(opened.contents(document.as_document()), content));
    let answer = match online {
        Some(online) => {
            let (opened, grounds) = online.gather_for_document(service, prepared, opened, grounds.clone());
            service.judge_document(prepared, &grounds, opened)
        }
        None => service.judge_document(prepared, grounds, opened),
    };
    Ok((answer, extracted))
}

/// The question that the options spell.
fn prepare(args: &VerifyArgs, ready: &Ready) -> Result<PreparedDocument, Failure> {
    let about = &args.about;
    let mut request = DocumentRequest {
        format: about.format.map(|format| format.as_str().to_owned()),
        content: about.content.as_ref().map(|_| String::new()),
        content_digest: about.content_digest.as_deref().map(content_digest).transpose()?,
        part: about.part.clone(),
        identity: evidence::identity(&args.judgement),
        ..DocumentRequest::default()
    };
    let DocumentRequest { service, purpose, at, language, .. } = &mut request;
    ready.defaults.complete(service, purpose, at, language);
    let policy = ready.defaults.rules.policy(request.purpose.unwrap_or_default());
    let prepared = ready.service.prepare_document_under(&request, policy);
    let prepared = prepared.map_err(|error| evidence::failure(&error.errors))?;
    Ok(if about.signature_only { prepared.signature_only() } else { prepared })
}

/// `sha-256:0a1b…`.
fn content_digest(text: &str) -> Result<ContentDigest, Failure> {
    let Some((algorithm, value)) = text.split_once(':') else {
        let remedy = "write algorithm and digest as sha-256:0a1b…, in hexadecimal or base64";
        return Err(Failure::new("--content-digest", "no colon between algorithm and digest").remedy(remedy));
    };
    Ok(ContentDigest { algorithm: algorithm.to_owned(), value: value.to_owned() })
}
