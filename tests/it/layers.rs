//! The direction of imports: a module uses only lower layers, or what the table allows within its own.
//!
//! The table is that of `docs/ARCHITECTURE.md`. Cargo keeps crates acyclic; nothing but this keeps modules so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Module, layer, modules of the same layer it may use.
const LAYERS: &[(&str, u8, &[&str])] = &[
    ("clock", 0, &[]),
    ("der", 0, &[]),
    ("iin", 0, &[]),
    ("crypto", 1, &[]),
    ("x509", 2, &[]),
    ("subject", 2, &["x509"]),
    ("signed", 2, &["x509"]),
    ("cms", 2, &["signed", "x509"]),
    ("tsp", 2, &["cms", "signed", "x509"]),
    ("xmldsig", 2, &["signed", "tsp", "x509"]),
    ("pdf", 2, &["cms", "signed", "tsp", "x509"]),
    ("container", 2, &["cms", "signed", "tsp", "x509", "xmldsig"]),
    ("document", 2, &["cms", "container", "pdf", "signed", "tsp", "xmldsig"]),
    ("fetch", 3, &[]),
    ("revocation", 3, &["fetch"]),
    ("trust", 3, &[]),
    ("verdict", 4, &[]),
    ("policy", 4, &["verdict"]),
    ("verify", 4, &["policy", "verdict"]),
    ("journal", 5, &[]),
    ("licence", 5, &[]),
    ("signer", 5, &[]),
    ("config", 6, &[]),
    ("access", 6, &["config", "observe"]),
    ("observe", 6, &[]),
    ("service", 6, &["access", "config", "observe"]),
    ("http", 7, &[]),
    ("cli", 7, &["http"]),
];

fn layer(module: &str) -> Option<(u8, &'static [&'static str])> {
    LAYERS.iter().find(|(name, ..)| *name == module).map(|(_, layer, allowed)| (*layer, *allowed))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The first path segment after every `crate::` in code, those of `crate::{a, b::c}` included.
fn imported(source: &str) -> BTreeSet<String> {
    let code: String =
        source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (position, matched) in code.match_indices("crate::") {
        let before = code[..position].chars().next_back();
        if before.is_some_and(|character| character.is_alphanumeric() || character == '_' || character == '$') {
            continue;
        }
        let rest = &code[position + matched.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut segment = String::new();
            let mut taking = true;
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.insert(std::mem::take(&mut segment));
                        taking = true;
                    }
                    character if depth == 0 && taking && (character.is_alphanumeric() || character == '_') => {
                        segment.push(character);
                    }
                    ':' => taking = false,
                    _ => {}
                }
            }
            found.insert(segment);
        } else {
            found.insert(
                rest.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect(),
            );
        }
    }
    found.retain(|segment| !segment.is_empty());
    found
}

#[test]
fn imports_go_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    assert!(files.len() > 20, "found only {} files under {}", files.len(), source.display());
    let mut wrong = BTreeMap::new();
    let mut edges = 0;
    for file in files {
        let relative = file.strip_prefix(&source).unwrap();
        let module = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = module.strip_suffix(".rs").unwrap_or(module);
        if matches!(module, "lib" | "main") {
            continue;
        }
        let Some((own, allowed)) = layer(module) else {
            wrong.insert(module.to_owned(), "is not in the table of layers".to_owned());
            continue;
        };
        for target in imported(&fs::read_to_string(&file).unwrap()) {
            let Some((other, _)) = layer(&target) else { continue };
            edges += 1;
            if target != module && other >= own && !allowed.contains(&target.as_str()) {
                wrong.insert(format!("{}", relative.display()), format!("{module} imports {target}"));
            }
        }
    }
    assert!(edges > 20, "only {edges} imports seen: the reader of imports is broken");
    assert!(wrong.is_empty(), "imports against the direction of the layers: {wrong:#?}");
}

#[test]
fn the_reader_of_imports_sees_every_form() {
    let seen = imported(
        "use crate::a::B;\nuse crate::{c, d::{E, F}, g::h};\nlet x = crate::i::j(); // crate::comment\nmycrate::k;",
    );
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "c", "d", "g", "i"]);
}

#[test]
fn the_table_of_layers_is_that_of_the_documentation() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md")).unwrap();
    for (module, ..) in LAYERS {
        assert!(text.contains(&format!("| `{module}` |")), "docs/ARCHITECTURE.md lacks {module}");
    }
}
