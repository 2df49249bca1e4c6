//! The settings as written: a tree for each source, before anything is understood.
//!
//! Own trees instead of a deserialiser, because a deserialiser stops at the first error and forgets lines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::problem::{Origin, Problem};
use super::{Flags, Sources};

/// A value as written.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Boolean(bool),
    Integer(i64),
    List(Vec<Node>),
    /// Something that no key takes: a float, a date, an integer beyond 64 bits. As written.
    Other(String),
    Table(BTreeMap<String, Node>),
    Text(String),
    /// From a flag or a variable: text that may stand for a number, a truth value or a list.
    Untyped(Vec<String>),
}

/// A value with its line.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) line: Option<usize>,
}

/// One source of settings: a tree, and how to name its origin.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) kind: LayerKind,
    pub(super) root: BTreeMap<String, Node>,
}

/// Which source a layer is.
#[derive(Clone, Debug)]
pub(super) enum LayerKind {
    Environment,
    File(PathBuf),
    Flags,
}

impl Layer {
    /// Where the value of `key` at `line` of this layer was written.
    pub(super) fn origin(&self, key: &str, line: Option<usize>) -> Origin {
        match &self.kind {
            LayerKind::Environment => Origin::Variable(variable_name(key)),
            LayerKind::File(path) => Origin::File { path: path.clone(), line },
            LayerKind::Flags => Origin::Flag(flag_name(key)),
        }
    }

    /// The folder that relative paths of this layer start from: the file's own, else the working directory.
    pub(super) fn folder(&self) -> &Path {
        match &self.kind {
            LayerKind::File(path) => path.parent().unwrap_or(Path::new("")),
            LayerKind::Environment | LayerKind::Flags => Path::new(""),
        }
    }
}

fn variable_name(key: &str) -> String {
    format!("RASTAU_{}", key.to_uppercase().replace('.', "__"))
}

fn flag_name(key: &str) -> &'static str {
    match key {
        "data.directory" => "--data",
        "http.listen" => "--listen",
        "revocation.lists" => "--crl",
        "trust.anchors" => "--trust",
        "trust.intermediates" => "--intermediates",
        _ => "command line",
    }
}

/// Largest configuration file that is read; ours has thirty keys.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Reads the file of the sources into a layer; every syntax error of the file becomes a problem.
pub(super) fn file_layer(path: &Path, problems: &mut Vec<Problem>) -> Option<Layer> {
    let mut blame = |line, problem: String, remedy: &str| {
        let origin = Origin::File { path: path.to_owned(), line };
        problems.push(Problem { origin, key: String::new(), value: None, problem, remedy: remedy.to_owned() });
    };
    let text = match std::fs::metadata(path)
        .and_then(|meta| if meta.len() > MAX_FILE_BYTES { Ok(None) } else { std::fs::read_to_string(path).map(Some) })
    {
        Ok(Some(text)) => text,
        Ok(None) => {
            blame(None, "the file is larger than 1 MiB".into(), "Name a configuration file in TOML");
            return None;
        }
        Err(error) => {
            let remedy = "Name an existing, readable TOML file with --config or RASTAU_CONFIG";
            blame(None, format!("the file cannot be read: {error}"), remedy);
            return None;
        }
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in &errors {
        let line = error.span().map(|span| line_of(&text, span.start));
        blame(line, format!("not TOML: {}", error.message()), "Correct the line; see https://toml.io for the syntax");
    }
    let root = table_of(table.get_ref(), &text);
    Some(Layer { kind: LayerKind::File(path.to_owned()), root })
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

fn table_of(table: &DeTable<'_>, text: &str) -> BTreeMap<String, Node> {
    table
        .iter()
        .map(|(key, value)| {
            // The line of the key: a table's own span can be elsewhere.
            let line = Some(line_of(text, key.span().start));
            (key.get_ref().to_string(), Node { value: value_of(value.get_ref(), text), line })
        })
        .collect()
}

fn value_of(value: &DeValue<'_>, text: &str) -> Value {
    match value {
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Node {
                    value: value_of(item.get_ref(), text),
                    line: Some(line_of(text, item.span().start)),
                })
                .collect(),
        ),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Datetime(datetime) => Value::Other(datetime.to_string()),
        DeValue::Float(float) => Value::Other(float.as_str().to_owned()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map_or_else(|_| Value::Other(integer.as_str().to_owned()), Value::Integer),
        DeValue::String(string) => Value::Text(string.to_string()),
        DeValue::Table(table) => Value::Table(table_of(table, text)),
    }
}

/// The variables `RASTAU_SECTION__KEY` as a layer. Variables without the double underscore are not settings.
pub(super) fn environment_layer(sources: &Sources) -> Layer {
    let mut root = BTreeMap::new();
    for (name, value) in &sources.environment {
        let Some((section, key)) = name.strip_prefix("RASTAU_").and_then(|rest| rest.split_once("__")) else {
            continue;
        };
        let values = value.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty());
        put(&mut root, &section.to_lowercase(), &key.to_lowercase().replace("__", "."), values.collect());
    }
    Layer { kind: LayerKind::Environment, root }
}

/// The options of the command line as a layer.
pub(super) fn flags_layer(flags: &Flags) -> Layer {
    let mut root = BTreeMap::new();
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    if let Some(listen) = &flags.listen {
        put(&mut root, "http", "listen", vec![listen.clone()]);
    }
    if let Some(data) = &flags.data {
        put(&mut root, "data", "directory", vec![text(data)]);
    }
    for (section, key, paths) in [
        ("trust", "anchors", &flags.trust),
        ("trust", "intermediates", &flags.intermediates),
        ("revocation", "lists", &flags.crl),
    ] {
        if !paths.is_empty() {
            put(&mut root, section, key, paths.iter().map(text).collect());
        }
    }
    Layer { kind: LayerKind::Flags, root }
}

fn put(root: &mut BTreeMap<String, Node>, section: &str, key: &str, values: Vec<String>) {
    let empty = || Node { value: Value::Table(BTreeMap::new()), line: None };
    if let Value::Table(table) = &mut root.entry(section.to_owned()).or_insert_with(empty).value {
        table.insert(key.to_owned(), Node { value: Value::Untyped(values), line: None });
    }
}

impl Value {
    /// Whether nothing was written: an empty list, or a variable set to nothing.
    pub(super) fn is_empty_list(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Untyped(items) => items.is_empty(),
            _ => false,
        }
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Untyped(items) => items.first().filter(|_| items.len() == 1).map(String::as_str),
            _ => None,
        }
    }

    /// The value as it would be written in TOML, for messages.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Boolean(boolean) => boolean.to_string(),
            Self::Integer(integer) => integer.to_string(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.value.written()).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Other(text) => text.clone(),
            Self::Table(_) => "{…}".to_owned(),
            Self::Text(text) => format!("\"{text}\""),
            Self::Untyped(items) => items.join(","),
        }
    }
}
