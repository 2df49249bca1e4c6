//! From what was written to what the service runs on.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::problem::{ConfigError, Origin, Problem};
use super::raw::{Layer, environment_layer, file_layer, flags_layer};
use super::reader::{Found, Reader, Tables};
use super::{
    AnchorSource, Cache, Config, Data, Http, ListLocation, ListSource, Log, LogFormat, Policy, Revocation, Services,
    Sources, Trust,
};
use crate::policy::RevocationRule;
use crate::verdict::Language;

/// Longest duration that a setting may ask for, in milliseconds: an hour.
const MAX_MS: u64 = 3_600_000;

/// Longest duration in seconds: a week, the longest life of a list seen.
const MAX_S: u64 = 604_800;

pub(super) fn resolve(sources: &Sources) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let file = sources.file.clone().or_else(|| variable(sources, "RASTAU_CONFIG").map(PathBuf::from));
    let mut layers = vec![flags_layer(&sources.flags), environment_layer(sources)];
    if let Some(path) = &file {
        layers.extend(file_layer(path, &mut problems));
    }
    refuse_loose_keys(&mut layers, &mut problems);
    let reader = &mut Reader::new(&layers, problems);
    let mut config = Config {
        http: http(reader),
        data: data(reader, sources),
        trust: trust(reader, file.is_some()),
        revocation: revocation(reader),
        policy: policy(reader),
        services: services(reader),
        cache: Cache {
            certificates: reader.number("cache", "certificates", 16 << 20, 0..=16 << 30),
            paths: reader.number("cache", "paths", 6 << 20, 0..=16 << 30),
        },
        log: log(reader),
        file,
        warnings: Vec::new(),
        settings: Vec::new(),
    };
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
    use super::raw::Value;
    const SECTIONS: [&str; 8] = ["http", "data", "trust", "revocation", "policy", "services", "cache", "log"];
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
    Http {
        listen: reader.text("http", "listen", ("127.0.0.1:8080", default), expected, socket_address),
        max_body_bytes: size(reader.number("http", "max_body_bytes", 1 << 20, 1024..=1 << 30)),
        request_timeout: ms(reader, "request_timeout_ms", 10_000),
        concurrency: size(reader.number("http", "concurrency", 512, 1..=100_000)),
        connections: size(reader.number("http", "connections", 4096, 1..=1_000_000)),
        header_read_timeout: ms(reader, "header_read_timeout_ms", 10_000),
        shutdown_grace: ms(reader, "shutdown_grace_ms", 10_000),
    }
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
        return Data { directory };
    };
    match reader.strings_of(&found).as_slice() {
        [(text, item)] if !text.is_empty() => {
            let directory = item.folder.join(text);
            if directory.exists() && !directory.is_dir() {
                reader.blame(&found, "not a folder", "Name a folder; it is created when it does not exist");
            }
            reader.record("data.directory", directory.display().to_string(), found.origin);
            Data { directory }
        }
        _ => {
            reader.blame(&found, "not a path", "Name one folder; it is created when it does not exist");
            Data { directory: PathBuf::new() }
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

fn trust(reader: &mut Reader<'_>, has_file: bool) -> Trust {
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
    let demo = demo(reader, written, has_file);
    Trust { anchors, intermediates, demo }
}

/// Whether the demo anchors are trusted. Their keys are public, so they never stand beside an operator's own, and a
/// written configuration has to ask for them: an operator who forgot the anchors must not end up with the demo.
fn demo(reader: &mut Reader<'_>, anchors: bool, has_file: bool) -> bool {
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
        (None, None) if anchors || !has_file => {
            reader.record("trust.demo", (!anchors).to_string(), Origin::Default);
            !anchors
        }
        // Neither anchors nor the demo; a demo key that could not be read was blamed already.
        (Some(_), _) | (None, None) => {
            reader.problems.push(Problem {
                origin: reader.find("trust", "demo").map_or(Origin::Default, |found| found.origin),
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

fn revocation(reader: &mut Reader<'_>) -> Revocation {
    let mode = reader.text(
        "revocation",
        "mode",
        ("required", RevocationRule::Required),
        "\"required\", \"if-available\" or \"off\"",
        |text| match text {
            "required" => Some(RevocationRule::Required),
            "if-available" => Some(RevocationRule::IfAvailable),
            "off" => Some(RevocationRule::Off),
            _ => None,
        },
    );
    let [simple, detailed] = reader.find_forms("revocation", ["lists", "list"]);
    let mut lists = Vec::new();
    if let Some(found) = simple {
        for (text, item) in reader.strings_of(&found) {
            let location = if text.contains("://") {
                url(reader, &text, &item).map(|url| ListLocation::Urls(vec![url]))
            } else {
                reader.existing_path(&text, &item).map(ListLocation::Path)
            };
            lists.extend(location.map(|location| ListSource { location, delta: false }));
        }
        reader.record("revocation.lists", found.value.written(), found.origin);
    }
    if let Some(found) = detailed {
        for table in reader.tables_of(&found) {
            lists.extend(list(reader, &table));
        }
        reader.record("revocation.list", format!("{} lists", lists.len()), found.origin);
    }
    let tls_roots = reader.find("revocation", "tls_roots").map_or_else(Vec::new, |found| {
        let paths = reader.paths_of(&found);
        reader.record("revocation.tls_roots", shown(&paths), found.origin);
        paths
    });
    Revocation {
        mode,
        lists,
        tls_roots,
        refresh: Duration::from_secs(reader.number("revocation", "refresh_s", 6 * 3600, 60..=MAX_S)),
        retry: Duration::from_secs(reader.number("revocation", "retry_s", 60, 1..=MAX_S)),
        max_list_bytes: reader.number("revocation", "max_list_bytes", 256 << 20, 1024..=4 << 30),
    }
}

fn list<'a>(reader: &mut Reader<'a>, table: &Tables<'a>) -> Option<ListSource> {
    let delta = table.find("delta").and_then(|found| reader.truth_of(&found)).unwrap_or(false);
    let location = match (table.find("path"), table.find("urls")) {
        (Some(path), None) => {
            let [path] = <[PathBuf; 1]>::try_from(reader.paths_of(&path)).ok()?;
            ListLocation::Path(path)
        }
        (None, Some(urls)) => {
            let strings = reader.strings_of(&urls);
            if strings.is_empty() {
                reader.blame(&urls, "no mirror", "Name at least one URL");
            }
            let good: Vec<_> = strings.iter().filter_map(|(text, item)| url(reader, text, item)).collect();
            if good.is_empty() {
                return None;
            }
            ListLocation::Urls(good)
        }
        _ => {
            let remedy = "Write path = \"file or folder\" or urls = [\"mirror\", …] below [[revocation.list]]";
            reader.blame(&table.itself(), "a list needs either path or urls", remedy);
            return None;
        }
    };
    Some(ListSource { location, delta })
}

/// An http or https URL with a host and without user and password. Lists are signed, so plain http is fine for them.
fn url(reader: &mut Reader<'_>, text: &str, found: &Found<'_>) -> Option<String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if authority.contains('@') {
        // Not repeated: it would stand in the log of whoever starts the service.
        reader.problems.push(Problem {
            origin: found.origin.clone(),
            key: found.key.clone(),
            value: None,
            problem: "a URL with a user name or password".to_owned(),
            remedy: "Write the URL without them: lists are public and signed".to_owned(),
        });
        return None;
    }
    let clean = text.bytes().all(|byte| byte.is_ascii_graphic());
    if authority.is_empty() || authority.starts_with(':') || !clean {
        reader.blame(found, "not a URL of a list", "Write a URL such as \"http://crl.pki.gov.kz/nca_gost_2022.crl\"");
        return None;
    }
    Some(text.to_owned())
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
    Policy { strict_identity_numbers, default_language }
}

fn services(reader: &mut Reader<'_>) -> Services {
    let file = reader.find("services", "file").and_then(|found| {
        let paths = reader.paths_of(&found);
        reader.record("services.file", shown(&paths), found.origin.clone());
        let [path] = <[PathBuf; 1]>::try_from(paths).ok()?;
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
        |text| text.parse::<tracing_subscriber::EnvFilter>().ok().filter(|_| !text.is_empty()).map(|_| text.to_owned()),
    );
    let format = reader.text("log", "format", ("text", LogFormat::Text), "\"text\" or \"json\"", |text| match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    });
    Log { level, format }
}

fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn warnings(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    let ip = config.http.listen.ip();
    let loopback =
        ip.is_loopback() || matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback()));
    if !loopback {
        warnings.push(format!(
            "http.listen = {} can be reached from other machines, without encryption and without access control: \
             put a TLS-terminating proxy with access control in front, or listen on 127.0.0.1",
            config.http.listen
        ));
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
