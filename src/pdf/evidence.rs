//! The document security store (ISO 32000-2 section 12.8.4.3): certificates, lists and responses beside the signatures.

use std::collections::{BTreeSet, HashSet};

use lopdf::{Dictionary, Object};

use super::field::array;
use super::file::State;
use crate::crypto::sha256;
use crate::signed::{Embedded, FormatError};

/// Streams in the store.
pub(super) const MAX_STREAMS: usize = 512;
/// Octets of all of them: a national revocation list is about 22 MB.
pub(super) const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Takes pieces of evidence, each once.
struct Collector<'s, 'f, 'a> {
    state: &'s State<'f, 'a>,
    seen: BTreeSet<(u32, u16)>,
    bytes: usize,
}

impl Collector<'_, '_, '_> {
    fn take(&mut self, dictionary: &Dictionary, key: &[u8], into: &mut Vec<Vec<u8>>) -> Result<(), FormatError> {
        for element in array(self.state, dictionary, key)? {
            let Object::Reference(id) = element else {
                return Err(FormatError::malformed("PDF: evidence that is no stream"));
            };
            if !self.seen.insert(id) {
                continue;
            }
            if self.seen.len() > MAX_STREAMS {
                return Err(FormatError::TooMuch { what: "pieces of evidence", limit: MAX_STREAMS as u64 });
            }
            let Some(item) = self.state.get(id)? else { continue };
            let content = self.state.content(&item, MAX_BYTES - self.bytes)?;
            let content = content.ok_or_else(|| FormatError::malformed("PDF: evidence that is no stream"))?;
            self.bytes += content.len();
            into.push(content);
        }
        Ok(())
    }
}

/// Everything in the store of a state; `None` when it has no store.
pub(super) fn store(state: &State<'_, '_>) -> Result<Option<Embedded>, FormatError> {
    let (_, catalog) = state.catalog()?;
    let store = match state.entry_of(&catalog, b"DSS")? {
        Object::Dictionary(store) => store,
        Object::Null => return Ok(None),
        _ => return Err(FormatError::malformed("PDF: a document security store that is none")),
    };
    let mut collector = Collector { state, seen: BTreeSet::new(), bytes: 0 };
    let mut found = Embedded::default();
    collector.take(&store, b"Certs", &mut found.certificates)?;
    collector.take(&store, b"CRLs", &mut found.lists)?;
    collector.take(&store, b"OCSPs", &mut found.responses)?;
    if let Object::Dictionary(of_signatures) = state.entry_of(&store, b"VRI")? {
        for (_, of_one) in &of_signatures {
            let Object::Dictionary(of_one) = state.resolve(of_one)? else { continue };
            collector.take(&of_one, b"Cert", &mut found.certificates)?;
            collector.take(&of_one, b"CRL", &mut found.lists)?;
            collector.take(&of_one, b"OCSP", &mut found.responses)?;
        }
    }
    Ok(Some(found))
}

/// Adds what another place has, each once; what was there keeps its position.
pub(super) fn add(to: &mut Embedded, from: &Embedded) {
    let add = |to: &mut Vec<Vec<u8>>, from: &[Vec<u8>]| {
        let mut known: HashSet<[u8; 32]> = to.iter().map(|bytes| sha256(bytes)).collect();
        to.extend(from.iter().filter(|bytes| known.insert(sha256(bytes))).cloned());
    };
    add(&mut to.certificates, &from.certificates);
    add(&mut to.lists, &from.lists);
    add(&mut to.responses, &from.responses);
}
