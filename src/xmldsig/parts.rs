//! A `Signature` element taken apart, strictly: what its schema does not have is malformed, and nothing in it is read twice
//! or by another way.

use super::canonical::Method;
use super::limits::{MAX_REFERENCES, MAX_TRANSFORMS, too_much};
use super::namespaces::{DS, FILTER_2};
use super::tree::{Node, Tree};
use super::{algorithms, filter};
use crate::crypto::{AlgorithmNotAllowed, HashAlgorithm, SignatureAlgorithm};
use crate::der::armour::decode_base64;
use crate::signed::FormatError;

/// The children of a `Signature` (XML Signature 4.2).
#[derive(Clone, Debug)]
pub struct Parts {
    /// The `Signature`.
    pub node: Node,
    /// The one `SignedInfo`.
    pub signed_info: Node,
    /// The one `SignatureValue`.
    pub value: Node,
    /// `KeyInfo`.
    pub key_info: Option<Node>,
    /// The `Object`s.
    pub objects: Vec<Node>,
}

impl Parts {
    /// Takes a `Signature` apart.
    pub fn of(tree: &Tree<'_>, node: Node) -> Result<Self, FormatError> {
        let mut children = tree.only_elements(node)?.into_iter().peekable();
        let mut one = |local| children.next_if(|&child| tree.is(child, DS, local));
        let signed_info = one("SignedInfo").ok_or_else(|| out_of_order("SignedInfo"))?;
        let value = one("SignatureValue").ok_or_else(|| out_of_order("SignatureValue"))?;
        let key_info = one("KeyInfo");
        let objects = std::iter::from_fn(|| one("Object")).collect();
        if children.next().is_some() {
            return Err(FormatError::malformed("a Signature with a child out of place"));
        }
        Ok(Self { node, signed_info, value, key_info, objects })
    }
}

fn out_of_order(local: &str) -> FormatError {
    FormatError::Malformed(format!("a Signature without {local} in its place"))
}

/// `SignedInfo` (XML Signature 4.4).
#[derive(Clone, Debug)]
pub struct SignedInfo {
    /// How it is canonicalized itself.
    pub canonicalization: Method,
    /// The algorithm of the value.
    pub algorithm: Result<SignatureAlgorithm, AlgorithmNotAllowed>,
    /// What is signed; at least one.
    pub references: Vec<Reference>,
}

/// `Reference` (XML Signature 4.4.3).
#[derive(Clone, Debug)]
pub struct Reference {
    /// What it refers to; `None` where the application is to know.
    pub uri: Option<String>,
    /// Its `Type`.
    pub kind: Option<String>,
    /// The transforms, in order.
    pub transforms: Vec<Transform>,
    /// The hash, or why it is refused.
    pub hash: Result<HashAlgorithm, AlgorithmNotAllowed>,
    /// The digest.
    pub digest: Vec<u8>,
}

/// A transform that is allowed. Nothing that computes (XSLT, `XPath`) is, but for the texts of [`filter`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Transform {
    /// The octets that an element holds in base64 (XML Signature 6.6.2), without the element.
    Base64,
    /// Canonicalization.
    Canonical(Method),
    /// The signature leaves itself out (XML Signature 6.6.4).
    Enveloped,
    /// All signatures are left out.
    WithoutSignatures,
}

/// Transforms that are known and refused, by the names people use.
const REFUSED_TRANSFORMS: [(&str, &str); 5] = [
    ("http://www.w3.org/TR/1999/REC-xslt-19991116", "the XSLT transform"),
    (filter::XPATH, "the XPath transform"),
    (FILTER_2, "the XPath filter 2.0 transform"),
    (
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
        "the STR-Transform of WS-Security",
    ),
    (
        "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform",
        "signed SOAP attachments",
    ),
];

const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const MANIFEST: &str = "http://www.w3.org/2000/09/xmldsig#Manifest";

