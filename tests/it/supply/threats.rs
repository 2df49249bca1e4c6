//! What `SECURITY.md` and its neighbours point at is there: files, and tests by their names.

use std::path::Path;

/// Documents that name what holds their claims.
const DOCUMENTS: &[&str] = &["README.md", "SECURITY.md", "docs/FUZZING.md", "docs/SUPPLY-CHAIN.md", "docs/UNSAFE.md"];
/// What the beginning of a path in this repository looks like.
const FOLDERS: &[&str] = &["src/", "tests/", "docs/", "fuzz/", ".ci/"];

/// The texts between backticks, line by line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Tests are named after situations, in several words. Metrics have as many and begin with the program's name.
fn is_name_of_a_test(word: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    word.matches('_').count() >= 3
        && !word.starts_with('_')
        && !word.starts_with("rastau_")
        && word.chars().all(allowed)
}

#[test]
fn everything_that_is_pointed_at_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pointed = 0;
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        for line in text.lines() {
            let mut sources = Vec::new();
            for word in quoted(line) {
                let word = word.split(' ').next().unwrap_or_default();
                if FOLDERS.iter().any(|folder| word.starts_with(folder)) {
                    assert!(root.join(word).exists(), "{document}: {word} is not there");
                    sources.extend(std::fs::read_to_string(root.join(word)));
                    pointed += 1;
                } else if is_name_of_a_test(word) {
                    let test = format!("fn {word}(");
                    let there = sources.iter().any(|source: &String| source.contains(&test));
                    assert!(there, "{document}: no {word} in the files that its line names before it");
                    pointed += 1;
                }
            }
        }
    }
    assert!(pointed > 50, "{pointed}");
}

/// Where `text` links to inside this repository, without the part of the page.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let paths =
        targets.filter(|target| !target.contains("://")).map(|target| target.split('#').next().unwrap_or_default());
    paths.filter(|path| !path.is_empty())
}

#[test]
fn everything_that_is_linked_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut followed = 0;
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        let folder = root.join(document).parent().unwrap().to_owned();
        for link in links(&text) {
            assert!(folder.join(link).exists(), "{document}: {link} is not there");
            followed += 1;
        }
    }
    assert!(followed > 10, "{followed}");
}
