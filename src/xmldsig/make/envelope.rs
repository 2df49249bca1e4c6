//! A signature over the Body of a SOAP envelope (WS-Security 1.0 section 8), as NCANode makes it and the gateways expect it.

use super::plan::{By, Earlier, Naming, Plan, fresh_id};
use super::scope::{Scope, namespaces, prefix_of};
use super::source::{Edit, Frame, Source, apply, escaped, qualified_name};
use crate::crypto::hash;
use crate::signed::{FormatError, MakeError};
use crate::xmldsig::canonical::{Method, Subset, canonical};
use crate::xmldsig::document::find;
use crate::xmldsig::ids::Ids;
use crate::xmldsig::limits::Budget;
use crate::xmldsig::namespaces::{DS, EXCLUSIVE, WSSE, WSU};
use crate::xmldsig::soap::Structure;
use crate::xmldsig::tree::{Node, Tree, namespace_of};

/// Plans it.
///
/// # Errors
///
/// [`MakeError::Document`] for what is no envelope, [`MakeError::Format`] for one that leaves a choice, or whose identifiers
/// are not unique.
pub fn plan(source: &Source<'_>, text: &str, tree: &Tree<'_>, ids: &Ids<'_>, by: By<'_>) -> Result<Plan, MakeError> {
    let Some(structure) = Structure::of(tree)? else {
        return Err(MakeError::Document("its root element is no SOAP Envelope".into()));
    };
    let (id, edit) = identified(tree, text, ids, structure.body)?;
    let content = match &edit {
        None => canonical_body(tree, structure.body)?,
        Some(edit) => {
            let edited = apply(text, edit);
            let tree = Tree::parse(&edited, source.encoding())?;
            let body = Structure::of(&tree)?.ok_or_else(|| FormatError::malformed("no envelope"))?.body;
            canonical_body(&tree, body)?
        }
    };
    let digest = hash(by.hash, &content);
    let frame = frame(tree, text, &structure)?;
    let nodes = find(tree).or_else(|error| match error {
        FormatError::NoSignature => Ok(Vec::new()),
        other => Err(other),
    })?;
    let stands_before = |&&node: &&Node| tree.place(node).is_some_and(|place| place.start < frame.place.start);
    let earlier = Earlier { all: nodes.len(), before: nodes.iter().filter(stands_before).count() };
    Ok(Plan {
        uri: format!("#{id}"),
        transforms: &[EXCLUSIVE],
        canonicalization: EXCLUSIVE,
        id: by.fresh_id(ids, &digest)?,
        digest,
        naming: Naming::KeyIdentifier,
        // Exclusive canonicalization takes nothing from above that the signature does not declare itself.
        scope: Scope::default(),
        frame,
        edit,
        earlier,
    })
}

fn canonical_body(tree: &Tree<'_>, body: Node) -> Result<Vec<u8>, FormatError> {
    let subset = Subset { apex: body, without: Vec::new(), comments: false };
    let method = Method::of(EXCLUSIVE).unwrap_or(Method::DEFAULT);
    canonical(tree, &subset, &method, &mut Budget::new())
}

/// The identifier of the Body: its `wsu:Id`, or another one that a signature refers to already, or a new one, with what must
/// be written for it.
fn identified(tree: &Tree<'_>, text: &str, ids: &Ids<'_>, body: Node) -> Result<(String, Option<Edit>), MakeError> {
    let is_own =
        tree.attributes(body).find(|attribute| namespace_of(attribute) == WSU && attribute.name.local_name == "Id");
    let is_referred_to = |value: &str| {
        let is_to = |node| {
            tree.is(node, DS, "Reference")
                && tree.attribute(node, "URI").and_then(|uri| uri.strip_prefix('#')) == Some(value)
        };
        tree.all(tree.root()).any(is_to)
    };
    let other = || {
        tree.attributes(body)
            .find(|attribute| ids.get(&attribute.value) == Some(body) && is_referred_to(&attribute.value))
    };
    if let Some(attribute) = is_own.or_else(other) {
        // What else an identifier may not have could be read in two ways as part of an address.
        let is_plain = |one: char| one.is_alphanumeric() || matches!(one, '_' | '-' | '.');
        if attribute.value.is_empty() || !attribute.value.chars().all(is_plain) {
            return Err(MakeError::Document("the identifier of the Body is no name".into()));
        }
        return Ok((attribute.value.clone().into_owned(), None));
    }
    let body_text = tree.place(body).and_then(|place| text.get(place)).unwrap_or_default();
    let id = fresh_id(ids, "id-", body_text.as_bytes())?;
    let attributes = match prefix_of(tree, body, WSU) {
        Some(prefix) => format!(" {prefix}:Id=\"{id}\""),
        None => {
            let prefix = free_prefix(tree, body, "wsu");
            format!(" xmlns:{prefix}=\"{WSU}\" {prefix}:Id=\"{id}\"")
        }
    };
    Ok((id, Some(Edit::attributes(tree, body, attributes)?)))
}

/// A prefix that stands for nothing yet: what is in the element may use those that do.
fn free_prefix(tree: &Tree<'_>, node: Node, wanted: &str) -> String {
    let taken = namespaces(tree, node);
    let is_free = |prefix: &String| !taken.iter().any(|(known, _)| known == prefix);
    let numbered = (1..).map(|number| format!("{wanted}{number}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

/// Where the signature goes: into the Security header that is there, or a new one in the header that is there, or in a new
/// header.
fn frame(tree: &Tree<'_>, text: &str, structure: &Structure) -> Result<Frame, MakeError> {
    if let Some(security) = structure.security {
        return Frame::at_end_of(tree, text, security);
    }
    let root = tree.root();
    let around = match structure.header {
        Some(header) => Frame::at_end_of(tree, text, header)?,
        None => {
            // Beside the Body the prefix of the Envelope means SOAP.
            let name = match qualified_name(tree, root).rsplit_once(':') {
                Some((prefix, _)) => format!("{prefix}:Header"),
                None => "Header".to_owned(),
            };
            Frame::before(tree, structure.body)?.around(&format!("<{name}>"), &format!("</{name}>"))
        }
    };
    // An attribute takes no default namespace.
    let (soap, declaration) = match prefix_of(tree, structure.header.unwrap_or(root), structure.soap) {
        Some(prefix) => (prefix, String::new()),
        None => ("soap", format!(" xmlns:soap=\"{}\"", escaped(structure.soap))),
    };
    let open = format!("<wsse:Security xmlns:wsse=\"{WSSE}\"{declaration} {soap}:mustUnderstand=\"1\">");
    Ok(around.around(&open, "</wsse:Security>"))
}
