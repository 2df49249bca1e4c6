//! What is in scope where a signature will stand: inclusive canonicalization writes it into `SignedInfo`.

use super::source::escaped;
use crate::signed::FormatError;
use crate::xmldsig::namespaces::XML;
use crate::xmldsig::text::Encoding;
use crate::xmldsig::tree::{Node, Tree, namespace_of};

/// The namespaces in scope in an element: prefix, empty for the default one, and what it stands for, which is empty where
/// the default namespace is undone.
pub fn namespaces<'t>(tree: &'t Tree<'_>, node: Node) -> Vec<(&'t str, &'t str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for outer in tree.around(node).filter_map(|outer| tree.element(outer)) {
        for (prefix, uri) in &outer.namespace_declarations {
            if !found.iter().any(|(known, _)| *known == &**prefix) {
                found.push((prefix, uri));
            }
        }
    }
    found
}

/// A prefix, not the empty one, that stands for a namespace in an element.
pub fn prefix_of<'t>(tree: &'t Tree<'_>, node: Node, namespace: &str) -> Option<&'t str> {
    namespaces(tree, node)
        .into_iter()
        .find(|(prefix, uri)| !prefix.is_empty() && *uri == namespace)
        .map(|(prefix, _)| prefix)
}

/// The surroundings of a signature, as one start tag: all that a canonical form takes from above.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    attributes: String,
}

impl Scope {
    /// That of an element's content.
    pub fn in_element(tree: &Tree<'_>, node: Node) -> Self {
        let mut attributes = String::new();
        for (prefix, uri) in namespaces(tree, node) {
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            attributes.push_str(&format!(" {name}=\"{}\"", escaped(uri)));
        }
        let mut known: Vec<&str> = Vec::new();
        for attribute in tree.around(node).flat_map(|outer| tree.attributes(outer)) {
            let local = &*attribute.name.local_name;
            if namespace_of(attribute) == XML && !known.contains(&local) {
                known.push(local);
                attributes.push_str(&format!(" xml:{local}=\"{}\"", escaped(&attribute.value)));
            }
        }
        Self { attributes }
    }

    /// A document in which something stands as it will stand, in the place of the one that is signed, which may be large.
    pub fn around(&self, inner: &str) -> String {
        format!("<s{}>{inner}</s>", self.attributes)
    }
}

/// The tree of a text made here, and the first element in its root.
pub fn parse(text: &str) -> Result<(Tree<'_>, Node), FormatError> {
    let tree = Tree::parse(text, Encoding::Utf8)?;
    let inner = tree.elements(tree.root()).next().ok_or_else(|| FormatError::malformed("nothing in scope"))?;
    Ok((tree, inner))
}
