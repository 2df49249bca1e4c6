//! Evidence and rules, out of options: what `check` and `verify` share.

mod args;
mod engine;
mod given;
mod online;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::args::{EvidenceArgs, JudgementArgs, PolicyArgs};
use self::args::{OrderName, ProfileName, PurposeName, RevocationRule as RuleName};
pub use self::engine::{Rules, pool};
pub use self::given::{Given, PutTogether, authorities};
pub use self::online::Online;
use super::output::{Clean, Styled, UNSURE};
use super::status::Failure;
use super::{input, language};
use crate::clock::{SystemClock, Time};
use crate::config::Submissions;
use crate::der::armour::{self, Label};
use crate::policy::signatory::Offices;
use crate::policy::{PolicyInputs, Profile, Purpose, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::{MAX_RESPONSE_BYTES, OcspError, OcspRules, ParsedResponse, Responses};
use crate::revocation::{OpenList, ParsedList, Source};
use crate::service::{FieldError, Grounds, IdentityClaim, Parts, Service, demo};
use crate::trust::load;
use crate::verdict::Language;

/// Files in one folder of evidence; a certification authority has a handful, and more is the wrong folder.
const MAX_LIST_FILES: usize = 1000;

/// What holds unless a request says otherwise.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// How it is judged.
    pub rules: Rules,
    /// The service applied for.
    pub service: Option<String>,
    /// What the certificate is used for.
    pub purpose: Option<Purpose>,
    /// The moment asked about.
    pub at: Option<Time>,
    /// The language of messages.
    pub language: Language,
}

/// Complains, when the command is over, about lists that nobody has issued who was known or came with what was asked about.
struct Unused(Arc<[Arc<OpenList>]>);

impl Drop for Unused {
    fn drop(&mut self) {
        for list in self.0.iter().filter(|list| !list.is_claimed()) {
            let (source, error) = (list.source().to_string(), list.error().to_string());
            let warning = Styled(UNSURE, "warning:");
            super::complain(format_args!("{warning} --crl {} is not used: {}", Clean(&source), Clean(&error)));
        }
    }
}

impl Defaults {
    /// Fills in what a request leaves open.
    pub fn complete(
        &self,
        service: &mut Option<String>,
        purpose: &mut Option<Purpose>,
        at: &mut Option<String>,
        language: &mut Option<String>,
    ) {
        if service.is_none() {
            service.clone_from(&self.service);
        }
        *purpose = purpose.or(self.purpose);
        if at.is_none() {
            *at = self.at.map(|at| at.to_string());
        }
        if language.is_none() {
            *language = Some(self.language.as_str().to_owned());
        }
    }
}

/// What a command answers from.
pub struct Ready {
    /// Answers.
    pub service: Service,
    /// What the answers rest on.
    pub grounds: Grounds,
    /// The lists among it, as they were given.
    pub given: Given,
    /// What holds unless a request says otherwise.
    pub defaults: Defaults,
    /// Asks the network, if that was wanted.
    pub online: Option<Online>,
    _unused: Unused,
}

/// Reads everything that the options name; `offices` are those whose staff may sign submissions. `at` is the moment that
/// certificates are asked about, where the answer is about them.
pub fn ready(
    args: &JudgementArgs,
    is_batch: bool,
    offices: Offices,
    (at, now): (Option<Time>, Time),
) -> Result<Ready, Failure> {
    let defaults = defaults(args);
    let (mut grounds, given) = grounds(&args.evidence, &defaults.rules, (defaults.rules.present(at, now), now))?;
    grounds.responses = responses(&args.ocsp, defaults.rules.ocsp)?;
    let online = match (args.online, is_batch) {
        (false, _) => None,
        (true, false) => {
            let times = (defaults.rules.present(at, now), now);
            Some(Online::new(&args.online_host, Arc::new(SystemClock), defaults.rules.vouching(), times)?)
        }
        (true, true) => {
            let remedy = "fetch the lists with `rastau crl fetch` and name them with --crl";
            return Err(Failure::new("--online", "a batch is answered from files only").remedy(remedy));
        }
    };
    let service = Service::new(Parts {
        revocation: defaults.rules.revocation,
        order: defaults.rules.order,
        responders: online.as_ref().map(|online| online.responders(defaults.rules.ocsp, &grounds.pool)),
        submissions: Submissions { offices, ..Submissions::default() },
        default_language: defaults.language,
        ..Parts::new(Arc::new(SystemClock), grounds.clone())
    });
    if let Some(slug) = args.service.as_deref().filter(|slug| service.services().get(slug).is_none()) {
        return Err(unknown_service(&service, slug));
    }
    let _unused = Unused(Arc::clone(&grounds.open));
    Ok(Ready { service, grounds, given, defaults, online, _unused })
}

