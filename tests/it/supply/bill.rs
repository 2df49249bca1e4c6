//! The bill of materials that `.ci/sbom` writes is complete and says of each package what `Cargo.lock` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{GRAPH, Name, run};

fn bill() -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/sbom");
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: no python3, which .ci/sbom is written in");
        return None;
    }
    // Nothing of this run is to be asked of the network.
    Some(serde_json::from_str(&run(Command::new(script).env("CARGO_NET_OFFLINE", "true"))).unwrap())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {value}"))
}

/// The digests of `Cargo.lock`.
fn locked() -> BTreeMap<Name, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let field = |package: &toml::Value, key: &str| package.get(key).and_then(|text| text.as_str()).map(str::to_owned);
    let packages = lock["package"].as_array().unwrap().iter();
    packages
        .filter_map(|package| {
            let name = (field(package, "name")?, field(package, "version")?);
            Some((name, field(package, "checksum")?))
        })
        .collect()
}

#[test]
fn the_bill_of_materials_is_complete() {
    let Some(bill) = bill() else { return };
    assert_eq!((text(&bill, "bomFormat"), text(&bill, "specVersion")), ("CycloneDX", "1.5"));
    let root = &bill["metadata"]["component"];
    assert_eq!((text(root, "name"), text(root, "version")), ("rastau", env!("CARGO_PKG_VERSION")));
    let locked = locked();
    let mut scopes: BTreeMap<&str, BTreeSet<Name>> = BTreeMap::new();
    let mut references = BTreeSet::from([text(root, "bom-ref")]);
    for component in bill["components"].as_array().unwrap() {
        let name = (text(component, "name").to_owned(), text(component, "version").to_owned());
        assert_eq!(text(component, "purl"), format!("pkg:cargo/{}@{}", name.0, name.1.replace('+', "%2B")));
        assert_eq!(text(&component["hashes"][0], "content"), locked[&name], "{name:?}");
        assert_eq!(text(&component["hashes"][0], "alg"), "SHA-256");
        let licence = GRAPH.all[&name].licence.as_deref().unwrap().replace('/', " OR ").replace("  ", " ");
        assert_eq!(text(&component["licenses"][0], "expression"), licence, "{name:?}");
        assert!(references.insert(text(component, "bom-ref")), "{name:?} is there twice");
        scopes.entry(text(component, "scope")).or_default().insert(name);
    }
    let shipped: BTreeSet<Name> = GRAPH.shipped.iter().filter(|(name, _)| name != "rastau").cloned().collect();
    assert_eq!(scopes.remove("required").unwrap(), shipped);
    assert_eq!(scopes.remove("excluded").unwrap(), GRAPH.building);
    assert!(scopes.is_empty());
    let mut described = BTreeSet::new();
    for entry in bill["dependencies"].as_array().unwrap() {
        described.insert(text(entry, "ref"));
        let on = entry["dependsOn"].as_array().unwrap();
        assert!(on.iter().all(|reference| references.contains(reference.as_str().unwrap())), "{entry}");
    }
    assert_eq!(described, references);
}

#[test]
fn the_bill_of_materials_is_the_same_each_time() {
    assert_eq!(bill(), bill());
}
