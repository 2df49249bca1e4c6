//! `[trust]`: the anchors, or the demo, never both.

use std::path::{Path, PathBuf};

use super::shown;
use crate::config::problem::{Origin, Problem};
use crate::config::reader::{Reader, Tables};
use crate::config::{AnchorSource, Trust};

pub(super) fn trust(reader: &mut Reader<'_>, file: Option<&Path>) -> Trust {
    let [simple, detailed] = reader.find_forms("trust", ["anchors", "anchor"]);
    let mut anchors = Vec::new();
    let mut written = false;
    if let Some(found) = simple {
        let paths = reader.paths_of(&found);
        written = !found.value.is_empty_list();
        reader.record("trust.anchors", shown(&paths), found.origin);
        anchors.extend(paths.into_iter().map(|path| AnchorSource { path, certificates: true, timestamps: true }));
    }
    if let Some(found) = detailed {
        written = true;
        for table in reader.tables_of(&found) {
            anchors.extend(anchor(reader, &table));
        }
        let paths: Vec<_> = anchors.iter().map(|anchor| anchor.path.clone()).collect();
        reader.record("trust.anchor", shown(&paths), found.origin);
    }
    let intermediates = reader.find("trust", "intermediates").map_or_else(Vec::new, |found| {
        let paths = reader.paths_of(&found);
        reader.record("trust.intermediates", shown(&paths), found.origin);
        paths
    });
    let demo = demo(reader, written, file);
    Trust { anchors, intermediates, demo }
}

/// Whether the demo anchors are trusted. Their keys are public, so they never stand beside an operator's own, and a
/// written configuration has to ask for them: an operator who forgot the anchors must not end up with the demo.
fn demo(reader: &mut Reader<'_>, anchors: bool, file: Option<&Path>) -> bool {
    let found = reader.find("trust", "demo");
    let asked = reader.truth("trust", "demo");
    match (asked, found) {
        (Some(true), Some(found)) if anchors => {
            let remedy = "Remove trust.demo, or the anchors: the keys of the demo anchors are public, \
                          anybody could make a certificate that they vouch for";
            reader.blame(&found, "the demo anchors cannot be trusted beside your own", remedy);
            true
        }
        (Some(asked), _) if asked || anchors => asked,
        (None, None) if anchors || file.is_none() => {
            reader.record("trust.demo", (!anchors).to_string(), Origin::Default);
            !anchors
        }
        // Neither anchors nor the demo; a demo key that could not be read was blamed already.
        (Some(_), _) | (None, None) => {
            reader.problems.push(Problem {
                origin: match (reader.find("trust", "demo"), file) {
                    (Some(found), _) => found.origin,
                    (None, Some(path)) => Origin::File { path: path.to_owned(), line: None },
                    (None, None) => Origin::Default,
                },
                key: "trust.anchors".to_owned(),
                value: None,
                problem: "no trust anchors: nothing could ever be accepted".to_owned(),
                remedy: "Set trust.anchors to the files of the National CA's roots (certs/README.md tells where \
                         they are), or trust.demo = true to try the service out"
                    .to_owned(),
            });
            false
        }
        (None, Some(_)) => false,
    }
}

fn anchor<'a>(reader: &mut Reader<'a>, table: &Tables<'a>) -> Option<AnchorSource> {
    let Some(path) = table.find("path") else {
        reader.blame(&table.itself(), "path is missing", "Write path = \"file or folder\" below [[trust.anchor]]");
        return None;
    };
    let paths = reader.paths_of(&path);
    let (mut certificates, mut timestamps) = (true, true);
    if let Some(found) = table.find("purposes") {
        (certificates, timestamps) = (false, false);
        for (purpose, item) in reader.strings_of(&found) {
            match purpose.as_str() {
                "certificates" => certificates = true,
                "timestamps" => timestamps = true,
                _ => reader.blame(&item, "not a purpose", "Write \"certificates\", \"timestamps\" or both"),
            }
        }
        if !certificates && !timestamps {
            reader.blame(&found, "an anchor without a purpose", "Write \"certificates\", \"timestamps\" or both");
        }
    }
    let [path] = <[PathBuf; 1]>::try_from(paths).ok()?;
    Some(AnchorSource { path, certificates, timestamps })
}
