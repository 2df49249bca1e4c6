//! Files that a command is given: read with a limit, one or a folder of them, PEM or DER.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::status::Failure;
use crate::der::armour::{self, ArmourError, Label};
use crate::x509::Certificate;

/// Largest file of certificates. The bundle of all public web authorities has 220 kB.
pub const MAX_CERTIFICATES: u64 = 16 * 1024 * 1024;
/// Largest list. Five million entries of the National CA's shape are about 250 MB; its own has 22 MB.
pub const MAX_LIST: u64 = 512 * 1024 * 1024;
/// Most files looked at in one folder; more is the wrong folder.
const MAX_FILES: usize = 10_000;

/// Reads a whole file, or standard input for `-`; `about` names the option in complaints.
pub fn read(about: &str, path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let name = label(about, path);
    let mut bytes = Vec::new();
    let result = if path.as_os_str() == "-" {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    match result {
        Err(error) => Err(Failure::new(name, format!("cannot be read: {error}")).remedy(advice(&error))),
        Ok(_) if bytes.len() as u64 > limit => Err(Failure::new(name, format!("larger than {limit} bytes"))
            .remedy("give the file that was meant; nothing of the kind is that large")),
        Ok(_) if bytes.is_empty() => Err(Failure::new(name, "empty").remedy("fetch or export the file again")),
        Ok(_) => Ok(bytes),
    }
}

/// Reads the certificates of files and folders, in the order of the paths and of the names in a folder.
pub fn certificates(option: &str, paths: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        for file in files(option, path, &["pem", "crt", "cer", "der"])? {
            let bytes = read(option, &file, MAX_CERTIFICATES)?;
            for der in decode(option, &file, &bytes, Label::Certificate)? {
                found.push(certificate(option, &file, &der)?);
            }
        }
    }
    Ok(found)
}

/// Reads exactly one certificate.
pub fn one_certificate(option: &str, path: &Path) -> Result<Certificate, Failure> {
    let bytes = read(option, path, MAX_CERTIFICATES)?;
    let der = armour::decode_one(&bytes, Label::Certificate)
        .map_err(|error| unreadable(option, path, &error, Label::Certificate))?;
    certificate(option, path, &der)
}

/// Reads the lists of files and folders as bytes: what they say is for `revocation` to find out.
pub fn lists(option: &str, paths: &[PathBuf]) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        for file in files(option, path, &["crl", "pem", "der"])? {
            let bytes = read(option, &file, MAX_LIST)?;
            for der in decode(option, &file, &bytes, Label::Crl)? {
                found.push((file.clone(), der));
            }
        }
    }
    Ok(found)
}

/// The file itself, or the files of a folder that bear one of the endings, by name.
fn files(option: &str, path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let named = |error: io::Error| {
        Failure::new(label(option, path), format!("cannot be read: {error}")).remedy(advice(&error))
    };
    if path.as_os_str() == "-" || !std::fs::metadata(path).map_err(named)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(named)? {
        let file = entry.map_err(named)?.path();
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        if endings.contains(&ending.as_str()) && file.is_file() {
            found.push(file);
        }
        if found.len() > MAX_FILES {
            return Err(Failure::new(label(option, path), format!("more than {MAX_FILES} files in the folder"))
                .remedy("name the folder that holds only what is meant"));
        }
    }
    if found.is_empty() {
        let endings = endings.join(", .");
        return Err(Failure::new(label(option, path), format!("no file in the folder ends in .{endings}"))
            .remedy("rename the files or name them one by one"));
    }
    found.sort();
    Ok(found)
}

/// PEM, base64 or DER to DER.
fn decode(option: &str, path: &Path, bytes: &[u8], wanted: Label) -> Result<Vec<Vec<u8>>, Failure> {
    armour::decode_all(bytes, wanted).map_err(|error| unreadable(option, path, &error, wanted))
}

fn unreadable(option: &str, path: &Path, error: &ArmourError, wanted: Label) -> Failure {
    Failure::new(label(option, path), error)
        .remedy(format!("give DER, or PEM with «BEGIN {}»; `rastau inspect` tells what a file is", wanted.as_str()))
}

fn certificate(option: &str, path: &Path, der: &[u8]) -> Result<Certificate, Failure> {
    Certificate::from_der(der).map_err(|error| {
        Failure::new(label(option, path), format!("not a certificate that can be used: {error}"))
            .remedy("`rastau inspect` tells what a file is")
    })
}

/// `--crl lists/full.crl`, for complaints.
pub fn label(option: &str, path: &Path) -> String {
    let name = if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
    if option.is_empty() { name } else { format!("{option} {name}") }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "give the user that runs rastau the right to read it",
        io::ErrorKind::IsADirectory => "name a file, not a folder",
        _ => "check the path and the disk",
    }
}
