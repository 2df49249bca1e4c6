//! `rastau config check`: the configuration as the service would read it, with everything that it names.

use std::sync::Arc;

use super::args::ConfigCheckArgs;
use super::output::{Clean, FAINT, GOOD, HEADING, Output, Styled, UNSURE};
use super::status::{Failure, Status};
use crate::access::{Access, AccessError};
use crate::clock::SystemClock;
use crate::config::{Config, ConfigError, Flags, KEYS, Problem, Sources};
use crate::service::signing::DeskError;
use crate::service::{Service, StartError};
use crate::trust::AnchorRule;

/// Prints every setting with its origin, and what the files that are named contain. Nothing is fetched.
pub fn check(args: &ConfigCheckArgs) -> Result<Status, Failure> {
    if args.keys {
        return keys();
    }
    let sources = Sources::from_process(args.config.clone(), Flags::default());
    let config = Config::load(&sources).map_err(|error| failure(&error))?;
    let started = Service::start(&config, Arc::new(SystemClock)).map_err(|error| start_failure(&error))?;
    let service = started.service;
    Access::open(&config, service.now()).map_err(|error| access_failure(&error))?;
    let mut output = Output::standard();
    output.line(Styled(HEADING, "Settings"));
    for setting in &config.settings {
        output.line(format_args!(
            "  {} = {}  {}",
            setting.key,
            Clean(&setting.value),
            Styled(FAINT, format_args!("# {}", setting.origin))
        ));
    }
    for warning in &config.warnings {
        output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(warning)));
    }
    let pool = &service.grounds().pool;
    output.line(Styled(HEADING, "Evidence"));
    output.line(format_args!("  {} anchors, {} intermediates", pool.anchors().len(), pool.intermediates().len()));
    for list in service.revocation() {
        let state = format!("{:?}", list.state).to_lowercase();
        let error = list.error.or(list.unusable).map(|error| format!(": {error}")).unwrap_or_default();
        output.line(format_args!("  list {} is {state}{}", Clean(&list.source), Clean(&error)));
    }
    let readiness = service.readiness();
    let fetched = started.refresher.is_some();
    let doubts = doubts(&service);
    for doubt in &doubts {
        output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(doubt)));
    }
    for reason in &readiness.reasons {
        output.line(format_args!("{} {}", Styled(UNSURE, "not ready:"), Clean(reason)));
    }
    if fetched {
        output.line("Lists from addresses are not fetched here; the service does that when it starts.");
    }
    if readiness.demo {
        output.line(Styled(UNSURE, "This is the demo: the keys of its authority are public."));
    }
    // What only a fetch can mend is no fault of the configuration.
    let good = doubts.is_empty() && (readiness.ready || fetched);
    if good {
        output.line(Styled(GOOD, "The configuration is good."));
    } else {
        output.line(Styled(UNSURE, "The configuration can be read, and needs attention: see above."));
    }
    output.finish()?;
    Ok(if good { Status::Good } else { Status::Refused })
}

/// What is trusted and cannot serve: lapsed, or no authority.
fn doubts(service: &Service) -> Vec<String> {
    let now = service.now();
    let pool = &service.grounds().pool;
    let mut doubts = Vec::new();
    for authority in pool.authorities() {
        let name = authority.subject();
        if !authority.validity().contains(now) {
            let period = authority.validity();
            doubts.push(format!("{name} is outside its period, {} to {}", period.not_before, period.not_after));
        }
        if let Err(error) = AnchorRule::Checked.check(authority) {
            doubts.push(format!("{name} is no certification authority: {error}"));
        }
    }
    doubts
}

fn keys() -> Result<Status, Failure> {
    let mut output = Output::standard();
    for key in KEYS {
        output.line(format_args!("{} = {}", Styled(HEADING, key.name), key.default));
        output.line(format_args!("    {}", Styled(FAINT, key.help)));
    }
    output.finish()?;
    Ok(Status::Good)
}

/// The problems of a configuration, all of them.
pub fn failure(error: &ConfigError) -> Failure {
    let complaint = |problem: &Problem| {
        let value = problem.value.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
        let about = if problem.key.is_empty() {
            problem.origin.to_string()
        } else {
            format!("{}: {}{value}", problem.origin, problem.key)
        };
        Failure::new(about, &problem.problem).remedy(&problem.remedy)
    };
    let complaints = error.problems().iter().map(complaint).reduce(Failure::and);
    complaints.unwrap_or_else(|| Failure::new("configuration", error))
}

/// Why a service cannot start on a configuration that could be read.
pub fn start_failure(error: &StartError) -> Failure {
    match error {
        StartError::Certificates(errors) => errors
            .iter()
            .map(|error| Failure::new(error.path.display().to_string(), &error.problem).remedy(error.problem.remedy()))
            .reduce(Failure::and)
            .unwrap_or_else(|| Failure::new("trust", error)),
        error => Failure::new("configuration", error),
    }
}

/// Why nobody can sign.
pub fn desk_failure(error: &DeskError) -> Failure {
    let text = error.to_string();
    let (place, problem) = text.split_once(": ").unwrap_or(("signing", &text));
    Failure::new(place, problem).remedy("correct the setting; README.md, «Signing», has an example")
}

/// Why nobody can be let in: a file of access cannot be used.
pub fn access_failure(error: &AccessError) -> Failure {
    Failure::new(error.path.display().to_string(), &error.problem).remedy(error.remedy)
}
