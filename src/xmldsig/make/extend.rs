//! More evidence for a signature that is there: a timestamp (level T), certificates and what says that they were not revoked
//! (level LT). No key is needed, and nothing that is signed changes.

use super::plan::fresh_id;
use super::properties;
use super::source::{Edit, Frame, Source};
use super::{check_token, earlier};
use crate::signed::{Embedded, FormatError, Integrity, MakeError};
use crate::xmldsig::canonical::{Method, Subset, canonical};
use crate::xmldsig::document::find;
use crate::xmldsig::ids::Ids;
use crate::xmldsig::limits::Budget;
use crate::xmldsig::namespaces::{DS, EXCLUSIVE, XADES};
use crate::xmldsig::parts::{Parts, base64};
use crate::xmldsig::scan;
use crate::xmldsig::tree::Tree;
use crate::xmldsig::xades::Qualifying;

/// What a timestamp must be over that is put into a signature by [`extend_with_timestamp`]; `which` counts the signatures from
/// zero, as reading the document gives them.
///
/// # Errors
///
/// [`MakeError`]: a document that cannot be read, no such signature.
pub fn to_be_stamped(document: &[u8], which: usize) -> Result<Vec<u8>, MakeError> {
    let source = Source::of(document)?;
    with_signature(&source, which, |target| Ok(stamped(target)?))
}

/// `SignatureValue` in its exclusive canonical form.
fn stamped(target: &Target<'_, '_>) -> Result<Vec<u8>, FormatError> {
    let method = Method::of(EXCLUSIVE).unwrap_or(Method::DEFAULT);
    canonical(target.tree, &Subset::element(target.parts.value), &method, &mut Budget::new())
}

/// Adds a timestamp over a signature's value (EN 319 132-1 5.3), which makes it level T. Of the token it is looked
/// at whether it is one over [`to_be_stamped`]; whether it holds is for whoever asked for it, and for the verification of
/// the result.
///
/// # Errors
///
/// [`MakeError`]: a document that cannot be read, no such signature, one that does not hold, a token over something else,
/// or a signature that is over what
/// would be changed: a later one, or one over its own unsigned properties.
pub fn extend_with_timestamp(document: &[u8], which: usize, token: &[u8]) -> Result<Vec<u8>, MakeError> {
    extend(document, which, |target| {
        check_token(token, &stamped(target)?)?;
        Ok(properties::signature_timestamp(token))
    })
}

/// Adds certificates, revocation lists and OCSP responses (`OCSPResponse`) to a signature (EN 319 132-1 5.4), which makes one
/// with a timestamp level LT. What it has already is left out; with nothing new the document stays as it is.
///
/// # Errors
///
/// As [`extend_with_timestamp`].
pub fn extend_with_evidence(document: &[u8], which: usize, evidence: &Embedded) -> Result<Vec<u8>, MakeError> {
    extend(document, which, |target| {
        let held = held(target)?;
        let new = |each: &[Vec<u8>], held: &[Vec<u8>]| {
            let mut new: Vec<Vec<u8>> = Vec::new();
            for der in each {
                if !held.contains(der) && !new.contains(der) {
                    new.push(der.clone());
                }
            }
            new
        };
        let new = Embedded {
            certificates: new(&evidence.certificates, &held.certificates),
            lists: new(&evidence.lists, &held.lists),
            responses: new(&evidence.responses, &held.responses),
        };
        if new.certificates.is_empty() && new.lists.is_empty() && new.responses.is_empty() {
            return Ok(String::new());
        }
        let tree = target.tree;
        let is_values = |node| tree.is(node, XADES, "CertificateValues") || tree.is(node, XADES, "RevocationValues");
        let has_values = tree.all(target.parts.node).any(is_values);
        Ok(properties::values(&new, has_values))
    })
}

/// The signature to extend.
struct Target<'t, 'a> {
    tree: &'t Tree<'a>,
    text: &'t str,
    ids: Ids<'t>,
    parts: Parts,
}

