//! Certificates, lists and responses as they are found in a document.

use super::limits::too_much;
use crate::signed::{Embedded, FormatError};

/// Most certificates in one document, and most lists, and most responses; chains are of three.
pub const MAX_EACH: usize = 256;

/// What was found so far; no two alike.
#[derive(Debug, Default)]
pub struct Evidence {
    found: Embedded,
}

impl Evidence {
    /// Takes a certificate in, and gives its position.
    pub fn certificate(&mut self, der: Vec<u8>) -> Result<usize, FormatError> {
        insert(&mut self.found.certificates, der, "certificates in a document")
    }

    /// Takes a revocation list in.
    pub fn list(&mut self, der: Vec<u8>) -> Result<(), FormatError> {
        insert(&mut self.found.lists, der, "revocation lists in a document").map(|_| ())
    }

    /// Takes an OCSP response in.
    pub fn response(&mut self, der: Vec<u8>) -> Result<(), FormatError> {
        insert(&mut self.found.responses, der, "OCSP responses in a document").map(|_| ())
    }

    /// All of it.
    pub fn into_embedded(self) -> Embedded {
        self.found
    }
}

fn insert(all: &mut Vec<Vec<u8>>, der: Vec<u8>, what: &'static str) -> Result<usize, FormatError> {
    if let Some(position) = all.iter().position(|known| *known == der) {
        return Ok(position);
    }
    if all.len() == MAX_EACH {
        return Err(too_much(what, MAX_EACH));
    }
    all.push(der);
    Ok(all.len() - 1)
}
