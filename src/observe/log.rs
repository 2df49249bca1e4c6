//! The log goes to standard error: coloured on a terminal, plain elsewhere, JSON on request.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

/// Why the log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The process has a log already.
    #[error("the log was started before: {0}")]
    AlreadyStarted(#[from] TryInitError),
    /// The level is neither a level nor a list of directives.
    #[error("not a log level: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
}

/// Starts the log of the process; once.
///
/// # Errors
/// [`LogError`].
pub fn start_log(level: &str, json: bool) -> Result<(), LogError> {
    let filter = EnvFilter::builder().parse(level)?;
    let registry = tracing_subscriber::registry().with(filter);
    if json {
        let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false);
        registry.with(lines.with_span_list(false).with_writer(std::io::stderr)).try_init()?;
    } else {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        let lines = tracing_subscriber::fmt::layer().with_ansi(colour).with_target(false);
        registry.with(lines.with_writer(std::io::stderr)).try_init()?;
    }
    Ok(())
}
