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
        let Some(Structure { body, security, .. }) = Structure::of(tree)? else { return Ok(None) };
        let Some(security) = security else { return Ok(None) };
        let signed = tree.elements(security).any(|child| tree.is(child, DS, "Signature"));
        Ok(signed.then_some(Self { body, security }))
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
