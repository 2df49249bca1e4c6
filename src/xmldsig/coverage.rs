//! Whether a signature covers what counts.

use super::namespaces::{ASIC, DS, ISSUED, SOAP_11, SOAP_12, XADES};
use super::parts::Parts;
use super::reference::Resolved;
use super::tree::{Node, Tree, is_blank};
use super::vocabulary::is_of_signatures;
use crate::signed::Coverage;
use uppsala::dom::NodeKind;

/// The name of an element is quoted up to this length, in characters.
const MAX_QUOTED: usize = 64;

/// What must be covered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// This element: the one the caller named, or the Body of an envelope.
    Element(Node),
    /// An element the caller named that is not there.
    Nothing,
    /// The root element; where that is the signature itself, or a list of signatures, what the signature encloses or refers
    /// to outside the document.
    Root,
}

/// What a signature covers, and which of its references is the one that does.
pub fn of(tree: &Tree<'_>, wanted: Wanted, parts: &Parts, resolved: &[Resolved<'_>]) -> (Coverage, Option<usize>) {
    let position = |element: Node| resolved.iter().position(|reference| covers(tree, reference, element));
    let found = match wanted {
        Wanted::Nothing => None,
        Wanted::Element(element) => position(element),
        Wanted::Root if tree.root() == parts.node => enclosed(tree, parts, resolved),
        Wanted::Root if is_list_of_signatures(tree) => outside(resolved),
        Wanted::Root => position(tree.root()),
    };
    let Some(index) = found else { return part(tree, resolved) };
    let root = tree.root();
    let is_all = wanted == Wanted::Root || resolved.get(index).is_some_and(|reference| covers(tree, reference, root));
    // What is said to be covered: all of it where that is true, however little was asked for.
    let element = match wanted {
        Wanted::Element(element) if !is_all => element,
        _ => root,
    };
    // Whatever else it is over, and whatever was asked for, nothing is put into a signature over everything.
    let leaves_itself_out = tree.contains(element, parts.node) || position(root).is_some();
    let covers = if leaves_itself_out && hides_content(tree, parts, resolved) {
        Coverage::Part("without what is hidden in the signature".into())
    } else if element == root {
        Coverage::Whole
    } else {
        Coverage::Enough(what_was_asked(tree, element))
    };
    (covers, Some(index))
}

/// Names an element that is all that counts.
fn what_was_asked(tree: &Tree<'_>, element: Node) -> String {
    let is_of_soap = [SOAP_11, SOAP_12].iter().any(|soap| tree.is(element, soap, "Body"));
    if is_of_soap && tree.parent(element) == Some(tree.root()) {
        return Coverage::BODY.to_owned();
    }
    format!("{}, which was asked for", named(tree, element))
}

/// An element by its name, which is all of it that is said.
fn named(tree: &Tree<'_>, element: Node) -> String {
    format!("element {}", tree.local(element).chars().take(MAX_QUOTED).collect::<String>())
}

/// Whether the root is a list of signatures and of nothing else.
fn is_list_of_signatures(tree: &Tree<'_>) -> bool {
    let is_signature = |node: &Node| tree.is(*node, DS, "Signature");
    tree.is(tree.root(), ASIC, "XAdESSignatures")
        && tree.only_elements(tree.root()).is_ok_and(|elements| elements.iter().all(is_signature))
}

/// Whether a signature that leaves itself out of what it signs has anything in it that is neither signed nor part of a
/// signature: whoever looks for an element of the document would find it there.
fn hides_content(tree: &Tree<'_>, parts: &Parts, resolved: &[Resolved<'_>]) -> bool {
    let is_covered = |node: Node| resolved.iter().any(|reference| covers(tree, reference, node));
    let is_free = |object: Node| {
        tree.children(object).next().is_some()
            && !holds_only_properties(tree, object)
            && !holds_only_covered(tree, object, &is_covered)
    };
    parts.objects.iter().any(|&object| is_free(object)) || foreign(tree, parts).any(|node| !is_covered(node))
}

/// Whether an object is covered, or has nothing in it but one element that is.
fn holds_only_covered(tree: &Tree<'_>, object: Node, is_covered: &impl Fn(Node) -> bool) -> bool {
    is_covered(object) || only_element(tree, object).is_some_and(is_covered)
}

