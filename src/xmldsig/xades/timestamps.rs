//! Timestamps of `XAdES` and what they are over.

use crate::signed::{Covered, FormatError, TimestampKind, TimestampToken};
use crate::xmldsig::canonical::{Method, Subset, canonical};
use crate::xmldsig::limits::{Budget, too_much};
use crate::xmldsig::namespaces::{DS, XADES};
use crate::xmldsig::parts::{Parts, base64};
use crate::xmldsig::tree::{Node, Tree};

/// Most tokens in one timestamp element; one is usual.
const MAX_TOKENS: usize = 8;

/// What stands for a timestamp whose input is not computed here.
pub(super) fn not_computed() -> Covered {
    Covered::Unknown("what this kind of timestamp is over is not computed")
}

/// Reads a timestamp whose input does not depend on its canonicalization.
pub(super) fn read(
    tree: &Tree<'_>,
    node: Node,
    kind: TimestampKind,
    mut covered: impl FnMut() -> Result<Covered, FormatError>,
) -> Result<Vec<TimestampToken>, FormatError> {
    read_over(tree, node, kind, |_| covered())
}

/// Reads a timestamp (`XAdESTimeStampType`, EN 319 132-1 5.1.4.3): its tokens, and its input by its canonicalization.
pub(super) fn read_over(
    tree: &Tree<'_>,
    node: Node,
    kind: TimestampKind,
    mut covered: impl FnMut(&Method) -> Result<Covered, FormatError>,
) -> Result<Vec<TimestampToken>, FormatError> {
    let (mut method, mut explicit, mut tokens) = (Method::DEFAULT, false, Vec::new());
    for child in tree.only_elements(node)? {
        match (tree.namespace(child), tree.local(child)) {
            (Some(DS), "CanonicalizationMethod") => {
                method = Method::read(tree, child)?
                    .ok_or_else(|| FormatError::Unsupported("the canonicalization of a timestamp".into()))?;
            }
            (Some(XADES), "EncapsulatedTimeStamp") => {
                if tokens.len() == MAX_TOKENS {
                    return Err(too_much("tokens in a timestamp", MAX_TOKENS));
                }
                tokens.push(base64(tree, child)?);
            }
            // It lists what it is over.
            (Some(XADES), "Include" | "ReferenceInfo") => explicit = true,
            _ => return Err(FormatError::Unsupported("a timestamp that is no RFC 3161 token".into())),
        }
    }
    let covered = if explicit { not_computed() } else { covered(&method)? };
    Ok(tokens
        .into_iter()
        .map(|token| TimestampToken {
            kind,
            token,
            covered: covered.clone(),
            over_evidence: kind == TimestampKind::Archive,
        })
        .collect())
}

/// A signature as timestamps see it.
pub struct Signature<'s> {
    /// Its parts.
    pub parts: &'s Parts,
    /// The octets of every reference, in order, if all are at hand.
    pub references: Option<Vec<&'s [u8]>>,
    /// The object with the properties: it is covered by its parts.
    pub qualifying: Node,
}

impl Signature<'_> {
    /// What a `SignatureTimeStamp` is over (EN 319 132-1 5.3): the `SignatureValue` element.
    pub(super) fn value(&self, tree: &Tree<'_>, method: &Method, budget: &mut Budget) -> Result<Covered, FormatError> {
        Ok(Covered::Bytes(canonical(tree, &Subset::element(self.parts.value), method, budget)?))
    }

    /// What an `ArchiveTimeStamp` of 1.4.1 is over (EN 319 132-1 5.5.2.2): what was signed, the signature, and the
    /// evidence before the timestamp.
    pub(super) fn everything(
        &self,
        tree: &Tree<'_>,
        earlier: &[Node],
        method: &Method,
        budget: &mut Budget,
    ) -> Result<Covered, FormatError> {
        let Some(references) = &self.references else {
            return Ok(Covered::Unknown("an archive timestamp over content outside the document"));
        };
        // The versions of the standard differ on other objects.
        if self.parts.objects.iter().any(|&object| object != self.qualifying) {
            return Ok(Covered::Unknown("an archive timestamp over several objects"));
        }
        let mut octets = Vec::new();
        for reference in references {
            budget.spend(reference.len())?;
            octets.extend_from_slice(reference);
        }
        let own = [Some(self.parts.signed_info), Some(self.parts.value), self.parts.key_info];
        for node in own.into_iter().flatten().chain(earlier.iter().copied()) {
            octets.extend(canonical(tree, &Subset::element(node), method, budget)?);
        }
        Ok(Covered::Bytes(octets))
    }
}
