//! What a document may cost. Everything here meets hostile input before any signature is verified.

use crate::signed::FormatError;

/// Longest document, in octets. The largest filings of the portal are below a tenth of it.
pub const MAX_BYTES: usize = 16 << 20;

/// Deepest nesting of elements; also what bounds every recursion over the tree. It is uppsala's own default.
pub const MAX_DEPTH: usize = 128;

/// Most tags, comments, instructions and CDATA sections: a node takes some 300 octets of memory, whatever its text.
pub const MAX_MARKUP: usize = 1 << 18;

/// Most attributes of one element: finding a duplicate is quadratic in the parser.
pub const MAX_ATTRIBUTES: usize = 128;

/// Most namespace declarations in scope: every name is looked up among them. The richest SOAP envelopes declare thirty.
pub const MAX_NAMESPACES: usize = 128;

/// Most octets of the namespace declarations in scope, prefixes and names: where attributes are called alike, the parser and
/// canonicalization compare the names of their namespaces in full. The richest SOAP envelopes have 3 KiB.
pub const MAX_NAMESPACE_OCTETS: usize = 16 << 10;

/// Most octets that the parser may copy of the names of namespaces. It does so where a name has a reference in it, for each
/// element and attribute; hardly anybody writes one.
pub const MAX_NAMESPACE_COPIES: usize = 1 << 20;

/// Most signatures in one document.
pub const MAX_SIGNATURES: usize = 32;

/// Most references under one signature.
pub const MAX_REFERENCES: usize = 16;

/// Most transforms of one reference; two are usual.
pub const MAX_TRANSFORMS: usize = 4;

/// Most prefixes in one `PrefixList`.
pub const MAX_PREFIXES: usize = 64;

/// Most octets of canonical XML over all signatures of a document. Exclusive canonicalization writes a namespace again
/// wherever it comes into use, so that a short document can have a long canonical form.
pub const MAX_CANONICAL: usize = 128 << 20;

/// What is left of [`MAX_CANONICAL`].
#[derive(Debug)]
pub struct Budget {
    left: usize,
}

impl Budget {
    /// All of it.
    pub fn new() -> Self {
        Self { left: MAX_CANONICAL }
    }

    /// How many octets may still be written.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Takes octets off.
    pub fn spend(&mut self, octets: usize) -> Result<(), FormatError> {
        match self.left.checked_sub(octets) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(exhausted()),
        }
    }
}

/// The error of a spent [`Budget`].
pub fn exhausted() -> FormatError {
    too_much("bytes of canonical XML", MAX_CANONICAL)
}

/// More than a limit.
pub fn too_much(what: &'static str, limit: usize) -> FormatError {
    FormatError::TooMuch { what, limit: limit as u64 }
}
