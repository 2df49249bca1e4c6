//! What came after a signature: evidence and further signatures, or something that changes the document.
//!
//! The signed revision and the newest state are walked side by side from the catalog. Every object the signed revision
//! reaches must be the same in both, be it because its bytes are the same or because its value is; the only exceptions are
//! the places where later signatures and evidence have to be entered (EN 319 142-1 clause 5.4 and 5.5, ISO 32000-2 section
//! 12.8.2.2.2). References that lead nowhere in the signed revision must still lead nowhere: an object that appears there
//! would change what an old one shows. What only the new state reaches is reached through those exceptions alone.

mod form;

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::file::{Id, State};
use super::object::Item;
use super::xref::Entry;
use crate::signed::FormatError;

/// How many changes are named.
const MAX_NAMED: usize = 8;

/// What differs between two states.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// What may be added to a signed document, in plain English.
    pub(super) allowed: BTreeSet<String>,
    /// Everything else.
    pub(super) others: BTreeSet<String>,
    /// Whether a signature of a person is among what was added.
    pub(super) has_signature: bool,
}

impl Changes {
    fn other(&mut self, what: impl Into<String>) {
        if self.others.len() < MAX_NAMED {
            self.others.insert(what.into());
        } else {
            self.others.insert("more".to_owned());
        }
    }

    fn allow(&mut self, what: impl Into<String>) {
        if self.allowed.len() < MAX_NAMED {
            self.allowed.insert(what.into());
        }
    }
}

/// Entries of the catalog that evidence and signatures add to and that show nothing.
const CATALOG_EXTRAS: [(&[u8], &str); 4] = [
    (b"DSS", "document security store"),
    (b"Extensions", "extensions used"),
    (b"Metadata", "metadata"),
    (b"Version", "version"),
];

/// The walk.
struct Walk<'s, 'f, 'a> {
    old: &'s State<'f, 'a>,
    new: &'s State<'f, 'a>,
    changes: Changes,
    open: Vec<Id>,
    seen: BTreeSet<Id>,
    form: form::Form,
}

/// Compares a signed revision with the newest state.
pub(super) fn between(old: &State<'_, '_>, new: &State<'_, '_>) -> Result<Changes, FormatError> {
    if old.is_newest() {
        return Ok(Changes::default());
    }
    let mut changes = Changes::default();
    let ((old_root, old_catalog), (new_root, new_catalog)) = (old.catalog()?, new.catalog()?);
    if old_root != new_root {
        changes.other("the document catalog was replaced");
        return Ok(changes);
    }
    let form = form::compare(old, new, &old_catalog, &new_catalog, &mut changes)?;
    let mut walk = Walk { old, new, changes, open: Vec::new(), seen: BTreeSet::from([old_root]), form };
    walk.information();
    walk.catalog(&old_catalog, &new_catalog)?;
    while let Some(id) = walk.open.pop() {
        walk.object(id)?;
    }
    Ok(walk.changes)
}

