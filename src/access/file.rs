//! Small files that are read again and again: certificates, keys, tokens.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::AccessError;

/// Largest file that is read: far above a bundle of authorities or the tokens of a ministry.
const MAX_BYTES: u64 = 1 << 20;

/// The contents of a file, wiped from memory when dropped: some are keys.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, AccessError> {
    let unreadable = |error: std::io::Error| {
        AccessError::new(path, format!("cannot be read: {error}"), "Name a file that the service's user can read")
    };
    let file = File::open(path).map_err(unreadable)?;
    // As large as the file can be, so that it is not moved, and a copy of a key left behind, while it grows.
    let expected = file.metadata().map_err(unreadable)?.len().min(MAX_BYTES);
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(expected).unwrap_or_default() + 1));
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(AccessError::new(path, "is larger than 1 MiB", "Name the right file"));
    }
    Ok(bytes)
}

/// Warns of a key that other users of the machine can read.
#[cfg(unix)]
pub(super) fn warn_if_shared(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    if let Ok(metadata) = path.metadata()
        && metadata.permissions().mode() & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "other users of this machine can read the private key: chmod 600");
    }
}

#[cfg(not(unix))]
pub(super) fn warn_if_shared(_: &Path) {}
