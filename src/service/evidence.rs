//! Evidence that travels inside a document: lists and OCSP responses, verified like any other, and certificates that have
//! issued lists at hand.

use std::collections::HashSet;
use std::sync::Arc;

use crate::clock::Time;
use crate::der::TlvReader;
use crate::revocation::Snapshot;
use crate::revocation::ocsp::{KnownResponders, ParsedResponse, Responses};
use crate::signed::{Embedded, SignedDocument};
use crate::trust::AnchorRule;
use crate::verify::document::{Established, Finder};
use crate::x509::Certificate;

use super::bound::Bound;
use super::carried::Issuers;
use super::vouching::vouched_in_haste;
use super::{Grounds, Lists};

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
    /// Certificates that responses may be signed under, of the document or known.
    responders: KnownResponders,
    /// Whether there are lists or responses in it.
    brings_any: bool,
    /// Lists at hand whose issuers are in the document.
    bound: Option<Bound>,
    /// The keys of the certificates of its paths.
    on_paths: HashSet<[u8; 32]>,
}

impl Evidence {
    /// Reads the lists and responses of a document and of its timestamps, and finds the issuers of lists at hand among its
    /// certificates, and those of responders; `None` where all that makes no difference. `extra` are the intermediates of the
    /// request. What cannot be read, or is of an issuer nobody knows, is no evidence; it makes nothing worse either, since
    /// nothing rests on it. What is beyond the budget is no evidence either: whoever made the document could have left it out.
    pub(super) fn of(
        read: &SignedDocument,
        established: &[Established],
        grounds: &Grounds,
        (extra, finder): (&[Certificate], &dyn Finder),
        (anchors, now): (AnchorRule, Time),
    ) -> Option<Self> {
        let bags = bags(read, established);
        let brings_any = bags.iter().any(|bag| !bag.lists.is_empty() || !bag.responses.is_empty());
        let has_live_lists_alone =
            grounds.open.is_empty() && grounds.responses.is_empty() && matches!(grounds.lists, Lists::Live(_));
        if !brings_any && has_live_lists_alone {
            return None;
        }
        let carried = bags.iter().flat_map(|bag| &bag.certificates).take(MAX_ISSUERS);
        let carried = carried.filter_map(|der| finder.examine(der).ok()).map(|examined| examined.certificate().clone());
        let issuers = Issuers::new(grounds.pool.authorities().chain(extra).cloned(), established, carried);
        let bound = Bound::find(&grounds.open, issuers.carried(), now);
        let lists: Vec<Vec<u8>> = bags.iter().flat_map(|bag| &bag.lists).take(MAX_LISTS).cloned().collect();
        // What cannot be verified in a document is not held against the lists at hand.
        let lists = Snapshot::read(lists, issuers.all(), now).0.with_rejected(Vec::new());
        let signers = issuers.to_be_vouched(bound.as_ref().map(Bound::lists), &lists, &grounds.lists);
        let responders = KnownResponders::among(issuers.all());
        let no_responder_matters = responders.is_empty() || grounds.responses.is_empty();
        if !brings_any && bound.is_none() && signers.is_empty() && no_responder_matters {
            return None;
        }
        let vouched = vouched_in_haste(&signers, issuers.all(), &grounds.pool, anchors, now);
        let on_paths = issuers.keys_on_paths(&vouched);
        let lists = lists.with_vouched(Arc::new(vouched));
        let responses: Vec<ParsedResponse> = bags
            .iter()
            .flat_map(|bag| &bag.responses)
            .take(MAX_RESPONSES)
            .filter_map(|response| read_response(response))
            .map(|response| response.from_origin("document"))
            .collect();
        let mut own = Responses::new(*grounds.responses.rules()).with_responders(responders.clone());
        responses.iter().cloned().for_each(|response| own.push(response));
        Some(Self { lists, responses, own, responders, brings_any, bound, on_paths })
    }

    /// The document's own evidence; `None` where it brings none.
    pub(super) fn parts(&self) -> Option<(&Snapshot, &Responses)> {
        self.brings_any.then_some((&self.lists, &self.own))
    }

    /// The document's evidence beside that at hand: it takes the place of nothing.
    pub(super) fn joined(&self, lists: &Snapshot, responses: &Responses, now: Time) -> (Snapshot, Responses) {
        let mut joined = responses.clone().with_responders(self.responders.clone());
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
