//! The document security store (ISO 32000-2 section 12.8.4.3): evidence that is appended, beside what is there already.

use std::collections::HashSet;

use super::revision::{Revision, fault};
use super::text;
use crate::crypto::sha256;
use crate::pdf::evidence::{MAX_BYTES, MAX_STREAMS, store};
use crate::signed::{Embedded, FormatError, MakeError};

/// Appends what the store does not have yet; whether anything was.
pub(super) fn add(revision: &mut Revision<'_, '_, '_>, evidence: &Embedded) -> Result<bool, MakeError> {
    let known = store(revision.state)?.unwrap_or_default();
    let kinds = [
        ("Certs", &known.certificates, &evidence.certificates),
        ("CRLs", &known.lists, &evidence.lists),
        ("OCSPs", &known.responses, &evidence.responses),
    ];
    let mut added = Vec::new();
    let all = || kinds.iter().flat_map(|(_, known, _)| known.iter());
    let (mut streams, mut octets) = (all().count(), all().map(Vec::len).sum::<usize>());
    for (key, known, pieces) in kinds {
        let mut known: HashSet<[u8; 32]> = known.iter().map(|piece| sha256(piece)).collect();
        for piece in pieces.iter().filter(|piece| known.insert(sha256(piece))) {
            (streams, octets) = (streams + 1, octets.saturating_add(piece.len()));
            // More than that the reader would not take.
            if streams > MAX_STREAMS {
                return Err(FormatError::TooMuch { what: "pieces of evidence", limit: MAX_STREAMS as u64 }.into());
            }
            if octets > MAX_BYTES {
                return Err(FormatError::TooMuch { what: "bytes of evidence", limit: MAX_BYTES as u64 }.into());
            }
            added.push((key, revision.add(text::stream("", piece))?));
        }
    }
    if added.is_empty() {
        return Ok(false);
    }
    let (root, _) = revision.state.catalog()?;
    revision.edit(root, |revision, catalog| {
        let catalog = catalog.ok_or_else(|| fault("no document catalog"))?;
        let is_new = text::entry(&catalog, b"DSS")?.is_none();
        let fill = |revision: &mut Revision<'_, '_, '_>, store: Option<Vec<u8>>| {
            let store = store.unwrap_or_else(|| b"<< /Type /DSS >>".to_vec());
            added.iter().try_fold(store, |store, (key, id)| revision.push(store, key, *id))
        };
        if is_new {
            let store = fill(revision, None)?;
            let store = revision.add(store)?;
            return Ok(text::with_entry(&catalog, "DSS", &text::reference(store))?);
        }
        revision.edit_entry(catalog, "DSS", fill)
    })?;
    Ok(true)
}
