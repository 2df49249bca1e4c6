//! The form, where later signatures are entered.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::Changes;
use crate::pdf::field;
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
    /// Those of them that got a document timestamp, which must not look otherwise for it.
    pub(super) stamped: BTreeSet<Id>,
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
    let keys: BTreeSet<&Vec<u8>> = before.iter().chain(after.iter()).map(|(key, _)| key).collect();
    for key in keys {
        let (old_value, new_value) = (before.get(key).ok(), after.get(key).ok());
        // Flags, and the defaults for texts of fields where there were none: they show nothing.
        let free = matches!(key.as_slice(), b"Fields" | b"SigFlags")
            || (matches!(key.as_slice(), b"DA" | b"DR") && old_value.is_none() && before.is_empty());
        if !free && old_value != new_value {
            changes.other(format!("form entry {}", field::text(key)));
        }
    }
    let mut form = Form::default();
    fields(old, new, (&before, &after), &mut form, changes)?;
    filled(old, new, &mut form, changes)?;
    Ok(form)
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
            Some((name, true)) => changes.allow(format!("document timestamp {name}")),
            Some((name, false)) => {
                changes.has_signature = true;
                changes.allow(format!("signature field {name}"));
            }
            None => changes.other("fields of the form"),
        }
    }
    Ok(())
}

/// A field that was added; its name if it is for a signature and can do nothing else, and whether it is a timestamp.
fn added_field(
    old: &State<'_, '_>,
    new: &State<'_, '_>,
    element: &Object,
    form: &mut Form,
) -> Result<Option<(String, bool)>, FormatError> {
    let (Object::Reference(id), Object::Dictionary(dictionary)) = (element, new.resolve(element)?) else {
        return Ok(None);
    };
    let is_signature = dictionary.get(b"FT").and_then(Object::as_name).is_ok_and(|kind| kind == b"Sig");
    if !is_signature || !harmless(&dictionary) || dictionary.has(b"Parent") || old.get(*id)?.is_some() {
        return Ok(None);
    }
    // An empty field is nobody's signature, and could show anything.
    let Some(value) = new_signature(old, new, &dictionary)? else { return Ok(None) };
    let mut places = vec![(*id, dictionary.clone())];
    for kid in field::array(new, &dictionary, b"Kids")? {
        let (Object::Reference(id), Object::Dictionary(place)) = (&kid, new.resolve(&kid)?) else {
            return Ok(None);
        };
        if !harmless(&place) || place.has(b"Kids") || place.has(b"V") || place.has(b"T") || old.get(*id)?.is_some() {
            return Ok(None);
        }
        places.push((*id, place));
    }
    let is_timestamp = is_timestamp(&value);
    if is_timestamp && places.iter().any(|(_, place)| place.has(b"AP")) && !empty_places(new, &places)? {
        return Ok(None);
    }
    form.new_places.extend(places.iter().map(|(id, _)| *id));
    let name = new.entry_of(&dictionary, b"T")?;
    Ok(Some((name.as_str().map(field::text).unwrap_or_default(), is_timestamp)))
}

/// Whether a value is a document timestamp: nobody answers for how it looks, so it must not be seen.
fn is_timestamp(value: &Dictionary) -> bool {
    value.get(b"SubFilter").and_then(Object::as_name).is_ok_and(|name| name == b"ETSI.RFC3161")
}

/// Whether all places are without any area.
fn empty_places(state: &State<'_, '_>, places: &[(Id, Dictionary)]) -> Result<bool, FormatError> {
    for (_, place) in places {
        let corners = field::array(state, place, b"Rect")?;
        let corner = |index: usize| corners.get(index).and_then(|number| number.as_float().ok());
        if place.has(b"Rect") && (corner(0) != corner(2) || corner(1) != corner(3) || corners.len() != 4) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn harmless(dictionary: &Dictionary) -> bool {
    let is_place = dictionary.get(b"Subtype").map_or(true, |kind| kind.as_name().is_ok_and(|kind| kind == b"Widget"));
    is_place && dictionary.iter().all(|(key, _)| OF_A_NEW_FIELD.contains(&key.as_slice()))
}

/// The signature that is the value of a field, if the signed revision does not have it.
fn new_signature(
    old: &State<'_, '_>,
    new: &State<'_, '_>,
    field: &Dictionary,
) -> Result<Option<Dictionary>, FormatError> {
    let Ok(value) = field.get(b"V") else { return Ok(None) };
    let (Ok(id), Object::Dictionary(signature)) = (value.as_reference(), new.resolve(value)?) else {
        return Ok(None);
    };
    let is_new = old.get(id)?.is_none() && signature.has(b"Contents") && signature.has(b"ByteRange");
    Ok(is_new.then_some(signature))
}

/// Signature fields that were empty and are signed now.
fn filled(old: &State<'_, '_>, new: &State<'_, '_>, form: &mut Form, changes: &mut Changes) -> Result<(), FormatError> {
    for empty in field::signature_fields(old)?.into_iter().filter(|field| field.value.is_none()) {
        let Some(Object::Dictionary(now)) = new.get(empty.id)?.map(|item| item.object) else { continue };
        let Some(value) = new_signature(old, new, &now)? else { continue };
        let filled_in = if is_timestamp(&value) { &FILLED_IN[..1] } else { &FILLED_IN[..] };
        let keys: BTreeSet<&Vec<u8>> = empty.dictionary.iter().chain(now.iter()).map(|(key, _)| key).collect();
        let only_filled = keys
            .into_iter()
            .all(|key| filled_in.contains(&key.as_slice()) || empty.dictionary.get(key).ok() == now.get(key).ok());
        if !only_filled {
            continue;
        }
        form.filled.insert(empty.id);
        if is_timestamp(&value) {
            form.stamped.insert(empty.id);
            changes.allow(format!("document timestamp in field {}", empty.name));
            continue;
        }
        changes.has_signature = true;
        changes.allow(format!("signature in field {}", empty.name));
        // Its places on pages get the appearance of the signature.
        for kid in field::array(old, &empty.dictionary, b"Kids")? {
            let (Ok(id), Object::Dictionary(before)) = (kid.as_reference(), old.resolve(&kid)?) else { continue };
            let Object::Dictionary(after) = new.resolve(&kid)? else { continue };
            let keys: BTreeSet<&Vec<u8>> = before.iter().chain(after.iter()).map(|(key, _)| key).collect();
            let same = |key: &Vec<u8>| before.get(key).ok() == after.get(key).ok();
            if keys.into_iter().all(|key| matches!(key.as_slice(), b"AP" | b"F" | b"M" | b"MK") || same(key)) {
                form.filled.insert(id);
            }
        }
    }
    Ok(())
}