fn with_signature<T>(
    source: &Source<'_>,
    which: usize,
    work: impl FnOnce(&Target<'_, '_>) -> Result<T, MakeError>,
) -> Result<T, MakeError> {
    let text = scan::checked(source.text())?;
    let tree = Tree::parse(&text, source.encoding())?;
    let no_such = || MakeError::Document(format!("it has no signature {}", which.saturating_add(1)));
    let node = find(&tree)?.get(which).copied().ok_or_else(no_such)?;
    let parts = Parts::of(&tree, node)?;
    work(&Target { tree: &tree, text: &text, ids: Ids::of(&tree), parts })
}

fn extend(
    document: &[u8],
    which: usize,
    property: impl FnOnce(&Target<'_, '_>) -> Result<String, MakeError>,
) -> Result<Vec<u8>, MakeError> {
    let source = Source::of(document)?;
    let edits = with_signature(&source, which, |target| {
        let property = property(target)?;
        if property.is_empty() { Ok(Vec::new()) } else { edits(target, &property) }
    })?;
    if edits.is_empty() {
        return Ok(document.to_vec());
    }
    let before = earlier::states(document)?;
    if let Some(Integrity::Altered(why)) = before.get(which).map(|state| &state.integrity) {
        return Err(MakeError::Document(format!("signature {} does not hold: {why}", which + 1)));
    }
    let extended = source.edited(&edits)?;
    earlier::compare(&before, earlier::states(&extended)?, None)?;
    Ok(extended)
}

/// Where a new unsigned property goes: behind those that are there, so that an archive timestamp over them stays good.
fn edits(target: &Target<'_, '_>, property: &str) -> Result<Vec<Edit>, MakeError> {
    let Target { tree, text, parts, .. } = target;
    let Some(qualifying) = Qualifying::of(tree, parts)? else { return new_object(target, property) };
    if let Some(unsigned) = qualifying.unsigned {
        return Ok(vec![Frame::at_end_of(tree, text, unsigned)?.filled(property)]);
    }
    let of_signature = properties::of_signature(property);
    let unsigned = tree.elements(qualifying.node).find(|&child| tree.is(child, XADES, "UnsignedProperties"));
    let (frame, inner) = match unsigned {
        Some(unsigned) => match tree.elements(unsigned).next() {
            // Before properties of the content.
            Some(first) => (Frame::before(tree, first)?, of_signature),
            None => (Frame::at_end_of(tree, text, unsigned)?, of_signature),
        },
        None => (Frame::at_end_of(tree, text, qualifying.node)?, properties::unsigned_properties(&of_signature)),
    };
    Ok(vec![frame.filled(&inner)])
}

/// A signature without properties gets an object for them, and an identifier if it has none: neither is under it.
fn new_object(target: &Target<'_, '_>, property: &str) -> Result<Vec<Edit>, MakeError> {
    let Target { tree, text, ids, parts } = target;
    let (id, attribute) = match tree.attribute(parts.node, "Id") {
        Some("") => return Err(MakeError::Document("its signature has an empty Id".into())),
        Some(id) => (id.to_owned(), None),
        None => {
            let own = tree.place(parts.node).and_then(|place| text.get(place)).unwrap_or_default();
            let id = fresh_id(ids, "S-", own.as_bytes())?;
            let attribute = Edit::attributes(tree, parts.node, format!(" Id=\"{id}\""))?;
            (id, Some(attribute))
        }
    };
    let object = properties::object(&id, "", property);
    let object = Frame::at_end_of(tree, text, parts.node)?.filled(&object);
    Ok(attribute.into_iter().chain(std::iter::once(object)).collect())
}

/// The evidence that a signature carries itself.
fn held(target: &Target<'_, '_>) -> Result<Embedded, FormatError> {
    let tree = target.tree;
    let mut held = Embedded::default();
    for node in tree.all(target.parts.node) {
        let list = match (tree.namespace(node), tree.local(node)) {
            (Some(DS), "X509Certificate") | (Some(XADES), "EncapsulatedX509Certificate") => &mut held.certificates,
            (Some(XADES), "EncapsulatedCRLValue") => &mut held.lists,
            (Some(XADES), "EncapsulatedOCSPValue") => &mut held.responses,
            _ => continue,
        };
        list.push(base64(tree, node)?);
    }
    Ok(held)
}
