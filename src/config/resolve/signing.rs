//! `[signing]`: keys and officials.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Time;
use crate::config::reader::{Found, Reader, Tables};
use crate::config::signing::{Signing, SigningKey, WithoutTimestamp};
use crate::iin::{Bin, Iin};
use crate::licence::{Identity, Official, Permission};
use crate::policy::services::DocumentKind;
use crate::signer::{KeySource, PasswordSource, TokenSource};
use crate::subject::Role;

/// A year, in seconds.
const YEAR_S: u64 = 366 * 86_400;

pub(super) fn signing(reader: &mut Reader<'_>) -> Signing {
    let keys = tables(reader, "key", key);
    let officials = tables(reader, "official", official);
    refuse_twice(reader, "key", keys.iter().map(|key| key.id.as_str()));
    refuse_twice(reader, "official", officials.iter().map(|(official, _)| official.id.as_str()));
    for (official, wanted) in &officials {
        for id in wanted.iter().filter(|id| keys.iter().all(|key| key.id != **id)) {
            if let Some(found) = reader.find("signing", "official") {
                let problem = format!("official {} has the key «{id}», which is not there", official.id);
                reader.blame(&found, problem, "Write a [[signing.key]] with that id, or correct keys");
            }
        }
    }
    let without_timestamp = reader.text(
        "signing",
        "without_timestamp",
        ("fail", WithoutTimestamp::Fail),
        "\"fail\" or \"sign-without\"",
        |text| match text {
            "fail" => Some(WithoutTimestamp::Fail),
            "sign-without" => Some(WithoutTimestamp::SignWithout),
            _ => None,
        },
    );
    Signing {
        keys,
        officials,
        without_timestamp,
        approval: Duration::from_secs(reader.number("signing", "approval_s", 86_400, 60..=YEAR_S)),
        answers: Duration::from_secs(86_400 * reader.number("signing", "answers_days", 30, 1..=3660)),
        max_kept_bytes: reader.number("signing", "answers_bytes", 20 << 30, 1 << 20..=1 << 50),
        max_document_bytes: reader.number("signing", "max_document_bytes", 2 << 30, 1024..=1 << 40),
    }
}

fn tables<'a, T>(
    reader: &mut Reader<'a>,
    name: &str,
    read: impl Fn(&mut Reader<'a>, &Tables<'a>) -> Option<T>,
) -> Vec<T> {
    let Some(found) = reader.find("signing", name) else { return Vec::new() };
    let tables = reader.tables_of(&found);
    let all: Vec<T> = tables.iter().filter_map(|table| read(reader, table)).collect();
    reader.record(&format!("signing.{name}"), format!("{}", all.len()), found.origin);
    all
}

fn refuse_twice<'a>(reader: &mut Reader<'_>, name: &str, ids: impl Iterator<Item = &'a str>) {
    let mut seen = Vec::new();
    for id in ids {
        if seen.contains(&id)
            && let Some(found) = reader.find("signing", name)
        {
            reader.blame(&found, format!("«{id}» is there twice"), "Give every one an id of its own");
        }
        seen.push(id);
    }
}

fn text(reader: &mut Reader<'_>, table: &Tables<'_>, name: &str) -> Option<String> {
    let found = table.find(name)?;
    let text = found.value.as_text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if text.is_none() {
        reader.blame(&found, "not a text", "Write a text in quotes");
    }
    text
}

fn path<'a>(reader: &mut Reader<'a>, found: &Found<'a>) -> Option<PathBuf> {
    let [path] = <[PathBuf; 1]>::try_from(reader.paths_of(found)).ok()?;
    Some(path)
}

fn required(reader: &mut Reader<'_>, table: &Tables<'_>, name: &str, remedy: &str) -> Option<String> {
    if table.find(name).is_none() {
        reader.blame(&table.itself(), format!("{name} is missing"), remedy);
        return None;
    }
    text(reader, table, name)
}

fn key<'a>(reader: &mut Reader<'a>, table: &Tables<'a>) -> Option<SigningKey> {
    let id = required(reader, table, "id", "Write id = \"…\", the name that officials are given the key by")?;
    let forms = ["pkcs12", "pkcs8", "pkcs11_module"];
    let given: Vec<_> = forms.into_iter().filter(|form| table.find(form).is_some()).collect();
    let source = match given.as_slice() {
        ["pkcs12"] => path(reader, &table.find("pkcs12")?)
            .map(|path| KeySource::Pkcs12 { path, alias: text(reader, table, "alias") }),
        ["pkcs8"] => {
            let key = path(reader, &table.find("pkcs8")?);
            let Some(certificate) = table.find("certificate") else {
                let remedy = "Write certificate = \"…\", the file with the certificate of the key";
                reader.blame(&table.itself(), "certificate is missing", remedy);
                return None;
            };
            let certificate = path(reader, &certificate);
            key.zip(certificate).map(|(key, certificate)| KeySource::Pkcs8 { key, certificate })
        }
        ["pkcs11_module"] => {
            let module = path(reader, &table.find("pkcs11_module")?);
            let certificate = table.find("certificate").and_then(|found| path(reader, &found));
            let (token, key) = (text(reader, table, "pkcs11_token"), text(reader, table, "pkcs11_key"));
            module.map(|module| KeySource::Pkcs11(TokenSource { module, token, key, certificate }))
        }
        _ => {
            let problem = if given.is_empty() { "a key without a place" } else { "a key in two places" };
            reader.blame(&table.itself(), problem, "Write one of pkcs12, pkcs8 (with certificate) or pkcs11_module");
            None
        }
    };
    let password = password(reader, table, &id);
    Some(SigningKey { id, source: source?, password })
}

