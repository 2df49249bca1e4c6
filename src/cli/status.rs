//! Exit statuses, and what goes to stderr when a command cannot do its work.

use std::fmt;
use std::process::ExitCode;

use super::output::Clean;

/// How a command ended; the numbers are part of the command line's contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Accepted, good, done: 0.
    Good,
    /// Refused, or a bad signature: 1.
    Refused,
    /// The command line or the input could not be read: 2.
    Unreadable,
    /// The evidence suffices for neither answer: 3.
    Undetermined,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Good => 0,
            Status::Refused => 1,
            Status::Unreadable => 2,
            Status::Undetermined => 3,
        })
    }
}

/// Why a command could not do its work: what it is about (an option, a file), what is wrong with it, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(Vec<Complaint>);

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    about: String,
    problem: String,
    remedy: Option<String>,
}

impl Failure {
    /// One complaint, without advice.
    pub fn new(about: impl Into<String>, problem: impl fmt::Display) -> Self {
        Self(vec![Complaint { about: about.into(), problem: problem.to_string(), remedy: None }])
    }

    /// The same failure; the last complaint gets this advice.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.remedy = Some(remedy.into());
        }
        self
    }

    /// Both failures.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Everything that is wrong.
    pub fn complaints(&self) -> impl Iterator<Item = &Complaint> {
        self.0.iter()
    }
}

impl fmt::Display for Complaint {
    /// One line, the advice indented below it; control characters of file contents are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Clean(&self.about), Clean(&self.problem))?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n  remedy: {}", Clean(remedy)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn every_complaint_is_printed_with_its_advice_and_without_control_characters() {
        let failure =
            Failure::new("--at", "bad\u{1b}[31m").remedy("write it right").and(Failure::new("--crl x", "gone"));
        let complaints: Vec<String> = failure.complaints().map(ToString::to_string).collect();
        assert_eq!(complaints, ["--at: bad\\u{1b}[31m\n  remedy: write it right", "--crl x: gone"]);
    }
}
