//! Lists that were given to a command: verified once where their issuers are known, and kept for those who may come.

use std::sync::Arc;

use crate::clock::Time;
use crate::revocation::{CLOCK_SKEW, ListError, OpenList, ParsedList, RevocationList, Snapshot};
use crate::service::{Lists, vouched_among};
use crate::trust::{AnchorRule, Pool};
use crate::x509::{Certificate, Name};

/// The lists of a command, or of a line of a batch.
#[derive(Debug, Default)]
pub struct Given {
    verified: Vec<Arc<RevocationList>>,
    /// Those that nobody known has issued.
    open: Vec<Arc<OpenList>>,
    /// Why something that came as a list is none.
    unread: Option<Arc<ListError>>,
}

impl Given {
    /// Verifies lists with whichever of `issuers` they are.
    pub fn new(lists: Vec<ParsedList>, unread: Option<Arc<ListError>>, issuers: &[Certificate]) -> Self {
        let mut given = Self { unread, ..Self::default() };
        for list in lists {
            match list.verify_with_any(issuers) {
                Ok((list, _)) => given.verified.push(Arc::new(list)),
                Err(rejected) => given.open.push(Arc::new(OpenList::new(rejected))),
            }
        }
        given
    }

    /// Whether no list was given.
    pub fn is_empty(&self) -> bool {
        self.verified.is_empty() && self.open.is_empty() && self.unread.is_none()
    }

    /// Whether another answer may come of it that these certificates are known beside those of `pool`: one of them may have
    /// issued a list that is open, or give the issuer of another list a path or a second key, be it from further up.
    pub fn concerns(certificates: &[Certificate], pool: &Pool) -> bool {
        certificates.iter().any(|certificate| !pool.authorities().any(|known| known == certificate))
    }

    /// Whether it makes no difference for the choice among the lists which of two moments is the present.
    pub fn is_same_for(&self, one: Time, other: Time) -> bool {
        let is_begun = |list: &RevocationList, present: Time| list.this_update() <= present.plus_seconds(CLOCK_SKEW);
        self.verified.iter().all(|list| is_begun(list, one) == is_begun(list, other))
    }

    /// The lists put together, for questions about moments when the first of the times was the present and the clock shows
    /// the second. Their issuers have paths to the anchors of `pool` through its intermediates and `extra`; `further` are
    /// certificates that lists may be of that were open so far. `rule` says how much of an anchor's certificate counts.
    pub fn put_together(
        &self,
        pool: &Pool,
        (extra, further): (&[Certificate], &[Certificate]),
        rule: AnchorRule,
        (present, now): (Time, Time),
    ) -> PutTogether {
        let mut verified = self.verified.clone();
        // Not evidence, but not the same as no list either: «if available» must not pass over it.
        let mut rejected: Vec<(Name, Arc<ListError>)> = Vec::new();
        let mut open = Vec::new();
        for list in &self.open {
            let error = match list.verified_with(further) {
                Ok(lists) => {
                    verified.extend(lists);
                    continue;
                }
                Err(ListError::IssuerUnknown) => list.error().clone(),
                Err(error) => error,
            };
            rejected.push((list.issuer().clone(), Arc::new(error)));
            open.push(Arc::clone(list));
        }
        let snapshot = Snapshot::assemble_for(verified, present, now).with_rejected(rejected);
        let snapshot = snapshot.with_unread(self.unread.clone());
        let lists = Lists::Fixed(Arc::new(vouched_for(snapshot, pool, extra, (rule, now))));
        PutTogether { lists, open: open.into() }
    }
}

/// Lists that questions are answered from.
pub struct PutTogether {
    /// Those whose issuers are known.
    pub lists: Lists,
    /// The others, which documents may bring the issuers of.
    pub open: Arc<[Arc<OpenList>]>,
}

/// The same lists, with the paths of those who issued them to the anchors of `pool`, through its intermediates and `extra`.
pub fn vouched_for(lists: Snapshot, pool: &Pool, extra: &[Certificate], (rule, now): (AnchorRule, Time)) -> Snapshot {
    let issuers = authorities(pool, extra);
    let vouched = vouched_among(&lists.to_be_vouched(&issuers), extra, pool, rule, now);
    lists.with_vouched(Arc::new(vouched))
}

/// Those of the pool, and what came beside them, each once.
pub fn authorities(pool: &Pool, extra: &[Certificate]) -> Vec<Certificate> {
    let mut all: Vec<Certificate> = pool.authorities().cloned().collect();
    for certificate in extra {
        if !all.contains(certificate) {
            all.push(certificate.clone());
        }
    }
    all
}
