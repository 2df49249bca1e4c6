//! `[access]` and `[tls]`: who may ask, and over what kind of connection.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Time;
use crate::config::access::{is_client_name, parse_sha256};
use crate::config::problem::Problem;
use crate::config::raw::Value;
use crate::config::reader::{Found, Reader, Tables};
use crate::config::{Access, AccessClient, CertificatePin, ClientCertificates, Config, Role, Tls};

/// Highest rate of a client, in requests a second: beyond what one process answers.
const MAX_RATE: u64 = 1_000_000;

pub(super) fn access(reader: &mut Reader<'_>) -> Access {
    let allow_unprotected = reader.truth("access", "allow_unprotected").unwrap_or(false);
    let protect_pages = reader.truth("access", "protect_pages").unwrap_or(false);
    let tokens = one_file(reader, "access", "tokens");
    let mut clients: Vec<AccessClient> = Vec::new();
    if let Some(found) = reader.find("access", "client") {
        for table in reader.tables_of(&found) {
            if let Some(client) = client(reader, &table, &clients, tokens.is_some()) {
                clients.push(client);
            }
        }
        let names: Vec<_> = clients.iter().map(|client| client.name.as_str()).collect();
        reader.record("access.client", names.join(", "), found.origin);
    }
    if let Some(found) = reader.find("access", "tokens").filter(|_| reader.find("access", "client").is_none()) {
        let remedy = "Add [[access.client]] with a name and roles for every client named in the file";
        reader.blame(&found, "tokens of clients that are not configured", remedy);
    }
    Access { allow_unprotected, protect_pages, tokens, clients }
}

fn client<'a>(
    reader: &mut Reader<'a>,
    table: &Tables<'a>,
    others: &[AccessClient],
    has_file: bool,
) -> Option<AccessClient> {
    let name = name(reader, table, others)?;
    let roles = roles(reader, table);
    let tokens = token_digests(reader, table, others);
    let certificates = pins(reader, table, others);
    if tokens.is_empty() && certificates.is_empty() && !has_file {
        let remedy = "Write token_sha256 = [\"…\"] (rastau token new makes a token) or certificates = [\"…\"]";
        reader.blame(&table.itself(), format!("nothing to know the client {name} by"), remedy);
    }
    let rate_per_second = rate(reader, table, "rate_per_second");
    let burst = rate(reader, table, "burst");
    if let (None, Some(found)) = (rate_per_second, table.find("burst")) {
        reader.blame(&found, "a burst of no rate", "Write rate_per_second beside it, or remove it");
    }
    let expires = table.find("expires").and_then(|found| time(reader, &found));
    Some(AccessClient { name, roles, tokens, certificates, rate_per_second, burst, expires })
}

fn name<'a>(reader: &mut Reader<'a>, table: &Tables<'a>, others: &[AccessClient]) -> Option<String> {
    let remedy = "Write name = \"portal\": letters, digits, '-', '.', '_', each name once";
    let Some(found) = table.find("name") else {
        reader.blame(&table.itself(), "name is missing", remedy);
        return None;
    };
    let names = reader.strings_of(&found);
    let [(name, _)] = names.as_slice() else {
        reader.blame(&found, "not one name", remedy);
        return None;
    };
    if !is_client_name(name) {
        reader.blame(&found, "not a name of a client", remedy);
    } else if others.iter().any(|other| other.name == *name) {
        reader.blame(&found, "the name of two clients", remedy);
    }
    Some(name.clone())
}

fn roles<'a>(reader: &mut Reader<'a>, table: &Tables<'a>) -> Vec<Role> {
    let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let remedy = format!("Write roles = [\"…\"] with some of {}", names.join(", "));
    let Some(found) = table.find("roles") else {
        reader.blame(&table.itself(), "roles is missing", remedy);
        return Vec::new();
    };
    let texts = reader.strings_of(&found);
    if texts.is_empty() {
        reader.blame(&found, "a client without a role", remedy.clone());
    }
    let mut roles = Vec::new();
    for (text, item) in texts {
        match Role::from_name(&text) {
            Some(role) => roles.push(role),
            None => reader.blame(&item, "not a role", remedy.clone()),
        }
    }
    roles
}

