//! `--out`: a list into a file of the operator's, under the rules for what may replace what.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Write as _};
use std::path::Path;

use super::super::super::input;
use super::super::super::status::Failure;
use super::super::sources::Opened;
use crate::clock::{Clock as _, SystemClock};
use crate::der::armour::{self, Label};
use crate::fetch::{Client, Fetch as _, Limits};
use crate::revocation::{ListError, LoadError, Offer, ParsedList, Source, Store, StoreOptions};

/// A store of the one source, kept nowhere, that holds what is in the file: an older list is to be refused.
pub fn store(opened: &Opened, source: &Source, out: &Path) -> Result<Store, Failure> {
    let now = SystemClock.now();
    let mut options = StoreOptions::new(opened.issuers.clone());
    options.max_bytes = opened.store.max_bytes();
    let store = Store::load(vec![source.clone()], options, now);
    if out.exists() {
        let bytes = input::read_any("--out", out, input::MAX_LIST)?;
        if !bytes.is_empty() && ParsedList::read_limited(bytes.clone(), source.clone(), input::MAX_LIST).is_err() {
            return Err(Failure::new(input::label("--out", out), "is there, and is no revocation list")
                .remedy("name another file; this one would be overwritten"));
        }
        // One that does not hold is no reason to keep it.
        let _held = store.offer(source, bytes, now);
    }
    Ok(store)
}

/// Tries the mirrors in turn until one has a list that may go into the file; the list, in DER, when it is to be written.
///
/// # Errors
///
/// In words; the store knows the cause.
pub async fn fetch(store: &Store, client: &Client, source: &Source) -> Result<(Offer, Vec<u8>), String> {
    let limits = Limits { body: store.max_bytes(), ..Limits::LIST };
    let mut last = LoadError::Stopped;
    for url in source.mirrors() {
        let attempt = match client.get(url, limits).await {
            Ok(body) => take(store, source, body),
            Err(error) => Err(error.into()),
        };
        match attempt {
            Ok(taken) => return Ok(taken),
            // That a mirror lies is worth more to know than that another is silent.
            Err(error) if error.cause().is_refusal() || !last.cause().is_refusal() => last = error,
            Err(_) => {}
        }
    }
    let told = last.to_string();
    store.record_failure(source, last, SystemClock.now());
    Err(told)
}

/// Nothing else runs here that would wait while a list is read.
fn take(store: &Store, source: &Source, body: Vec<u8>) -> Result<(Offer, Vec<u8>), LoadError> {
    let der = armour::decode_one(&body, Label::Crl).map_err(ListError::from)?;
    let offer = store.offer(source, body, SystemClock.now())?;
    Ok((offer, der))
}

/// Writes beside the file, syncs, and renames: a reader finds the whole old or the whole new list. The folder may be one
/// that others write to, such as `/tmp`: the name cannot be guessed, and what is there already is not written through.
pub fn write(out: &Path, der: &[u8]) -> Result<(), Failure> {
    let mut name = out.as_os_str().to_owned();
    name.push(format!(".{:016x}.tmp", RandomState::new().hash_one(std::process::id())));
    let temporary = Path::new(&name);
    let written = File::create_new(temporary)
        .and_then(|mut file| file.write_all(der).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(temporary, out));
    written.map_err(|error: io::Error| {
        // The first error is the one to report.
        let _ = fs::remove_file(temporary);
        Failure::new(input::label("--out", out), format!("cannot be written: {error}"))
            .remedy("name a file in a folder that this user may write to, with room on the disk")
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_put_beside_the_file_by_another_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let (out, precious) = (folder.path().join("list.crl"), folder.path().join("precious"));
        fs::write(&precious, "my diary").unwrap();
        let guessed = folder.path().join(format!("list.crl.{}.tmp", std::process::id()));
        std::os::unix::fs::symlink(&precious, &guessed).unwrap();
        for list in [b"one", b"two"] {
            assert!(write(&out, list).is_ok());
            assert_eq!(fs::read(&out).unwrap(), list);
        }
        assert_eq!(fs::read(&precious).unwrap(), b"my diary");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left over");
    }
}
