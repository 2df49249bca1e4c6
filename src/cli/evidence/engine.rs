//! Evidence out of files or out of a line of a batch, in the shape that the service judges on.

use std::sync::Arc;

use crate::clock::Time;
use crate::policy::{AnchorPeriod, Policy, PolicyInputs, Profile, Purpose, RevocationOrder, RevocationRule};
use crate::revocation::ocsp::Responses;
use crate::revocation::{ListError, ParsedList, RevocationList, Snapshot, Source};
use crate::service::{Grounds, Lists, demo, vouched_among};
use crate::trust::{Anchor, AnchorRule, Pool, PoolBuilder, Purposes};
use crate::x509::Certificate;

/// What evidence is made of.
#[derive(Default)]
pub struct Material {
    /// Trust anchors.
    pub anchors: Vec<Certificate>,
    /// Certificates of authorities, not trusted by themselves.
    pub intermediates: Vec<Certificate>,
    /// Certificates that came with a request: those of a path, and issuers of lists. Not trusted by themselves either.
    pub extra: Vec<Certificate>,
    /// Lists, not verified yet.
    pub lists: Vec<ParsedList>,
    /// Why something that came as a list is none of them.
    pub unread_list: Option<Arc<ListError>>,
    /// OCSP responses, not verified yet.
    pub responses: Responses,
}

/// A list that is not used, because nobody known has issued it.
pub type Unused = (Source, ListError);

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
    /// `--initial-policy` and its like.
    pub policies: PolicyInputs,
}

impl Rules {
    /// The policy that they come to.
    pub fn policy(&self, purpose: Purpose) -> Policy {
        let mut policy = Policy::of(self.profile, purpose);
        policy.revocation = self.revocation;
        policy.order = self.order;
        policy.policies = self.policies.clone();
        if self.check_anchors {
            policy.anchor_period = AnchorPeriod::Counts;
        }
        policy
    }

    /// What the present is for evidence about revocation, when the clock shows `now`.
    pub fn present(&self, at: Option<Time>, now: Time) -> Time {
        at.map_or(now, |at| self.policy(Purpose::Sign).present(at, now))
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
}

/// Indexes authorities and verifies lists, for questions about moments when `present` was the present and the clock shows
/// `now`; `rule` says how much of an anchor's certificate counts.
pub fn assemble(material: Material, rule: AnchorRule, (present, now): (Time, Time)) -> (Grounds, Vec<Unused>) {
    let Material { anchors, intermediates, extra, lists, unread_list, responses } = material;
    let pool = pool(anchors, intermediates);
    let mut issuers: Vec<Certificate> = pool.authorities().cloned().collect();
    issuers.extend(extra.iter().filter(|certificate| !pool.authorities().any(|known| known == *certificate)).cloned());
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
    let snapshot = Snapshot::assemble_for(verified, present, now).with_rejected(rejected).with_unread(unread_list);
    let vouched = vouched_among(&snapshot.to_be_vouched(&issuers), &extra, &pool, rule, now);
    let snapshot = snapshot.with_vouched(Arc::new(vouched));
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
