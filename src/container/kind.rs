//! Which kind of container an archive is.

use super::archive::Archive;
use crate::signed::{Format, FormatError};

/// The folder of the signatures.
pub(super) const META_INF: &str = "META-INF/";
/// The file that names the kind (EN 319 162-1 annex A.1).
const MIME_TYPE: &str = "mimetype";
/// The manifest of the Kazakh container.
pub(super) const KAZAKH_MANIFEST: &str = "META-INF/NCAManifest.xml";

/// Whether a name in `META-INF` is `start`, anything, `end`.
pub(super) fn is_like(name: &str, start: &str, end: &str) -> bool {
    let inside = name.strip_prefix(META_INF).and_then(|name| name.strip_prefix(start));
    inside.is_some_and(|rest| rest.ends_with(end) && !rest.contains('/'))
}

/// Whether a file is content: not a signature, a manifest or the like.
pub(super) fn is_content(name: &str) -> bool {
    !name.starts_with(META_INF) && name != MIME_TYPE
}

/// The kind of an archive.
///
/// `mimetype` says it where there is one; without, the names of the signatures do: a Kazakh container has its own manifest,
/// `ASiC-S` one signature with a fixed name over one file.
pub(super) fn of(archive: &Archive<'_>) -> Result<Format, FormatError> {
    let declared = declared(archive)?;
    let is_kazakh = archive.has(KAZAKH_MANIFEST);
    let is_simple = ["signature.p7s", "signatures.xml", "timestamp.tst"].iter().any(|name| is_there(archive, name));
    let is_extended = archive.names().any(|name| is_like(name, "ASiCManifest", ".xml"));
    let is_xades = archive.names().any(|name| is_like(name, "signatures", ".xml"));
    match declared {
        Some(_) if is_kazakh => Err(FormatError::malformed("a container of two kinds")),
        Some(format) => Ok(format),
        None if is_kazakh && (is_simple || is_extended || is_xades) => {
            Err(FormatError::malformed("a container of two kinds"))
        }
        None if is_kazakh => Ok(Format::KazakhZip),
        None if is_extended => Ok(Format::AsicE),
        None if is_simple && archive.names().filter(|name| is_content(name)).count() == 1 => Ok(Format::AsicS),
        None if is_xades => Ok(Format::AsicE),
        None => Err(FormatError::NoSignature),
    }
}

fn is_there(archive: &Archive<'_>, name: &str) -> bool {
    archive.has(&format!("{META_INF}{name}"))
}

/// What `mimetype` says.
fn declared(archive: &Archive<'_>) -> Result<Option<Format>, FormatError> {
    if !archive.has(MIME_TYPE) {
        return Ok(None);
    }
    let Some((MIME_TYPE, content)) = archive.plain_first() else {
        return Err(FormatError::malformed("mimetype is not the first file, stored and without extra fields"));
    };
    match content.trim_ascii_end() {
        b"application/vnd.etsi.asic-s+zip" => Ok(Some(Format::AsicS)),
        b"application/vnd.etsi.asic-e+zip" => Ok(Some(Format::AsicE)),
        _ => Err(FormatError::Unsupported("a container of another kind than ASiC".into())),
    }
}
