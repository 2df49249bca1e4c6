//! From what was written to what the service runs on.

mod access;
mod algorithms;
mod ocsp;
mod records;
mod revocation;
mod signing;
mod submissions;
mod trust;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::problem::{ConfigError, Origin, Problem};
use super::raw::{Layer, Value, environment_layer, file_layer, flags_layer};
use super::reader::Reader;
use super::{Cache, Config, Data, Http, Log, LogFormat, Policy, Services, Sources, share_of};
use crate::policy::{Reading, RevocationRule};
use crate::verdict::Language;

/// Longest duration that a setting may ask for, in milliseconds: an hour.
const MAX_MS: u64 = 3_600_000;

pub(super) fn resolve(sources: &Sources) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let file = sources.file.clone().or_else(|| variable(sources, "RASTAU_CONFIG").map(PathBuf::from));
    let mut layers = vec![flags_layer(&sources.flags), environment_layer(sources)];
    if let Some(path) = &file {
        layers.extend(file_layer(path, &mut problems));
    }
    if !problems.is_empty() {
        // What is missing from a file that could not be read to its end is not the operator's mistake.
        return Err(ConfigError::new(problems));
    }
    refuse_loose_keys(&mut layers, &mut problems);
    let reader = &mut Reader::new(&layers, problems);
    let data = data(reader, sources);
    let mut config = Config {
        http: http(reader),
        journal: records::journal(reader, &data.directory),
        data,
        tls: access::tls(reader),
        access: access::access(reader),
        trust: trust::trust(reader, file.as_deref()),
        revocation: revocation::revocation(reader),
        ocsp: ocsp::ocsp(reader),
        policy: policy(reader),
        submissions: submissions::submissions(reader),
        signing: signing::signing(reader),
        timestamp: records::timestamp(reader),
        services: services(reader),
        algorithms: algorithms::algorithms(reader),
        cache: Cache {
            certificates: reader.number("cache", "certificates", 16 << 20, 0..=16 << 30),
            paths: reader.number("cache", "paths", 6 << 20, 0..=16 << 30),
        },
        log: log(reader),
        file,
        warnings: Vec::new(),
        settings: Vec::new(),
    };
    ocsp::refuse_late(reader, &config);
    access::refuse_unprotected(reader, &config);
    reader.refuse_unknown();
    if !reader.problems.is_empty() {
        return Err(ConfigError::new(std::mem::take(&mut reader.problems)));
    }
    config.settings = std::mem::take(&mut reader.settings);
    config.warnings = warnings(&config);
    Ok(config)
}

fn variable<'a>(sources: &'a Sources, name: &str) -> Option<&'a str> {
    let (_, value) = sources.environment.iter().find(|(candidate, _)| candidate == name)?;
    (!value.is_empty()).then_some(value)
}

/// Refuses `listen = …` outside a section: nothing else would look at it as a table.
fn refuse_loose_keys(layers: &mut [Layer], problems: &mut Vec<Problem>) {
    const SECTIONS: [&str; 16] = [
        "http",
        "tls",
        "access",
        "data",
        "trust",
        "revocation",
        "ocsp",
        "policy",
        "submissions",
        "signing",
        "timestamp",
        "journal",
        "services",
        "algorithms",
        "cache",
        "log",
    ];
    for layer in layers {
        let root = std::mem::take(&mut layer.root);
        for (name, node) in root {
            if matches!(node.value, Value::Table(_)) || !SECTIONS.contains(&name.as_str()) {
                layer.root.insert(name, node);
            } else {
                problems.push(Problem {
                    origin: layer.origin(&name, node.line),
                    key: name.clone(),
                    value: Some(node.value.written()),
                    problem: "a section, not a key".to_owned(),
                    remedy: format!("Write [{name}] on a line of its own and the keys below it"),
                });
            }
        }
    }
}

