//! A door for the fuzz targets to canonicalization. Not compiled otherwise.

use super::canonical::{Kind, Method, Subset, canonical};
use super::limits::Budget;
use super::tree::Tree;
use super::{scan, text};

/// The canonical form of a document, or of its element number `element` in document order, by algorithm number `which`:
/// exclusive, inclusive and inclusive 1.1, without comments and then with. `None` when it has none.
#[must_use]
pub fn canonical_form(document: &[u8], element: Option<usize>, which: u8) -> Option<Vec<u8>> {
    let (text, encoding) = text::decode(document).ok()?;
    let text = scan::checked(text).ok()?;
    let tree = Tree::parse(&text, encoding).ok()?;
    let apex = match element {
        None => tree.document(),
        Some(number) => tree.all(tree.root()).filter(|&node| tree.element(node).is_some()).nth(number)?,
    };
    let kind = [Kind::Exclusive, Kind::Inclusive, Kind::Inclusive11].into_iter().nth(usize::from(which % 3))?;
    let method = Method { kind, comments: which % 6 >= 3, prefixes: Vec::new() };
    canonical(&tree, &Subset::element(apex), &method, &mut Budget::new()).ok()
}
