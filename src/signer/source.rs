//! Where a key is, as data for the configuration, and how it is opened.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::KeyError;
use super::identity::SigningIdentity;
use super::password::{Password, seen_by_others};
use super::pkcs8;
use super::pkcs11::{self, TokenSource};
use super::pkcs12::KeyStore;

/// The largest file of a key or its certificates. A key store of the National CA has 2 kB.
const MAX_FILE: u64 = 1 << 20;

/// Where a key is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeySource {
    /// In a token or HSM.
    Pkcs11(TokenSource),
    /// In a key store.
    Pkcs12 {
        /// The file.
        path: PathBuf,
        /// Which key, if there are several: its name there, its key identifier or the serial number of its certificate.
        alias: Option<String>,
    },
    /// In a file of its own.
    Pkcs8 {
        /// The file with the key, DER or PEM, encrypted or not.
        key: PathBuf,
        /// The file with its certificate and, maybe, those of authorities. May be the same file.
        certificate: PathBuf,
    },
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pkcs11(token) => write!(f, "{token}"),
            Self::Pkcs12 { path, .. } => write!(f, "{}", path.display()),
            Self::Pkcs8 { key, .. } => write!(f, "{}", key.display()),
        }
    }
}

/// Opens a key. Reads files, asks a token; blocking. The password of a token is its PIN.
///
/// # Errors
/// [`KeyError`].
pub fn open(source: &KeySource, password: &Password) -> Result<SigningIdentity, KeyError> {
    match source {
        KeySource::Pkcs11(token) => pkcs11::open(token, password),
        KeySource::Pkcs12 { path, alias } => open_pkcs12(&read_file(path)?, alias.as_deref(), password),
        KeySource::Pkcs8 { key, certificate } => {
            let octets = read_file(key)?;
            if pkcs8::cipher(&octets)?.is_none() && File::open(key).is_ok_and(|file| seen_by_others(&file)) {
                tracing::warn!(file = %key.display(), "every user can read this private key, and no password protects it");
            }
            pkcs8::open(&octets, &read_file(certificate)?, password)
        }
    }
}

/// Opens a key store that was read already.
///
/// # Errors
/// [`KeyError`].
pub fn open_pkcs12(octets: &[u8], alias: Option<&str>, password: &Password) -> Result<SigningIdentity, KeyError> {
    let chosen = KeyStore::read(octets)?.open(password)?.choose(alias)?;
    SigningIdentity::new(chosen.certificate, chosen.key, chosen.others)
}

/// Reads a file that may hold a secret.
pub(super) fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let fail = |why: String| KeyError::Unreadable { path: path.display().to_string(), why };
    let file = File::open(path).map_err(|error| fail(error.to_string()))?;
    let length = file.metadata().map_err(|error| fail(error.to_string()))?.len();
    if length > MAX_FILE {
        return Err(fail(format!("larger than {MAX_FILE} octets")));
    }
    // Room for one octet more than the file has, so that the vector never moves and leaves a copy behind.
    let mut octets = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1));
    file.take(length).read_to_end(&mut octets).map_err(|error| fail(error.to_string()))?;
    Ok(octets)
}