fn http(reader: &mut Reader<'_>) -> Http {
    let default = SocketAddr::from(([127, 0, 0, 1], 8080));
    let expected = "an address and a port such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
    let ms =
        |reader: &mut Reader<'_>, key, default| Duration::from_millis(reader.number("http", key, default, 1..=MAX_MS));
    let concurrency = size(reader.number("http", "concurrency", 512, 1..=100_000));
    let connections = size(reader.number("http", "connections", 4096, 1..=1_000_000));
    let max_document_bytes = reader.number("http", "max_document_bytes", 4 << 30, 1024..=1 << 40);
    // A largest document has to fit.
    let disk = (max_document_bytes.saturating_mul(4), max_document_bytes..=1 << 44);
    // Whoever lowers what there is for all means that of one with it.
    let share = |all| share_of(all) as u64;
    Http {
        listen: reader.text("http", "listen", ("127.0.0.1:8080", default), expected, socket_address),
        hosts: hosts(reader),
        max_body_bytes: size(reader.number("http", "max_body_bytes", 1 << 20, 1024..=1 << 30)),
        max_json_document_bytes: size(reader.number("http", "max_json_document_bytes", 32 << 20, 1024..=1 << 30)),
        max_document_bytes,
        document_memory_bytes: size(reader.number("http", "document_memory_bytes", 512 << 20, 1 << 20..=1 << 40)),
        document_disk_bytes: size(reader.number("http", "document_disk_bytes", disk.0, disk.1)),
        answer_memory_bytes: size(reader.number("http", "answer_memory_bytes", 64 << 20, 1 << 20..=1 << 40)),
        uploads: size(reader.number("http", "uploads", 16, 1..=10_000)),
        request_timeout: ms(reader, "request_timeout_ms", 10_000),
        concurrency,
        concurrency_per_client: size(reader.number("http", "concurrency_per_client", share(concurrency), 1..=100_000)),
        connections,
        connections_per_address: size(reader.number(
            "http",
            "connections_per_address",
            share(connections),
            1..=1_000_000,
        )),
        streams: u32::try_from(reader.number("http", "streams", 100, 1..=10_000)).unwrap_or(u32::MAX),
        keep_alive_timeout: ms(reader, "keep_alive_timeout_ms", 30_000),
        stall_timeout: ms(reader, "stall_timeout_ms", 30_000),
        header_read_timeout: ms(reader, "header_read_timeout_ms", 10_000),
        shutdown_grace: ms(reader, "shutdown_grace_ms", 10_000),
    }
}

/// Names of hosts, in lower case.
fn hosts(reader: &mut Reader<'_>) -> Vec<String> {
    let Some(found) = reader.find("http", "hosts") else { return Vec::new() };
    let mut hosts = Vec::new();
    for (text, item) in reader.strings_of(&found) {
        let name = text.strip_prefix('.').unwrap_or(&text);
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if name.split('.').all(is_label) {
            hosts.push(text.to_ascii_lowercase());
        } else {
            let remedy =
                "Write a name such as \"rastau.example.kz\", or \".example.kz\" for every name below it; no port";
            reader.blame(&item, "not the name of a host", remedy);
        }
    }
    reader.record("http.hosts", found.value.written(), found.origin);
    hosts
}

/// An address with its port; `localhost` and a bare `:port` are understood as the loopback address.
fn socket_address(text: &str) -> Option<SocketAddr> {
    let loopback = |port: &str| Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?)));
    text.parse().ok().or_else(|| loopback(text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':'))?))
}

/// The ranges of the numbers fit into 32 bits, hence into every `usize` we run on.
fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn data(reader: &mut Reader<'_>, sources: &Sources) -> Data {
    let Some(found) = reader.find("data", "directory") else {
        let directory = default_directory(sources);
        reader.record("data.directory", directory.display().to_string(), Origin::Default);
        return Data { directory, is_given: false };
    };
    match reader.strings_of(&found).as_slice() {
        [(text, item)] if !text.is_empty() => {
            let directory = item.folder.join(text);
            if directory.exists() && !directory.is_dir() {
                reader.blame(&found, "not a folder", "Name a folder; it is created when it does not exist");
            }
            reader.record("data.directory", directory.display().to_string(), found.origin);
            Data { directory, is_given: true }
        }
        _ => {
            reader.blame(&found, "not a path", "Name one folder; it is created when it does not exist");
            Data { directory: PathBuf::new(), is_given: true }
        }
    }
}

