//! Lists that nobody configured: from verified certificates to the background, if their hosts are listed.
//!
//! A path that was just found says where its authorities publish their lists. Where nothing is known about a certificate
//! of it, these addresses are handed to whoever runs the refresh; the request that led to them is not kept waiting, and
//! is answered from what is at hand.

use tokio::sync::mpsc;

use super::Lists;
use crate::clock::Time;
use crate::revocation::{Accepts, Asked, HostList, Snapshot, Source, Status, When, discover};
use crate::verify::Chains;

/// Most sources waiting to be added: they are few, and named again by the next certificate of the same authority.
const WAITING: usize = 64;

/// Notes where lists are published.
#[derive(Debug)]
pub struct Discovery {
    hosts: HostList,
    found: mpsc::Sender<Source>,
}

impl Discovery {
    /// Takes addresses at these hosts; they come out of the receiver.
    #[must_use]
    pub fn new(hosts: HostList) -> (Self, mpsc::Receiver<Source>) {
        let (found, receiver) = mpsc::channel(WAITING);
        (Self { hosts, found }, receiver)
    }

    /// Looks at paths that were found just now.
    pub(super) fn look_at(&self, chains: &Chains, lists: &Lists, (now, accepts): (Time, &dyn Accepts)) {
        for source in lists_named(chains, &lists.current(), &self.hosts, (When::new(now, now), accepts)) {
            // Full: the next certificate of the authority names it again.
            let _ = self.found.try_send(source);
        }
    }
}

/// Where the authorities of these paths publish their lists, each source once, as far as the lists at hand do not tell
/// about a certificate of theirs by algorithms that are accepted.
pub(super) fn lists_named(
    chains: &Chains,
    lists: &Snapshot,
    hosts: &HostList,
    (when, accepts): (When, &dyn Accepts),
) -> Vec<Source> {
    let mut named: Vec<Source> = Vec::new();
    let paths = chains.iter().map(crate::verify::Chain::path);
    for asked in paths.flat_map(|path| Asked::all(path.certificates(), path.anchor().certificate())) {
        if matches!(lists.status_under(&asked, when, accepts), Status::Unknown { .. }) {
            for source in discover(asked.certificate, asked.issuer(), hosts).lists {
                if !named.contains(&source) {
                    named.push(source);
                }
            }
        }
    }
    named
}