fn password<'a>(reader: &mut Reader<'a>, table: &Tables<'a>, id: &str) -> PasswordSource {
    if let Some(found) = table.find("password") {
        let remedy = "Write password_file, password_variable or password_prompt = true: passwords do not belong here";
        reader.blame_hidden(&found, "a password in the configuration", remedy);
    }
    if let Some(found) = table.find("password_file") {
        return path(reader, &found).map_or(PasswordSource::None, PasswordSource::File);
    }
    if table.find("password_variable").is_some() {
        return text(reader, table, "password_variable").map_or(PasswordSource::None, PasswordSource::Environment);
    }
    match table.find("password_prompt").and_then(|found| reader.truth_of(&found)) {
        Some(true) => PasswordSource::Prompt(format!("Password of key {id}: ")),
        _ => PasswordSource::None,
    }
}

fn official<'a>(reader: &mut Reader<'a>, table: &Tables<'a>) -> Option<(Official, Vec<String>)> {
    let id = required(reader, table, "id", "Write id = \"…\", the name that requests give")?;
    let identity = identity(reader, table);
    if identity.is_empty() {
        let remedy = "Write iin, bin or system: the certificate of the key has to name the official";
        reader.blame(&table.itself(), format!("official {id} is nobody in particular"), remedy);
    }
    let keys = list(reader, table, "keys", "Write keys = [\"…\"] with the ids of [[signing.key]]");
    let kinds = list(reader, table, "kinds", "Write kinds = [\"licence\", …]");
    let kinds = kinds.iter().filter_map(|text| kind(reader, table, text)).collect();
    let services = list(reader, table, "services", "Write services = [\"medical-activity\", …], or [\"*\"] for all");
    let media_types = match table.find("media_types") {
        None => vec!["*".to_owned()],
        Some(found) => reader.strings_of(&found).into_iter().map(|(text, _)| text.to_ascii_lowercase()).collect(),
    };
    let official = Official {
        id,
        identity,
        may: Permission { kinds, services, media_types },
        from: moment(reader, table, "from"),
        until: moment(reader, table, "until"),
        second_person: table.find("second_person").and_then(|found| reader.truth_of(&found)).unwrap_or(false),
    };
    Some((official, keys))
}

fn list<'a>(reader: &mut Reader<'a>, table: &Tables<'a>, name: &str, remedy: &str) -> Vec<String> {
    let Some(found) = table.find(name) else {
        reader.blame(&table.itself(), format!("{name} is missing"), remedy);
        return Vec::new();
    };
    let texts: Vec<String> = reader.strings_of(&found).into_iter().map(|(text, _)| text).collect();
    if texts.is_empty() {
        reader.blame(&found, "an empty list", remedy);
    }
    texts
}

fn kind(reader: &mut Reader<'_>, table: &Tables<'_>, text: &str) -> Option<DocumentKind> {
    let kind = DocumentKind::ALL.into_iter().find(|kind| kind.as_str() == text);
    if kind.is_none()
        && let Some(found) = table.find("kinds")
    {
        let names: Vec<_> = DocumentKind::ALL.iter().map(|kind| kind.as_str()).collect();
        reader.blame(&found, format!("«{text}» is not a kind"), format!("Write some of {}", names.join(", ")));
    }
    kind
}

fn identity(reader: &mut Reader<'_>, table: &Tables<'_>) -> Identity {
    let mut number = |name: &str| {
        let found = table.find(name)?;
        Some((text(reader, table, name)?, found))
    };
    let (iin, bin) = (number("iin"), number("bin"));
    let iin = iin.and_then(|(text, found)| match Iin::parse(&text) {
        Ok(iin) => Some(iin),
        Err(error) => {
            reader.blame_hidden(&found, &error.to_string(), "Write the IIN as twelve digits in quotes");
            None
        }
    });
    let bin = bin.and_then(|(text, found)| match Bin::parse(&text) {
        Ok(bin) => Some(bin),
        Err(error) => {
            reader.blame_hidden(&found, &error.to_string(), "Write the BIN as twelve digits in quotes");
            None
        }
    });
    let role = text(reader, table, "role").and_then(|name| {
        let role = Role::from_name(&name);
        if role.is_none()
            && let Some(found) = table.find("role")
        {
            let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
            reader.blame(&found, "not a role", format!("Write one of {}", names.join(", ")));
        }
        role
    });
    Identity { iin, bin, role, system: text(reader, table, "system") }
}

fn moment(reader: &mut Reader<'_>, table: &Tables<'_>, name: &str) -> Option<Time> {
    let text = text(reader, table, name)?;
    let moment = text.parse().ok();
    if moment.is_none()
        && let Some(found) = table.find(name)
    {
        reader.blame(&found, "not a moment", "Write it in quotes like \"2026-08-20T09:00:00+05:00\"");
    }
    moment
}
