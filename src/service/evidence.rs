//! Evidence that travels inside a document: lists and OCSP responses, verified like any other, and certificates that have
//! issued lists at hand.

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
use super::bound::{self, Bound};
use super::vouching::vouched_in_haste;

/// Lists of a document and of all its timestamps that are looked at. Each may cost a pass over it and eight signatures; a
/// real one brings two or three of each authority.
const MAX_LISTS: usize = 64;
/// Responses likewise: each signer and each timestamp may have one of its own.
const MAX_RESPONSES: usize = 512;
/// Certificates among which the issuers of those lists are looked for, beyond those configured.
const MAX_ISSUERS: usize = 1024;

/// What a document brings to prove that its certificates were not revoked, and what its certificates make of evidence at hand.
#[derive(Debug)]
pub(super) struct Evidence {
    lists: Snapshot,
    responses: Vec<ParsedResponse>,
    own: Responses,
    /// Whether any of that is there.
    brings_any: bool,
    /// Lists at hand whose issuers are in the document.
    bound: Option<Bound>,
    /// The keys of the certificates of its paths.
    on_paths: HashSet<[u8; 32]>,
}

impl Evidence {
    /// Reads the lists and responses of a document and of its timestamps, and finds the issuers of lists at hand that are open
    /// among its certificates; `None` where it makes no difference. `extra` are the intermediates of the request. What
    /// cannot be read, or is of an issuer nobody knows, is no evidence; it makes nothing worse either, since nothing rests on
    /// it. What is beyond the budget is no evidence either: whoever made the document could have left it out.
    pub(super) fn of(
        read: &SignedDocument,
        established: &[Established],
        grounds: &Grounds,
        (extra, finder): (&[Certificate], &dyn Finder),
        (anchors, now): (AnchorRule, Time),
    ) -> Option<Self> {
        let bags = bags(read, established);
        let brings_any = bags.iter().any(|bag| !bag.lists.is_empty() || !bag.responses.is_empty());
        if !brings_any && grounds.open.is_empty() {
            return None;
        }
        let carried = bags.iter().flat_map(|bag| &bag.certificates).take(MAX_ISSUERS);
        let carried = carried.filter_map(|der| finder.examine(der).ok()).map(|examined| examined.certificate().clone());
        // A certificate that is known already is no second one of its name, for which paths would have to be searched.
        let mut known: HashSet<[u8; 32]> = HashSet::new();
        let mut issuers: Vec<Certificate> = grounds.pool.authorities().chain(extra).cloned().collect();
        issuers.retain(|certificate| known.insert(*certificate.sha256()));
        let configured = issuers.len();
        let of_paths = bound::of_paths(established);
        issuers.extend(of_paths.iter().cloned().chain(carried).filter(|one| known.insert(*one.sha256())));
        let bound = Bound::find(&grounds.open, issuers.get(configured..).unwrap_or_default(), now);
        if !brings_any && bound.is_none() {
            return None;
        }
        let lists: Vec<Vec<u8>> = bags.iter().flat_map(|bag| &bag.lists).take(MAX_LISTS).cloned().collect();
        // What cannot be verified in a document is not held against the lists at hand.
        let lists = Snapshot::read(lists, &issuers, now).0.with_rejected(Vec::new());
        let mut signers = bound.as_ref().map_or_else(Vec::new, |bound| bound.lists().to_be_vouched(&issuers));
        let of_lists = lists.to_be_vouched(&issuers).into_iter();
        signers.extend(of_lists.filter(|one| !signers.contains(one)).collect::<Vec<_>>());
        let vouched = vouched_in_haste(&signers, &issuers, &grounds.pool, anchors, now);
        let on_paths = bound::keys(&of_paths, &vouched);
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
        Some(Self { lists, responses, own, brings_any, bound, on_paths })
    }

    /// The document's own evidence; `None` where it brings none.
    pub(super) fn parts(&self) -> Option<(&Snapshot, &Responses)> {
        self.brings_any.then_some((&self.lists, &self.own))
    }

    /// The document's evidence beside that at hand: it takes the place of nothing.
    pub(super) fn joined(&self, lists: &Snapshot, responses: &Responses, now: Time) -> (Snapshot, Responses) {
        let mut joined = responses.clone();
        self.responses.iter().cloned().for_each(|response| joined.push(response));
        let with_bound = self.bound.as_ref().map(|bound| bound.beside(lists, &self.on_paths, now));
        (with_bound.as_ref().unwrap_or(lists).beside_brought(&self.lists, now), joined)
    }
}

/// What a document and its timestamps carry, each once.
fn bags<'a>(read: &'a SignedDocument, established: &'a [Established]) -> Vec<&'a Arc<Embedded>> {
    let mut bags: Vec<&Arc<Embedded>> = Vec::new();
    let of_document = read.signatures.iter().map(|signature| &signature.embedded);
    for bag in of_document.chain(established.iter().flat_map(Established::stamp_evidence)) {
        if !bags.iter().any(|known| Arc::ptr_eq(known, bag)) {
            bags.push(bag);
        }
    }
    bags
}

/// An `OCSPResponse`, or the `BasicOCSPResponse` in it, which is what `CAdES` and RFC 5940 carry.
fn read_response(der: &[u8]) -> Option<ParsedResponse> {
    const SEQUENCE: u8 = 0x30;
    let mut outer = TlvReader::new(der);
    let first = TlvReader::new(outer.expect(SEQUENCE).ok()?.value).peek_tag()?;
    if first == SEQUENCE { ParsedResponse::from_basic(der).ok() } else { ParsedResponse::from_der(der).ok() }
}