impl Walk<'_, '_, '_> {
    /// The document information, which the trailer refers to, is shown nowhere in the document.
    fn information(&mut self) {
        let of = |state: &State<'_, '_>| state.trailer().and_then(|trailer| trailer.get(b"Info").ok().cloned());
        let (old, new) = (of(self.old), of(self.new));
        let same = old == new
            && match new {
                Some(Object::Reference(id)) => self.old.same(self.new, id),
                _ => true,
            };
        if !same {
            self.changes.allow("document information");
        }
    }

    /// Every entry of the catalog, except where evidence and signatures belong.
    fn catalog(&mut self, old: &Dictionary, new: &Dictionary) -> Result<(), FormatError> {
        let keys: BTreeSet<&Vec<u8>> = old.iter().chain(new.iter()).map(|(key, _)| key).collect();
        for key in keys {
            let (before, after) = (old.get(key).ok(), new.get(key).ok());
            if let Some((_, words)) = CATALOG_EXTRAS.iter().find(|(extra, _)| extra == key) {
                let same_object = match (before, after) {
                    (Some(Object::Reference(id)), Some(Object::Reference(_))) => self.old.same(self.new, *id),
                    _ => true,
                };
                if before != after || !same_object {
                    self.changes.allow(*words);
                }
            } else if key == b"AcroForm" {
                // Compared already; what its unchanged entries refer to is still to be looked at.
                if let Some(Object::Dictionary(form)) = before.map(|form| self.old.resolve(form)).transpose()? {
                    self.seen.extend(before.and_then(|form| form.as_reference().ok()));
                    self.follow_entries(&form, b"Fields");
                    self.open.extend(self.form.old_fields.iter().copied());
                }
            } else if before == after {
                before.into_iter().for_each(|value| self.follow(value));
            } else {
                self.changes.other(format!("catalog entry {}", super::field::text(key)));
            }
        }
        Ok(())
    }

    /// One object that the signed revision reaches.
    fn object(&mut self, id: Id) -> Result<(), FormatError> {
        if !self.seen.insert(id) {
            return Ok(());
        }
        let old = self.old.get(id)?;
        if self.form.filled.contains(&id) {
            // A field that was signed later: compared with the form.
            if let Some(Object::Dictionary(field)) = old.map(|item| item.object) {
                let without = if self.form.stamped.contains(&id) { b"".as_slice() } else { b"AP" };
                self.follow_entries(&field, without);
            }
            return Ok(());
        }
        let same_place = self.old.same(self.new, id);
        if let Some(Object::Dictionary(page)) = old.as_ref().map(|item| &item.object)
            && page.has_type(b"Page")
        {
            if same_place {
                return self.page(id, page, page);
            }
            if let Some(Object::Dictionary(new)) = self.new.get(id)?.map(|item| item.object) {
                return self.page(id, page, &new);
            }
        }
        if !same_place {
            let new = self.new.get(id)?;
            if !equal(self.old, old.as_ref(), self.new, new.as_ref()) {
                self.changes.other(describe(id, old.as_ref().or(new.as_ref())));
                return Ok(());
            }
        }
        // What an object stream is made of must stay too, such as its length.
        if let (Entry::Inside { container, .. }, true) = (self.old.entry(id), same_place) {
            self.open.push((container, 0));
        }
        if let Some(item) = old {
            self.follow(&item.object);
        }
        Ok(())
    }

    /// A page may get the places of later signatures among its annotations, and nothing else.
    fn page(&mut self, id: Id, old: &Dictionary, new: &Dictionary) -> Result<(), FormatError> {
        let keys: BTreeSet<&Vec<u8>> = old.iter().chain(new.iter()).map(|(key, _)| key).collect();
        for key in keys {
            if key != b"Annots" && old.get(key).ok() != new.get(key).ok() {
                self.changes.other(format!("page object {}, entry {}", id.0, super::field::text(key)));
            }
        }
        self.follow_entries(old, b"Annots");
        for holder in [old, new] {
            self.seen.extend(holder.get(b"Annots").ok().and_then(|annotations| annotations.as_reference().ok()));
        }
        let before = super::field::array(self.old, old, b"Annots")?;
        let after = super::field::array(self.new, new, b"Annots")?;
        let (kept, added) = after.split_at(before.len().min(after.len()));
        let only_signatures =
            added.iter().all(|annotation| annotation.as_reference().is_ok_and(|id| self.form.new_places.contains(&id)));
        if kept != before || !only_signatures {
            self.changes.other(format!("annotations of page object {}", id.0));
        }
        before.iter().for_each(|annotation| self.follow(annotation));
        Ok(())
    }

    fn follow_entries(&mut self, dictionary: &Dictionary, except: &[u8]) {
        dictionary.iter().filter(|(key, _)| *key != except).for_each(|(_, value)| self.follow(value));
    }

    /// Notes every reference in a value.
    fn follow(&mut self, value: &Object) {
        match value {
            Object::Reference(id) if !self.seen.contains(id) => self.open.push(*id),
            Object::Array(elements) => elements.iter().for_each(|element| self.follow(element)),
            Object::Dictionary(dictionary) => dictionary.iter().for_each(|(_, value)| self.follow(value)),
            _ => {}
        }
    }
}

/// Whether two objects are the same value, streams octet for octet.
fn equal(old: &State<'_, '_>, before: Option<&Item>, new: &State<'_, '_>, after: Option<&Item>) -> bool {
    match (before, after) {
        (None, None) => true,
        (Some(before), Some(after)) => before.object == after.object && old.raw(before) == new.raw(after),
        // A missing object counts as null (7.3.10).
        (None, Some(one)) | (Some(one), None) => one.object == Object::Null,
    }
}

/// An object for people, without its content.
fn describe((number, _): Id, item: Option<&Item>) -> String {
    let Some(Object::Dictionary(dictionary)) = item.map(|item| &item.object) else {
        return format!("object {number}");
    };
    let name = |key: &[u8]| dictionary.get(key).and_then(Object::as_name).ok().map(super::field::text);
    if dictionary.has(b"FT") {
        return format!("form field object {number}");
    }
    match (name(b"Type"), name(b"Subtype")) {
        (Some(kind), _) => format!("object {number} ({kind})"),
        (None, Some(kind)) => format!("object {number} ({kind})"),
        (None, None) if item.is_some_and(|item| item.content.is_some()) => format!("object {number} (stream)"),
        _ => format!("object {number}"),
    }
}
