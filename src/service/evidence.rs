//! Evidence that travels inside a document: lists and OCSP responses, verified like any other.

use std::collections::HashSet;
use std::sync::Arc;

use crate::clock::Time;
use crate::der::TlvReader;
use crate::revocation::Snapshot;
use crate::revocation::ocsp::{ParsedResponse, Responses};
use crate::signed::{Embedded, SignedDocument};
use crate::trust::AnchorRule;
use crate::verify::document::{Established, Finder};
use crate::x509::Certificate;

use super::Grounds;
use super::vouching::vouched_in_haste;

/// Lists of a document and of all its timestamps that are looked at. Each may cost a pass over it and eight signatures; a
/// real one brings two or three of each authority.
const MAX_LISTS: usize = 64;
/// Responses likewise: each signer and each timestamp may have one of its own.
const MAX_RESPONSES: usize = 512;
/// Certificates among which the issuers of those lists are looked for, beyond those configured.
const MAX_ISSUERS: usize = 1024;

/// What a document brings to prove that its certificates were not revoked.
#[derive(Debug)]
pub(super) struct Evidence {
    lists: Snapshot,
    responses: Vec<ParsedResponse>,
    own: Responses,
}

impl Evidence {
    /// Reads the lists and responses of a document and of its timestamps; `None` where there are none. `extra` are the
    /// intermediates of the request. What cannot be read,
    /// or is of an issuer nobody knows, is no evidence; it makes nothing worse either, since nothing rests on it. What is
    /// beyond the budget is no evidence either: whoever made the document could have left it out.
    pub(super) fn embedded(
        read: &SignedDocument,
        established: &[Established],
        grounds: &Grounds,
        (extra, finder): (&[Certificate], &dyn Finder),
        (anchors, now): (AnchorRule, Time),
    ) -> Option<Self> {
        let mut bags: Vec<&Arc<Embedded>> = Vec::new();
        let of_document = read.signatures.iter().map(|signature| &signature.embedded);
        for bag in of_document.chain(established.iter().flat_map(Established::stamp_evidence)) {
            if !bags.iter().any(|known| Arc::ptr_eq(known, bag)) {
                bags.push(bag);
            }
        }
        if bags.iter().all(|bag| bag.lists.is_empty() && bag.responses.is_empty()) {
            return None;
        }
        let carried = bags.iter().flat_map(|bag| &bag.certificates).take(MAX_ISSUERS);
        let carried = carried.filter_map(|der| finder.examine(der).ok()).map(|examined| examined.certificate().clone());
        // A certificate that is known already is no second one of its name, for which paths would have to be searched.
        let mut known: HashSet<[u8; 32]> = HashSet::new();
        let all = grounds.pool.authorities().chain(extra).cloned().chain(carried);
        let issuers: Vec<Certificate> = all.filter(|certificate| known.insert(*certificate.sha256())).collect();
        let lists: Vec<Vec<u8>> = bags.iter().flat_map(|bag| &bag.lists).take(MAX_LISTS).cloned().collect();
        // What cannot be verified in a document is not held against the lists at hand.
        let lists = Snapshot::read(lists, &issuers, now).0.with_rejected(Vec::new());
        let signers = lists.to_be_vouched(&issuers);
        let vouched = vouched_in_haste(&signers, &issuers, &grounds.pool, anchors, now);
        let lists = lists.with_vouched(Arc::new(vouched));
        let responses: Vec<ParsedResponse> = bags
            .iter()
            .flat_map(|bag| &bag.responses)
            .take(MAX_RESPONSES)
            .filter_map(|response| read_response(response))
            .map(|response| response.from_origin("document"))
            .collect();
        let mut own = Responses::default();
        responses.iter().cloned().for_each(|response| own.push(response));
        Some(Self { lists, responses, own })
    }

    /// The document's own evidence.
    pub(super) fn parts(&self) -> (&Snapshot, &Responses) {
        (&self.lists, &self.own)
    }

    /// The document's evidence beside that at hand: it takes the place of nothing.
    pub(super) fn joined(&self, lists: &Snapshot, responses: &Responses, now: Time) -> (Snapshot, Responses) {
        let mut joined = responses.clone();
        self.responses.iter().cloned().for_each(|response| joined.push(response));
        (lists.beside_brought(&self.lists, now), joined)
    }
}

/// An `OCSPResponse`, or the `BasicOCSPResponse` in it, which is what `CAdES` and RFC 5940 carry.
fn read_response(der: &[u8]) -> Option<ParsedResponse> {
    const SEQUENCE: u8 = 0x30;
    let mut outer = TlvReader::new(der);
    let first = TlvReader::new(outer.expect(SEQUENCE).ok()?.value).peek_tag()?;
    if first == SEQUENCE { ParsedResponse::from_basic(der).ok() } else { ParsedResponse::from_der(der).ok() }
}
