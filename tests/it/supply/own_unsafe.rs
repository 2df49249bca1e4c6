//! Our own unsafe code is what `docs/UNSAFE.md` lists, each place with its proof.

use std::fmt::Write as _;
use std::path::Path;

use super::documented;
use super::tokens::{count, files};

/// Folders of ours that are compiled.
const FOLDERS: &[&str] = &["benches", "examples", "fuzz/src", "fuzz/targets", "src", "tests"];

#[test]
fn every_unsafe_place_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::from("\n| file | places |\n|---|---|\n");
    let mut all = 0;
    for file in FOLDERS.iter().flat_map(|folder| files(&root.join(folder))) {
        let source = std::fs::read_to_string(&file).unwrap();
        let places = count(&source);
        if places == 0 {
            continue;
        }
        all += places;
        let name = file.strip_prefix(root).unwrap().display().to_string();
        let _ = writeln!(text, "| `{name}` | {places} |");
        let (proofs, reasons) = (source.matches("// SAFETY: ").count(), source.matches("expect(unsafe_code").count());
        assert_eq!((proofs, reasons), (places, places), "{name}: each place has its proof and its reason");
        let document = std::fs::read_to_string(root.join("docs/UNSAFE.md")).unwrap();
        assert!(document.contains(&format!("### `{name}`")), "docs/UNSAFE.md: no proofs for {name}");
    }
    let _ = writeln!(text, "| all | {all} |\n");
    documented("docs/UNSAFE.md", "the count", &text);
}

#[test]
fn unsafe_code_is_denied_unless_a_reason_is_given() {
    for manifest in ["Cargo.toml", "tests/support/Cargo.toml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest);
        let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let level = manifest["lints"]["rust"]["unsafe_code"].as_str().unwrap();
        assert!(["deny", "forbid"].contains(&level), "{level}");
    }
}
