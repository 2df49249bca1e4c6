//! The rules of `deny.toml` that need nothing but what cargo knows. Advisories need a database: `.ci/deny` asks it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use toml::Table;

use super::{GRAPH, documented, expression};

fn rules(part: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    let whole: Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    whole[part].as_table().unwrap().clone()
}

#[test]
fn every_licence_is_allowed() {
    let allowed = rules("licenses")["allow"].as_array().unwrap().clone();
    let allowed: Vec<String> = allowed.iter().map(|licence| licence.as_str().unwrap().to_owned()).collect();
    let mut wrong = Vec::new();
    for ((name, version), package) in &GRAPH.all {
        let answer = package.licence.as_deref().ok_or("no licence".to_owned());
        match answer.and_then(|licence| expression::satisfied(licence, &allowed)) {
            Ok(true) => {}
            other => wrong.push(format!("{name} {version}: {:?}: {other:?}", package.licence)),
        }
    }
    assert!(wrong.is_empty(), "licences that deny.toml does not allow: {wrong:#?}");
    for licence in &allowed {
        let used =
            GRAPH.all.values().any(|package| package.licence.as_deref().is_some_and(|text| text.contains(licence)));
        assert!(used, "deny.toml allows {licence}, which nothing has");
    }
}

#[test]
fn everything_comes_from_the_registry_or_from_here() {
    let crates_io = "registry+https://github.com/rust-lang/crates.io-index";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for ((name, version), package) in &GRAPH.all {
        match &package.source {
            Some(source) => assert_eq!(source, crates_io, "{name} {version}"),
            None => assert!(package.folder.starts_with(root), "{name} {version} is {}", package.folder.display()),
        }
    }
    let sources = rules("sources");
    assert_eq!((sources["unknown-registry"].as_str(), sources["unknown-git"].as_str()), (Some("deny"), Some("deny")));
}

#[test]
fn every_locked_package_has_its_digest() {
    for lock in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(lock);
        let lock: Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        for package in lock["package"].as_array().unwrap() {
            let digest = package.get("checksum").and_then(|digest| digest.as_str());
            let ours = package.get("source").is_none();
            assert!(ours || digest.is_some_and(|digest| digest.len() == 64), "{}", package["name"]);
        }
    }
}

#[test]
fn nothing_banned_is_there() {
    let bans = rules("bans")["deny"].as_array().unwrap().clone();
    assert!(bans.len() >= 4);
    for ban in &bans {
        let banned = ban["crate"].as_str().unwrap();
        let found = GRAPH.all.keys().find(|(name, _)| name == banned);
        assert_eq!(found, None, "{}", ban["reason"]);
        assert!(ban["reason"].as_str().is_some_and(|reason| reason.len() > 10), "{banned} is banned for a reason");
    }
}

#[test]
fn what_is_shipped_in_two_versions_is_documented() {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, version) in &GRAPH.shipped {
        versions.entry(name).or_default().push(version);
    }
    let mut text = String::from("\n| crate | versions |\n|---|---|\n");
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        let _ = writeln!(text, "| `{name}` | {} |", versions.join(", "));
    }
    text.push('\n');
    documented("docs/SUPPLY-CHAIN.md", "what is there twice", &text);
}
