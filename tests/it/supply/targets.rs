//! The fuzz targets that there are, and those that `docs/FUZZING.md` tells of.

use std::collections::BTreeSet;
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The names that the groups of `fuzz/src` give their targets.
fn existing() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for group in ["documents", "service", "words"] {
        let source = read(&format!("fuzz/src/{group}.rs"));
        for named in source.split("Target::new(\"").skip(1) {
            let (name, _) = named.split_once('"').unwrap();
            assert!(names.insert(name.to_owned()), "{name} is the name of two targets");
        }
    }
    names
}

/// The names in the first column of the table under `heading`.
fn told(text: &str, heading: &str) -> BTreeSet<String> {
    let (_, table) = text.split_once(heading).unwrap_or_else(|| panic!("no table under {heading}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let mut names = BTreeSet::new();
    for row in rows {
        let cell = row.split('|').nth(1).unwrap_or_default();
        for name in cell.split('`').skip(1).step_by(2) {
            assert!(names.insert(name.to_owned()), "{name} stands twice under {heading}");
        }
    }
    names
}

#[test]
fn every_target_is_in_both_tables_and_has_something_to_start_from() {
    let (text, existing) = (read("docs/FUZZING.md"), existing());
    assert!(existing.len() > 30, "{existing:?}");
    assert_eq!(told(&text, "| target | what it holds |"), existing);
    assert_eq!(told(&text, "| target | executions | hours | found |"), existing);
    for name in &existing {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        assert!(corpus.is_dir(), "{name} starts from nothing");
    }
}

#[test]
fn every_group_of_targets_is_read_here() {
    let groups: BTreeSet<_> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(groups, ["documents.rs", "service.rs", "words.rs"].map(str::to_owned).into());
}
