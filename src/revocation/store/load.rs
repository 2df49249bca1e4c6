//! What a source holds at the start: from the index files of the data directory where they are good, else from the lists
//! themselves, whose indexes are then written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::audit::Unaudited;
use super::held::Held;
use super::{LoadError, Store, before, remembered};
use crate::clock::Time;
use crate::revocation::disk::{Disk, files_of, index_beside, remove_copy};
use crate::revocation::list::{Accepted, ListBytes, ListFile, ParsedList, RevocationList};
use crate::revocation::source::{Origin, Source};
use crate::revocation::stored::{self, Fingerprint, Stored, StoredError};

/// Most files of one folder that are read as lists.
const MAX_FILES: usize = 1024;

/// Lists in files of the operator's get an index file from so many octets on; smaller ones are read faster than an index
/// is synced.
const WORTH_AN_INDEX: usize = 1 << 20;

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
                let source = held.source.clone();
                let mut copies = Vec::new();
                for copy in self.disk.as_ref().map(|disk| disk.copies(&source)).unwrap_or_default() {
                    let (index, name) = (index_beside(&copy), "the stored copy".to_owned());
                    let place = Place { list: &copy, index: Some(&index), source: &source, name };
                    let before = held.lists.len();
                    self.load_list(&place, 0, &mut held);
                    copies.extend(held.lists.iter().skip(before).map(|list| (copy.clone(), Arc::clone(list))));
                }
                self.name_anew(&copies, &mut held);
                held.leave_lapsed(now);
                if let Some(disk) = &self.disk {
                    remembered::recall(disk.folder(), &source, &mut held.mirrors);
                }
            }
            Origin::Request(_) => {}
        }
        held
    }

    /// Gives copies that another version named otherwise the names they have now, and removes those that a newer one follows:
    /// nothing would ever take their place.
    fn name_anew(&self, copies: &[(PathBuf, Arc<RevocationList>)], held: &mut Held) {
        let Some(disk) = self.disk.as_ref().filter(|_| self.may_write()) else { return };
        for (copy, list) in copies.iter().filter(|(copy, list)| !disk.is_name_of(copy, &held.source, &list.tag())) {
            let stays = held.stays_beside_newer(list);
            let follows = |other: &Arc<RevocationList>| {
                let lacks = list.lacks_numbers();
                let rank = if lacks { other.rank_by_date(list) } else { other.rank_against(list) };
                !Arc::ptr_eq(other, list) && other.tag() == list.tag() && rank.is_ge()
            };
            let name = stays.then(|| before::name_beside(list));
            if !stays && held.lists.iter().any(follows) {
                held.lists.retain(|there| !Arc::ptr_eq(there, list));
                self.unaudited().retain(|unaudited| unaudited.file != *copy);
                remove_copy(copy);
            } else if let Some(to) = disk.name_anew(copy, &held.source, &list.tag(), name.as_deref()) {
                for unaudited in self.unaudited().iter_mut().filter(|unaudited| unaudited.file == *copy) {
                    unaudited.index = index_beside(&to);
                    unaudited.file.clone_from(&to);
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
        let ours = |disk: &&Disk| disk.is_private() && self.may_write() && stored::can_store(&list);
        let Some(disk) = self.disk.as_ref().filter(ours) else { return list };
        let index = disk
            .replace(path, |file| stored::write(&list, &der, file))
            .map_err(StoredError::from)
            .and_then(|()| Stored::open(path, Fingerprint::of(der.as_der())))
            .and_then(|stored| stored.indexes());
        match index {
            Ok((index, foreign)) => list.with_indexes(index, foreign),
            Err(error) => {
                tracing::warn!(%error, index = %path.display(), "an index could not be stored; the list is answered from memory");
                list
            }
        }
    }
}
