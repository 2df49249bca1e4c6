//! The document as a whole: which signatures it has, in which order they are judged, what was signed.

use std::sync::Arc;

use super::coverage::Wanted;
use super::evidence::Evidence;
use super::ids::Ids;
use super::limits::{Budget, MAX_SIGNATURES, too_much};
use super::namespaces::{DS, XADES};
use super::reference::{Files, Once, Outside, Resolver, WHOLE_BY_POINTER};
use super::signature::{Draft, Reader};
use super::soap::Envelope;
use super::tree::{Node, Tree};
use super::{scan, text};
use crate::signed::{
    ContentBytes, Detached, Embedded, Format, FormatError, Signature, Signatures, SignedContent, SignedDocument,
};

/// Reads a signed XML document or SOAP envelope; `part` is the Id of the element the caller wants covered, else the root
/// (for SOAP, the Body).
///
/// # Errors
///
/// [`FormatError`].
pub fn read(document: &[u8], detached: Detached<'_>, part: Option<&str>) -> Result<SignedDocument, FormatError> {
    let given = !matches!(detached, Detached::Absent);
    read_document(document, &Outside::One(Once::of(detached)), given, part)
}

/// Reads the signatures of an `ASiC` container (EN 319 162-1 clause 4.4.3.2), which refer to its files by name. Whether they
/// refer to all of them is for the container to say: [`crate::signed::Coverage::Whole`] means that there is such a reference.
///
/// # Errors
///
/// [`FormatError`].
pub fn read_with_files(document: &[u8], files: &dyn Files) -> Result<SignedDocument, FormatError> {
    read_document(document, &Outside::Files(files), false, None)
}

fn read_document(
    document: &[u8],
    outside: &Outside<'_>,
    outside_given: bool,
    part: Option<&str>,
) -> Result<SignedDocument, FormatError> {
    let (text, encoding) = text::decode(document)?;
    let text = scan::checked(text)?;
    let tree = Tree::parse(&text, encoding)?;
    let nodes = find(&tree)?;
    let envelope = Envelope::of(&tree)?;
    let ids = Ids::of(&tree);
    if part.is_some() || refers_by_id(&tree) {
        ids.check_unique()?;
    }
    let wanted = match (part, envelope) {
        (Some(part), _) => ids.get(part).map_or(Wanted::Nothing, Wanted::Element),
        (None, Some(envelope)) => Wanted::Element(envelope.body),
        (None, None) => Wanted::Root,
    };
    let mut reader = Reader {
        resolver: Resolver { tree: &tree, ids: &ids, outside, signatures: &nodes },
        wanted,
        envelope,
        outside_given,
        budget: Budget::new(),
        evidence: Evidence::default(),
    };
    let drafts = judge(&mut reader, &nodes)?;
    let contents = contents(&drafts);
    let embedded = Arc::new(reader.evidence.into_embedded());
    let signatures = drafts.into_iter().map(|draft| with_evidence(draft.signature, &embedded)).collect();
    Ok(SignedDocument {
        format: if envelope.is_some() { Format::Soap } else { Format::Xml },
        signatures: Signatures::new(signatures).ok_or(FormatError::NoSignature)?,
        contents,
        timestamp_token: None,
        warnings: Vec::new(),
    })
}

/// Every signature of the document in its order, but for counter-signatures, which belong to theirs.
pub(super) fn find(tree: &Tree<'_>) -> Result<Vec<Node>, FormatError> {
    let mut found = Vec::new();
    let mut count = 0;
    for node in tree.all(tree.root()).filter(|&node| tree.is(node, DS, "Signature")) {
        count += 1;
        if count > MAX_SIGNATURES {
            return Err(too_much("signatures", MAX_SIGNATURES));
        }
        if tree.around(node).skip(1).any(|outer| tree.is(outer, DS, "Signature")) {
            if !is_counter_signature(tree, node) {
                return Err(FormatError::malformed("a signature inside another one"));
            }
        } else {
            found.push(node);
        }
    }
    if found.is_empty() { Err(FormatError::NoSignature) } else { Ok(found) }
}

/// Whether a nested signature stands where counter-signatures are looked for.
fn is_counter_signature(tree: &Tree<'_>, node: Node) -> bool {
    let path = [
        (XADES, "CounterSignature"),
        (XADES, "UnsignedSignatureProperties"),
        (XADES, "UnsignedProperties"),
        (XADES, "QualifyingProperties"),
        (DS, "Object"),
        (DS, "Signature"),
    ];
    let mut around = tree.around(node).skip(1);
    path.iter().all(|(namespace, local)| around.next().is_some_and(|outer| tree.is(outer, namespace, local)))
}

/// Whether anything is referred to by its identifier: a `Reference` of a signature, or of a security token.
fn refers_by_id(tree: &Tree<'_>) -> bool {
    tree.all(tree.root()).any(|node| {
        let is_by_id = |uri: &str| uri.starts_with('#') && uri != WHOLE_BY_POINTER;
        tree.local(node) == "Reference" && tree.attribute(node, "URI").is_some_and(is_by_id)
    })
}

/// Reads the signatures, the last first: one made before others may leave those out that stand behind it beside it, if
/// they hold themselves. Each of them is a signature of this document and is judged as such, so that nothing is left
/// out that nobody looks at.
fn judge(reader: &mut Reader<'_, '_, '_>, nodes: &[Node]) -> Result<Vec<Draft>, FormatError> {
    let tree = reader.resolver.tree;
    let mut drafts: Vec<Draft> = Vec::new();
    for (index, &node) in nodes.iter().enumerate().rev() {
        let beside = |later: &&Draft| tree.parent(later.node) == tree.parent(node);
        let later: Vec<&Draft> = drafts.iter().filter(beside).collect();
        let usable = later.iter().all(|draft| draft.may_be_left_out());
        let later: Vec<Node> = if usable { later.iter().map(|draft| draft.node).collect() } else { Vec::new() };
        drafts.push(reader.read(node, format!("signature {}", index + 1), &later, reader.wanted)?);
    }
    drafts.reverse();
    Ok(drafts)
}

/// What was signed: what the first signature covers if any covers all that counts (the later ones cover that and the
/// earlier signatures), else every part.
fn contents(drafts: &[Draft]) -> Vec<SignedContent> {
    let whole = drafts.iter().filter(|draft| draft.signature.covers.is_enough());
    // Of those that left out equally many the first.
    let innermost = whole.rev().max_by_key(|draft| draft.later);
    let chosen: Vec<&Draft> = match innermost {
        Some(draft) => vec![draft],
        None => drafts.iter().collect(),
    };
    chosen
        .into_iter()
        .map(|draft| SignedContent::of(draft.content.clone().map_or(ContentBytes::NotKept, ContentBytes::Owned)))
        .collect()
}

fn with_evidence(mut signature: Signature, embedded: &Arc<Embedded>) -> Signature {
    signature.embedded = Arc::clone(embedded);
    let counters = std::mem::take(&mut signature.counter_signatures);
    signature.counter_signatures = counters.into_iter().map(|counter| with_evidence(counter, embedded)).collect();
    signature
}
