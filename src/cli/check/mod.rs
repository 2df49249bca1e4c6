//! `rastau check`: condition 3 from the command line, one certificate or a batch.

mod batch;
mod engine;
mod line;
mod request;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::engine::{Evidence, Material, anchor_rule};
use self::line::Responder;
use self::request::{Defaults, Question};
use super::args::{CheckArgs, EvidenceArgs, ProfileName, PurposeName, RevocationRule as RuleName};
use super::input;
use super::language;
use super::output::Output;
use super::report;
use super::status::{Failure, Status};
use crate::clock::Time;
use crate::der::armour::{self, Label};
use crate::policy::{Policy, Profile, Purpose, RevocationRule};
use crate::revocation::{ParsedList, Source};
use crate::service::{CheckRequest, FieldError, IdentityClaim};
use crate::trust::load;

/// Files in one folder of lists; a certification authority has a handful, and more is the wrong folder.
const MAX_LIST_FILES: usize = 1000;

/// Answers one certificate, or every line of a batch.
pub fn run(args: &CheckArgs, now: Time) -> Result<Status, Failure> {
    refuse_unsupported(args)?;
    let defaults = defaults(args);
    let policy = request::policy(
        defaults.profile,
        defaults.purpose.unwrap_or_default(),
        defaults.revocation,
        defaults.check_anchors,
    );
    let evidence = Evidence::assemble(material(&args.evidence, &policy)?, now);
    if let Some(path) = &args.batch {
        if let Some(slug) = &args.service {
            request::service(slug).map_err(|error| failure(&[error]))?;
        }
        let responder = Responder::new(evidence, defaults, now);
        return batch::run(path, |line| responder.answer(line));
    }
    let path = args.certificate.as_deref().unwrap_or(Path::new("-"));
    let question = Question::read(&request(args, path)?, &defaults).map_err(|errors| failure(&errors))?;
    let answer = evidence.answer(&question, &policy, now);
    let mut output = if args.json { Output::raw() } else { Output::standard() };
    if args.json {
        output.json_pretty(&answer);
    } else {
        report::print(&answer, question.language, &mut output);
    }
    output.finish()?;
    Ok(answer.decision().into())
}

/// Options that are part of the contract and whose machinery is still to come.
fn refuse_unsupported(args: &CheckArgs) -> Result<(), Failure> {
    let policy = &args.policy;
    let given = [
        ("--ocsp", !args.ocsp.is_empty()),
        ("--online", args.online),
        ("--initial-policy", !policy.initial_policy.is_empty()),
        ("--require-explicit-policy", policy.require_explicit_policy),
        ("--inhibit-policy-mapping", policy.inhibit_policy_mapping),
        ("--inhibit-any-policy", policy.inhibit_any_policy),
    ];
    let failures = given.into_iter().filter(|(_, given)| *given).map(|(option, _)| Failure::not_supported(option));
    failures.reduce(Failure::and).map_or(Ok(()), Err)
}

fn defaults(args: &CheckArgs) -> Defaults {
    Defaults {
        profile: match args.profile {
            None | Some(ProfileName::Kz) => Profile::Kz,
            Some(ProfileName::Rfc5280) => Profile::Rfc5280,
        },
        revocation: match args.revocation {
            None | Some(RuleName::Required) => RevocationRule::Required,
            Some(RuleName::IfAvailable) => RevocationRule::IfAvailable,
            Some(RuleName::Off) => RevocationRule::Off,
        },
        check_anchors: args.check_anchors,
        service: args.service.clone(),
        purpose: args.purpose.map(|purpose| match purpose {
            PurposeName::Any => Purpose::Any,
            PurposeName::Authenticate => Purpose::Authenticate,
            PurposeName::Sign => Purpose::Sign,
        }),
        at: args.at,
        language: language::choose(args.language),
    }
}

