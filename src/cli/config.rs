//! `rastau config check`: the configuration as the service would read it, with everything that it names.

use super::args::ConfigCheckArgs;
use super::output::{FAINT, GOOD, HEADING, Output, Styled, UNSURE};
use super::status::{Failure, Status};
use crate::config::{Config, ConfigError, Flags, Sources};

/// Prints every setting with its origin.
pub fn check(args: &ConfigCheckArgs) -> Result<Status, Failure> {
    let sources = Sources::from_process(args.config.clone(), Flags::default());
    let config = Config::load(&sources).map_err(failure)?;
    let mut output = Output::standard();
    output.line(Styled(HEADING, "Settings"));
    for setting in &config.settings {
        output.line(format_args!(
            "  {} = {}  {}",
            setting.key,
            super::output::Clean(&setting.value),
            Styled(FAINT, format_args!("# {}", setting.origin))
        ));
    }
    for warning in &config.warnings {
        output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), super::output::Clean(warning)));
    }
    output.line(Styled(GOOD, "The configuration is good."));
    output.finish()?;
    Ok(Status::Good)
}

/// The problems of a configuration, all of them.
pub fn failure(error: ConfigError) -> Failure {
    Failure::new("configuration", error)
}
