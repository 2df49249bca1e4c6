//! The form, where later signatures are entered.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::Changes;
use crate::pdf::field::{self, Value};
use crate::pdf::file::{Id, State};
use crate::signed::FormatError;

/// Entries of a field that signing it fills in.
const FILLED_IN: [&[u8]; 5] = [b"V", b"AP", b"F", b"M", b"MK"];

/// Entries that the field of a later signature may have, its annotation merged into it or not. No actions (A, AA).
const OF_A_NEW_FIELD: [&[u8]; 24] = [
    b"AP", b"AS", b"BS", b"Border", b"DA", b"F", b"FT", b"Ff", b"H", b"Kids", b"Lock", b"M", b"MK", b"NM", b"P",
    b"Parent", b"Q", b"Rect", b"SV", b"Subtype", b"T", b"TU", b"Type", b"V",
];

/// What the comparison of the forms found out.
#[derive(Default)]
pub(super) struct Form {
    /// Top fields of the signed revision.
    pub(super) old_fields: Vec<Id>,
    /// Fields and annotations that were there unsigned and are signed now.
    pub(super) filled: BTreeSet<Id>,
    /// Fields and annotations of later signatures.
    pub(super) new_places: BTreeSet<Id>,
}

/// Compares the forms of two states.
pub(super) fn compare(
    old: &State<'_, '_>,
    new: &State<'_, '_>,
    old_catalog: &Dictionary,
    new_catalog: &Dictionary,
    changes: &mut Changes,
) -> Result<Form, FormatError> {
    let (before, after) = (field::form(old, old_catalog)?, field::form(new, new_catalog)?);
    let is_textless = is_textless(old, &before)?;
    let keys: BTreeSet<&Vec<u8>> = before.iter().chain(after.iter()).map(|(key, _)| key).collect();
    for key in keys {
        let (old_value, new_value) = (before.get(key).ok(), after.get(key).ok());
        // Flags, and defaults for texts where nothing writes texts: they show nothing. Adobe Reader adds them with the first field
        // that it makes itself, and a font to them with the next; a note may be written in those that were there.
        let free = match key.as_slice() {
            b"Fields" | b"SigFlags" => true,
            b"DA" => is_textless && old_value.is_none(),
            b"DR" => {
                is_textless && are_kept(&old.entry_of(&before, b"DR")?, (new, &new.entry_of(&after, b"DR")?), old)?
            }
            _ => false,
        };
        if !free && old_value != new_value {
            changes.other(format!("form entry {}", field::text(key)));
        }
    }
    let mut form = Form::default();
    fields(old, new, (&before, &after), &mut form, changes)?;
    filled(old, new, &mut form, changes)?;
    Ok(form)
}