impl SignedInfo {
    /// Reads a `SignedInfo`.
    pub fn read(tree: &Tree<'_>, node: Node) -> Result<Self, FormatError> {
        let mut children = tree.only_elements(node)?.into_iter();
        let mut one = |local| {
            let child = children.next().filter(|&child| tree.is(child, DS, local));
            child.ok_or_else(|| FormatError::Malformed(format!("a SignedInfo without {local} in its place")))
        };
        let canonicalization = Method::read(tree, one("CanonicalizationMethod")?)?
            .ok_or_else(|| FormatError::Unsupported("the canonicalization of SignedInfo".into()))?;
        let method = one("SignatureMethod")?;
        let algorithm = algorithms::signature(algorithm_of(tree, method)?);
        // A refused algorithm may have parameters of its own.
        if algorithm.is_ok() && !tree.only_elements(method)?.is_empty() {
            return Err(FormatError::malformed("a SignatureMethod with parameters it does not have"));
        }
        let mut references = Vec::new();
        for child in children {
            if !tree.is(child, DS, "Reference") {
                return Err(FormatError::malformed("a SignedInfo with a child out of place"));
            }
            if references.len() == MAX_REFERENCES {
                return Err(too_much("references in a signature", MAX_REFERENCES));
            }
            references.push(Reference::read(tree, child)?);
        }
        if references.is_empty() {
            return Err(FormatError::malformed("a SignedInfo without any Reference"));
        }
        Ok(Self { canonicalization, algorithm, references })
    }
}

impl Reference {
    fn read(tree: &Tree<'_>, node: Node) -> Result<Self, FormatError> {
        let mut children = tree.only_elements(node)?.into_iter().peekable();
        let transforms = match children.next_if(|&child| tree.is(child, DS, "Transforms")) {
            Some(list) => transforms(tree, list)?,
            None => Vec::new(),
        };
        let mut one = |local| {
            let child = children.next().filter(|&child| tree.is(child, DS, local));
            child.ok_or_else(|| FormatError::Malformed(format!("a Reference without {local} in its place")))
        };
        let hash = digest_method(tree, one("DigestMethod")?)?;
        let digest = base64(tree, one("DigestValue")?)?;
        if children.next().is_some() {
            return Err(FormatError::malformed("a Reference with a child out of place"));
        }
        let kind = tree.attribute(node, "Type").map(str::to_owned);
        if kind.as_deref() == Some(MANIFEST) {
            return Err(FormatError::Unsupported("signed manifests".into()));
        }
        Ok(Self { uri: tree.attribute(node, "URI").map(str::to_owned), kind, transforms, hash, digest })
    }
}

fn transforms(tree: &Tree<'_>, list: Node) -> Result<Vec<Transform>, FormatError> {
    let mut found = Vec::new();
    for node in tree.only_elements(list)? {
        if !tree.is(node, DS, "Transform") {
            return Err(FormatError::malformed("Transforms with a child out of place"));
        }
        if found.len() == MAX_TRANSFORMS {
            return Err(too_much("transforms in a reference", MAX_TRANSFORMS));
        }
        let identifier = algorithm_of(tree, node)?;
        found.push(if let Some(method) = Method::read(tree, node)? {
            Transform::Canonical(method)
        } else if identifier == ENVELOPED || identifier == BASE64 {
            if !tree.only_elements(node)?.is_empty() {
                return Err(FormatError::malformed("a transform with parameters it does not have"));
            }
            if identifier == BASE64 { Transform::Base64 } else { Transform::Enveloped }
        } else if let Some(filter) = filter::read(tree, node, identifier) {
            filter
        } else {
            let known = REFUSED_TRANSFORMS.iter().find(|(known, _)| *known == identifier);
            return Err(FormatError::Unsupported(known.map_or("an unknown transform", |(_, name)| name).into()));
        });
    }
    if found.is_empty() {
        return Err(FormatError::malformed("Transforms without any Transform"));
    }
    Ok(found)
}

/// The algorithm of a `DigestMethod`.
pub fn digest_method(tree: &Tree<'_>, node: Node) -> Result<Result<HashAlgorithm, AlgorithmNotAllowed>, FormatError> {
    let hash = algorithms::digest(algorithm_of(tree, node)?);
    if hash.is_ok() && !tree.only_elements(node)?.is_empty() {
        return Err(FormatError::malformed("a DigestMethod with parameters it does not have"));
    }
    Ok(hash)
}

/// The `Algorithm` attribute, which must be there.
pub fn algorithm_of<'t>(tree: &'t Tree<'_>, node: Node) -> Result<&'t str, FormatError> {
    let local = tree.local(node);
    tree.attribute(node, "Algorithm").ok_or_else(|| FormatError::Malformed(format!("{local} without Algorithm")))
}

/// The octets of an element that holds base64 and nothing else, padded as `xsd:base64Binary` is. White space may stand anywhere
/// in it, the carriage returns that Java writes as `&#13;` included.
pub fn base64(tree: &Tree<'_>, node: Node) -> Result<Vec<u8>, FormatError> {
    let text = tree.only_text(node)?;
    let digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
    let octets = decode_base64(text.as_bytes()).ok().filter(|_| digits.is_multiple_of(4));
    octets.ok_or_else(|| FormatError::Malformed(format!("{} is not base64", tree.local(node))))
}