fn unknown_service(service: &Service, slug: &str) -> Failure {
    let known: Vec<&str> = service.services().iter().map(crate::policy::services::Service::slug).collect();
    Failure::new("--service", format!("no service has the slug «{slug}»"))
        .remedy(format!("use one of {}", known.join(", ")))
}

/// The numbers that the options name.
pub fn identity(args: &JudgementArgs) -> Option<IdentityClaim> {
    (args.iin.is_some() || args.bin.is_some()).then(|| IdentityClaim { iin: args.iin.clone(), bin: args.bin.clone() })
}

fn defaults(args: &JudgementArgs) -> Defaults {
    let rules = Rules {
        profile: match args.profile {
            None | Some(ProfileName::Kz) => Profile::Kz,
            Some(ProfileName::Rfc5280) => Profile::Rfc5280,
        },
        revocation: match args.revocation {
            None | Some(RuleName::Required) => RevocationRule::Required,
            Some(RuleName::IfAvailable) => RevocationRule::IfAvailable,
            Some(RuleName::Off) => RevocationRule::Off,
        },
        order: match args.revocation_order {
            None | Some(OrderName::CrlThenOcsp) => RevocationOrder::CrlThenOcsp,
            Some(OrderName::Crl) => RevocationOrder::Crl,
            Some(OrderName::Ocsp) => RevocationOrder::Ocsp,
            Some(OrderName::OcspThenCrl) => RevocationOrder::OcspThenCrl,
        },
        check_anchors: args.check_anchors,
        ocsp: args.ocsp_max_age.map_or_else(OcspRules::default, |max_age| OcspRules { max_age }),
        policies: PolicyInputs::from(&args.policy),
        extended_key_usages: args.extended_key_usage.iter().copied().collect(),
    };
    let purpose = args.purpose.map(|purpose| match purpose {
        PurposeName::Any => Purpose::Any,
        PurposeName::Authenticate => Purpose::Authenticate,
        PurposeName::Sign => Purpose::Sign,
    });
    let language = language::choose(args.language);
    Defaults { rules, service: args.service.clone(), purpose, at: args.at, language }
}

/// Reads anchors, intermediates and lists. Without anchors those of the demo are taken, and its lists unless there are
/// others; with them nothing of the demo is.
fn grounds(args: &EvidenceArgs, rules: &Rules, (present, now): (Time, Time)) -> Result<(Grounds, Given), Failure> {
    let anchors = load::anchors(&args.trust, rules.anchors()).map_err(|errors| load_failure("--trust", errors));
    let intermediates =
        load::certificates(&args.intermediates).map_err(|errors| load_failure("--intermediates", errors));
    let lists = lists(&args.crl);
    let failures = [anchors.as_ref().err(), intermediates.as_ref().err(), lists.as_ref().err()];
    let failure = failures.into_iter().flatten().cloned().reduce(Failure::and);
    let (Ok(anchors), Ok(intermediates), Ok(lists)) = (anchors, intermediates, lists) else {
        return Err(failure.unwrap_or_else(|| Failure::new("evidence", "cannot be read")));
    };
    let certificates = |loaded: Vec<load::Loaded>| loaded.into_iter().map(|one| one.certificate).collect();
    let (mut anchors, mut intermediates): (Vec<_>, Vec<_>) = (certificates(anchors), certificates(intermediates));
    let mut demo = None;
    if args.trust.is_empty() {
        let grounds = demo::grounds(now).map_err(|error| Failure::new("demo", error))?;
        anchors.extend(grounds.pool.anchors().iter().map(|anchor| anchor.certificate().clone()));
        intermediates.extend(grounds.pool.intermediates().iter().cloned());
        demo = Some(grounds.lists);
    }
    let pool = engine::pool(anchors, intermediates);
    let given = Given::new(lists, None, &authorities(&pool, &[]));
    let own = given.put_together(&pool, (&[], &[]), rules.vouching(), (present, now));
    let lists = demo.filter(|_| given.is_empty()).unwrap_or(own.lists);
    Ok((Grounds { open: own.open, ..Grounds::new(Arc::new(pool), lists) }, given))
}