/// Whether resources by kind and name are all there later, as they were.
fn are_kept(
    before: &Object,
    (new, after): (&State<'_, '_>, &Object),
    old: &State<'_, '_>,
) -> Result<bool, FormatError> {
    let Ok(before) = before.as_dict() else { return Ok(matches!(before, Object::Null)) };
    let Ok(after) = after.as_dict() else { return Ok(before.is_empty()) };
    for (kind, _) in before {
        let (was, is) = (old.entry_of(before, kind)?, new.entry_of(after, kind)?);
        let kept = match (was.as_dict(), is.as_dict()) {
            (Ok(was), Ok(is)) => was.iter().all(|(name, resource)| is.get(name).ok() == Some(resource)),
            _ => was == is,
        };
        if !kept {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether no field of a form is filled with text: there is none, or each is for a signature.
fn is_textless(state: &State<'_, '_>, form: &Dictionary) -> Result<bool, FormatError> {
    let is_signature = |field: &Dictionary| {
        let kind = field.get(b"FT").and_then(Object::as_name);
        kind.is_ok_and(|kind| kind == b"Sig")
    };
    for element in field::array(state, form, b"Fields")? {
        let Some((_, field)) = place(state, &element)? else { return Ok(false) };
        if !is_signature(&field) {
            return Ok(false);
        }
        for kid in field::array(state, &field, b"Kids")? {
            let Some((_, kid)) = place(state, &kid)? else { return Ok(false) };
            if kid.has(b"FT") || kid.has(b"Kids") {
                return Ok(false);
            }
        }
    }
    Ok(!form.has(b"XFA"))
}

/// The list of fields: the old ones, then those of later signatures.
fn fields(
    old: &State<'_, '_>,
    new: &State<'_, '_>,
    (before, after): (&Dictionary, &Dictionary),
    form: &mut Form,
    changes: &mut Changes,
) -> Result<(), FormatError> {
    let (before, after) = (field::array(old, before, b"Fields")?, field::array(new, after, b"Fields")?);
    let (kept, added) = after.split_at(before.len().min(after.len()));
    if kept != before {
        changes.other("fields of the form");
        return Ok(());
    }
    form.old_fields = before.iter().filter_map(|field| field.as_reference().ok()).collect();
    for element in added {
        match added_field(old, new, element, form)? {
            Some(Added { name, is_timestamp: true, .. }) => changes.allow(format!("document timestamp {name}")),
            Some(Added { name, is_visible, .. }) => {
                changes.has_signature = true;
                let how = if is_visible { ", visible on the page" } else { "" };
                changes.allow(format!("signature field {name}{how}"));
            }
            None => changes.other("fields of the form"),
        }
    }
    Ok(())
}

/// What was added to the form.
struct Added {
    name: String,
    is_timestamp: bool,
    is_visible: bool,
}

/// A field that was added; `None` unless it is for a signature and can do nothing else.
///
/// What it shows has to be answered for by somebody: without the signature of a person, which is judged like every other,
/// it must show nothing. An appearance can be as large as the page.
fn added_field(
    old: &State<'_, '_>,
    new: &State<'_, '_>,
    element: &Object,
    form: &mut Form,
) -> Result<Option<Added>, FormatError> {
    let Some((id, dictionary)) = place(new, element)? else { return Ok(None) };
    let is_signature = dictionary.get(b"FT").and_then(Object::as_name).is_ok_and(|kind| kind == b"Sig");
    if !is_signature || !harmless(&dictionary) || dictionary.has(b"Parent") || old.get(id)?.is_some() {
        return Ok(None);
    }
    let signed_by = match dictionary.get(b"V") {
        Ok(value) => match new_signature(old, new, value)? {
            Some(by) => Some(by),
            None => return Ok(None),
        },
        Err(_) => None,
    };
    let mut places = vec![(id, dictionary.clone())];
    for kid in field::array(new, &dictionary, b"Kids")? {
        let Some((id, kid)) = place(new, &kid)? else { return Ok(None) };
        if !harmless(&kid) || kid.has(b"Kids") || kid.has(b"V") || kid.has(b"T") || old.get(id)?.is_some() {
            return Ok(None);
        }
        places.push((id, kid));
    }
    let mut is_visible = false;
    for (_, place) in &places {
        is_visible |= shows_something(new, place)?;
    }
    if is_visible && signed_by != Some(By::Person) {
        return Ok(None);
    }
    form.new_places.extend(places.into_iter().map(|(id, _)| id));
    let name = new.entry_of(&dictionary, b"T")?.as_str().map(field::text).unwrap_or_default();
    Ok(Some(Added { name, is_timestamp: signed_by == Some(By::Authority), is_visible }))
}

/// A dictionary that is an object of its own, and no stream.
fn place(state: &State<'_, '_>, element: &Object) -> Result<Option<(Id, Dictionary)>, FormatError> {
    let Object::Reference(id) = element else { return Ok(None) };
    Ok(state.get(*id)?.and_then(|item| Some((*id, item.plain_dictionary()?.clone()))))
}

fn harmless(dictionary: &Dictionary) -> bool {
    let is_place = dictionary.get(b"Subtype").map_or(true, |kind| kind.as_name().is_ok_and(|kind| kind == b"Widget"));
    is_place && dictionary.iter().all(|(key, _)| OF_A_NEW_FIELD.contains(&key.as_slice()))
}

/// Whether a place on a page can show anything: it has an area, and an appearance or what readers make one of.
fn shows_something(state: &State<'_, '_>, place: &Dictionary) -> Result<bool, FormatError> {
    let mut corners = Vec::new();
    for number in field::array(state, place, b"Rect")? {
        corners.push(state.resolve(&number)?.as_float().ok());
    }
    let is_empty = match corners.as_slice() {
        [] => !place.has(b"Rect"),
        &[Some(left), Some(bottom), Some(right), Some(top)] => left == right || bottom == top,
        _ => false,
    };
    Ok(!is_empty && (place.has(b"AP") || place.has(b"MK")))
}

/// Whose signature a value is, as its reader takes it (`reading`).
#[derive(Clone, Copy, Eq, PartialEq)]
enum By {
    /// A document timestamp: one that proves nothing makes nothing bad.
    Authority,
    Person,
}

/// A signature that the signed revision does not have; `None` for anything else.
fn new_signature(old: &State<'_, '_>, new: &State<'_, '_>, value: &Object) -> Result<Option<By>, FormatError> {
    let Some((id, signature)) = place(new, value)? else { return Ok(None) };
    if old.get(id)?.is_some() || !signature.has(b"Contents") || !signature.has(b"ByteRange") {
        return Ok(None);
    }
    let is_timestamp = signature.get(b"SubFilter").and_then(Object::as_name).is_ok_and(|name| name == b"ETSI.RFC3161");
    Ok(Some(if is_timestamp { By::Authority } else { By::Person }))
}

/// Signature fields that were empty and are signed now.
fn filled(old: &State<'_, '_>, new: &State<'_, '_>, form: &mut Form, changes: &mut Changes) -> Result<(), FormatError> {
    for empty in field::signature_fields(old)?.into_iter().filter(|field| field.value == Value::None) {
        let reference = Object::Reference(empty.id);
        let (Some((_, before)), Some((_, now))) = (place(old, &reference)?, place(new, &reference)?) else { continue };
        let Ok(value) = now.get(b"V") else { continue };
        let Some(by) = new_signature(old, new, value)? else { continue };
        if !only_differ(&before, &now, &FILLED_IN) || (by == By::Authority && differs_to_the_eye(new, &before, &now)?) {
            continue;
        }
        form.filled.insert(empty.id);
        changes.has_signature |= by == By::Person;
        changes.allow(match by {
            By::Authority => format!("document timestamp in field {}", empty.name),
            By::Person => format!("signature in field {}", empty.name),
        });
        // Its places on pages get the appearance of the signature.
        for kid in field::array(old, &before, b"Kids")? {
            let (Some((id, before)), Some((_, after))) = (place(old, &kid)?, place(new, &kid)?) else { continue };
            let answered_for = by == By::Person || !differs_to_the_eye(new, &before, &after)?;
            if answered_for && only_differ(&before, &after, &[b"AP", b"F", b"M", b"MK"]) {
                form.filled.insert(id);
            }
        }
    }
    Ok(())
}

fn only_differ(before: &Dictionary, after: &Dictionary, entries: &[&[u8]]) -> bool {
    let mut keys = before.iter().chain(after.iter()).map(|(key, _)| key);
    keys.all(|key| entries.contains(&key.as_slice()) || before.get(key).ok() == after.get(key).ok())
}

/// Whether a place shows something else than before.
fn differs_to_the_eye(new: &State<'_, '_>, before: &Dictionary, after: &Dictionary) -> Result<bool, FormatError> {
    Ok(!only_differ(before, after, &[b"V", b"M"]) && shows_something(new, after)?)
}
