//! `rastau verify --submission DIR`: a folder with `submission.json` and the files that it names.
//!
//! The file has the fields of `POST /v1/submissions/verify`; where that has base64, here stand names of files in the folder.
//! A name that leads out of the folder is refused: the folder may have come from anywhere.

use std::path::{Component, Path, PathBuf};

use super::super::evidence::{self, Ready};
use super::super::files::Bytes;
use super::super::output::Output;
use super::super::status::{Failure, Status};
use super::super::{input, report};
use super::VerifyArgs;
use crate::iin::Bin;
use crate::policy::signatory::Office;
use crate::service::SubmissionRequest;
use crate::signed::Detached;

/// The file that says what belongs together.
const MANIFEST: &str = "submission.json";
/// Its size: a name and some fields for each document.
const MAX_MANIFEST: usize = 4 << 20;

/// Verifies a submission.
pub fn run(folder: &Path, args: &VerifyArgs, ready: Ready) -> Result<Status, Failure> {
    let Ready { service, grounds, defaults, online } = ready;
    if online.is_some() {
        let remedy = "fetch the lists with `rastau crl fetch` and name them with --crl";
        return Err(Failure::new("--online", "a submission is answered from files only").remedy(remedy));
    }
    let path = folder.join(MANIFEST);
    let about = input::label("--submission", &path);
    let json = input::read("--submission", &path, MAX_MANIFEST)?;
    let mut request: SubmissionRequest = serde_json::from_slice(&json).map_err(|error| {
        Failure::new(&about, error)
            .remedy("write the fields of POST /v1/submissions/verify, as `rastau verify --help` shows")
    })?;
    let mut service_named = None;
    let mut purpose = None;
    defaults.complete(&mut service_named, &mut purpose, &mut request.at, &mut request.language);
    let policy = defaults.rules.policy(crate::policy::Purpose::Sign);
    let prepared = service
        .prepare_submission_under(&request, &policy)
        .map_err(|error| evidence::failure_in(&about, &error.errors))?;
    let form = std::iter::once((&request.form.document, &request.form.content));
    let attachments = request.attachments.iter().map(|one| (&one.document, &one.content));
    let mut documents = Vec::new();
    for (document, content) in form.chain(attachments) {
        let document = Bytes::document(&inside(folder, document, &about)?, false)?;
        let content = match content {
            Some(name) => Some(Bytes::content(&inside(folder, name, &about)?)?),
            None => None,
        };
        documents.push((document, content));
    }
    let borrowed: Vec<_> = documents
        .iter()
        .map(|(document, content)| {
            (document.as_document(), content.as_ref().map_or(Detached::Absent, Bytes::as_content))
        })
        .collect();
    let answer = service
        .verify_submission(&prepared, &grounds, &borrowed)
        .map_err(|error| Failure::new(&about, format!("a document cannot be read: {error}")))?;
    let mut output = if args.judgement.json { Output::raw() } else { Output::standard() };
    if args.judgement.json {
        output.json_pretty(&answer);
    } else {
        report::print_submission(&answer, defaults.language, &mut output);
    }
    output.finish()?;
    Ok(answer.decision().into())
}

/// One office with the usual roles, if there are numbers.
pub fn offices(bins: &[String]) -> Vec<Office> {
    let bins: Vec<Bin> = bins.iter().filter_map(|bin| Bin::parse(bin).ok()).collect();
    if bins.is_empty() { Vec::new() } else { vec![Office { bins, roles: Office::USUAL_ROLES.to_vec() }] }
}

/// A file of the folder.
fn inside(folder: &Path, name: &str, about: &str) -> Result<PathBuf, Failure> {
    let outside = |problem: String| Failure::new(about, problem).remedy("name files in the folder of submission.json");
    if name.is_empty() {
        return Err(outside("a document without the name of a file".to_owned()));
    }
    let relative = Path::new(name);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !plain {
        return Err(outside(format!("{name:?} leads out of the folder")));
    }
    let path = folder.join(relative);
    // Links are followed to where they lead before anything is read.
    let (real, top) = (path.canonicalize(), folder.canonicalize());
    match (real, top) {
        (Ok(real), Ok(top)) if real.starts_with(&top) => Ok(path),
        (Ok(_), Ok(_)) => Err(outside(format!("{name:?} leads out of the folder"))),
        (Err(error), _) | (_, Err(error)) => Err(outside(format!("{name:?} cannot be read: {error}"))),
    }
}
