//! An enveloped signature over the whole document, as NCANode and NCALayer make it: the last thing in the root element.

use super::plan::{By, Earlier, Naming, Plan};
use super::scope::Scope;
use super::source::Frame;
use crate::crypto::hash;
use crate::signed::MakeError;
use crate::xmldsig::canonical::{Method, Subset, canonical};
use crate::xmldsig::ids::Ids;
use crate::xmldsig::limits::Budget;
use crate::xmldsig::namespaces::{ASIC, DS};
use crate::xmldsig::tree::Tree;

const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const INCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Plans it.
///
/// # Errors
///
/// [`MakeError::Document`] for what is a signature itself, [`MakeError::Format`] for what is beyond a limit.
pub fn plan(tree: &Tree<'_>, text: &str, ids: &Ids<'_>, all: usize, by: By<'_>) -> Result<Plan, MakeError> {
    let root = tree.root();
    if tree.is(root, DS, "Signature") || tree.is(root, ASIC, "XAdESSignatures") {
        return Err(MakeError::Document("its root element is a signature, which can envelop no other".into()));
    }
    let subset = Subset { apex: tree.document(), without: Vec::new(), comments: false };
    let method = Method::of(INCLUSIVE_WITH_COMMENTS).unwrap_or(Method::DEFAULT);
    let digest = hash(by.hash, &canonical(tree, &subset, &method, &mut Budget::new())?);
    Ok(Plan {
        uri: String::new(),
        transforms: &[ENVELOPED, INCLUSIVE_WITH_COMMENTS],
        canonicalization: INCLUSIVE,
        id: by.fresh_id(ids, &digest)?,
        digest,
        naming: Naming::X509Data,
        scope: Scope::in_element(tree, root),
        frame: Frame::at_end_of(tree, text, root)?,
        edit: None,
        // It stands behind whatever is in the root element.
        earlier: Earlier { all, before: all },
    })
}
