//! Certificates from files and folders: PEM, DER, bare base64, bundles.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::anchor::{AnchorRule, NotAuthority};
use crate::der::armour::{ArmourError, Label, decode_all};
use crate::x509::{Certificate, CertificateError};

/// Largest file read. The bundle of all roots of a browser is about 250 KiB.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// What a folder is searched for; anything else in it is left alone.
const EXTENSIONS: [&str; 4] = ["pem", "crt", "cer", "der"];

/// A certificate and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The certificate.
    pub certificate: Certificate,
    /// The first file it was found in.
    pub origin: PathBuf,
}

/// What is wrong with a file or folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not PEM, base64 or DER.
    #[error("{0}")]
    Armour(#[from] ArmourError),
    /// One object in it is not a certificate that can be read.
    #[error("certificate number {number}: {error}")]
    Certificate {
        /// Counted from 1.
        number: usize,
        /// What is wrong with it.
        error: CertificateError,
    },
    /// A folder without certificates.
    #[error("the folder has no .pem, .crt, .cer or .der file")]
    EmptyFolder,
    /// Neither a file nor a folder.
    #[error("it is neither a file nor a folder")]
    NotAFile,
    /// A certificate that cannot be an anchor.
    #[error("certificate number {number} cannot be a trust anchor: {error}")]
    NotAuthority {
        /// Counted from 1.
        number: usize,
        /// What it lacks.
        error: NotAuthority,
    },
    /// There is nothing of that name.
    #[error("it does not exist")]
    NotFound,
    /// Larger than any list of certificates.
    #[error("it is larger than {} bytes", MAX_FILE)]
    TooLarge,
    /// The operating system refuses.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl Problem {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Armour(ArmourError::Label { .. }) => {
                "keep only CERTIFICATE blocks in the file; private keys and lists do not belong here"
            }
            Self::Armour(_) => "give certificates as PEM, DER or base64",
            Self::Certificate { .. } => "fetch the certificate again from its authority, or remove it",
            Self::EmptyFolder => "put the certificates into the folder, or name the file itself",
            Self::NotAFile => "name a regular file or a folder",
            Self::NotAuthority { .. } => "name the certificate of the authority that issues, not one it issued",
            Self::NotFound => "check the path; a relative one starts at the working directory",
            Self::TooLarge => "name a file that holds certificates only",
            Self::Unreadable(_) => "let the user the program runs as read it",
        }
    }
}

/// A file or folder that certificates cannot be loaded from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}; {}", path.display(), problem.remedy())]
pub struct LoadError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// Loads intermediates: any certificates.
///
/// A path is a file, or a folder whose `.pem`, `.crt`, `.cer` and `.der` files are read in the order of their
/// names, without the folders in it. The same certificate twice is loaded once.
///
/// # Errors
///
/// Everything that is wrong, in the order of the paths; never empty.
pub fn certificates<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Loaded>, Vec<LoadError>> {
    load(paths, AnchorRule::NameAndKey)
}

/// Loads certificates that are to be anchors: as [`certificates`], and each must be allowed by `rule`.
///
/// # Errors
///
/// As [`certificates`], and [`Problem::NotAuthority`].
pub fn anchors<P: AsRef<Path>>(paths: &[P], rule: AnchorRule) -> Result<Vec<Loaded>, Vec<LoadError>> {
    load(paths, rule)
}

fn load<P: AsRef<Path>>(paths: &[P], rule: AnchorRule) -> Result<Vec<Loaded>, Vec<LoadError>> {
    let mut loaded = Vec::new();
    let mut seen = HashSet::new();
    let mut errors = Vec::new();
    let files = paths.iter().flat_map(|path| match files_at(path.as_ref()) {
        Ok(files) => files.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    });
    for file in files {
        let read = file.and_then(|path| match read_file(&path, rule) {
            Ok(certificates) => Ok((path, certificates)),
            Err(problem) => Err(LoadError { path, problem }),
        });
        match read {
            Ok((origin, certificates)) => {
                let new = certificates.into_iter().filter(|certificate| seen.insert(*certificate.sha256()));
                loaded.extend(new.map(|certificate| Loaded { certificate, origin: origin.clone() }));
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(loaded) } else { Err(errors) }
}

/// Reads the certificates of one file's contents, or of one value of a request.
///
/// # Errors
///
/// [`Problem`].
pub fn read(bytes: &[u8], rule: AnchorRule) -> Result<Vec<Certificate>, Problem> {
    let objects = decode_all(bytes, Label::Certificate)?;
    let read_one = |(index, der): (usize, Vec<u8>)| {
        let number = index + 1;
        let certificate = Certificate::from_der(&der).map_err(|error| Problem::Certificate { number, error })?;
        rule.check(&certificate).map_err(|error| Problem::NotAuthority { number, error })?;
        Ok(certificate)
    };
    objects.into_iter().enumerate().map(read_one).collect()
}

fn read_file(path: &Path, rule: AnchorRule) -> Result<Vec<Certificate>, Problem> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| problem_of(&error))?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| problem_of(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE) {
        return Err(Problem::TooLarge);
    }
    read(&bytes, rule)
}

/// The files a path stands for.
fn files_at(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let fail = |problem| LoadError { path: path.to_owned(), problem };
    // Asked before opening: opening a pipe would wait for whoever writes to it.
    let kind = fs::metadata(path).map_err(|error| fail(problem_of(&error)))?;
    if kind.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !kind.is_dir() {
        return Err(fail(Problem::NotAFile));
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| fail(problem_of(&error)))? {
        let file = entry.map_err(|error| fail(problem_of(&error)))?.path();
        if is_certificate_file(&file) && fs::metadata(&file).is_ok_and(|kind| kind.is_file()) {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(fail(Problem::EmptyFolder));
    }
    files.sort();
    Ok(files)
}

fn is_certificate_file(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

fn problem_of(error: &std::io::Error) -> Problem {
    match error.kind() {
        std::io::ErrorKind::NotFound => Problem::NotFound,
        _ => Problem::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
