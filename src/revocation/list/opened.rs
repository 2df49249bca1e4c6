//! A list from its index file, without its bytes: verified when the file was written, and by the audit after the start.

use std::sync::Arc;

use super::parsed::{may_have_issued, read_algorithm};
use super::{Head, RevocationList, Texts};
use crate::revocation::extension::ListExtensions;
use crate::revocation::source::Source;
use crate::revocation::stored::{Stored, StoredError};
use crate::x509::{Certificate, Name};

impl RevocationList {
    /// The list whose index file was opened, if its issuer's name and key are still those of one of `issuers` that may
    /// sign lists.
    pub(in crate::revocation) fn opened(
        stored: &Stored,
        source: Source,
        issuers: &[Certificate],
    ) -> Result<Self, StoredError> {
        let issuer = Name::from_der(stored.issuer()).map_err(|_| StoredError::Part("issuer"))?;
        let is_known = issuers.iter().any(|certificate| {
            let key = certificate.public_key().ok().map(|key| key.spki_sha256());
            key == Some(&stored.issuer_key) && may_have_issued(certificate, &issuer).is_ok()
        });
        if !is_known {
            return Err(StoredError::Issuer);
        }
        let extensions =
            ListExtensions::of(stored.extensions(), &issuer, &source).map_err(|_| StoredError::Part("extensions"))?;
        let head = Head {
            this_update: stored.this_update,
            next_update: stored.next_update,
            extensions,
            summary: stored.summary(),
            source,
            bytes: stored.list_bytes,
            issuer,
        };
        let algorithm = read_algorithm(stored.algorithm()).map_err(|_| StoredError::Part("algorithm"))?;
        let texts = Texts::of(&head, &stored.sha256);
        let (index, foreign) = stored.indexes()?;
        let (head, index, foreign) = (Arc::new(head), Arc::new(index), foreign.map(Arc::new));
        let (about, sha256, issuer_key) = (head.about(), stored.sha256, stored.issuer_key);
        Ok(Self { index, foreign, sha256, issuer_key, algorithm, texts, about, head })
    }
}
