//! Paths of authorities that sign lists: those of the configuration, and those that a request or a document brings.

use std::collections::HashSet;

use crate::clock::Time;
use crate::revocation::Vouched;
use crate::trust::{AnchorRule, Budget, Pool, Purposes, SearchOptions, find_paths};
use crate::x509::Certificate;

/// Most issuers of lists, of a request or a document, whose paths are searched beside those that are configured: each search
/// may cost [`Budget::DEFAULT`], and a real path has three or four authorities.
const MAX_SIGNERS: usize = 16;

/// What the search for one of the issuers of lists in a document may take: a [`MAX_SIGNERS`]th of [`Budget::DEFAULT`],
/// rounded up to what a path of three authorities with a renewed certificate each takes.
const IN_HASTE: Budget =
    Budget { signatures: 8, candidates: 80, name_comparisons: 16_000, policy_nodes: 4000, ..Budget::DEFAULT };

/// Finds the paths of every authority of the pool to its anchors (RFC 5280 6.3.3 (f)).
#[must_use]
pub fn vouched(pool: &Pool, now: Time) -> Vouched {
    let mut vouched = Vouched::default();
    for authority in pool.authorities() {
        add(&mut vouched, authority, &[], pool, SearchOptions::new(now, Purposes::ALL));
    }
    vouched
}

/// Finds the paths of `signers`, issuers of lists, to anchors of the pool, through the intermediates of the pool and
/// `extra`, none of which is trusted by itself. Of `MAX_SIGNERS` that are not in the pool paths are looked for, and no more.
#[must_use]
pub fn vouched_among(
    signers: &[&Certificate],
    extra: &[Certificate],
    pool: &Pool,
    anchors: AnchorRule,
    now: Time,
) -> Vouched {
    among(signers, extra, pool, SearchOptions { anchors, ..SearchOptions::new(now, Purposes::ALL) })
}

/// As [`vouched_among`], for the lists of a document: on top of what its signatures and timestamps cost, so all searches
/// together may take little more than one of a certificate check may.
pub(super) fn vouched_in_haste(
    signers: &[&Certificate],
    extra: &[Certificate],
    pool: &Pool,
    anchors: AnchorRule,
    now: Time,
) -> Vouched {
    among(signers, extra, pool, SearchOptions { anchors, budget: IN_HASTE, ..SearchOptions::new(now, Purposes::ALL) })
}

fn among(signers: &[&Certificate], extra: &[Certificate], pool: &Pool, options: SearchOptions) -> Vouched {
    let mut vouched = Vouched::default();
    let known: HashSet<&[u8; 32]> = pool.authorities().map(Certificate::sha256).collect();
    let (configured, sent): (Vec<&Certificate>, Vec<_>) =
        signers.iter().copied().partition(|signer| known.contains(signer.sha256()));
    for signer in configured.into_iter().chain(sent.into_iter().take(MAX_SIGNERS)) {
        add(&mut vouched, signer, extra, pool, options);
    }
    vouched
}

fn add(vouched: &mut Vouched, authority: &Certificate, extra: &[Certificate], pool: &Pool, options: SearchOptions) {
    for path in find_paths(authority, extra, pool, options).into_iter().flatten() {
        vouched.add(path.certificates(), path.anchor().certificate());
    }
}
