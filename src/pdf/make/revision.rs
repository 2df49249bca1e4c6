//! A revision that is appended to a file: objects that are new or written anew, and the cross references to them.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::Object;

use super::section;
use super::text;
use crate::pdf::file::{Id, State};
use crate::signed::{FormatError, MakeError};

/// The highest object number that readers have to bear (ISO 32000-1 annex C).
const MAX_OBJECT: u32 = 8_388_607;

/// Objects of a new revision.
pub(super) struct Revision<'s, 'f, 'a> {
    /// The newest state so far.
    pub(super) state: &'s State<'f, 'a>,
    /// Number to generation and text.
    objects: BTreeMap<u32, (u16, Vec<u8>)>,
    /// Objects that are being changed: one that comes up within its own change has two roles.
    open: BTreeSet<Id>,
    next: u32,
}

/// What is appended to a file.
pub(super) struct Appended {
    /// The octets.
    pub(super) bytes: Vec<u8>,
    /// Where the text of each object ends in them.
    pub(super) ends: BTreeMap<u32, usize>,
}

pub(super) fn fault(what: &'static str) -> MakeError {
    FormatError::malformed(format!("PDF: {what}")).into()
}

impl<'s, 'f, 'a> Revision<'s, 'f, 'a> {
    /// Nothing changed yet.
    pub(super) fn new(state: &'s State<'f, 'a>) -> Self {
        // Numbers that the file says to be free: what refers to one of those by mistake is not to find something there now.
        let size = state.trailer().and_then(|trailer| trailer.get(b"Size").ok()?.as_i64().ok());
        let size = size.and_then(|size| u32::try_from(size).ok()).filter(|size| *size < MAX_OBJECT);
        let next = size.unwrap_or_default().max(state.highest().saturating_add(1));
        Self { state, objects: BTreeMap::new(), open: BTreeSet::new(), next }
    }

    /// Takes the number of a new object.
    pub(super) fn reserve(&mut self) -> Result<Id, MakeError> {
        let number = self.next;
        if number > MAX_OBJECT {
            return Err(MakeError::Document(format!("it has object numbers beyond {MAX_OBJECT}")));
        }
        self.next += 1;
        Ok((number, 0))
    }

    /// Writes an object.
    pub(super) fn put(&mut self, (number, generation): Id, text: Vec<u8>) {
        self.objects.insert(number, (generation, text));
    }

    /// Adds an object.
    pub(super) fn add(&mut self, text: Vec<u8>) -> Result<Id, MakeError> {
        let id = self.reserve()?;
        self.put(id, text);
        Ok(id)
    }

    /// The text of an object as it is by now; `None` when there is none.
    pub(super) fn text(&self, id: Id) -> Result<Option<Vec<u8>>, MakeError> {
        match self.objects.get(&id.0) {
            Some((generation, text)) if *generation == id.1 => Ok(Some(text.clone())),
            Some(_) => Err(fault("an object under two generations")),
            None => Ok(self.state.source(id)?),
        }
    }

    /// Changes an object.
    pub(super) fn edit(
        &mut self,
        id: Id,
        change: impl FnOnce(&mut Self, Option<Vec<u8>>) -> Result<Vec<u8>, MakeError>,
    ) -> Result<(), MakeError> {
        if !self.open.insert(id) {
            return Err(MakeError::Document(format!("object {} has two roles in it", id.0)));
        }
        let before = self.text(id)?;
        let after = change(self, before.clone())?;
        if before.as_ref() != Some(&after) {
            self.put(id, after);
        }
        self.open.remove(&id);
        Ok(())
    }

    /// Changes an entry of a dictionary, wherever its value lies: what is an object of its own stays one.
    pub(super) fn edit_entry(
        &mut self,
        dictionary: Vec<u8>,
        key: &str,
        change: impl FnOnce(&mut Self, Option<Vec<u8>>) -> Result<Vec<u8>, MakeError>,
    ) -> Result<Vec<u8>, MakeError> {
        let before = match text::entry(&dictionary, key.as_bytes())? {
            Some((Object::Reference(id), _)) if self.is_there(id)? => {
                self.edit(id, change)?;
                return Ok(dictionary);
            }
            None | Some((Object::Null | Object::Reference(_), _)) => None,
            Some((_, place)) => dictionary.get(place).map(<[u8]>::to_vec),
        };
        let after = change(self, before.clone())?;
        if before.as_ref() == Some(&after) {
            return Ok(dictionary);
        }
        Ok(text::with_entry(&dictionary, key, &after)?)
    }

    fn is_there(&self, id: Id) -> Result<bool, MakeError> {
        Ok(match self.text(id)? {
            Some(text) => text::parse(&text)?.object != Object::Null,
            None => false,
        })
    }

    /// Appends a reference to the array in an entry, unless it has it already: two entries may share one array.
    pub(super) fn push(&mut self, dictionary: Vec<u8>, key: &str, id: Id) -> Result<Vec<u8>, MakeError> {
        self.edit_entry(dictionary, key, |_, array| {
            let array = array.unwrap_or_else(|| b"[]".to_vec());
            match text::parse(&array)?.object {
                Object::Array(elements) if elements.contains(&Object::Reference(id)) => Ok(array),
                Object::Array(_) => Ok(text::with_element(&array, &text::reference(id))?),
                _ => Err(fault("something else where an array should stand")),
            }
        })
    }

    /// Writes it all down, to stand at the end of the file.
    pub(super) fn finish(self) -> Result<Appended, MakeError> {
        let start = self.state.file.bytes.len();
        let mut bytes = Vec::new();
        if !self.state.file.bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        let mut offsets = BTreeMap::new();
        let mut ends = BTreeMap::new();
        for (number, (generation, text)) in &self.objects {
            offsets.insert(*number, (start + bytes.len(), *generation));
            bytes.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
            bytes.extend_from_slice(text);
            ends.insert(*number, bytes.len());
            bytes.extend_from_slice(b"\nendobj\n");
        }
        section::append(self.state, offsets, self.next, &mut bytes)?;
        Ok(Appended { bytes, ends })
    }
}
