//! Lists that were given by hand and whose issuers were found among the certificates of a document.
//!
//! They are evidence at hand: whoever asks has chosen them, not whoever made the document. The document supplies the
//! certificate that the list is verified under, and no trust: like any other, the list counts on the word of a path.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::clock::Time;
use crate::revocation::{OpenList, RevocationList, Snapshot};
use crate::x509::{Certificate, Name};

/// Lists that were given, under the keys of certificates of a document that have signed them.
#[derive(Debug)]
pub(super) struct Bound {
    lists: Snapshot,
    /// The issuer of each, with the keys.
    issuers: Vec<(Name, Vec<[u8; 32]>)>,
}

impl Bound {
    /// Those of `open` that some of `carried` have issued; `None` where none has. Each costs the signatures of eight keys of
    /// its issuer's name at most, however many certificates there are, and what came of a key is remembered; the first
    /// certificates count, so those that paths lead through should be these.
    pub(super) fn find(open: &[Arc<OpenList>], carried: &[Certificate], now: Time) -> Option<Self> {
        if open.is_empty() {
            return None;
        }
        let mut by_name: HashMap<&Name, Vec<&Certificate>> = HashMap::new();
        for certificate in carried {
            by_name.entry(certificate.subject()).or_default().push(certificate);
        }
        let mut lists: Vec<Arc<RevocationList>> = Vec::new();
        let mut issuers = Vec::new();
        for list in open {
            let named = by_name.get(list.issuer()).into_iter().flatten().copied();
            let Ok(verified) = list.verified_with(named) else { continue };
            issuers.push((list.issuer().clone(), verified.iter().map(|list| *list.issuer_key()).collect()));
            lists.extend(verified);
        }
        (!lists.is_empty()).then(|| Self { lists: Snapshot::assemble(lists, now), issuers })
    }

    /// The lists.
    pub(super) fn lists(&self) -> &Snapshot {
        &self.lists
    }

    /// The lists at hand and these. That nobody known had issued one of these is held against nobody any more where its issuer
    /// is on a path, of somebody who signed or of an issuer of lists: anybody can write a certificate with the key.
    pub(super) fn beside(&self, at_hand: &Snapshot, on_paths: &HashSet<[u8; 32]>, now: Time) -> Snapshot {
        let is_settled = |keys: &[[u8; 32]]| keys.iter().any(|key| on_paths.contains(key));
        let settled = self.issuers.iter().filter(|(_, keys)| is_settled(keys)).map(|(name, _)| name.clone());
        at_hand.joined_by(&self.lists, (now, now)).with_settled(&settled.collect::<Vec<_>>())
    }
}
