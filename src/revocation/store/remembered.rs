//! What answers are recognised by, `<data>/revocation/<id of its source>.mirrors`, so that a restart does not download a
//! list that is there already. Losing it costs one download, so whatever is wrong with the file counts as losing it.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::mirrors::{Known, Mirrors};
use crate::fetch::Validators;
use crate::revocation::source::Source;

/// Largest such file in octets: some hundred mirrors.
const MAX_BYTES: u64 = 64 << 10;

/// The form of the file; another is as good as none.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Remembered {
    version: u32,
    worked: usize,
    mirrors: Vec<RememberedMirror>,
}

#[derive(Serialize, Deserialize)]
struct RememberedMirror {
    url: Box<str>,
    #[serde(flatten)]
    validators: Validators,
    sha256: Box<str>,
}

fn path_of(folder: &Path, source: &Source) -> PathBuf {
    folder.join(format!("{}.mirrors", source.id()))
}

/// Reads into `mirrors` what was stored about those with the same addresses.
pub(super) fn recall(folder: &Path, source: &Source, mirrors: &mut Mirrors) {
    let mut bytes = Vec::new();
    let read = File::open(path_of(folder, source)).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
    // What is cut off at the limit is not JSON any more.
    let remembered = read.ok().and_then(|_| serde_json::from_slice::<Remembered>(&bytes).ok());
    let Some(remembered) = remembered.filter(|remembered| remembered.version == VERSION) else { return };
    for there in remembered.mirrors {
        if let Some(mirror) = mirrors.all.iter_mut().find(|mirror| mirror.url == there.url) {
            let validators = there.validators.checked();
            let known = Known { validators, sha256: (*there.sha256).into() };
            mirror.known = Some(known).filter(|known| !known.validators.is_empty());
        }
    }
    mirrors.worked = if remembered.worked < mirrors.all.len() { remembered.worked } else { 0 };
}

/// What [`recall`] will read.
pub(super) fn encode(mirrors: &Mirrors) -> Vec<u8> {
    let remembered = Remembered {
        version: VERSION,
        worked: mirrors.worked,
        mirrors: mirrors
            .all
            .iter()
            .filter_map(|mirror| {
                let Known { validators, sha256 } = mirror.known.clone()?;
                Some(RememberedMirror { url: mirror.url.clone(), validators, sha256: (*sha256).into() })
            })
            .collect(),
    };
    // Texts and numbers can always be written; an empty file would be as good as none.
    serde_json::to_vec(&remembered).unwrap_or_default()
}

/// Writes it to a name that nobody else uses, synced, then renamed over the old one.
pub(super) fn keep(folder: &Path, source: &Source, bytes: &[u8]) -> io::Result<()> {
    let unique = RandomState::new().hash_one(std::process::id());
    let temporary = folder.join(format!("{}.{unique:016x}.tmp", source.id()));
    let written = write_synced(&temporary, bytes).and_then(|()| fs::rename(&temporary, path_of(folder, source)));
    if written.is_err() {
        // Nothing more can be done about a file that does not go away; the first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Time;

    #[test]
    fn validators_come_back_and_a_broken_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::urls(&["http://a/x", "http://b/x"]).unwrap();
        let mut mirrors = Mirrors::of(&source);
        let validators = Validators::new(Some("\"1\""), None);
        let known = Known { validators, sha256: "00ff".into() };
        mirrors.succeeded("http://b/x", Some(known.clone()), Time::from_unix(0));
        keep(folder.path(), &source, &encode(&mirrors)).unwrap();
        let recalled = || {
            let mut mirrors = Mirrors::of(&source);
            recall(folder.path(), &source, &mut mirrors);
            (mirrors.worked, mirrors.all.into_iter().map(|mirror| mirror.known).collect::<Vec<_>>())
        };
        assert_eq!(recalled(), (1, vec![None, Some(known)]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let path = path_of(folder.path(), &source);
        let whole = fs::read(&path).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        let mut broken: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
        broken.push(text.replace("\"version\":1", "\"version\":2").into_bytes());
        broken.push(vec![b' '; (64 << 10) + 1]);
        for bytes in broken {
            fs::write(&path, bytes).unwrap();
            assert_eq!(recalled(), (0, vec![None, None]));
        }
        fs::write(&path, text.replace("\"worked\":1", "\"worked\":7").replace("\\\"1\\\"", "a\\r\\nb")).unwrap();
        assert_eq!(recalled(), (0, vec![None, None]), "nothing that could break a request is sent");
    }
}
