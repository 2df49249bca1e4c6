//! Paths of authorities that sign lists: those of the configuration, and those that a request or a document brings.

use crate::clock::Time;
use crate::revocation::Vouched;
use crate::trust::{AnchorRule, Budget, Pool, Purposes, SearchOptions, find_paths};
use crate::x509::Certificate;

/// Most issuers of lists, of a request or a document, whose paths are searched: each search may cost
/// [`Budget::DEFAULT`], and a real path has three or four authorities.
const MAX_SIGNERS: usize = 16;

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
/// `extra`, none of which is trusted by itself. Beyond `MAX_SIGNERS` no path is looked for.
#[must_use]
pub fn vouched_among(
    signers: &[&Certificate],
    extra: &[Certificate],
    pool: &Pool,
    anchors: AnchorRule,
    now: Time,
) -> Vouched {
    let mut vouched = Vouched::default();
    let options = SearchOptions { anchors, budget: Budget::DEFAULT, ..SearchOptions::new(now, Purposes::ALL) };
    for signer in signers.iter().take(MAX_SIGNERS) {
        add(&mut vouched, signer, extra, pool, options);
    }
    vouched
}

fn add(vouched: &mut Vouched, authority: &Certificate, extra: &[Certificate], pool: &Pool, options: SearchOptions) {
    for path in find_paths(authority, extra, pool, options).into_iter().flatten() {
        vouched.add(path.certificates(), path.anchor().certificate());
    }
}
