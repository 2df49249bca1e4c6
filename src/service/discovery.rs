//! Lists that nobody configured: from verified certificates to the background, if their hosts are listed.
//!
//! A path that was just found says where its authorities publish their lists. Where nothing is known about a certificate
//! of it, these addresses are handed to whoever runs the refresh; the request that led to them is not kept waiting, and
//! is answered from what is at hand.

use tokio::sync::mpsc;

use super::Lists;
use crate::clock::Time;
use crate::revocation::{HostList, Source, Status, discover};
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
    pub(super) fn look_at(&self, chains: &Chains, lists: &Lists, now: Time) {
        let lists = lists.current();
        for chain in chains.iter() {
            for (certificate, issuer) in chain.path().links() {
                if matches!(lists.status(certificate, issuer, now, now), Status::Unknown { .. }) {
                    for source in discover(certificate, issuer, &self.hosts).lists {
                        // Full: it will be named again.
                        let _ = self.found.try_send(source);
                    }
                }
            }
        }
    }
}