fn token_digests<'a>(reader: &mut Reader<'a>, table: &Tables<'a>, others: &[AccessClient]) -> Vec<[u8; 32]> {
    let Some(found) = table.find("token_sha256") else { return Vec::new() };
    let mut digests = Vec::new();
    for (text, item) in reader.strings_of(&found) {
        let is_known = |digest| digests.contains(digest) || others.iter().any(|other| other.tokens.contains(digest));
        let (problem, remedy) = match parse_sha256(&text) {
            Some(digest) if is_known(&digest) => {
                ("a token that was listed before", "Give every client tokens of its own, each listed once")
            }
            Some(digest) => {
                digests.push(digest);
                continue;
            }
            None => (
                "not the SHA-256 of a token",
                "Write 64 hexadecimal digits, as rastau token new prints them; if this is the token itself, make a new one: \
                 it was written down",
            ),
        };
        // The value is not repeated: it may be a token, and problems end up in logs.
        let (origin, key) = (item.origin.clone(), item.key.clone());
        let (problem, remedy) = (problem.to_owned(), remedy.to_owned());
        reader.problems.push(Problem { origin, key, value: None, problem, remedy });
    }
    digests
}

fn pins<'a>(reader: &mut Reader<'a>, table: &Tables<'a>, others: &[AccessClient]) -> Vec<CertificatePin> {
    let Some(found) = table.find("certificates") else { return Vec::new() };
    if reader.find("tls", "client_roots").is_none() {
        let remedy = "Write tls.client_roots = [\"…\"] with the authorities that vouch for them";
        reader.blame(&found, "no client is asked for a certificate", remedy);
    }
    let mut pins = Vec::new();
    for (text, item) in reader.strings_of(&found) {
        let pin = match text.split_once(':') {
            None => parse_sha256(&text).map(CertificatePin::Certificate),
            Some(("sha256", digest)) => parse_sha256(digest).map(CertificatePin::Certificate),
            Some(("key-sha256", digest)) => parse_sha256(digest).map(CertificatePin::PublicKey),
            Some(("subject", name)) => {
                Some(name.trim().to_owned()).filter(|name| !name.is_empty()).map(CertificatePin::Subject)
            }
            Some(_) => None,
        };
        let Some(pin) = pin else {
            let remedy = "Write \"sha256:…\" (of the certificate), \"key-sha256:…\" (of its public key) or \"subject:…\" (as \
                          rastau inspect prints it)";
            reader.blame(&item, "not a certificate", remedy);
            continue;
        };
        if pins.contains(&pin) || others.iter().any(|other| other.certificates.contains(&pin)) {
            reader.blame(&item, "a certificate that was listed before", "List every certificate once");
        } else {
            pins.push(pin);
        }
    }
    pins
}

fn rate<'a>(reader: &mut Reader<'a>, table: &Tables<'a>, key: &str) -> Option<u32> {
    let found = table.find(key)?;
    let number = match found.value {
        Value::Integer(integer) => {
            u32::try_from(*integer).ok().filter(|number| (1..=MAX_RATE).contains(&u64::from(*number)))
        }
        _ => None,
    };
    if number.is_none() {
        reader.blame(&found, "not a number of requests", format!("Write a whole number from 1 to {MAX_RATE}"));
    }
    number
}

/// A time in quotes, or as TOML writes one.
fn time(reader: &mut Reader<'_>, found: &Found<'_>) -> Option<Time> {
    let time = match found.value {
        Value::Text(text) | Value::Other(text) => text.parse().ok(),
        _ => None,
    };
    if time.is_none() {
        reader.blame(found, "not a time", "Write it with its offset, such as 2027-01-31T00:00:00+05:00");
    }
    time
}

