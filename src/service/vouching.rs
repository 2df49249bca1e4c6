//! Paths of the configured authorities, for the indirect lists they may issue.

use crate::clock::Time;
use crate::revocation::Vouched;
use crate::trust::{Pool, Purposes, SearchOptions, find_paths};

/// Finds the paths of every authority of the pool to its anchors (RFC 5280 6.3.3 (f)).
#[must_use]
pub fn vouched(pool: &Pool, now: Time) -> Vouched {
    let mut vouched = Vouched::default();
    for authority in pool.authorities() {
        for path in find_paths(authority, &[], pool, SearchOptions::new(now, Purposes::ALL)).into_iter().flatten() {
            let links = path.links().map(|(link, issuer)| (link.clone(), issuer.clone())).collect();
            vouched.add(authority, links);
        }
    }
    vouched
}