/// The user's folder for state, as the XDG Base Directory Specification has it; `./rastau-data` for a user without
/// a home.
fn default_directory(sources: &Sources) -> PathBuf {
    let state = variable(sources, "XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || variable(sources, "HOME").map(|home| Path::new(home).join(".local/state"));
    state.or_else(home).map_or_else(|| PathBuf::from("rastau-data"), |state| state.join("rastau"))
}

fn policy(reader: &mut Reader<'_>) -> Policy {
    let strict_identity_numbers = reader.truth("policy", "strict_identity_numbers").unwrap_or(false);
    let default_language = reader.text(
        "policy",
        "default_language",
        ("ru", Language::Ru),
        "\"kk\", \"ru\" or \"en\"",
        |text| match text {
            "en" => Some(Language::En),
            "kk" => Some(Language::Kk),
            "ru" => Some(Language::Ru),
            _ => None,
        },
    );
    let reading = reader.text(
        "policy",
        "reading",
        ("operational", Reading::default()),
        "\"operational\" or \"strict-letter\"",
        Reading::from_name,
    );
    Policy { strict_identity_numbers, default_language, reading }
}

fn services(reader: &mut Reader<'_>) -> Services {
    let file = reader.find("services", "file").and_then(|found| {
        let known = reader.problems.len();
        let paths = reader.paths_of(&found);
        reader.record("services.file", shown(&paths), found.origin.clone());
        let Ok([path]) = <[PathBuf; 1]>::try_from(paths) else {
            if reader.problems.len() == known {
                reader.blame(&found, "not one file", "Name one file with the table of services");
            }
            return None;
        };
        if !path.is_file() {
            reader.blame(&found, "not a file", "Name the file with the table of services");
        }
        Some(path)
    });
    Services { file }
}

fn log(reader: &mut Reader<'_>) -> Log {
    let level = reader.text(
        "log",
        "level",
        ("info", "info".to_owned()),
        "\"error\", \"warn\", \"info\", \"debug\", \"trace\" or a list such as \"rastau=debug,info\"",
        |text| is_log_filter(text).then(|| text.to_owned()),
    );
    let format = reader.text("log", "format", ("text", LogFormat::Text), "\"text\" or \"json\"", |text| match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    });
    Log { level, format }
}

/// Whether every directive ends in a level. The filter itself would take a misspelt level for the name of a module,
/// and then say nothing about everything else.
fn is_log_filter(text: &str) -> bool {
    let is_level = |level: &str| !level.is_empty() && level.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let levels = text.split(',').all(|directive| is_level(directive.rsplit('=').next().unwrap_or_default().trim()));
    levels && text.parse::<tracing_subscriber::EnvFilter>().is_ok()
}

fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn warnings(config: &Config) -> Vec<String> {
    let mut warnings = Vec::from_iter(access::warning(config));
    let http = &config.http;
    for (part, of_one, whole, of_all) in [
        ("concurrency_per_client", http.concurrency_per_client, "concurrency", http.concurrency),
        ("connections_per_address", http.connections_per_address, "connections", http.connections),
    ] {
        if of_one >= of_all && of_all > 1 {
            warnings.push(format!("http.{part} = {of_one}: one caller can have all of http.{whole} ({of_all})"));
        }
    }
    if config.trust.demo {
        warnings.push(
            "DEMO: the demo trust anchors are trusted; their keys are public, no answer proves anything".to_owned(),
        );
    }
    if config.revocation.mode == RevocationRule::Off {
        warnings.push("revocation.mode = off: revoked certificates are accepted".to_owned());
    } else if config.revocation.lists.is_empty() && !config.trust.demo {
        warnings.push(
            "no revocation lists are configured: nothing will be accepted while revocation.mode is required".to_owned(),
        );
    }
    warnings
}
