//! The canonicalization algorithms by their identifiers.

use crate::signed::FormatError;
use crate::xmldsig::limits::{MAX_PREFIXES, too_much};
use crate::xmldsig::namespaces::EXCLUSIVE;
use crate::xmldsig::tree::{Node, Tree};

/// Which namespaces and inherited attributes are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Exclusive canonical XML 1.0: the namespaces in use.
    Exclusive,
    /// Canonical XML 1.0: all of them, and inherited `xml:` attributes.
    Inclusive,
    /// Canonical XML 1.1: as 1.0, but `xml:id` is not inherited.
    Inclusive11,
}

/// A canonicalization.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Method {
    /// Which.
    pub kind: Kind,
    /// Whether comments are written.
    pub comments: bool,
    /// Exclusive canonicalization: prefixes treated as inclusive does, the default namespace empty.
    pub prefixes: Vec<String>,
}

/// Every canonicalization allowed.
const METHODS: [(&str, Kind, bool); 6] = [
    ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", Kind::Inclusive, false),
    ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", Kind::Inclusive, true),
    ("http://www.w3.org/2006/12/xml-c14n11", Kind::Inclusive11, false),
    ("http://www.w3.org/2006/12/xml-c14n11#WithComments", Kind::Inclusive11, true),
    ("http://www.w3.org/2001/10/xml-exc-c14n#", Kind::Exclusive, false),
    ("http://www.w3.org/2001/10/xml-exc-c14n#WithComments", Kind::Exclusive, true),
];

impl Method {
    /// What applies where nothing is said: canonical XML 1.0 (XML Signature 4.4.3.2).
    pub const DEFAULT: Self = Self { kind: Kind::Inclusive, comments: false, prefixes: Vec::new() };

    /// The method of an identifier.
    pub fn of(identifier: &str) -> Option<Self> {
        let (_, kind, comments) = METHODS.iter().find(|(known, ..)| *known == identifier)?;
        Some(Self { kind: *kind, comments: *comments, prefixes: Vec::new() })
    }

    /// Reads `CanonicalizationMethod`, or a `Transform` that canonicalizes; `None` when it is another algorithm.
    pub fn read(tree: &Tree<'_>, node: Node) -> Result<Option<Self>, FormatError> {
        let Some(mut method) = tree.attribute(node, "Algorithm").and_then(Self::of) else { return Ok(None) };
        let mut parameters = tree.only_elements(node)?.into_iter();
        if let Some(parameter) = parameters.next() {
            if method.kind != Kind::Exclusive || !tree.is(parameter, EXCLUSIVE, "InclusiveNamespaces") {
                return Err(FormatError::malformed("a canonicalization with parameters it does not have"));
            }
            tree.only_elements(parameter)?;
            let list = tree.attribute(parameter, "PrefixList").unwrap_or_default();
            method.prefixes = list.split_ascii_whitespace().map(|prefix| prefix.replace("#default", "")).collect();
            if method.prefixes.len() > MAX_PREFIXES {
                return Err(too_much("prefixes in a PrefixList", MAX_PREFIXES));
            }
        }
        if parameters.next().is_some() {
            return Err(FormatError::malformed("a canonicalization with parameters it does not have"));
        }
        Ok(Some(method))
    }
}
