//! Canonical XML 1.0, 1.1 and exclusive canonical XML 1.0, of a subtree without some of its subtrees.
//!
//! That is every node set that the allowed transforms can make: the document, or an element, less the signatures that an
//! enveloped signature takes out. Each namespace declaration costs a look-up among those in scope, of which there are few
//! (`limits::MAX_NAMESPACES`). What is written is bounded by `limits::MAX_CANONICAL`, and so is what is looked at without
//! being written: a short form can take long to make.

mod method;
mod writer;

#[cfg(test)]
mod tests;

pub use method::{Kind, Method};

use super::limits::Budget;
use super::tree::{Node, Tree};
use crate::signed::FormatError;

/// The nodes to write.
#[derive(Clone, Debug)]
pub struct Subset {
    /// The document node or an element.
    pub apex: Node,
    /// Elements left out, with all that is in them.
    pub without: Vec<Node>,
    /// Whether comments belong to it: those of a same-document reference do not (XML Signature 4.4.3.2), whatever the
    /// canonicalization would do with them.
    pub comments: bool,
}

impl Subset {
    /// An element with all that is in it.
    pub fn element(apex: Node) -> Self {
        Self { apex, without: Vec::new(), comments: true }
    }
}

/// The canonical form.
///
/// # Errors
///
/// [`FormatError::TooMuch`] when the budget is spent; [`FormatError::Unsupported`] for `xml:base` above an element under
/// canonical XML 1.1.
pub fn canonical(
    tree: &Tree<'_>,
    subset: &Subset,
    method: &Method,
    budget: &mut Budget,
) -> Result<Vec<u8>, FormatError> {
    let (octets, work) = writer::write(tree, subset, method, budget.left())?;
    budget.spend(octets.len().saturating_add(work))?;
    Ok(octets)
}
