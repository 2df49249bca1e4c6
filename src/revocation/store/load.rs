//! What a source holds at the start: from the index files of the data directory where they are good, else from the lists
//! themselves, whose indexes are then written.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::audit::Unaudited;
use super::held::Held;
use super::{LoadError, Store, remembered};
use crate::clock::Time;
use crate::revocation::disk::{Disk, files_of, index_beside};
use crate::revocation::error::ListError;
use crate::revocation::index::Index;
use crate::revocation::list::{Accepted, DerList, ListBytes, ListFile, ParsedList, RevocationList};
use crate::revocation::source::{Origin, Source};
use crate::revocation::stored::{self, Fingerprint, Stored, StoredError};

/// Most files of one folder that are read as lists.
const MAX_FILES: usize = 1024;

/// Lists in files of the operator's get an index file from so many octets on; smaller ones are read faster than an index
/// is synced.
const WORTH_AN_INDEX: usize = 1 << 20;

/// Most times that the folder of stored lists is listed again because another process has stored or removed some meanwhile.
const MAX_LISTINGS: usize = 16;

/// A list in a file, with where its index is kept.
struct Place<'a> {
    /// The file that holds the list itself.
    list: &'a Path,
    /// Its index, when there is a data directory.
    index: Option<&'a Path>,
    /// What the list is said to come from.
    source: &'a Source,
    /// What an operator knows it by.
    name: String,
}

impl Store {
    pub(super) fn load_source(&self, source: Source, now: Time) -> Held {
        let mut held = Held::new(source);
        match held.source.origin() {
            Origin::Path(path) => {
                held.last_attempt = Some(now);
                match files_of(path) {
                    Ok(files) => {
                        for file in files.iter().take(MAX_FILES) {
                            let source = Source::path(file).of_deltas(held.source.is_delta());
                            let index = self.disk.as_ref().map(|disk| disk.index_of_file(&source));
                            let name = file.display().to_string();
                            let place = Place { list: file, index: index.as_deref(), source: &source, name };
                            self.load_list(&place, WORTH_AN_INDEX, &mut held);
                        }
                    }
                    Err(error) => held.errors.push((path.display().to_string(), error.into())),
                }
                held.last_success = held.errors.is_empty().then_some(now);
            }
            Origin::Embedded(name, bytes) => {
                let (source, name) = (held.source.clone(), (*name).to_owned());
                held.last_attempt = Some(now);
                let lists = self.read_lists(bytes.to_vec(), &source, &name, &mut held);
                held.lists.extend(lists.into_iter().map(|(list, _)| Arc::new(list)));
                held.last_success = held.errors.is_empty().then_some(now);
            }
            Origin::Urls(_) => {
                if let Some(disk) = &self.disk {
                    self.load_copies(disk, &mut held);
                    held.drop_superfluous();
                    held.leave_lapsed(now);
                    let source = held.source.clone();
                    remembered::recall(disk.folder(), &source, &mut held.mirrors);
                }
            }
            Origin::Request(_) => {}
        }
        held
    }

    /// Reads the copies of an address. They are listed again until nothing is new: a copy that goes while others are read
    /// does so for a newer one.
    fn load_copies(&self, disk: &Disk, held: &mut Held) {
        let source = held.source.clone();
        let mut read = BTreeSet::new();
        for _ in 0..MAX_LISTINGS {
            let unread: Vec<_> = disk.copies(&source).into_iter().filter(|copy| read.insert(copy.clone())).collect();
            if unread.is_empty() {
                return;
            }
            for copy in unread {
                let (index, name) = (index_beside(&copy), "the stored copy".to_owned());
                let place = Place { list: &copy, index: Some(&index), source: &source, name };
                let (lists, rejected, errors) = (held.lists.len(), held.rejected.len(), held.errors.len());
                self.load_list(&place, 0, held);
                let found = held.lists.split_off(lists);
                let is_broken = found.is_empty()
                    && held.rejected.len() == rejected
                    && held.errors.iter().skip(errors).any(|(_, error)| is_no_list(error));
                if is_broken {
                    held.copies.broken.push(copy);
                    continue;
                }
                for list in found {
                    let same = held.lists.iter().find(|there| there.sha256() == list.sha256()).cloned();
                    held.copies.add(copy.clone(), same.clone().unwrap_or_else(|| Arc::clone(&list)));
                    held.lists.extend(same.is_none().then_some(list));
                }
            }
        }
    }

