//! SOAP envelopes signed by WS-Security 1.0 and 1.1.

pub mod token_reference;

use super::namespaces::{DS, SOAP_11, SOAP_12, WSSE, WSU};
use super::tree::{Node, Tree};
use crate::clock::Time;
use crate::signed::FormatError;

/// The parts of an envelope, signed or not.
#[derive(Clone, Copy, Debug)]
pub struct Structure {
    /// The namespace of its version of SOAP.
    pub soap: &'static str,
    /// The `Header`.
    pub header: Option<Node>,
    /// The `Body`.
    pub body: Node,
    /// The one `Security`, a child of the `Header`.
    pub security: Option<Node>,
}

impl Structure {
    /// Reads the parts; `None` when the root is no envelope.
    ///
    /// # Errors
    ///
    /// [`FormatError::Malformed`] when there is more than one of what there must be one of, wherever it lies: that is how
    /// signed parts are moved to where nobody looks.
    pub fn of(tree: &Tree<'_>) -> Result<Option<Self>, FormatError> {
        let root = tree.root();
        let Some(soap) = [SOAP_11, SOAP_12].into_iter().find(|&soap| tree.is(root, soap, "Envelope")) else {
            return Ok(None);
        };
        // Of any namespace: who looks for a name alone must find the same one.
        let of_name = |local: &'static str| tree.elements(root).filter(move |&child| tree.local(child) == local);
        let not_one = |local| FormatError::Malformed(format!("an Envelope without exactly one {local}"));
        let at_most_one = |local| {
            let mut found = of_name(local);
            let first = found.next();
            let is_of_soap = first.is_none_or(|first| tree.is(first, soap, local));
            if found.next().is_some() || !is_of_soap { Err(not_one(local)) } else { Ok(first) }
        };
        let header = at_most_one("Header")?;
        let body = at_most_one("Body")?.ok_or_else(|| not_one("Body"))?;
        let mut securities = tree.all(root).filter(|&node| tree.is(node, WSSE, "Security"));
        let security = securities.next();
        if securities.next().is_some() {
            return Err(FormatError::malformed("several Security headers"));
        }
        if security.is_some_and(|security| header.is_none() || tree.parent(security) != header) {
            return Err(FormatError::malformed("a Security header outside of the Header"));
        }
        Ok(Some(Self { soap, header, body, security }))
    }
}

/// An envelope whose structure leaves no choice: one Body that is the Body, one Security header.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    /// The `Header`, a child of the root.
    pub header: Node,
    /// The `Body`, a child of the root.
    pub body: Node,
    /// The one `Security`, a child of the `Header`.
    pub security: Node,
}

impl Envelope {
    /// Reads the envelope; `None` when the root is none, or when no signature lies in a `Security` header, so that it is
    /// XML like any other.
    ///
    /// # Errors
    ///
    /// As [`Structure::of`].
    pub fn of(tree: &Tree<'_>) -> Result<Option<Self>, FormatError> {
        let Some(Structure { header, body, security, .. }) = Structure::of(tree)? else { return Ok(None) };
        let (Some(header), Some(security)) = (header, security) else { return Ok(None) };
        if !tree.elements(security).any(|child| tree.is(child, DS, "Signature")) {
            return Ok(None);
        }
        // SOAP 1.2, 5.1; SOAP 1.1 would have elements after the Body, which nobody signs and nobody is to read. Signatures
        // over the envelope as a document are judged themselves.
        let is_own = |child| child == header || child == body || tree.is(child, DS, "Signature");
        if !tree.elements(tree.root()).all(is_own) {
            return Err(FormatError::malformed("an Envelope with something beside Header and Body"));
        }
        Ok(Some(Self { header, body, security }))
    }

    /// Fails when a signed element lies deep in the header, outside of `Security`: a header that was signed and moved there
    /// makes room for another one.
    pub fn check_place(&self, tree: &Tree<'_>, signed: Node) -> Result<(), FormatError> {
        let is_header = signed == self.header || tree.parent(signed) == Some(self.header);
        if tree.contains(self.header, signed) && !is_header && !tree.contains(self.security, signed) {
            return Err(FormatError::malformed("a signed header that is not where headers are"));
        }
        Ok(())
    }

    /// The `wsu:Timestamp` of the header and the time in its `Created`.
    pub fn timestamp(&self, tree: &Tree<'_>) -> Result<Option<(Node, Option<Time>)>, FormatError> {
        let mut found = tree.elements(self.security).filter(|&child| tree.is(child, WSU, "Timestamp"));
        let first = found.next();
        if found.next().is_some() {
            return Err(FormatError::malformed("several Timestamps in a Security header"));
        }
        let Some(timestamp) = first else { return Ok(None) };
        let created = tree.elements(timestamp).find(|&child| tree.is(child, WSU, "Created"));
        let time = created.map(|created| tree.only_text(created)).transpose()?;
        Ok(Some((timestamp, time.and_then(|time| time.trim_ascii().parse().ok()))))
    }
}
