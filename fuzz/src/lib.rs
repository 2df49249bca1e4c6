//! What each target does with its bytes. No parser may panic, overflow or go on for ever, and beside that: what was read can
//! be looked at, reading twice gives the same, and where a second, plainer implementation is at hand, it agrees.
//!
//! A binary holds a group of targets and runs the one that it is called by: `target/fuzz/bin/cms FILE` is a link to the
//! binary of [`documents`]. `.ci/fuzz` makes the links.

pub mod documents;
pub mod mutate;
pub mod service;
pub mod words;

mod ber;
mod canonical;
mod certificates;
mod indexes;
mod judged;
mod mesh;
mod paths;
mod policies;
mod requests;
mod revocation;
mod signatures;

use std::path::Path;
use std::sync::OnceLock;

use mutate::Shape;

/// A target.
pub struct Target {
    /// The program's name; also that of its folder of the corpus.
    pub name: &'static str,
    /// How inputs are changed so that they stay what they are.
    pub shape: Shape,
    /// Returns, or panics.
    pub run: fn(&[u8]),
}

impl Target {
    const fn new(name: &'static str, shape: Shape, run: fn(&[u8])) -> Self {
        Self { name, shape, run }
    }
}

static CHOSEN: OnceLock<&'static Target> = OnceLock::new();

/// Chooses the target that the program is called by. Called `targets`, it writes the names of all it has and ends.
///
/// # Panics
///
/// When there is none of that name.
pub fn choose(targets: &'static [Target]) {
    let path = std::env::args().next().unwrap_or_default();
    let name = Path::new(&path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let names: Vec<_> = targets.iter().map(|target| target.name).collect();
    if name == "targets" {
        println!("{}", names.join("\n"));
        std::process::exit(0);
    }
    let Some(chosen) = targets.iter().find(|target| target.name == name) else {
        panic!("call this by the name of a target: {}", names.join(", "));
    };
    CHOSEN.get_or_init(|| chosen);
}

/// Runs the chosen target.
pub fn run(data: &[u8]) {
    if let Some(target) = CHOSEN.get() {
        (target.run)(data);
    }
}

/// What the inputs of the chosen target look like.
fn shape() -> Shape {
    CHOSEN.get().map_or(Shape::Bytes, |target| target.shape)
}
