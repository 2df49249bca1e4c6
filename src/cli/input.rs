//! Files that a command is given: read with a limit, PEM or DER.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::status::Failure;
use crate::der::armour::{self, ArmourError, Label};
use crate::x509::Certificate;

/// Largest file of certificates. The bundle of all public web authorities has 220 kB.
pub const MAX_CERTIFICATES: usize = 16 * 1024 * 1024;
/// Largest list. Five million entries of the National CA's shape are about 250 MB; its own has 22 MB.
pub const MAX_LIST: usize = 512 * 1024 * 1024;

/// Reads a whole file that has something in it, or standard input for `-`; `about` names the option in complaints.
pub fn read(about: &str, path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let bytes = read_any(about, path, limit)?;
    if bytes.is_empty() {
        return Err(Failure::new(label(about, path), "empty").remedy("fetch or export the file again"));
    }
    Ok(bytes)
}

/// As [`read`], and an empty file is one too.
pub fn read_any(about: &str, path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let result = if path.as_os_str() == "-" {
        io::stdin().lock().take(limit as u64 + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit as u64 + 1).read_to_end(&mut bytes))
    };
    match result {
        Err(error) => Err(unread(about, path, limit, &error)),
        Ok(_) if bytes.len() > limit => Err(unread(about, path, limit, &io::ErrorKind::FileTooLarge.into())),
        Ok(_) => Ok(bytes),
    }
}

/// The complaint about a file that was not read.
pub fn unread(about: &str, path: &Path, limit: usize, error: &io::Error) -> Failure {
    let name = label(about, path);
    match error.kind() {
        io::ErrorKind::FileTooLarge => Failure::new(name, format!("larger than {limit} bytes"))
            .remedy("give the file that was meant; nothing of the kind is that large"),
        _ => Failure::new(name, format!("cannot be read: {error}")).remedy(advice(error)),
    }
}

/// Reads exactly one certificate.
pub fn one_certificate(option: &str, path: &Path) -> Result<Certificate, Failure> {
    let bytes = read(option, path, MAX_CERTIFICATES)?;
    let der = armour::decode_one(&bytes, Label::Certificate)
        .map_err(|error| unreadable(option, path, &error, Label::Certificate))?;
    certificate(option, path, &der)
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
