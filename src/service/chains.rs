//! Paths found before, under the hashes of what they were found for.

use std::sync::Arc;

use super::{Grounds, Service};
use crate::clock::Time;
use crate::crypto::sha256;
use crate::policy::{AnchorPeriod, Policy, Profile, Purpose};
use crate::trust::{AnchorPurpose, AnchorRule, Budget, PathError, Purposes, SearchOptions, find_paths};
use crate::verify::document::PathUse;
use crate::verify::{Chains, Examined, evidence_by};
use crate::x509::Certificate;

/// The certificates of the best path of each, each once: those of the holders first in each path, the anchors left out.
pub(super) fn certificates<'a>(found: impl Iterator<Item = &'a Arc<Chains>>) -> Vec<Certificate> {
    let mut certificates: Vec<Certificate> = Vec::new();
    for chains in found {
        let path = chains.iter().next().map(|chain| chain.path().certificates());
        for certificate in path.unwrap_or_default() {
            if !certificates.iter().any(|known| known.sha256() == certificate.sha256()) {
                certificates.push(certificate.clone());
            }
        }
    }
    certificates
}

/// What paths depend on, beyond the pool of anchors, which lives as long as the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    leaf: [u8; 32],
    /// Digest over the digests of the certificates that came with the request; zero when none did.
    extra: [u8; 32],
    purposes: Purposes,
    anchors: AnchorRule,
    max_intermediates: usize,
}

/// What a search came to: paths, or the reason that there are none. Neither depends on time.
pub(super) type Found = Result<Arc<Chains>, Arc<PathError>>;

/// Roughly the bytes a finding holds, for bounding the cache.
pub(super) fn weight(found: &Found) -> usize {
    match found {
        Ok(chains) => chains.weight(),
        // A reason keeps up to two certificates that nobody else may hold.
        Err(_) => FAILURE_WEIGHT,
    }
}

/// Two parsed certificates of the usual size.
const FAILURE_WEIGHT: usize = 16 * 1024;

pub(super) fn key(examined: &Examined, extra: &[Certificate], policy: &Policy, usage: PathUse) -> Key {
    let extra = if extra.is_empty() {
        [0; 32]
    } else {
        let digests: Vec<u8> = extra.iter().flat_map(|certificate| *certificate.sha256()).collect();
        sha256(&digests)
    };
    Key {
        leaf: *examined.certificate().sha256(),
        extra,
        purposes: purposes(policy, usage),
        anchors: anchor_rule(policy),
        max_intermediates: policy.max_intermediates,
    }
}

/// What the anchor must be for.
fn purposes(policy: &Policy, usage: PathUse) -> Purposes {
    match (usage, policy.purpose) {
        (PathUse::Timestamp, _) => Purposes::from(AnchorPurpose::Timestamp),
        (PathUse::Holder, Purpose::Sign) => Purposes::from(AnchorPurpose::Sign),
        (PathUse::Holder, Purpose::Authenticate) => Purposes::from(AnchorPurpose::Authenticate),
        (PathUse::Holder, Purpose::Any) => {
            Purposes::from(AnchorPurpose::Sign).union(AnchorPurpose::Authenticate.into())
        }
    }
}

fn options(policy: &Policy, usage: PathUse, at: Time, budget: Budget) -> SearchOptions {
    SearchOptions {
        anchors: anchor_rule(policy),
        budget: Budget { intermediates: policy.max_intermediates, ..budget },
        ..SearchOptions::new(at, purposes(policy, usage))
    }
}

/// Plain path validation takes an anchor as a name and a key, unless its certificate is to count as well.
pub(super) fn anchor_rule(policy: &Policy) -> AnchorRule {
    match (policy.profile, policy.anchor_period) {
        (Profile::Rfc5280, AnchorPeriod::Ignored) => AnchorRule::NameAndKey,
        _ => AnchorRule::Checked,
    }
}

impl Service {
    /// The cache belongs to the service's own pool; other grounds have none.
    pub(super) fn is_own(&self, grounds: &Grounds) -> bool {
        Arc::ptr_eq(&grounds.pool, &self.grounds.pool)
    }

    pub(super) fn known_chains(&self, key: Key, grounds: &Grounds) -> Option<Found> {
        if self.is_own(grounds) { self.chains.get(&key) } else { None }
    }

    /// Searches, and keeps what was found: a certificate that no path leads from is asked about again as often as any
    /// other, and costs signatures each time.
    pub(super) fn search(
        &self,
        examined: &Examined,
        extra: &[Certificate],
        (policy, usage): (&Policy, PathUse),
        grounds: &Grounds,
        at: Time,
        budget: Budget,
    ) -> Found {
        let paths = find_paths(examined.certificate(), extra, &grounds.pool, options(policy, usage, at, budget));
        // A search that was cut short may have missed paths, which one in another order would find.
        let complete = match &paths {
            Ok(paths) => paths.is_complete(),
            Err(error) => !matches!(error, PathError::BudgetExceeded(_)),
        };
        let found = paths.map(|paths| Arc::new(Chains::from(&paths))).map_err(Arc::new);
        if let (Some(discovery), Ok(chains)) = (&self.discovery, &found)
            && self.is_own(grounds)
        {
            let now = self.clock.now();
            discovery.look_at(chains, &grounds.lists, (now, &evidence_by(&policy.algorithms, now)));
        }
        if complete && self.is_own(grounds) {
            self.chains.insert(key(examined, extra, policy, usage), found.clone());
        }
        found
    }
}
