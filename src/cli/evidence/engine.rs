//! Rules and authorities, out of options or out of a line of a batch, in the shape that the service judges on.

use std::collections::BTreeSet;

use crate::clock::Time;
use crate::der::Oid;
use crate::policy::{AnchorPeriod, Policy, PolicyInputs, Profile, Purpose, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::OcspRules;
use crate::service::demo;
use crate::trust::{Anchor, AnchorRule, Pool, PoolBuilder, Purposes};
use crate::x509::Certificate;

/// The rules that options or a line set.
#[derive(Clone, Debug)]
pub struct Rules {
    /// `--profile`.
    pub profile: Profile,
    /// `--revocation`.
    pub revocation: RevocationRule,
    /// `--revocation-order`.
    pub order: RevocationOrder,
    /// `--check-anchors`.
    pub check_anchors: bool,
    /// `--ocsp-max-age`.
    pub ocsp: OcspRules,
    /// `--initial-policy` and its like.
    pub policies: PolicyInputs,
    /// `--extended-key-usage`.
    pub extended_key_usages: BTreeSet<Oid>,
}

impl Rules {
    /// The policy that they come to.
    pub fn policy(&self, purpose: Purpose) -> Policy {
        let mut policy = Policy::of(self.profile, purpose);
        policy.revocation = self.revocation;
        policy.order = self.order;
        policy.policies = self.policies.clone();
        policy.extended_key_usages = self.extended_key_usages.clone();
        if self.check_anchors {
            policy.anchor_period = AnchorPeriod::Counts;
        }
        policy
    }

    /// What the present is for evidence about revocation, when the clock shows `now`.
    pub fn present(&self, at: Option<Time>, now: Time) -> Time {
        at.map_or(now, |at| Policy::of(self.profile, Purpose::Sign).present(at, now))
    }

    /// How much of an anchor's certificate counts when it is read. In plain path validation it is a question like any
    /// other whether an anchor is fit to be one: the search refuses it. For the portal such an anchor is a mistake in what
    /// was given.
    pub fn anchors(&self) -> AnchorRule {
        match self.profile {
            Profile::Kz => AnchorRule::Checked,
            Profile::Rfc5280 => AnchorRule::NameAndKey,
        }
    }

    /// How much of it counts when paths of issuers of lists are searched: as much as for any other path.
    pub fn vouching(&self) -> AnchorRule {
        if self.check_anchors { AnchorRule::Checked } else { self.anchors() }
    }
}

/// Authorities, to search paths among. Anchors with a key of the demo are marked wherever they come from.
pub fn pool(anchors: Vec<Certificate>, intermediates: Vec<Certificate>) -> Pool {
    let mut builder = Pool::builder();
    for certificate in anchors {
        let demo = demo::is_demo(&certificate);
        builder = builder.anchor(Anchor::new(certificate, Purposes::ALL, demo));
    }
    intermediates.into_iter().fold(builder, PoolBuilder::intermediate).build()
}
