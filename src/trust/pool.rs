//! The anchors and intermediates of a configuration, indexed once.

use std::collections::HashMap;

use super::anchor::Anchor;
use crate::x509::{Certificate, Name};

/// Anchors and configured intermediates by the name they bear. Immutable; share it in an `Arc`.
///
/// The certificates are few, come from the operator and sign most of what is checked, so their keys are prepared
/// ([`PublicKey::prepare`](crate::crypto::PublicKey::prepare)) when the pool is built.
#[derive(Debug, Default)]
pub struct Pool {
    anchors: Vec<Anchor>,
    intermediates: Vec<Certificate>,
    anchors_by_name: HashMap<Name, Vec<usize>>,
    intermediates_by_name: HashMap<Name, Vec<usize>>,
}

impl Pool {
    /// An empty pool to fill.
    #[must_use]
    pub fn builder() -> PoolBuilder {
        PoolBuilder::default()
    }

    /// Every anchor, in the order given.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// Every configured intermediate, in the order given.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// Every certificate in it, anchors first: the possible issuers of revocation lists.
    pub fn authorities(&self) -> impl Iterator<Item = &Certificate> {
        self.anchors.iter().map(Anchor::certificate).chain(&self.intermediates)
    }

    /// Whether any anchor's private key is public.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.anchors.iter().any(Anchor::is_demo)
    }

    /// The anchor with exactly this certificate.
    #[must_use]
    pub fn anchor_of(&self, certificate: &Certificate) -> Option<&Anchor> {
        self.anchors_named(certificate.subject()).find(|anchor| anchor.certificate() == certificate)
    }

    pub(super) fn anchors_named(&self, name: &Name) -> impl Iterator<Item = &Anchor> {
        self.anchors_by_name.get(name).into_iter().flatten().filter_map(|&index| self.anchors.get(index))
    }

    pub(super) fn intermediates_named(&self, name: &Name) -> impl Iterator<Item = &Certificate> {
        self.intermediates_by_name.get(name).into_iter().flatten().filter_map(|&index| self.intermediates.get(index))
    }
}

/// Collects a [`Pool`]; the same certificate twice is one.
#[derive(Debug, Default)]
pub struct PoolBuilder {
    pool: Pool,
}

impl PoolBuilder {
    /// Adds an anchor. Given twice, it serves the purposes of both and is a demo anchor if either is.
    #[must_use]
    pub fn anchor(mut self, anchor: Anchor) -> Self {
        let same = self.pool.anchors.iter_mut().find(|known| known.certificate() == anchor.certificate());
        match same {
            Some(known) => known.merge(&anchor),
            None => self.pool.anchors.push(anchor),
        }
        self
    }

    /// Adds an intermediate.
    #[must_use]
    pub fn intermediate(mut self, certificate: Certificate) -> Self {
        if !self.pool.intermediates.contains(&certificate) {
            self.pool.intermediates.push(certificate);
        }
        self
    }

    /// Indexes the names and prepares the keys.
    #[must_use]
    pub fn build(self) -> Pool {
        let mut pool = self.pool;
        for (index, anchor) in pool.anchors.iter().enumerate() {
            pool.anchors_by_name.entry(anchor.certificate().subject().clone()).or_default().push(index);
        }
        for (index, certificate) in pool.intermediates.iter().enumerate() {
            pool.intermediates_by_name.entry(certificate.subject().clone()).or_default().push(index);
        }
        // A key that cannot be used is no error here: the search says so when a path leads through it.
        for key in pool.authorities().filter_map(|certificate| certificate.public_key().ok()) {
            key.prepare();
        }
        pool
    }
}