/// The request that the options spell.
fn request(args: &CheckArgs, path: &Path) -> Result<CheckRequest, Failure> {
    let bytes = input::read("", path, input::MAX_CERTIFICATES)?;
    let der = armour::decode_one(&bytes, Label::Certificate).map_err(|error| {
        Failure::new(input::label("", path), error)
            .remedy("give one certificate, DER, PEM or base64; `rastau inspect` tells what a file is")
    })?;
    let identity = (args.iin.is_some() || args.bin.is_some())
        .then(|| IdentityClaim { iin: args.iin.clone(), bin: args.bin.clone() });
    Ok(CheckRequest { certificate: STANDARD.encode(der), identity, ..CheckRequest::default() })
}

/// Reads anchors, intermediates and lists. Without anchors those of the demo are taken, and its lists unless there are
/// others; with them nothing of the demo is.
fn material(args: &EvidenceArgs, policy: &Policy) -> Result<Material, Failure> {
    let anchors = load::anchors(&args.trust, anchor_rule(policy)).map_err(|errors| load_failure("--trust", errors));
    let intermediates =
        load::certificates(&args.intermediates).map_err(|errors| load_failure("--intermediates", errors));
    let lists = lists(&args.crl);
    let (anchors, intermediates, lists) = match (anchors, intermediates, lists) {
        (Ok(anchors), Ok(intermediates), Ok(lists)) => (anchors, intermediates, lists),
        (anchors, intermediates, lists) => {
            let failures = [anchors.err(), intermediates.err(), lists.err()];
            return failures.into_iter().flatten().reduce(Failure::and).map_or_else(
                || Err(Failure::new("evidence", "cannot be read")),
                Err,
            );
        }
    };
    let certificates = |loaded: Vec<load::Loaded>| loaded.into_iter().map(|one| one.certificate);
    let mut material = Material {
        anchors: certificates(anchors).collect(),
        intermediates: certificates(intermediates).collect(),
        lists,
        ..Material::default()
    };
    if args.trust.is_empty() {
        add_demo(&mut material);
    }
    Ok(material)
}

/// Files, and folders of them; every list of every file.
fn lists(paths: &[PathBuf]) -> Result<Vec<ParsedList>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        for file in list_files(path)? {
            let bytes = input::read("--crl", &file, input::MAX_LIST)?;
            let lists = ParsedList::read_all(bytes, &Source::path(&file), input::MAX_LIST).map_err(|error| {
                Failure::new(input::label("--crl", &file), error).remedy("`rastau inspect` tells what a file is")
            })?;
            found.extend(lists);
        }
    }
    Ok(found)
}

fn list_files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let about = input::label("--crl", path);
    let failed = |error: std::io::Error| Failure::new(&about, format!("cannot be read: {error}"));
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if file.is_file() && ["crl", "pem", "der"].iter().any(|known| ending.eq_ignore_ascii_case(known)) {
            found.push(file);
        }
        if found.len() > MAX_LIST_FILES {
            return Err(Failure::new(about, format!("more than {MAX_LIST_FILES} files")).remedy("name the files"));
        }
    }
    if found.is_empty() {
        return Err(Failure::new(about, "the folder has no .crl, .pem or .der file").remedy("name the file itself"));
    }
    found.sort();
    Ok(found)
}

fn load_failure(option: &str, errors: Vec<load::LoadError>) -> Failure {
    errors
        .into_iter()
        .map(|error| {
            Failure::new(input::label(option, &error.path), &error.problem).remedy(error.problem.remedy())
        })
        .reduce(Failure::and)
        .unwrap_or_else(|| Failure::new(option, "cannot be read"))
}

/// Complaints about fields as complaints about the options that set them.
fn failure(errors: &[FieldError]) -> Failure {
    let option = |field: &str| match field {
        "identity.iin" => "--iin".to_owned(),
        "identity.bin" => "--bin".to_owned(),
        "certificate" => "CERT".to_owned(),
        field => format!("--{field}"),
    };
    errors
        .iter()
        .map(|error| Failure::new(option(&error.field), &error.problem).remedy(&error.remedy))
        .reduce(Failure::and)
        .unwrap_or_else(|| Failure::new("request", "cannot be used"))
}
