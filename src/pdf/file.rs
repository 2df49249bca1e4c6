//! A PDF file as a row of revisions, and its objects as one of them sees them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use lopdf::{Dictionary, Object};

use super::lexer::Lexer;
use super::object::{self, Item};
use super::xref::{self, Entry, Section};
use crate::signed::FormatError;

/// Unpacked octets of all object streams together.
const MAX_UNPACKED: usize = 128 * 1024 * 1024;
/// Objects in one object stream; writers use a hundred or two.
const MAX_MEMBERS: usize = 100_000;
/// How often a file may be walked over, all in all: each signature walks over the objects of its revision once.
const MAX_WALKS: usize = 32;

/// Entries of all revisions that are looked at together, each with what it has from those before: twenty signatures under
/// a hundred thousand objects.
const MAX_HELD: usize = 2_000_000;

/// An object's number and generation.
pub(super) type Id = (u32, u16);

/// An unpacked object stream: its bytes, and number and offset of each member.
struct Container {
    bytes: Vec<u8>,
    members: Vec<(u32, usize)>,
}

/// A file.
pub(super) struct File<'a> {
    /// All of it.
    pub(super) bytes: &'a [u8],
    /// Newest first.
    sections: Vec<Section>,
    /// By the offset of the object stream.
    containers: RefCell<BTreeMap<usize, Rc<Container>>>,
    unpacked: Cell<usize>,
    held: Cell<usize>,
    work: Cell<usize>,
}

/// The file as one revision sees it.
pub(super) struct State<'f, 'a> {
    /// The file.
    pub(super) file: &'f File<'a>,
    /// The first section that counts.
    newest: usize,
    /// Where the revision ends.
    pub(super) end: usize,
    entries: BTreeMap<u32, Entry>,
}

fn fault(what: &'static str) -> FormatError {
    FormatError::malformed(format!("PDF: {what}"))
}

impl<'a> File<'a> {
    /// Reads the cross references of a file.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, FormatError> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(fault("does not begin with %PDF-"));
        }
        Ok(Self {
            bytes,
            sections: xref::sections(bytes)?,
            containers: RefCell::default(),
            unpacked: Cell::new(0),
            held: Cell::new(0),
            work: Cell::new(bytes.len().saturating_mul(MAX_WALKS).saturating_add(1 << 20)),
        })
    }

    /// The newest state.
    pub(super) fn newest(&self) -> Result<State<'_, 'a>, FormatError> {
        self.state(0, self.bytes.len())
    }

    /// The state of the revision that ends at an offset; `None` when none does.
    pub(super) fn revision(&self, end: usize) -> Result<Option<State<'_, 'a>>, FormatError> {
        let start = self.bytes.get(..end).and_then(xref::start);
        match start.and_then(|start| self.sections.iter().position(|section| section.at == start)) {
            Some(newest) => self.state(newest, end).map(Some),
            None => Ok(None),
        }
    }

    fn state(&self, newest: usize, end: usize) -> Result<State<'_, 'a>, FormatError> {
        let mut entries = BTreeMap::new();
        for section in self.sections.iter().skip(newest) {
            if section.at >= end {
                return Err(fault("a revision that refers to bytes after its end"));
            }
            for (number, entry) in &section.entries {
                if matches!(entry, Entry::At { offset, .. } if *offset >= end) {
                    return Err(fault("a revision that refers to bytes after its end"));
                }
                entries.entry(*number).or_insert(*entry);
            }
        }
        self.held.set(self.held.get().saturating_add(entries.len()));
        if self.held.get() > MAX_HELD {
            return Err(FormatError::TooMuch { what: "objects in all revisions of a PDF", limit: MAX_HELD as u64 });
        }
        Ok(State { file: self, newest, end, entries })
    }

    fn spend(&self, octets: usize) -> Result<(), FormatError> {
        let left = self.work.get().checked_sub(octets);
        self.work.set(left.ok_or(FormatError::TooMuch { what: "walks over a PDF", limit: MAX_WALKS as u64 })?);
        Ok(())
    }
}

