//! `rastau check`: condition 3 from the command line, one certificate or a batch.

mod args;
mod line;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use self::args::CheckArgs;
#[cfg(fuzzing)]
pub use self::line::Responder;
#[cfg(not(fuzzing))]
use self::line::Responder;
use super::batch::brought::Shared;
use super::evidence::{self, Ready};
use super::output::Output;
use super::status::{Failure, Status};
use super::{batch, input, report};
use crate::clock::Time;
use crate::der::armour::{self, Label};
use crate::policy::signatory::Offices;
use crate::service::CheckRequest;

/// Answers one certificate, or every line of a batch.
pub fn run(args: &CheckArgs, now: Time) -> Result<Status, Failure> {
    let at = args.judgement.at;
    let ready = evidence::ready(&args.judgement, args.batch.is_some(), Offices::default(), (at, now))?;
    let Ready { service, grounds, given, defaults, online, .. } = ready;
    if let Some(path) = &args.batch {
        let shared = Shared { grounds, given, rules: defaults.rules.clone(), at };
        let responder = Responder::new(service, shared, defaults, now);
        return batch::run(path, |number, line| responder.answer(number, line));
    }
    let path = args.certificate.as_deref().unwrap_or(Path::new("-"));
    let mut request = request(args, path)?;
    defaults.complete(&mut request.service, &mut request.purpose, &mut request.at, &mut request.language);
    let policy = defaults.rules.policy(request.purpose.unwrap_or_default());
    let prepared =
        service.prepare_under(request, policy, &grounds).map_err(|error| evidence::failure(&error.errors))?;
    let (prepared, grounds) = match &online {
        Some(online) => online.gather(&service, prepared, grounds),
        None => (prepared, grounds),
    };
    let answer = service.check_on(prepared, &grounds);
    let mut output = if args.judgement.json { Output::raw() } else { Output::standard() };
    if args.judgement.json {
        output.json_pretty(&answer);
    } else {
        report::print(&answer, defaults.language, &mut output);
    }
    output.finish()?;
    Ok(answer.decision().into())
}

/// The request that the options spell.
fn request(args: &CheckArgs, path: &Path) -> Result<CheckRequest, Failure> {
    let bytes = input::read("", path, input::MAX_CERTIFICATES)?;
    let der = armour::decode_one(&bytes, Label::Certificate).map_err(|error| {
        Failure::new(input::label("", path), error)
            .remedy("give one certificate, DER, PEM or base64; `rastau inspect` tells what a file is")
    })?;
    let identity = evidence::identity(&args.judgement);
    Ok(CheckRequest { certificate: STANDARD.encode(der), identity, ..CheckRequest::default() })
}
