//! Public conformance suites, and `docs/CONFORMANCE.md`, which is written from what they come to.
//!
//! Each suite is one test. It runs every case, holds what differs against its ledger (`ledger`), and its figures against
//! the document (`document`). A suite that is not at hand says so and leaves its figures alone.

mod document;
mod gost;
mod ledger;
mod limbo;
mod messages;
mod pkits;
mod program;
mod pyca;
mod run;
mod samples;
mod wycheproof;
mod xml;

use std::path::{Path, PathBuf};

use run::Run;

/// A file or folder of the project.
fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(relative: &str) -> Vec<u8> {
    std::fs::read(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// A suite that is not part of the project: in the folder named by `RASTAU_SUITES`, or where `.ci/suites` puts it.
/// `None`, after saying so, where it is in neither.
fn fetched(folder: &str, file: &str) -> Option<PathBuf> {
    let named = std::env::var_os("RASTAU_SUITES").map(PathBuf::from);
    let found = named.into_iter().chain([path("target/suites")]).map(|suites| suites.join(folder));
    let found = found.into_iter().find(|suite| suite.join(file).exists());
    if found.is_none() {
        println!("skipped: {folder}/{file} is neither in RASTAU_SUITES nor in target/suites (.ci/suites fetches it)");
    }
    found
}