impl<'f, 'a> State<'f, 'a> {
    /// The trailer.
    pub(super) fn trailer(&self) -> Option<&'f Dictionary> {
        self.section().map(|section| &section.trailer)
    }

    /// Its cross-reference section.
    pub(super) fn section(&self) -> Option<&'f Section> {
        self.file.sections.get(self.newest)
    }

    /// The highest object number in use or freed; 0 when there is none.
    pub(super) fn highest(&self) -> u32 {
        self.entries.last_key_value().map_or(0, |(number, _)| *number)
    }

    /// Whether nothing was added after this revision.
    pub(super) fn is_newest(&self) -> bool {
        self.newest == 0
    }

    /// Where an object lies; nothing when it is not the generation asked for.
    pub(super) fn entry(&self, (number, generation): Id) -> Entry {
        match self.entries.get(&number) {
            Some(Entry::At { generation: own, .. }) if *own != generation => Entry::Free,
            Some(Entry::Inside { .. }) if generation != 0 => Entry::Free,
            Some(entry) => *entry,
            None => Entry::Free,
        }
    }

    /// Whether there is an object of that number, and of another generation than the one asked for.
    pub(super) fn has_other_generation(&self, id: Id) -> bool {
        let there = self.entries.get(&id.0).is_some_and(|entry| *entry != Entry::Free);
        there && self.entry(id) == Entry::Free
    }

    /// Whether an object is the same bytes in another state.
    pub(super) fn same(&self, other: &State<'_, '_>, id: Id) -> bool {
        let (own, theirs) = (self.entry(id), other.entry(id));
        let container_same = match own {
            Entry::Inside { container, .. } => self.entry((container, 0)) == other.entry((container, 0)),
            _ => true,
        };
        own == theirs && container_same
    }

    /// An object; `None` when there is none, which counts as null.
    pub(super) fn get(&self, id: Id) -> Result<Option<Item>, FormatError> {
        let item = match self.entry(id) {
            Entry::Free => return Ok(None),
            Entry::At { offset, .. } => self.at(offset, id)?,
            Entry::Inside { container, index } => self.inside(container, index, id.0)?,
        };
        self.file.spend(item.cost)?;
        Ok(Some(item))
    }

    fn at(&self, offset: usize, id: Id) -> Result<Item, FormatError> {
        let visible = self.file.bytes.get(..self.end).unwrap_or_default();
        let length = |id: Id| match self.entry(id) {
            Entry::At { offset, .. } => {
                let (_, item) = object::item(visible, offset, Some(id), |_| None).ok()?;
                self.file.spend(item.cost).ok()?;
                item.object.as_i64().ok().and_then(|length| usize::try_from(length).ok())
            }
            _ => None,
        };
        Ok(object::item(visible, offset, Some(id), length)?.1)
    }

    fn inside(&self, container: u32, index: u32, number: u32) -> Result<Item, FormatError> {
        let (container, offset) = self.member(container, index, number)?;
        object::value(&container.bytes, &mut Lexer::at(&container.bytes, offset))
    }

    /// The object stream that an object is in, and where there.
    fn member(&self, container: u32, index: u32, number: u32) -> Result<(Rc<Container>, usize), FormatError> {
        let Entry::At { offset, .. } = self.entry((container, 0)) else {
            return Err(fault("an object stream that is not there"));
        };
        let known = self.file.containers.borrow().get(&offset).cloned();
        let container = match known {
            Some(container) => container,
            None => {
                let read = Rc::new(self.unpack(self.at(offset, (container, 0))?)?);
                self.file.containers.borrow_mut().insert(offset, Rc::clone(&read));
                read
            }
        };
        let member = usize::try_from(index).ok().and_then(|index| container.members.get(index));
        match member {
            Some(&(own, offset)) if own == number => Ok((container, offset)),
            _ => Err(fault("another object than the cross references say")),
        }
    }

    /// An object as it is written, to be written anew with a change; `None` when there is none.
    pub(super) fn source(&self, id: Id) -> Result<Option<Vec<u8>>, FormatError> {
        let Some(item) = self.get(id)? else { return Ok(None) };
        if item.content.is_some() {
            return Err(fault("a stream where another object should stand"));
        }
        let text = match self.entry(id) {
            Entry::Inside { container, index } => {
                self.member(container, index, id.0)?.0.bytes.get(item.span).map(<[u8]>::to_vec)
            }
            _ => self.file.bytes.get(item.span).map(<[u8]>::to_vec),
        };
        Ok(text)
    }

    fn unpack(&self, item: Item) -> Result<Container, FormatError> {
        let (Object::Dictionary(dictionary), Some(content)) = (item.object, item.content) else {
            return Err(fault("an object stream that is none"));
        };
        if !dictionary.has_type(b"ObjStm") {
            return Err(fault("an object stream that is none"));
        }
        let content = self.file.bytes.get(content).unwrap_or_default();
        let bytes = object::decode(&dictionary, content, MAX_UNPACKED - self.file.unpacked.get())?;
        self.file.unpacked.set(self.file.unpacked.get() + bytes.len());
        let number = |key: &[u8]| {
            dictionary.get(key).and_then(Object::as_i64).ok().and_then(|number| usize::try_from(number).ok())
        };
        let (count, first) = number(b"N").zip(number(b"First")).ok_or_else(|| fault("a broken object stream"))?;
        if count > MAX_MEMBERS {
            return Err(FormatError::TooMuch { what: "objects in a PDF object stream", limit: MAX_MEMBERS as u64 });
        }
        let mut lexer = Lexer::at(bytes.get(..first).unwrap_or_default(), 0);
        let mut members = Vec::new();
        for _ in 0..count {
            let mut next = || {
                lexer.skip_space();
                lexer.unsigned().ok_or_else(|| fault("a broken object stream"))
            };
            let (number, offset) = (next()?, next()?);
            let offset = usize::try_from(offset).ok().and_then(|offset| first.checked_add(offset));
            members.push((
                u32::try_from(number).map_err(|_| fault("a broken object stream"))?,
                offset.ok_or_else(|| fault("a broken object stream"))?,
            ));
        }
        let mut numbers: Vec<u32> = members.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        if numbers.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(fault("an object that stands twice in an object stream"));
        }
        Ok(Container { bytes, members })
    }

    /// The value behind a reference, or the value itself.
    pub(super) fn resolve(&self, object: &Object) -> Result<Object, FormatError> {
        match object {
            Object::Reference(id) => match self.get(*id)?.map(|item| item.object) {
                // A reference to a reference is not a thing (7.3.10).
                Some(Object::Reference(_)) => Err(fault("a reference to a reference")),
                Some(object) => Ok(object),
                None => Ok(Object::Null),
            },
            object => Ok(object.clone()),
        }
    }

    /// An entry of a dictionary, resolved; null when absent.
    pub(super) fn entry_of(&self, dictionary: &Dictionary, key: &[u8]) -> Result<Object, FormatError> {
        dictionary.get(key).map_or(Ok(Object::Null), |object| self.resolve(object))
    }

    /// The content of a stream as it stands in the file.
    pub(super) fn raw(&self, item: &Item) -> Option<&'a [u8]> {
        item.content.clone().and_then(|content| self.file.bytes.get(content))
    }

    /// The content of a stream, unpacked.
    pub(super) fn content(&self, item: &Item, limit: usize) -> Result<Option<Vec<u8>>, FormatError> {
        match (&item.object, &item.content) {
            (Object::Dictionary(dictionary), Some(content)) => {
                let content = self.file.bytes.get(content.clone()).unwrap_or_default();
                self.file.spend(content.len())?;
                object::decode(dictionary, content, limit).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The document catalog, and its number.
    pub(super) fn catalog(&self) -> Result<(Id, Dictionary), FormatError> {
        let root = self.trailer().and_then(|trailer| trailer.get(b"Root").ok()?.as_reference().ok());
        let root = root.ok_or_else(|| fault("a trailer without a catalog"))?;
        match self.get(root)?.map(|item| item.object) {
            Some(Object::Dictionary(catalog)) => Ok((root, catalog)),
            _ => Err(fault("no document catalog")),
        }
    }
}