    /// From its index, or else from itself; an index is written of a list of so many octets.
    fn load_list(&self, place: &Place<'_>, worth_an_index: usize, held: &mut Held) {
        if let Some(list) = self.open_index(place) {
            let list = Arc::new(list);
            let unaudited = Unaudited {
                source: held.source.clone(),
                file: place.list.to_owned(),
                index: place.index.map(Path::to_owned).unwrap_or_default(),
                list: Arc::clone(&list),
            };
            self.unaudited().push(unaudited);
            held.lists.push(list);
            return;
        }
        let bytes = match ListFile::read(place.list, self.max_bytes) {
            Ok(file) => file.bytes,
            // Whoever writes has removed it because there is a newer one.
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_address(place.source) => return,
            Err(error) => return held.errors.push((place.name.clone(), error.into())),
        };
        // The index of a file stands for the file: octet by octet the list, and nothing else in it.
        let is_der = bytes.as_bytes().first() == Some(&0x30);
        for accepted in self.read_lists(bytes, place.source, &place.name, held) {
            let list = match place.index {
                Some(index) if is_der && accepted.1.as_der().len() >= worth_an_index => {
                    self.with_stored_index(index, accepted)
                }
                _ => accepted.0,
            };
            held.lists.push(Arc::new(list));
        }
    }

    /// The list of an index file, if that is sound and of this list.
    fn open_index(&self, place: &Place<'_>) -> Option<RevocationList> {
        let index = place.index.filter(|_| self.disk.as_ref().is_some_and(Disk::is_private))?;
        let opened = Fingerprint::of_file(place.list)
            .map_err(StoredError::from)
            .and_then(|list| Stored::open(index, list))
            .and_then(|stored| RevocationList::opened(&stored, place.source.clone(), &self.issuers));
        match opened {
            Ok(list) => Some(list),
            Err(StoredError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(%error, index = %index.display(), "a stored index is not used; the list is read instead");
                None
            }
        }
    }

    /// Reads and verifies what one file holds; what is wrong is kept with the source.
    pub(super) fn read_lists(
        &self,
        bytes: impl Into<ListBytes>,
        source: &Source,
        name: &str,
        held: &mut Held,
    ) -> Vec<Accepted> {
        let mut good = Vec::new();
        match ParsedList::accept_all(bytes, source, self.max_bytes, &self.issuers) {
            Ok(lists) => {
                for list in lists {
                    match list {
                        Ok(accepted) => good.push(accepted),
                        Err(failed) => {
                            let (list, error) = *failed;
                            held.rejected.push((list.issuer().clone(), Arc::new(error.clone())));
                            held.errors.push((name.to_owned(), error.into()));
                        }
                    }
                }
            }
            Err(error) => held.errors.push((name.to_owned(), LoadError::from(error))),
        }
        good
    }

    /// Writes the index of a list, where this process is the one that writes, and answers from it.
    pub(super) fn with_stored_index(&self, path: &Path, (list, der): Accepted) -> RevocationList {
        match self.store_index(path, &list, &der) {
            Some((index, foreign)) => list.with_indexes(index, foreign),
            None => list,
        }
    }

    /// Writes the index of a list, where this process is the one that writes, and opens it.
    pub(super) fn store_index(
        &self,
        path: &Path,
        list: &RevocationList,
        der: &DerList,
    ) -> Option<(Index, Option<Index>)> {
        let ours = |disk: &&Disk| disk.is_private() && self.may_write() && stored::can_store(list);
        let disk = self.disk.as_ref().filter(ours)?;
        let index = disk
            .replace(path, |file| stored::write(list, der, file))
            .map_err(StoredError::from)
            .and_then(|()| Stored::open(path, Fingerprint::of(der.as_der())))
            .and_then(|stored| stored.indexes());
        index
            .inspect_err(|error| {
                tracing::warn!(%error, index = %path.display(), "an index could not be stored; the list is answered from memory");
            })
            .ok()
    }
}

fn is_address(source: &Source) -> bool {
    matches!(source.origin(), Origin::Urls(_))
}

/// Whether a file holds no list at all, whoever is known and whatever is accepted.
fn is_no_list(error: &LoadError) -> bool {
    let is_none = |error: &ListError| {
        matches!(error, ListError::Armour(_) | ListError::Der(_) | ListError::Empty | ListError::Structure(_))
    };
    matches!(error, LoadError::List(error) if is_none(error))
}