/// OCSP responses: files, and folders of them. One that says «try later» is an answer, which tells nothing.
fn responses(paths: &[PathBuf], rules: OcspRules) -> Result<Responses, Failure> {
    let mut responses = Responses::new(rules);
    let mut failures = Vec::new();
    for path in paths {
        for file in evidence_files("--ocsp", path, &["ocsp", "ors", "der", "bin"])? {
            let bytes = input::read("--ocsp", &file, MAX_RESPONSE_BYTES)?;
            let about = input::label("--ocsp", &file);
            match ParsedResponse::read(&bytes) {
                Ok(parsed) => responses.push(parsed.from_origin(file.display().to_string())),
                Err(error @ OcspError::Status(_)) => {
                    let warning = Styled(UNSURE, "warning:");
                    super::complain(format_args!("{warning} {about} is not used: {}", Clean(&error.to_string())));
                }
                Err(error) => {
                    failures.push(Failure::new(about, error).remedy("`rastau inspect` tells what a file is"));
                }
            }
        }
    }
    failures.into_iter().reduce(Failure::and).map_or(Ok(responses), Err)
}

/// The OCSP responses of files and folders as they stand there, in DER.
pub fn raw_responses(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        for file in evidence_files("--ocsp", path, &["ocsp", "ors", "der", "bin"])? {
            let bytes = input::read("--ocsp", &file, MAX_RESPONSE_BYTES)?;
            // What cannot be read was complained about, or says «try later».
            let der = armour::decode_one(&bytes, Label::OcspResponse).ok();
            found.extend(der.filter(|der| ParsedResponse::from_der(der).is_ok()));
        }
    }
    Ok(found)
}

/// Files, and folders of them; every list of every file.
pub fn lists(paths: &[PathBuf]) -> Result<Vec<ParsedList>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        for file in evidence_files("--crl", path, &["crl", "pem", "der"])? {
            let bytes = input::read("--crl", &file, input::MAX_LIST)?;
            let lists = ParsedList::read_all(bytes, &Source::path(&file), input::MAX_LIST).map_err(|error| {
                Failure::new(input::label("--crl", &file), error).remedy("`rastau inspect` tells what a file is")
            })?;
            found.extend(lists);
        }
    }
    Ok(found)
}

fn evidence_files(option: &str, path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let about = input::label(option, path);
    let failed = |error: std::io::Error| Failure::new(&about, format!("cannot be read: {error}"));
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if file.is_file() && endings.iter().any(|known| ending.eq_ignore_ascii_case(known)) {
            found.push(file);
        }
        if found.len() > MAX_LIST_FILES {
            return Err(Failure::new(about, format!("more than {MAX_LIST_FILES} files")).remedy("name the files"));
        }
    }
    if found.is_empty() {
        return Err(Failure::new(about, format!("the folder has no .{} file", endings.join(", .")))
            .remedy("name the file itself"));
    }
    found.sort();
    Ok(found)
}

fn load_failure(option: &str, errors: Vec<load::LoadError>) -> Failure {
    errors
        .into_iter()
        .map(|error| Failure::new(input::label(option, &error.path), &error.problem).remedy(error.problem.remedy()))
        .reduce(Failure::and)
        .unwrap_or_else(|| Failure::new(option, "cannot be read"))
}

/// Complaints about fields as complaints about the options that set them.
pub fn failure(errors: &[FieldError]) -> Failure {
    let option = |field: &str| match field {
        "identity.iin" => "--iin".to_owned(),
        "identity.bin" => "--bin".to_owned(),
        "certificate" => "CERT".to_owned(),
        "document" => "DOCUMENT".to_owned(),
        "content_digest.algorithm" | "content_digest.value" => "--content-digest".to_owned(),
        field => format!("--{field}"),
    };
    errors
        .iter()
        .map(|error| Failure::new(option(&error.field), &error.problem).remedy(&error.remedy))
        .reduce(Failure::and)
        .unwrap_or_else(|| Failure::new("request", "cannot be used"))
}

/// Complaints about the fields of a file.
pub fn failure_in(about: &str, errors: &[FieldError]) -> Failure {
    errors
        .iter()
        .map(|error| Failure::new(format!("{about}, {}", error.field), &error.problem).remedy(&error.remedy))
        .reduce(Failure::and)
        .unwrap_or_else(|| Failure::new(about, "cannot be used"))
}
