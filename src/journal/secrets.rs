//! The journal's own keys: one that hides identity numbers, one that signs checkpoints.
//!
//! Both are drawn at the first start, kept beside the database and readable by their owner only. A journal whose key is gone
//! is not opened: with another key the same person would get another value, and checkpoints another signer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use zeroize::Zeroizing;

use super::hex;
use super::sqlite::OpenError;
use crate::der::armour;

const IDENTITY: &str = "identity.key";
const CHECKPOINT: &str = "checkpoint.key";
/// The public half, for whoever verifies.
pub const PUBLIC: &str = "checkpoint.pub";

/// `SubjectPublicKeyInfo` of an Ed25519 key up to the key itself (RFC 8410 section 4).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What identity numbers are hidden under.
pub struct IdentityKey(ring::hmac::Key);

impl IdentityKey {
    /// HMAC-SHA256 of a number, in hexadecimal.
    #[must_use]
    pub fn keyed(&self, number: &str) -> String {
        hex::encode(ring::hmac::sign(&self.0, number.as_bytes()).as_ref())
    }

    /// Something to know the key by, which tells nothing about it.
    fn fingerprint(&self) -> String {
        self.keyed("the identity key of this journal")
    }
}

impl std::fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityKey")
    }
}

/// What checkpoints are signed with: Ed25519 (RFC 8032).
pub struct CheckpointKey(Ed25519KeyPair);

impl CheckpointKey {
    /// The public half.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        let mut public = [0; 32];
        for (to, from) in public.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        public
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

impl std::fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CheckpointKey({})", hex::encode(&self.public()))
    }
}

/// Both keys.
#[derive(Debug)]
pub struct Secrets {
    /// Hides identity numbers.
    pub identity: IdentityKey,
    /// Signs checkpoints.
    pub checkpoint: CheckpointKey,
}

impl Secrets {
    /// Reads the keys of a folder; draws those that are missing if the journal is new.
    pub fn load(folder: &Path, new: bool) -> Result<Self, OpenError> {
        let identity = seed(&folder.join(IDENTITY), new)?;
        let checkpoint = seed(&folder.join(CHECKPOINT), new)?;
        let identity = IdentityKey(ring::hmac::Key::new(ring::hmac::HMAC_SHA256, identity.as_slice()));
        let checkpoint = Ed25519KeyPair::from_seed_unchecked(checkpoint.as_slice())
            .map_err(|_| OpenError::Key { path: folder.join(CHECKPOINT), problem: "is not a key".to_owned() })?;
        let checkpoint = CheckpointKey(checkpoint);
        publish(folder, &checkpoint)?;
        Ok(Self { identity, checkpoint })
    }

    /// What the database remembers of the keys, to notice that one was exchanged.
    pub fn fingerprint(&self) -> String {
        format!("{} {}", self.identity.fingerprint(), hex::encode(&self.checkpoint.public()))
    }
}

/// What an identity number is kept as in the journal of that folder, in hexadecimal.
///
/// # Errors
/// [`OpenError::Key`].
pub fn keyed_number(folder: &Path, number: &str) -> Result<String, OpenError> {
    let seed = seed(&folder.join(IDENTITY), false)?;
    Ok(IdentityKey(ring::hmac::Key::new(ring::hmac::HMAC_SHA256, seed.as_slice())).keyed(number))
}

/// Reads a file of 64 digits, or makes it.
fn seed(path: &Path, new: bool) -> Result<Zeroizing<[u8; 32]>, OpenError> {
    let broken = |problem: String| OpenError::Key { path: path.to_owned(), problem };
    match fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) => {
            restrict(path).map_err(|error| broken(error.to_string()))?;
            let seed = hex::decode(text.trim_end()).map(Zeroizing::new);
            seed.ok_or_else(|| broken("is not 64 hexadecimal digits".to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && new => {
            let mut seed = Zeroizing::new([0; 32]);
            SystemRandom::new()
                .fill(seed.as_mut_slice())
                .map_err(|_| broken("cannot be drawn: the system has no randomness".to_owned()))?;
            let text = Zeroizing::new(format!("{}\n", *Zeroizing::new(hex::encode(seed.as_slice()))));
            create(path, text.as_bytes(), 0o600).map_err(|error| broken(error.to_string()))?;
            Ok(seed)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(broken("is missing".to_owned())),
        Err(error) => Err(broken(error.to_string())),
    }
}

/// Writes the public half beside it, if it is not there already.
fn publish(folder: &Path, key: &CheckpointKey) -> Result<(), OpenError> {
    let path = folder.join(PUBLIC);
    let text = public_pem(&key.public());
    if fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let broken = |error: io::Error| OpenError::Key { path: path.clone(), problem: error.to_string() };
    match fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(broken(error)),
    }
    create(&path, text.as_bytes(), 0o644).map_err(broken)
}

/// A public key as other programs read it.
#[must_use]
pub fn public_pem(public: &[u8; 32]) -> String {
    let spki: Vec<u8> = ED25519_SPKI.iter().chain(public).copied().collect();
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, spki);
    format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
}

/// Reads a public key: 64 hexadecimal digits, or PEM.
#[must_use]
pub fn read_public(text: &[u8]) -> Option<[u8; 32]> {
    let trimmed = std::str::from_utf8(text).ok()?.trim();
    if let Some(key) = hex::decode(trimmed) {
        return Some(key);
    }
    let base64: String = trimmed
        .strip_prefix("-----BEGIN PUBLIC KEY-----")?
        .strip_suffix("-----END PUBLIC KEY-----")?
        .split_whitespace()
        .collect();
    armour::decode_base64(base64.as_bytes()).ok()?.strip_prefix(&ED25519_SPKI)?.try_into().ok()
}

/// Makes a file that must not be there, durably.
pub fn create(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Takes from others what they have no right to.
pub fn restrict(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
