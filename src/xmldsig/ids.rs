//! Elements by their identifiers.

use std::collections::HashMap;

use super::namespaces::{WSU, XML};
use super::tree::{Node, Tree, namespace_of};
use crate::signed::FormatError;

/// Every identifier of a document: `Id`, `ID` and `id` without a namespace, `wsu:Id`, `xml:id`. Which of them an attribute
/// is cannot be told without a schema, so any of them can be referred to, and an identifier that stands twice, under
/// whichever of these names, refers to nothing.
pub struct Ids<'t> {
    found: HashMap<&'t str, Option<Node>>,
}

impl<'t> Ids<'t> {
    /// Collects them.
    pub fn of(tree: &'t Tree<'_>) -> Self {
        let mut found = HashMap::new();
        for node in tree.all(tree.root()) {
            for attribute in tree.attributes(node) {
                let is_id = matches!(
                    (namespace_of(attribute), &*attribute.name.local_name),
                    ("", "Id" | "ID" | "id") | (WSU, "Id") | (XML, "id")
                );
                if is_id {
                    // Twice on one element it is still that element's.
                    let twice = |known: &mut Option<Node>| *known = known.filter(|&known| known == node);
                    found.entry(&*attribute.value).and_modify(twice).or_insert(Some(node));
                }
            }
        }
        Self { found }
    }

    /// The one element of an identifier.
    pub fn get(&self, id: &str) -> Option<Node> {
        self.found.get(id).copied().flatten()
    }

    /// Whether any identifier begins so.
    pub fn any_begins_with(&self, prefix: &str) -> bool {
        self.found.keys().any(|id| id.starts_with(prefix))
    }

    /// Fails if any identifier stands twice. A document that is referred to by identifiers may have none that two readers
    /// could resolve differently, not even one that nothing refers to.
    pub fn check_unique(&self) -> Result<(), FormatError> {
        if self.found.values().any(Option::is_none) {
            return Err(FormatError::malformed("the same Id on two elements"));
        }
        Ok(())
    }
}
