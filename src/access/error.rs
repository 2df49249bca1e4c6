//! What is wrong with a file that says who may ask.

use std::fmt;
use std::path::{Path, PathBuf};

/// A file that cannot be used: which, why, and what to do. Never a part of a key or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessError {
    /// The file.
    pub path: PathBuf,
    /// Why it cannot be used.
    pub problem: String,
    /// What to do.
    pub remedy: &'static str,
}

impl AccessError {
    pub(super) fn new(path: &Path, problem: impl Into<String>, remedy: &'static str) -> Self {
        Self { path: path.to_owned(), problem: problem.into(), remedy }
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.path.display(), self.problem, self.remedy)
    }
}

impl std::error::Error for AccessError {}
