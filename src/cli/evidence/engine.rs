//! Evidence out of files or out of a line of a batch, in the shape that the service judges on.

use std::sync::Arc;

use crate::clock::Time;
use crate::policy::{AnchorPeriod, Policy, Profile, Purpose, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::Responses;
use crate::revocation::{ListError, ParsedList, RevocationList, Snapshot, Source};
use crate::service::{Grounds, Lists, demo, vouched};
use crate::trust::{Anchor, AnchorRule, Pool, PoolBuilder, Purposes};
use crate::x509::Certificate;

/// What evidence is made of.
#[derive(Default)]
pub struct Material {
    /// Trust anchors.
    pub anchors: Vec<Certificate>,
    /// Certificates of authorities, not trusted by themselves.
    pub intermediates: Vec<Certificate>,
    /// Certificates that lists may be issued by, besides the above.
    pub issuers: Vec<Certificate>,
    /// Lists, not verified yet.
    pub lists: Vec<ParsedList>,
    /// OCSP responses, not verified yet.
    pub responses: Responses,
}

/// A list that is not used, because nobody known has issued it.
pub type Unused = (Source, ListError);

/// The rules that options or a line set.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// `--profile`.
    pub profile: Profile,
    /// `--revocation`.
    pub revocation: RevocationRule,
    /// `--revocation-order`.
    pub order: RevocationOrder,
    /// `--check-anchors`.
    pub check_anchors: bool,
}

impl Rules {
    /// The policy that they come to.
    pub fn policy(self, purpose: Purpose) -> Policy {
        let mut policy = Policy::of(self.profile, purpose);
        policy.revocation = self.revocation;
        policy.order = self.order;
        if self.check_anchors {
            policy.anchor_period = AnchorPeriod::Counts;
        }
        policy
    }

    /// How much of an anchor's certificate counts when it is read. In plain path validation it is a question like any
    /// other whether an anchor is fit to be one: the search refuses it. For the portal such an anchor is a mistake in what
    /// was given.
    pub fn anchors(self) -> AnchorRule {
        match self.profile {
            Profile::Kz => AnchorRule::Checked,
            Profile::Rfc5280 => AnchorRule::NameAndKey,
        }
    }
}

/// Indexes authorities and verifies lists.
pub fn assemble(material: Material, now: Time) -> (Grounds, Vec<Unused>) {
    let Material { anchors, intermediates, issuers, lists, responses } = material;
    let pool = pool(anchors, intermediates);
    let issuers: Vec<Certificate> = pool.authorities().chain(&issuers).cloned().collect();
    let mut unused = Vec::new();
    let mut rejected = Vec::new();
    let mut verified: Vec<Arc<RevocationList>> = Vec::new();
    for list in lists {
        match list.verify_with_any(&issuers) {
            Ok((list, _)) => verified.push(Arc::new(list)),
            Err(failed) => {
                let (list, error) = *failed;
                // Not evidence, but not the same as no list either: «if available» must not pass over it.
                rejected.push((list.issuer().clone(), Arc::new(error.clone())));
                unused.push((list.source().clone(), error));
            }
        }
    }
    let mut snapshot = Snapshot::assemble(verified, now).with_rejected(rejected);
    // Paths cost signatures, and only indirect lists need them.
    if snapshot.lists().any(|list| list.is_indirect()) {
        snapshot = snapshot.with_vouched(Arc::new(vouched(&pool, now)));
    }
    let lists = Lists::Fixed(Arc::new(snapshot));
    (Grounds { pool: Arc::new(pool), lists, responses }, unused)
}

/// Indexes authorities, and keeps the lists of other grounds.
pub fn with_lists_of(grounds: &Grounds, material: Material) -> Grounds {
    let pool = pool(material.anchors, material.intermediates);
    Grounds { pool: Arc::new(pool), lists: grounds.lists.clone(), responses: material.responses }
}

/// Anchors with a key of the demo are marked wherever they come from.
fn pool(anchors: Vec<Certificate>, intermediates: Vec<Certificate>) -> Pool {
    let mut builder = Pool::builder();
    for certificate in anchors {
        let demo = demo::is_demo(&certificate);
        builder = builder.anchor(Anchor::new(certificate, Purposes::ALL, demo));
    }
    intermediates.into_iter().fold(builder, PoolBuilder::intermediate).build()
}
