//! What the program is made of besides our own code: the rules of `deny.toml`, and the lists in the documents that must
//! stay true. cargo-deny (`.ci/deny`) holds the same rules and asks for advisories as well; this needs only cargo.
//!
//! `RASTAU_WRITE_DOCS=1` has the tables in `docs/UNSAFE.md` and `docs/SUPPLY-CHAIN.md` written instead of compared.

mod bill;
mod expression;
mod own_unsafe;
mod rules;
mod tables;
mod targets;
mod threats;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// Name and version.
type Name = (String, String);

/// A package as cargo knows it.
struct Package {
    licence: Option<String>,
    /// `None` is a folder of this repository.
    source: Option<String>,
    folder: PathBuf,
}

/// What cargo resolved for the machine the tests run on.
struct Graph {
    /// Everything, the dependencies of tests and of build scripts included.
    all: BTreeMap<Name, Package>,
    /// What is linked into the program.
    shipped: BTreeSet<Name>,
    /// What runs while it is built: build scripts, macros and what they need. A package may be in both.
    building: BTreeSet<Name>,
}

static GRAPH: LazyLock<Graph> = LazyLock::new(|| {
    let version = run(Command::new("rustc").arg("-vV"));
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    let metadata = cargo(&["metadata", "--format-version", "1", "--filter-platform", &host]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let all = metadata["packages"].as_array().unwrap().iter().map(package).collect();
    let shipped = tree(&host, "normal,no-proc-macro");
    let built = tree(&host, "normal,build");
    let building = built.difference(&shipped).cloned().collect();
    Graph { all, shipped, building }
});

fn package(value: &Value) -> (Name, Package) {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let folder = Path::new(&text("manifest_path").unwrap()).parent().unwrap().to_owned();
    let package = Package { licence: text("license"), source: text("source"), folder };
    ((text("name").unwrap(), text("version").unwrap()), package)
}

/// The packages that `cargo tree` names; unlike the metadata it tells features of tests from those of the program.
fn tree(host: &str, edges: &str) -> BTreeSet<Name> {
    let text = cargo(&["tree", "--target", host, "--prefix", "none", "--format", "{p}", "--edges", edges]);
    let names = text.lines().map(|line| {
        let mut words = line.split(' ');
        let (name, version) = (words.next().unwrap(), words.next().unwrap());
        (name.to_owned(), version.strip_prefix('v').unwrap().to_owned())
    });
    names.collect()
}

/// What was built is on this machine already: nothing is asked of the network.
fn cargo(arguments: &[&str]) -> String {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let mut command = Command::new(env!("CARGO"));
    run(command.args(arguments).args(["--locked", "--offline", "--manifest-path"]).arg(manifest))
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Compares the part of a document between its two marks with `text`, or writes it there.
fn documented(document: &str, part: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let content = std::fs::read_to_string(&path).unwrap();
    let (begin, end) =
        (format!("<!-- {part} begins; written by tests/it/supply -->\n"), format!("<!-- {part} ends -->"));
    let (before, rest) = content.split_once(&begin).unwrap_or_else(|| panic!("{document}: {part} is not marked"));
    let (written, after) =
        rest.split_once(&end).unwrap_or_else(|| panic!("{document}: the end of {part} is not marked"));
    if std::env::var_os("RASTAU_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{text}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(written, text, "{document} differs: run this test with RASTAU_WRITE_DOCS=1 and read the change");
}

#[test]
fn what_is_shipped_is_known_to_cargo() {
    let graph = &*GRAPH;
    assert!(graph.shipped.len() > 100, "{}", graph.shipped.len());
    let known = |name: &Name| graph.all.contains_key(name);
    assert!(graph.shipped.iter().all(known) && graph.building.iter().all(known));
    assert!(graph.shipped.iter().any(|(name, _)| name == "ring"));
    let tests_only = |name: &str| !graph.shipped.iter().chain(&graph.building).any(|(shipped, _)| shipped == name);
    assert!(tests_only("criterion") && tests_only("rastau-mint") && tests_only("rsa"));
}
