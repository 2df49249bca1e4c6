//! Looks keys up through the layers and collects what is wrong.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::Setting;
use super::keys::{is_key, nearest};
use super::problem::{Origin, Problem};
use super::raw::{Layer, Node, Value};

/// A value found in a layer.
#[derive(Clone)]
pub(super) struct Found<'a> {
    pub(super) key: String,
    pub(super) value: &'a Value,
    pub(super) origin: Origin,
    /// Relative paths start here.
    pub(super) folder: &'a Path,
}

/// The layers, highest precedence first, and the problems so far.
pub(super) struct Reader<'a> {
    layers: &'a [Layer],
    pub(super) problems: Vec<Problem>,
    pub(super) settings: Vec<Setting>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a [Layer], problems: Vec<Problem>) -> Self {
        Self { layers, problems, settings: Vec::new() }
    }

    /// The value of a key of a section from the highest layer that has one.
    pub(super) fn find(&self, section: &str, key: &str) -> Option<Found<'a>> {
        self.layers.iter().find_map(|layer| find_in(layer, section, key))
    }

    /// The values of the first layer that has any of `keys`: forms of one setting do not mix across layers.
    pub(super) fn find_forms(&self, section: &str, keys: [&str; 2]) -> [Option<Found<'a>>; 2] {
        self.layers
            .iter()
            .map(|layer| keys.map(|key| find_in(layer, section, key)))
            .find(|forms| forms.iter().any(Option::is_some))
            .unwrap_or([None, None])
    }

    /// Records the effective value of a key, for `config check`.
    pub(super) fn record(&mut self, key: &str, value: impl Into<String>, origin: Origin) {
        self.settings.push(Setting { key: key.to_owned(), value: value.into(), origin });
    }

    /// Blames a value.
    pub(super) fn blame(&mut self, found: &Found<'_>, problem: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem {
            origin: found.origin.clone(),
            key: found.key.clone(),
            value: Some(found.value.written()),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    /// Blames a value that is not to be shown.
    pub(super) fn blame_hidden(&mut self, found: &Found<'_>, problem: &str, remedy: &str) {
        self.problems.push(Problem {
            origin: found.origin.clone(),
            key: found.key.clone(),
            value: None,
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    /// A text that `parse` understands; `expected` completes "Write …".
    pub(super) fn text<T: Clone>(
        &mut self,
        section: &str,
        key: &str,
        default: (&str, T),
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> T {
        let Some(found) = self.find(section, key) else {
            self.record(&format!("{section}.{key}"), default.0, Origin::Default);
            return default.1;
        };
        let text = match found.value {
            Value::Text(text) => Some(text.clone()),
            Value::Untyped(items) => Some(items.join(",")),
            _ => None,
        };
        match text.as_deref().map(str::trim).and_then(|text| Some((parse(text)?, text.to_owned()))) {
            Some((value, text)) => {
                self.record(&found.key, text, found.origin);
                value
            }
            None => {
                let problem = if text.is_some() { "not a value of this key" } else { "not a text" };
                self.blame(&found, problem, format!("Write {expected}"));
                default.1
            }
        }
    }

    /// A whole number within `range`.
    pub(super) fn number(&mut self, section: &str, key: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let Some(found) = self.find(section, key) else {
            self.record(&format!("{section}.{key}"), default.to_string(), Origin::Default);
            return default;
        };
        let number = match found.value {
            Value::Integer(integer) => u64::try_from(*integer).ok(),
            Value::Untyped(items) => match items.as_slice() {
                [item] => item.parse().ok(),
                _ => None,
            },
            _ => None,
        };
        match number.filter(|number| range.contains(number)) {
            Some(number) => {
                self.record(&found.key, number.to_string(), found.origin);
                number
            }
            None => {
                let problem = if number.is_some() { "out of range" } else { "not a whole number" };
                let remedy = format!("Write a whole number from {} to {}", range.start(), range.end());
                self.blame(&found, problem, remedy);
                default
            }
        }
    }

    /// `true` or `false`; `None` when nobody wrote it.
    pub(super) fn truth(&mut self, section: &str, key: &str) -> Option<bool> {
        let found = self.find(section, key)?;
        let truth = self.truth_of(&found)?;
        self.record(&found.key, truth.to_string(), found.origin);
        Some(truth)
    }

    /// A found value as truth value; blames it otherwise.
    pub(super) fn truth_of(&mut self, found: &Found<'_>) -> Option<bool> {
        let truth = match found.value {
            Value::Boolean(boolean) => Some(*boolean),
            Value::Untyped(items) => match items.as_slice() {
                [item] if item == "true" || item == "1" => Some(true),
                [item] if item == "false" || item == "0" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if truth.is_none() {
            self.blame(found, "not a truth value", "Write true or false");
        }
        truth
    }

    /// A found value as a list of texts; a single text is a list of one.
    pub(super) fn texts_of(&mut self, found: &Found<'a>) -> Vec<Found<'a>> {
        let texts = match found.value {
            Value::Text(_) => return vec![found.clone()],
            Value::Untyped(_) => return vec![found.clone()],
            Value::List(items) => items,
            _ => {
                self.blame(found, "not a list of texts", "Write a list such as [\"a\", \"b\"]");
                return Vec::new();
            }
        };
        let mut all = Vec::new();
        for item in texts {
            let origin = match (&found.origin, item.line) {
                (Origin::File { path, .. }, Some(line)) => Origin::File { path: path.clone(), line: Some(line) },
                (origin, _) => origin.clone(),
            };
            let item = Found { value: &item.value, origin, ..found.clone() };
            match item.value {
                Value::Text(_) => all.push(item),
                _ => self.blame(&item, "not a text", "Write every element of the list in quotes"),
            }
        }
        all
    }

    /// The texts of a found value.
    pub(super) fn strings_of(&mut self, found: &Found<'a>) -> Vec<(String, Found<'a>)> {
        let mut strings = Vec::new();
        for item in self.texts_of(found) {
            match item.value {
                Value::Text(text) => strings.push((text.clone(), item)),
                Value::Untyped(items) => strings.extend(items.iter().map(|text| (text.clone(), item.clone()))),
                _ => {}
            }
        }
        strings
    }

    /// The paths of a found value, made absolute against its folder; those that do not exist are blamed.
    pub(super) fn paths_of(&mut self, found: &Found<'a>) -> Vec<PathBuf> {
        let strings = self.strings_of(found);
        strings.into_iter().filter_map(|(text, item)| self.existing_path(&text, &item)).collect()
    }

    /// A path against the folder of its layer, which has to exist.
    pub(super) fn existing_path(&mut self, text: &str, found: &Found<'_>) -> Option<PathBuf> {
        let path = found.folder.join(text);
        if text.is_empty() || !path.exists() {
            let problem = format!("no such file or folder: {}", path.display());
            let remedy = "Correct the path; a relative one starts at the folder of the configuration file";
            self.blame(found, problem, remedy);
            return None;
        }
        Some(path)
    }

    /// The tables of an array of tables.
    pub(super) fn tables_of(&mut self, found: &Found<'a>) -> Vec<Tables<'a>> {
        let (Value::List(items), header) = (found.value, format!("[[{}]]", found.key)) else {
            self.blame(found, "not an array of tables", format!("Write [[{}]] above the keys", found.key));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match &item.value {
                Value::Table(table) => tables.push(Tables { parent: found.clone(), table }),
                _ => self.blame(found, "not an array of tables", format!("Write {header} above the keys")),
            }
        }
        tables
    }

    /// Blames every key that does not exist.
    pub(super) fn refuse_unknown(&mut self) {
        for layer in self.layers {
            for (section, node) in &layer.root {
                self.refuse_unknown_in(layer, section, section, node);
            }
        }
    }

    fn refuse_unknown_in(&mut self, layer: &Layer, pattern: &str, shown: &str, node: &Node) {
        match &node.value {
            Value::Table(table) => {
                for (key, child) in table {
                    self.refuse_unknown_in(layer, &format!("{pattern}.{key}"), &format!("{shown}.{key}"), child);
                }
            }
            Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Table(_))) => {
                for item in items {
                    self.refuse_unknown_in(layer, &format!("{pattern}[]"), shown, item);
                }
            }
            _ if is_key(pattern) => {}
            value => {
                let remedy = match nearest(shown) {
                    Some(meant) => format!("Did you mean {}? Else remove it", meant.replace("[]", "")),
                    None => "Remove it; the README lists the keys".into(),
                };
                self.problems.push(Problem {
                    origin: layer.origin(shown, node.line),
                    key: shown.to_owned(),
                    value: Some(value.written()),
                    problem: "unknown key".to_owned(),
                    remedy,
                });
            }
        }
    }
}

/// One table of an array of tables.
pub(super) struct Tables<'a> {
    parent: Found<'a>,
    table: &'a BTreeMap<String, Node>,
}

impl<'a> Tables<'a> {
    /// A key of this table.
    pub(super) fn find(&self, key: &str) -> Option<Found<'a>> {
        let node = self.table.get(key)?;
        let origin = match &self.parent.origin {
            Origin::File { path, .. } => Origin::File { path: path.clone(), line: node.line },
            origin => origin.clone(),
        };
        Some(Found {
            key: format!("{}.{key}", self.parent.key),
            value: &node.value,
            origin,
            folder: self.parent.folder,
        })
    }

    /// The table itself, to blame it for what it lacks.
    pub(super) fn itself(&self) -> Found<'a> {
        let line = self.table.values().filter_map(|node| node.line).min();
        let origin = match &self.parent.origin {
            Origin::File { path, line: parent } => Origin::File { path: path.clone(), line: line.or(*parent) },
            origin => origin.clone(),
        };
        Found { origin, ..self.parent.clone() }
    }
}

fn find_in<'a>(layer: &'a Layer, section: &str, key: &str) -> Option<Found<'a>> {
    let Value::Table(table) = &layer.root.get(section)?.value else {
        return None;
    };
    let node = table.get(key)?;
    let key = format!("{section}.{key}");
    let origin = layer.origin(&key, node.line);
    Some(Found { key, value: &node.value, origin, folder: layer.folder() })
}