/// Whether a signature has content of its own inside, signed or not.
pub fn encloses(tree: &Tree<'_>, parts: &Parts) -> bool {
    let is_content = |&object: &Node| tree.children(object).next().is_some() && !holds_only_properties(tree, object);
    parts.objects.iter().any(is_content) || foreign(tree, parts).next().is_some()
}

/// The elements in a signature that are of other vocabularies than signatures are, or where they do not belong.
fn foreign<'t>(tree: &'t Tree<'_>, parts: &Parts) -> impl Iterator<Item = Node> + 't {
    let signature = parts.node;
    tree.all(signature)
        .filter(move |&node| !is_of_signatures(tree, signature, node) && !is_facts(tree, signature, node))
}

/// Whether an element is the facts of an issued document in their one place, a qualifier of a signed commitment, and has
/// nothing in it.
fn is_facts(tree: &Tree<'_>, signature: Node, node: Node) -> bool {
    const PLACE: [(&str, &str); 8] = [
        (XADES, "CommitmentTypeQualifier"),
        (XADES, "CommitmentTypeQualifiers"),
        (XADES, "CommitmentTypeIndication"),
        (XADES, "SignedDataObjectProperties"),
        (XADES, "SignedProperties"),
        (XADES, "QualifyingProperties"),
        (DS, "Object"),
        (DS, "Signature"),
    ];
    let mut around = tree.around(node).skip(1);
    tree.is(node, ISSUED, "issued")
        && tree.children(node).next().is_none()
        && PLACE.iter().all(|(namespace, local)| around.next().is_some_and(|outer| tree.is(outer, namespace, local)))
        && tree.around(node).nth(PLACE.len()) == Some(signature)
}

/// Whether an element lies in what a reference is over. Of an `Object` that holds base64 the content is what counts; any other
/// element is more than its text.
fn covers(tree: &Tree<'_>, reference: &Resolved<'_>, element: Node) -> bool {
    if reference.is_inside_only {
        return reference.target == Some(element) && tree.is(element, DS, "Object");
    }
    reference.target.is_some_and(|target| tree.contains(target, element))
        && !reference.without.iter().any(|&without| tree.contains(without, element))
}

/// The first reference to something outside the document.
fn outside(resolved: &[Resolved<'_>]) -> Option<usize> {
    resolved.iter().position(|reference| reference.target.is_none())
}

/// For a signature that is the root: every object it encloses must be covered, but for that of the properties, and there
/// must be content, inside or outside.
fn enclosed(tree: &Tree<'_>, parts: &Parts, resolved: &[Resolved<'_>]) -> Option<usize> {
    let mut first = outside(resolved);
    for &object in &parts.objects {
        if holds_only_properties(tree, object) {
            continue;
        }
        let content = only_element(tree, object);
        let index = resolved.iter().position(|reference| {
            covers(tree, reference, object) || content.is_some_and(|one| covers(tree, reference, one))
        })?;
        first = first.or(Some(index));
    }
    first
}

fn holds_only_properties(tree: &Tree<'_>, object: Node) -> bool {
    only_element(tree, object).is_some_and(|content| tree.is(content, XADES, "QualifyingProperties"))
}

/// The one element in an object that holds nothing else.
fn only_element(tree: &Tree<'_>, object: Node) -> Option<Node> {
    let mut content = None;
    for child in tree.children(object) {
        match tree.kind(child) {
            Some(NodeKind::Text(text)) if is_blank(text) => {}
            Some(NodeKind::Element(_)) if content.is_none() => content = Some(child),
            _ => return None,
        }
    }
    content
}

/// The part that is covered, named by its element: identifiers come from the document and stay out.
fn part(tree: &Tree<'_>, resolved: &[Resolved<'_>]) -> (Coverage, Option<usize>) {
    let own = |reference: &&Resolved<'_>| {
        !reference
            .target
            .is_some_and(|target| tree.is(target, XADES, "SignedProperties") || tree.is(target, DS, "KeyInfo"))
    };
    let index = resolved.iter().position(|reference| own(&reference));
    let name = match index.and_then(|index| resolved.get(index)).map(|reference| reference.target) {
        None => "nothing of the document".to_owned(),
        Some(None) => "something outside the document".to_owned(),
        Some(Some(target)) => named(tree, target),
    };
    (Coverage::Part(name), index)
}
