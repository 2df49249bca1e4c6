//! Where a signature is entered: a field of the form, and its place on the first page.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object};

use super::revision::{Revision, fault};
use super::text;
use crate::pdf::field::{self, Field, Value};
use crate::pdf::file::{Id, State};
use crate::pdf::reading::{Kind, MAX_SIGNATURES, forbids_signatures, kind};
use crate::signed::{FormatError, MakeError};

/// Nodes of the page tree that are looked at before the first page is found; it is the first leaf of nearly every tree.
const MAX_NODES: usize = 1000;
/// Signatures exist, and the file is to be changed by appending only (ISO 32000-2 table 225).
const SIG_FLAGS: i64 = 3;

/// Whether the document may be signed or stamped in addition.
///
/// What this refuses, the reader would not take or would hold against an earlier signature.
pub(super) fn check(state: &State<'_, '_>, fields: &[Field], wanted: Kind) -> Result<(), MakeError> {
    let mut signatures = 0;
    for field in fields {
        let Value::Object(id) = field.value else { continue };
        let Some(item) = state.get(id)? else { continue };
        let Object::Dictionary(dictionary) = item.object else {
            return Err(fault("a signature that is no dictionary"));
        };
        signatures += 1;
        if kind(&dictionary)? == Kind::Signature && wanted == Kind::Signature && forbids_signatures(state, &dictionary)?
        {
            return Err(MakeError::Document(format!("the signature in field {} forbids any change", field.name)));
        }
    }
    if signatures >= MAX_SIGNATURES {
        return Err(FormatError::TooMuch { what: "signatures", limit: MAX_SIGNATURES as u64 }.into());
    }
    Ok(())
}

/// Enters a signature into a new field that shows nothing.
pub(super) fn add_field(revision: &mut Revision<'_, '_, '_>, name: &str, value: Id) -> Result<(), MakeError> {
    let name = free_name(revision.state, name)?;
    let page = first_page(revision.state)?;
    let place = [
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T ".as_slice(),
        &text::string(&name),
        b" /V ",
        &text::reference(value),
        b" /P ",
        &text::reference(page),
        // Printed and locked: what a place without an area does not show anyway, and PDF/A demands.
        b" /Rect [0 0 0 0] /F 132 >>",
    ];
    let field = revision.add(place.concat())?;
    let (root, _) = revision.state.catalog()?;
    revision.edit(root, |revision, catalog| {
        let catalog = catalog.ok_or_else(|| fault("no document catalog"))?;
        if text::entry(&catalog, b"AcroForm")?.is_none() {
            let form = format!("<< /Fields [{} 0 R] /SigFlags {SIG_FLAGS} >>", field.0);
            let form = revision.add(form.into_bytes())?;
            return Ok(text::with_entry(&catalog, "AcroForm", &text::reference(form))?);
        }
        revision.edit_entry(catalog, "AcroForm", |revision, form| {
            let form = form.unwrap_or_else(|| b"<< >>".to_vec());
            let form = revision.push(form, "Fields", field)?;
            with_flags(revision, form)
        })
    })?;
    revision.edit(page, |revision, page| {
        let page = page.ok_or_else(|| fault("a page that is not there"))?;
        revision.push(page, "Annots", field)
    })
}

/// Enters a signature into an empty field of that full name.
pub(super) fn fill_field(
    revision: &mut Revision<'_, '_, '_>,
    fields: &[Field],
    name: &str,
    value: Id,
) -> Result<(), MakeError> {
    let refused = |what: &str| MakeError::Document(format!("its signature field {name} {what}"));
    let mut named = fields.iter().filter(|field| field.name == name);
    let id = match (named.next(), named.next()) {
        (Some(Field { id, value: Value::None, .. }), None) => *id,
        (Some(_), None) => return Err(refused("is signed already")),
        (Some(_), Some(_)) => return Err(refused("is there more than once")),
        (None, _) => return Err(refused("does not exist")),
    };
    let (root, _) = revision.state.catalog()?;
    revision.edit(id, |_, field| {
        let field = field.ok_or_else(|| fault("a form field that is not there"))?;
        for (key, what) in [("SV", "has rules for its signature (SV)"), ("Lock", "locks other fields (Lock)")] {
            if text::entry(&field, key.as_bytes())?.is_some() {
                return Err(refused(&format!("{what}, which is not supported")));
            }
        }
        Ok(text::with_entry(&field, "V", &text::reference(value))?)
    })?;
    revision.edit(root, |revision, catalog| {
        let catalog = catalog.ok_or_else(|| fault("no document catalog"))?;
        revision.edit_entry(catalog, "AcroForm", |revision, form| {
            with_flags(revision, form.ok_or_else(|| fault("a form that is not there"))?)
        })
    })
}

/// Sets the flags in the form itself: a number that is an object of its own may be something else's too.
fn with_flags(revision: &Revision<'_, '_, '_>, form: Vec<u8>) -> Result<Vec<u8>, MakeError> {
    let before = match text::entry(&form, b"SigFlags")? {
        Some((flags, _)) => revision.state.resolve(&flags)?.as_i64().unwrap_or_default(),
        None => 0,
    };
    if before & SIG_FLAGS == SIG_FLAGS {
        return Ok(form);
    }
    Ok(text::with_entry(&form, "SigFlags", (before | SIG_FLAGS).to_string().as_bytes())?)
}

/// The first of `Signature1`, `Signature2` and so on that no field of the form has.
fn free_name(state: &State<'_, '_>, stem: &str) -> Result<String, MakeError> {
    let (_, catalog) = state.catalog()?;
    let form = field::form(state, &catalog)?;
    let mut taken = BTreeSet::new();
    for element in field::array(state, &form, b"Fields")? {
        if let Object::Dictionary(field) = state.resolve(&element)?
            && let Object::String(name, _) = state.entry_of(&field, b"T")?
        {
            taken.insert(field::text(&name));
        }
    }
    let mut names = (1..=taken.len() + 1).map(|number| format!("{stem}{number}"));
    names.find(|name| !taken.contains(name)).ok_or_else(|| fault("a form without room for a field"))
}

/// The first page of the document, depth first.
fn first_page(state: &State<'_, '_>) -> Result<Id, MakeError> {
    let (_, catalog) = state.catalog()?;
    let mut open: Vec<Object> = catalog.get(b"Pages").ok().cloned().into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(node) = open.pop() {
        let Object::Reference(id) = node else { return Err(fault("a page that is not an object of its own")) };
        if !seen.insert(id) {
            return Err(fault("a page tree that goes round in a circle"));
        }
        if seen.len() > MAX_NODES {
            return Err(
                FormatError::TooMuch { what: "nodes before the first PDF page", limit: MAX_NODES as u64 }.into()
            );
        }
        let Some(item) = state.get(id)? else { continue };
        let node: &Dictionary = item.plain_dictionary().ok_or_else(|| fault("a page that is no dictionary"))?;
        if node.has_type(b"Page") {
            return Ok(id);
        }
        open.extend(field::array(state, node, b"Kids")?.into_iter().rev());
    }
    Err(MakeError::Document("it has no page".to_owned()))
}