fn one_file(reader: &mut Reader<'_>, section: &str, key: &str) -> Option<PathBuf> {
    let found = reader.find(section, key)?;
    let paths = reader.paths_of(&found);
    reader.record(&format!("{section}.{key}"), super::shown(&paths), found.origin.clone());
    let [path] = <[PathBuf; 1]>::try_from(paths).ok()?;
    if path.is_dir() {
        reader.blame(&found, "a folder", "Name a file");
    }
    Some(path)
}

pub(super) fn tls(reader: &mut Reader<'_>) -> Option<Tls> {
    let certificate = one_file(reader, "tls", "certificate");
    let key = one_file(reader, "tls", "key");
    let client_roots = reader.find("tls", "client_roots").map_or_else(Vec::new, |found| {
        let paths = reader.paths_of(&found);
        reader.record("tls.client_roots", super::shown(&paths), found.origin);
        paths
    });
    let client_certificates = reader.text(
        "tls",
        "client_certificates",
        ("optional", ClientCertificates::Optional),
        "\"optional\" or \"required\"",
        |text| match text {
            "optional" => Some(ClientCertificates::Optional),
            "required" => Some(ClientCertificates::Required),
            _ => None,
        },
    );
    let timeout = reader.number("tls", "handshake_timeout_ms", 10_000, 1..=super::MAX_MS);
    if let Some(found) = reader.find("tls", "client_certificates")
        && client_certificates == ClientCertificates::Required
        && client_roots.is_empty()
    {
        let remedy = "Write tls.client_roots = [\"…\"] with the authorities that vouch for clients";
        reader.blame(&found, "certificates are required of clients, and nobody vouches for any", remedy);
    }
    let written = |key: &str| reader.find("tls", key);
    match (written("certificate"), written("key")) {
        (Some(_), Some(_)) => {}
        (Some(found), None) => reader.blame(&found, "a certificate without its key", "Write tls.key = \"key.pem\""),
        (None, Some(found)) => {
            reader.blame(&found, "a key without its certificate", "Write tls.certificate = \"certificate.pem\"");
        }
        (None, None) => {
            if let Some(found) = written("client_roots") {
                let remedy = "Write tls.certificate and tls.key, or remove it";
                reader.blame(&found, "authorities of clients without TLS", remedy);
            }
        }
    }
    let handshake_timeout = Duration::from_millis(timeout);
    Some(Tls { certificate: certificate?, key: key?, client_roots, client_certificates, handshake_timeout })
}

/// Whether only this machine reaches the address.
fn is_loopback(ip: IpAddr) -> bool {
    ip.is_loopback() || matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback()))
}

/// What an address that other machines reach lacks; `None` when it is protected or only this machine reaches it.
fn lacks(config: &Config) -> Option<&'static str> {
    match (config.tls.is_some(), config.access.is_controlled()) {
        _ if is_loopback(config.http.listen.ip()) => None,
        (true, true) => None,
        (true, false) => Some("without access control"),
        (false, true) => Some("without encryption"),
        (false, false) => Some("without encryption and without access control"),
    }
}

/// Refuses to listen where others reach the service unless it is protected, or somebody has said that something else
/// protects it.
pub(super) fn refuse_unprotected(reader: &mut Reader<'_>, config: &Config) {
    let Some(lacks) = lacks(config).filter(|_| !config.access.allow_unprotected) else { return };
    // The default is a loopback address, so one was written.
    let Some(found) = reader.find("http", "listen") else { return };
    let remedy = "Listen on 127.0.0.1, or configure [tls] and [[access.client]]; where something in front does both, \
                  write access.allow_unprotected = true";
    reader.blame(&found, format!("other machines would reach the service {lacks}"), remedy);
}

/// What an operator should know who has said so.
pub(super) fn warning(config: &Config) -> Option<String> {
    lacks(config).map(|lacks| {
        format!(
            "access.allow_unprotected: other machines reach http.listen = {} {lacks}; what stands in front of it has to \
             provide that",
            config.http.listen
        )
    })
}
